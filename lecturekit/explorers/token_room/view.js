// Token room: a trained network answers in the page; reach, weights and importance side by side.

import { h } from "../kit/dom.js";
import { framePlayer, playButton } from "../kit/playing.js";
import { decodeSheet } from "../kit/sheet.js";
import { hint, lesson } from "../kit/text.js";
import { onThemeChange } from "../kit/theme.js";
import { oncePerFrame, slices } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { barsPane } from "./bars.js";
import { filmPane, mapsPane, picturesOf } from "./film.js";
import { weightsOf } from "./network.js";
import { roomOf } from "./room.js";
import { deletePane, guessPane, settingPane } from "./setting.js";
import { largest, placeOf } from "./sums.js";
import { answerOf, lessonOf, namedWords, saidOf } from "./words.js";

const FIXED = ["sizes", "shuffle", "classes"];
const ASKED = ["clip", "frames", "scheme", "layer", "head", "t", "y", "x", "deleted"];
const PLAYED = [...ASKED, "press", "guess", "revealed"];
const TASK =
  "Press a token to make it the query (arrow keys; Page Up and Page Down: in time; Space deletes it, or brings it back).";

/** Pixels of each clip by its name, and its frames as pictures. */
async function decoded(view) {
  const { names, sizes } = view.read("names", "sizes");
  const { frames, side } = sizes;
  const sheet = { count: names.length * frames, height: side, width: side, columns: frames };
  const all = await decodeSheet(view.get("pixels"), { ...sheet, type: "image/png" });
  const size = 4 * side * side * frames;
  const pixels = names.map((_, k) => all.subarray(k * size, (k + 1) * size));
  const byName = (values) => Object.fromEntries(names.map((name, k) => [name, values[k]]));
  return { pixels: byName(pixels), pictures: byName(pixels.map((one) => picturesOf(one, sizes))) };
}

/** Which eight tokens a button deletes; the query stays, so that it can be asked. */
function picked({ keep, query, row, falls }, by, count) {
  const others = keep.filter((token) => token !== query);
  if (by === "importance") return largest(falls, others, count);
  // In a layer that looks in time, fewer than eight have a weight at all.
  if (by === "weights") return largest(row, others, count).filter((token) => row[token] > 0);
  return largest(row.map(Math.random), others, count);
}

function render({ model, el }) {
  const view = openView({ model, el }, "token-room");
  const { sizes } = view.read("sizes");
  let [room, scene, frame, pictures] = [null, null, 0, null];

  const move = ([t, y, x]) => view.put({ t, y, x });
  const toggle = (token) => {
    const { deleted, keep } = scene;
    const back = deleted.includes(token);
    if (!back && keep.length === 1) return; // of no tokens there is no mean
    const next = back ? deleted.filter((other) => other !== token) : [...deleted, token];
    view.put({ deleted: next.sort((a, b) => a - b) });
  };
  const choose = (token) =>
    view.get("press") === "asks" ? move(placeOf(token, sizes.grid)) : toggle(token);

  const [guess, setting] = [guessPane(view), settingPane(view)];
  const cuts = deletePane(view, (by, count) => picked(scene, by, count));
  const film = filmPane(view, sizes.grid, { choose, move, toggle });
  const maps = mapsPane(view, sizes.grid, choose);
  const bars = barsPane(view.get("classes"));
  const [named, teaches] = [h("p", { class: "tr-named" }), lesson()];
  const say = view.voice(() => saidOf(scene));
  const work = view.keep(slices());
  const draw = view.keep(
    oncePerFrame(() => {
      film.redraw();
      maps.redraw();
    }),
  );

  /** The picture of a moment: the first frame of its token for the maps, all in turn for the film. */
  const picture = (look, k) => (t) =>
    pictures[scene.clip][look][scene.order[t * sizes.tubelet[0] + k]];
  const showFilm = () => film.show(scene, picture("colour", frame));
  const last = sizes.tubelet[0] - 1;
  const step = (next) => {
    frame = next;
    showFilm();
    film.redraw();
  };
  const player = view.keep(framePlayer({ position: () => frame, last, fps: () => 4, step }));

  const showImportance = () => {
    maps.show(scene, picture("grey", 0));
    cuts.show(scene);
    teaches.textContent = lessonOf(scene);
    const { scores, reach, row, falls } = scene;
    const answers = { scores, reach, weights: row, importance: falls };
    for (const [key, values] of Object.entries(answers))
      answers[key] = values && Array.from(values);
    view.body.dataset.answers = JSON.stringify(answers);
    draw();
  };
  /** Shows what is known at once; importance comes when it has been worked out, then `done`. */
  const show = (done = () => {}) => {
    scene = room.sceneOf(view.read(...PLAYED));
    setting.show(scene);
    guess.show(scene, scene.still ? answerOf(scene) : "");
    bars.show(scene);
    named.textContent = namedWords(scene);
    showFilm();
    showImportance();
    say();
    work.stop();
    if (scene.falls) return done();
    const left = room.importance(scene);
    work.start(left.count, left.step, () => {
      scene = { ...scene, falls: left.end() };
      showImportance();
      done();
    });
  };
  const load = async () => {
    const clips = await decoded(view);
    ({ pictures } = clips);
    const weights = weightsOf(view.get("weights"), view.get("tensors"));
    const looks = Object.fromEntries(view.get("looks"));
    room = roomOf({ ...view.read(...FIXED), looks, pixels: clips.pixels, weights });
    await new Promise(show);
  };

  const next = () => step(frame < last ? frame + 1 : 0);
  const play = playButton(player, { step: next, stepText: "Next frame of each token" });
  view.body.append(
    guess.node,
    hint(TASK),
    film.node,
    h(
      "div",
      { class: "tr-under" },
      h("div", {}, named, bars.node),
      h("div", {}, play, setting.node),
    ),
    cuts.node,
    hint("Three maps of the same tokens, each in shades of its own largest value."),
    maps.node,
    teaches,
  );
  if (view.get("credit")) view.body.append(hint(view.get("credit")));
  // Several values that change together are one question: the network is asked once.
  let asked = false;
  view.onChange(PLAYED, () => {
    if (!room || asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      show();
    });
  });
  view.keep(onThemeChange(draw));
  view.ready(load());
  return view.close;
}

export default { render };
