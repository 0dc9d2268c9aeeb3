// What the view says in words.

import { between, degreesOf, wayOf } from "../kit/angle.js";
import { fittingDirections, fittingVelocity } from "./sums.js";

const NAMES = {
  stripes: "stripes",
  corner: "a corner",
  texture: "a texture",
  blank: "a blank sheet",
};
export const heading = (degrees) => `${Math.round(degrees) % 360}° (${wayOf(degrees)})`;
export const KNOWN = [
  "No slope in the hole: no direction of motion is known.",
  "Slopes along one line only: one direction is known, the one across the stripes.",
  "Slopes in two directions: the whole motion is known.",
];

/** What can be seen through the hole, for those who cannot see it. */
export function seenOf(pattern, { known, velocity }) {
  if (!known) return "Through the hole: an even grey. Nothing changes.";
  const drift = `${heading(degreesOf(...velocity))} at ${Math.hypot(...velocity).toFixed(2)} px per frame`;
  const what =
    known === 1
      ? "straight edges that drift across themselves towards"
      : `${NAMES[pattern]} that moves towards`;
  return `Through the hole: ${what} ${drift}.`;
}

/** The answer, in words. */
export function answerOf({ trial, measured, guess, step }) {
  const off = between(guess, trial.motion_deg);
  const said = `It moved towards ${heading(trial.motion_deg)}. ${off ? `You were off by ${off}°.` : "Exactly right."}`;
  if (measured.known === 0)
    return `${said} Nothing in the hole changes: every motion fits it, and standing still too.`;
  if (measured.known === 2)
    return `${said} Slopes in two directions: their lines cross in one point, so only that motion fits.`;
  const fit = fittingDirections(measured, trial, step);
  const cannot = fittingVelocity(measured, trial, guess)
    ? ""
    : " Towards your guess no speed fits: the stripes would drift the other way or stand.";
  return (
    `${said}${cannot} ${off ? "E" : "But you could not see it: e"}very motion on the line looks the same in the hole. ` +
    `${fit} of the dial’s ${360 / step} directions have a speed that fits.`
  );
}

/** Guesses by pattern: "stripes: off by 48° on average (3 guesses)". */
export function scoreOf(guesses) {
  return Object.keys(NAMES)
    .flatMap((pattern) => {
      const off = guesses
        .filter(([kind]) => kind === pattern)
        .map(([, guess, motion]) => between(guess, motion));
      if (!off.length) return [];
      const mean = Math.round(off.reduce((sum, one) => sum + one, 0) / off.length);
      return [
        `${pattern}: off by ${mean}°${off.length > 1 ? ` on average (${off.length} guesses)` : " (1 guess)"}`,
      ];
    })
    .join("; ");
}
