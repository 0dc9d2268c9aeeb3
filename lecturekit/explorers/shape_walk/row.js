// One layer's entry in the list: its block, its name, which opens the editor, and its numbers.

import { h, uniqueId } from "../kit/dom.js";
import { readings } from "../kit/text.js";
import { grouped } from "../kit/words.js";
import { blockNode, drawBlock, drawMissing, shapeNodes } from "./blocks.js";
import { layerEditor } from "./editor.js";
import { detailsOf, fieldWords, lostWords, nameOf } from "./words.js";

const COUNTS = { parameters: "parameters", macs: "multiply–adds" };

/** The button that opens the editor: number, name, and what is not as usual. */
function nameButton(number, panelId, toggle) {
  const title = h("span");
  const attributes = { type: "button", class: "sw-name", "aria-controls": panelId };
  const button = h("button", { ...attributes, onclick: toggle }, title);
  const show = (layer, opened) => {
    const details = detailsOf(layer);
    const small = details && h("small", {}, ` ${details}`);
    title.replaceChildren(h("small", {}, `${number} `), nameOf(layer), small);
    button.setAttribute("aria-expanded", String(opened));
  };
  return { button, show };
}

/** What the layer gives, and what it loses or why it gives nothing. */
function outcomePane() {
  const [shape, note] = [h("p", { class: "sw-shape" }), h("p", { class: "sw-says" })];
  const show = ({ step, refused }, why) => {
    shape.replaceChildren(...(step ? ["→ ", ...shapeNodes(step.out_shape)] : []));
    const lost = step && lostWords(step);
    note.textContent = why
      ? `Impossible. ${why}`
      : (lost ?? `waits for layer ${refused.index + 1}`);
    note.classList.toggle("sw-warns", Boolean(lost || why));
  };
  return { nodes: [shape, note], show };
}

/** Its counts, each with its share of all, and what one unit sees. */
function countsPane() {
  const { node, values } = readings({ ...COUNTS, field: "one unit sees" }, "sw-one", "sw-numbers");
  const show = ({ layer, step, totals }) => {
    node.hidden = !step;
    if (!step) return;
    for (const key of Object.keys(COUNTS)) {
      const percent = totals[key] ? (100 * step[key]) / totals[key] : 0;
      const share = h("i", { class: "sw-share", style: `--share:${percent.toFixed(1)}%` });
      values[key].replaceChildren(grouped(step[key]), share);
    }
    values.field.textContent = layer.kind === "Linear" ? "everything" : fieldWords(step);
  };
  return { node, show };
}

/** `first` is the layer as it stands; `change(changes)`, `toggle()` and `remove()` edit the stack. */
export function layerRow(first, number, { limits, toggle, change, remove }) {
  const id = uniqueId("sw-edit");
  const block = blockNode();
  const [name, outcome, counts] = [nameButton(number, id, toggle), outcomePane(), countsPane()];
  const editor = layerEditor(first, limits, change);
  const attributes = { type: "button", class: "sw-remove", onclick: remove };
  const removal = h("button", attributes, `Remove layer ${number}`);
  const panel = h("div", { id, class: "sw-editor", hidden: true }, ...editor.nodes, removal);
  const what = h("div", { class: "sw-what" }, name.button, ...outcome.nodes);
  const place = { class: "sw-layer", "data-kind": first.kind.toLowerCase() };
  const node = h("li", place, block, what, counts.node, panel);

  /** `step` is missing where the walk has not come; `window` is the next layer's. */
  const show = (scene) => {
    const { layer, step, refused, scale, window, opened } = scene;
    const why = refused?.index === number - 1 ? refused.why : null;
    name.show(layer, opened);
    panel.hidden = !opened;
    editor.show(layer);
    node.classList.toggle("sw-impossible", Boolean(why));
    node.classList.toggle("sw-later", !step && !why);
    if (step) drawBlock(block, step.out_shape, scale, { window });
    else drawMissing(block);
    outcome.show(scene, why);
    counts.show(scene);
  };
  return { node, show, focus: () => name.button.focus() };
}
