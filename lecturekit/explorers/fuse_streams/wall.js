// The clips one by one: a wall of cards, to choose one from.

import { h, uniqueId } from "../kit/dom.js";
import { clipPlayer } from "./film.js";
import { rangeBar } from "./plot.js";
import { answersAlong, bestOf, fuse, isRight, STEPS } from "./sums.js";
import { answerText, clipsText } from "./words.js";

/** The picture of a card, which plays under the pointer or the focus. */
function cardPicture(film, clip, node, input, player) {
  const picture = film.canvas();
  const play = () => player.play(picture, clip);
  node.addEventListener("pointerenter", play);
  node.addEventListener("pointerleave", player.stop);
  input.addEventListener("focus", () => input.matches(":focus-visible") && play());
  input.addEventListener("blur", player.stop);
  return picture;
}

/** The weights at which a clip is right; rebuilt when the way of averaging changes. */
function cardRange(rows, clip, label) {
  const node = h("span", { class: "fs-range", "aria-hidden": "true" });
  let [bar, kept] = [null, null];
  const show = ({ average, step }) => {
    if (kept !== average) {
      const [a, b] = rows[average].map((stream) => stream[clip]);
      bar = rangeBar(answersAlong(a, b), label);
      node.replaceChildren(...bar.parts, bar.mark);
      kept = average;
    }
    bar.move(step);
  };
  return { node, show };
}

function clipCard({ name, clip, film, player, choose }, { classes, labels, rows }) {
  const label = labels[clip];
  const input = h("input", { type: "radio", name, value: clip, onchange: () => choose(clip) });
  const node = h("label", { class: "fs-card" });
  const picture = cardPicture(film, clip, node, input, player);
  const range = cardRange(rows, clip, label);
  const truth = h("span", { class: "fs-truth" }, h("small", {}, `${clip + 1} `), classes[label]);
  const side = h("span", { class: "fs-side" });
  const changed = h("b", { class: "fs-changed" }, "changed");
  node.append(input, picture, truth, side, changed, range.node);
  const show = ({ now, findings, chosen }) => {
    const [a, b] = rows[now.average].map((stream) => stream[clip]);
    const best = bestOf(fuse(a, b, now.step / STEPS));
    const right = isRight(best, label);
    const words = right ? ["✓ right", ""] : ["✗ wrong:", ` ${answerText(best, classes)}`];
    side.replaceChildren(h("b", {}, words[0]), words[1]);
    range.show(now);
    changed.hidden = !findings.changed[clip];
    input.checked = clip === chosen;
    Object.assign(node.dataset, { side: right ? "right" : "wrong", best: best.join(" ") });
  };
  return { node, show, draw: () => film.rest(picture, clip) };
}

export function wallPane(view, streams, film) {
  const name = uniqueId("fs-clip");
  const player = view.keep(clipPlayer(film));
  const choose = (clip) => view.put({ clip });
  const cards = Array.from({ length: film.clips }, (_, clip) =>
    clipCard({ name, clip, film, player, choose }, streams),
  );
  const words = `The first ${clipsText(film.clips)}: the true class, and the answer where it is another`;
  const node = h(
    "fieldset",
    { class: "fs-wall", style: `--fs-columns:${film.clips % 8 ? 6 : 8}` },
    h("legend", {}, words),
    ...cards.map((card) => card.node),
  );
  const show = (state) => {
    for (const card of cards) card.show(state);
  };
  const draw = () => {
    for (const card of cards) card.draw();
  };
  return { node, show, draw };
}
