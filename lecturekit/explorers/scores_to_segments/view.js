// From scores to segments: the picture, what is set, what follows.

import { fittedCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { upTo, within } from "../kit/numbers.js";
import { decodeImage } from "../kit/sheet.js";
import { hint, lesson } from "../kit/text.js";
import { inks, onThemeChange } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { dragPicture } from "./drag.js";
import { bestOf, filmsOf, shownWindow } from "./films.js";
import { guessPane, legendPane, readingsPane, settingPane, tablePane } from "./panes.js";
import { drawPicture, placesOf, secOf, xOf, yOf } from "./picture.js";
import { lessonOf, pictureText, saidOf } from "./words.js";

const PLAYED = [
  "film",
  "curve",
  "window",
  "stride",
  "stamp",
  "join",
  "threshold",
  "nms",
  "tiou",
  "at",
  "guess",
  "revealed",
];
const INKS = {
  text: "--lk-ink",
  panel: "--lk-panel",
  muted: "--lk-muted",
  line: "--lk-line",
  wash: "--lk-glow",
  curve: "--lk-blue",
  window: "--lk-accent",
  threshold: "--lk-amber",
  true: "--lk-green",
  "wrong class": "--lk-pink",
  "bad boundary": "--lk-orange",
  double: "--lk-violet",
  background: "--lk-red",
};
const TASK =
  "Drag the window along the film: its score is written down at its stamp. What is at or over the threshold becomes segments: compare them with the truth above them.";

/** The films' scene with the curve that is drawn and the window that is shown. */
function stageOf(view) {
  const films = filmsOf(view);
  const sceneOf = () => {
    const { curve: name, ...state } = view.read(...PLAYED);
    const scene = films.sceneOf(state);
    const { classes, curve } = scene;
    const named = classes.indexOf(name); // −1 for the best
    const labelOf = (k) => (named < 0 ? bestOf(curve.scoreOf, k, classes) : named);
    const values = curve.times.map((_, k) => curve.scoreOf(k, labelOf(k)));
    const shown = shownWindow(state, films.rowsOf(state));
    const { number } = shown;
    return {
      ...scene,
      curveName: name,
      curve: { times: curve.times, values, label: named < 0 ? null : named },
      shown: {
        ...shown,
        label: labelOf(number),
        value: values[number],
        time: curve.times[number],
      },
    };
  };
  return { sceneOf, rowsOf: films.rowsOf };
}

/** The pictures of the films that are shown, once they are decoded. */
function sheetOf(view) {
  const {
    height_px: height,
    width_px: width,
    columns,
  } = view.read("height_px", "width_px", "columns");
  const frames = view.get("picture_frames");
  const film = (n) => ({
    numbers: frames[n],
    from: upTo(n).reduce((sum, k) => sum + frames[k].length, 0),
  });
  return { image: null, height, width, columns, film };
}

function picturePane(view, stage, scene, sheet) {
  const draw = (context, width, height, node) => {
    const need = placesOf(width, scene.now).height;
    if (height !== need) node.style.height = `${need}px`; // it comes back when it has grown
    else drawPicture(context, width, scene.now, sheet, inks(node, INKS));
  };
  const { node, redraw } = view.keep(fittedCanvas(draw, { class: "sg-picture" }));
  const places = () => placesOf(node.clientWidth, scene.now);
  dragPicture(node, {
    places,
    window: () => {
      const { shown, window, fps, duration } = scene.now;
      return [shown.first, shown.first + window].map((frame) =>
        xOf(places(), duration)(frame / fps),
      );
    },
    line: () => yOf(places())(scene.now.threshold),
    moveWindow: (x) => {
      const { fps, duration } = scene.now;
      const frame = Math.round(secOf(places(), duration)(x) * fps);
      view.put({ at: within(frame, stage.rowsOf(scene.now)) });
    },
    moveThreshold: (y) => {
      const { curve, curveHeight } = places();
      const percent = Math.round(100 * (1 - (y - curve) / curveHeight));
      view.put({ threshold: within(percent, 101) / 100 });
    },
  });
  const show = () => node.setAttribute("aria-label", pictureText(scene.now));
  return { node, redraw, show };
}

function render({ model, el }) {
  const view = openView({ model, el }, "scores-to-segments");
  const [stage, sheet, scene] = [stageOf(view), sheetOf(view), { now: null }];
  scene.now = stage.sceneOf();
  const picture = picturePane(view, stage, scene, sheet);
  const [guess, setting] = [guessPane(view), settingPane(view, stage.rowsOf)];
  const [numbers, table] = [readingsPane(), tablePane()];
  const teaches = lesson();
  const draw = view.keep(oncePerFrame(picture.redraw));
  view.keep(onThemeChange(draw));
  const say = view.voice(() => saidOf(scene.now));

  const show = () => {
    scene.now = stage.sceneOf();
    picture.show();
    for (const pane of [guess, setting, numbers, table]) pane.show(scene.now);
    teaches.textContent = lessonOf(scene.now);
    const { found, counts, precisions, offset } = scene.now;
    view.body.dataset.sums = JSON.stringify({ found, counts, precisions, offset });
    draw();
    say();
  };
  view.body.append(
    guess.node,
    hint(TASK),
    h("figure", {}, picture.node, legendPane()),
    teaches,
    setting.node,
    numbers.node,
    table.node,
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
