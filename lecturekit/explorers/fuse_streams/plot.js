// Marks and lines that stretch with their box: placed in per cent, lines keep their width.

import { h, svg } from "../kit/dom.js";
import { isRight, STEPS } from "./sums.js";

/** Moves an element to x (and y, up) in 0 … 1 of its box. */
export function place(node, x, y) {
  node.style.left = `${100 * x}%`;
  if (y !== undefined) node.style.top = `${100 * (1 - y)}%`;
}

/** A path's line through points in 0 … 1, y up. */
export const lineThrough = (points) =>
  `M${points.map(([x, y]) => `${(100 * x).toFixed(2)} ${(100 * (1 - y)).toFixed(2)}`).join("L")}`;

/** The points of a curve over w; `shares` has one for each step. */
export const overWeight = (shares) => shares.map((share, step) => [step / STEPS, share]);

export const path = (name) => svg("path", { class: name });

export const plot = (...paths) =>
  svg(
    "svg",
    { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...paths,
  );

/** The stretches of w in which a clip is right, and a mark at the present weight. */
export function rangeBar(stretches, label) {
  const parts = stretches.map(({ from, to, best }) => {
    const style = `left:${100 * from}%;width:${100 * (to - from)}%`;
    return h("i", { class: isRight(best, label) ? "fs-yes" : "fs-no", style });
  });
  const mark = h("i", { class: "fs-here" });
  return { parts, mark, move: (step) => place(mark, step / STEPS) };
}
