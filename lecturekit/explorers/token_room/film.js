// The clip's tokens: drawn large to choose from, and in grey under each of the three maps.

import { fittedCanvas, pixelCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";
import { afterKey } from "../kit/places.js";
import { inks } from "../kit/theme.js";
import { placeOf, tokenAt } from "./sums.js";
import { captionOf, importanceWords, nameOf, reachWords, weightWords } from "./words.js";

const INKS = { paper: "--lk-paper", line: "--lk-edge", ink: "--lk-ink", fall: "--lk-pink" };
const MAPS = [
  {
    title: "Reach",
    full: 0.6,
    ink: "--lk-blue",
    about: "who can influence the query, whatever the weights",
  },
  {
    title: "Weights",
    full: 0.9,
    ink: "--lk-orange",
    about: "how the query shares out its attention",
  },
  {
    title: "Importance",
    full: 0.9,
    ink: "--lk-green",
    about: "what the answer hangs on (pink: the score rises without it)",
  },
];
const GAP_PX = 6;
const LIGHT = "#fff";
const DARK = "#10151b"; // with LIGHT: seen on any picture

/** A clip's frames as small canvases, in colour and in grey. */
export function picturesOf(pixels, { frames, side }) {
  const greys = pixels.slice();
  for (let k = 0; k < greys.length; k += 4)
    greys.fill(0.299 * pixels[k] + 0.587 * pixels[k + 1] + 0.114 * pixels[k + 2], k, k + 3);
  const size = 4 * side * side;
  const cut = (values) => (t) => pixelCanvas(values.slice(t * size, (t + 1) * size), side, side);
  return { colour: upTo(frames).map(cut(pixels)), grey: upTo(frames).map(cut(greys)) };
}

/** Where each moment's picture stands on a canvas of this shape: [left, top, side]. */
function placesOf(width, height, moments) {
  const columns = width > 2 * height ? moments : Math.ceil(Math.sqrt(moments));
  const side = (width - (columns - 1) * GAP_PX) / columns;
  const at = (k) => k * (side + GAP_PX);
  return upTo(moments).map((t) => [at(t % columns), at(Math.floor(t / columns)), side]);
}

function cross(context, left, top, side, ink) {
  const inset = side * 0.28;
  Object.assign(context, { strokeStyle: ink, lineWidth: 1.5 });
  context.beginPath();
  context.moveTo(left + inset, top + inset);
  context.lineTo(left + side - inset, top + side - inset);
  context.moveTo(left + side - inset, top + inset);
  context.lineTo(left + inset, top + side - inset);
  context.stroke();
}

function ring(context, left, top, side) {
  for (const [strokeStyle, lineWidth] of [
    [DARK, 5],
    [LIGHT, 2.5],
  ]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.strokeRect(left, top, side, side);
  }
}

/** One moment: its picture, its tokens' values in colour, what is deleted, the query. */
function drawMoment(context, [left, top, side], room, t, colours) {
  const { picture, values, query, deleted, grid } = room;
  const cell = side / grid[2];
  context.imageSmoothingEnabled = false; // a token is made of pixels
  context.globalAlpha = values ? 0.45 : 1;
  context.drawImage(picture(t), left, top, side, side);
  context.globalAlpha = 1;
  for (const y of upTo(grid[1]))
    for (const x of upTo(grid[2])) {
      const token = tokenAt([t, y, x], grid);
      const box = [left + x * cell, top + y * cell];
      if (deleted.includes(token)) {
        context.fillStyle = colours.paper;
        context.fillRect(...box, cell, cell);
        cross(context, ...box, cell, colours.ink);
      } else if (values) {
        context.globalAlpha = room.full * Math.abs(values[token]);
        context.fillStyle = values[token] < 0 ? colours.fall : colours.tint;
        context.fillRect(...box, cell, cell);
        context.globalAlpha = 1;
      }
      Object.assign(context, { strokeStyle: colours.line, lineWidth: 0.5 });
      context.strokeRect(...box, cell, cell);
    }
  const [queryT, y, x] = placeOf(query, grid);
  if (queryT === t) ring(context, left + x * cell, top + y * cell, cell);
}

/** The token at a point of such a canvas, or nothing between the pictures. */
function tokenUnder([px, py], width, height, grid) {
  for (const [t, [left, top, side]] of placesOf(width, height, grid[0]).entries()) {
    const [y, x] = [(py - top) / side, (px - left) / side];
    const inside = Math.min(x, y) >= 0 && Math.max(x, y) < 1;
    if (inside) return tokenAt([t, Math.floor(y * grid[1]), Math.floor(x * grid[2])], grid);
  }
  return null;
}

/** A canvas of all tokens; a press calls `choose(token)`. */
function roomCanvas(view, grid, choose, attributes) {
  let room = null;
  const draw = (context, width, height, node) => {
    if (!room) return;
    const colours = inks(node, { ...INKS, tint: room.ink ?? "--lk-ink" });
    for (const [t, place] of placesOf(width, height, grid[0]).entries())
      drawMoment(context, place, { ...room, grid }, t, colours);
  };
  const { node, redraw, stop } = fittedCanvas(draw, attributes);
  view.keep({ stop });
  node.addEventListener("click", ({ offsetX, offsetY }) => {
    const token = tokenUnder([offsetX, offsetY], node.clientWidth, node.clientHeight, grid);
    if (token !== null) choose(token);
  });
  const show = (next, words) => {
    room = next;
    node.setAttribute("aria-label", words);
  };
  return { node, redraw, show };
}

/** The clip, large; the arrow keys move the query, Space deletes it. */
export function filmPane(view, grid, { choose, move, toggle }) {
  const canvas = roomCanvas(view, grid, choose, { class: "tr-film" });
  const captions = upTo(grid[0]).map(() => h("span"));
  const label = "Tokens: the arrow keys move the query, Space deletes it or brings it back";
  const stage = h(
    "div",
    { class: "tr-stage", role: "group", tabindex: 0, "aria-label": label },
    canvas.node,
  );
  let query = 0;
  stage.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      toggle(query);
      return;
    }
    const next = afterKey(event, placeOf(query, grid), grid);
    if (next) move(next);
  });
  const node = h("figure", {}, stage, h("figcaption", { class: "tr-moments" }, ...captions));
  const show = (scene, picture) => {
    ({ query } = scene);
    canvas.show({ ...scene, picture, values: null }, `The clip; query ${nameOf(query, grid)}`);
    const frames = scene.order.length / grid[0];
    for (const [t, caption] of captions.entries())
      caption.textContent = captionOf(t, scene.order, frames);
  };
  return { node, show, redraw: canvas.redraw };
}

