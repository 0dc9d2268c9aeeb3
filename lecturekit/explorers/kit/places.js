// Places (t, y, x) in what a layer gives out, and the keys that move one.

import { within } from "../kit/numbers.js";

const STEPS = {
  ArrowLeft: [0, 0, -1],
  ArrowRight: [0, 0, 1],
  ArrowUp: [0, -1, 0],
  ArrowDown: [0, 1, 0],
  PageUp: [-1, 0, 0],
  PageDown: [1, 0, 0],
};

/** The nearest place inside. */
export const inside = (place, sizes) => place.map((at, axis) => within(at, sizes[axis]));

/** The place where a key leads, or nothing if it is not one of them. */
export function afterKey(event, place, sizes) {
  const step = STEPS[event.key];
  if (!step) return null;
  event.preventDefault();
  const next = place.map((at, axis) => at + step[axis]);
  return inside(next, sizes);
}
