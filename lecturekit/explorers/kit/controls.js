// What a reader sets: sliders, lists, radio buttons. Each has its `node` and `set`, which moves it
// and tells nobody.

import { h, uniqueId } from "./dom.js";

/**
 * A labelled range input with its value in words beside it.
 * `format(value)` is shown, and is what a screen reader says.
 */
export function slider({ label, min, max, step = 1, value, format = String, oninput }) {
  const id = uniqueId("lk-range");
  const output = h("output", { class: "lk-value", for: id });
  const input = h("input", { type: "range", id, min, max, step, value });
  const say = (text) => {
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  const show = () => say(format(Number(input.value)));
  input.addEventListener("input", () => {
    show();
    oninput(Number(input.value));
  });
  show();
  return {
    node: h("div", { class: "lk-control" }, h("label", { for: id }, label), input, output),
    input,
    set(next) {
      input.value = next;
      show();
    },
    bounds(nextMin, nextMax) {
      Object.assign(input, { min: nextMin, max: nextMax });
      show();
    },
    /** Says something else than the value, until the next `set`. */
    say,
  };
}

/** A labelled list to choose from; `options` is [[value, text], …]. */
export function select({ label, options, value, onchange }) {
  const id = uniqueId("lk-select");
  const rows = options.map(([key, text]) =>
    h("option", { value: key, selected: key === value }, text),
  );
  const input = h("select", { id, onchange: () => onchange(input.value) }, ...rows);
  return {
    node: h("div", { class: "lk-control" }, h("label", { for: id }, label), input),
    input,
    set(next) {
      input.value = next;
    },
  };
}

/** Radio buttons in a fieldset; `options` is [[value, label, …nodes to stand beside it], …]. */
export function radios({ legend, options, value, onchange, ...attributes }) {
  const name = uniqueId("lk-radio");
  const inputs = new Map();
  const rows = options.map(([key, label, ...beside]) => {
    const input = h("input", { type: "radio", name, value: key, onchange: () => onchange(key) });
    inputs.set(String(key), input);
    return h("div", { class: "lk-option" }, h("label", {}, input, ...[label].flat()), ...beside);
  });
  const set = (key) => {
    inputs.get(String(key)).checked = true;
  };
  set(value);
  attributes.class = `lk-radios ${attributes.class ?? ""}`.trim();
  return { node: h("fieldset", attributes, h("legend", {}, legend), ...rows), inputs, set };
}
