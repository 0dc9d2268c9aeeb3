// The clip sampler: a filmstrip with a clip on it, and film and clip playing side by side.

import { fittedCanvas } from "../kit/canvas.js";
import { slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { clock, playButton } from "../kit/playing.js";
import { within } from "../kit/numbers.js";
import { decodeImage } from "../kit/sheet.js";
import { hint, lesson, readings } from "../kit/text.js";
import { inks, onThemeChange } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { controlsPane, speedOf } from "./controls.js";
import { dragClip } from "./drag.js";
import { drawFrame, drawStrip, rowsOf } from "./strip.js";
import { clipsOf, momentAt, slotsOf, tickAt, ticksOf } from "./sums.js";
import { lessonOf, saidOf, seconds, short, wordsOf } from "./words.js";

const FILM = ["video_frames", "height_px", "width_px", "film_fps"];
const SETTINGS = ["num_frames", "stride", "start", "fps", "mode", "policy", "clips"];
const READINGS = {
  indices: "Frames of this clip",
  span: "Span",
  coverage: "Coverage",
  rate: "The clip’s frame rate",
  nyquist: "Nyquist limit",
  seen: "What the model sees",
};
const INKS = {
  text: "--lk-ink",
  paper: "--lk-paper",
  muted: "--lk-muted",
  line: "--lk-edge",
  first: "--lk-blue",
  second: "--lk-orange",
};

/** The settings with all clips that follow, which clip is in view, and where the players stand. */
function sceneOf(view) {
  const scene = { view: 0, tick: 0, speed: 1 };
  const clip = () => scene.clips[scene.view];
  const read = () => {
    scene.settings = view.read(...FILM, ...SETTINGS);
    scene.clips = clipsOf(scene.settings);
    scene.slots = slotsOf(scene.settings.video_frames, scene.clips);
    scene.view = Math.min(scene.view, scene.clips.length - 1);
    scene.tick = Math.min(scene.tick, ticksOf(clip()) - 1);
  };
  const now = () => momentAt(scene.settings, clip(), scene.tick);
  read();
  return Object.assign(scene, { clip, now, read });
}

function stripPane(view, scene, sheet, playing) {
  const draw = (context, width, height, node) => {
    const need = rowsOf(width, scene.clips.length).height;
    if (height !== need) node.style.height = `${need}px`; // it comes back when it has grown
    if (height !== need || !sheet.image) return;
    const moving = scene.tick > 0 || playing();
    drawStrip(context, width, { ...scene, sheet, moving, ink: inks(node, INKS) });
  };
  const { node, redraw } = view.keep(fittedCanvas(draw, { class: "cs-strip" }));
  const show = () => {
    const { settings, clips } = scene;
    node.classList.toggle("cs-grab", settings.mode === "strided");
    node.setAttribute("aria-label", wordsOf(settings, clips, scene.view));
  };
  dragClip(node, {
    slots: () => scene.slots,
    stretch: () => [scene.clip().edges[0], scene.clip().edges.at(-1)],
    canMove: () => scene.settings.mode === "strided",
    move: (start) => {
      view.put({ start: within(start, scene.settings.video_frames) });
    },
  });
  return { node, redraw, show };
}

/** One of the two players' screens, "film" or "clip", with its words below. */
function screenPane(view, scene, sheet, name) {
  const caption = h("figcaption");
  const draw = (context, width, height) => {
    const index = scene.now()[name];
    if (sheet.image && index !== null) drawFrame(context, sheet, index, [0, 0, width, height]);
  };
  const style = `aspect-ratio:${sheet.width}/${sheet.height}`;
  const { node, redraw } = view.keep(fittedCanvas(draw, { class: "cs-screen", style }));
  const show = (...text) => {
    caption.replaceChildren(...text);
    node.setAttribute("aria-label", caption.textContent);
    node.dataset.frame = scene.now()[name] ?? "none";
  };
  return { node: h("figure", { class: `cs-${name}` }, node, caption), show, redraw };
}

/** Says above each screen which frame it shows. */
function showFrames(scene, film, input) {
  const at = scene.now();
  film.show("The film: frame ", h("b", {}, String(at.film)));
  if (at.clip === null) {
    input.show("The model: no clip");
    return;
  }
  const place = h("small", {}, `${at.position + 1} of ${scene.settings.num_frames}`);
  input.show("The model: frame ", h("b", {}, String(at.clip)), " ", place);
}

function readingsPane(view, scene) {
  const { node, set } = readings(READINGS, "cs");
  const show = () => {
    const { settings, clips } = scene;
    for (const [key, [values, note]] of Object.entries(saidOf(settings, clips, scene.view))) {
      // Each in one piece: on a phone a line breaks between them.
      set(key, h("span", {}, ...values.flatMap((value) => [h("span", {}, value), " "])), note);
    }
    view.body.dataset.indices = JSON.stringify(clips.map(({ indices }) => indices));
  };
  return { node, show };
}

function lessonPane(scene) {
  const [above, node] = [hint(), lesson()];
  const show = () => {
    const { video_frames: video, fps, mode } = scene.settings;
    const drag = mode === "strided" ? " Drag the clip along it." : "";
    const length = `${video} frame${video === 1 ? "" : "s"} = ${seconds(video / fps)}`;
    above.replaceChildren(h("b", {}, `The film: ${length}`), ` at ${short(fps)} fps.${drag}`);
    node.textContent = lessonOf(scene.settings, scene.clip());
    node.classList.toggle("cs-warning", scene.clip().wanted.at(-1) >= video);
  };
  return { hint: above, node, show };
}

/** Film and clip side by side at one moment, with all that moves them. */
function playersPane(view, scene, sheet) {
  const [film, input] = ["film", "clip"].map((name) => screenPane(view, scene, sheet, name));
  const player = view.keep(
    clock((sec) => {
      const { fps } = scene.settings;
      const next = tickAt(sec, fps * scene.speed, ticksOf(scene.clip()));
      if (next !== scene.tick) hold(next);
    }),
  );
  const hold = (tick) => {
    scene.tick = tick;
    moment.set(tick);
    view.body.dataset.tick = tick;
    showFrames(scene, film, input);
    scene.draw();
  };
  const play = () => player.start(scene.tick / (scene.settings.fps * scene.speed));
  const toggle = () => (player.playing() ? player.stop() : play());
  const step = () => hold(nextFrame(scene));
  const button = playButton(player, { text: "▶ Play both", toggle, step });
  const moment = momentSlider(scene, (tick) => {
    player.stop();
    hold(tick);
  });
  const speed = speedOf((next) => {
    scene.speed = next;
    if (player.playing()) play();
  });
  const show = () => {
    if (player.playing()) play();
    moment.bounds(0, ticksOf(scene.clip()) - 1);
    hold(scene.tick);
  };
  const nodes = [
    h("div", { class: "cs-screens" }, film.node, input.node),
    h("div", { class: "cs-play" }, button, moment.node, speed),
  ];
  return { nodes, screens: [film, input], playing: player.playing, show };
}

/** The tick at which the clip's next frame begins; its first again after the last. */
function nextFrame(scene) {
  const edges = scene.clip().edges;
  const next = edges.find((edge) => edge > scene.now().slot) ?? Infinity;
  return next < edges.at(-1) ? next - edges[0] : 0;
}

function momentSlider(scene, oninput) {
  const format = (tick) => {
    const { fps } = scene.settings;
    return `${(tick / fps).toFixed(2)} of ${seconds(ticksOf(scene.clip()) / fps)}`;
  };
  return slider({ label: "Moment", min: 0, max: 1, value: 0, format, oninput });
}

function render({ model, el }) {
  const view = openView({ model, el }, "clip-sampler");
  const scene = sceneOf(view);
  const { height_px: height, width_px: width } = scene.settings;
  const sheet = { height, width, ...view.read("columns"), focus: view.get("focus_px") };
  scene.draw = view.keep(
    oncePerFrame(() => {
      for (const part of [strip, ...players.screens]) part.redraw();
    }),
  );
  view.keep(onThemeChange(scene.draw));

  const players = playersPane(view, scene, sheet);
  const strip = stripPane(view, scene, sheet, players.playing);
  const controls = controlsPane(view, scene, () => show());
  const [words, said] = [lessonPane(scene), readingsPane(view, scene)];
  view.body.append(words.hint, strip.node, words.node, controls.node, ...players.nodes, said.node);
  const say = view.voice(() => wordsOf(scene.settings, scene.clips, scene.view));
  if (view.get("credit")) view.body.append(hint(view.get("credit")));

  const show = () => {
    scene.read();
    for (const part of [controls, words, strip, said, players]) part.show();
    say();
  };
  view.onChange(SETTINGS, show);
  show();
  view.ready(decodeImage(view.get("film")), (image) => {
    sheet.image = image;
    scene.draw.now();
  });
  return view.close;
}

export default { render };
