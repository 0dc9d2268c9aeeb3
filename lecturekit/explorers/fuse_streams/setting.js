// The weight and the way of averaging: where they stand, where they came from, and their controls.

import { radios, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { lesson } from "../kit/text.js";
import { STEPS } from "./sums.js";
import { lessonOf, percent, weightText } from "./words.js";

const AVERAGES = [
  ["probabilities", "probabilities (after the softmax)"],
  ["scores", "scores (before the softmax)"],
];

/** A drag is one move, from where it was taken hold of; each key is a move of its own. */
export function movesOf(view) {
  const present = () => ({
    step: Math.round(view.get("weight") * STEPS),
    average: view.get("average"),
  });
  const same = (one, other) => one.step === other.step && one.average === other.average;
  let [now, before, held] = [present(), null, null];
  return {
    to: (step) => view.put({ weight: step / STEPS }),
    take() {
      held = now;
    },
    release() {
      held = null;
    },
    /** The present setting, and the one that it was reached from, or null. */
    read() {
      const next = present();
      if (!same(next, now)) before = held ?? now;
      now = next;
      if (before && same(before, now)) before = null;
      return { now, before };
    },
  };
}

/** The slider, which stays in sight, with what came of the last move. */
export function weightPane({ to, take, release }) {
  const weight = slider({
    label: "Weight w of the temporal stream",
    min: 0,
    max: 1,
    step: 1 / STEPS,
    value: 0.5,
    format: (value) => `w = ${value.toFixed(2)}`,
    oninput: (value) => to(Math.round(value * STEPS)),
  });
  weight.input.addEventListener("pointerdown", take);
  for (const event of ["change", "pointerup", "pointercancel"]) {
    weight.input.addEventListener(event, release);
  }
  const status = h("p", { class: "fs-status" });
  const show = ({ now, before, findings: { counts, clips, gained, lost } }) => {
    weight.set(now.step / STEPS);
    const change = before ? `: ${gained} gained, ${lost} lost` : "";
    status.replaceChildren(h("b", {}, `${percent(counts[now.step], clips)} right`), change);
  };
  return { node: h("div", { class: "fs-head" }, weight.node, status), show };
}

/** The mean as a formula, what it is a mean of, and what that means. */
export function averagePane(view, streams) {
  const choice = radios({
    legend: "Average the streams’",
    value: view.get("average"),
    options: AVERAGES,
    class: "fs-average",
    onchange: (average) => view.put({ average }),
  });
  const formula = h("p", { class: "fs-formula", "aria-hidden": "true" });
  const teaches = lesson();
  const show = ({ now: { step, average } }) => {
    const term = (stream) =>
      h("span", { class: `fs-${stream}` }, average === "scores" ? stream : `softmax(${stream})`);
    const [rest, weight] = [STEPS - step, step].map((part) => h("b", {}, weightText(part)));
    const [spatial, temporal] = ["spatial", "temporal"].map(term);
    formula.replaceChildren("mean = ", rest, " · ", spatial, " + ", weight, " · ", temporal);
    choice.set(average);
    teaches.textContent = lessonOf(streams, { average });
  };
  return { nodes: [formula, choice.node, teaches], show };
}
