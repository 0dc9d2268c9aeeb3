// The picture: the film with the window on it, the scores in time, a lane for each action.

import { haloLine } from "../kit/canvas.js";
import { cellAt } from "../kit/sheet.js";
import { upTo } from "../kit/numbers.js";
import { insideOf } from "./sums.js";
import { drawLanes, laneHeight } from "./lanes.js";
import { score, seconds } from "./words.js";

const NARROW_PX = 560;
const GUTTER_PX = 112;
const CURVE_PX = 96;

/** Where everything stands, in css pixels; a phone has no gutter for names. */
export function placesOf(width, { classes, join }) {
  const narrow = width < NARROW_PX;
  const [left, stripHeight] = narrow ? [0, 40] : [GUTTER_PX, 52];
  const strip = 2;
  const bracket = strip + stripHeight + 5;
  const curve = bracket + 30;
  const lanes = curve + CURVE_PX + 12;
  const each = laneHeight(join, narrow);
  const axis = lanes + classes.length * each + 2;
  return {
    narrow,
    left,
    right: width - 1,
    strip,
    stripHeight,
    bracket,
    curve,
    curveHeight: CURVE_PX,
    lanes,
    each,
    axis,
    height: axis + 20,
  };
}

/** The x of a moment in seconds, and the way back. */
export const xOf =
  ({ left, right }, duration) =>
  (sec) =>
    left + (sec / duration) * (right - left);
export const secOf =
  ({ left, right }, duration) =>
  (x) =>
    ((x - left) / (right - left)) * duration;

/** The y of a score. */
export const yOf = (places) => (value) => places.curve + (1 - value) * places.curveHeight;

/** Draws all; `ink` are the colours, `sheet` the film's pictures once they are there. */
export function drawPicture(context, width, scene, sheet, ink) {
  const at = placesOf(width, scene);
  const picture = { context, at, scene, sheet, ink, x: xOf(at, scene.duration), y: yOf(at) };
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  context.imageSmoothingQuality = "high";
  if (sheet.image) drawStrip(picture);
  drawTruthBehind(picture);
  drawCurve(picture);
  drawLanes(picture);
  drawAxis(picture);
  drawWindow(picture);
}

/** As many pictures as have room, each of the middle of its stretch of time. */
function drawStrip({ context, at, scene, sheet }) {
  const wide = at.right - at.left;
  const count = Math.max(1, Math.round(wide / ((at.stripHeight * sheet.width) / sheet.height)));
  const { numbers, from } = sheet.film(scene.film);
  for (const k of upTo(count)) {
    const frame = ((k + 0.5) / count) * scene.duration * scene.fps;
    const nearest = upTo(numbers.length).reduce((best, n) =>
      Math.abs(numbers[n] - frame) < Math.abs(numbers[best] - frame) ? n : best,
    );
    const [left, top] = cellAt(from + nearest, sheet);
    const [x0, x1] = [k, k + 1].map((n) => Math.round(at.left + (n * wide) / count));
    // Cut, not squeezed: a puppet must keep its shape.
    const across = Math.min(sheet.width, ((x1 - x0) * sheet.height) / at.stripHeight);
    const inset = (sheet.width - across) / 2;
    const place = [x0, at.strip, x1 - x0, at.stripHeight];
    context.drawImage(sheet.image, left + inset, top, across, sheet.height, ...place);
  }
}

/** Where the action whose scores are drawn happens, or any action. */
function drawTruthBehind({ context, at, scene, ink, x }) {
  context.fillStyle = ink.wash;
  for (const { label, start, stop } of scene.truths)
    if (scene.curve.label === null || scene.curve.label === label)
      context.fillRect(x(start), at.curve, x(stop) - x(start), at.curveHeight);
}

