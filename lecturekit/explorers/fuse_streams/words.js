// What is said: numbers, answers and sentences.

import { isRight, spreadOf, STEPS } from "./sums.js";

export const weightText = (step) => (step / STEPS).toFixed(2);
export const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)}\u00a0%`;
export const clipsText = (number) => `${number} clip${number === 1 ? "" : "s"}`;

export function answerText(best, classes) {
  const names = best.map((k) => classes[k]).join(" / ");
  return best.length > 1 ? `a tie: ${names}` : names;
}

/** Steps of the largest count, as "0.45 to 0.55" or "0.20, 0.40 to 0.50". */
function bestWeights(counts, most) {
  const runs = [];
  for (const [step, count] of counts.entries()) {
    if (count < most) continue;
    if (runs.at(-1)?.at(-1) === step - 1) runs.at(-1)[1] = step;
    else runs.push([step]);
  }
  return runs.map((ends) => ends.map(weightText).join(" to ")).join(", ");
}

/** From where the reader came: the weight, or the way of averaging. */
function moveText(now, before) {
  const from = weightText(before.step);
  if (before.average === now.average) return `From w = ${from} to ${weightText(now.step)}`;
  const at = before.step === now.step ? "" : ` at w = ${from}`;
  return `From averaging ${before.average}${at} to averaging ${now.average}`;
}

export function changeText({ gained, lost }, now, before) {
  if (!before) return "Move the weight: clips that change sides are counted here.";
  const sides = gained + lost;
  const detail = sides ? ` (${gained} became right, ${lost} became wrong)` : "";
  return `${moveText(now, before)}, ${clipsText(sides)} changed sides${detail}.`;
}

/** The computed sentence, in parts; every second one is a number to stress. */
export function sentenceOf({ counts, clips, most, neither, beyond }) {
  const alone = `spatial alone ${percent(counts[0], clips)}, temporal alone ${percent(counts[STEPS], clips)}`;
  const rest = `; at this w the mean is right on ${beyond} of those ${neither}. `;
  return [
    "Best weight: ",
    `w = ${bestWeights(counts, most)}`,
    ", with ",
    percent(most, clips),
    ` right; ${alone}. Neither stream is right on `,
    clipsText(neither),
    ` of ${clips}, so choosing the right stream each time (with a look at the label) would give `,
    percent(clips - neither, clips),
    neither ? rest : ". ",
  ];
}

/** What averaging in this way means. */
export function lessonOf({ rows }, { average }) {
  if (average === "probabilities") {
    return "Each stream has one whole to hand out: its probabilities sum to 1. Where it hesitates it sways the mean less than where it is sure.";
  }
  const [spatial, temporal] = rows.scores.map(spreadOf);
  const louder = temporal > spatial ? "temporal" : "spatial";
  const ratio = Math.max(spatial, temporal) / Math.min(spatial, temporal);
  const loud = Number.isFinite(ratio) ? `${ratio.toFixed(1)} times as loud` : "the only one heard";
  const end =
    ratio >= 1.05
      ? `The ${louder} stream is ${loud}, whatever w says.`
      : "Here both are about equally loud.";
  return (
    `Scores have no common scale. Within a clip the spatial stream’s differ by ${spatial.toFixed(1)} ` +
    `(standard deviation, on average), the temporal stream’s by ${temporal.toFixed(1)}. ${end}`
  );
}

/** Where along w a stretch lies, and what is answered there. */
export function stretchText({ from, to, best }, classes, label) {
  const [start, end] = [from, to].map((at) => at.toFixed(3));
  let where = `From w = ${start} to ${end}`;
  if (from === 0) where = to === 1 ? "At every w" : `Up to w = ${end}`;
  else if (to === 1) where = `From w = ${start} on`;
  const right = isRight(best, label);
  const answer = `${right ? "✓" : "✗"} ${answerText(best, classes)}`;
  return { where, answer, side: right ? "right" : "wrong" };
}
