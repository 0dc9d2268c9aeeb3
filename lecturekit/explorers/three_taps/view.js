// Three taps: a prediction, the taps, the film strip, and the gap between a film and its reverse.

import { h } from "../kit/dom.js";
import { hint, lesson } from "../kit/text.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { guessPane } from "./guess.js";
import { settingPane } from "./setting.js";
import { bar, stripPane } from "./strip.js";
import { answersOf, filmOf } from "./sums.js";
import { differOf, lessonOf, percent, saidOf } from "./words.js";

const PLAYED = ["taps", "locked", "depth", "padding", "clip"];
const GUESSED = ["keeps", "sees", "revealed"];
const GAPS = { gap: "The film against its reverse", joined: "The same with its ends joined" };
const STILL = "A film that stands still is its own reverse: let it move.";
const MOVING =
  "How far the average over time moves when the film is reversed, as a share of the 2D network’s " +
  "mean answer. Ends joined: after the last frame comes the first.";
const STRIP =
  "Each column is one frame: its picture; what the 2D network gives on it; what the inflated " +
  "network gives; how far the two are apart. White is the 2D network’s largest value, orange is more.";

/** How far the answers to the film and to its reverse are apart, each averaged over time. */
function gapPane() {
  const rows = Object.entries(GAPS).map(([key, name]) => {
    const [track, value] = [bar("tt-long"), h("b", { "data-reading": key })];
    const show = (scene) => {
      track.show(scene[key]);
      value.textContent = percent(scene[key]);
    };
    return { node: h("div", { class: "tt-gap" }, h("span", {}, name), track.node, value), show };
  });
  const asks = h("span");
  const show = (scene) => {
    asks.textContent = scene.clip === "still" ? STILL : MOVING;
    for (const row of rows) row.show(scene);
  };
  const title = hint(h("b", {}, "Can it see order? "), asks);
  return { node: h("div", {}, title, ...rows.map(({ node }) => node)), show };
}

function render({ model, el }) {
  const view = openView({ model, el }, "three-taps");
  const film = filmOf(view.read("greys", "height_px", "width_px"));
  const [guess, setting, strip] = [guessPane(view), settingPane(view), stripPane(view, film)];
  const [gap, words, differ] = [gapPane(), lesson(), h("p", { class: "tt-differ" })];
  let scene = null;
  const draw = view.keep(oncePerFrame(() => strip.show(scene)));
  const say = view.voice(() => saidOf(scene));
  const show = () => {
    const state = view.read(...PLAYED);
    scene = { ...state, ...answersOf(film, state) };
    for (const pane of [setting, gap]) pane.show(scene);
    draw();
    words.textContent = lessonOf(scene);
    differ.textContent = differOf(scene);
    const { errors, gap: apart, joined } = scene;
    view.body.dataset.answers = JSON.stringify({ errors, gap: apart, joined });
    say();
  };
  view.body.append(guess.node, ...setting.nodes, hint(STRIP), strip.node, differ, words, gap.node);
  if (view.get("credit")) view.body.append(hint(view.get("credit")));
  view.onChange(PLAYED, show);
  view.onChange(GUESSED, guess.show);
  show();
  guess.show();
  draw.now();
  view.ready();
  return view.close;
}

export default { render };
