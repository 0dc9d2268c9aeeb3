// The rules of the game and the sums over stored answers, as rules.py and __init__.py have them.

import { total, upTo } from "../kit/numbers.js";

export const LETTERS = [..."ABCDEFGH"];
export const CUES = ["appearance", "direction", "speed", "order"];
const [MODULUS, FACTOR, WARM_UP] = [2 ** 31 - 1, 48271, 8];

/** Which network is behind each letter: Fisher and Yates's shuffle, Park and Miller's numbers. */
export function orderOf(deal, count) {
  let state = deal;
  const next = () => {
    state = (state * FACTOR) % MODULUS; // whole numbers below 2 ** 53: exact
    return state;
  };
  for (const _ of upTo(WARM_UP)) next();
  const there = upTo(count);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor((next() * (last + 1)) / MODULUS);
    [there[last], there[other]] = [there[other], there[last]];
  }
  return there;
}

/** What the scores of each network say of each probe: "same", "one" or "other". */
export const outcomesOf = ({ change, apart, rounding }) =>
  change.map((row, n) =>
    row.map((number, p) => {
      if (number < rounding) return "same";
      return apart[n][p] < rounding ? "one" : "other";
    }),
  );

/** Stored answers, as bytes by network, question and clip; question 0 is: as they are. */
export function answersOf({ answers, labels, questions, cueOf }) {
  const count = labels.length;
  const rowOf = (n, q) => {
    const from = (n * questions + q) * count;
    return answers.subarray(from, from + count);
  };
  const cues = Array.from(labels, (label) => cueOf[label]);
  const clipsOf = Object.fromEntries(
    CUES.map((cue) => [cue, total(cues.map((other) => other === cue))]),
  );
  const evidenceOf = (n, q) => {
    const [row, before] = [rowOf(n, q), rowOf(n, 0)];
    const right = Object.fromEntries(CUES.map((cue) => [cue, 0]));
    let changed = 0;
    for (const [i, answer] of row.entries()) {
      changed += Number(answer !== before[i]);
      right[cues[i]] += Number(answer === labels[i]);
    }
    return { changed, different: new Set(row).size, right };
  };
  return { count, clipsOf, evidenceOf };
}

/** All sets of `size` of the numbers below `count`, in order. */
function setsOf(count, size, from = 0) {
  if (!size) return [[]];
  return upTo(count)
    .slice(from)
    .flatMap((first) => setsOf(count, size - 1, first + 1).map((rest) => [first, ...rest]));
}

/** The smallest sets of probes (by number) for which `enough` says yes. */
function smallest(count, enough) {
  for (const size of upTo(count + 1)) {
    const found = setsOf(count, size).filter(enough);
    if (found.length) return found;
  }
  return [];
}

/** The smallest sets of probes that tell network n from all others. */
export function proofsOf(outcomes, n) {
  const others = outcomes.filter((_, k) => k !== n);
  const own = outcomes[n];
  return smallest(own.length, (some) =>
    others.every((other) => some.some((p) => other[p] !== own[p])),
  );
}

/** The smallest sets of probes that tell each network from each other one. */
export const tellingApart = (outcomes) =>
  smallest(
    outcomes[0].length,
    (some) => new Set(outcomes.map((of) => some.map((p) => of[p]).join())).size === outcomes.length,
  );

/** What is left of a letter's purse; below 0 after a wrong name that could not be paid. */
export const coinsOf = (purse, bought, named, network) =>
  purse - bought.length - named.filter((name) => name !== network).length;

/** How a letter stands: coins, points, and whether its seal is broken. */
export function standingOf(purse, bought, named, network) {
  const left = coinsOf(purse, bought, named, network);
  const [coins, right] = [Math.max(left, 0), named.includes(network)];
  return { coins, right, open: right || left < 0, points: right ? coins : 0 };
}

/** The probes, of these, whose outcome speaks against a suspect. */
export const against = (outcomes, truth, suspect, probes) =>
  probes.filter((p) => outcomes[truth][p] !== outcomes[suspect][p]);

/** The suspect that is hardest to tell from the truth, by what was bought, then by all probes. */
export function runnerUpOf(outcomes, truth, bought) {
  const all = upTo(outcomes[0].length);
  const distance = (n) => [
    against(outcomes, truth, n, bought).length,
    against(outcomes, truth, n, all).length,
  ];
  const nearer = (a, b) => {
    const [[bought1, all1], [bought2, all2]] = [distance(a), distance(b)];
    return bought1 < bought2 || (bought1 === bought2 && all1 < all2);
  };
  return upTo(outcomes.length)
    .filter((n) => n !== truth)
    .reduce((best, n) => (nearer(n, best) ? n : best));
}
