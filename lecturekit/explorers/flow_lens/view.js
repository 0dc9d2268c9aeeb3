// The flow lens: a picture under a lens, its surroundings in both frames, and the flow in numbers.

import { fittedCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { framePlayer, playButton } from "../kit/playing.js";
import { hint, lesson } from "../kit/text.js";
import { inks, onThemeChange, prefersReducedMotion } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { drawPatch, drawPicture, drawWheel, wheelDisc } from "./draw.js";
import { decodeFilm, fixedOf } from "./film.js";
import { closePane, controlsPane, readingsPane, stagePane, tablePane } from "./panes.js";
import { lessonOf, vectorWords } from "./words.js";

const PLACE = ["x", "y"];
const FIELD = ["view", "at_winsize", "at_levels", "at_poly_n"];
const INKS = { paper: "--lk-paper", edge: "--lk-edge", first: "--lk-blue" };
const BLINKS_PER_S = 2;

/** All that follows from the state, from where the mouse looks and from the frame that blinks. */
function sceneOf(view, film, { hover, other }) {
  const state = view.read(...PLACE, ...FIELD);
  const { at_winsize, at_levels, at_poly_n } = state;
  const index = film.indexOf(at_winsize, at_levels, at_poly_n);
  const field = film.fieldAt(index);
  const lens = hover ?? { x: state.x, y: state.y };
  const k = lens.y * film.width + lens.x;
  return {
    ...state,
    film,
    index,
    field,
    lens,
    vector: [field.dx[k], field.dy[k]],
    step: film.steps[index],
    winsizes: film.winsizes,
    levels: film.levels,
    statistics: film.statisticsAt(index),
    statisticsAt: (winsize, level) => film.statisticsAt(film.indexOf(winsize, level, at_poly_n)),
    shown: state.view === "blink" && other ? "next" : state.view,
  };
}

/** The canvases; `scene()` is null until the pictures are there. */
function canvasesPane(view, { width, height, full }, scene) {
  const fitted = (draw, attributes) => {
    const drawn = (context, boxWidth, _, node) => {
      if (scene()) draw(context, boxWidth, { ...scene(), ink: inks(node, INKS) });
    };
    return view.keep(fittedCanvas(drawn, attributes));
  };
  const style = `aspect-ratio:${width}/${height}`;
  const picture = fitted(drawPicture, { class: "fl-picture", role: "presentation", style });
  const patches = [0, 1].map((frame) =>
    fitted((...drawn) => drawPatch(...drawn, frame), { class: "fl-square" }),
  );
  const disc = wheelDisc(full);
  const wheel = fitted((...drawn) => drawWheel(...drawn, disc), { class: "fl-square fl-wheel" });
  const draw = oncePerFrame(() => {
    for (const canvas of [picture, ...patches, wheel]) canvas.redraw();
  });
  view.keep(draw);
  view.keep(onThemeChange(draw));
  return { picture, patches: patches.map((patch) => patch.node), wheel: wheel.node, draw };
}

/** Shows frame t and frame t + 1 in turn, and the button for it. */
function blinkerOf(view, turn) {
  let other = false;
  const step = (frame) => {
    other = frame === 1;
    turn();
  };
  const player = view.keep(
    framePlayer({ position: () => Number(other), last: 1, fps: () => BLINKS_PER_S, step }),
  );
  const words = { text: "▶ Blink", pauseText: "❚❚ Stop", stepText: "The other frame" };
  const button = playButton(player, { ...words, step: () => step(other ? 0 : 1) });
  /** A reader who chooses to see it blink has asked for it. */
  const choose = (shown) => {
    if (shown === "blink" && !prefersReducedMotion()) player.start();
  };
  const stop = () => {
    player.stop();
    other = false;
  };
  return { button, choose, stop, other: () => other };
}

/** All parts, in their order on the page, and what fills them: all, or what the lens moves. */
function partsOf(view, fixed, { picture, patches, wheel, draw }, { blinker, look, place }) {
  const { body } = view;
  const stage = stagePane(view, fixed, picture.node, { look, place });
  const controls = controlsPane(view, fixed, blinker);
  const close = closePane(fixed.full, patches, wheel);
  const [numbers, table, words] = [readingsPane(), tablePane(fixed), lesson()];
  const todo = " hover, click or tap to leave it there, or use the arrow keys.";
  const advice = hint(h("b", {}, "Move the lens:"), todo);
  const nodes = [controls, close, numbers, table].map((pane) => pane.node);
  body.append(advice, stage.node, words, ...nodes);
  const credit = view.get("credit");
  if (credit) body.append(hint(credit));

  const showLens = (scene) => {
    for (const pane of [stage, close, numbers]) pane.show(scene);
    body.dataset.vector = JSON.stringify([scene.lens.x, scene.lens.y, ...scene.vector]);
    draw();
  };
  const showBlink = (scene) => {
    controls.showNote(scene);
    body.dataset.shown = scene.shown;
    picture.redraw();
  };
  const show = (scene) => {
    for (const pane of [controls, table]) pane.show(scene);
    words.textContent = lessonOf(scene);
    body.dataset.statistics = JSON.stringify(scene.statistics);
    body.dataset.shown = scene.shown;
    showLens(scene);
  };
  return { show, showLens, showBlink };
}

function render({ model, el }) {
  const view = openView({ model, el }, "flow-lens");
  const fixed = fixedOf(view);
  let [film, hover, said] = [null, null, null];
  const scene = () => film && sceneOf(view, film, { hover, other: blinker.other() });

  const look = (at) => {
    if (!film || (!at && !hover)) return;
    hover = at;
    parts.showLens(scene());
  };
  const place = (at) => {
    hover = null;
    view.put(at);
    if (film) parts.showLens(scene());
  };
  const say = view.voice(() => said(scene()));
  const canvases = canvasesPane(view, fixed, scene);
  const blinker = blinkerOf(view, () => film && parts.showBlink(scene()));
  const parts = partsOf(view, fixed, canvases, { blinker, look, place });
  const show = (saying) => {
    if (view.get("view") !== "blink") blinker.stop();
    parts.show(scene());
    said = saying;
    say();
  };

  view.ready(decodeFilm(view, fixed), (decoded) => {
    film = decoded;
    view.onChange(PLACE, () => show(vectorWords));
    view.onChange(FIELD, () => show(lessonOf));
    show(lessonOf);
    canvases.draw.now();
  });
  return view.close;
}

export default { render };
