// The leaderboard: it sorts itself, and rows glide to their new places.

import { h } from "../kit/dom.js";
import { prefersReducedMotion } from "../kit/theme.js";
import { familyText, moveText, percent, placeSaid, placeText } from "./words.js";

const GLIDE_MS = 350;

function rowOf(family) {
  const [place, move, accuracy] = ["mb-place", "mb-move", "mb-accuracy"].map((name) =>
    h("span", { class: name }),
  );
  const [span, dot] = ["mb-span", "mb-dot"].map((name) => h("i", { class: name }));
  const mark = h("b", { class: "mb-mark" });
  const name = h(
    "span",
    { class: "mb-name" },
    h("span", {}, mark, family.title),
    h("small", {}, familyText(family)),
  );
  const track = h("span", { class: "mb-track", "aria-hidden": "true" }, span, dot);
  const node = h("li", { class: "mb-row" }, place, move, name, track, accuracy);
  const show = (standing, was, letter) => {
    const { accuracy: value, half, best, worst } = standing;
    place.textContent = placeText(standing);
    place.title = placeSaid(standing);
    node.classList.toggle("mb-tied", best !== worst);
    move.textContent = moveText(standing, was);
    move.dataset.way = Math.sign(was.place - standing.place);
    mark.textContent = letter ? `${letter} ` : "";
    node.dataset.pair = letter;
    const [from, to] = [Math.max(0, value - half), Math.min(1, value + half)];
    span.style.left = percent(from, 2).replace(" ", "");
    span.style.width = percent(to - from, 2).replace(" ", "");
    dot.style.left = percent(value, 2).replace(" ", "");
    accuracy.replaceChildren(
      h("b", {}, percent(value)),
      " ",
      h("small", {}, `± ${(100 * half).toFixed(1)}`),
    );
  };
  return { node, show };
}

/** Moves the rows into an order; those that change place glide there. */
function arrange(list, nodes) {
  if (nodes.every((node, k) => list.children[k] === node)) return;
  const still = prefersReducedMotion() || !list.checkVisibility();
  const before = new Map(nodes.map((node) => [node, node.getBoundingClientRect().top]));
  list.replaceChildren(...nodes);
  if (still) return;
  for (const node of nodes) {
    for (const glide of node.getAnimations()) glide.cancel();
    const dy = before.get(node) - node.getBoundingClientRect().top;
    if (!dy) continue;
    const from = { transform: `translateY(${dy}px)` };
    node.animate([from, { transform: "none" }], { duration: GLIDE_MS, easing: "ease-out" });
  }
}

export function boardPane(families) {
  const rows = families.map(rowOf);
  const list = h("ol", { class: "mb-board" });
  const axis = h(
    "div",
    { class: "mb-row mb-axis", "aria-hidden": "true" },
    h("span", { class: "mb-scale" }, ...["0", "50", "100 %"].map((text) => h("span", {}, text))),
  );
  const show = ({ standings, before, first, second }) => {
    for (const [n, row] of rows.entries()) {
      const letter = n === first ? "A" : n === second ? "B" : "";
      row.show(standings[n], before[n], letter);
    }
    const order = standings.toSorted((a, b) => a.place - b.place);
    arrange(
      list,
      order.map(({ family }) => rows[family].node),
    );
  };
  return { node: h("div", { class: "mb-league" }, axis, list), show };
}
