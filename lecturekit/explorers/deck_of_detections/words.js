// The numbers in words.

import { RULES } from "./sums.js";

export const score = (value) => (value && value < 0.1 ? value.toPrecision(1) : value.toFixed(2));
export const area = (value) => value.toFixed(3);
const share = (part, whole) => `${part}/${whole}`;

const short = (seconds) => String(Number(seconds.toFixed(2)));

/** "2.5–6 s". */
export const spanOf = ([, start, stop]) => `${short(start)}–${short(stop)} s`;

/** Mark and words of each kind; the marks stand in the pictures. */
export const KINDS = {
  right: ["✓", "right"],
  double: ["D", "double"],
  short: ["B", "overlaps too little"],
  nowhere: ["N", "no truth in its film"],
};
export const markOf = (kind) => KINDS[kind][0];

export const RULE_NAMES = {
  steps: "by steps",
  interpolated: "interpolated",
  "eleven points": "at eleven points",
};

/** "street 2.5–6 s", and that it is a copy. */
export function nameOf({ films, first }, { card, segment }) {
  const copy = card < first.length ? "" : ", a copy";
  return `${films[segment[0]][0]} ${spanOf(segment)}${copy}`;
}

/** Why a card is what it is. */
export function whyOf({ tiou }, { kind, overlap, counts }) {
  const out = counts ? "" : " – left out";
  if (kind === "nowhere") return `${KINDS.nowhere[1]}${out}`;
  const least = tiou.toFixed(2);
  const number = `tIoU ${overlap.toFixed(2)}`;
  if (kind === "right") return `right: ${number} ≥ ${least}`;
  if (kind === "double") return `double: ${number}, but its truth is taken${out}`;
  return `too little: ${number} < ${least}`;
}

export function soFar({ truths }, { counts, right, counted }) {
  if (!counts) return "not counted";
  return `P ${share(right, counted)} · R ${share(right, truths.length)}`;
}

const plural = (number, name) => `${number} ${name}${number === 1 ? "" : "s"}`;

/** "AP 0.771", " interpolated; with the first scores 0.693". */
export const sumOf = ({ rule, areas, before }) => [
  `AP ${area(areas[rule])}`,
  ` ${RULE_NAMES[rule]}; with the first scores ${area(before[rule])}`,
];

/** The ranks of two neighbours of equal scores, one right and one not; or nothing. */
function tieOf({ ranked }) {
  const counted = ranked.filter(({ counts }) => counts);
  const at = counted.findIndex((one, k) => {
    const next = counted[k + 1];
    return next?.score === one.score && (next.kind === "right") !== (one.kind === "right");
  });
  return at < 0 ? null : [counted[at].rank + 1, counted[at + 1].rank + 1];
}

function orderLesson({ right, counted, ranked, truths }) {
  const last = ranked.findLast(({ kind }) => kind === "right");
  const above = ranked.filter(
    ({ rank, kind, counts }) => rank < last.rank && counts && kind !== "right",
  );
  if (!above.length) {
    const rest =
      right === truths.length ? "AP cannot be higher." : "What AP lacks are the truths missed.";
    return `Every right card stands above every false one: precision is 1 up to recall ${share(right, truths.length)}. ${rest}`;
  }
  const below = counted - right - above.length;
  return `${plural(above.length, "false card")} above the last right one lower${above.length === 1 ? "s" : ""} the precision there. ${below ? `${plural(below, "false card")} below it cost${below === 1 ? "s" : ""} nothing. ` : ""}Take a false card down and watch AP.`;
}

/** The one sentence that the present setting teaches. */
export function lessonOf(scene) {
  const { ranked, right, moved, reordered, copies, other, rule, areas, all } = scene;
  if (!right) return "No card is right: AP is 0, whatever the order. Lower the tIoU.";
  if (all.out) {
    const counted = area(all.areas[rule]);
    return `${plural(all.out, "card")} left out, neither right nor false. Nothing was detected better, but AP is ${area(areas[rule])} instead of ${counted}.`;
  }
  if (copies && ranked.some(({ card, kind }) => card >= scene.first.length && kind === "double"))
    return "A copy finds nothing new: its truth is taken, so it is false. Whichever of the two ranks higher takes the truth.";
  if (Math.abs(other[rule] - areas[rule]) > 1e-9)
    return `The matching decides here: the other one gives AP ${area(other[rule])}. “Best free” lets a card take the next truth if its best one is taken.`;
  const tie = tieOf(scene);
  if (tie)
    return `Cards ${tie.join(" and ")} have equal scores. Which was listed first ranks first: a chance of the list decides about AP.`;
  if (moved && !reordered)
    return "The scores are other numbers, but their order is as it was: every precision, every recall and AP stay. Only the order counts.";
  return orderLesson(scene);
}

/** What stands in each reading: a number, and a note below it. */
export function readingsOf({ areas, rule, right, truths, counted, ranked, other, take }) {
  const note = (name) => (name === rule ? "drawn above" : "");
  return {
    ...Object.fromEntries(
      RULES.map((name) => [name.split(" ")[0], [area(areas[name]), note(name)]]),
    ),
    right: [share(right, truths.length), "truths taken"],
    counted: [share(counted, ranked.length), "cards count"],
    other: [area(other[rule]), take === "best free" ? "best only" : "best free"],
  };
}

/** The curve in words. */
export function curveText(scene) {
  const { ranked, truths, curve } = scene;
  const points = ranked
    .filter(({ counts }) => counts)
    .map(
      ({ rank, point }) =>
        `${rank + 1}: ${curve.recall[point].toFixed(2)}, ${curve.precision[point].toFixed(2)}`,
    );
  return `Precision over recall, ${plural(truths.length, "truth")}. Recall and precision down to each card: ${points.join("; ")}. ${sumOf(scene).join("")}.`;
}

/** A film in words. */
export function filmText({ films, truths, ranked, taken }, film) {
  const there = truths.flatMap((truth, k) =>
    truth[0] === film ? [`${spanOf(truth)}, ${taken.has(k) ? "taken" : "missed"}`] : [],
  );
  const found = ranked
    .filter(({ segment }) => segment[0] === film)
    .map(({ rank, segment, kind }) => `card ${rank + 1} ${spanOf(segment)}, ${KINDS[kind][1]}`);
  return `${films[film][0]}: truths ${there.join("; ") || "none"}. Answers ${found.join("; ") || "none"}.`;
}

/** What a screen reader hears after a change. */
export function saidOf(scene) {
  const one = scene.ranked.find(({ card }) => card === scene.chosen);
  return `Card ${one.rank + 1} of ${scene.ranked.length}: ${nameOf(scene, one)}, score ${score(one.score)}, ${whyOf(scene, one)}. ${sumOf(scene).join("")}. ${lessonOf(scene)}`;
}
