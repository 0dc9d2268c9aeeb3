// The film with the features' cells, and the box's bins and points over them.

import { haloLine } from "../kit/canvas.js";
import { upTo } from "../kit/numbers.js";
import { cellAt } from "../kit/sheet.js";
import { pixelOf } from "./sums.js";

const LIGHT = "#fff";
const DARK = "#10151b"; // with LIGHT: seen on any picture
const STRONGEST = 0.75;

/** How much is shown around the picture, in its pixels: cells reach over its edges, boxes may. */
export const marginOf = ({ jump }) => Math.max(2, jump / 2);

/** Css pixels for one of the picture's. */
export const scaleOf = (wide, stage) => wide / (stage.width + 2 * marginOf(stage));

/** Draws all; `ink` are the colours, `sheet` the film's pictures once they are there. */
export function drawPicture(context, wide, scene, sheet, frame, ink) {
  const [scale, margin] = [scaleOf(wide, scene), marginOf(scene)];
  const at = (pixel) => (pixel + margin) * scale;
  const picture = { context, scene, scale, at, ink };
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, wide, at(scene.height + margin));
  if (sheet.image) {
    const cell = cellAt(scene.number * scene.frames + frame, sheet);
    context.imageSmoothingEnabled = false; // a box is cut to parts of a pixel
    const place = [at(0), at(0), scene.width * scale, scene.height * scale];
    context.drawImage(sheet.image, ...cell, scene.width, scene.height, ...place);
  }
  if (scene.overlay === "strength") drawStrength(picture);
  drawCells(picture);
  if (scene.overlay === "channels") drawTaken(picture);
  drawBins(picture);
  drawPoints(picture);
}

/** A square of each feature: x, y, side, in css pixels. */
function squareOf({ scene, scale, at }, row, column) {
  const [y, x] = [row, column].map((k) => at(pixelOf(k - 0.5, scene)));
  return [x, y, scene.jump * scale];
}

function drawStrength(picture) {
  const { context, scene, ink } = picture;
  const most = Math.max(...scene.strength) || 1;
  const [, rows, columns] = scene.grid;
  context.fillStyle = ink.strength;
  for (const row of upTo(rows))
    for (const column of upTo(columns)) {
      const [x, y, side] = squareOf(picture, row, column);
      context.globalAlpha = (STRONGEST * scene.strength[row * columns + column]) / most;
      context.fillRect(x, y, side, side);
    }
  context.globalAlpha = 1;
}

/** The cells' edges, and a small cross where each feature stands. */
function drawCells(picture) {
  const { context, scene } = picture;
  const [, rows, columns] = scene.grid;
  for (const row of upTo(rows))
    for (const column of upTo(columns)) {
      const [x, y, side] = squareOf(picture, row, column);
      for (const [strokeStyle, lineWidth] of [
        [DARK, 2.5],
        [LIGHT, 1],
      ]) {
        Object.assign(context, { strokeStyle, lineWidth, globalAlpha: 0.55 });
        context.strokeRect(x, y, side, side);
      }
      context.globalAlpha = 1;
      const [middleX, middleY] = [x + side / 2, y + side / 2];
      const arm = (dx, dy) => [
        [middleX - dx, middleY - dy],
        [middleX + dx, middleY + dy],
      ];
      haloLine(context, arm(4, 0), LIGHT, DARK);
      haloLine(context, arm(0, 4), LIGHT, DARK);
    }
}

/** Edges of the bins along one axis, in css pixels. */
function edgesOf({ at }, low, high, bins) {
  return upTo(bins + 1).map((k) => at(low + (k / bins) * (high - low)));
}

function binEdges(picture) {
  const { box, bins } = picture.scene;
  const [x0, y0, x1, y1] = box;
  return [edgesOf(picture, y0, y1, bins[0]), edgesOf(picture, x0, x1, bins[1])];
}

function drawBins(picture) {
  const { context, ink } = picture;
  const [ys, xs] = binEdges(picture);
  // The outer edges are the box's own.
  const line = (from, to) => haloLine(context, [from, to], ink.box, LIGHT);
  for (const y of ys.slice(1, -1)) line([xs[0], y], [xs.at(-1), y]);
  for (const x of xs.slice(1, -1)) line([x, ys[0]], [x, ys.at(-1)]);
}

/** How many channels each bin gave its value to: tinted, and as a number where there is room. */
function drawTaken(picture) {
  const { context, scene, ink } = picture;
  const [ys, xs] = binEdges(picture);
  const most = Math.max(...scene.taken, 1);
  Object.assign(context, {
    textAlign: "center",
    textBaseline: "top",
    font: "bold 13px system-ui, sans-serif",
  });
  for (const row of upTo(scene.bins[0]))
    for (const column of upTo(scene.bins[1])) {
      const count = scene.taken[row * scene.bins[1] + column];
      const [wide, high] = [xs[column + 1] - xs[column], ys[row + 1] - ys[row]];
      context.globalAlpha = (STRONGEST * count) / most;
      context.fillStyle = ink.box;
      context.fillRect(xs[column], ys[row], wide, high);
      context.globalAlpha = 1;
      if (wide < 20 || high < 18) continue;
      const place = [String(count), xs[column] + wide / 2, ys[row] + 3];
      Object.assign(context, {
        strokeStyle: LIGHT,
        lineWidth: 3,
        lineJoin: "round",
        fillStyle: DARK,
      });
      context.strokeText(...place);
      context.fillText(...place);
    }
}

/** Filled where a feature is read, hollow where the point is off the map and reads 0. */
function drawPoints({ context, scene, at, ink }) {
  const { rows, columns } = scene.cut;
  for (const row of rows.points.flat())
    for (const column of columns.points.flat()) {
      context.beginPath();
      context.arc(at(pixelOf(column, scene)), at(pixelOf(row, scene)), 4, 0, 2 * Math.PI);
      const known = rows.known(row) && columns.known(column);
      Object.assign(context, {
        fillStyle: known ? ink.point : LIGHT,
        strokeStyle: known ? LIGHT : ink.point,
      });
      context.lineWidth = 1.5;
      context.fill();
      context.stroke();
    }
}
