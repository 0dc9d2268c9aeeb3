// The flow's arithmetic: lecturekit.flow's `flow_to_rgb` and `warp`, and what is read off a field.
// A browser test holds them equal to Python.

const CORNERS = ["red", "yellow", "green", "cyan", "blue", "magenta", "red"];
const RGB = {
  red: [255, 0, 0],
  yellow: [255, 255, 0],
  green: [0, 255, 0],
  cyan: [0, 255, 255],
  blue: [0, 0, 255],
  magenta: [255, 0, 255],
};
const STEPS = [15, 6, 4, 11, 13, 6]; // from each corner to the next
const WHEEL = STEPS.flatMap((steps, k) => {
  const [from, to] = [RGB[CORNERS[k]], RGB[CORNERS[k + 1]]];
  const gone = (step) => Math.floor((255 * step) / steps);
  return Array.from({ length: steps }, (_, step) =>
    from.map((value, c) => value + Math.sign(to[c] - value) * gone(step)),
  );
});
export const MOVING_PX = 0.5;

/** Middlebury's colour of (dx, dy): [red, green, blue], `full` px being the length in full colour. */
export function flowToRgb(dx, dy, full) {
  const radius = Math.hypot(dx, dy) / full;
  const position = ((Math.atan2(-dy, -dx) / Math.PI + 1) / 2) * (WHEEL.length - 1);
  const low = Math.floor(position);
  const share = position - low;
  return [0, 1, 2].map((c) => {
    const hue = WHEEL[low][c] * (1 - share) + WHEEL[(low + 1) % WHEEL.length][c] * share;
    return Math.floor((radius <= 1 ? 255 - radius * (255 - hue) : 0.75 * hue) + 1e-6);
  });
}

/** A field as Python packed it, grey values of dx above those of dy: px per frame, row by row. */
export function fieldOf(values, step) {
  const px = Float32Array.from(values, (value) => (value - 128) * step);
  return { dx: px.subarray(0, px.length / 2), dy: px.subarray(px.length / 2) };
}

/** Bilinear sample of `next` where the vector of pixel k ends; null outside the frame. */
export function fetched({ next, width, height }, { dx, dy }, k) {
  const [x, y] = [(k % width) + dx[k], Math.floor(k / width) + dy[k]];
  if (!(x >= 0 && x <= width - 1 && y >= 0 && y <= height - 1)) return null;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const across = (row) =>
    next[row * width + left] * (1 - x + left) + next[row * width + right] * (x - left);
  return across(top) * (1 - y + top) + across(bottom) * (y - top);
}

/**
 * What the readings say of one field. `warp` and `still`: mean grey differences of frame t and
 * frame t + 1, fetched back along the vectors and as it is, over the pixels whose vector ends
 * inside; `rough`: how much a vector differs from its right and lower neighbour, px.
 */
export function statisticsOf(film, field) {
  const lengths = Float32Array.from(field.dx, (dx, k) => Math.hypot(dx, field.dy[k])).sort();
  const moving = lengths.reduce((count, length) => count + (length > MOVING_PX), 0);
  return {
    ...differencesOf(film, field),
    rough: roughnessOf(film.width, field),
    moving: moving / lengths.length,
    long: lengths[Math.floor(0.995 * (lengths.length - 1))],
  };
}

function differencesOf(film, field) {
  const { prev, next } = film;
  let [warp, still, inside] = [0, 0, 0];
  for (let k = 0; k < prev.length; k++) {
    const sample = fetched(film, field, k);
    if (sample === null) continue;
    inside += 1;
    warp += Math.abs(sample - prev[k]);
    still += Math.abs(next[k] - prev[k]);
  }
  return { warp: warp / inside, still: still / inside, outside: 1 - inside / prev.length };
}

function roughnessOf(width, { dx, dy }) {
  let [sum, pairs] = [0, 0];
  const compare = (one, other) => {
    sum += Math.hypot(dx[other] - dx[one], dy[other] - dy[one]);
    pairs += 1;
  };
  for (let k = 0; k < dx.length; k++) {
    if ((k + 1) % width > 0) compare(k, k + 1);
    if (k + width < dx.length) compare(k, k + width);
  }
  return sum / pairs;
}

/** The share of the change between the frames that the vectors explain, in percent. */
export const explained = ({ warp, still }) =>
  still > 0 ? Math.round(100 * (1 - warp / still)) : 0;