/** One of the three maps, with its title and the words under it. */
function mapPane(view, grid, choose, { title, about, ...look }) {
  const canvas = roomCanvas(view, grid, choose, { class: "tr-map" });
  const words = h("p", { class: "tr-most" });
  const caption = h("figcaption", {}, h("b", {}, title), h("span", {}, about));
  const node = h("figure", {}, caption, canvas.node, words);
  const show = (room, values, text) => {
    const most = Math.max(...values.map(Math.abs)) || 1;
    canvas.show(
      { ...room, ...look, values: Array.from(values, (value) => value / most) },
      `${title}. ${text}`,
    );
    words.textContent = text;
  };
  return { node, show, redraw: canvas.redraw };
}

/** Reach, weights and importance side by side. */
export function mapsPane(view, grid, choose) {
  const [reach, weights, importance] = MAPS.map((map) => mapPane(view, grid, choose, map));
  const maps = [reach, weights, importance];
  const show = (scene, picture) => {
    const room = { ...scene, picture };
    reach.show(room, Array.from(scene.reach), reachWords(scene));
    weights.show(room, scene.row, weightWords(scene));
    importance.show(room, scene.falls ?? [0], importanceWords(scene));
    importance.node.classList.toggle("is-waiting", !scene.falls);
  };
  const redraw = () => {
    for (const map of maps) map.redraw();
  };
  return { node: h("div", { class: "tr-maps" }, ...maps.map((map) => map.node)), show, redraw };
}
