// Directions in image axes, where y points down: 0° to the right, 90° down.

const WAYS = ["right", "down right", "down", "down left", "left", "up left", "up", "up right"];

/** The direction of (dx, dy) in degrees, 0 up to 360. */
export const degreesOf = (dx, dy) => ((Math.atan2(dy, dx) * 180) / Math.PI + 360) % 360;

export const wayOf = (degrees) => WAYS[Math.round(degrees / 45) % 8];

/** The vector [dx, dy] of a direction. */
export function turned(degrees, length = 1) {
  const angle = (degrees * Math.PI) / 180;
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

/** The angle between two directions, 0 to 180. */
export function between(a, b) {
  const apart = Math.abs(a - b) % 360;
  return Math.min(apart, 360 - apart);
}
