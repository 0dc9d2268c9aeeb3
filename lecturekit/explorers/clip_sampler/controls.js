// What the student sets: T, τ, start and clips; the way to choose, the rate, the policy, the pace.

import { select, slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { prefersReducedMotion } from "../kit/theme.js";
import { everyNth, short } from "./words.js";

const MODES = [
  ["strided", "from a start frame"],
  ["center", "from the film’s centre"],
  ["segments", "T equal parts (TSN)"],
  ["multi_view", "several clips (testing)"],
];
const POLICIES = [
  ["loop", "loop: start again"],
  ["clamp", "clamp: hold the last"],
  ["error", "error: refuse"],
];
const RATES = [12, 15, 24, 25, 30, 50, 60];
const SPEEDS = [
  ["1", "real time"],
  ["0.5", "half speed"],
  ["0.25", "quarter speed"],
  ["0.125", "1/8 speed"],
];

/** How fast both play; nothing where nothing plays. */
export function speedOf(change) {
  if (prefersReducedMotion()) return null;
  const onchange = (value) => change(Number(value));
  return select({ label: "Speed", options: SPEEDS, value: "1", onchange }).node;
}

/** The rates to choose from, with the film's own and the present one among them. */
function rateOptions(filmFps, fps) {
  const rates = [...new Set([...RATES, filmFps, fps])].sort((a, b) => a - b);
  const name = (rate) => `${short(rate)} fps${rate === filmFps ? " (it was)" : ""}`;
  return rates.map((rate) => h("option", { value: String(rate) }, name(rate)));
}

function slidersOf(view, scene) {
  const put = (key) => (value) => view.put({ [key]: value });
  const of = (key, label, [min, max], format) =>
    slider({ label, min, max, value: view.get(key), format, oninput: put(key) });
  const many = (value) => `${value} clip${value > 1 ? "s" : ""}`;
  const last = scene.settings.video_frames - 1;
  return {
    num_frames: of("num_frames", "T, frames", [1, 32]),
    stride: of("stride", "τ, stride", [1, 16], everyNth),
    start: of("start", "Start", [0, last], (value) => `frame ${value}`),
    clips: of("clips", "Clips", [1, 10], many),
  };
}

/** All but the players' controls; `moved` is called when another clip comes into view. */
export function controlsPane(view, scene, moved) {
  const ranges = slidersOf(view, scene);
  const which = slider({
    label: "Clip shown",
    min: 1,
    max: 10,
    value: 1,
    format: (value) => `number ${value}`,
    oninput: (value) => {
      scene.view = value - 1;
      moved();
    },
  });
  const choose = (label, options, key, read = String) =>
    select({ label, options, onchange: (value) => view.put({ [key]: read(value) }) });
  const mode = choose("Choose", MODES, "mode");
  const rate = choose("If shot at", [], "fps", Number);
  const policy = choose("If too short", POLICIES, "policy");

  const show = () => {
    const { settings, clip, clips } = scene;
    const [sparse, several] = [settings.mode === "segments", settings.mode === "multi_view"];
    for (const [key, range] of Object.entries(ranges)) range.set(settings[key]);
    if (settings.mode === "center") ranges.start.set(clip().edges[0]);
    if (sparse) ranges.stride.say("not used");
    ranges.start.input.disabled = settings.mode !== "strided";
    ranges.stride.input.disabled = policy.input.disabled = sparse;
    ranges.start.node.hidden = sparse || several;
    ranges.clips.node.hidden = which.node.hidden = !several;
    which.bounds(1, clips.length);
    which.set(scene.view + 1);
    which.input.disabled = clips.length < 2;
    mode.set(settings.mode);
    policy.set(settings.policy);
    rate.input.replaceChildren(...rateOptions(settings.film_fps, settings.fps));
    rate.set(String(settings.fps));
  };
  const left = [...Object.values(ranges), which].map((range) => range.node);
  const right = [mode, rate, policy].map((list) => list.node);
  return {
    node: h("div", { class: "cs-controls" }, h("div", {}, ...left), h("div", {}, ...right)),
    show,
  };
}
