// What the reader sets, the scores as a table with bars, and the readings.

import { radios, select } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { hint, readings } from "../kit/text.js";
import { nameOf, overlayText, ownersOf, readingsOf, score } from "./words.js";

const OVERLAYS = [
  ["none", "cells"],
  ["strength", "strength"],
  ["channels", "channels per bin"],
];
const READINGS = {
  size: "The box",
  moved: "When the two swap, this box’s scores move by",
  still: "… and the whole film’s by",
};

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** From the middle of one to the middle of the other: half of each. */
function betweenOf([one, other]) {
  const [left, right] = [one, other].map(([x0, , x1]) => (x0 + x1) / 2);
  return [left, Math.min(one[1], other[1]), right, Math.max(one[3], other[3])];
}

/** Which film, and who does what in it. */
export function filmPane(view) {
  const names = view.get("shirts").map((pair, n) => [String(n), `${n + 1}: ${pair.join(" and ")}`]);
  const film = select({
    label: "Film",
    options: names,
    onchange: (value) => view.put({ film: Number(value) }),
  });
  const swapped = radios({
    legend: "What they do",
    options: [
      ["filmed", "as filmed"],
      ["swapped", "swapped"],
    ],
    value: "filmed",
    onchange: (value) => view.put({ swapped: value === "swapped" }),
  });
  const show = (scene) => {
    film.set(String(scene.film));
    swapped.set(scene.swapped ? "swapped" : "filmed");
  };
  const nodes = names.length > 1 ? [film.node, swapped.node] : [swapped.node];
  return { node: h("div", { class: "wd-film" }, ...nodes), show };
}

/** Buttons that put the box. */
export function placesPane(view, scene) {
  const { width_px: width, height_px: height } = view.read("width_px", "height_px");
  const boxes = () => scene.now.figures.map(({ box }) => box);
  const button = (box) => h("button", { type: "button", onclick: () => view.put({ box: box() }) });
  const figures = [0, 1].map((k) => button(() => boxes()[k]));
  const [middle, whole] = [button(() => betweenOf(boxes())), button(() => [0, 0, width, height])];
  middle.textContent = "Between them";
  whole.textContent = "Whole frame";
  const show = ({ figures: both }) => {
    for (const [k, figure] of both.entries()) figures[k].textContent = capital(nameOf(figure));
  };
  const node = h("div", { class: "wd-places", role: "group", "aria-label": "Put the box on" });
  node.append(figures[0], middle, figures[1], whole);
  return { node, show };
}

export function overlayPane(view) {
  const choice = radios({
    legend: "Over it",
    options: OVERLAYS,
    value: view.get("overlay"),
    onchange: (value) => view.put({ overlay: value }),
  });
  const words = hint();
  const show = (scene) => {
    choice.set(scene.overlay);
    words.textContent = overlayText(scene);
  };
  return { node: h("div", {}, choice.node, words), show };
}

function barCell(look) {
  const [fill, value] = [h("i"), h("b")];
  const track = h("span", { class: `wd-track wd-is-${look}`, "aria-hidden": "true" }, fill);
  const show = (share) => {
    fill.style.width = `${100 * share}%`;
    value.textContent = score(share);
  };
  return { node: h("td", {}, h("div", { class: "wd-bar" }, track, value)), show };
}

/** A row for each class: whose it is, the box's score, the whole film's. */
export function scoresPane(classes) {
  const rows = classes.map((name) => {
    const [whose, box, film] = [h("td"), barCell("box"), barCell("film")];
    const row = h("tr", {}, h("th", { scope: "row" }, name), whose, box.node, film.node);
    return { row, whose, box, film };
  });
  const heads = ["score of", "true of", "the box", "the whole film"];
  const head = h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text))));
  const body = h("tbody", {}, ...rows.map(({ row }) => row));
  const show = (scene) => {
    for (const [k, { whose, box, film }] of rows.entries()) {
      whose.textContent = ownersOf(k, scene.figures) || "–";
      box.show(scene.scores[k]);
      film.show(scene.pooled[k]);
    }
  };
  return { node: h("table", { class: "wd-scores" }, head, body), show };
}

export function readingsPane() {
  const { node, set } = readings(READINGS, "wd");
  const show = (scene) => {
    for (const [key, said] of Object.entries(readingsOf(scene))) set(key, ...said);
  };
  return { node, show };
}
