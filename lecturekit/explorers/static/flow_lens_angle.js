// Directions in image axes, where y points down: 0° to the right, 90° down. Shared by both
// explorers of the chapter on optical flow.

const WAYS = ["right", "down right", "down", "down left", "left", "up left", "up", "up right"];

/** The direction of (dx, dy) in degrees, 0 up to 360. */
const degreesOf = (dx, dy) => ((Math.atan2(dy, dx) * 180) / Math.PI + 360) % 360;
const wayOf = (degrees) => WAYS[Math.round(degrees / 45) % 8];
const turned = (degrees, length = 1) => {
  const angle = (degrees * Math.PI) / 180;
  return [length * Math.cos(angle), length * Math.sin(angle)];
};
/** The angle between two directions, 0 to 180. */
const between = (a, b) => {
  const apart = Math.abs(a - b) % 360;
  return Math.min(apart, 360 - apart);
};
/** A number with a true minus sign, and no "−0". */
const signed = (value, digits = 2) => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
};

/** An arrow from one point to another; its head never longer than itself. */
function arrow(context, [x0, y0], [x1, y1], { ink, halo, width = 2, head = 9 }) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 0.5) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const tip = Math.min(head, length);
  const path = () => {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1 - ux * tip * 0.6, y1 - uy * tip * 0.6);
    context.stroke();
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x1 - tip * ux - tip * 0.5 * uy, y1 - tip * uy + tip * 0.5 * ux);
    context.lineTo(x1 - tip * ux + tip * 0.5 * uy, y1 - tip * uy - tip * 0.5 * ux);
    context.closePath();
  };
  Object.assign(context, { lineCap: "round", lineJoin: "round" });
  if (halo) {
    Object.assign(context, { strokeStyle: halo, lineWidth: width + 2.5 });
    path();
    context.stroke();
  }
  Object.assign(context, { strokeStyle: ink, fillStyle: ink, lineWidth: width });
  path();
  context.fill();
}
