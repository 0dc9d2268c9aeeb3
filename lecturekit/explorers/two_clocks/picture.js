// The wave in time, what both pathways read of it, their combs, and the lateral connections.

import { arrow } from "../kit/canvas.js";
import { upTo } from "../kit/numbers.js";
import { angleAt, momentOf } from "./sums.js";

const [GUTTER, RIGHT] = [46, 8];
/** Where each row stands, in css pixels from above. */
const ROWS = { wave: 66, swing: 52, slow: 152, fast: 244, film: 282 };
const TOOTH = 18;

export function drawClocks(context, width, sums, ink) {
  const place = (moment) => GUTTER + moment * (width - GUTTER - RIGHT);
  const at = (fast) => momentOf(fast * sums.stride, sums.raw);
  const x = (fast) => place(at(fast));
  const picture = { context, width, sums, ink, place, at, x };
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "middle";
  drawNames(picture);
  drawFilm(picture);
  drawWaves(picture);
  drawSamples(picture);
  drawLinks(picture);
  drawCombs(picture);
}

function drawNames({ context, ink }) {
  const names = [
    ["angle", ROWS.wave, ink.text],
    ["Slow", ROWS.slow + TOOTH / 2, ink.slow],
    ["Fast", ROWS.fast + TOOTH / 2, ink.fast],
    ["film", ROWS.film, ink.muted],
  ];
  for (const [text, y, fillStyle] of names) {
    context.fillStyle = fillStyle;
    context.fillText(text, 0, y);
  }
}

/** Every frame of the film as a tick, where there is room for them. */
function drawFilm({ context, width, sums: { raw }, ink, place }) {
  context.fillStyle = ink.muted;
  context.fillRect(GUTTER, ROWS.film, width - GUTTER - RIGHT, 1);
  if ((width - GUTTER) / raw < 3) return;
  for (const frame of upTo(raw)) context.fillRect(place(momentOf(frame, raw)), ROWS.film - 4, 1, 8);
}

function curve({ context, width, sums, place }, apparent) {
  context.beginPath();
  for (const k of upTo(width - GUTTER - RIGHT + 1)) {
    const moment = k / (width - GUTTER - RIGHT);
    context.lineTo(place(moment), ROWS.wave - ROWS.swing * angleAt(moment, sums, apparent));
  }
  context.stroke();
}

/** The true wave in a thin line, the slow pathway's guess dashed over it. */
function drawWaves(picture) {
  const { context, sums, ink } = picture;
  Object.assign(context, { strokeStyle: ink.text, lineWidth: 1.25, lineJoin: "round" });
  curve(picture, sums.cycles);
  if (sums.step === null) return;
  Object.assign(context, { strokeStyle: ink.slow, lineWidth: 3 });
  context.setLineDash([7, 5]);
  curve(picture, sums.apparent.slow);
  context.setLineDash([]);
}

/** Small rings for the fast frames; squares, each on a stem from its tooth, for the slow ones. */
function drawSamples({ context, sums, ink, at, x }) {
  const y = (fast) => ROWS.wave - ROWS.swing * angleAt(at(fast), sums);
  context.fillStyle = ink.line;
  for (const frame of sums.slow)
    context.fillRect(x(frame) - 0.5, y(frame), 1, ROWS.slow - y(frame));
  Object.assign(context, { strokeStyle: ink.fast, fillStyle: ink.paper, lineWidth: 1.5 });
  for (const frame of upTo(sums.num_frames)) {
    context.beginPath();
    context.arc(x(frame), y(frame), 2.4, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
  context.fillStyle = ink.slow;
  for (const frame of sums.slow) context.fillRect(x(frame) - 4.5, y(frame) - 4.5, 9, 9);
}

/** From the fast frames that a connection reads to the slow frame that it joins, or to a cross. */
function drawLinks({ context, sums, ink, x }) {
  const { slow, chosen, alpha, lateral } = sums;
  const [from, to] = [ROWS.fast - 2, ROWS.slow + TOOTH + 3];
  for (const [k, reads] of chosen.links.entries()) {
    const short = lateral === "time-to-channel" && reads.length < alpha;
    const broken = k >= slow.length || short;
    // What finds no slow frame stops half-way.
    const end = broken ? [x(k * alpha), (from + to) / 2] : [x(slow[k]), to];
    const colour = broken ? ink.bad : ink.link;
    context.setLineDash(broken ? [3, 3] : []);
    Object.assign(context, { strokeStyle: colour, lineWidth: 1, globalAlpha: broken ? 1 : 0.55 });
    for (const frame of reads) {
      context.beginPath();
      context.moveTo(x(frame), from);
      context.lineTo(end[0], end[1] + 8);
      context.stroke();
    }
    context.globalAlpha = 1;
    if (broken) cross(context, ...end, ink.bad);
    else arrow(context, [x(k * alpha), from], end, { ink: colour, width: 1.5, head: 7 });
    context.setLineDash([]);
  }
}

function cross(context, x, y, ink) {
  context.setLineDash([]);
  Object.assign(context, { strokeStyle: ink, lineWidth: 2.5, lineCap: "round" });
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(x - 4.5, y - 4.5 * side);
    context.lineTo(x + 4.5, y + 4.5 * side);
  }
  context.stroke();
}

function drawCombs({ context, sums, ink, x }) {
  context.fillStyle = ink.slow;
  for (const frame of sums.slow) context.fillRect(x(frame) - 2.5, ROWS.slow, 5, TOOTH);
  context.fillStyle = ink.fast;
  for (const frame of upTo(sums.num_frames)) context.fillRect(x(frame) - 1, ROWS.fast, 2, TOOTH);
}
