// The parts around the picture: what the reader sets, the clip's names, laterals, and the cost.

import { radios, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { readings } from "../kit/text.js";
import {
  answerOf,
  barText,
  clipNames,
  fitOf,
  lateralText,
  questionOf,
  shapesOf,
  sliderNames,
} from "./words.js";

const NAMINGS = [
  ["paper", "the paper"],
  ["config", "its configuration files"],
  ["lecture", "the lecture"],
];
const READS = [
  ["every", "every α-th"],
  ["rounded", "evenly spaced, rounded down"],
];
const KINDS = ["time-to-channel", "sampling", "convolution"];

/** Five sliders; four of them change their names with the naming. */
export function slidersPane(view) {
  const { limits, beta_invs: inverses } = view.read("limits", "beta_invs");
  const of = (key, label, [min, max], read = (value) => value) =>
    slider({ label, min, max, value: min, oninput: (value) => view.put({ [key]: read(value) }) });
  const cycles = of("cycles", "Cycles", limits.cycles);
  const named = {
    num_frames: of("num_frames", "", limits.num_frames),
    stride: of("stride", "", limits.stride),
    alpha: of("alpha", "", limits.alpha),
    beta_inv: of("beta_inv", "", [0, inverses.length - 1], (k) => inverses[k]),
  };
  const show = (sums) => {
    cycles.set(sums.cycles);
    for (const [key, [label, text]] of Object.entries(sliderNames(sums))) {
      named[key].set(key === "beta_inv" ? inverses.indexOf(sums.beta_inv) : sums[key]);
      named[key].say(text);
      named[key].node.querySelector("label").textContent = label;
    }
  };
  const all = [cycles, ...Object.values(named)].map(({ node }) => node);
  return { node: h("div", { class: "tc-sliders" }, ...all), show };
}

/** Whose words, and the clip in them. */
export function namesPane(view) {
  const naming = radios({
    legend: "Names as in",
    options: NAMINGS,
    value: view.get("naming"),
    onchange: (value) => view.put({ naming: value }),
  });
  const boxes = readings(
    { raw: "Film under the clip", slow: "Slow pathway", fast: "Fast pathway" },
    "tc",
  );
  const show = (sums) => {
    naming.set(sums.naming);
    for (const [key, said] of Object.entries(clipNames(sums))) boxes.set(key, ...said);
  };
  return { nodes: [naming.node, boxes.node], show };
}

/** How the slow frames are taken, and the lateral connection, each kind with its shapes. */
export function lateralPane(view) {
  const reads = radios({
    legend: "Slow frames",
    options: READS,
    value: view.get("reads"),
    onchange: (value) => view.put({ reads: value }),
  });
  const shapes = KINDS.map((kind) => h("code", { "data-shapes": kind }));
  const fits = KINDS.map((kind) => h("b", { "data-fit": kind }));
  const kinds = radios({
    legend: "Lateral, (channels, frames)",
    options: KINDS.map((kind, k) => [kind, kind, shapes[k], fits[k]]),
    value: view.get("lateral"),
    class: "tc-kinds",
    onchange: (value) => view.put({ lateral: value }),
  });
  const words = h("p", { class: "tc-lateral" });
  const show = (sums) => {
    reads.set(sums.reads);
    kinds.set(sums.lateral);
    for (const [k, kind] of KINDS.entries()) {
      shapes[k].textContent = shapesOf(kind, sums);
      fits[k].textContent = fitOf(kind, sums);
      fits[k].classList.toggle("tc-bad", !sums.laterals[kind].fits);
    }
    words.textContent = lateralText(sums);
    words.classList.toggle("tc-bad", !sums.chosen.fits);
  };
  return { nodes: [reads.node, kinds.node, words], show };
}

/** A bar for one part of the network. */
function barRow(key, name) {
  const [fill, value] = [h("i", { class: `tc-fill tc-is-${key}` }), h("b")];
  const node = h(
    "div",
    { class: "tc-bar" },
    h("span", {}, name),
    h("span", { class: "tc-track" }, fill),
    value,
  );
  const show = (cost) => {
    fill.style.width = `${(100 * cost[key]) / Math.max(...Object.values(cost))}%`;
    value.textContent = barText(cost[key], cost);
  };
  return { node, show };
}

/** The prediction, and the bars once it is made. */
export function costPane(view) {
  const question = h("p", { class: "tc-question" });
  const texts = new Map(
    ["none", "alpha*beta", "alpha*beta**2", "beta**2"].map((key) => [key, h("span")]),
  );
  const guess = radios({
    legend: "Your guess",
    options: [...texts].map(([key, text]) => [key, text]),
    value: view.get("guess"),
    onchange: (value) => view.put({ guess: value }),
  });
  const button = h("button", {
    type: "button",
    onclick: () => view.put({ revealed: !view.get("revealed") }),
  });
  const rows = [barRow("slow", "Slow"), barRow("lateral", "laterals"), barRow("fast", "Fast")];
  const title =
    "Multiply–adds of SlowFast-R50’s convolutions at 256 × 256 px; in brackets, as a part of Slow’s. " +
    "Laterals: their own work, and Slow’s layers made wider.";
  const bars = h("div", { class: "tc-bars" }, h("p", {}, title), ...rows.map(({ node }) => node));
  const answer = h("p", { class: "tc-answer" });
  const show = (sums) => {
    const { text, options } = questionOf(sums);
    question.textContent = text;
    for (const [key, span] of texts) span.textContent = options[key];
    guess.set(sums.guess);
    button.textContent = sums.revealed ? "Hide the cost" : "Show the cost";
    button.disabled = !sums.revealed && sums.guess === "none";
    answer.hidden = !sums.revealed;
    bars.hidden = !sums.revealed || !sums.cost;
    answer.textContent = sums.revealed ? answerOf(sums) : "";
    if (sums.cost) for (const row of rows) row.show(sums.cost);
  };
  return { node: h("div", { class: "tc-cost" }, question, guess.node, button, bars, answer), show };
}
