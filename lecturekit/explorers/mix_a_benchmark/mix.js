// The mix of cues: a bar whose borders a pointer moves, a slider for each cue, and whole mixes.

import { slider } from "../kit/controls.js";
import { h } from "../kit/dom.js";
import { total, upTo } from "../kit/numbers.js";
import { bordered, moved, whole } from "./sums.js";
import { mixText } from "./words.js";

const NEAR_PX = 18;

/** The border that a pointer takes hold of: of several at one place, the one that can move. */
function borderAt(x, shares, width) {
  const at = (k) => (total(shares.slice(0, k + 1)) / 100) * width;
  const apart = upTo(shares.length - 1).map((k) => Math.abs(at(k) - x));
  const least = Math.min(...apart);
  if (least > NEAR_PX) return null;
  const near = upTo(apart.length).filter((k) => apart[k] - least < 0.5);
  // At the left end only the last of them can move, at the right end only the first.
  return at(near[0]) < width / 2 ? near.at(-1) : near[0];
}

function whenDragged(bar, state, put) {
  let held = null;
  const pointOf = (event) => {
    const box = bar.getBoundingClientRect();
    return [event.clientX - box.left, box.width];
  };
  bar.addEventListener("pointerdown", (event) => {
    const [x, width] = pointOf(event);
    held = event.button === 0 ? borderAt(x, state().shares, width) : null;
    if (held === null) return;
    bar.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") event.preventDefault();
  });
  bar.addEventListener("pointermove", (event) => {
    const [x, width] = pointOf(event);
    if (held !== null) put(bordered(state(), held, Math.round((100 * x) / width)));
    else bar.classList.toggle("mb-border", borderAt(x, state().shares, width) !== null);
  });
  for (const end of ["pointerup", "pointercancel"])
    bar.addEventListener(end, () => {
      held = null;
    });
}

function barOf(cues, state, put) {
  const parts = cues.map((cue, c) =>
    h("span", { class: `mb-part mb-cue-${c}` }, h("b", {}, cue), h("span", {})),
  );
  const node = h("div", { class: "mb-mix", role: "img" }, ...parts);
  whenDragged(node, state, put);
  const show = ({ shares }) => {
    const rounded = whole(shares);
    for (const [c, part] of parts.entries()) {
      part.style.flexGrow = shares[c];
      part.lastChild.textContent = `${rounded[c]} %`;
      part.classList.toggle("mb-narrow", shares[c] < 14);
    }
    node.setAttribute("aria-label", `The test set: ${mixText(shares, cues)}`);
  };
  return { node, show };
}

/** Buttons for whole mixes: the test set's own, all cues equal, one cue alone. */
function presetsOf(cues, own, state, put) {
  const even = cues.map(() => 100 / cues.length);
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  return h(
    "div",
    { class: "mb-presets", role: "group", "aria-label": "Whole mixes" },
    button("Our own test set", () => put({ shares: own, kept: own })),
    button("All equal", () => put({ shares: even, kept: even })),
    ...cues.map((cue, c) => button(`Only ${cue}`, () => put(moved(state(), c, 100)))),
  );
}

export function mixPane(view) {
  const { cues, own } = view.read("cues", "own");
  const state = () => view.read("shares", "kept");
  const bar = barOf(cues, state, view.put);
  const sliders = cues.map((cue, c) =>
    slider({
      label: cue,
      min: 0,
      max: 100,
      value: 0,
      format: (share) => `${share} %`,
      oninput: (share) => view.put(moved(state(), c, share)),
    }),
  );
  for (const [c, { node }] of sliders.entries())
    node.querySelector("label").prepend(h("i", { class: `mb-key mb-cue-${c}` }));
  const show = (scene) => {
    bar.show(scene);
    const rounded = whole(scene.shares);
    for (const [c, one] of sliders.entries()) one.set(rounded[c]);
  };
  const node = h(
    "div",
    { class: "mb-mixer" },
    bar.node,
    h("div", { class: "mb-sliders" }, ...sliders.map((one) => one.node)),
    presetsOf(cues, own, state, view.put),
  );
  return { node, show };
}
