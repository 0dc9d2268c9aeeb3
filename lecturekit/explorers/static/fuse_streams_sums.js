// The arithmetic: weighted means, who is right, where answers change. A browser test holds it equal
// to numpy.

const STEPS = 20;
const AVERAGES = [
  ["probabilities", "probabilities (after the softmax)"],
  ["scores", "scores (before the softmax)"],
];

const floatsOf = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
const fuse = (first, second, weight) => first.map((value, k) => (1 - weight) * value + weight * second[k]);
const total = (values) => values.reduce((sum, value) => sum + value, 0);

function softmax(row) {
  const most = Math.max(...row);
  const parts = row.map((value) => Math.exp(value - most));
  const sum = total(parts);
  return parts.map((part) => part / sum);
}

/** Rows of numbers in double precision, from the (M, K) floats that Python sent. */
const rowsFrom = (floats, width) => Array.from({ length: floats.length / width }, (_, i) => (
  Array.from(floats.subarray(i * width, (i + 1) * width))));

/** The classes of the largest value: several where they tie, and then nobody is right. */
function bestOf(values) {
  const most = Math.max(...values);
  return values.flatMap((value, k) => (value === most ? [k] : []));
}
const isRight = (best, label) => best.length === 1 && best[0] === label;

/**
 * Everything that depends on the streams alone. `rows[average]` are the two streams' rows, and
 * `right[average][step][i]` says whether clip i is right at weight step / STEPS.
 */
function streamsOf(model) {
  const [labels, classes, cues] = ["labels", "classes", "cues"].map((key) => model.get(key));
  const scores = ["spatial", "temporal"].map((key) => rowsFrom(floatsOf(model.get(key)), classes.length));
  const rows = { scores, probabilities: scores.map((stream) => stream.map(softmax)) };
  const right = Object.fromEntries(Object.entries(rows).map(([average, [first, second]]) => [
    average,
    Array.from({ length: STEPS + 1 }, (_, step) => (
      labels.map((label, i) => isRight(bestOf(fuse(first[i], second[i], step / STEPS)), label)))),
  ]));
  const groups = [["overall", labels.map(() => true)]];
  for (const cue of new Set(cues.filter(Boolean))) {
    const members = labels.map((label) => cues[label] === cue);
    if (members.includes(true)) groups.push([cue, members]);
  }
  return {
    labels, classes, rows, right, groups: groups.map(([name, members]) => ({ name, members, clips: total(members.map(Number)) })),
  };
}

/** How many clips of a group are right at each weight. */
const countsOf = (rightByStep, members) => rightByStep.map((right) => total(right.map((is, i) => Number(is && members[i]))));

/**
 * The answer along w from 0 to 1, exactly: each class is a straight line (1 − w) a + w b, and the
 * answer is the highest. Gives [{ from, to, best }]; `best` holds several classes only if their
 * lines are the same.
 */
function answersAlong(a, b) {
  const rise = a.map((value, k) => b[k] - value);
  let [from, lead] = [0, bestOf(a)[0]];
  const stretches = [];
  const close = (to) => stretches.push({ from, to, best: a.flatMap((value, k) => (value === a[lead] && b[k] === b[lead] ? [k] : [])) });
  while (true) {
    const crossings = rise.flatMap((slope, k) => (
      slope > rise[lead] ? [[Math.max(from, (a[lead] - a[k]) / (slope - rise[lead])), k]] : []));
    const next = Math.min(...crossings.map(([at]) => at));
    if (!(next < 1)) break;
    if (next > from) close(next);
    from = next;
    // Of several that cross here the steepest goes on top.
    lead = crossings.filter(([at]) => at === next).map(([, k]) => k).reduce((kept, k) => (rise[k] > rise[kept] ? k : kept));
  }
  close(1);
  return stretches;
}

/** How far a stream's scores lie apart: their standard deviation within a clip, averaged. */
function spreadOf(stream) {
  return total(stream.map((row) => {
    const mean = total(row) / row.length;
    return Math.sqrt(total(row.map((value) => (value - mean) ** 2)) / row.length);
  })) / stream.length;
}

