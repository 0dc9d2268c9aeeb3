// The published twin: one network without attention along time and with it, on two data sets.

import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";

const WHY =
  "How large a part of either data set needs time, nobody measured: the two differ in films, classes and labels as well. No share in the bar above would be one of theirs.";

function barOf(value, printed) {
  const fill = h("i", { style: `width: ${value}%` });
  return h("td", {}, h("span", { class: "mb-bar", "aria-hidden": "true" }, fill), `${printed} %`);
}

export function twinPane({ names, sets, source }) {
  const heads = ["", ...sets.map(({ name }) => name)];
  const head = heads.map((text) => (text ? h("th", { scope: "col" }, text) : h("td")));
  const rows = names.map((name, n) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      ...sets.map(({ values, printed }) => barOf(values[n], printed[n])),
    ),
  );
  const differences = h(
    "tr",
    { class: "mb-difference" },
    h("th", { scope: "row" }, "difference, points"),
    ...sets.map(({ difference }) => h("td", {}, h("b", {}, difference))),
  );
  const table = h(
    "table",
    {},
    h("caption", {}, `The same in print: ${source}`),
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...rows, differences),
  );
  return { node: h("div", { class: "mb-twin" }, table, hint(WHY)) };
}
