// Films that play when they are asked to, and the button that asks. Where the reader wants no
// motion, the button makes one step instead, or the film stops at its end.

import { h } from "./dom.js";
import { prefersReducedMotion } from "./theme.js";

/** Calls `tick(time in ms)` before each repaint while it runs. */
function runner(tick) {
  const watchers = [];
  let request = null;
  const tell = (on) => {
    for (const watcher of watchers) watcher(on);
  };
  const run = (now) => {
    request = requestAnimationFrame(run);
    tick(now);
  };
  const start = () => {
    request ??= requestAnimationFrame(run);
    tell(true);
  };
  const stop = () => {
    if (request === null) return;
    cancelAnimationFrame(request);
    request = null;
    tell(false);
  };
  return {
    start,
    stop,
    playing: () => request !== null,
    /** Calls back with true when it starts and with false when it stops. */
    watch: (watcher) => watchers.push(watcher),
  };
}

/**
 * Steps through frames 0 … last at fps() frames per second, over and over; with reduced motion
 * it stops at the end. `position()` says where it stands, `step(t)` moves it. Where the number of
 * frames changes, `last` is Infinity and `step` goes round by itself.
 */
export function framePlayer({ position, last, fps, step }) {
  let due = 0;
  const run = runner((now) => {
    if (now < due) return;
    // From the time it was due, not from now: the screen's own rate must not slow the film.
    due = Math.max(due, now - 1000 / fps()) + 1000 / fps();
    if (position() < last) step(position() + 1);
    else if (prefersReducedMotion()) run.stop();
    else step(0);
  });
  const start = () => {
    if (position() === last) step(0);
    due = performance.now() + 1000 / fps();
    run.start();
  };
  return { ...run, start, toggle: () => (run.playing() ? run.stop() : start()) };
}

/** Calls `step(seconds)` with the time since `start(from)`, before each repaint. */
export function clock(step) {
  let begun = 0;
  const run = runner(() => step((performance.now() - begun) / 1000));
  const start = (fromSec = 0) => {
    run.stop();
    begun = performance.now() - fromSec * 1000;
    run.start();
  };
  return { ...run, start };
}

/** The button of a player; with reduced motion it says `stepText` and calls `step`, if given. */
export function playButton(player, { toggle, step, ...texts }) {
  const { text = "▶ Play", pauseText = "❚❚ Pause", stepText = "Next frame" } = texts;
  const still = step && prefersReducedMotion();
  const onclick = still ? step : (toggle ?? player.toggle);
  const button = h("button", { type: "button", onclick }, still ? stepText : text);
  player.watch((on) => {
    button.textContent = on ? pauseText : text;
  });
  return button;
}