// Words.

const weightText = (step) => (step / STEPS).toFixed(2);
const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)}\u00a0%`;
const clipsText = (number) => `${number} clip${number === 1 ? "" : "s"}`;
const answerText = (best, classes) => (best.length > 1 ? `a tie: ${best.map((k) => classes[k]).join(" / ")}` : classes[best[0]]);

/** Steps of the largest count, as "0.45 to 0.55" or "0.2, 0.4 to 0.5". */
function bestWeights(counts) {
  const most = Math.max(...counts);
  const runs = [];
  counts.forEach((count, step) => {
    if (count < most) return;
    if (runs.length && runs.at(-1)[1] === step - 1) runs.at(-1)[1] = step;
    else runs.push([step, step]);
  });
  return runs.map(([first, last]) => (first === last ? weightText(first) : `${weightText(first)} to ${weightText(last)}`)).join(", ");
}

/** What there is to say in numbers, at one setting that was reached from another (or null). */
function findingsOf({ right, groups, labels }, now, before) {
  const steps = right[now.average];
  const counts = countsOf(steps, groups[0].members);
  const [spatial, temporal, here] = [steps[0], steps[STEPS], steps[now.step]];
  const neither = labels.map((_, i) => !spatial[i] && !temporal[i]);
  const was = before && right[before.average][before.step];
  return {
    counts, clips: labels.length, most: Math.max(...counts), bestAt: bestWeights(counts),
    neither: total(neither.map(Number)),
    beyond: total(neither.map((is, i) => Number(is && here[i]))),
    changed: labels.map((_, i) => Boolean(was) && was[i] !== here[i]),
    gained: was ? total(here.map((is, i) => Number(is && !was[i]))) : 0,
    lost: was ? total(here.map((is, i) => Number(!is && was[i]))) : 0,
  };
}

/** From where the reader came: the weight, or the way of averaging. */
function moveText(now, before) {
  if (before.average === now.average) return `From w = ${weightText(before.step)} to ${weightText(now.step)}`;
  return `From averaging ${before.average}${before.step === now.step ? "" : ` at w = ${weightText(before.step)}`} to averaging ${now.average}`;
}

function changeText({ gained, lost }, now, before) {
  if (!before) return "Move the weight: clips that change sides are counted here.";
  const sides = gained + lost;
  const detail = sides ? ` (${gained} became right, ${lost} became wrong)` : "";
  return `${moveText(now, before)}, ${clipsText(sides)} changed sides${detail}.`;
}

/** The computed sentence, in parts; every second one is a number to stress. */
function sentenceOf({ counts, clips, most, bestAt, neither, beyond }) {
  return [
    "Best weight: ", `w = ${bestAt}`, ", with ", percent(most, clips),
    ` right; spatial alone ${percent(counts[0], clips)}, temporal alone ${percent(counts[STEPS], clips)}. Neither stream is right on `,
    clipsText(neither), ` of ${clips}, so choosing the right stream each time (with a look at the label) would give `,
    percent(clips - neither, clips), neither ? `; at this w the mean is right on ${beyond} of those ${neither}. ` : ". ",
  ];
}

function lessonOf({ rows }, { average }) {
  if (average === "probabilities") {
    return "Each stream has one whole to hand out: its probabilities sum to 1. Where it hesitates it sways the mean less than where it is sure.";
  }
  const [spatial, temporal] = rows.scores.map(spreadOf);
  const louder = temporal > spatial ? "temporal" : "spatial";
  const ratio = Math.max(spatial, temporal) / Math.min(spatial, temporal);
  const loud = Number.isFinite(ratio) ? `${ratio.toFixed(1)} times as loud` : "the only one heard";
  const end = ratio >= 1.05 ? `The ${louder} stream is ${loud}, whatever w says.` : "Here both are about equally loud.";
  return `Scores have no common scale. Within a clip the spatial stream’s differ by ${spatial.toFixed(1)} `
    + `(standard deviation, on average), the temporal stream’s by ${temporal.toFixed(1)}. ${end}`;
}
