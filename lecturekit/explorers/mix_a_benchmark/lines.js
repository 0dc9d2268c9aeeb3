// Accuracy of every network over the share of one cue: straight lines, two of them in front.

import { fittedCanvas } from "../kit/canvas.js";
import { upTo } from "../kit/numbers.js";
import { inks } from "../kit/theme.js";
import { mixAt, moved } from "./sums.js";
import { linesText } from "./words.js";

const INKS = {
  text: "--lk-ink",
  muted: "--lk-muted",
  line: "--lk-line",
  edge: "--lk-edge",
  panel: "--lk-panel",
  A: "--lk-blue",
  B: "--lk-orange",
};
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 12, 40];
const FONT = "13px system-ui, sans-serif";

/** From a tenth below all values to one above. */
function reach(values) {
  const low = Math.max(0, Math.floor(10 * Math.min(...values) - 0.2) / 10);
  const high = Math.min(1, Math.ceil(10 * Math.max(...values) + 0.2) / 10);
  return [low, high];
}

function scalesOf(width, height, [low, high]) {
  const x = (share) => LEFT + (share / 100) * (width - LEFT - RIGHT);
  const y = (value) => TOP + ((high - value) / (high - low)) * (height - TOP - BOTTOM);
  return { x, y, low, high };
}

function drawAxes(context, { x, y, low, high }, scene, ink, width, height) {
  Object.assign(context, { font: FONT, lineWidth: 1, fillStyle: ink.muted });
  context.textAlign = "right";
  context.textBaseline = "middle";
  const step = high - low > 0.45 ? 0.2 : 0.1;
  for (let value = Math.ceil(low / step - 1e-9) * step; value < high + 1e-9; value += step) {
    context.strokeStyle = ink.line;
    context.beginPath();
    context.moveTo(x(0), y(value));
    context.lineTo(x(100), y(value));
    context.stroke();
    context.fillText(`${Math.round(100 * value)} %`, LEFT - 6, y(value));
  }
  context.textBaseline = "top";
  for (const share of [0, 25, 50, 75, 100]) {
    context.textAlign = share === 100 ? "right" : "center";
    context.fillText(String(share), x(share), height - BOTTOM + 6);
  }
  context.textAlign = "center";
  context.fillText(`share of ${scene.cues[scene.cue]}, %`, (x(0) + x(100)) / 2, height - 17);
}

/** A strip at the bottom edge: where A is surely better, where B is. */
function drawTold(context, { x }, told, ink, height) {
  const top = height - BOTTOM - 7;
  for (const share of upTo(100)) {
    const sign = told[share] === told[share + 1] ? told[share] : 0;
    if (!sign) continue;
    context.fillStyle = sign > 0 ? ink.A : ink.B;
    context.fillRect(x(share), top, x(share + 1) - x(share) + 0.5, 7);
  }
}

function drawLines(context, scales, ends, { first, second }, ink) {
  const { x, y } = scales;
  const stroke = ([none, all], colour, width, dash = []) => {
    context.setLineDash(dash);
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.beginPath();
    context.moveTo(x(0), y(none));
    context.lineTo(x(100), y(all));
    context.stroke();
    context.setLineDash([]);
  };
  for (const [n, pair] of ends.entries())
    if (n !== first && n !== second) stroke(pair, ink.edge, 1);
  stroke(ends[second], ink.B, 3, [9, 4]);
  stroke(ends[first], ink.A, 3);
}

/** Letters at the ends of the two lines, the present share, and the crossing. */
function drawMarks(context, scales, ends, scene, ink, height) {
  const { x, y } = scales;
  const { first, second, shares, cue, crossing } = scene;
  context.setLineDash([3, 3]);
  Object.assign(context, { strokeStyle: ink.text, lineWidth: 1.5 });
  context.beginPath();
  context.moveTo(x(shares[cue]), TOP);
  context.lineTo(x(shares[cue]), height - BOTTOM);
  context.stroke();
  context.setLineDash([]);
  Object.assign(context, { font: `bold ${FONT}`, textBaseline: "middle", textAlign: "center" });
  for (const [n, letter] of [
    [second, "B"],
    [first, "A"],
  ]) {
    const [none, all] = ends[n];
    const at = none + (all - none) * 0.06;
    context.fillStyle = ink.panel;
    context.beginPath();
    context.arc(x(6), y(at), 9, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = ink[letter];
    context.fillText(letter, x(6), y(at) + 1);
  }
  if (crossing === null || first === second) return;
  const [none, all] = ends[first];
  Object.assign(context, { fillStyle: ink.panel, strokeStyle: ink.text, lineWidth: 2 });
  context.beginPath();
  context.arc(x(crossing), y(none + ((all - none) * crossing) / 100), 5, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  const right = crossing > 70;
  context.textAlign = right ? "right" : "left";
  context.fillStyle = ink.text;
  const below = y(none + ((all - none) * crossing) / 100) + 18;
  context.fillText(`${crossing.toFixed(0)} %`, x(crossing) + (right ? -4 : 4), below);
}

function draw(context, width, height, scene, ink) {
  const ends = scene.families.map((_, n) =>
    [0, 100].map((share) => scene.league.accuracyOf(n, mixAt(scene.basis, scene.cue, share))),
  );
  const scales = scalesOf(width, height, reach(ends.flat()));
  drawAxes(context, scales, scene, ink, width, height);
  drawTold(context, scales, scene.told, ink, height);
  drawLines(context, scales, ends, scene, ink);
  drawMarks(context, scales, ends, scene, ink, height);
}

export function linesPane(view, scene) {
  const { node, redraw } = view.keep(
    fittedCanvas(
      (context, width, height, canvas) =>
        draw(context, width, height, scene.now, inks(canvas, INKS)),
      { class: "mb-lines" },
    ),
  );
  const follow = (event) => {
    const box = node.getBoundingClientRect();
    const share = (100 * (event.clientX - box.left - LEFT)) / (box.width - LEFT - RIGHT);
    const { cue } = scene.now;
    view.put(
      moved(view.read("shares", "kept"), cue, Math.round(Math.min(Math.max(share, 0), 100))),
    );
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") follow(event); // a finger may be about to scroll
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) follow(event);
  });
  const show = () => node.setAttribute("aria-label", linesText(scene.now));
  return { node, redraw, show };
}
