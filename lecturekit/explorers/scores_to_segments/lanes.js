// A lane for each action: its true segments, and under them what was found, by kind of error.

import { letterOf } from "./words.js";

const TRUTH_PX = 9;
const FOUND_PX = { joined: 15, single: 30 };
const NAME_PX = 15; // a row of its own where there is no gutter
const LETTER_PX = 12;

export const laneHeight = (join, narrow) => TRUTH_PX + FOUND_PX[join] + 9 + (narrow ? NAME_PX : 0);

export function drawLanes(picture) {
  const { context, at, scene, ink } = picture;
  for (const [label, name] of scene.classes.entries()) {
    const top = at.lanes + label * at.each;
    context.fillStyle = ink.line;
    context.fillRect(0, top - 3, at.right, 1);
    context.fillStyle = scene.curve.label === label ? ink.text : ink.muted;
    context.textAlign = at.narrow ? "left" : "right";
    if (at.narrow) context.fillText(name, 0, top + 11);
    else context.fillText(name, at.left - 6, top + (at.each - 9) / 2 + 4);
    context.textAlign = "left";
    const row = top + (at.narrow ? NAME_PX : 0);
    for (const truth of scene.truths) if (truth.label === label) drawTruth(picture, truth, row);
    drawFound(picture, label, row + TRUTH_PX + 2);
  }
}

/** Filled if it was found, hollow if it was missed. */
function drawTruth({ context, ink, x }, { start, stop, found }, top) {
  const box = [x(start) + 1, top + 1, x(stop) - x(start) - 2, TRUTH_PX - 2];
  Object.assign(context, { fillStyle: ink.text, strokeStyle: ink.text, lineWidth: 1.5 });
  if (found) context.fillRect(...box);
  else context.setLineDash([4, 3]);
  context.strokeRect(...box);
  context.setLineDash([]);
}

/** Those that overlap stand below each other, the surest highest. */
function drawFound(picture, label, top) {
  const own = picture.scene.found.filter((one) => one.label === label);
  const rows = [];
  const places = own.map((one) => {
    const free = rows.findIndex((row) =>
      row.every(({ start, stop }) => one.stop <= start || stop <= one.start),
    );
    const row = free < 0 ? rows.length : free;
    (rows[row] ??= []).push(one);
    return row;
  });
  const room = FOUND_PX[picture.scene.join];
  const high = Math.min(room / Math.max(rows.length, 1), FOUND_PX.joined);
  for (const [k, one] of own.entries()) drawOne(picture, one, top + places[k] * high, high);
}

function drawOne({ context, ink, x }, { start, stop, kind }, top, high) {
  const box = [x(start), top, Math.max(x(stop) - x(start), 2), Math.max(high - 1, 1)];
  context.save();
  context.beginPath();
  context.rect(...box);
  context.clip();
  fillByKind(context, box, kind, ink);
  context.restore();
  // The edge is all that is seen of background: it is drawn however low the bar is.
  const [left, , wide, deep] = box;
  const edge = high < 6 ? 1 : 1.5;
  Object.assign(context, { strokeStyle: ink[kind], lineWidth: edge });
  context.setLineDash(kind === "background" ? [3, 3] : []);
  const inner = [wide, deep].map((size) => Math.max(size - edge, 0));
  context.strokeRect(left + edge / 2, top + edge / 2, ...inner);
  context.setLineDash([]);
  if (high < LETTER_PX || wide < LETTER_PX) return;
  context.fillStyle = ink.panel;
  context.fillRect(left + 2, top + 2, 10, deep - 4);
  Object.assign(context, { fillStyle: ink.text, textAlign: "center" });
  context.font = "bold 11px system-ui, sans-serif";
  context.fillText(letterOf(kind), left + 7, top + deep - 3);
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "left";
}

/** T full, W slanted lines, B upright lines, D level lines, N nothing but its edge. */
function fillByKind(context, [left, top, wide, high], kind, ink) {
  Object.assign(context, { fillStyle: ink[kind], strokeStyle: ink[kind], lineWidth: 2 });
  if (kind === "true") context.fillRect(left, top, wide, high);
  if (kind === "true" || kind === "background") return;
  context.globalAlpha = 0.25;
  context.fillRect(left, top, wide, high);
  context.globalAlpha = 1;
  context.beginPath();
  if (kind === "double")
    for (let y = top + 2; y < top + high; y += 4) line(context, left, y, left + wide, y);
  else
    for (let x = left - high; x < left + wide; x += 6)
      line(context, x, top + high, kind === "wrong class" ? x + high : x, top);
  context.stroke();
}

function line(context, x0, y0, x1, y1) {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}
