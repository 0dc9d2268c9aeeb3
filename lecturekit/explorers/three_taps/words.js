// What the view says in words.

import { total } from "../kit/numbers.js";
import { grouped, signed } from "../kit/words.js";
import { isSymmetric, isZero, keepsStill } from "./sums.js";

/** Two digits at most: "1", "0.33", "−3". */
export const short = (value) =>
  signed(Number(value.toFixed(2)), isZero(value - Math.round(value)) ? 0 : 2);

export function percent(share) {
  if (isZero(share)) return "0";
  return `${share < 0.1 ? (100 * share).toFixed(1) : grouped(Math.round(100 * share))}\u00a0%`;
}

const wrongOf = (errors) => errors.filter((error) => !isZero(error)).length;

function aboutStill({ taps, depth, padding, errors }) {
  const sum = total(taps);
  const wrong = wrongOf(errors);
  if (!keepsStill(taps)) {
    const factor = grouped(Number((sum ** depth).toFixed(2)));
    const layers =
      depth === 1 ? "in the one layer" : `in each layer, by ${factor} after all ${depth}`;
    const ends = padding === "zeros" ? ", and by another factor where the zeros reach" : "";
    const start = `The taps sum to ${short(sum)}, not to 1: a film that stands still`;
    if (sum > 0) return `${start} is multiplied by ${short(sum)} ${layers}${ends}.`;
    // Layer 1 has a slope for its filter: its negative answers, turned, pass the ReLU.
    if (depth === 1 && !isZero(sum)) return `${start} shows its edges of the other sign.`;
    return `${start} is lost.`;
  }
  if (padding === "repeat")
    return "The taps sum to 1 and the end frames are repeated: a film that stands still gives what its picture gave, through every layer.";
  if (!wrong)
    return "The taps sum to 1, and with outer taps of zero the padding is never read: every frame gives what its picture gave.";
  return `The taps sum to 1, but zeros lie before and after the film. They reach one frame further with each layer: ${wrong} of ${errors.length} frames no longer give what their picture gave.`;
}

function aboutOrder({ taps, gap, joined }) {
  const alone = isZero(taps[0]) && isZero(taps[2]);
  const late = alone ? "Each frame is read by itself: this is late fusion. " : "";
  if (isSymmetric(taps))
    return `${late}w₋₁ = w₊₁: averaged over time, the film and its reverse give the same, whatever the filters and the padding. Such a network is blind to order.`;
  if (isZero(gap)) return "Here the reverse gives the same, although w₋₁ ≠ w₊₁.";
  if (isZero(joined))
    return "These taps only move the film in time. Forwards and backwards, other end frames drop out, and that is the whole gap: with the ends joined it is gone.";
  return "Past and future weigh differently, and the ReLU keeps what comes of it: the average over time tells the film from its reverse, at its ends and inside.";
}

/** What the present setting teaches. */
export const lessonOf = (scene) => (scene.clip === "still" ? aboutStill(scene) : aboutOrder(scene));

/** How many frames differ from what the 2D network gives. */
export function differOf({ errors }) {
  const most = percent(Math.max(...errors));
  const frames = `${wrongOf(errors)} of ${errors.length} frames differ from the 2D network`;
  return wrongOf(errors) ? `${frames}, at most by ${most} of its mean answer.` : `${frames}.`;
}

/** What a screen reader hears after a change. */
export const saidOf = (scene) =>
  `Taps ${scene.taps.map(short).join(", ")}, sum ${short(total(scene.taps))}. ${differOf(scene)} ` +
  `Gap ${percent(scene.gap)}, with the ends joined ${percent(scene.joined)}.`;

/** The two theorems, on the presets. */
export function answerOf(presets) {
  const namesOf = (has) => presets.filter(([, taps]) => has(taps)).map(([name]) => `“${name}”`);
  const keeping = namesOf(keepsStill);
  const seeing = namesOf((taps) => !isSymmetric(taps));
  return (
    `A still clip is kept by taps that sum to 1: ${keeping.join(", ")} (where the padding does not reach). ` +
    `Order can be seen only if w₋₁ ≠ w₊₁: of these by ${seeing.join(", ")} alone, and only at the ` +
    "film’s ends, since it moves the film by one frame in each layer. To see order inside the film " +
    "as well, hold the sum at 1 and pull w₋₁ down to −1."
  );
}
