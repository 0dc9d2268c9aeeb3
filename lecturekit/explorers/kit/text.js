// The words around a picture: hint, lesson, readings.

import { h } from "./dom.js";

/** What to do, small and grey. */
export const hint = (...children) => h("p", { class: "lk-hint" }, ...children);

/** What the present state teaches: the sentence to read. */
export const lesson = () => h("p", { class: "lk-lesson" });

/** Numbers with their names; `names` is { key: name }. `set(key, value, note)` fills one. */
export function readings(names, prefix, look = "lk-readings") {
  const values = {};
  const rows = Object.entries(names).map(([key, name]) => {
    values[key] = h("dd", { "data-reading": key });
    return h("div", { class: `${prefix}-${key}` }, h("dt", {}, name), values[key]);
  });
  const set = (key, value, note) =>
    values[key].replaceChildren(h("b", {}, value), " ", h("small", {}, note));
  return { node: h("dl", { class: look }, ...rows), values, set };
}
