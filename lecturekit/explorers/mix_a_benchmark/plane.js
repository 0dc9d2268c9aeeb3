// Published accuracies over cost, parameters or year: the protocol's lines filled, others hatched.

import { fittedCanvas } from "../kit/canvas.js";
import { h, svg } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";
import { colour, inks } from "../kit/theme.js";
import { frontOf } from "./protocol.js";
import { axisText, planeText, tickText } from "./words.js";

const INKS = { text: "--lk-ink", muted: "--lk-muted", line: "--lk-line", panel: "--lk-panel" };
// By number of the family, as `kinds` has them.
const LOOKS = [
  ["blue", "circle"],
  ["amber", "square"],
  ["green", "diamond"],
  ["muted", "diamond"],
  ["pink", "circle"],
  ["orange", "square"],
  ["violet", "diamond"],
  ["blue", "diamond"],
  ["red", "circle"],
  ["green", "triangle"],
];
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 14, 12, 42];
const FONT = "13px system-ui, sans-serif";
const [SIZE_PX, REACH_PX] = [6, 26];

/** Corners of a mark around 0, or nothing for a circle. */
const CORNERS = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]], // prettier-ignore
  triangle: [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]], // prettier-ignore
  diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]], // prettier-ignore
};

/** Ticks and the axis's place for a value: logarithmic, but for years. */
function axisOf(lines, across) {
  const values = lines.map(({ x }) => x);
  if (!values.length) return { at: () => 0, ticks: [] };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (across === "year") {
    const at = (x) => (x - low + 0.5) / (high - low + 1);
    const step = high - low > 8 ? 2 : 1;
    return { at, ticks: upTo(high - low + 1).filter((k) => k % step === 0).map((k) => low + k) }; // prettier-ignore
  }
  const [from, to] = [Math.log10(low) - 0.1, Math.log10(high) + 0.1];
  const at = (x) => (Math.log10(x) - from) / (to - from);
  const ticks = upTo(9).flatMap((k) => [10 ** (k - 2), 3 * 10 ** (k - 2)]);
  return { at, ticks: ticks.filter((x) => at(x) >= 0 && at(x) <= 1) };
}

/** Where each drawn line stands: [[x, y] in px, line]. */
export function placesOf(scene, width, height) {
  const drawn = scene.shown.filter(({ x }) => x !== null);
  const axis = axisOf(drawn, scene.across);
  const tops = drawn.map(({ top1 }) => top1);
  const [low, high] = [Math.min(...tops) - 1.5, Math.max(...tops) + 1.5];
  const xOf = (x) => LEFT + axis.at(x) * (width - LEFT - RIGHT);
  const yOf = (top1) => TOP + ((high - top1) / (high - low)) * (height - TOP - BOTTOM);
  const places = drawn.map((line) => [[xOf(line.x), yOf(line.top1)], line]);
  return { places, xOf, yOf, low, high, ticks: axis.ticks };
}

function outline(context, [x, y], shape, size) {
  context.beginPath();
  if (shape === "circle") context.arc(x, y, size, 0, 2 * Math.PI);
  else {
    for (const [dx, dy] of CORNERS[shape]) context.lineTo(x + dx * size, y + dy * size);
    context.closePath();
  }
}

