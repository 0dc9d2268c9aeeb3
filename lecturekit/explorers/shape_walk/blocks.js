// Each output as a block, drawn to scale.

import { h, svg } from "../kit/dom.js";
import { grouped } from "../kit/words.js";
import { upTo } from "../kit/numbers.js";

const BLOCK = { width: 132, height: 98, edge: 64, slant: [0.62, -0.42] };
const FACES = { top: "000 001 101 100", side: "100 101 111 110", front: "000 100 110 010" };

const pointsOf = (points) => points.map((at) => at.map((n) => n.toFixed(1)).join()).join(" ");

export function polygon(points, name) {
  return svg("polygon", { points: pointsOf(points), class: name });
}

export function blockNode() {
  const viewBox = `0 0 ${BLOCK.width} ${BLOCK.height}`;
  return svg("svg", { viewBox, class: "sw-block", "aria-hidden": "true" });
}

/** c × t × h × w, each axis in its colour. */
export function shapeNodes(shape) {
  if (shape.length < 2) return [h("b", {}, grouped(shape[0])), " numbers"];
  return shape.flatMap((size, axis) => [
    axis ? " × " : "",
    h("b", { class: `sw-ink-${"cthw"[axis]}` }, String(size)),
  ]);
}

/** Sizes of edges in pixels: as square roots, so that 2 frames beside 64 rows are still seen. */
export function edgeScale(shapes) {
  const flat = shapes.filter(({ length }) => length === 1);
  const solid = shapes.filter(({ length }) => length > 1);
  const longest = Math.max(1, ...solid.flatMap(([, ...sizes]) => sizes));
  const [rows, most] = [flat, solid].map((some) => Math.max(1, ...some.map(([size]) => size)));
  return {
    edge: (size) => Math.max(2.5, BLOCK.edge * Math.sqrt(size / longest)),
    row: (size) => Math.max(3, (BLOCK.width - 8) * Math.sqrt(size / rows)),
    channels: (count) => Math.max(2.5, BLOCK.edge * Math.sqrt(count / most)),
  };
}

/** The visible faces of the box from (x, y, t) of these sizes, in the block's own pixels. */
function boxFaces([x, y, t], [wide, high, deep], place, name) {
  const corner = ([a, b, c]) => place([x + a * wide, y + b * high, t + c * deep]);
  return Object.entries(FACES).map(([side, corners]) =>
    polygon(corners.split(" ").map(corner), `${name} ${name}-${side}`),
  );
}

/** A row of numbers, marked where it is wide enough. */
function rowParts(length, scale) {
  const [width, y] = [scale.row(length), BLOCK.height / 2 - 6];
  const marks = Math.max(0, Math.min(length, Math.floor(width / 4)) - 1);
  const ticks = upTo(marks).map((k) => {
    const x = 4 + ((k + 1) / (marks + 1)) * width;
    return svg("line", { x1: x, x2: x, y1: y, y2: y + 12, class: "sw-grain" });
  });
  return [svg("rect", { x: 4, y, width, height: 12, class: "sw-row" }), ...ticks];
}

/** Lines between frames, where there is room for them. */
function grainOf(frames, deep, place) {
  if (deep / frames <= 1.5) return [];
  return upTo(frames - 1).map((k) => {
    const t = (k + 1) / frames;
    const points = [place([0, 0, t]), place([1, 0, t]), place([1, 1, t])];
    return svg("polyline", { points: pointsOf(points), class: "sw-grain" });
  });
}

/** The block of a shape; in it the next layer's `window` and the `field` that an output sees. */
export function drawBlock(node, shape, scale, { window, field } = {}) {
  const [channels, ...sizes] = shape;
  if (!sizes.length) return node.replaceChildren(...rowParts(channels, scale));
  const [deep, high, wide] = sizes.map((size, axis) => scale.edge(size) * (axis ? 1 : 0.8));
  const [right, up] = BLOCK.slant.map((slant) => slant * deep);
  const left = (BLOCK.width - wide - right) / 2;
  const top = (BLOCK.height - 8 - high + up) / 2 - up;
  const place = ([x, y, t]) => [left + x * wide + t * right, top + y * high + t * up];
  const part = (lengths) => lengths.map((length, axis) => Math.min(length / sizes[axis], 1));
  const parts = [...boxFaces([0, 0, 0], [1, 1, 1], place, "sw-box")];
  parts.push(...grainOf(sizes[0], deep, place));
  if (field) {
    const [t, y, x] = part(field);
    const corner = [(1 - x) / 2, (1 - y) / 2, (1 - t) / 2];
    parts.push(...boxFaces(corner, [x, y, t], place, "sw-field"));
  }
  if (window) {
    const [t, y, x] = part(window);
    parts.push(...boxFaces([0, 0, 0], [x, y, t], place, "sw-window"));
  }
  const [width, y] = [scale.channels(channels), BLOCK.height - 6];
  const bar = { x: (BLOCK.width - width) / 2, y, width, height: 5, class: "sw-channels" };
  return node.replaceChildren(...parts, svg("rect", bar));
}

/** The place of an output that there is not. */
export function drawMissing(node) {
  node.replaceChildren(svg("rect", { x: 34, y: 20, width: 64, height: 54, class: "sw-missing" }));
}
