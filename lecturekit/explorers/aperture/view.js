// The aperture: a hole with a dial, a plot of velocities, and what the pixels in the hole tell.

import { degreesOf, turned } from "../kit/angle.js";
import { fittedCanvas } from "../kit/canvas.js";
import { h } from "../kit/dom.js";
import { framePlayer, playButton } from "../kit/playing.js";
import { inks, onThemeChange } from "../kit/theme.js";
import { oncePerFrame } from "../kit/timing.js";
import { openView } from "../kit/view.js";
import { drawHole, drawVelocities } from "./draw.js";
import { controlsPane, dialPane, MIDDLE, tensorPane, wordsPane } from "./panes.js";
import { fittingVelocity, linesOf, measureOf, sheetOf, slopesOf } from "./sums.js";
import { heading } from "./words.js";

const PLAYED = ["pattern", "hole_px", "trial", "guess_deg", "revealed", "guesses"];
const [FRAMES, PAUSE, FPS] = [25, 5, 12.5];
const INKS = {
  text: "--lk-ink",
  wall: "--lk-paper",
  muted: "--lk-muted",
  line: "--lk-edge",
  guess: "--lk-blue",
  truth: "--lk-orange",
  across: "--lk-green",
};

/** What Python fixed, and the sheets drawn so far of the present pattern and trial. */
function sheetsOf(view) {
  const fixed = view.read(
    "trials",
    "waves",
    "view_px",
    "period_px",
    "edge_px",
    "noise",
    "step_deg",
  );
  const sheets = new Map();
  let shown = null;
  const at = (velocity, frame) => {
    const key = `${velocity} ${frame}`;
    if (!sheets.has(key)) sheets.set(key, sheetOf(fixed, ...shown, velocity, frame));
    return sheets.get(key);
  };
  const show = (pattern, trial) => {
    if (shown?.[0] !== pattern || shown[1] !== trial) sheets.clear();
    shown = [pattern, trial];
  };
  return { fixed, at, show };
}

/** All that follows from the state: what is measured, what fits, how the sheet now moves. */
function sceneOf(view, sheets, motion) {
  const state = view.read(...PLAYED);
  const { view_px: size, step_deg: step, trials, noise } = sheets.fixed;
  const trial = trials[state.trial];
  const truth = turned(trial.motion_deg, trial.speed_px);
  sheets.show(state.pattern, trial);
  const frames = [-1, 0, 1].map((frame) => sheets.at(truth, frame));
  const slopes = slopesOf(size, frames, state.hole_px);
  const measured = measureOf(slopes, noise);
  const fits = fittingVelocity(measured, trial, state.guess_deg);
  const across = degreesOf(...measured.velocity);
  const choices = {
    truth,
    across: measured.known === 1 ? fittingVelocity(measured, trial, across) : null,
    guess: fits,
  };
  const moves = state.revealed && choices[motion] ? motion : "truth";
  return {
    size,
    step,
    slopes,
    measured,
    fits,
    trial,
    truth,
    choices,
    motion: moves,
    index: state.trial,
    pattern: state.pattern,
    hole: state.hole_px,
    guess: state.guess_deg,
    revealed: state.revealed,
    guesses: state.guesses,
    lines: linesOf(slopes, state.hole_px),
    velocity: choices[moves],
  };
}

/** The two canvases; `frame()` is how far the film is, or null when the hole is shut. */
function canvasesPane(view, { sheets, scene, frame }) {
  const hole = (context, width, _, node) => {
    const [{ velocity, ...rest }, at] = [scene(), frame()];
    const sheet = at === null ? null : sheets.at(velocity, at);
    const moved = velocity.map((value) => value * at);
    drawHole(context, width, { ...rest, sheet, moved, ink: inks(node, INKS) });
  };
  const velocities = (context, width, _, node) => {
    drawVelocities(context, width, { ...scene(), ink: inks(node, INKS) });
  };
  const picture = view.keep(fittedCanvas(hole, { class: "ap-picture", role: "presentation" }));
  const plot = view.keep(fittedCanvas(velocities, { class: "ap-plot" }));
  const draw = oncePerFrame(() => {
    picture.redraw();
    plot.redraw();
  });
  view.keep(draw);
  view.keep(onThemeChange(draw));
  return { picture: picture.node, plot: plot.node, draw };
}

/** The film behind the hole, which ends with a pause; `hold` shows one moment of it. */
function filmOf(view, draw) {
  let position = MIDDLE;
  const hold = (next) => {
    position = next;
    view.body.dataset.frame = frame() ?? "none";
    draw();
  };
  const frame = () => (position < FRAMES ? position - MIDDLE : null);
  const player = view.keep(
    framePlayer({ position: () => position, last: FRAMES + PAUSE - 1, fps: () => FPS, step: hold }),
  );
  const button = playButton(player, { step: () => hold((position + 1) % FRAMES) });
  return { button, frame, again: () => hold(position) };
}

/** Reveals the answer and keeps the guess; then shows the next sheet. */
function answerButton(view, scene, forget) {
  const onclick = () => {
    const { revealed, index, guesses, pattern, guess, trial } = scene();
    if (revealed) {
      forget();
      view.put({ trial: (index + 1) % view.get("trials").length, revealed: false });
    } else {
      const guessed = [pattern, guess, trial.motion_deg];
      view.put({ guesses: [...guesses, guessed], revealed: true });
    }
  };
  return h("button", { type: "button", class: "ap-answer", onclick });
}

function render({ model, el }) {
  const view = openView({ model, el }, "aperture");
  const sheets = sheetsOf(view);
  const { trials, step_deg: step, noise } = sheets.fixed;
  let [motion, now] = ["truth", null];
  const scene = () => now;
  const move = (next) => {
    motion = next;
    show();
  };

  const canvases = canvasesPane(view, { sheets, scene, frame: () => film.frame() });
  const film = filmOf(view, canvases.draw);
  const dial = dialPane(view, step, canvases.picture);
  const answer = answerButton(view, scene, () => {
    motion = "truth";
  });
  const [words, tensor] = [wordsPane({ sheets, trials }), tensorPane(noise)];
  const controls = controlsPane(view, move);
  const say = view.voice(() =>
    now.revealed ? words.answer.textContent : `${heading(now.guess)}. ${tensor.known.textContent}`,
  );

  const show = () => {
    now = sceneOf(view, sheets, motion);
    motion = now.motion;
    for (const pane of [dial, words, tensor, controls]) pane.show(now);
    answer.textContent = now.revealed ? "Next sheet" : "Reveal";
    const said = now.revealed ? words.answer.textContent : "";
    canvases.plot.setAttribute(
      "aria-label",
      `Velocities. Your guess: ${heading(now.guess)}. ${said}`,
    );
    view.body.dataset.measured = JSON.stringify(now.measured);
    view.body.dataset.velocity = JSON.stringify(now.velocity);
    film.again();
    say();
  };

  const buttons = h("div", { class: "ap-play" }, film.button, answer);
  const plotKey = h("figcaption", {}, "Velocities in px per frame: dx right, dy down");
  view.body.append(
    words.advice,
    h(
      "div",
      { class: "ap-views" },
      h("figure", {}, dial.stage, words.key, buttons),
      h("figure", {}, canvases.plot, plotKey),
    ),
    dial.seen,
    words.answer,
    words.same,
    ...controls.nodes,
    tensor.node,
    words.score,
  );
  view.onChange(PLAYED, show);
  show();
  canvases.draw.now();
  view.ready();
  return view.close;
}

export default { render };
