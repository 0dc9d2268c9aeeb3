// The video cube. Python sends sizes and strides; addresses and cuts are computed here, live.

import { radios, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { framePlayer, playButton } from "../kit/playing.js";
import { decodeSheet } from "../kit/sheet.js";
import { onThemeChange } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { grouped } from "../kit/words.js";
import { cubePane, cutImage, cutPane } from "./cuts.js";
import { aroundPane, layoutsPane } from "./memory.js";
import { axesOf, CHANNELS, flatOffset } from "./sums.js";

const AXES = { t: "frame", y: "row", x: "column" };
const SIZES = { t: "frames", y: "rows", x: "columns", c: "colours" };

/** What all parts read: sizes, the chosen index, addresses, and the film once it is there. */
function placesOf(view) {
  const { num_frames: t, height: y, width: x } = view.read("num_frames", "height", "width");
  const sizes = { b: 1, c: 3, t, y, x };
  const [hull, cuts] = [{}, {}];
  let film = null;
  const position = (axis) => view.get(axis);
  const index = () => ({ b: 0, c: view.get("channel"), ...view.read("t", "y", "x") });
  const memory = (layout) => {
    const [axes, strides] = [axesOf(layout), view.get("strides")[layout]];
    return { axes, strides, offset: flatOffset(index(), axes, strides) };
  };
  const picture = (held) => {
    const at = position(held);
    if (!film) return null;
    if (cuts[held]?.at !== at) cuts[held] = { at, image: cutImage(film, held, at) };
    return cuts[held].image;
  };
  const fill = (data) => {
    film = { data, sizes };
    for (const [axis, at] of Object.entries({ t: 0, y: 0, x: x - 1 }))
      hull[axis] = cutImage(film, axis, at);
  };
  const valueAt = (at) => film.data[((at.t * y + at.y) * x + at.x) * 4 + at.c];
  const depth = Math.max(y, 0.6 * x); // how long time is drawn, in pixels of the film
  const filled = () => film !== null;
  const shared = { view, sizes, depth, total: t * y * x * 3, position, index, memory };
  return { ...shared, picture, hull, valueAt, fill, filled };
}

function slidersOf({ sizes, position, move }) {
  return Object.entries(AXES).map(([axis, word]) => {
    const last = sizes[axis] - 1;
    const control = slider({
      label: `${axis} (${word})`,
      min: 0,
      max: last,
      value: position(axis),
      format: (value) => `${value} of 0–${last}`,
      oninput: (value) => move({ [axis]: value }),
    });
    control.node.classList.add(`vc-slide-${axis}`);
    return { node: control.node, show: () => control.set(position(axis)) };
  });
}

/** The chosen pixel: its place, its colour, and which of its three numbers is meant. */
function pixelPane({ view, position, index, valueAt, move }) {
  const readout = h("p", { class: "vc-readout" });
  const channel = radios({
    legend: "Channel c",
    value: view.get("channel"),
    "data-choice": "channel",
    class: "vc-channels",
    options: CHANNELS.map((name, c) => [c, `${c} ${name}`]),
    onchange: (c) => move({ channel: c }),
  });
  const rgb = () => [0, 1, 2].map((c) => valueAt({ ...index(), c }));
  const show = () => {
    const places = Object.keys(AXES).map((axis) =>
      h("b", { class: `vc-ink-${axis}` }, `${axis} ${position(axis)}`),
    );
    readout.replaceChildren(
      h("span", { class: "vc-swatch", style: `background:rgb(${rgb()})` }),
      ...places,
      h("span", {}, "R, G, B ≈ ", h("b", {}, rgb().join(", "))),
    );
    channel.set(view.get("channel"));
  };
  return { node: h("div", { class: "vc-pixel" }, readout, channel.node), rgb, show };
}

function sizeLine({ sizes, total }) {
  const parts = Object.entries(SIZES).flatMap(([axis, word], i) => [
    i ? " × " : "",
    h("span", { class: `vc-ink-${axis}` }, h("b", {}, String(sizes[axis])), ` ${word}`),
  ]);
  return h("p", { class: "vc-size" }, ...parts, " = ", h("b", {}, grouped(total)), " numbers");
}

function noteOf(view) {
  const note =
    `Values come from a JPEG copy of the film: 95 of 100 are within ${view.get("film_error")} ` +
    "of the array’s. The addresses are exact.";
  return h("p", { class: "vc-note" }, [view.get("credit"), note].filter(Boolean).join(" · "));
}

/** The four pictures, on shared axes. */
function picturesPane(shared) {
  const { view, sizes, depth } = shared;
  const slanted = "· what moves, slants";
  const panes = [
    cutPane({ name: "Frame", hint: "· drag the lines", u: "x", v: "y", ...shared }),
    cutPane({ name: "y–t", word: " slice", u: "t", v: "y", ...shared }),
    cutPane({ name: "x–t", word: " slice", hint: slanted, u: "x", v: "t", ...shared }),
    cubePane(shared),
  ];
  for (const pane of panes) view.keep(pane);
  const columns = `--vc-columns:${sizes.x}fr ${depth}fr`;
  const style = `--vc-w:${sizes.x};--vc-h:${sizes.y};--vc-d:${depth};${columns}`;
  const node = h("div", { class: "vc-views", style }, ...panes.map((pane) => pane.figure));
  const show = () => {
    for (const pane of panes) pane.show();
  };
  return { node, show };
}

/** What is heard when the index has changed. */
function wordsOf({ view, index, memory }, rgb) {
  const { t, y, x, c } = index();
  const layout = view.get("memory_layout");
  const address = grouped(memory(layout).offset);
  return (
    `Frame ${t}, row ${y}, column ${x}. Red, green, blue about ${rgb.join(", ")}. ` +
    `In ${layout.toUpperCase()}, ${CHANNELS[c]} is at address ${address}.`
  );
}

function render({ model, el }) {
  const view = openView({ model, el }, "video-cube");
  const places = placesOf(view);
  const player = view.keep(
    framePlayer({
      position: () => view.get("t"),
      last: places.sizes.t - 1,
      fps: () => view.get("fps"),
      step: (t) => view.put({ t }),
    }),
  );
  const move = (changes) => {
    if ("t" in changes) player.stop();
    view.put(changes);
  };
  const shared = { ...places, move };

  const [pictures, pixel] = [picturesPane(shared), pixelPane(shared)];
  const [sliders, layouts] = [slidersOf(shared), layoutsPane(shared)];
  const around = aroundPane(shared);
  const say = view.voice(() => wordsOf(shared, pixel.rgb()));
  player.watch((on) => on || say());

  const button = playButton(player, {});
  view.body.append(
    sizeLine(shared),
    pictures.node,
    h("div", { class: "vc-controls" }, button, ...sliders.map((control) => control.node)),
    pixel.node,
    layouts.node,
    around.node,
    noteOf(view),
  );
  const show = oncePerFrame(() => {
    if (!places.filled()) return;
    for (const part of [pictures, ...sliders, pixel, layouts, around]) part.show();
    if (!player.playing()) say();
  });
  view.keep(show);
  view.keep(onThemeChange(show));
  view.onChange(["t", "y", "x", "channel", "memory_layout"], show);

  const { t: count, y: height, x: width } = places.sizes;
  const columns = view.get("film_columns");
  view.ready(decodeSheet(view.get("film"), { count, height, width, columns }), (data) => {
    places.fill(data);
    show.now();
  });
  return view.close;
}

export default { render };
