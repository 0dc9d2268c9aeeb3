// What the view says in words.

import { signed } from "../kit/words.js";
import { total } from "../kit/numbers.js";
import { largest, placeOf } from "./sums.js";

const TOP = 8;
const LOOKS = {
  space: "at the tokens of its own moment",
  time: "at its own place in all moments",
  joint: "at all tokens",
  halves: "in heads 1 and 2 at its own moment, in heads 3 and 4 at its own place in all moments",
};
const FRAMES = {
  filmed: "as filmed",
  reversed: "played in reverse",
  shuffled: "with its frames shuffled",
  first: "with all frames made the first",
};

export const percent = (share) =>
  share > 0 && share < 0.001
    ? "< 0.1\u00a0%"
    : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`;

/** "(t 1, y 2, x 3)". */
export const nameOf = (token, grid) => {
  const [t, y, x] = placeOf(token, grid);
  return `(t ${t}, y ${y}, x ${x})`;
};

/** The frames of one moment, as they were filmed. */
export function captionOf(t, order, frames) {
  const shown = order.slice(t * frames, (t + 1) * frames);
  return `t ${t}: frame${new Set(shown).size > 1 ? "s" : ""} ${[...new Set(shown)].join(", ")}`;
}

export const GONE =
  "The query is deleted: it asks nothing. Choose another token, or bring it back.";

export function reachWords({ reach, keep, layer, scheme }) {
  const count = total(reach);
  if (!count) return GONE;
  const layers = layer === 1 ? "layer 1" : `layers 1 to ${layer}`;
  return `${count} of ${keep.length} tokens reach it through ${layers} (${scheme}).`;
}

export function weightWords({ row, keep, reach, head, layer, grid }) {
  if (!total(reach)) return GONE;
  const [most] = largest(row, keep, 1);
  const who =
    head === "rollout"
      ? `Rollout to layer ${layer}`
      : `Layer ${layer}, ${head === "mean" ? "mean of the heads" : `head ${head}`}`;
  return `${who}: most for ${nameOf(most, grid)}, ${percent(row[most])}.`;
}

export function importanceWords({ falls, keep, classes, named, grid }) {
  const score = `the score of “${classes[named]}”`;
  if (!falls) return `Deleting each token in turn: ${score} …`;
  if (keep.length === 1) return "One token is left: there is nothing to compare with.";
  const [most] = largest(falls, keep, 1);
  const by = signed(falls[most]);
  return `Most: without ${nameOf(most, grid)}, ${score} falls by ${by}.`;
}

/** What is looked at, and how far that is from what the answer hangs on. */
export function lessonOf(scene) {
  const { scheme, layer, looks, keep, row, falls, reach } = scene;
  const looking = `${scheme}, layer ${layer}: a token looks ${LOOKS[looks[scheme][layer - 1]]}.`;
  if (!falls || !total(reach)) return looking;
  const [heavy, worth] = [row, falls].map((values) => largest(values, keep, TOP));
  const seen = heavy.filter((token) => row[token] > 0);
  const both = seen.filter((token) => worth.includes(token)).length;
  const apart =
    2 * both <= seen.length
      ? " What this token looks at and what the answer hangs on are two things."
      : "";
  return `${looking} Of the ${seen.length} tokens of most weight, ${both} are among the ${worth.length} of most importance.${apart}`;
}

/** What is named now, beside the whole clip as filmed. */
export function namedWords({ classes, shares, whole, named, frames, clip, deleted }) {
  const best = whole.indexOf(Math.max(...whole));
  const gone = deleted.length ? `, ${deleted.length} of its tokens deleted` : "";
  const now = `“${clip}” ${FRAMES[frames]}${gone}: the network names “${classes[named]}”, ${percent(shares[named])}.`;
  if (frames === "filmed" && !gone) return now;
  return `${now} As filmed, whole: “${classes[best]}”, ${percent(whole[best])}.`;
}

/** The guess judged, for the clip and the scheme that are shown. */
export function answerOf({ guess, classes, still, clip }) {
  const best = still.indexOf(Math.max(...still));
  const judged = guess ? `You guessed “${guess}”: ${guess === classes[best] ? "yes" : "no"}. ` : "";
  return (
    `${judged}Made of its first frame, the clip “${clip}” is named “${classes[best]}”, ${percent(still[best])}. ` +
    "Nothing moves any more; what is left to go by is one picture: what is held, and a pose. The network never learned from a clip that stands still, but a softmax must share out the whole 100 %: it always names one of its twelve classes."
  );
}

/** What a screen reader hears after a change. */
export const saidOf = (scene) =>
  `${nameOf(scene.query, scene.grid)}. ${reachWords(scene)} ${weightWords(scene)} ${namedWords(scene)}`;