/** Strokes from corner to corner, to fill what does not count. */
function hatchOf(context, ink) {
  const tile = h("canvas", { width: 5, height: 5 });
  const pen = tile.getContext("2d");
  Object.assign(pen, { strokeStyle: ink, lineWidth: 1.1 });
  pen.beginPath();
  for (const shift of [-5, 0, 5]) {
    pen.moveTo(shift, 5);
    pen.lineTo(shift + 5, 0);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

function drawNothing(context, { across }, ink, width, height) {
  Object.assign(context, { font: FONT, fillStyle: ink.muted, textAlign: "center" });
  const text = `No line of this data set has a printed ${axisText(across)}.`;
  context.fillText(text, width / 2, height / 2);
}

function drawAxes(context, frame, scene, ink, width, height) {
  const { xOf, yOf, low, high, ticks } = frame;
  Object.assign(context, { font: FONT, lineWidth: 1, fillStyle: ink.muted, strokeStyle: ink.line });
  context.textAlign = "right";
  context.textBaseline = "middle";
  const step = high - low > 25 ? 10 : 5;
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    context.beginPath();
    context.moveTo(LEFT, yOf(value));
    context.lineTo(width - RIGHT, yOf(value));
    context.stroke();
    context.fillText(String(value), LEFT - 6, yOf(value));
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const few = width < 480 ? ticks.filter((_, k) => k % 2 === 0) : ticks;
  for (const x of few) {
    const text = tickText(scene.across, x);
    const last = width - context.measureText(text).width / 2 - 2;
    context.fillText(text, Math.min(xOf(x), last), height - BOTTOM + 6);
  }
  context.textAlign = "right";
  context.fillText(axisText(scene.across), width - RIGHT, height - 18);
  context.textAlign = "left";
  context.fillText("top-1, %", 4, height - 18);
}

function drawMarks(context, node, { places }, scene, ink) {
  const hatch = hatchOf(context, ink.muted);
  const held = (line) => !line.reasons.length;
  for (const [at, line] of places.filter(([, one]) => !held(one))) {
    outline(context, at, LOOKS[line.family][1], SIZE_PX - 1);
    Object.assign(context, { fillStyle: hatch, strokeStyle: ink.muted, lineWidth: 1 });
    context.fill();
    context.stroke();
  }
  const stay = places.filter(([, line]) => held(line));
  const front = new Set(frontOf(stay.map(([, line]) => line)).map(({ id }) => id));
  context.beginPath();
  for (const [[x, y]] of stay.filter(([, { id }]) => front.has(id)).toSorted((a, b) => a[0][0] - b[0][0])) context.lineTo(x, y); // prettier-ignore
  Object.assign(context, { strokeStyle: ink.text, lineWidth: 1.2 });
  context.setLineDash([2, 3]);
  context.stroke();
  context.setLineDash([]);
  for (const [at, line] of stay) {
    outline(context, at, LOOKS[line.family][1], SIZE_PX);
    context.fillStyle = colour(node, `--lk-${LOOKS[line.family][0]}`);
    Object.assign(context, { strokeStyle: ink.panel, lineWidth: 1 });
    context.fill();
    context.stroke();
  }
  const chosen = places.find(([, { id }]) => id === scene.line.id);
  const taken = chosen ? [drawChosen(context, chosen, scene, ink)] : [];
  if (stay.length < places.length / 2)
    drawNames(context, stay.filter(([, { id }]) => front.has(id) && id !== scene.line.id), taken, scene, ink); // prettier-ignore
}

/** Names beside the marks that no other beats, as many as find room; the highest first. */
function drawNames(context, marks, taken, { width }, ink) {
  Object.assign(context, { font: FONT, fillStyle: ink.text, textBaseline: "middle" });
  for (const [[x, y], { name }] of marks.toReversed()) {
    const wide = context.measureText(name).width;
    const left = x - wide - 10 > LEFT ? x - wide - 10 : x + 10;
    const box = [left, y - 17, left + wide, y - 1];
    const free = taken.every(([l, t, r, b]) => box[0] > r || box[2] < l || box[1] > b || box[3] < t); // prettier-ignore
    if (!free || box[2] > width) continue;
    taken.push(box);
    context.textAlign = "left";
    context.fillText(name, left, y - 9);
  }
}

function drawChosen(context, [[x, y], line], { width }, ink) {
  context.beginPath();
  context.arc(x, y, SIZE_PX + 5, 0, 2 * Math.PI);
  Object.assign(context, { strokeStyle: ink.text, lineWidth: 2, font: `bold ${FONT}` });
  context.stroke();
  const half = context.measureText(line.name).width / 2 + 4;
  const middle = Math.min(Math.max(x, LEFT + half), width - RIGHT - half);
  const top = y < 46 ? y + 14 : y - 32;
  context.fillStyle = ink.panel;
  context.globalAlpha = 0.85;
  context.fillRect(middle - half, top, 2 * half, 18);
  context.globalAlpha = 1;
  context.fillStyle = ink.text;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillText(line.name, middle, top + 2);
  return [middle - half, top, middle + half, top + 18];
}

function iconOf(k) {
  const [name, shape] = LOOKS[k];
  const at = { fill: `var(--lk-${name})`, class: "mb-icon" };
  const corners = CORNERS[shape];
  const points = corners?.map(([x, y]) => `${7 + 5 * x},${7 + 5 * y}`).join(" ");
  const mark = corners ? svg("polygon", { points, ...at }) : svg("circle", { cx: 7, cy: 7, r: 5, ...at }); // prettier-ignore
  return svg("svg", { width: 14, height: 14, "aria-hidden": "true" }, mark);
}

/** `look(id)` is called with what the pointer is over, null when it leaves. */
export function planePane(view, scene, look) {
  const { node, redraw } = view.keep(
    fittedCanvas(
      (context, width, height, canvas) => {
        const ink = inks(canvas, INKS);
        const frame = placesOf(scene.now, width, height);
        if (!frame.places.length) return drawNothing(context, scene.now, ink, width, height);
        drawAxes(context, frame, scene.now, ink, width, height);
        drawMarks(context, canvas, frame, { ...scene.now, width }, ink);
      },
      { class: "mb-plane" },
    ),
  );
  const under = (event) => {
    const box = node.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { places } = placesOf(scene.now, box.width, box.height);
    const near = places
      .map(([at, { id }]) => [Math.hypot(at[0] - x, at[1] - y), id])
      .toSorted((a, b) => a[0] - b[0]);
    return near.length && near[0][0] < REACH_PX ? near[0][1] : null;
  };
  node.addEventListener("pointermove", (event) => look(under(event)));
  node.addEventListener("pointerleave", () => look(null));
  node.addEventListener("click", (event) => {
    const id = under(event);
    if (id) view.put({ chosen: id });
  });
  const kinds = view.get("kinds");
  const legend = h(
    "figcaption",
    {},
    ...kinds.map((kind, k) => h("span", {}, iconOf(k), kind)),
    h("span", {}, h("i", { class: "mb-hatch" }), "another protocol, or not said"),
  );
  const show = () => node.setAttribute("aria-label", planeText(scene.now));
  return { node: h("figure", {}, node, legend), redraw, show };
}
