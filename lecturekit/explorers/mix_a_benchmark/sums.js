// Accuracy under a mix of cues, its interval, and places; as league.py.

import { total, upTo } from "../kit/numbers.js";

const meanOf = (values) => total(values) / values.length;

/** Standard error of the mean of a few values; one value says nothing of it. */
function errorOf(values) {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  const squares = total(values.map((value) => (value - mean) ** 2));
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** The sum of share × value over cues; shares in per cent. */
const mixed = (shares, values) => total(shares.map((share, c) => (share / 100) * values[c]));

const TINY = 1e-9;

/** What a league's tables answer: `clips` by cue, `families` with `hits` by cue and seed. */
export function leagueOf({ clips, families, covariances, spreads }) {
  const rates = families.map(({ hits }) =>
    hits.map((ofCue, c) => ofCue.map((count) => count / clips[c])),
  );
  const means = rates.map((ofFamily) => ofFamily.map(meanOf));
  const seedsOf = (n, shares) =>
    rates[n][0].map((_, seed) => {
      const ofSeed = rates[n].map((ofCue) => ofCue[seed]);
      return mixed(shares, ofSeed);
    });
  const covariance = (a, b, shares) =>
    total(shares.map((share, c) => (share / 100) ** 2 * covariances[c][a][b]));
  const halfOf = (values, variance) =>
    Math.hypot(spreads[0] * errorOf(values), spreads[1] * Math.sqrt(Math.max(0, variance)));

  const accuracyOf = (n, shares) => mixed(shares, means[n]);
  /** First minus second, and half its interval; seeds and clips are paired. */
  const differenceOf = (a, b, shares) => {
    const others = seedsOf(b, shares);
    const apart = seedsOf(a, shares).map((value, seed) => value - others[seed]);
    const own = covariance(a, a, shares) + covariance(b, b, shares);
    return [meanOf(apart), halfOf(apart, own - 2 * covariance(a, b, shares))];
  };
  /** 1 if the first is surely better, −1 if surely worse, 0 if nobody can tell. */
  const toldApart = (a, b, shares) => {
    const [apart, half] = differenceOf(a, b, shares);
    return Math.abs(apart) <= half + TINY ? 0 : Math.sign(apart);
  };
  const standings = (shares) => {
    const found = families.map((_, n) => {
      const seeds = seedsOf(n, shares);
      return { family: n, accuracy: meanOf(seeds), half: halfOf(seeds, covariance(n, n, shares)) };
    });
    const rounded = ({ accuracy }) => Math.round(accuracy * 1e9); // what agrees so far is equal
    const order = found.toSorted((a, b) => rounded(b) - rounded(a) || a.family - b.family);
    for (const [k, one] of order.entries()) one.place = k + 1;
    for (const one of found) {
      const told = found
        .filter((other) => other !== one)
        .map((other) => toldApart(one.family, other.family, shares));
      one.best = 1 + told.filter((sign) => sign < 0).length;
      one.worst = found.length - told.filter((sign) => sign > 0).length;
    }
    return found;
  };
  return { accuracyOf, differenceOf, toldApart, standings, means };
}

/** Shares of 1 without one cue: the others in their proportions. */
export function othersOf(shares, cue) {
  const rest = shares.map((share, c) => (c === cue ? 0 : share));
  const all = total(rest);
  return rest.map((share) => share / all);
}

/** The mix in which one cue has `share` per cent and the others keep their proportions. */
export const mixAt = (shares, cue, share) =>
  othersOf(shares, cue).map((other, c) => (c === cue ? share : other * (100 - share)));

/** The mix whose proportions count: before one cue took all, if it has. */
export const basisOf = ({ shares, kept }, cue) => (shares[cue] < 100 ? shares : kept);

/** What is set when a reader moves the share of one cue. */
export function moved(state, cue, share) {
  const basis = basisOf(state, cue);
  const shares = mixAt(basis, cue, share);
  return { shares, kept: Math.max(...shares) < 100 ? shares : basis };
}

/** What is set when the border after cue k moves to `at` per cent of the bar. */
export function bordered({ shares, kept }, k, at) {
  const left = total(shares.slice(0, k));
  const both = shares[k] + shares[k + 1];
  const first = Math.min(Math.max(at - left, 0), both);
  const next = shares.map((share, c) => (c === k ? first : c === k + 1 ? both - first : share));
  return { shares: next, kept: Math.max(...next) < 100 ? next : kept };
}

/** Share of a cue in per cent at which two networks are equal, or null. */
export function crossingOf(league, { first, second, cue }, basis) {
  const [none, all] = [0, 100].map((share) => {
    const mix = mixAt(basis, cue, share);
    return league.accuracyOf(first, mix) - league.accuracyOf(second, mix);
  });
  if (none === all) return null;
  const at = none / (none - all);
  return at > 0 && at < 1 ? 100 * at : null;
}

/** Where along a cue's share two networks are told apart: 1, 0 or −1 at each whole per cent. */
export const toldAlong = (league, { first, second, cue }, basis) =>
  upTo(101).map((share) => league.toldApart(first, second, mixAt(basis, cue, share)));

/** Shares as whole per cent that sum to 100: the largest rests are rounded up. */
export function whole(shares) {
  const floors = shares.map((share) => Math.floor(share + 1e-9));
  const left = 100 - total(floors);
  const order = upTo(shares.length).toSorted(
    (a, b) => shares[b] - floors[b] - (shares[a] - floors[a]) || a - b,
  );
  for (const c of order.slice(0, left)) floors[c] += 1;
  return floors;
}