/** Each score as a tread, as long as the time that it stands for; what counts is filled. */
function drawCurve(picture) {
  const { context, at, scene, ink, x, y } = picture;
  const { times, values } = scene.curve;
  const half = scene.stride / scene.fps / 2;
  const treads = times.map((time, k) => [
    x(Math.max(time - half, 0)),
    x(Math.min(time + half, scene.duration)),
    y(values[k]),
  ]);
  const line = y(scene.threshold);
  Object.assign(context, { globalAlpha: 0.3, fillStyle: ink.curve });
  // All in one path: edge on edge, separate fills would show their seams.
  context.beginPath();
  for (const [from, to, top] of treads)
    if (top <= line) context.rect(from, top, to - from, at.curve + at.curveHeight - top);
  context.fill();
  context.globalAlpha = 1;
  Object.assign(context, { strokeStyle: ink.line, lineWidth: 1 });
  context.strokeRect(at.left + 0.5, at.curve + 0.5, at.right - at.left - 1, at.curveHeight);
  haloLine(
    context,
    treads.flatMap(([from, to, top]) => [
      [from, top],
      [to, top],
    ]),
    ink.curve,
    ink.panel,
  );
  drawThreshold(picture, line);
  drawScale(picture);
}

function drawThreshold({ context, at, scene, ink }, line) {
  Object.assign(context, { strokeStyle: ink.threshold, lineWidth: 2, fillStyle: ink.threshold });
  context.setLineDash([7, 4]);
  context.beginPath();
  context.moveTo(at.left, line);
  context.lineTo(at.right, line);
  context.stroke();
  context.setLineDash([]);
  if (at.narrow) return;
  context.textAlign = "right";
  context.fillText(`threshold ${score(scene.threshold)}`, at.left - 6, line + 4);
}

/** Names beside the rows where there is room, and the ends of the scores' scale. */
function drawScale({ context, at, scene, ink, y }) {
  context.textAlign = "right";
  const name = scene.curve.label === null ? "best score" : "its score";
  const rows = [
    ["the film", at.strip + at.stripHeight / 2 + 4],
    ["the window", at.bracket + 12],
    [`${name}: 1`, y(1) + 9],
    ["0", y(0)],
  ];
  context.fillStyle = ink.muted;
  if (!at.narrow)
    for (const [text, top] of rows)
      if (top < at.curve || Math.abs(top - 4 - y(scene.threshold)) > 13)
        context.fillText(text, at.left - 6, top);
  context.textAlign = "left";
}

/** The window on the film, and the way from it to where its score is written down. */
function drawWindow({ context, at, scene, ink, x, y }) {
  const { first, time, value } = scene.shown;
  const [from, to] = [first, first + scene.window].map((frame) => x(frame / scene.fps));
  const stamp = x((first + insideOf(scene.stamp, scene.window)) / scene.fps);
  Object.assign(context, { fillStyle: ink.panel, globalAlpha: 0.55 });
  context.fillRect(at.left, at.strip, from - at.left, at.stripHeight);
  context.fillRect(to, at.strip, at.right - to, at.stripHeight);
  Object.assign(context, { globalAlpha: 1, strokeStyle: ink.window, lineWidth: 3 });
  context.strokeRect(from + 1, at.strip, to - from - 2, at.stripHeight);
  // A bracket below: what the window saw.
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(from + 1, at.bracket);
  context.lineTo(from + 1, at.bracket + 7);
  context.lineTo(to - 1, at.bracket + 7);
  context.lineTo(to - 1, at.bracket);
  context.stroke();
  // The stamp: from the bracket down to the score.
  const point = [Math.min(Math.max(x(time), at.left), at.right), y(value)];
  haloLine(context, [[stamp, at.bracket + 7], point], ink.window, ink.panel);
  Object.assign(context, { fillStyle: ink.window, strokeStyle: ink.panel });
  context.beginPath();
  context.arc(...point, 5.5, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  const words = `${scene.stamp} ${seconds(time)}`;
  const wide = context.measureText(words).width;
  const beside = stamp + 7 + wide > at.right ? stamp - 7 - wide : stamp + 7;
  context.fillText(words, beside, at.bracket + 21);
}

function drawAxis({ context, at, scene, ink, x }) {
  Object.assign(context, { fillStyle: ink.muted, strokeStyle: ink.muted });
  context.fillRect(at.left, at.axis, at.right - at.left, 1);
  const step = [1, 2, 5, 10, 20, 60].find((sec) => x(sec) - x(0) >= 36) ?? 120;
  for (let sec = 0; sec <= scene.duration; sec += step) {
    context.fillRect(Math.min(x(sec), at.right - 1), at.axis, 1, 5);
    const text = `${sec} s`;
    // The last one has no room if the film ends with it.
    if (x(sec) + 3 + context.measureText(text).width <= at.right)
      context.fillText(text, x(sec) + 3, at.axis + 16);
  }
}
