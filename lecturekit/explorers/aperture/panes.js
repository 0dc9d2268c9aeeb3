// The parts around the two pictures: the dial, the words, the controls, the structure tensor.

import { degreesOf, turned } from "../kit/angle.js";
import { radios, slider } from "../kit/controls.js";
import { h, uniqueId } from "../kit/dom.js";
import { hint, lesson } from "../kit/text.js";
import { RIM_PX } from "./draw.js";
import { differenceOf } from "./sums.js";
import { answerOf, heading, KNOWN, scoreOf, seenOf } from "./words.js";

const PATTERNS = ["stripes", "corner", "texture", "blank"].map((name) => [name, name]);
const MOTIONS = [
  ["truth", "the true motion"],
  ["across", "only its part across"],
  ["guess", "your guess"],
];
const EIGENVALUE_MAX = 1000;
export const MIDDLE = 12; // the frame, of those that are played, at which the sheet is centred

/** Turns the dial: the mouse anywhere on the stage, a finger on the handle, or a tap. */
function turnDial(stage, grip, turn) {
  const towards = (event) => {
    const box = stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return degreesOf(x - box.width / 2, y - box.height / 2);
  };
  let held = false;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = event.pointerType !== "touch" || event.target === grip;
    stage.setPointerCapture(event.pointerId);
    if (held) turn(towards(event));
  });
  stage.addEventListener("pointermove", (event) => held && turn(towards(event)));
  stage.addEventListener("pointerup", (event) => {
    turn(towards(event));
    held = false;
  });
  stage.addEventListener("pointercancel", () => {
    held = false;
  });
}

/** The picture with its dial, a slider for the keyboard. */
export function dialPane(view, step, picture) {
  const seen = h("p", { class: "lk-spoken", id: uniqueId("ap-seen") });
  const grip = h("div", { class: "ap-grip" });
  const attributes = {
    class: "ap-stage",
    role: "slider",
    tabindex: 0,
    "aria-label": "Your guess: the direction in which the sheet moves",
    "aria-valuemin": 0,
    "aria-valuemax": 360 - step,
    "aria-describedby": seen.id,
  };
  const onkeydown = (event) => {
    const by = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step }[event.key];
    const turnedBy = by && (view.get("guess_deg") + by + 360) % 360;
    const to = { Home: 0, End: 360 - step }[event.key] ?? turnedBy;
    if (to === undefined) return;
    event.preventDefault();
    view.put({ guess_deg: to });
  };
  const stage = h("div", { ...attributes, onkeydown }, picture, grip);
  turnDial(stage, grip, (degrees) => {
    view.put({ guess_deg: (Math.round(degrees / step) * step) % 360 });
  });
  const show = ({ size, guess, pattern, measured }) => {
    const [x, y] = turned(guess, (100 * RIM_PX) / size);
    Object.assign(grip.style, { left: `${50 + x}%`, top: `${50 + y}%` });
    stage.setAttribute("aria-valuenow", guess);
    stage.setAttribute("aria-valuetext", heading(guess));
    seen.textContent = seenOf(pattern, measured);
  };
  return { stage, seen, show };
}

/** The structure tensor's eigenvalues, as bars on a logarithmic scale. */
export function tensorPane(noise) {
  const bars = ["first", "second"].map((name) => {
    const fill = h("span", { class: "ap-fill" });
    return { fill, value: h("b", { "data-reading": name }) };
  });
  const known = h("p", { "data-reading": "known" });
  const title = "Structure tensor over the hole: its eigenvalues, (grey values per px)²";
  const rows = bars.map(({ fill, value }, k) => {
    const track = h("span", { class: "ap-track" }, fill);
    return h("div", { class: "ap-bar" }, h("span", {}, k ? "λ₂" : "λ₁"), track, value);
  });
  const node = h(
    "div",
    { class: "ap-tensor" },
    h("p", { class: "ap-title" }, title),
    ...rows,
    known,
  );
  const show = ({ measured }) => {
    measured.eigenvalues.forEach((value, k) => {
      const part = Math.log10(1 + value) / Math.log10(1 + EIGENVALUE_MAX);
      bars[k].value.textContent = value.toFixed(value < 10 ? 2 : 0);
      bars[k].fill.style.width = `${100 * part}%`;
      bars[k].fill.classList.toggle("ap-noise", value <= noise);
    });
    known.replaceChildren(h("b", {}, `${measured.known} known. `), KNOWN[measured.known]);
  };
  return { node, known, show };
}

/** The words: what to do, the key of the rim, the lesson, what the sheet does now, the score. */
export function wordsPane({ sheets, trials }) {
  const [advice, key, answer] = [hint(), h("figcaption"), lesson()];
  const same = h("p", { class: "ap-same" });
  const score = h("p", { class: "lk-hint ap-score" });
  const TASK =
    " Play it, look through the hole, and turn the arrow: which way does the sheet move?";
  const show = (scene) => {
    const { index, revealed, measured, motion, velocity, guesses } = scene;
    advice.replaceChildren(
      h("b", {}, `Sheet ${index + 1} of ${trials.length}.`),
      revealed ? " The pins show how the whole sheet moves." : TASK,
    );
    const part = measured.known === 1 ? ", its part across (green)" : "";
    key.textContent = revealed
      ? `On the rim: your guess (blue), the true motion (orange, long)${part}`
      : "The hole, and your arrow on its rim";
    answer.textContent = revealed
      ? answerOf(scene)
      : `Your guess: towards ${heading(scene.guess)}.`;
    const speed = Math.hypot(...velocity).toFixed(2);
    const moves = `The sheet now moves ${speed} px per frame towards ${heading(degreesOf(...velocity))}. `;
    const ends = [scene.truth, velocity].map((each) => sheets.at(each, MIDDLE));
    const off = motion === "truth" ? null : differenceOf(scene, ends).toFixed(1);
    same.hidden = !revealed;
    same.textContent =
      moves +
      (off === null
        ? ""
        : `After 12 frames the hole shows grey values that differ from the true film’s by ${off} on average.`);
    score.textContent = guesses.length ? `So far, ${scoreOf(guesses)}.` : "";
  };
  return { advice, key, answer, same, score, show };
}

/** What is behind the hole, the hole's radius, and once it is revealed, how the sheet moves. */
export function controlsPane(view, move) {
  const pattern = radios({
    legend: "Behind the hole",
    options: PATTERNS,
    value: view.get("pattern"),
    onchange: (value) => view.put({ pattern: value }),
  });
  const [min, max] = view.get("hole_range");
  const hole = slider({
    label: "Hole’s radius",
    min,
    max,
    value: view.get("hole_px"),
    format: (value) => `${value} px`,
    oninput: (value) => view.put({ hole_px: value }),
  });
  const moves = radios({
    legend: "Move the sheet by",
    options: MOTIONS,
    value: "truth",
    onchange: move,
  });
  const show = (scene) => {
    pattern.set(scene.pattern);
    hole.set(scene.hole);
    moves.node.hidden = !scene.revealed;
    moves.set(scene.motion);
    for (const [key, input] of moves.inputs) input.disabled = !scene.choices[key];
  };
  return { nodes: [pattern.node, hole.node, moves.node], show };
}
