// The numbers in words.

import { grouped, signed } from "../kit/words.js";
import { ANY, HELD, tallied } from "./protocol.js";
import { whole } from "./sums.js";

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const points = (share) => `${(100 * Math.abs(share)).toFixed(1)} points`;
const plural = (number, name) => `${grouped(number)} ${name}${number === 1 ? "" : "s"}`;
const listed = (names) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** Titles have commas of their own. */
const called = ({ title }) => `“${title}”`;

/** "2", or "2–4" where the interval does not settle it. */
export const placeText = ({ best, worst, place }) =>
  best === worst ? String(place) : `${best}–${worst}`;

export const placeSaid = ({ best, worst, place }) =>
  best === worst ? `place ${place}` : `place ${place}, not told apart from ${best} to ${worst}`;

/** "40 % appearance, 60 % order". */
export const mixText = (shares, cues) =>
  whole(shares)
    .map((share, c) => (share ? `${share} % ${cues[c]}` : ""))
    .filter(Boolean)
    .join(", ");

export const familyText = ({ chapter, parameters }) =>
  `chapter ${chapter}, ${grouped(parameters)} parameters`;

/** "▲ 2": places gained against the test set itself. */
export function moveText({ place }, { place: was }) {
  if (place === was) return "";
  return `${place < was ? "▲" : "▼"} ${Math.abs(place - was)}`;
}

/** How places moved against the test set itself: whoever moved furthest, both ways. */
function movesText({ standings, before, families }) {
  const moves = standings.map(({ place }, n) => [before[n].place - place, n]);
  const [up] = moves.toSorted((a, b) => b[0] - a[0]);
  const [down] = moves.toSorted((a, b) => a[0] - b[0]);
  if (!up[0]) return "The order is that of our own test set.";
  const say = ([, n], verb) =>
    `${called(families[n])} ${verb} from place ${before[n].place} to ${standings[n].place}`;
  return `Against our own test set ${say(up, "rises")}, and ${say(down, "falls")}.`;
}

/** The one sentence or two that the present mix teaches. */
export function lessonOf(scene) {
  const { standings, families, shares, cues } = scene;
  const first = standings.find(({ place }) => place === 1);
  const tied = standings
    .filter(
      (one) => one !== first && scene.league.toldApart(first.family, one.family, shares) === 0,
    )
    .toSorted((a, b) => a.place - b.place);
  const names = tied.slice(0, 3).map(({ family }) => called(families[family]));
  const more = tied.length - names.length;
  const beside = more > 0 ? [...names, `${more} more`] : names;
  const sure = tied.length
    ? `first by the mean, but not told apart from ${listed(beside)}`
    : "first beyond the interval";
  return `With ${mixText(shares, cues)}, ${called(families[first.family])} is ${sure}. ${movesText(scene)}`;
}

/** "Make X first"; where no mix does, the best place that one reaches. */
export function goalText([family, place, way], { families, made }) {
  const title = called(families[family]);
  const steps = `in steps of ${made.step} %`;
  if (way < 0) return `Push ${title} down to place ${place}: its worst ${steps}`;
  return place === 1
    ? `Make ${title} first`
    : `Bring ${title} to place ${place}: its best ${steps}`;
}

/** How far the goal is. */
export function goalStatus({ goal, goals, standings, families }) {
  if (goal < 0) return "";
  const [family, wanted, way] = goals[goal];
  const own = standings[family];
  const name = called(families[family]);
  if (way * (wanted - own.place) >= 0) {
    const sure =
      own.best === own.worst ? "beyond the interval" : `the interval allows ${placeText(own)}`;
    return `✓ Reached: ${name} is at place ${own.place}, ${sure}.`;
  }
  const other = standings.find(({ place }) => place === wanted);
  const side = way > 0 ? "behind" : "ahead of";
  return `${name} is at place ${own.place}, ${points(other.accuracy - own.accuracy)} ${side} ${called(families[other.family])} at place ${wanted}.`;
}

/** The stretches of a share where two are told apart: "below 40 %", "above 61 %". */
function stretches(told, sign) {
  const found = [];
  for (let share = 0; share <= 100; share++) {
    if (told[share] !== sign) continue;
    const from = share;
    while (told[share + 1] === sign) share++;
    found.push([from, share]);
  }
  const words = found.map(([from, to]) => {
    if (from === 0 && to === 100) return "at every share";
    if (from === 0) return `up to ${to} %`;
    return to === 100 ? `from ${from} %` : `from ${from} to ${to} %`;
  });
  return listed(words);
}

