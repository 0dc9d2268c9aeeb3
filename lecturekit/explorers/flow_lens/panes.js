// The parts around the picture: the stage that carries the lens, the controls, the numbers.

import { select, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { within } from "../kit/numbers.js";
import { readings } from "../kit/text.js";
import { captionsOf, noteOf, readingsOf, scaleWords, vectorWords } from "./words.js";

const VIEWS = [
  ["over", "colour over frame t"],
  ["colour", "colour"],
  ["arrows", "arrows"],
  ["prev", "frame t"],
  ["next", "frame t + 1"],
  ["blink", "blink between them"],
  ["error", "warp error"],
];
const KEYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** The mouse looks while it hovers and places the lens by a click; a finger slides or taps. */
function aim(stage, { width, height }, { look, place }) {
  const pixel = (event) => {
    const box = stage.getBoundingClientRect();
    const [right, down] = [event.clientX - box.left, event.clientY - box.top];
    return {
      x: within(Math.floor((right / box.width) * width), width),
      y: within(Math.floor((down / box.height) * height), height),
    };
  };
  const leave = () => look(null);
  stage.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => look(pixel(event)));
  stage.addEventListener("pointerup", (event) => event.button === 0 && place(pixel(event)));
  stage.addEventListener("pointercancel", leave);
  stage.addEventListener("pointerleave", leave);
}

/** The picture with the lens; `look(pixel)` and `place(pixel)` are told where it goes. */
export function stagePane(view, size, picture, { look, place }) {
  const onkeydown = (event) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const [dx, dy] = KEYS[event.key].map((step) => step * (event.shiftKey ? 10 : 1));
    const { x, y } = view.read("x", "y");
    place({ x: within(x + dx, size.width), y: within(y + dy, size.height) });
  };
  const attributes = {
    class: "fl-stage",
    role: "application",
    tabindex: 0,
    "aria-roledescription": "lens",
  };
  const node = h("div", { ...attributes, onkeydown }, picture);
  aim(node, size, { look, place });
  const help = "Picture with a lens. Arrow keys move it, with Shift by 10 pixels.";
  const show = (scene) => node.setAttribute("aria-label", `${help} ${vectorWords(scene)}`);
  return { node, show };
}

/** A slider over the values of one parameter. */
function sweepOf(view, label, values, format) {
  const key = `at_${label}`;
  const range = slider({
    label,
    min: 0,
    max: values.length - 1,
    value: values.indexOf(view.get(key)),
    format: (k) => format(values[k]),
    oninput: (k) => view.put({ [key]: values[k] }),
  });
  range.input.disabled = values.length < 2;
  return { node: range.node, show: (scene) => range.set(values.indexOf(scene[key])) };
}

/** Which picture is shown, and the parameters of the flow. */
export function controlsPane(view, { winsizes, levels, poly_ns }, blinker) {
  const note = h("span");
  const views = select({
    label: "Picture",
    options: VIEWS,
    value: view.get("view"),
    onchange: (value) => {
      view.put({ view: value });
      blinker.choose(value);
    },
  });
  const sigmas = view.get("poly_sigmas");
  const sweeps = [
    sweepOf(view, "winsize", winsizes, (value) => `${value} px`),
    sweepOf(view, "levels", levels, scaleWords),
    sweepOf(view, "poly_n", poly_ns, (value) => `${value}, σ ${sigmas[poly_ns.indexOf(value)]}`),
  ];
  const left = h("div", {}, views.node, h("div", { class: "fl-note" }, blinker.button, note));
  const right = h("div", {}, ...sweeps.map((range) => range.node));
  const showNote = (scene) => {
    note.textContent = noteOf(scene);
  };
  const show = (scene) => {
    blinker.button.hidden = scene.view !== "blink";
    showNote(scene);
    views.set(scene.view);
    for (const range of sweeps) range.show(scene);
  };
  return { node: h("div", { class: "fl-controls" }, left, right), show, showNote };
}

/** The patch of each frame, and the wheel as the key of the colours. */
export function closePane(full, patches, wheel) {
  const captions = patches.map(() => h("figcaption"));
  const key = `The key: hue is direction; the ring stands for ${full} px per frame`;
  const node = h(
    "div",
    { class: "fl-close" },
    ...patches.map((patch, k) => h("figure", {}, patch, captions[k])),
    h("figure", { class: "fl-key" }, wheel, h("figcaption", {}, key)),
  );
  const show = (scene) => {
    const words = vectorWords(scene);
    captionsOf(scene).forEach((caption, k) => {
      captions[k].textContent = caption;
      patches[k].setAttribute("aria-label", `${caption}. ${words}`);
    });
    const label = `Colour wheel, full colour at ${full} px per frame. ${words}`;
    wheel.setAttribute("aria-label", label);
  };
  return { node, show };
}

export function readingsPane() {
  const names = {
    vector: "Under the lens",
    length: "Length and direction",
    warp: "Warp error",
    moving: "Moving",
    rough: "Roughness",
  };
  const { node, set } = readings(names, "fl");
  const show = (scene) => {
    for (const [key, [value, note]] of Object.entries(readingsOf(scene))) set(key, value, note);
  };
  return { node, show };
}

/** The warp error of each window and number of levels. */
export function tablePane({ winsizes, levels }) {
  const node = h("table", { class: "fl-table" });
  const heads = winsizes.map((winsize) => h("th", { scope: "col" }, `winsize ${winsize}`));
  const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "levels"), ...heads));
  const show = ({ statisticsAt, at_winsize, at_levels, at_poly_n }) => {
    const warpAt = (winsize, level) => statisticsAt(winsize, level).warp;
    const best = Math.min(...levels.flatMap((level) => winsizes.map((w) => warpAt(w, level))));
    const cell = (winsize, level) => {
      const here = winsize === at_winsize && level === at_levels;
      const warp = warpAt(winsize, level);
      const look = { "aria-current": here && "true", class: warp === best && "fl-best" };
      return h("td", look, warp.toFixed(2));
    };
    const rows = levels.map((level) =>
      h("tr", {}, h("th", { scope: "row" }, level), ...winsizes.map((w) => cell(w, level))),
    );
    const title = `Warp error in grey values for poly_n ${at_poly_n}; smallest underlined, shown now in a frame`;
    node.replaceChildren(h("caption", {}, title), head, h("tbody", {}, ...rows));
  };
  return { node, show };
}
