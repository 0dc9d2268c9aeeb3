// The box on the picture: moved and resized by mouse, finger and keys.

import { h } from "../kit/dom.js";
import { marginOf, scaleOf } from "./picture.js";

const LEAST_PX = 2;
const STEP_PX = 0.25;
/** Which edge a corner moves: of [x0, y0, x1, y1]. */
const CORNERS = { nw: [0, 1], ne: [2, 1], sw: [0, 3], se: [2, 3] };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const GROWS = { "+": 1, "=": 1, "-": -1, _: -1 };

const rounded = (pixel) => Math.round(pixel / STEP_PX) * STEP_PX;
const between = (value, low, high) => Math.min(Math.max(value, low), high);

/** What a reader may reach: from the margin to the margin. */
function limitsOf(stage) {
  const margin = marginOf(stage);
  return [
    [-margin, stage.width + margin],
    [-margin, stage.height + margin],
  ];
}

/** The box moved by (dx, dy) pixels, as far as it stays in reach. */
function moved(box, [dx, dy], stage) {
  const limits = limitsOf(stage);
  const by = [dx, dy].map((distance, axis) => {
    const [low, high] = [limits[axis][0] - box[axis], limits[axis][1] - box[axis + 2]];
    return rounded(between(distance, Math.min(low, 0), Math.max(high, 0)));
  });
  return box.map((edge, k) => edge + by[k % 2]);
}

/** The box with some of its edges ([[which, by], …]) moved. */
function resized(box, changes, stage) {
  const limits = limitsOf(stage);
  const next = [...box];
  for (const [edge, by] of changes) {
    const opposite = box[(edge + 2) % 4];
    const [low, high] = limits[edge % 2];
    const at = rounded(between(box[edge] + by, low, high));
    next[edge] = edge < 2 ? Math.min(at, opposite - LEAST_PX) : Math.max(at, opposite + LEAST_PX);
  }
  return next;
}

/** Grown by one pixel on each side, or shrunk, about its centre. */
function grown(box, by, stage) {
  const changes = [0, 1, 2, 3].map((edge) => [edge, edge < 2 ? -by : by]);
  const small = [0, 1].some((axis) => box[axis + 2] - box[axis] + 2 * by < LEAST_PX);
  return small ? box : resized(box, changes, stage);
}

/** The box that a key makes of another, or nothing if it is no such key. */
function afterKey({ key, shiftKey, ctrlKey, altKey, metaKey }, box, stage) {
  if (ctrlKey || altKey || metaKey) return null;
  if (GROWS[key]) return grown(box, GROWS[key], stage);
  const step = ARROWS[key];
  if (!step) return null;
  if (!shiftKey) return moved(box, step, stage);
  const axis = step[0] ? 0 : 1;
  return resized(box, [[axis + 2, step[axis]]], stage);
}

/** `now()` is the box that is shown, `put(box)` takes another; `canvas` is what it lies on. */
export function boxPane({ stage, canvas, now, put }) {
  const handles = Object.keys(CORNERS).map((corner) =>
    h("span", { class: `wd-handle wd-${corner}`, "data-corner": corner }),
  );
  const node = h("div", { class: "wd-box", tabindex: 0, role: "application" }, ...handles);
  const scale = () => scaleOf(canvas.clientWidth, stage);
  let held = null;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const { corner } = event.target.dataset;
    held = { edges: CORNERS[corner], box: now(), x: event.clientX, y: event.clientY };
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    if (!held) return;
    const by = [event.clientX - held.x, event.clientY - held.y].map((far) => far / scale());
    const changes = held.edges?.map((edge) => [edge, by[edge % 2]]);
    put(changes ? resized(held.box, changes, stage) : moved(held.box, by, stage));
  });
  for (const end of ["pointerup", "pointercancel"])
    node.addEventListener(end, () => {
      held = null;
    });
  node.addEventListener("keydown", (event) => {
    const next = afterKey(event, now(), stage);
    if (!next) return;
    event.preventDefault();
    put(next);
  });
  // A press beside the box brings it there; a finger that scrolls presses nothing.
  canvas.addEventListener("click", (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    const [x0, y0, x1, y1] = now();
    const [x, y] = [event.clientX - left, event.clientY - top].map(
      (place) => place / scale() - marginOf(stage),
    );
    put(moved(now(), [x - (x0 + x1) / 2, y - (y0 + y1) / 2], stage));
  });
  /** In parts of the picture, so that it stays in place when the page changes its width. */
  const show = (box, words) => {
    const margin = marginOf(stage);
    const [wide, high] = [stage.width, stage.height].map((size) => size + 2 * margin);
    const [x0, y0, x1, y1] = box;
    Object.assign(node.style, {
      left: `${(100 * (x0 + margin)) / wide}%`,
      top: `${(100 * (y0 + margin)) / high}%`,
      width: `${(100 * (x1 - x0)) / wide}%`,
      height: `${(100 * (y1 - y0)) / high}%`,
    });
    node.setAttribute("aria-label", words);
  };
  return { node, show };
}
