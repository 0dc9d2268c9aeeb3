// The arithmetic: what reaches a unit along an axis, and what counts of answers allow to be said.

import { total, within } from "../kit/numbers.js";

export const AXES = ["t", "y", "x"];

/** The frame, row or column that a unit looks at; `step` is its layer. */
export const centreOf = ({ jump, start }, axis, index) => start[axis] + jump[axis] * index;

/** The unit that looks at what is nearest to this frame, row or column. */
export const unitAt = ({ out, jump, start }, axis, centre) =>
  within(Math.round((centre - start[axis]) / jump[axis]), out[axis]);

/** First and last index that reach a unit along one axis, inside the clip; `cut`: by its border. */
export function fieldOf(step, axis, index, size) {
  const from = centreOf(step, axis, index) - (step.field[axis] - 1) / 2;
  const to = from + step.field[axis] - 1;
  return { inside: [Math.max(from, 0), Math.min(to, size - 1)], cut: from < 0 || to > size - 1 };
}

/** Wilson's 95 % interval of a share (Wilson 1927; Brown, Cai and DasGupta 2001, eq. 4). */
export function wilson(right, all) {
  const z = 1.959963984540054;
  const share = right / all;
  const whole = 1 + (z * z) / all;
  const middle = (share + (z * z) / (2 * all)) / whole;
  const spread = (share * (1 - share)) / all + (z * z) / (4 * all * all);
  const half = (z / whole) * Math.sqrt(spread);
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

/**
 * What was answered on a pair's clips. `counts`: rows are true, columns answered: the first of
 * the pair (by their labels), the second, another class. `inside`: answers that are of the pair.
 */
export function answersOf(confusion, pair) {
  const counts = pair.map((truth) => {
    const [one, other] = pair.map((answer) => confusion[truth][answer]);
    return [one, other, total(confusion[truth]) - one - other];
  });
  const right = counts[0][0] + counts[1][1];
  const all = total(counts.flat());
  const others = counts[0][2] + counts[1][2];
  const inside = all - others;
  return { counts, right, all, others, inside, interval: inside ? wilson(right, inside) : [0, 1] };
}

/** What that allows to be said: [kind, words]. An interval wider than 0.3 says too little. */
export function verdictOf({ counts, inside, interval: [low, high] }, names) {
  if (!inside) return ["none", "never answers inside the pair."];
  if (low > 0.8) return ["sees", "tells the two apart."];
  if (low > 0.5)
    return ["partly", "tells the two apart better than guessing would, but not safely."];
  if (high < 0.5) return ["swaps", "takes the one for the other: worse than guessing would be."];
  if (high - low > 0.3) {
    return ["few", `${inside} answers inside the pair are too few to tell it from guessing.`];
  }
  const always = [0, 1].find((k) => counts[0][k] + counts[1][k] >= 0.9 * inside);
  const which = always === undefined ? "" : `: it nearly always answers “${names[always]}”`;
  return ["guess", `right about half of the time, as guessing would be${which}.`];
}
