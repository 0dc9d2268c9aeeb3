// What the reader sets, the legend, the readings, and the found segments as a table.

import { radios, select, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { upTo } from "../kit/numbers.js";
import { hint, readings } from "../kit/text.js";
import { TIOUS, windowsIn } from "./sums.js";
import { answerOf, KINDS, letterOf, readingsOf, score, seconds } from "./words.js";

const BEST = "best";
const MAX_ROWS = 40;
const STAMPS = ["start", "centre", "end"].map((stamp) => [stamp, stamp]);
const JOINS = [
  ["joined", "joined"],
  ["single", "each window"],
];
const READINGS = {
  map3: "mAP at tIoU 0.3",
  map5: "mAP at tIoU 0.5",
  map7: "mAP at tIoU 0.7",
  offset: "Found segments lie",
  right: "True segments found",
  wrong: "Found, but wrong",
};

/** Film and curve to choose, sliders, radio buttons. */
export function settingPane(view, rowsOf) {
  const { windows, fps, classes } = view.read("windows", "fps", "classes");
  const shown = view.get("picture_frames").length;
  const put =
    (key, read = (value) => value) =>
    (value) =>
      view.put({ [key]: read(value) });
  const range = (key, label, [min, max, step], format, of = {}) =>
    slider({ label, min, max, step, value: min, format, oninput: put(key, of.read) });
  const time = (frames) => `${frames} frame${frames === 1 ? "" : "s"}, ${seconds(frames / fps)}`;
  const film = select({
    label: "Film",
    options: upTo(shown).map((n) => [String(n), `number ${n + 1}`]),
    onchange: put("film", Number),
  });
  const curve = select({
    label: "Scores of",
    options: [[BEST, "the best action"], ...classes.map((name) => [name, name])],
    onchange: put("curve"),
  });
  const ranges = {
    // Counted in windows: an arrow key must reach the next one.
    at: range("at", "Window at", [0, 1, 1], (k) => seconds((k * view.get("stride")) / fps), {
      read: (k) => k * view.get("stride"),
    }),
    window: range("window", "Window", [0, windows.length - 1, 1], (k) => time(windows[k]), {
      read: (k) => windows[k],
    }),
    stride: range("stride", "Stride", [1, 16, 1], time),
    threshold: range("threshold", "Threshold", [0, 1, 0.01], score),
    nms: range("nms", "NMS, tIoU", [0, 1, 0.05], (tiou) =>
      tiou === 1 ? "1: off" : `drops > ${score(tiou)}`,
    ),
  };
  const choices = {
    stamp: radios({
      legend: "Stamp",
      options: STAMPS,
      value: "centre",
      onchange: put("stamp"),
    }),
    join: radios({
      legend: "Segments",
      options: JOINS,
      value: "joined",
      onchange: put("join"),
    }),
    tiou: radios({
      legend: "tIoU needed",
      options: TIOUS.map((tiou) => [tiou, String(tiou)]),
      value: 0.5,
      onchange: put("tiou"),
    }),
  };
  const show = (scene) => {
    film.set(String(scene.film));
    curve.set(scene.curveName);
    ranges.at.bounds(0, windowsIn(rowsOf(scene), scene.stride) - 1);
    for (const key of ["stride", "threshold", "nms"]) ranges[key].set(scene[key]);
    ranges.at.set(scene.shown.number);
    ranges.window.set(windows.indexOf(scene.window));
    for (const [key, choice] of Object.entries(choices)) choice.set(scene[key]);
  };
  const left = [film, curve, ranges.at, ranges.window, ranges.stride];
  const right = [choices.stamp, ranges.threshold, choices.join, ranges.nms, choices.tiou];
  const columns = [left, right].map((parts) => h("div", {}, ...parts.map(({ node }) => node)));
  return { node: h("div", { class: "sg-setting" }, ...columns), show };
}

/** The prediction, and what came of it. */
export function guessPane(view) {
  const guess = radios({
    legend: "Your guess",
    options: [["none", "none yet"], ...TIOUS.map((tiou) => [String(tiou), `at ${tiou}`])],
    value: view.get("guess"),
    onchange: (value) => view.put({ guess: value }),
  });
  const onclick = () =>
    view.put(
      view.get("revealed")
        ? { guess: "none", revealed: false, stamp: "centre" }
        : { revealed: true, stamp: "start" },
    );
  const button = h("button", { type: "button", onclick });
  const answer = h("p", { class: "sg-answer" });
  const show = (scene) => {
    guess.set(scene.guess);
    button.disabled = !scene.revealed && scene.guess === "none";
    button.textContent = scene.revealed ? "Guess again" : "Move the stamp to the start";
    answer.hidden = !scene.revealed;
    answer.textContent = scene.revealed ? answerOf(scene) : "";
  };
  const asked = hint(
    h("b", {}, "Guess first. "),
    "A window’s score is written down at its centre. Suppose that a program writes it at the window’s start. Which mAP loses most?",
  );
  return { node: h("div", { class: "sg-ask" }, asked, guess.node, button, answer), show };
}

export function legendPane() {
  const row = (look, text, letter) =>
    h("span", {}, h("i", { class: `sg-key sg-${look}` }, letter && h("b", {}, letter)), text);
  const kinds = Object.entries(KINDS).map(([kind, [letter, text]]) =>
    row(kind.replace(" ", "-"), text, letter),
  );
  return h(
    "figcaption",
    {},
    row("hit", "true segment, found"),
    row("missed", "true segment, missed"),
    ...kinds,
  );
}

export function readingsPane() {
  const { node, set } = readings(READINGS, "sg");
  const show = (scene) => {
    for (const [key, said] of Object.entries(readingsOf(scene))) set(key, ...said);
  };
  return { node, show };
}

/** What was found in the film, in order of time. */
export function tablePane() {
  const heads = ["action", "from (s)", "to (s)", "score", "kind"];
  const [body, rest] = [h("tbody"), h("p")];
  const head = h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text))));
  const table = h("table", { class: "sg-table" }, head, body);
  const node = h("details", {}, h("summary", {}, "Found in this film, as a table"), table, rest);
  const show = ({ found, classes }) => {
    const rows = found
      .toSorted((a, b) => a.start - b.start)
      .slice(0, MAX_ROWS)
      .map(({ label, start, stop, score: value, kind }) => {
        const cells = [start, stop, value].map((number) => number.toFixed(2));
        const named = `${letterOf(kind)}: ${KINDS[kind][1]}`;
        const name = h("th", { scope: "row" }, classes[label]);
        return h("tr", {}, name, ...[...cells, named].map((text) => h("td", {}, text)));
      });
    body.replaceChildren(...rows);
    table.hidden = !rows.length;
    const left = found.length - rows.length;
    rest.hidden = rows.length > 0 && left === 0;
    rest.textContent = left ? `And ${left} more.` : "Nothing is found.";
  };
  return { node, show };
}
