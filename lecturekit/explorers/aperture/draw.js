// Drawing the hole with its dial, and the plot of velocities.

import { degreesOf, turned } from "../kit/angle.js";
import { arrow, pixelCanvas } from "../kit/canvas.js";
import { signed } from "../kit/words.js";

export const RIM_PX = 48; // the dial's radius, in pixels of the sheet
const PINS = Array.from({ length: 8 }, (_, k) => turned(k * 45 + 22.5, 54));
const REACH_PX = 2.6; // px per frame from the plot's middle to its side
const BOLD = "system-ui, sans-serif";

/** Grey levels to a small canvas that can be drawn at any size. */
function inked(grey, size) {
  const data = new Uint8ClampedArray(grey.length * 4);
  for (let k = 0; k < grey.length; k++) data.set([grey[k], grey[k], grey[k], 255], k * 4);
  return pixelCanvas(data, size, size);
}

/** A round path, in pixels of the canvas. */
function circle(context, [x, y], radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

/**
 * The wall with its hole, the pins and the dial. `sheet` holds the grey values now; null in the
 * pause before the film starts again, when the hole is shut.
 */
export function drawHole(context, width, scene) {
  const { size, sheet, hole, revealed, ink } = scene;
  const scale = width / size;
  const centre = [width / 2, width / 2];
  const rim = (hole + 0.5) * scale;
  context.fillStyle = ink.wall;
  context.fillRect(0, 0, width, width);
  if (sheet) {
    context.imageSmoothingQuality = "high";
    context.drawImage(inked(sheet, size), 0, 0, width, width);
  }
  drawWall(context, width, rim, ink.wall, revealed && sheet ? 0.72 : 1);
  if (revealed && sheet) drawPins(context, scale, centre, scene);
  circle(context, centre, rim);
  Object.assign(context, { strokeStyle: ink.text, lineWidth: 2 });
  context.stroke();
  if (!sheet) {
    Object.assign(context, { fillStyle: ink.text, font: `600 14px ${BOLD}` });
    Object.assign(context, { textAlign: "center", textBaseline: "middle" });
    context.fillText("again", centre[0], centre[1] + (hole + 6) * scale);
  }
  drawDial(context, scale, centre, scene);
}

function drawWall(context, width, rim, fillStyle, globalAlpha) {
  circle(context, [width / 2, width / 2], rim);
  context.rect(0, 0, width, width);
  Object.assign(context, { fillStyle, globalAlpha });
  context.fill("evenodd");
  context.globalAlpha = 1;
}

/** Pins in the sheet: they show how all of it moves. */
function drawPins(context, scale, centre, { moved, ink }) {
  Object.assign(context, { fillStyle: ink.truth, strokeStyle: ink.wall, lineWidth: 1.5 });
  for (const pin of PINS) {
    const at = pin.map((value, axis) => (value + moved[axis]) * scale + centre[axis]);
    circle(context, at, 2 * scale);
    context.fill();
    context.stroke();
  }
}

function drawDial(context, scale, centre, { guess, trial, measured, revealed, step, ink }) {
  const at = (degrees, radius) =>
    turned(degrees, radius * scale).map((value, axis) => value + centre[axis]);
  Object.assign(context, { lineWidth: 1, strokeStyle: ink.muted });
  for (let degrees = 0; degrees < 360; degrees += step) {
    const half = degrees % 45 ? 1 : 2.2;
    context.beginPath();
    context.lineTo(...at(degrees, RIM_PX - half));
    context.lineTo(...at(degrees, RIM_PX + half));
    context.stroke();
  }
  const pointer = (degrees, colour, from, to, width) => {
    const style = { ink: colour, halo: ink.wall, width, head: 5 * scale };
    arrow(context, at(degrees, RIM_PX + from), at(degrees, RIM_PX + to), style);
  };
  if (revealed && measured.known === 1)
    pointer(degreesOf(...measured.velocity), ink.across, -9, 5, 3);
  if (revealed) pointer(trial.motion_deg, ink.truth, -9, 14, 3);
  pointer(guess, ink.guess, -6, 9, 4);
}

/** Velocities (dx right, dy down): the guess; once revealed, the pixels' lines and what fits them. */
export function drawVelocities(context, width, scene) {
  const plot = plotOn(context, width, scene.ink);
  plot.axes();
  if (scene.revealed) drawLines(context, plot, scene);
  drawGuess(context, plot, scene);
  if (scene.revealed) drawAnswer(context, plot, scene);
  nameGuess(context, plot, scene);
}

/** How to draw velocities on a square: `at` places one, `line` all with a dx + b dy + c = 0. */
function plotOn(context, width, ink) {
  const middle = width / 2;
  const scale = middle / REACH_PX;
  const at = ([u, v]) => [middle + u * scale, middle + v * scale];
  const text = (words, [x, y], colour) => {
    const wide = context.measureText(words).width;
    Object.assign(context, { lineWidth: 4, lineJoin: "round" });
    Object.assign(context, { strokeStyle: ink.wall, fillStyle: colour });
    const left = Math.min(Math.max(x, 3), width - wide - 3);
    const base = Math.min(Math.max(y, 13), width - 5);
    context.strokeText(words, left, base);
    context.fillText(words, left, base);
  };
  const line = (a, b, c) => {
    const length = Math.hypot(a, b);
    const [x, y] = [(-a * c) / length ** 2, (-b * c) / length ** 2];
    context.beginPath();
    for (const far of [-9, 9])
      context.lineTo(...at([x - (b / length) * far, y + (a / length) * far]));
    context.stroke();
  };
  const axes = () => {
    context.font = `600 12px ${BOLD}`;
    context.fillStyle = ink.wall;
    context.fillRect(0, 0, width, width);
    Object.assign(context, { strokeStyle: ink.line, globalAlpha: 0.6 });
    for (const tick of [-2, -1, 0, 1, 2]) {
      context.lineWidth = tick ? 0.5 : 1.5;
      line(1, 0, -tick);
      line(0, 1, -tick);
    }
    context.globalAlpha = 1;
    text("dx →", [width - 34, middle - 5], ink.muted);
    text("dy ↓", [middle + 5, width - 6], ink.muted);
    for (const tick of [-2, -1, 1, 2])
      text(signed(tick, 0), [at([tick, 0])[0] - 4, middle + 15], ink.muted);
  };
  return { at, text, line, axes };
}

/** Some pixels' own equations, and the line on which all that fits lies. */
function drawLines(context, { line }, { lines, measured, ink }) {
  Object.assign(context, { strokeStyle: ink.across, lineWidth: 1, globalAlpha: 0.28 });
  for (const { ix, iy, it } of lines) line(ix, iy, it);
  context.globalAlpha = 1;
  if (measured.known !== 1) return;
  const [u, v] = measured.velocity;
  context.lineWidth = 3;
  line(u, v, -(u * u + v * v));
}

function drawGuess(context, { at }, { guess, ink }) {
  Object.assign(context, { strokeStyle: ink.guess, lineWidth: 2 });
  context.setLineDash([5, 4]);
  context.beginPath();
  context.lineTo(...at([0, 0]));
  context.lineTo(...at(turned(guess, 9)));
  context.stroke();
  context.setLineDash([]);
}

function drawAnswer(context, { at, text }, { trial, measured, fits, ink }) {
  const dot = (velocity, colour, filled) => {
    circle(context, at(velocity), 6);
    Object.assign(context, {
      fillStyle: filled ? colour : ink.wall,
      strokeStyle: colour,
      lineWidth: 2.5,
    });
    context.fill();
    context.stroke();
  };
  const truth = turned(trial.motion_deg, trial.speed_px);
  const style = { ink: ink.across, halo: ink.wall, width: 3, head: 11 };
  if (measured.known) arrow(context, at([0, 0]), at(measured.velocity), style);
  if (measured.known === 1 && fits) dot(fits, ink.guess, false);
  dot(truth, ink.truth, true);
  const beside = (velocity, dy) => [at(velocity)[0] + 9, at(velocity)[1] + dy];
  const clear = measured.velocity[1] < truth[1] ? -8 : 16;
  if (measured.known === 1) text("across", beside(measured.velocity, clear), ink.across);
  text("true", beside(truth, 4), ink.truth);
}

/** Along the dx axis the name stands clear of the axis' own name and of its ticks. */
function nameGuess(context, { at, text }, { guess, ink }) {
  const down = turned(guess)[1];
  const flat = Math.abs(down) < 0.3;
  const [x, y] = at(turned(guess, REACH_PX * (flat ? 0.45 : 0.8)));
  const half = context.measureText("your guess").width / 2;
  text("your guess", flat ? [x - half, down > 0.01 ? y + 22 : y - 8] : [x, y], ink.guess);
}
