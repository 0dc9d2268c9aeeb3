// Who does what: a film of two with a box on it, RoIAlign's points, and the scores that follow.

import { fittedCanvas } from "../kit/canvas.js";
import { slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { framePlayer, playButton } from "../kit/playing.js";
import { decodeImage } from "../kit/sheet.js";
import { hint, lesson } from "../kit/text.js";
import { inks, onThemeChange } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { boxPane } from "./box.js";
import { filmPane, overlayPane, placesPane, readingsPane, scoresPane } from "./panes.js";
import { drawPicture, marginOf } from "./picture.js";
import { stageOf } from "./scene.js";
import { boxLabel, lessonOf, pictureText, saidOf, truthOf } from "./words.js";

const PLAYED = ["film", "swapped", "box", "overlay"];
const INKS = { paper: "--lk-paper", box: "--lk-orange", point: "--lk-pink", strength: "--lk-blue" };
const TASK =
  "Drag the box, or its corners (arrow keys move it, with Shift they resize it; + and − grow and shrink it). The points are where RoIAlign reads the features, whose cells are drawn over the film.";

/** The film with the box on it; the box is a part of the page, so that it takes keys and fingers. */
function picturePane(view, stage, scene, sheet) {
  const draw = (context, width, height, node) =>
    drawPicture(context, width, scene.now, sheet, scene.frame, inks(node, INKS));
  const margin = 2 * marginOf(stage);
  const style = `aspect-ratio:${stage.width + margin}/${stage.height + margin}`;
  const { node: canvas, redraw } = view.keep(fittedCanvas(draw, { class: "wd-picture", style }));
  const box = boxPane({
    stage,
    canvas,
    now: () => scene.now.box,
    put: (next) => view.put({ box: next }),
  });
  const truth = h("figcaption");
  const show = () => {
    canvas.setAttribute("aria-label", pictureText(scene.now, scene.frame));
    box.show(scene.now.box, boxLabel(scene.now));
    truth.textContent = truthOf(scene.now);
  };
  const node = h("figure", {}, h("div", { class: "wd-stage" }, canvas, box.node), truth);
  return { node, redraw, show };
}

/** Plays the film, or shows the frame that is chosen; `hold(frame)` shows one. */
function playerPane(view, stage, scene, hold) {
  const last = stage.frames - 1;
  const position = () => scene.frame;
  const step = (frame) => {
    moment.set(frame);
    hold(frame);
  };
  const player = view.keep(framePlayer({ position, last, fps: () => view.get("fps"), step }));
  const next = () => step(scene.frame < last ? scene.frame + 1 : 0);
  const button = playButton(player, { step: next });
  const moment = slider({
    label: "Frame",
    min: 0,
    max: last,
    value: scene.frame,
    format: (frame) => `${frame + 1} of ${stage.frames}`,
    oninput: (frame) => {
      player.stop();
      hold(frame);
    },
  });
  return h("div", { class: "wd-play" }, button, moment.node);
}

function render({ model, el }) {
  const view = openView({ model, el }, "who-does-what");
  const stage = stageOf(view);
  const sheet = { image: null, ...stage, ...view.read("columns") };
  const scene = { now: null, frame: Math.floor(stage.frames / 2) };
  scene.now = stage.sceneOf(view.read(...PLAYED));
  const picture = picturePane(view, stage, scene, sheet);
  const panes = {
    film: filmPane(view),
    places: placesPane(view, scene),
    overlay: overlayPane(view),
    scores: scoresPane(view.get("classes")),
    numbers: readingsPane(),
  };
  const teaches = lesson();
  const draw = view.keep(oncePerFrame(picture.redraw));
  view.keep(onThemeChange(draw));
  const say = view.voice(() => saidOf(scene.now));
  const playing = playerPane(view, stage, scene, (frame) => {
    scene.frame = frame;
    picture.show();
    draw();
  });

  const show = () => {
    scene.now = stage.sceneOf(view.read(...PLAYED));
    picture.show();
    for (const pane of Object.values(panes)) pane.show(scene.now);
    teaches.textContent = lessonOf(scene.now);
    const { scores, taken, points, unknown, moves } = scene.now;
    view.body.dataset.sums = JSON.stringify({ scores, taken, points, unknown, moves });
    draw();
    say();
  };
  const answers = h("div", {}, panes.scores.node, teaches);
  view.body.append(
    panes.film.node,
    hint(TASK),
    panes.places.node,
    h("div", { class: "wd-both" }, picture.node, answers, playing, panes.overlay.node),
    panes.numbers.node,
  );
  if (view.get("credit")) view.body.append(hint(view.get("credit")));
  view.onChange(PLAYED, show);
  show();
  view.ready(decodeImage(view.get("pictures")), (image) => {
    sheet.image = image;
    draw.now();
  });
  return view.close;
}

export default { render };
