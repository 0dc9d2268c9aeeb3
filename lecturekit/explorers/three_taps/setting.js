// What a reader sets: the taps, their lock and their presets; depth, padding, clip.

import { radios, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { total } from "../kit/numbers.js";
import { isPreset, keepsStill, movedTaps } from "./sums.js";
import { short } from "./words.js";

const NAMES = ["w₋₁, before", "w₀, the frame", "w₊₁, after"];
const STEPS = 12; // to each 1: thirds and quarters are among them
const CHOICES = {
  padding: ["Before and after", { zeros: "zeros", repeat: "the end frames, repeated" }],
  clip: ["The clip", { still: "stands still", forwards: "moves", backwards: "runs backwards" }],
};

function tapSliders(view, most) {
  const sliders = NAMES.map((label, k) => {
    const oninput = (steps) => {
      const { taps, locked } = view.read("taps", "locked");
      view.put({ taps: movedTaps(taps, k, steps / STEPS, { locked, most }) });
    };
    return slider({ label, min: -most * STEPS, max: most * STEPS, value: 0, oninput });
  });
  const show = (taps) => {
    for (const [k, tap] of taps.entries()) {
      sliders[k].set(Math.round(tap * STEPS));
      sliders[k].say(short(tap));
    }
  };
  return { nodes: sliders.map(({ node }) => node), show };
}

/** Buttons; a preset whose taps do not sum to 1 frees the sum. */
function presetButtons(view) {
  const presets = view.get("presets");
  const buttons = presets.map(([name, taps]) => {
    const onclick = () => {
      if (!keepsStill(taps)) view.put({ locked: false });
      view.put({ taps });
    };
    return h("button", { type: "button", onclick }, name);
  });
  const show = (taps) => {
    for (const [k, [, preset]] of presets.entries())
      buttons[k].setAttribute("aria-pressed", isPreset(taps, preset));
  };
  const label = { class: "tt-presets", role: "group", "aria-label": "Presets of the taps" };
  return { node: h("div", label, ...buttons), show };
}

/** A box that holds the sum at 1; w₀ stays where it is when that begins. */
function lockBox(view, most) {
  const onchange = () => {
    const { checked: locked } = input;
    const taps = view.get("taps");
    if (locked) view.put({ taps: movedTaps(taps, 1, taps[1], { locked, most }) });
    view.put({ locked });
  };
  const input = h("input", { type: "checkbox", onchange });
  const sum = h("b");
  const node = h("label", { class: "tt-lock" }, input, "hold the sum at 1", sum);
  const show = ({ taps, locked }) => {
    input.checked = locked;
    sum.textContent = `(now ${short(total(taps))})`;
  };
  return { node, show };
}

export function settingPane(view) {
  const { tap: most, depth: deepest } = view.get("limits");
  const [sliders, presets, lock] = [
    tapSliders(view, most),
    presetButtons(view),
    lockBox(view, most),
  ];
  const depth = slider({
    label: "Depth",
    min: 1,
    max: deepest,
    value: view.get("depth"),
    format: (value) => `${value} layer${value > 1 ? "s" : ""}`,
    oninput: (value) => view.put({ depth: value }),
  });
  const choices = Object.entries(CHOICES).map(([key, [legend, names]]) => {
    const options = Object.entries(names);
    const onchange = (value) => view.put({ [key]: value });
    return [key, radios({ legend, options, value: view.get(key), onchange })];
  });
  const show = (state) => {
    sliders.show(state.taps);
    presets.show(state.taps);
    lock.show(state);
    depth.set(state.depth);
    for (const [key, choice] of choices) choice.set(state[key]);
  };
  const right = [depth.node, ...choices.map(([, choice]) => choice.node)];
  const left = [...sliders.nodes, lock.node];
  const columns = [left, right].map((nodes) => h("div", {}, ...nodes));
  return { nodes: [presets.node, h("div", { class: "tt-setting" }, ...columns)], show };
}
