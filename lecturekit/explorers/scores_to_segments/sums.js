// From scores in time to segments, and what they are worth: as lecturekit.localization and
// lecturekit.metrics have it, sum by sum in the same order.

import { total, upTo } from "../kit/numbers.js";

export const TIOUS = [0.3, 0.5, 0.7];
const TOUCHES = 0.1; // what overlaps a truth by less found nothing there

/** A list of [item, its place] with the highest value first; of equal ones, the first. */
const ranked = (items, value) =>
  items.map((item, k) => [item, k]).sort(([a, at], [b, bt]) => value(b) - value(a) || at - bt);

/** How many windows of `stride` fit into a film with `rows` of them one frame apart. */
export const windowsIn = (rows, stride) => Math.ceil(rows / stride);

/** When a window's scores are said to hold, in frames from the window's start. */
export const insideOf = (stamp, window) => ({ start: 0, centre: window / 2, end: window })[stamp];

/** The moments of all windows, in seconds. */
export const stampTimes = (count, { window, stride, stamp, fps }) =>
  upTo(count).map((k) => (k * stride + insideOf(stamp, window)) / fps);

/** First and last moment of each stretch of moments that count. */
function stretches(counts, joined) {
  const found = [];
  for (const [k, holds] of counts.entries()) {
    if (!holds) continue;
    if (joined && found.length && found.at(-1)[1] === k - 1) found.at(-1)[1] = k;
    else found.push([k, k]);
  }
  return found;
}

/** Segments of all classes; `scoreOf(k, label)` is the score of the k-th window. */
export function detectionsOf(scoreOf, times, classes, setting) {
  const { window, stride, fps, join, threshold, duration } = setting;
  const joined = join === "joined";
  const reach = (joined ? stride : window) / fps / 2;
  return upTo(classes).flatMap((label) => {
    const scores = times.map((_, k) => scoreOf(k, label));
    const counts = scores.map((score) => score >= threshold);
    return stretches(counts, joined).map(([first, last]) => ({
      label,
      start: Math.max(times[first] - reach, 0),
      stop: Math.min(times[last] + reach, duration),
      score: total(scores.slice(first, last + 1)) / (last - first + 1),
    }));
  });
}

/** Temporal intersection over union. */
export function tiouOf(a, b) {
  const both = Math.max(Math.min(a.stop, b.stop) - Math.max(a.start, b.start), 0);
  const either = a.stop - a.start + (b.stop - b.start) - both;
  return either > 0 ? both / either : 0;
}

/** The best first; what overlaps a better one of its class by more than `tiou` is dropped. */
export function suppress(detections, tiou) {
  const kept = [];
  for (const [one] of ranked(detections, ({ score }) => score)) {
    const same = kept.filter(({ label }) => label === one.label);
    if (same.every((better) => tiouOf(better, one) <= tiou)) kept.push(one);
  }
  return kept;
}

/** The truth that an answer overlaps most, and by how much; of equal ones the last listed. */
function mostOverlapped(answer, truths) {
  let most = [null, -1];
  for (const truth of truths) {
    const tiou = tiouOf(answer, truth);
    if (tiou >= most[1]) most = [truth, tiou];
  }
  return most;
}

/**
 * Which answers are true at a threshold: the surest first, each takes the free truth of its film
 * and class that it overlaps most. A Map from an answer to its truth.
 */
export function matchesOf(answers, truths, tiou) {
  const [taken, matches] = [new Set(), new Map()];
  for (const [one] of ranked(answers, ({ score }) => score)) {
    const free = truths[one.film].filter((truth) => truth.label === one.label && !taken.has(truth));
    const [truth, overlap] = mostOverlapped(one, free);
    if (overlap < tiou) continue;
    taken.add(truth);
    matches.set(one, truth);
  }
  return matches;
}

/** One kind of error for each answer, after DETAD. */
export function kindsOf(answers, truths, tiou, matches = matchesOf(answers, truths, tiou)) {
  return answers.map((one) => {
    if (matches.has(one)) return "true";
    // Of truths overlapped equally one of its class decides: they come last.
    const own = ({ label }) => Number(label === one.label);
    const ofFilm = truths[one.film].toSorted((a, b) => own(a) - own(b));
    const [truth, overlap] = mostOverlapped(one, ofFilm);
    if (overlap < TOUCHES) return "background";
    if (truth.label !== one.label) return "wrong class";
    return overlap >= tiou ? "double" : "bad boundary";
  });
}

/** The area under the interpolated curve of one class, its answers the surest first. */
function areaOf(hits, truths) {
  let right = 0;
  const precision = hits.map((hit, k) => (right += Number(hit)) / (k + 1));
  for (let k = precision.length - 2; k >= 0; k--)
    precision[k] = Math.max(precision[k], precision[k + 1]);
  return total(precision.filter((_, k) => hits[k])) / truths;
}

/** Mean average precision over the classes that have truths. */
export function meanPrecision(answers, truths, tiou) {
  const matches = matchesOf(answers, truths, tiou);
  const all = truths.flat();
  const areas = [...new Set(all.map(({ label }) => label))].map((label) => {
    const own = answers.filter((one) => one.label === label);
    const hits = ranked(own, ({ score }) => score).map(([one]) => matches.has(one));
    return areaOf(hits, all.filter((truth) => truth.label === label).length);
  });
  return total(areas) / areas.length;
}

/** How far answers lie after their truths, in seconds: the median over truths that have one. */
export function offsetOf(answers, truths) {
  const offsets = truths.flatMap((ofFilm, film) =>
    ofFilm.flatMap((truth) => {
      const own = answers.filter((one) => one.film === film && one.label === truth.label);
      const [best] = ranked(own, (one) => tiouOf(one, truth));
      if (!best || tiouOf(best[0], truth) === 0) return [];
      const [found] = best;
      return [(found.start + found.stop) / 2 - (truth.start + truth.stop) / 2];
    }),
  );
  if (!offsets.length) return null;
  offsets.sort((a, b) => a - b);
  const half = Math.floor(offsets.length / 2);
  return offsets.length % 2 ? offsets[half] : (offsets[half - 1] + offsets[half]) / 2;
}
