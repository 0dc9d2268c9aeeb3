// Two clocks: a wave under two combs, the clip's names, the lateral connections and the cost.

import { fittedCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { hint, lesson } from "../kit/text.js";
import { inks, onThemeChange } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { costPane, lateralPane, namesPane, slidersPane } from "./panes.js";
import { drawClocks } from "./picture.js";
import { sumsOf } from "./sums.js";
import { answerOf, lateralText, lessonOf } from "./words.js";

const FIXED = ["width", "taps", "macs"];
const PLAYED = [
  "num_frames",
  "stride",
  "alpha",
  "beta_inv",
  "cycles",
  "reads",
  "naming",
  "lateral",
  "guess",
  "revealed",
];
const INKS = {
  text: "--lk-ink",
  paper: "--lk-paper",
  muted: "--lk-muted",
  line: "--lk-edge",
  slow: "--lk-blue",
  fast: "--lk-orange",
  link: "--lk-muted",
  bad: "--lk-red",
};

function legendPane() {
  const row = (look, text) => h("span", {}, h("i", { class: `tc-key tc-${look}` }), text);
  const [wave, ring, square] = [
    row("true", "the wave"),
    row("ring", "what Fast reads"),
    row("square", "what Slow reads"),
  ];
  const guessed = row("guessed", "what Slow alone would guess");
  const show = ({ step }) => {
    guessed.hidden = step === null;
  };
  return { node: h("figcaption", {}, wave, ring, square, guessed), show };
}

function render({ model, el }) {
  const view = openView({ model, el }, "two-clocks");
  let sums = null;
  const {
    node: picture,
    redraw,
    stop,
  } = fittedCanvas(
    (context, width, _, node) => drawClocks(context, width, sums, inks(node, INKS)),
    { class: "tc-picture" },
  );
  view.keep({ stop });
  const draw = view.keep(oncePerFrame(redraw));
  view.keep(onThemeChange(draw));
  const [teaches, legend] = [lesson(), legendPane()];
  const [sliders, names, lateral, cost] = [slidersPane, namesPane, lateralPane, costPane].map(
    (pane) => pane(view),
  );
  const say = view.voice(() => {
    const parts = [lessonOf(sums), lateralText(sums), sums.revealed && answerOf(sums)];
    return parts.filter(Boolean).join(" ");
  });

  const show = () => {
    sums = sumsOf(view.read(...FIXED, ...PLAYED));
    for (const pane of [legend, sliders, names, lateral, cost]) pane.show(sums);
    teaches.textContent = lessonOf(sums);
    picture.setAttribute("aria-label", `${lessonOf(sums)} ${lateralText(sums)}`);
    view.body.dataset.sums = JSON.stringify(sums);
    draw();
    say();
  };
  const task = "Make the wave faster. When does the slow pathway lose it?";
  view.body.append(
    hint(task),
    h("figure", {}, picture, legend.node),
    teaches,
    sliders.node,
    ...names.nodes,
    ...lateral.nodes,
    cost.node,
  );
  show();
  view.onChange(PLAYED, show);
  view.ready();
  return view.close;
}

export default { render };
