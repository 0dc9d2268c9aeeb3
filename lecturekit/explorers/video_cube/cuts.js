// The pictures: three cuts, and the cube that shows where they meet.

import { fittedCanvas, haloLine, pixelCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { colour, inks } from "../kit/theme.js";
import { dragPoint } from "./drag.js";
import { cubeFaces, cutPixels, faceCorner, projection } from "./sums.js";

const INKS = { t: "--vc-t", y: "--vc-y", x: "--vc-x" };
const haloOf = (node) => `${colour(node, "--lk-paper")}a0`;

/** The image where axis `held` is `at`. */
export function cutImage(film, held, at) {
  const { data, width, height } = cutPixels(film, held, at);
  return pixelCanvas(data, width, height);
}

/** One cut as a figure: its picture, the two other cuts as lines in it, a grip where they cross. */
export function cutPane({ name, word = "", hint = "", u, v, sizes, position, picture, move }) {
  const grip = h("span", { class: "vc-grip", "aria-hidden": "true" });
  const held = ["t", "y", "x"].find((axis) => axis !== u && axis !== v);
  const middle = (axis, length) => ((position(axis) + 0.5) / sizes[axis]) * length;
  const fitted = fittedCanvas((context, width, height, node) => {
    const image = picture(held);
    if (!image) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(image, 0, 0, width, height);
    const [px, py] = [middle(u, width), middle(v, height)];
    const vertical = [
      [px, 0],
      [px, height],
    ];
    const horizontal = [
      [0, py],
      [width, py],
    ];
    haloLine(context, vertical, colour(node, INKS[u]), haloOf(node));
    haloLine(context, horizontal, colour(node, INKS[v]), haloOf(node));
    grip.style.left = `${(100 * px) / width}%`;
    grip.style.top = `${(100 * py) / height}%`;
  });
  const stage = h("div", { class: "vc-stage" }, fitted.node, grip);
  dragPoint({ stage, grip, u, v, sizes, position, move });
  const place = h("span");
  const words = [name, h("span", { class: "vc-word" }, word), " at ", place];
  const title = h("b", { class: `vc-ink-${held}` }, ...words);
  const caption = h("figcaption", {}, title, h("small", {}, `${u} →  ${v} ↓  ${hint}`));
  const show = () => {
    place.textContent = `${held} = ${position(held)}`;
    fitted.node.setAttribute("aria-label", `${title.textContent}; ${u} to the right, ${v} down`);
    fitted.redraw();
  };
  return {
    figure: h("figure", { class: `vc-cut-${held}` }, caption, stage),
    show,
    stop: fitted.stop,
  };
}

/** The part [x, y, width, height] of an image on the parallelogram of these corners, clockwise. */
function drawOnParallelogram(context, image, [x, y, width, height], [start, right, , below]) {
  const step = (corner, axis, length) => (corner[axis] - start[axis]) / length;
  const across = [step(right, 0, width), step(right, 1, width)];
  const down = [step(below, 0, height), step(below, 1, height)];
  context.save();
  context.transform(...across, ...down, ...start);
  context.drawImage(image, x, y, width, height, 0, 0, width, height);
  context.restore();
}

function drawFace(context, image, face, project, ink) {
  const [[u0, u1], [v0, v1]] = [face.u, face.v];
  const around = [
    [u0, v0],
    [u1, v0],
    [u1, v1],
    [u0, v1],
  ];
  const corners = around.map(([u, v]) => project(faceCorner(face, u, v)));
  drawOnParallelogram(context, image, [u0, v0, u1 - u0, v1 - v0], corners);
  context.save();
  context.beginPath();
  for (const corner of corners) context.lineTo(...corner);
  context.closePath();
  context.clip();
  // Light from above: a block is read from the difference between its faces.
  context.fillStyle = { t: "#0000", y: "#ffffff2e", x: "#00000059" }[face.held];
  context.fill();
  context.strokeStyle = face.inner ? ink[face.held] : "#0003";
  context.lineWidth = face.inner ? 5 : 1;
  context.stroke();
  context.restore();
}

/** Where the three cuts run over the block's outside, as lines between two corners. */
function cutEdges({ t, y, x }, { t: T, y: H, x: W }) {
  return {
    t: [
      [
        [0, 0, t],
        [x + 1, 0, t],
      ],
      [
        [W, y, t],
        [W, H, t],
      ],
    ],
    y: [
      [
        [0, y, 0],
        [x + 1, y, 0],
      ],
      [
        [W, y, t],
        [W, y, T],
      ],
    ],
    x: [
      [
        [x + 1, y, 0],
        [x + 1, H, 0],
      ],
      [
        [x + 1, 0, t],
        [x + 1, 0, T],
      ],
    ],
  };
}

function drawLetters(context, project, { t: T, y: H, x: W }, ink) {
  const font = "italic 600 14px system-ui, sans-serif";
  Object.assign(context, { font, textAlign: "center", textBaseline: "middle" });
  const letters = [
    ["x", [W / 2, H, 0], 0, 10],
    ["y", [0, H / 2, 0], -9, 0],
    ["t", [W, H, T / 2], 9, 6],
  ];
  for (const [axis, corner, dx, dy] of letters) {
    const [px, py] = project(corner);
    context.fillStyle = ink[axis];
    context.fillText(axis, px + dx, py + dy);
  }
}

/** The block; `hull` holds the images of its three outer sides. */
export function cubePane({ sizes, depth, index, picture, hull }) {
  const draw = (context, width, height, node) => {
    if (!hull.t) return;
    const pad = 16;
    const project = projection(sizes, depth, width - 2 * pad, height - 2 * pad);
    const ink = inks(node, INKS);
    context.translate(pad, pad);
    for (const face of cubeFaces(index(), sizes)) {
      const image = face.inner ? picture(face.held) : hull[face.held];
      drawFace(context, image, face, project, ink);
    }
    for (const [axis, edges] of Object.entries(cutEdges(index(), sizes))) {
      for (const edge of edges) haloLine(context, edge.map(project), ink[axis], haloOf(node));
    }
    drawLetters(context, project, sizes, ink);
  };
  const fitted = fittedCanvas(draw, {
    "aria-label":
      "The film as a block. Its near corner is cut away, so that all three cuts are seen where they meet.",
  });
  const caption = h("figcaption", {}, h("b", {}, "The cube"), h("small", {}, "cut at the pixel"));
  const figure = h("figure", { class: "vc-block" }, caption, fitted.node);
  return { figure, show: fitted.redraw, stop: fitted.stop };
}
