// Accuracy at the present weight: a bar for all clips, and one for each cue.

import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";
import { lineThrough, overWeight, path, place, plot } from "./plot.js";
import { countsOf, STEPS } from "./sums.js";
import { clipsText, percent } from "./words.js";

/** One group of clips: its name, a bar with a mark for each stream alone, and its small curve. */
function groupRow({ name, clips, members }) {
  const fill = h("i", { class: "fs-fill" });
  const marks = ["spatial", "temporal"].map((stream) => h("i", { class: `fs-mark fs-${stream}` }));
  const [value, alone] = [h("b"), h("span", { class: "lk-spoken" })];
  const [curve, dot] = [path("fs-curve"), h("i", { class: "fs-dot" })];
  const node = h(
    "li",
    { class: "fs-row", "data-group": name },
    h("span", { class: "fs-group" }, name, " ", h("small", {}, clipsText(clips))),
    h("span", { class: "fs-bar" }, fill, ...marks),
    h("span", { class: "fs-percent" }, value, alone),
    h("span", { class: "fs-spark" }, plot(curve), dot),
  );
  const show = (steps, step) => {
    const counts = countsOf(steps, members);
    const shares = counts.map((count) => count / clips);
    const [spatial, temporal] = [shares[0], shares[STEPS]];
    fill.style.width = `${100 * shares[step]}%`;
    place(marks[0], spatial);
    place(marks[1], temporal);
    value.textContent = percent(shares[step], 1);
    alone.textContent = ` right; spatial alone ${percent(spatial, 1)}, temporal alone ${percent(temporal, 1)}`;
    curve.setAttribute("d", lineThrough(overWeight(shares)));
    place(dot, step / STEPS, shares[step]);
    node.dataset.right = counts[step];
  };
  return { node, show };
}

/** All groups. */
export function barsPane({ groups, right }) {
  const rows = groups.map(groupRow);
  const mark = (stream) => h("i", { class: `fs-mark fs-${stream}` });
  const node = h(
    "div",
    {},
    h("ul", { class: "fs-rows" }, ...rows.map((row) => row.node)),
    hint(mark("spatial"), " spatial alone ", mark("temporal"), " temporal alone"),
  );
  const show = ({ now }) => {
    for (const row of rows) row.show(right[now.average], now.step);
  };
  return { node, show };
}
