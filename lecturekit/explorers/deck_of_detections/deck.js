// The deck: a card for each answer, to be moved by its score or by its grip.

import { slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { total, within } from "../kit/numbers.js";
import { bar, truthBars } from "./lanes.js";
import { scoreAt } from "./sums.js";
import { filmText, markOf, nameOf, score, soFar, sumOf, whyOf } from "./words.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

/** Brings nodes into an order, all around the one that is held: it must not leave the page. */
function reorder(list, nodes) {
  const dragged = nodes.findIndex((node) => node.held);
  const focused = nodes.findIndex((node) => node.contains(document.activeElement));
  const held = dragged < 0 ? focused : dragged;
  if (nodes.every((node, k) => list.children[k] === node)) return;
  for (const [k, node] of nodes.entries())
    if (k < held) nodes[held].before(node);
    else if (k !== held) list.append(node);
}

/** One card; what it holds comes with `show`. */
function cardOf(number, choose, setScore, move) {
  const grip = h("button", { type: "button", class: "dd-grip", onclick: choose });
  const [mark, name, why, so] = ["b", "b", "div", "span"].map((tag) => h(tag));
  const line = h("div", { class: "dd-line", role: "img" });
  const range = slider({
    label: "Score",
    min: 0,
    max: 1,
    step: 0.01,
    value: 0,
    format: score,
    oninput: setScore,
  });
  const says = range.node.querySelector("label");
  const head = h("div", { class: "dd-head" }, mark, name, so);
  const low = h("div", { class: "dd-low" }, line, range.node);
  const node = h("li", { class: "dd-card" }, grip, h("div", {}, head, why, low));
  why.className = "dd-why";
  so.className = "dd-so";
  node.addEventListener("focusin", choose);
  grip.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move((rank) => rank + step);
  });
  const show = (scene, one) => {
    node.className = `dd-card dd-is-${one.kind}`;
    node.classList.toggle("dd-chosen", scene.chosen === number);
    node.classList.toggle("dd-out", !one.counts);
    grip.textContent = `⇅ ${one.rank + 1}`;
    grip.setAttribute(
      "aria-label",
      `Rank ${one.rank + 1}: ${nameOf(scene, one)}. Arrow keys move it`,
    );
    mark.textContent = markOf(one.kind);
    name.textContent = nameOf(scene, one);
    why.textContent = whyOf(scene, one);
    so.textContent = soFar(scene, one);
    const film = one.segment[0];
    line.setAttribute("aria-label", filmText({ ...scene, ranked: [one] }, film));
    line.replaceChildren(...truthBars(scene, film), bar(scene, one, 0));
    says.textContent = `Score of ${nameOf(scene, one)}`;
    range.set(one.score);
    range.say(score(one.score));
  };
  return { node, grip, show };
}

/** A mouse may take the whole card, a finger the grip: elsewhere it scrolls the page. */
function dragCard({ node, grip }, moveTo) {
  const takes = ({ target, button, pointerType }) =>
    button === 0 &&
    !target.closest(".lk-control") &&
    (pointerType === "mouse" || grip.contains(target));
  node.addEventListener("pointerdown", (event) => {
    if (!takes(event)) return;
    node.held = true;
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", ({ clientY }) => {
    if (!node.held) return;
    const others = [...node.parentNode.children].filter((other) => other !== node);
    moveTo(
      total(
        others.map((other) => {
          const box = other.getBoundingClientRect();
          return box.top + box.height / 2 < clientY;
        }),
      ),
    );
  });
  for (const end of ["pointerup", "pointercancel"])
    node.addEventListener(end, () => {
      node.held = false;
    });
}

export function deckPane(view, scene) {
  const list = h("ol", { class: "dd-deck" });
  const [number, rest] = [h("b"), h("span")];
  const sum = h("p", { class: "dd-sum" }, number, rest);
  const parts = [];
  const rankOf = (card) => scene.now.ranked.find((one) => one.card === card).rank;
  const setScore = (card, value) => {
    const cards = view.get("cards").map((one, k) => (k === card ? [one[0], value] : one));
    view.put({ cards });
  };
  const add = (card) => {
    const choose = () => view.get("chosen") !== card && view.put({ chosen: card });
    const moveTo = (rank) => {
      const to = within(rank, scene.now.ranked.length);
      if (to !== rankOf(card)) setScore(card, scoreAt(view.get("cards"), card, to));
    };
    const part = cardOf(
      card,
      choose,
      (value) => setScore(card, value),
      (next) => moveTo(next(rankOf(card))),
    );
    dragCard(part, moveTo);
    part.node.addEventListener("pointerdown", choose);
    parts.push(part);
  };
  const show = () => {
    const { ranked } = scene.now;
    while (parts.length < ranked.length) add(parts.length);
    while (parts.length > ranked.length) parts.pop().node.remove();
    for (const one of ranked) parts[one.card].show(scene.now, one);
    reorder(
      list,
      ranked.map(({ card }) => parts[card].node),
    );
    [number.textContent, rest.textContent] = sumOf(scene.now);
  };
  return { node: h("div", { class: "dd-left" }, list, sum), show };
}
