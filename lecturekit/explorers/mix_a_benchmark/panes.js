// What the reader chooses around the pictures, the readings, and the lines as a table.

import { radios, select } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { hint, readings } from "../kit/text.js";
import { ANY, HELD } from "./protocol.js";
import { goalStatus, goalText, lineText, pairReadings, verdictText } from "./words.js";

const MAX_ROWS = 40;
const NO_GOAL = "-1";

export function pagePane(view) {
  const pages = radios({
    legend: "View",
    options: [
      ["league", "our networks"],
      ["published", "published figures"],
    ],
    value: "league",
    onchange: (page) => view.put({ page }),
  });
  return { node: pages.node, show: ({ page }) => pages.set(page) };
}

/** A goal to choose, and how far it is. */
export function goalPane(view) {
  const fixed = view.read("goals", "families", "made");
  const options = fixed.goals.map((goal, k) => [String(k), goalText(goal, fixed)]);
  const list = select({
    label: "Goal",
    options: [[NO_GOAL, "none"], ...options],
    onchange: (goal) => view.put({ goal: Number(goal) }),
  });
  const status = h("p", { class: "mb-status" });
  const show = (scene) => {
    list.set(String(scene.goal));
    status.textContent = goalStatus(scene);
    status.hidden = scene.goal < 0;
  };
  return { node: h("div", { class: "mb-goal" }, list.node, status), show };
}

/** Two networks and the cue along the picture. */
export function pairPane(view) {
  const { cues, families } = view.read("cues", "families");
  const networks = families.map(({ title }, n) => [String(n), title]);
  const list = (key, label, options) =>
    select({ label, options, onchange: (value) => view.put({ [key]: Number(value) }) });
  const lists = {
    cue: list("cue", "Share of", cues.map((cue, c) => [String(c), cue])), // prettier-ignore
    first: list("first", "A", networks),
    second: list("second", "B", networks),
  };
  const show = (scene) => {
    for (const [key, one] of Object.entries(lists)) one.set(String(scene[key]));
  };
  const nodes = Object.values(lists).map(({ node }) => node);
  return { node: h("div", { class: "mb-pair" }, ...nodes), show };
}

export function pairReadingsPane() {
  const names = { apart: "A minus B", crossing: "They cross at", sure: "Told apart" };
  const { node, set } = readings(names, "mb");
  const show = (scene) => {
    for (const [key, said] of Object.entries(pairReadings(scene))) set(key, ...said);
  };
  return { node, show };
}

/** What is held of the protocol, what accuracy is drawn over, which line is read. */
export function protocolPane(view, axes) {
  const { choices, lines } = view.read("choices", "lines");
  const put = (key) => (value) => view.put({ [key]: value });
  const held = Object.fromEntries(
    HELD.map((aspect) => [
      aspect,
      select({
        label: aspect,
        options: [[ANY, "any"], ...choices[aspect].map((words) => [words, words])],
        onchange: put(aspect),
      }),
    ]),
  );
  const dataset = radios({
    legend: "Data set",
    options: axes.datasets.map((name) => [name, name]),
    value: axes.datasets[0],
    onchange: put("dataset"),
  });
  const across = select({
    label: "Drawn over",
    options: Object.entries(axes.across),
    onchange: put("across"),
  });
  const chosen = select({
    label: "Line",
    options: lines
      .toSorted((a, b) => b.top1 - a.top1)
      .map((line) => [line.id, `${line.printed} ${line.name}, ${line.source.split(",")[0]}`]),
    onchange: put("chosen"),
  });
  const as = () => {
    const line = lines.find(({ id }) => id === view.get("chosen"));
    view.put(Object.fromEntries(HELD.map((aspect, k) => [aspect, line.says[k] || ANY])));
  };
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  const buttons = h(
    "div",
    { class: "mb-presets" },
    button("Hold all of this line’s", as),
    button("Hold nothing", () => view.put(Object.fromEntries(HELD.map((key) => [key, ANY])))),
  );
  const show = (state) => {
    for (const [aspect, one] of Object.entries(held)) one.set(state[aspect]);
    dataset.set(state.dataset);
    across.set(state.across);
    chosen.set(state.chosen);
  };
  const lists = h("div", { class: "mb-held" }, ...Object.values(held).map(({ node }) => node));
  const node = h(
    "div",
    {},
    dataset.node,
    h("div", { class: "mb-asked" }, across.node, chosen.node),
    hint("Hold a part of the protocol:"),
    lists,
    buttons,
  );
  return { node, show };
}

/** The line that is read, and why it does or does not stand in the protocol. */
export function readPane() {
  const [verdict, text] = [h("b"), h("span")];
  const node = h("p", { class: "mb-read" }, text, h("br"), verdict);
  const show = (scene) => {
    text.textContent = lineText(scene.line, scene.across, scene.kinds);
    verdict.textContent = verdictText(scene.line, scene);
    node.dataset.side = scene.line.reasons.length ? "out" : "in";
  };
  return { node, show };
}

/** The lines of the protocol held, the best first, with their sources. */
export function tablePane() {
  const heads = ["network", "top-1, %", "protocol", "source"];
  const [body, rest] = [h("tbody"), h("p")];
  const head = h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text))));
  const table = h("table", { class: "mb-table" }, head, body);
  const summary = h("summary", {}, "The lines of this protocol, as a table with their sources");
  const node = h("details", {}, summary, table, rest);
  const show = ({ shown }) => {
    const stay = shown.filter(({ reasons }) => !reasons.length).toSorted((a, b) => b.top1 - a.top1);
    const rows = stay.slice(0, MAX_ROWS).map(({ name, printed, protocol, source }) => {
      const cells = [printed, protocol || "none printed", source].map((text) => h("td", {}, text));
      return h("tr", {}, h("th", { scope: "row" }, name), ...cells);
    });
    body.replaceChildren(...rows);
    const left = stay.length - rows.length;
    rest.textContent = left
      ? `And ${left} more, lower.`
      : stay.length
        ? ""
        : "No line says all of this.";
    table.hidden = !rows.length;
  };
  return { node, show };
}
