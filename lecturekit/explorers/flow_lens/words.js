// What the lens says in words.

import { degreesOf, wayOf } from "../kit/angle.js";
import { signed } from "../kit/words.js";
import { ERROR_WHITE, REACH } from "./draw.js";
import { explained, MOVING_PX } from "./sums.js";

const NOTES = {
  over: "Where nothing moves, the picture keeps its colours.",
  colour: "White: no motion.",
  arrows: "One vector for each dot, in its true length.",
  error: `Black 0, white ${ERROR_WHITE} grey values or more. Blue: the vector ends outside.`,
};

export const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
export const scaleWords = (levels) =>
  levels ? `${levels} (to 1/${2 ** levels} size)` : "0 (full size)";

/** What the picture in this view needs to be read. */
export function noteOf({ view, shown }) {
  if (view === "blink") return `Now frame ${shown === "next" ? "t + 1" : "t"}.`;
  return NOTES[view] ?? "";
}

const heading = ([dx, dy]) => {
  const degrees = degreesOf(dx, dy);
  return [`${Math.round(degrees) % 360}°`, wayOf(degrees)];
};

/** The vector under the lens, in one sentence. */
export function vectorWords({ lens: { x, y }, vector }) {
  const length = Math.hypot(...vector);
  const [dx, dy] = vector.map((value) => signed(value));
  const way = length > 0 ? `, ${heading(vector).join(", ")}` : "";
  return `Column ${x}, row ${y}: dx ${dx}, dy ${dy}; ${length.toFixed(2)} px per frame${way}.`;
}

/** The readings: each name has its value and its note. */
export function readingsOf({ lens: { x, y }, vector, step, statistics }) {
  const length = Math.hypot(...vector);
  const { warp, still, outside, moving, rough } = statistics;
  const lost = outside > 0.0005 ? `; ${percent(outside)} of the vectors end outside` : "";
  const share = `${explained(statistics)} % explained`;
  return {
    vector: [
      `(${vector.map((value) => signed(value)).join(", ")}) px`,
      `(dx, dy) at column ${x}, row ${y}; in steps of ${step} px`,
    ],
    length: [
      `${length.toFixed(2)} px per frame`,
      length > 0 ? `${heading(vector).join(": ")} (0° right, 90° down)` : "no motion, no direction",
    ],
    warp: [`${warp.toFixed(2)} grey values`, `without flow ${still.toFixed(2)}: ${share}${lost}`],
    moving: [percent(moving), `of the pixels, by more than ${MOVING_PX} px`],
    rough: [`${rough.toFixed(2)} px`, "between neighbours, on average"],
  };
}

/** Below the two patches. */
export function captionsOf({ vector, at_winsize: winsize }) {
  const away = Math.max(...vector.map(Math.abs)) > REACH;
  return [
    `Frame t. Square: the ${winsize} px window`,
    `Frame t + 1. Dot: where it went${away ? " (outside this patch)" : ""}`,
  ];
}

/** The sentence under the picture: what this field teaches beside the others of the grid. */
export function lessonOf({ at_winsize, at_levels, winsizes, levels, statistics, statisticsAt }) {
  const share = explained(statistics);
  const { still, warp, rough, long, moving } = statistics;
  const first =
    `These vectors explain ${share > 0 ? `${share} %` : "nothing"} of what changes between the ` +
    `frames: the difference goes from ${still.toFixed(2)} to ${warp.toFixed(2)} grey values. `;
  const [narrow, wide] = [winsizes[0], winsizes.at(-1)];
  const [flat, deep] = [levels[0], levels.at(-1)];
  const deepest = statisticsAt(at_winsize, deep).long;
  if (at_levels === flat && flat < deep && long < 0.9 * deepest) {
    return (
      `${first}Fast motion is lost: the longest vectors reach ${long.toFixed(1)} px. With levels ` +
      `= ${deep} the search starts in a smaller picture, and they reach ${deepest.toFixed(1)} px.`
    );
  }
  if (at_winsize === narrow && narrow < wide) {
    const times = rough / statisticsAt(wide, at_levels).rough;
    return (
      `${first}A window of ${narrow} px holds little to go by: the field is rough, neighbours ` +
      `differ by ${rough.toFixed(2)} px, ${times.toFixed(1)} times as much as with ${wide} px. ` +
      "Each is free to pick any pixel of like grey."
    );
  }
  if (at_winsize === wide && narrow < wide) {
    return (
      `${first}A window of ${wide} px mixes what moves with what stands: the field is smooth, ` +
      `but its borders are washed out. With ${narrow} px it explains ` +
      `${explained(statisticsAt(narrow, at_levels))} %.`
    );
  }
  return (
    `${first}${percent(moving)} of the pixels move by more than ${MOVING_PX} px; the longest ` +
    `vectors reach ${long.toFixed(1)} px, and neighbours differ by ${rough.toFixed(2)} px.`
  );
}
