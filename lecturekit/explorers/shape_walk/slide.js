// The sliding kernel: the cube, the numbers under the window, their sum.

import { select, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { inside } from "../kit/places.js";
import { framePlayer, playButton } from "../kit/playing.js";
import { cardsPicture } from "./cards.js";
import { outputTable, tapPanel } from "./output.js";
import { total } from "../kit/numbers.js";
import { outputsOf, placesOf, readsOf, sizesOf, sumOf } from "./sums.js";
import { AXES, times, written } from "./words.js";

const PLACE = ["t", "y", "x"];
const FPS = 4;
export const SLIDE = ["cube", "kernel", "padding", ...PLACE];

const placeIn = (place) => Object.fromEntries(PLACE.map((axis, a) => [axis, place[a]]));

/** Gives the state with all that follows from it; outputs are computed anew if they must be. */
function sceneReader(view) {
  let last = null;
  return () => {
    const { cube, padding, kernel: name } = view.read("cube", "padding", "kernel");
    const kernel = view.get("kernels").find((one) => one.name === name);
    const { weights, divisor, about } = kernel;
    const sizes = placesOf(cube, weights, padding);
    const fixed = { cube, padding, name, weights, divisor, about, sizes };
    const same = last?.name === name && last.padding === padding && last.cube === cube;
    const outputs = same ? last.outputs : outputsOf(fixed, sizes);
    const place = inside(Object.values(view.read(...PLACE)), sizes);
    last = { ...fixed, outputs, place, reads: readsOf(fixed, place) };
    return last;
  };
}

/** Kernel and padding. The window stays on the numbers it lies on, where it can. */
function choicesPane(view, scene, act) {
  const kernels = view.get("kernels");
  const swap = (changes) => {
    const { padding: pad, name, place, cube } = scene();
    const { padding, kernel } = { padding: pad, kernel: name, ...changes };
    const { weights } = kernels.find((one) => one.name === kernel);
    const sizes = placesOf(cube, weights, padding);
    if (Math.min(...sizes) < 1) return show(); // no room: the control goes back
    const moved = place.map((at) => at + padding - pad);
    return act({ ...changes, ...placeIn(inside(moved, sizes)) });
  };
  const options = kernels.map(({ name }) => [name, name]);
  const value = view.get("kernel");
  const onchange = (kernel) => swap({ kernel });
  const chosen = select({ label: "Kernel", options, value, onchange });
  const toggle = () => swap({ padding: Number(pads.checked) });
  const pads = h("input", { type: "checkbox", onchange: toggle });
  const check = h("label", { class: "sw-check" }, pads, "pad with zeros");
  const show = () => {
    chosen.set(view.get("kernel"));
    pads.checked = view.get("padding") === 1;
  };
  return { node: h("div", { class: "sw-choices" }, chosen.node, check), show };
}

/** A slider for each axis of the output. */
function placeSliders(scene, move) {
  return PLACE.map((axis, a) => {
    const oninput = (value) => move(scene().place.with(a, value));
    const control = slider({
      label: `${axis} (${AXES[a]})`,
      min: 0,
      max: scene().sizes[a] - 1,
      value: scene().place[a],
      format: (value) => `${value} of 0–${scene().sizes[a] - 1}`,
      oninput,
    });
    const show = ({ sizes, place }) => {
      control.bounds(0, sizes[a] - 1);
      control.set(place[a]);
      control.input.disabled = sizes[a] < 2;
    };
    return { node: control.node, show };
  });
}

/** Goes through all places, row by row and frame by frame, over and over. */
function slidingPlayer(view, scene, say) {
  const at = () => {
    const { sizes, place } = scene();
    return (place[0] * sizes[1] + place[1]) * sizes[2] + place[2];
  };
  const goTo = (next) => {
    const [frames, rows, columns] = scene().sizes;
    const flat = next % (frames * rows * columns);
    const [row, column] = [Math.floor(flat / columns), flat % columns];
    view.put(placeIn([Math.floor(row / rows), row % rows, column]));
  };
  const player = framePlayer({ position: at, last: Infinity, fps: () => FPS, step: goTo });
  player.watch((on) => on || say());
  const step = () => {
    say();
    goTo(at() + 1);
  };
  const button = playButton(player, { text: "▶ Slide", step, stepText: "Next place" });
  return { button, player: view.keep(player) };
}

/** What is heard of the chosen output. */
function wordsOf({ place: [t, y, x], reads, divisor }) {
  const value = total(reads.map(sumOf));
  const divided = divisor > 1 ? `, divided by ${divisor}: ${written(value / divisor)}` : "";
  return `Output frame ${t}, row ${y}, column ${x}: the sum is ${written(value)}${divided}.`;
}

const pictureWords = ({ weights: { length } }) =>
  `The cube as a row of frames, the window of the kernel in ${length} of them.`;

function sizeWords({ cube, weights, padding, sizes }) {
  const padded = padding ? `, padded to ${times(sizesOf(cube).map((n) => n + 2))}` : "";
  const what = `A cube of ${times(sizesOf(cube))} numbers${padded}; `;
  return [
    what,
    `a kernel of ${times(sizesOf(weights))}; its output has `,
    h("b", {}, times(sizes)),
    ".",
  ];
}

/** The sum over the frames: "(−12) + 0 + 20 = 8". */
function sumWords({ place: [t, y, x], reads, divisor }) {
  const parts = reads.map(sumOf);
  const value = total(parts);
  const terms = parts.map((part) => (part < 0 ? `(${written(part)})` : written(part)));
  const begin = parts.length > 1 ? `${terms.join(" + ")} = ` : "The sum is ";
  const mean = [` and ÷ ${divisor} = `, h("b", {}, written(value / divisor))];
  const where = h("small", {}, `  output at t ${t}, y ${y}, x ${x}`);
  return [begin, h("b", {}, written(value)), ...(divisor > 1 ? mean : []), where];
}

/** A panel for each frame of the kernel. */
function tapsPane() {
  const node = h("div", { class: "sw-taps" });
  let panels = [];
  const show = (scene) => {
    if (panels.length !== scene.weights.length) {
      panels = scene.weights.map(tapPanel);
      node.replaceChildren(...panels.map((panel) => panel.node));
    }
    for (const [tap, panel] of panels.entries()) panel.show(scene, tap);
  };
  return { node, show };
}

export function slidePane(view) {
  const read = sceneReader(view);
  let now = read();
  const scene = () => now;
  const say = view.voice(() => wordsOf(now));
  const { button, player } = slidingPlayer(view, scene, say);
  const act = (changes) => {
    player.stop();
    say();
    view.put(changes);
  };
  const move = (place) => act(placeIn(place));

  const [choices, sliders] = [choicesPane(view, scene, act), placeSliders(scene, move)];
  const [picture, table, taps] = [cardsPicture(), outputTable(move), tapsPane()];
  const [size, about, result] = ["size", "about", "sum"].map((name) =>
    h("p", { class: `sw-${name}` }),
  );
  const show = () => {
    now = read();
    for (const part of [choices, ...sliders, picture, table, taps]) part.show(now);
    size.replaceChildren(...sizeWords(now));
    about.textContent = now.about;
    result.replaceChildren(...sumWords(now));
    picture.node.setAttribute("aria-label", `${pictureWords(now)} ${wordsOf(now)}`);
  };
  const title = h("p", { class: "sw-title" }, "One number of the output");
  const places = h("div", {}, ...sliders.map((control) => control.node));
  const pictures = h("div", { class: "sw-scene" }, picture.node, table.node);
  const play = h("div", { class: "sw-play" }, button, places);
  const parts = [title, size, choices.node, about, pictures, play, taps.node, result];
  return { node: h("div", { class: "sw-part sw-slide" }, ...parts), show };
}
