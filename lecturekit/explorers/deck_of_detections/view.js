// Deck of detections: the deck, the films, the curve, and what is set.

import { h } from "../kit/dom.js";
import { hint, lesson } from "../kit/text.js";
import { openView } from "../kit/view.js";
import { curvePane } from "./curve.js";
import { deckPane } from "./deck.js";
import { filmsPane, legendPane } from "./lanes.js";
import { buttonsPane, readingsPane, settingPane, tablePane } from "./panes.js";
import { dealt, orderOf } from "./sums.js";
import { lessonOf, saidOf } from "./words.js";

const GIVEN = ["films", "action", "truths", "answers", "first"];
const PLAYED = ["cards", "chosen", "tiou", "rule", "take", "doubles", "empty"];

/** All that is shown: the deck dealt, and what it would be otherwise. */
function sceneOf(view) {
  const state = view.read(...GIVEN, ...PLAYED);
  const { cards, first } = state;
  const chosen = Math.min(state.chosen, cards.length - 1); // while a copy goes
  const begun = first.map((score, k) => [k, score]);
  const originals = cards.slice(0, first.length);
  const deal = (other) => dealt({ ...state, ...other });
  const counted = deal({ doubles: "false", empty: "false" });
  const deck = deal({});
  return {
    ...state,
    ...deck,
    chosen,
    before: deal({ cards: begun }).areas,
    other: deal({ take: state.take === "best free" ? "best only" : "best free" }).areas,
    all: { areas: counted.areas, out: counted.counted - deck.counted },
    copies: cards.length - first.length,
    moved: originals.some(([, score], k) => score !== first[k]),
    reordered: String(orderOf(cards)) !== String(orderOf(begun)),
  };
}

function render({ model, el }) {
  const view = openView({ model, el }, "deck-of-detections");
  const scene = { now: sceneOf(view) };
  const deck = deckPane(view, scene);
  const [films, curve, setting] = [filmsPane(view), curvePane(), settingPane(view)];
  const [buttons, numbers, table] = [buttonsPane(view, scene), readingsPane(), tablePane()];
  const teaches = lesson();
  const say = view.voice(() => saidOf(scene.now));

  const show = () => {
    scene.now = sceneOf(view);
    for (const pane of [deck, films, curve, setting, buttons, numbers, table]) pane.show(scene.now);
    teaches.textContent = lessonOf(scene.now);
    const { ranked, areas } = scene.now;
    const order = ranked.map(({ card }) => card);
    view.body.dataset.sums = JSON.stringify({
      order,
      kinds: ranked.map(({ kind }) => kind),
      counts: ranked.map(({ counts }) => counts),
      precision: ranked.map(({ point }) => scene.now.curve.precision[point] ?? null),
      recall: ranked.map(({ point }) => scene.now.curve.recall[point] ?? null),
      areas,
    });
    say();
  };
  const task = `Each card is an answer for “${view.get("action")}”: a segment of a film, and a score. Drag a card up or down, or its score. The grip ⇅ takes arrow keys.`;
  const side = h(
    "div",
    { class: "dd-side" },
    curve.node,
    h("figure", {}, films.node, legendPane()),
  );
  view.body.append(
    hint(task),
    h("div", { class: "dd-board" }, deck.node, side),
    buttons.node,
    teaches,
    setting.node,
    numbers.node,
    table.node,
  );
  view.onChange(PLAYED, show);
  show();
  view.ready();
  return view.close;
}

export default { render };
