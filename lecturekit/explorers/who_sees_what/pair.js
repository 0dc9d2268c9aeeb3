// What two trained families answer on the clips of two classes.

import { select } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";
import { answersOf, verdictOf } from "./sums.js";

const percent = (share) => `${Math.round(100 * share)} %`;
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const LOOKS = ["is-first", "is-second", "is-other"];

/** Counts by true class and answer. */
function countTable() {
  const caption = h("caption", { class: "lk-spoken" });
  const [head, body] = [h("thead"), h("tbody")];
  const cells = (row, k) =>
    row.map((n, j) => {
      const look = j === k ? "is-right" : LOOKS[j];
      const share = n / (row[0] + row[1] + row[2] || 1);
      return h("td", { class: look, style: `--share:${share}` }, String(n));
    });
  const show = (name, counts, pair) => {
    caption.textContent = `${name}: clips by true class (rows) and answer (columns)`;
    const corner = h("td", {}, "true ↓", h("br"), "answered →");
    const heads = [...pair, "another class"].map((one) => h("th", { scope: "col" }, one));
    head.replaceChildren(h("tr", {}, corner, ...heads));
    const rows = counts.map((row, k) =>
      h("tr", {}, h("th", { scope: "row" }, pair[k]), ...cells(row, k)),
    );
    body.replaceChildren(...rows);
  };
  return { node: h("table", {}, caption, head, body), show };
}

/** From 0 to 1 the share of right answers and its interval, ½ marked. */
function shareScale() {
  const [half, band, dot] = ["half", "band", "dot"].map((name) => h("i", { class: `ws-${name}` }));
  const marks = ["0", "½", "1"].map((text, k) => h("span", { style: `left:${50 * k}%` }, text));
  const node = h("div", { class: "ws-scale", "aria-hidden": "true" }, half, band, dot, ...marks);
  const show = ({ right, inside, interval: [low, high] }) => {
    node.hidden = !inside;
    Object.assign(band.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` });
    dot.style.left = `${inside ? (100 * right) / inside : 50}%`;
  };
  return { node, show };
}

/** The counts in words. */
function numbersOf({ right, inside, all, others, interval: [low, high] }) {
  const rest = `${others} of ${all} clips were called something else.`;
  if (!inside) return [rest];
  return [
    `Inside the pair ${right} of ${inside} answers are right: `,
    h("b", {}, percent(right / inside)),
    ` (95 % interval ${Math.round(100 * low)}–${percent(high)}). ${rest}`,
  ];
}

/** One network, to be chosen, and its answers on the pair. */
function networkCard(label, names, onchange) {
  const options = names.map((name) => [name, name]);
  const chosen = select({ label, options, value: names[0], onchange });
  const [table, scale] = [countTable(), shareScale()];
  const [verdict, numbers] = ["ws-verdict", "ws-numbers"].map((name) => h("p", { class: name }));
  const parts = [chosen.node, table.node, numbers, scale.node, verdict];
  const node = h("div", { class: "ws-card" }, ...parts);
  /** Shows what it answered on the pair; returns the verdict in words. */
  const show = (name, answers, pair) => {
    const [kind, words] = verdictOf(answers, pair);
    chosen.set(name);
    table.show(name, answers.counts, pair);
    numbers.replaceChildren(...numbersOf(answers));
    scale.show(answers);
    verdict.replaceChildren(h("b", {}, `${capital(name)}: `), words);
    node.dataset.verdict = kind;
    node.dataset.interval = JSON.stringify(answers.interval);
    return verdict.textContent;
  };
  return { node, show };
}

/** The two classes, to be chosen; a class brings its partner, told apart from it by one cue. */
function classesPane(view, move) {
  const { classes, groups } = view.read("classes", "groups");
  const partner = (name) => {
    const at = classes.indexOf(name);
    return classes[at ^ 1] ?? classes[at - 1];
  };
  const options = classes.map((name) => [name, name]);
  const choose = (label, pairOf) =>
    select({ label, options, value: "", onchange: (name) => move({ pair: pairOf(name) }) });
  const first = choose("Class", (name) => [name, partner(name)]);
  const second = choose("against", (name) => [view.get("pair")[0], name]);
  const cue = h("p", { class: "ws-cue", hidden: !Object.keys(groups).length });
  const show = ([one, other]) => {
    first.set(one);
    second.set(other);
    for (const option of second.input.options) option.disabled = option.value === one;
    const shared = partner(one) === other && groups[one];
    cue.textContent = shared
      ? `One cue tells them apart: ${shared}.`
      : "Not a pair that differs by one cue only.";
  };
  const node = h("div", { class: "ws-choices ws-classes" }, first.node, second.node, cue);
  return { node, show };
}

/** The whole view. `move` is called with what the reader changes. */
export function pairPane(view, move) {
  const { classes, confusions } = view.read("classes", "confusions");
  const chosen = classesPane(view, move);
  const cards = ["First network", "Second network"].map((label, k) =>
    networkCard(label, Object.keys(confusions), (name) =>
      move({ shown: view.get("shown").with(k, name) }),
    ),
  );
  let said = [];
  const show = () => {
    const { pair, shown } = view.read("pair", "shown");
    const labels = pair.map((name) => classes.indexOf(name));
    chosen.show(pair);
    said = cards.map((card, k) =>
      card.show(shown[k], answersOf(confusions[shown[k]], labels), pair),
    );
  };
  const node = h(
    "div",
    { class: "ws-part", role: "group", "aria-label": "What is confused" },
    h("p", { class: "ws-title" }, "What is confused"),
    chosen.node,
    h("div", { class: "ws-cards" }, ...cards.map((card) => card.node)),
    hint(
      "Counts of test clips. If ½ lies in the interval, the network cannot be told from one that ",
      "guesses. Even for one that guesses, ½ lies outside it about once in twenty pairs.",
    ),
  );
  const words = () => `${view.get("pair").join(" against ")}. ${said.join(" ")}`;
  return { node, keys: ["pair", "shown"], show, words };
}
