// Fuse the streams: the slider, what follows from it, and the clips. Python sends both streams'
// scores; everything else is computed here, live.

import { h } from "../kit/dom.js";
import { hint } from "../kit/text.js";
import { openView } from "../kit/view.js";
import { barsPane } from "./bars.js";
import { clipPane } from "./clip.js";
import { curvePane } from "./curve.js";
import { filmOf } from "./film.js";
import { averagePane, movesOf, weightPane } from "./setting.js";
import { findingsOf, streamsOf } from "./sums.js";
import { wallPane } from "./wall.js";
import { changeText, percent, sentenceOf, weightText } from "./words.js";

const WARNING =
  "The best weight was looked for on these very clips, which flatters it: choose yours on clips kept apart.";

/** The computed sentence, and what the last move changed. */
function sentencePane() {
  const node = h("p", { class: "fs-sentence" });
  const show = ({ now, before, findings }) => {
    const parts = sentenceOf(findings).map((part, k) => (k % 2 ? h("b", {}, part) : part));
    node.replaceChildren(...parts, changeText(findings, now, before));
  };
  return { node, show };
}

/** What is heard after a move. */
function wordsOf({ now, before, findings }) {
  const { counts, clips } = findings;
  const right = percent(counts[now.step], clips);
  return `w = ${weightText(now.step)}: ${right} right. ${changeText(findings, now, before)}`;
}

function render({ model, el }) {
  const view = openView({ model, el }, "fuse-streams");
  const streams = streamsOf(view.read("labels", "classes", "cues", "spatial", "temporal"));
  const [film, moves] = [filmOf(view), movesOf(view)];
  const [weight, average] = [weightPane(moves), averagePane(view, streams)];
  const [bars, curve, sentence] = [barsPane(streams), curvePane(moves), sentencePane()];
  const [wall, clip] = [wallPane(view, streams, film), clipPane(streams, film)];

  const stateOf = () => {
    const { now, before } = moves.read();
    return { now, before, findings: findingsOf(streams, now, before), chosen: view.get("clip") };
  };
  const say = view.voice(() => wordsOf(stateOf()));
  const show = () => {
    const state = stateOf();
    for (const part of [weight, average, bars, curve, sentence, wall, clip]) part.show(state);
    say();
  };
  const showClip = () => {
    const state = stateOf();
    for (const part of [wall, clip]) part.show(state);
  };

  const results = h("div", { class: "fs-results" }, bars.node, curve.node);
  const note = hint([WARNING, view.get("credit")].filter(Boolean).join(" · "));
  const shown = [weight.node, ...average.nodes, results, sentence.node, wall.node, clip.node, note];
  view.body.append(...shown);
  show();
  view.onChange(["weight", "average"], show);
  view.onChange(["clip"], showClip);
  view.ready(film.decoded, (image) => {
    film.fill(image);
    wall.draw();
    showClip();
  });
  return view.close;
}

export default { render };
