// Drawing the picture with its lens, the two enlarged patches, and the wheel.

import { arrow, pixelCanvas } from "../kit/canvas.js";
import { fetched, flowToRgb, MOVING_PX } from "./sums.js";

export const REACH = 20; // px from the middle of a patch to its side
export const ERROR_WHITE = 64; // grey values of warp error that are drawn white
const [BLACK, WHITE] = ["#000000", "#ffffff"];
const HALO = [
  [BLACK, 4],
  [WHITE, 2],
];
const WHEEL_RIM = 1.15;

/** A canvas of width × height whose pixel k is paint(k) = [red, green, blue]. */
function painted(width, height, paint) {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let k = 0; k < width * height; k++) data.set(paint(k), 4 * k);
  return pixelCanvas(data, width, height);
}

export const colourMap = ({ width, height }, { dx, dy }, full) =>
  painted(width, height, (k) => flowToRgb(dx[k], dy[k], full));

export function errorMap(film, field) {
  return painted(film.width, film.height, (k) => {
    const sample = fetched(film, field, k);
    if (sample === null) return [40, 60, 160];
    const grey = Math.min((255 * Math.abs(sample - film.prev[k])) / ERROR_WHITE, 255);
    return [grey, grey, grey];
  });
}

/** A line that is seen on any picture: white on a wider black one. */
function stroked(context, stroke) {
  for (const [strokeStyle, lineWidth] of HALO) {
    Object.assign(context, { strokeStyle, lineWidth });
    stroke();
  }
}

function round(context, [x, y], radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

/** A white dot with a black rim. */
function dot(context, at, radius, lineWidth) {
  round(context, at, radius);
  Object.assign(context, { fillStyle: WHITE, strokeStyle: BLACK, lineWidth });
  context.fill();
  context.stroke();
}

const ended = (from, vector, scale) => from.map((value, axis) => value + vector[axis] * scale);

/** One vector for each square of the picture, in its true length. */
function drawArrows(context, scale, { film, field, ink }) {
  const every = Math.max(8, Math.round(15 / scale));
  const style = { ink: ink.first, halo: ink.paper, width: 1.5, head: 6 };
  for (let y = every >> 1; y < film.height; y += every) {
    for (let x = every >> 1; x < film.width; x += every) {
      const k = y * film.width + x;
      const vector = [field.dx[k], field.dy[k]];
      const from = [(x + 0.5) * scale, (y + 0.5) * scale];
      if (Math.hypot(...vector) < MOVING_PX) {
        context.fillStyle = ink.first;
        context.fillRect(from[0] - 1, from[1] - 1, 2, 2);
      } else arrow(context, from, ended(from, vector, scale), style);
    }
  }
}

function drawLens(context, scale, { lens, vector }) {
  const at = [(lens.x + 0.5) * scale, (lens.y + 0.5) * scale];
  const side = (2 * REACH + 1) * scale;
  stroked(context, () => context.strokeRect(at[0] - side / 2, at[1] - side / 2, side, side));
  dot(context, at, 3.5, 1.5);
  arrow(context, at, ended(at, vector, scale), { ink: WHITE, halo: BLACK, width: 2, head: 8 });
}

/** The whole picture in one of the views, and the lens on it. */
export function drawPicture(context, boxWidth, scene) {
  const { film, view, shown, index, ink } = scene;
  const scale = boxWidth / film.width;
  const size = [film.width * scale, film.height * scale];
  const fill = (image) => context.drawImage(image, 0, 0, ...size);
  const layer = film.layerOf(view, index);
  context.imageSmoothingQuality = "high";
  if (view === "over") {
    fill(film.frames[0]);
    context.globalCompositeOperation = "multiply";
    fill(layer);
    context.globalCompositeOperation = "source-over";
  } else fill(layer ?? film.frames[shown === "next" ? 1 : 0]);
  if (view === "arrows") {
    Object.assign(context, { fillStyle: ink.paper, globalAlpha: 0.35 });
    context.fillRect(0, 0, ...size);
    context.globalAlpha = 1;
    drawArrows(context, scale, scene);
  }
  drawLens(context, scale, scene);
}

/** The window over which Farnebäck averages. */
function drawWindow(context, middle, side) {
  const corner = middle - side / 2;
  context.setLineDash([4, 4]);
  for (const [strokeStyle, lineDashOffset] of [
    [BLACK, 0],
    [WHITE, 4],
  ]) {
    Object.assign(context, { strokeStyle, lineWidth: 1.5, lineDashOffset });
    context.strokeRect(corner, corner, side, side);
  }
  context.setLineDash([]);
}

/** The patch around the lens of one frame, enlarged: 0 is frame t, 1 the one after it. */
export function drawPatch(context, boxWidth, scene, frame) {
  const { film, lens, vector, at_winsize: winsize, ink } = scene;
  const scale = boxWidth / (2 * REACH + 1);
  context.fillStyle = ink.edge;
  context.fillRect(0, 0, boxWidth, boxWidth);
  context.imageSmoothingEnabled = false;
  const [left, top] = [(REACH - lens.x) * scale, (REACH - lens.y) * scale];
  context.drawImage(film.frames[frame], left, top, film.width * scale, film.height * scale);
  const from = [boxWidth / 2, boxWidth / 2];
  const to = ended(from, vector, scale);
  const ring = (at) => {
    round(context, at, 5);
    stroked(context, () => context.stroke());
  };
  if (frame === 0) {
    drawWindow(context, boxWidth / 2, winsize * scale);
    arrow(context, from, to, { ink: WHITE, halo: BLACK, width: 2.5, head: 10 });
  }
  ring(from);
  if (frame === 1) ring(to);
  context.fillStyle = WHITE;
  context.fill();
}

/** Middlebury's wheel up to a little over the full length, with the lens's vector on it. */
export function drawWheel(context, boxWidth, { film: { full }, vector }, disc) {
  const radius = boxWidth / 2;
  const middle = [radius, radius];
  context.drawImage(disc, 0, 0, boxWidth, boxWidth);
  round(context, middle, radius / WHEEL_RIM);
  Object.assign(context, { strokeStyle: BLACK, lineWidth: 1 });
  context.stroke();
  const cut = Math.min(1, (full * WHEEL_RIM * 0.97) / Math.max(Math.hypot(...vector), 1e-9));
  const tip = ended(middle, vector, (cut * radius) / WHEEL_RIM / full);
  arrow(context, middle, tip, { ink: BLACK, halo: WHITE, width: 2, head: 8 });
  dot(context, tip, 4, 2);
}

/** The wheel as a small canvas, clear outside. */
export function wheelDisc(full) {
  const [size, middle] = [161, 80];
  const disc = painted(size, size, (k) => {
    const at = [k % size, Math.floor(k / size)];
    return flowToRgb(...at.map((value) => ((value - middle) / middle) * full * WHEEL_RIM), full);
  });
  const context = disc.getContext("2d");
  context.globalCompositeOperation = "destination-in";
  round(context, [size / 2, size / 2], size / 2);
  context.fill();
  return disc;
}