/** What each reading of the two networks says. */
export function pairReadings(scene) {
  const { families, first, second, cue, cues, crossing, told } = scene;
  const [a, b] = [first, second].map((n) => called(families[n]));
  if (first === second) return { apart: ["–", "choose two"], crossing: ["–", ""], sure: ["–", ""] };
  const [apart, half] = scene.league.differenceOf(first, second, scene.shares);
  const sides = [
    [a, stretches(told, 1)],
    [b, stretches(told, -1)],
  ].filter(([, where]) => where);
  return {
    apart: [
      `${signed(100 * apart, 1)} ± ${(100 * half).toFixed(1)}`,
      `points, ${a} minus ${b}, now`,
    ],
    crossing:
      crossing === null
        ? ["none", `${apart > 0 ? a : b} leads at every share`]
        : [`${crossing.toFixed(0)} % ${cues[cue]}`, "there both are equal"],
    sure: sides.length
      ? [sides.map(([name, where]) => `${name} ${where}`).join("; "), "surely better"]
      : ["at no share", "is one surely better"],
  };
}

/** The picture of lines in words. */
export function linesText({ families, standings, cue, cues, shares, crossing, first, second }) {
  const cross =
    crossing === null ? "do not cross" : `cross at ${crossing.toFixed(0)} % ${cues[cue]}`;
  const now = standings
    .toSorted((a, b) => a.place - b.place)
    .map(({ family, accuracy }) => `${called(families[family])} ${percent(accuracy)}`)
    .join(", ");
  return `Accuracy over the share of ${cues[cue]}. At ${shares[cue].toFixed(0)} %: ${now}. ${called(families[first])} and ${called(families[second])} ${cross}.`;
}

/** When the league was measured, and what its intervals are of. */
export function madeText({ made, families, clips, cues }) {
  const seeds = families[0].hits[0].length;
  const test = cues.map((cue, c) => `${clips[c]} test clips of ${cue}`).join(", ");
  const of =
    seeds > 1 ? "seeds and clips together" : "the clips alone: one seed says nothing of others";
  return `Measured ${made.date}: each network trained for ${made.seconds} seconds, from ${plural(seeds, "seed")}; ${test}. ± is half the 95 % interval, of ${of}. A range of places: the intervals of the differences, seed by seed and clip by clip, each pair of networks by itself, do not settle the order.`;
}

/** What a screen reader hears after a change of the mix. */
export function leagueSaid(scene) {
  const three = scene.standings
    .toSorted((a, b) => a.place - b.place)
    .slice(0, 3)
    .map(
      (one) => `${called(scene.families[one.family])} ${percent(one.accuracy)}, ${placeSaid(one)}`,
    );
  return `${three.join("; ")}. ${goalStatus(scene)} ${lessonOf(scene)}`;
}

// The published lines.

const UNITS = {
  view: ["GFLOPs for one view", (x) => `${round(x)} GFLOPs for one view`],
  total: ["GFLOPs for all views", (x) => `${round(x)} GFLOPs for all views`],
  parameters: ["million parameters", (x) => `${round(x)} million parameters`],
  year: ["year of the network’s paper", (x) => `described in ${x}`],
};
const round = (x) => (x >= 100 ? grouped(Math.round(x)) : String(Number(x.toPrecision(3))));

export const axisText = (across) => UNITS[across][0];
export const tickText = (across, x) => (across === "year" ? String(x) : grouped(x));

/** What one line says, and whether it stands in the protocol. */
export function lineText(line, across, kinds) {
  const place = line.x === null ? `no ${axisText(across)} printed` : UNITS[across][1](line.x);
  return `${line.name} (${kinds[line.family]}): ${line.printed} %, ${place}. Protocol: ${line.protocol || "none printed"}. Source: ${line.source}.`;
}

export function verdictText(line, { comparable, held }) {
  if (HELD.every((aspect) => held[aspect] === ANY)) return "Nothing is held: no line falls out.";
  if (line.reasons.length) return `✗ Not comparable: ${line.reasons.join("; ")}.`;
  const rest = comparable - 1;
  return `✓ Of the protocol held, with ${plural(rest, "other line")}.`;
}

/** The one sentence that the protocol held teaches. */
export function protocolLesson({ shown, held }) {
  const stay = shown.filter(({ reasons }) => !reasons.length);
  const aspects = HELD.filter((aspect) => held[aspect] !== ANY);
  if (!aspects.length)
    return "Nothing is held: every figure stands in one picture, whatever it was measured with. Hold a part of the protocol, or all of one line’s.";
  const top = shown.toSorted((a, b) => b.top1 - a.top1).slice(0, 10);
  const left = top.filter(({ reasons }) => !reasons.length).length;
  const why = tallied(shown)
    .slice(0, 3)
    .map(([reason, count]) => `${count} for “${reason}”`)
    .join(", ");
  return `${stay.length} of ${plural(shown.length, "line")} say the same of ${listed(aspects)}; of the ten highest, ${left}. The others fall out most often: ${why || "none"}.`;
}

export const planeText = ({ shown, across, kinds, line }) =>
  `Top-1 accuracy over ${axisText(across)}: ${plural(shown.filter(({ x }) => x !== null).length, "line")} drawn. ${lineText(line, across, kinds)}`;

export const publishedSaid = (scene) =>
  `${lineText(scene.line, scene.across, scene.kinds)} ${verdictText(scene.line, scene)}`;
