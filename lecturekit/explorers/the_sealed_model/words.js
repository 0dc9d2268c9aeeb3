// What the page says: numbers, evidence, and the reasons.

import { against, CUES, LETTERS } from "./sums.js";

export const percent = (part, whole) => `${Math.round((100 * part) / whole)} %`;
export const plural = (number, name) => `${number} ${name}${number === 1 ? "" : "s"}`;

/** A share of the largest score: "12 %", or "2 millionths" where it is rounding. */
const shareText = (share) => {
  if (share >= 0.1) return `${Math.round(100 * share)} %`;
  if (share >= 1e-4) return `${Number((100 * share).toPrecision(1))} %`;
  return share ? `${share.toExponential(0)}`.replace("e-", " · 10⁻").replace(/\d+$/, raised) : "0";
};
const raised = (digits) => [...digits].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");

export const SCORES_TOLD =
  "Scores: the largest change of any score of any clip, as a share of the network’s largest score.";

/** Marks of the board. */
export const MARKS = { same: "=", one: "1", other: "≠" };
export const MARKS_TOLD =
  "= the same scores but for rounding; 1 one and the same scores for all clips; ≠ other scores; beside the mark, the share of answers that changed. Empty: not bought.";

/** What the scores did, in words; `share` is the largest change over the largest score. */
function outcomeText(outcome, share) {
  if (outcome === "same") return "stayed the same but for rounding";
  if (outcome === "one") return "became one and the same for all clips";
  return `changed by up to ${shareText(share)} of the largest score`;
}

/** The same, short, with the number. */
export function scoresText(outcome, share) {
  if (outcome === "same") return `= to ${share ? shareText(share) : "the last digit"}`;
  if (outcome === "one") return "1 for all clips";
  return `≠ by up to ${shareText(share)}`;
}

/** Of a probe's evidence, in a sentence. */
export function evidenceText({ name, outcome, share, changed }, count) {
  const answers = changed
    ? `${percent(changed, count)} of the answers changed`
    : "no answer changed";
  return `${name}: the scores ${outcomeText(outcome, share)}, ${answers}.`;
}

/** The lesson of the evidence that is looked at. */
export function lessonOf(scene) {
  const { one, count, mode, bought, probe, probes, outcomes } = scene;
  if (mode === "game" && !bought.includes(probe)) {
    return bought.length
      ? "Before you buy: what would each network that you still suspect do? A probe on which all of them agree teaches you nothing."
      : "How many answers are right, by cue, is free. Where half of the clips of a cue are right, or fewer, the network may be blind to it or badly trained: only a probe tells which.";
  }
  const does = probes[probe].name;
  if (one.outcome === "same")
    return `Of ${count} clips no score moved but for rounding. A network that sees what “${does}” changes would hardly hold still to the last digits: evidence against each that can.`;
  if (one.outcome === "one")
    return `Under “${does}” all ${count} clips get the same scores: nothing is left of what this network reads.`;
  if (outcomes.every((of) => of[probe] === "other"))
    return `The scores changed, as those of all eight do: none is blind to what “${does}” changes. This coin excludes nobody.`;
  if (one.changed / count < 0.05)
    return `Only ${one.changed} of ${count} answers changed, but the scores did. It sees the change: look at scores, not at answers.`;
  return `The scores changed: it sees what “${does}” changes. Every network that cannot is out, by its theorem.`;
}

const chapterText = ({ chapter }) => `chapter ${chapter}`;
const proofPlace = ({ chapter, section }) => `chapter ${chapter}, “${section}”`;

/** Why a suspect had to give another outcome than the one that was found. */
function whyNot({ suspects, probes, outcomes, shares, truth }, suspect, p) {
  const one = suspects[suspect];
  const { name } = probes[p];
  const seen = `under “${name}” the scores ${outcomeText(outcomes[truth][p], shares[truth][p])}`;
  const must = one.blind[name] ?? one.one_answer[name];
  if (must) {
    const so = one.blind[name]
      ? "would have kept its scores"
      : "would have given all clips the same scores";
    return `${seen}; ${one.title} ${so}: ${must} (${proofPlace(one)})`;
  }
  return `${seen}; nothing forces that on ${one.title}, whose scores ${outcomeText("other", shares[suspect][p])}`;
}

const quoted = (numbers, probes) => {
  const names = numbers.map((p) => `“${probes[p].name}”`);
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
};

/** "“reverse” and “shuffle” (2 coins)", with what would do as well. */
export function proofText(sets, probes) {
  const [first, ...more] = sets;
  const others = more.length ? `; ${plural(more.length, "other choice")} would do as well` : "";
  return `${quoted(first, probes)} (${plural(first.length, "coin")})${others}`;
}

