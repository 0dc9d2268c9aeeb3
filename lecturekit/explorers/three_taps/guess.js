// The prediction that is asked first: which presets keep a still clip, which can see order?

import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";
import { isSymmetric, keepsStill } from "./sums.js";
import { answerOf } from "./words.js";

const QUESTIONS = [
  ["keeps", "keeps a still clip", keepsStill],
  ["sees", "can see order", (taps) => !isSymmetric(taps)],
];

/** One question on one preset: a box to tick, and the answer beside it once it is revealed. */
function guessCell(view, [name, taps], [trait, words, truth]) {
  const onchange = () => {
    const others = view.get(trait).filter((other) => other !== name);
    view.put({ [trait]: input.checked ? [...others, name] : others });
  };
  const input = h("input", { type: "checkbox", onchange });
  const answer = h("span");
  const label = h(
    "label",
    {},
    input,
    h("span", { class: "lk-spoken" }, `${name} ${words}`),
    answer,
  );
  const show = (revealed) => {
    input.checked = view.get(trait).includes(name);
    input.disabled = revealed;
    const right = input.checked === truth(taps);
    answer.textContent = revealed ? `${right ? "✓" : "✗"} ${truth(taps) ? "yes" : "no"}` : "";
    label.className = revealed ? (right ? "tt-right" : "tt-wrong") : "";
    return right;
  };
  return { node: h("td", {}, label), show };
}

export function guessPane(view) {
  const presets = view.get("presets");
  const cells = presets.map((preset) => QUESTIONS.map((each) => guessCell(view, preset, each)));
  const heads = ["taps", ...QUESTIONS.map(([, words]) => words)];
  const rows = presets.map(([name], k) =>
    h("tr", {}, h("th", { scope: "row" }, name), ...cells[k].map((cell) => cell.node)),
  );
  const columns = heads.map((words) => h("th", { scope: "col" }, words));
  const table = h("table", { class: "tt-guess" }, h("tr", {}, ...columns), ...rows);
  const onclick = () =>
    view.put(view.get("revealed") ? { keeps: [], sees: [], revealed: false } : { revealed: true });
  const button = h("button", { type: "button", onclick });
  const answer = h("p", { class: "tt-answer" });
  const show = () => {
    const revealed = view.get("revealed");
    const right = cells.flat().filter((cell) => cell.show(revealed)).length;
    button.textContent = revealed ? "Guess again" : "Show the answers";
    answer.hidden = !revealed;
    const score = `${right} of ${cells.flat().length} guesses right (✓). `;
    answer.replaceChildren(h("b", {}, score), answerOf(presets));
  };
  const asked = hint(
    h("b", {}, "Guess first. "),
    "Tick what you expect, then look, then try it below.",
  );
  return { node: h("div", { class: "tt-ask" }, h("div", {}, asked, table, button), answer), show };
}
