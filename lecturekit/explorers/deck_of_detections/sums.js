// From a deck of cards to average precision: as lecturekit.metrics has it.

import { total, upTo } from "../kit/numbers.js";

export const RULES = ["steps", "interpolated", "eleven points"];
const APART = 1e-6; // scores that differ by less are not told apart any more

/** Numbers of the cards, the highest score first; of equal ones, the first listed. */
export const orderOf = (cards) =>
  upTo(cards.length).sort((a, b) => cards[b][1] - cards[a][1] || a - b);

/** Temporal intersection over union of two [film, start, stop] of one film. */
export function tiouOf([, start, stop], [, from, to]) {
  const both = Math.max(Math.min(stop, to) - Math.max(start, from), 0);
  return both / (stop - start + (to - from) - both);
}

/** The place of the highest value, or −1; of equal ones the first, or the last. */
function highest(values, last = false) {
  let best = -1;
  for (const [k, value] of values.entries())
    if (best < 0 || value > values[best] || (last && value === values[best])) best = k;
  return best;
}

/** Which of its film's truths a card may take: a place among them, or −1. */
const TAKES = {
  "best free": (overlaps, free) => {
    const open = overlaps.map((overlap, k) => (free[k] ? overlap : -1));
    const best = highest(open, true);
    return free[best] ? best : -1;
  },
  "best only": (overlaps, free) => {
    const best = highest(overlaps);
    return free[best] ? best : -1;
  },
};

/** What one card is, and the truth that decides it. */
function judged(answer, truths, taken, { take, tiou }) {
  const there = upTo(truths.length).filter((k) => truths[k][0] === answer[0]);
  if (!there.length) return { kind: "nowhere", truth: null, overlap: 0 };
  const overlaps = there.map((k) => tiouOf(answer, truths[k]));
  const free = there.map((k) => !taken.has(k));
  const got = TAKES[take](overlaps, free);
  if (got >= 0 && overlaps[got] >= tiou) {
    taken.add(there[got]);
    return { kind: "right", truth: there[got], overlap: overlaps[got] };
  }
  const most = highest(overlaps);
  const kind = overlaps[most] >= tiou ? "double" : "short";
  return { kind, truth: overlaps[most] > 0 ? there[most] : null, overlap: overlaps[most] };
}

const raised = (precision) => precision.map((_, k) => Math.max(...precision.slice(k)));

/** The raised precision at recall 0, 0.1, …, 1. */
export function elevenOf(precision, recall) {
  const envelope = raised(precision);
  return upTo(11).map((k) => envelope[recall.findIndex((value) => value >= k / 10)] ?? 0);
}

/** [recall before, recall after, precision] of each rise, with precision raised or as it is. */
export function stepsOf({ precision, recall }, rule) {
  const heights = rule === "steps" ? precision : raised(precision);
  return heights
    .map((height, k) => [recall[k - 1] ?? 0, recall[k], height])
    .filter(([from, to]) => to > from);
}

/** The area by each rule. */
function areasOf(curve) {
  const stepped = (rule) => total(stepsOf(curve, rule).map(([from, to, p]) => (to - from) * p));
  return {
    steps: stepped("steps"),
    interpolated: stepped("interpolated"),
    "eleven points": total(elevenOf(curve.precision, curve.recall)) / 11,
  };
}

/** The whole deck: ranked cards with what they are, the curve of those that count, the areas. */
export function dealt({ answers, truths, cards, doubles, empty, ...state }) {
  const out = { double: doubles === "left out", nowhere: empty === "left out" };
  const taken = new Set();
  const curve = { precision: [], recall: [] };
  let [right, counted] = [0, 0];
  const ranked = orderOf(cards).map((card, rank) => {
    const [answer, score] = cards[card];
    const verdict = judged(answers[answer], truths, taken, state);
    const counts = !out[verdict.kind];
    if (counts) {
      counted += 1;
      right += Number(verdict.kind === "right");
      curve.precision.push(right / counted);
      curve.recall.push(right / truths.length);
    }
    const so = counts ? { right, counted, point: counted - 1 } : {};
    return { card, answer, rank, score, segment: answers[answer], counts, ...verdict, ...so };
  });
  return { ranked, curve, areas: areasOf(curve), taken, right, counted };
}

/** The score that brings a card to a rank; of what lies between, two digits are enough. */
export function scoreAt(cards, card, rank) {
  const others = orderOf(cards).filter((other) => other !== card);
  const above = rank > 0 ? cards[others[rank - 1]][1] : 1;
  const below = rank < others.length ? cards[others[rank]][1] : 0;
  const middle = (above + below) / 2;
  const short = Math.round(100 * middle) / 100;
  return below < short && short < above ? short : middle;
}

/** Scores after a map, or null if it would bring two so near that they count as equal. */
export function mapped(cards, map) {
  const next = cards.map(([answer, score]) => [answer, map(score)]);
  const ranked = orderOf(cards);
  const apart = ranked.every((card, k) => {
    const before = ranked[k - 1];
    if (before === undefined || cards[before][1] === cards[card][1]) return true;
    return next[before][1] - next[card][1] > APART;
  });
  return apart ? next : null;
}
