// Drawing the filmstrip: the film in a row, the chosen frames raised from it, two brackets, a ruler.

import { haloLine } from "../kit/canvas.js";
import { cellAt } from "../kit/sheet.js";
import { upTo } from "../kit/numbers.js";
import { fitOne, momentAt, readingsOf } from "./sums.js";
import { seconds, short } from "./words.js";

const LANE_PX = 7;
const NARROW_PX = 480;

/** Where each row of the picture begins, in css pixels; a phone's are lower. */
export function rowsOf(width, lanes) {
  const [raisedHeight, stripHeight] = width < NARROW_PX ? [46, 36] : [64, 46];
  const strip = 32 + raisedHeight + 22;
  const number = strip + stripHeight + 18;
  const lane = number + 40;
  const ruler = lane + (lanes > 1 ? lanes * LANE_PX + 10 : 0);
  return { raised: 32, raisedHeight, strip, stripHeight, number, lane, ruler, height: ruler + 18 };
}

/** Draws frame `index` of the sheet into a box: all of it, or the slice where most happens. */
export function drawFrame(context, sheet, index, [x, y, boxWidth, boxHeight]) {
  const { image, height, width, focus } = sheet;
  const scale = boxHeight / height;
  const across = Math.min(width, boxWidth / scale);
  const from = Math.min(Math.max(focus - across / 2, 0), width - across);
  const [left, top] = cellAt(index, sheet);
  context.drawImage(image, left + from, top, across, height, x, y, across * scale, boxHeight);
}

/**
 * Draws all. `scene` holds the settings, the clips and the one in view, the tick of the players
 * and whether they move, the sheet of frames, the slots of the strip, and the inks.
 */
export function drawStrip(context, width, scene) {
  const { settings, clips, view, tick, slots } = scene;
  const strip = {
    ...scene,
    context,
    width,
    clip: clips[view],
    at: rowsOf(width, clips.length),
    now: momentAt(settings, clips[view], tick),
    readings: readingsOf(settings, clips),
    x: (slot) => (slot / slots) * width,
  };
  context.imageSmoothingQuality = "high";
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  drawFilm(strip);
  for (const k of strip.clip.wanted.keys()) drawChosen(strip, k);
  drawNumbers(strip);
  drawCoverage(strip);
  drawSpan(strip);
  if (clips.length > 1) drawLanes(strip);
  drawRuler(strip);
  drawMarks(strip);
}

/** Left edge and width of a stretch of slots, in whole pixels. */
function stretch({ x }, from, to) {
  return [Math.round(x(from)), Math.max(Math.round(x(to)) - Math.round(x(from)), 1)];
}

function drawFilm(strip) {
  const { context, settings, clip, at, sheet, slots, x, width, ink } = strip;
  const { video_frames: video, policy } = settings;
  const [first, end] = [clip.edges[0], clip.edges.at(-1)];
  const overrun = clip.wanted.at(-1) >= video;
  for (const slot of upTo(slots)) {
    const [left, wide] = stretch(strip, slot, slot + 1);
    const inside = slot >= first && slot < end;
    if (slot >= video && !(overrun && clip.indices)) continue;
    context.globalAlpha = slot >= video ? 0.45 : inside ? 0.95 : 0.4;
    const index = slot < video ? slot : fitOne(slot, video, policy);
    drawFrame(context, sheet, index, [left, at.strip, wide, at.stripHeight]);
  }
  context.globalAlpha = 1;
  if (slots > video) {
    hatch(context, [x(video), at.strip, width - x(video), at.stripHeight], ink.second);
  }
}

/** One chosen frame: outlined in the film, and raised, as wide as what it stands for. */
function drawChosen(strip, k) {
  const { context, settings, clip, at, sheet, x, now, moving, ink } = strip;
  const wanted = clip.wanted[k];
  if (clip.edges[k] === clip.edges[k + 1]) return;
  const [left, wide] = stretch(strip, wanted, wanted + 1);
  const [from, over] = stretch(strip, clip.edges[k], clip.edges[k + 1]);
  const held = over > 3 ? over - 2 : over;
  const raised = [from, at.raised, held, at.raisedHeight];
  const outline = [left, at.strip - 3, wide, at.stripHeight + 6];
  Object.assign(context, { fillStyle: ink.first, strokeStyle: ink.first, lineWidth: 2 });
  drawRay(context, raised, outline, at.strip);
  if (clip.indices) drawFrame(context, sheet, clip.indices[k], raised);
  else hatch(context, raised, ink.second);
  Object.assign(context, { strokeStyle: ink.first, lineWidth: 2 });
  if (clip.indices && wanted < settings.video_frames) drawFrame(context, sheet, wanted, outline);
  if (x(1) > 4) context.strokeRect(...outline);
  context.fillRect(left, at.strip + at.stripHeight + 3, wide, 3);
  if (moving && k === now.position) {
    Object.assign(context, { strokeStyle: ink.text, lineWidth: 3 });
    context.strokeRect(...raised);
  }
}

/** The shade that leads from the film up to the raised frame. */
function drawRay(context, raised, [left, , wide], top) {
  const [from, y, held, height] = raised;
  context.globalAlpha = 0.22;
  context.fillRect(...raised);
  context.beginPath();
  context.moveTo(from, y + height);
  context.lineTo(from + held, y + height);
  context.lineTo(left + wide, top);
  context.lineTo(left, top);
  context.fill();
  context.globalAlpha = 1;
}

/** Where there is no picture. */
function hatch(context, [x, y, width, height], ink) {
  Object.assign(context, { globalAlpha: 0.5, strokeStyle: ink, lineWidth: 1 });
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  for (let at = x - height; at < x + width; at += 7) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
  context.globalAlpha = 1;
}

