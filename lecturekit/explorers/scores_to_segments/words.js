// The numbers in words.

import { signed } from "../kit/words.js";
import { TIOUS } from "./sums.js";

export const seconds = (value) => `${value.toFixed(2)} s`;
export const score = (value) => value.toFixed(2);

/** Letter and words of each kind; the letters stand in the picture. */
export const KINDS = {
  true: ["T", "true"],
  "wrong class": ["W", "wrong class"],
  "bad boundary": ["B", "bad boundary"],
  double: ["D", "double"],
  background: ["N", "background: overlaps no truth by 0.1"],
};
export const letterOf = (kind) => KINDS[kind][0];

const plural = (number, name) => `${number} ${name}${number === 1 ? "" : "s"}`;

/** "0.97 s too early". */
function lies(offset) {
  if (Math.abs(offset) < 0.005) return "neither early nor late";
  return `${seconds(Math.abs(offset))} too ${offset < 0 ? "early" : "late"}`;
}

/** What the window that is shown saw, and what it says. */
export function windowText(scene) {
  const { window, fps, classes, shown } = scene;
  const { first, label, value, time } = shown;
  const span = `${seconds(first / fps)} to ${seconds((first + window) / fps)}`;
  return `Window ${shown.number}: frames ${first} to ${first + window - 1}, ${span}. “${classes[label]}” ${score(value)}, written down at ${seconds(time)}.`;
}

function stampLesson({ stamp, window, fps, offset, precisions, centred }) {
  const half = seconds(window / fps / 2);
  const [where, side] = stamp === "start" ? ["start", "early"] : ["end", "late"];
  const costs = TIOUS.map(
    (tiou, k) => `${signed(precisions[k] - centred[k])} at tIoU ${tiou}`,
  ).join(", ");
  const lie = offset === null ? "" : ` The median found segment lies ${lies(offset)}.`;
  return `A window speaks of all its frames, but its score is written at its ${where}: everything is found half a window, ${half}, too ${side}.${lie} mAP against the centre: ${costs}.`;
}

/** The one sentence that the present setting teaches. */
export function lessonOf(scene) {
  const { stamp, join, counts, number, all, tiou, window, fps } = scene;
  if (!number) return "No score reaches the threshold: nothing is found. Lower it.";
  if (stamp !== "centre") return stampLesson(scene);
  const doubles = counts.double ?? 0;
  if (join === "single" && doubles > number / 4)
    return `${doubles} of ${number} found segments are doubles: neighbouring windows see the same action. Each counts as an error. Lower the NMS threshold.`;
  const right = `${counts.true ?? 0} of ${all} true segments are found at tIoU ${tiou}.`;
  if (join === "single")
    return `${right} Each window is a segment of ${seconds(window / fps)}, however long the action is.`;
  return `${right} Scores stand at the middle of what their windows saw, and neighbours over the threshold are joined. Joined segments of a class never overlap: NMS drops none.`;
}

/** The guess judged: what a stamp at the start does to each mAP. */
export function answerOf({ guess, started, centred, window, fps }) {
  const changes = TIOUS.map((_, k) => started[k] - centred[k]);
  const numbers = TIOUS.map((tiou, k) => `${signed(changes[k])} at tIoU ${tiou}`).join(", ");
  const worst = Math.min(...changes);
  const right = TIOUS.some((tiou, k) => guess === String(tiou) && changes[k] === worst);
  const judged = guess === "none" ? "" : right ? "✓ " : "✗ ";
  return `${judged}Start against centre, with windows of ${seconds(window / fps)}: ${numbers}. A found segment as long as its truth, L, but d too early overlaps it by (L − d) / (L + d). With d = ${seconds(window / fps / 2)} that is at least 0.7 only where L ≥ ${seconds((window / fps / 2) * (1.7 / 0.3))}, at least 0.3 where L ≥ ${seconds((window / fps / 2) * (1.3 / 0.7))}.`;
}

/** What stands in each reading: a number, and a note below it. */
export function readingsOf({ precisions, centred, stamp, counts, number, all, offset, ...scene }) {
  const half = seconds(scene.window / scene.fps / 2);
  const against = (k) =>
    stamp === "centre" ? "over all films" : `${score(centred[k])} with the stamp at the centre`;
  const errors = Object.keys(KINDS).filter((kind) => kind !== "true" && counts[kind]);
  return {
    ...Object.fromEntries(
      TIOUS.map((tiou, k) => [`map${10 * tiou}`, [score(precisions[k]), against(k)]]),
    ),
    offset: [offset === null ? "–" : lies(offset), `median; half a window is ${half}`],
    right: [`${counts.true ?? 0} of ${all}`, `at tIoU ${scene.tiou}`],
    wrong: [
      plural(number - (counts.true ?? 0), "error"),
      errors.map((kind) => `${letterOf(kind)} ${counts[kind]}`).join(", ") || "none",
    ],
  };
}

/** The picture in words. */
export function pictureText(scene) {
  const { truths, found } = scene;
  const missed = truths.filter((truth) => !truth.found).length;
  return `Film ${scene.film + 1}, ${seconds(scene.duration)}: ${plural(truths.length, "true segment")}, ${missed} missed; ${plural(found.length, "found segment")}. ${windowText(scene)}`;
}

/** What a screen reader hears after a change. */
export function saidOf(scene) {
  const values = TIOUS.map((tiou, k) => `${score(scene.precisions[k])} at ${tiou}`).join(", ");
  return `mAP ${values}. ${lessonOf(scene)} ${windowText(scene)}`;
}
