// One frame of the output, to choose a number in; and where that number comes from.

import { h } from "../kit/dom.js";
import { afterKey } from "../kit/places.js";
import { hint } from "../kit/text.js";
import { upTo } from "../kit/numbers.js";
import { sizesOf, sumOf } from "./sums.js";
import { written } from "./words.js";

const signOf = (value) => (value < 0 ? "is-minus" : value > 0 ? "is-plus" : "is-zero");

/** A table of buttons; arrows move among them, the page keys in time. */
export function outputTable(move) {
  const [title, body] = [h("p", { class: "sw-title" }), h("tbody")];
  const label = "One frame of the output: choose a number";
  const table = h("table", { class: "sw-output", "aria-label": label }, body);
  let [buttons, scene] = [[], null];
  table.addEventListener("keydown", (event) => {
    const next = afterKey(event, scene.place, scene.sizes);
    if (!next) return;
    move(next);
    buttons[scene.place[1]][scene.place[2]].focus();
  });
  const build = ([, rows, columns]) => {
    const button = (y, x) => {
      const onclick = () => move([scene.place[0], y, x]);
      return h("button", { type: "button", onclick });
    };
    buttons = upTo(rows).map((y) => upTo(columns).map((x) => button(y, x)));
    const cells = buttons.map((row) => row.map((one) => h("td", {}, one)));
    body.replaceChildren(...cells.map((row) => h("tr", {}, ...row)));
    table.style.setProperty("--columns", columns);
  };
  const fill = (button, value, y, x) => {
    const here = y === scene.place[1] && x === scene.place[2];
    button.textContent = written(value / scene.divisor);
    button.setAttribute("aria-label", `row ${y}, column ${x}: ${button.textContent}`);
    button.setAttribute("aria-pressed", String(here));
    button.tabIndex = here ? 0 : -1;
    button.className = signOf(value);
  };
  const show = (next) => {
    scene = next;
    const [t] = scene.place;
    const [, rows, columns] = scene.sizes;
    if (buttons.length !== rows || buttons[0].length !== columns) build(scene.sizes);
    for (const [y, row] of buttons.entries())
      for (const [x, button] of row.entries()) fill(button, scene.outputs[t][y][x], y, x);
    title.textContent = `Output, frame t = ${t}`;
  };
  const keys = "Press a number, or move with the arrow keys (Page Up and Page Down: in time).";
  return { node: h("div", { class: "sw-result" }, title, table, hint(keys)), show };
}

/** The numbers of frame t of the padded cube, those under the window lit. */
function gridCells({ cube, weights, padding, place: [, y, x] }, t) {
  const [, rows, columns] = sizesOf(cube).map((size) => size + 2 * padding);
  const [, high, wide] = sizesOf(weights);
  return upTo(rows).flatMap((j) =>
    upTo(columns).map((k) => {
      const value = cube[t]?.[j - padding]?.[k - padding];
      const lit = j >= y && j < y + high && k >= x && k < x + wide;
      const names = [lit && "is-lit", value === undefined && "is-pad"];
      return h("span", { class: names.filter(Boolean).join(" ") }, written(value ?? 0));
    }),
  );
}

/** Each number that is read, times its weight. */
function productRows(reads, wide) {
  const cell = ({ value, weight }) =>
    h("td", { class: signOf(weight) }, h("b", {}, written(value)), ` × ${written(weight)}`);
  return upTo(reads.length / wide).map((row) =>
    h("tr", {}, ...reads.slice(row * wide, (row + 1) * wide).map(cell)),
  );
}

/** One frame under the window: its numbers, the products, what they add. */
export function tapPanel() {
  const title = h("p", { class: "sw-tap-title" });
  const grid = h("div", { class: "sw-grid", "aria-hidden": "true" });
  const products = h("table", { class: "sw-products" });
  const total = h("p", { class: "sw-subtotal" });
  const pair = h("div", { class: "sw-pair" }, grid, products);
  const show = (scene, tap) => {
    const { cube, weights, padding, place, reads } = scene;
    const t = place[0] + tap - padding;
    const [, , columns] = sizesOf(cube);
    grid.style.setProperty("--columns", columns + 2 * padding);
    grid.replaceChildren(...gridCells(scene, t));
    title.textContent = cube[t] ? `Frame t = ${t}` : "Padding: a frame of zeros";
    const caption = `${title.textContent}: number × weight`;
    const rows = productRows(reads[tap], weights[0][0].length);
    products.replaceChildren(
      h("caption", { class: "lk-spoken" }, caption),
      h("tbody", {}, ...rows),
    );
    total.replaceChildren("adds ", h("b", {}, written(sumOf(reads[tap]))));
  };
  return { node: h("div", { class: "sw-tap" }, title, pair, total), show };
}