function drawNumbers({ context, settings, clip, at, x, width, ink }) {
  context.textAlign = "center";
  const labels = clip.wanted.map((wanted, k) => {
    const text = String(clip.indices?.[k] ?? "–");
    const half = context.measureText(text).width / 2 + 3;
    const middle = Math.min(Math.max(x(wanted + 0.5), half - 3), width - half + 3);
    return { text, half, middle, ghost: wanted >= settings.video_frames };
  });
  for (const { text, middle, ghost } of everyThatFits(labels)) {
    context.fillStyle = ghost ? ink.second : ink.first;
    context.fillText(text, middle, at.number + 4);
  }
  context.textAlign = "left";
}

/** Every label, or every second, or third …: as many as have room. */
function everyThatFits(labels) {
  const every = (step) => labels.filter((_, k) => k % step === 0);
  const apart = (kept) =>
    kept.every(({ middle, half }, k) => {
      const before = kept[k - 1];
      return !before || middle - half >= before.middle + before.half;
    });
  return every(upTo(labels.length + 1).find((step) => step > 0 && apart(every(step))));
}

function bracket(context, x0, x1, y, depth, open = false) {
  context.beginPath();
  if (!open) context.moveTo(x0 + 1, y + depth);
  context.lineTo(x0 + 1, y);
  context.lineTo(x1 - 1, y);
  context.lineTo(x1 - 1, y + depth);
  context.stroke();
}

/** Text at x, moved left if the canvas would cut it. */
function textInside(context, text, x, y, width) {
  const wide = context.measureText(text).width;
  context.fillText(text, Math.max(0, Math.min(x, width - wide - 1)), y);
}

/** The sum behind a length, as short as the picture is narrow; segments have none. */
function sumOf({ settings, width }, { wide, narrow }) {
  if (settings.mode === "segments") return "";
  return `${width < NARROW_PX ? narrow : wide} = `;
}

function drawCoverage(strip) {
  const { context, settings, clip, readings, x, width, ink } = strip;
  const { num_frames: numFrames, stride } = settings;
  const left = x(clip.edges[0]);
  const sum = sumOf(strip, { wide: `T × τ = ${numFrames} × ${stride}`, narrow: "T×τ" });
  const text = `coverage  ${sum}${readings.coverage} frames = ${seconds(readings.coverageSec)}`;
  Object.assign(context, { lineWidth: 2, fillStyle: ink.second, strokeStyle: ink.second });
  bracket(context, left, x(clip.edges.at(-1)), 20, 8);
  textInside(context, text, left, 13, width);
}

function drawSpan(strip) {
  const { context, settings, clip, at, readings, x, width, ink } = strip;
  const { num_frames: numFrames, stride, mode } = settings;
  const low = at.number + 10;
  const [left, right, end] = [clip.wanted[0], clip.wanted.at(-1) + 1, clip.edges.at(-1)].map(x);
  if (mode !== "segments" && end - right > 4) {
    context.setLineDash([2, 3]);
    bracket(context, right, end, low + 6, -8, true);
    context.setLineDash([]);
    if (end - right > 26) context.fillText(`+${stride - 1}`, (right + end) / 2 - 8, low + 1);
  }
  const wide = `(T − 1) × τ + 1 = ${numFrames - 1} × ${stride} + 1`;
  const sum = sumOf(strip, { wide, narrow: "(T−1)×τ+1" });
  const text = `span  ${sum}${readings.span} frames = ${seconds(readings.spanSec)}`;
  Object.assign(context, { fillStyle: ink.first, strokeStyle: ink.first });
  bracket(context, left, right, low + 6, -6);
  textInside(context, text, left, low + 21, width);
}

/** All clips at once, one below the other. */
function drawLanes({ context, clips, view, at, x, ink }) {
  for (const [lane, { wanted, edges }] of clips.entries()) {
    const y = at.lane + 6 + lane * LANE_PX;
    context.fillStyle = lane === view ? ink.first : ink.line;
    context.globalAlpha = 0.35;
    context.fillRect(x(edges[0]), y, x(edges.at(-1)) - x(edges[0]), LANE_PX - 2);
    context.globalAlpha = 1;
    for (const slot of wanted) context.fillRect(x(slot), y, Math.max(x(1) - 1, 1.5), LANE_PX - 2);
  }
}

/** Seconds. */
function drawRuler({ context, settings, at, x, width, ink }) {
  context.font = "12px system-ui, sans-serif";
  Object.assign(context, { fillStyle: ink.muted, strokeStyle: ink.muted, lineWidth: 1 });
  const place = (sec) => x(sec * settings.fps);
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((sec) => place(sec) >= 44) ?? 100;
  for (let k = 0; place(k * step) < width - 2; k++) {
    const left = place(k * step);
    context.fillRect(left, at.ruler, 1, 6);
    if (left < width - 30) context.fillText(`${short(k * step)} s`, left + 4, at.ruler + 13);
  }
  context.fillRect(0, at.ruler, width, 1);
}

/** Two upright lines: the moment that is played, and the film's end. */
function drawMarks({ context, settings, at, slots, x, now, moving, ink }) {
  const video = settings.video_frames;
  const line = (left, top, front) =>
    haloLine(
      context,
      [
        [left, top],
        [left, at.strip + at.stripHeight + 6],
      ],
      front,
      ink.paper,
    );
  if (moving) line(x(now.slot + 0.5), at.raised + at.raisedHeight, ink.text);
  if (slots > video) line(x(video), at.strip - 8, ink.second);
}
