// What the reader sets beside the scores, the readings, and the deck as a table.

import { radios, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { readings } from "../kit/text.js";
import { mapped, RULES } from "./sums.js";
import { KINDS, markOf, nameOf, readingsOf, score } from "./words.js";

const MAX_CARDS = 12;
const COUNTS = [
  ["false", "count as false"],
  ["left out", "left out"],
];
const CHOICES = {
  rule: ["Area", RULES.map((rule) => [rule, rule])],
  take: [
    "A card tries",
    [
      ["best free", "its best free truth (ActivityNet)"],
      ["best only", "its best truth only (PASCAL, AVA)"],
    ],
  ],
  doubles: ["Doubles", COUNTS],
  empty: ["Films without truth", COUNTS],
};
const READINGS = {
  steps: "AP by steps",
  interpolated: "AP interpolated",
  eleven: "AP at eleven points",
  right: "Right",
  counted: "Counted",
  other: "AP by the other matching",
};
const HEADS = [
  "rank",
  "answer",
  "score",
  "tIoU",
  "what it is",
  "right so far",
  "precision",
  "recall",
];

export function settingPane(view) {
  const tiou = slider({
    label: "tIoU needed",
    min: 0.1,
    max: 0.9,
    step: 0.05,
    value: 0.5,
    format: (value) => value.toFixed(2),
    oninput: (value) => view.put({ tiou: value }),
  });
  const choices = Object.entries(CHOICES).map(([key, [legend, options]]) => {
    const onchange = (value) => view.put({ [key]: value });
    return [key, radios({ legend, options, value: options[0][0], onchange })];
  });
  const show = (scene) => {
    tiou.set(scene.tiou);
    for (const [key, choice] of choices) choice.set(scene[key]);
  };
  const nodes = [tiou, ...choices.map(([, choice]) => choice)].map(({ node }) => node);
  return { node: h("div", { class: "dd-setting" }, ...nodes), show };
}

/** Cards that behave like a copy, a map of all scores, and the way back. */
export function buttonsPane(view, scene) {
  const isCopy = () => scene.now.chosen >= scene.now.first.length;
  const copy = h("button", {
    type: "button",
    onclick: () => {
      const { cards, chosen } = scene.now;
      const [answer, value] = cards[chosen];
      if (isCopy()) view.put({ chosen: answer, cards: cards.filter((_, k) => k !== chosen) });
      else {
        const less = Math.max(Math.round(100 * value - 5), 0) / 100;
        view.put({ cards: [...cards, [answer, less]], chosen: cards.length });
      }
    },
  });
  const squares = () => mapped(view.get("cards"), (value) => value * value);
  const square = h(
    "button",
    { type: "button", onclick: () => squares() && view.put({ cards: squares() }) },
    "Square all scores",
  );
  const again = h(
    "button",
    {
      type: "button",
      onclick: () =>
        view.put({ chosen: 0, cards: view.get("first").map((value, k) => [k, value]) }),
    },
    "Deal again",
  );
  const show = ({ cards, ranked, chosen }) => {
    const { rank } = ranked.find(({ card }) => card === chosen);
    copy.textContent = isCopy() ? "Remove this copy" : `Add a copy of card ${rank + 1}`;
    copy.disabled = !isCopy() && cards.length === MAX_CARDS;
    square.setAttribute("aria-disabled", String(!squares()));
  };
  return { node: h("div", { class: "dd-buttons" }, copy, square, again), show };
}

export function readingsPane() {
  const { node, set } = readings(READINGS, "dd");
  const show = (scene) => {
    for (const [key, said] of Object.entries(readingsOf(scene))) set(key, ...said);
  };
  return { node, show };
}

/** The deck in words, from the top down. */
export function tablePane() {
  const body = h("tbody");
  const head = h("tr", {}, ...HEADS.map((text) => h("th", { scope: "col" }, text)));
  const table = h("table", { class: "dd-table" }, h("thead", {}, head), body);
  const node = h(
    "details",
    {},
    h("summary", {}, "The deck as a table"),
    h(
      "div",
      { class: "dd-wide", tabindex: 0, role: "group", "aria-label": "The deck as a table" },
      table,
    ),
  );
  const show = (scene) => {
    const rows = scene.ranked.map((one) => {
      const { kind, counts, overlap, right, point, rank } = one;
      const said = `${markOf(kind)}: ${KINDS[kind][1]}`;
      const { precision, recall } = scene.curve;
      const so = counts
        ? [right, precision[point].toFixed(3), recall[point].toFixed(3)]
        : ["left out", "–", "–"];
      const cells = [nameOf(scene, one), score(one.score), overlap.toFixed(3), said, ...so];
      const number = h("th", { scope: "row" }, rank + 1);
      return h("tr", {}, number, ...cells.map((text) => h("td", {}, text)));
    });
    body.replaceChildren(...rows);
  };
  return { node, show };
}
