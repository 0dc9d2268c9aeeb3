// The arithmetic: weighted means, who is right, where answers change. A browser test holds it equal
// to numpy.

import { total } from "../kit/numbers.js";

export const STEPS = 20;

export const fuse = (first, second, weight) =>
  first.map((value, k) => (1 - weight) * value + weight * second[k]);

export function softmax(row) {
  const most = Math.max(...row);
  const parts = row.map((value) => Math.exp(value - most));
  const sum = total(parts);
  return parts.map((part) => part / sum);
}

/** The classes of the largest value: several where they tie, and then nobody is right. */
export function bestOf(values) {
  const most = Math.max(...values);
  return values.flatMap((value, k) => (value === most ? [k] : []));
}
export const isRight = (best, label) => best.length === 1 && best[0] === label;

/** Rows of numbers in double precision, from the (M, K) float32 that Python sent. */
function rowsOf({ buffer, byteOffset, byteLength }, width) {
  const floats = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  const rows = { length: floats.length / width };
  return Array.from(rows, (_, i) => [...floats.subarray(i * width, (i + 1) * width)]);
}

/** Of each weight, which clips are right. */
function rightOf([first, second], labels) {
  const at = (weight) =>
    labels.map((label, i) => isRight(bestOf(fuse(first[i], second[i], weight)), label));
  return Array.from({ length: STEPS + 1 }, (_, step) => at(step / STEPS));
}

/** All clips, and those of each cue that occurs: which they are, and how many. */
function groupsOf(labels, cues) {
  const group = (name, members) => ({ name, members, clips: total(members) });
  const named = [...new Set(cues.filter(Boolean))].map((cue) => {
    const members = labels.map((label) => cues[label] === cue);
    return group(cue, members);
  });
  const overall = labels.map(() => true);
  return [group("overall", overall), ...named.filter(({ clips }) => clips)];
}

/**
 * Everything that depends on the streams alone. `rows[average]` are the two streams' rows, and
 * `right[average][step][i]` says whether clip i is right at weight step / STEPS.
 */
export function streamsOf({ labels, classes, cues, spatial, temporal }) {
  const scores = [spatial, temporal].map((bytes) => rowsOf(bytes, classes.length));
  const rows = { scores, probabilities: scores.map((stream) => stream.map(softmax)) };
  const right = {
    scores: rightOf(rows.scores, labels),
    probabilities: rightOf(rows.probabilities, labels),
  };
  return { labels, classes, rows, right, groups: groupsOf(labels, cues) };
}

/** How many clips of a group are right at each weight. */
export const countsOf = (rightByStep, members) =>
  rightByStep.map((right) => total(right.map((is, i) => is && members[i])));

/**
 * The answer along w from 0 to 1, exactly: each class is a straight line (1 − w) a + w b, and the
 * answer is the highest. Gives [{ from, to, best }]; `best` holds several classes only if their
 * lines are the same.
 */
export function answersAlong(a, b) {
  const rise = a.map((value, k) => b[k] - value);
  let [from, lead] = [0, bestOf(a)[0]];
  const stretches = [];
  const same = () => a.flatMap((value, k) => (value === a[lead] && b[k] === b[lead] ? [k] : []));
  const overtakes = (slope, k) =>
    slope > rise[lead] ? [[Math.max(from, (a[lead] - a[k]) / (slope - rise[lead])), k]] : [];
  while (true) {
    const crossings = rise.flatMap(overtakes);
    const next = Math.min(1, ...crossings.map(([at]) => at));
    if (next > from || next === 1) stretches.push({ from, to: next, best: same() });
    if (next === 1) return stretches;
    from = next;
    // Of several that cross here the steepest goes on top.
    const here = crossings.filter(([at]) => at === next).map(([, k]) => k);
    lead = here.reduce((kept, k) => (rise[k] > rise[kept] ? k : kept));
  }
}

/** How far a stream's scores lie apart: their standard deviation within a clip, averaged. */
export function spreadOf(stream) {
  const deviations = stream.map((row) => {
    const mean = total(row) / row.length;
    return Math.sqrt(total(row.map((value) => (value - mean) ** 2)) / row.length);
  });
  return total(deviations) / stream.length;
}

/** What there is to say in numbers, at one setting that was reached from another (or null). */
export function findingsOf({ right, groups, labels }, now, before) {
  const steps = right[now.average];
  const counts = countsOf(steps, groups[0].members);
  const here = steps[now.step];
  const was = before && right[before.average][before.step];
  const neither = labels.map((_, i) => !steps[0][i] && !steps[STEPS][i]);
  return {
    counts,
    clips: labels.length,
    most: Math.max(...counts),
    neither: total(neither),
    beyond: total(neither.map((is, i) => is && here[i])),
    was: was && total(was),
    changed: labels.map((_, i) => Boolean(was) && was[i] !== here[i]),
    gained: was ? total(here.map((is, i) => is && !was[i])) : 0,
    lost: was ? total(here.map((is, i) => !is && was[i])) : 0,
  };
}
