// Making elements.

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** Make an element: h("button", { type: "button", onclick }, "Play"). */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for the elements of a drawing: svg("line", { x1, y1, x2, y2 }). */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return filled(node, attributes, children);
}

/** An id no other explorer on the page has (live views of one widget share a model, not ids). */
export function uniqueId(prefix) {
  uniqueId.count = (uniqueId.count ?? 0) + 1;
  return `${prefix}-${Math.random().toString(36).slice(2, 8)}-${uniqueId.count}`;
}