/** What the network cannot see, by which theorem. */
function blindnessText({ suspects, truth, probes }) {
  const one = suspects[truth];
  const groups = new Map();
  for (const [p, { name }] of probes.entries()) {
    const why = one.blind[name] ?? one.one_answer[name];
    if (why) groups.set(why, [...(groups.get(why) ?? []), p]);
  }
  if (!groups.size)
    return `No theorem makes it blind to any of the ${probes.length} probes: it is known by what excludes all others.`;
  return [...groups]
    .map(([why, keys]) => `It cannot see ${quoted(keys, probes)}: ${why} (${proofPlace(one)}).`)
    .join(" ");
}

/** The reasons, once a letter is open: paragraphs. */
export function reasonsOf(scene) {
  const { suspects, truth, runnerUp, bought, outcomes, proofs, probes } = scene;
  const other = suspects[runnerUp];
  const telling = (numbers) => against(outcomes, truth, runnerUp, numbers);
  const [had, all] = [telling(bought), telling(probes.map((_, p) => p))];
  const excluded = had.length
    ? `Runner-up: ${other.title}. Excluded: ${whyNot(scene, runnerUp, had[0])}.`
    : `Runner-up: ${other.title}. Nothing that you bought excludes it. This would have: ${whyNot(scene, runnerUp, all[0])}.`;
  return [
    `${suspects[truth].reads} ${blindnessText(scene)}`,
    excluded,
    `Shortest proof: ${proofText(proofs[truth], probes)}.`,
  ];
}

/** What a wrong name is told: which bought evidence speaks against it. */
export function wrongText(scene, name) {
  const { suspects, bought, outcomes, truth } = scene;
  const suspect = suspects.findIndex((one) => one.name === name);
  const had = against(outcomes, truth, suspect, bought);
  const { title } = suspects[suspect];
  if (had.length)
    return `✗ Not “${title}”. You had the evidence: ${whyNot(scene, suspect, had[0])}.`;
  return `✗ Not “${title}”, though nothing that you bought speaks against it: other evidence would.`;
}

/** The first line of the verdict. */
export function verdictOf({ letter, suspects, truth, standing }) {
  const { title } = suspects[truth];
  const name = `${LETTERS[letter]}: ${title} (${chapterText(suspects[truth])})`;
  if (standing.right)
    return `✓ Right. ${name}. ${plural(standing.points, "coin")} left: as many points.`;
  return `The purse is empty. ${name}. No points.`;
}

/** The first line where nothing is hidden. */
export const tableText = ({ letter, suspects, truth }) =>
  `${LETTERS[letter]}: ${suspects[truth].title} (${chapterText(suspects[truth])}).`;

const apartText = (sets, probes) =>
  `The fewest probes that tell all eight apart: ${quoted(sets[0], probes)}.`;

/** How the deal stands. */
export function dealText({ deal, standings, mode, par, apartBy, probes }) {
  if (mode === "table") return `Deal ${deal}: nothing is hidden. ${apartText(apartBy, probes)}`;
  const open = standings.filter((one) => one.open).length;
  const points = standings.reduce((sum, one) => sum + one.points, 0);
  const least = open < standings.length ? "" : ` ${apartText(apartBy, probes)}`;
  const rest = `${plural(points, "point")}. With the shortest proof for each: ${par}.${least}`;
  return `Deal ${deal}: ${open} of ${standings.length} opened, ${rest}`;
}

/** How a letter stands, beside it. */
export function letterText({ open, right, coins, points }, title, mode) {
  if (mode === "table") return title;
  if (open) return `${title}, ${right ? plural(points, "point") : "lost"}`;
  return plural(coins, "coin");
}

/** Right answers by cue, in words. */
export const rightText = (right, clipsOf) =>
  CUES.map((cue) => `${cue} ${percent(right[cue], clipsOf[cue])}`).join(", ");

/** The strip in words. */
export function stripText(clip, { name, does }, strip) {
  const frames = strip.map(([, number]) => number).join(", ");
  return `${clip}, ${name}. ${does} Frames ${frames}.`;
}

/** What a screen reader hears. */
export function saidOf(scene) {
  const { letter, probes, probe, clips, clip, mode, bought, standing, count, one, verdict } = scene;
  const head = `${LETTERS[letter]}, ${probes[probe].name} on ${clips[clip]}.`;
  if (mode === "table") return `${head} ${evidenceText(one, count)} ${verdict[0]}`;
  const evidence = bought.includes(probe) ? evidenceText(one, count) : "Not bought.";
  return `${head} ${evidence} ${plural(standing.coins, "coin")} left. ${verdict[0] ?? ""}`;
}
