// The units of a layer: one square for each moment of its output.

import { h } from "../kit/dom.js";
import { afterKey } from "../kit/places.js";
import { upTo, within } from "../kit/numbers.js";

/** Calls `choose(row, column)` where a pointer presses or drags; a finger may be scrolling. */
function whenPressed(stage, rows, columns, choose) {
  const at = (px, length, size) => within(Math.floor((px / length) * size), size);
  const follow = ({ clientX, clientY }) => {
    const box = stage.getBoundingClientRect();
    choose(at(clientY - box.top, box.height, rows), at(clientX - box.left, box.width, columns));
  };
  const drags = (event) => event.pointerType !== "touch";
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !drags(event)) return;
    stage.setPointerCapture(event.pointerId);
    follow(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (stage.hasPointerCapture(event.pointerId) && drags(event)) follow(event);
  });
  stage.addEventListener("click", follow); // a finger's tap
}

/** The units of one moment. */
function momentOf(t, [moments, rows, columns], move) {
  const lit = h("i");
  const style = `aspect-ratio:${columns}/${rows};--rows:${rows};--columns:${columns}`;
  const stage = h("div", { class: "ws-slice", style }, lit);
  whenPressed(stage, rows, columns, (y, x) => move([t, y, x]));
  const node = h("div", { class: "ws-moment" }, stage, h("span", {}, moments > 1 ? `t ${t}` : ""));
  const show = ([chosen, y, x]) => {
    node.classList.toggle("is-chosen", chosen === t);
    const [top, left] = [`${(100 * y) / rows}%`, `${(100 * x) / columns}%`];
    Object.assign(lit.style, { top, left, height: `${100 / rows}%`, width: `${100 / columns}%` });
  };
  return { node, show };
}

/** All units of a layer; a press or the arrow keys choose one: `move([t, y, x])`. */
export function unitGrid(move) {
  let [sizes, unit, moments] = [[], [], []];
  const label = "Units of the layer: the arrow keys choose one";
  const node = h("div", { class: "ws-units", role: "group", tabindex: 0, "aria-label": label });
  node.addEventListener("keydown", (event) => {
    const next = afterKey(event, unit, sizes);
    if (next) move(next);
  });
  const build = () => {
    const [count, rows, columns] = sizes;
    moments = upTo(count).map((t) => momentOf(t, sizes, move));
    node.style.setProperty("--across", Math.min(count, 8));
    node.style.setProperty("--across-phone", count > 8 ? 8 : Math.min(count, 4));
    node.classList.toggle("is-fine", Math.max(rows, columns) > 20);
    node.replaceChildren(...moments.map((one) => one.node));
  };
  const show = (nextSizes, nextUnit) => {
    unit = nextUnit;
    if (String(nextSizes) !== String(sizes)) {
      sizes = nextSizes;
      build();
    }
    for (const moment of moments) moment.show(unit);
  };
  return { node, show };
}
