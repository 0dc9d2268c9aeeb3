// Canvases that fit their place, and what several explorers draw on them.

import { h } from "./dom.js";

/**
 * A canvas whose bitmap follows its own size on the page (give it a width and an aspect-ratio).
 * `draw(context, width, height, node)` is in css pixels.
 */
export function fittedCanvas(draw, attributes = {}) {
  const node = h("canvas", { role: "img", ...attributes });
  const redraw = () => {
    const { clientWidth: width, clientHeight: height } = node;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    node.width = Math.round(width * ratio);
    node.height = Math.round(height * ratio);
    const context = node.getContext("2d");
    context.scale(ratio, ratio);
    draw(context, width, height, node);
  };
  const watcher = new ResizeObserver(redraw);
  watcher.observe(node);
  return { node, redraw, stop: () => watcher.disconnect() };
}

/** A canvas of pixels (RGBA), to be drawn at any size. */
export function pixelCanvas(data, width, height) {
  const node = h("canvas", { width, height });
  node.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
  return node;
}

/** A line that is seen on any picture: `points` in one colour on a wider one. */
export function haloLine(context, points, ink, halo) {
  const layers = [
    [halo, 3.5],
    [ink, 1.75],
  ];
  for (const [strokeStyle, lineWidth] of layers) {
    context.beginPath();
    for (const point of points) context.lineTo(...point);
    Object.assign(context, { strokeStyle, lineWidth, lineJoin: "round" });
    context.stroke();
  }
}

/** An arrow from one point to another; its head never longer than itself. */
export function arrow(context, [x0, y0], [x1, y1], { ink, halo, width = 2, head = 9 }) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 0.5) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const tip = Math.min(head, length);
  const path = () => {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1 - ux * tip * 0.6, y1 - uy * tip * 0.6);
    context.stroke();
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x1 - tip * ux - tip * 0.5 * uy, y1 - tip * uy + tip * 0.5 * ux);
    context.lineTo(x1 - tip * ux + tip * 0.5 * uy, y1 - tip * uy - tip * 0.5 * ux);
    context.closePath();
  };
  Object.assign(context, { lineCap: "round", lineJoin: "round" });
  if (halo) {
    Object.assign(context, { strokeStyle: halo, lineWidth: width + 2.5 });
    path();
    context.stroke();
  }
  Object.assign(context, { strokeStyle: ink, fillStyle: ink, lineWidth: width });
  path();
  context.fill();
}
