// What the page works out of a clip and a mask. Numbers lie frame by frame, row by row, pixel by
// pixel, the three colours side by side; a patch is known by its number, time-major.

import { upTo } from "../kit/numbers.js";

const EPS = 1e-6; // beside a patch's spread, so that a flat one stays finite

/** Sizes of clips: `film` of one, in numbers; `patches` in it. */
export function sizesOf({ grid, tubelet }) {
  const [frames, height, width] = grid.map((count, axis) => count * tubelet[axis]);
  const patches = grid.reduce((product, count) => product * count, 1);
  return { grid, tubelet, frames, height, width, patches, film: frames * height * width * 3 };
}

/** The patch of each pixel, in the order of the pixels. */
export function patchMap({ grid, tubelet, frames, height, width }) {
  const map = new Uint16Array(frames * height * width);
  for (let t = 0, k = 0; t < frames; t++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, k++) {
        const [step, row, column] = [t, y, x].map((at, axis) => Math.floor(at / tubelet[axis]));
        map[k] = (step * grid[1] + row) * grid[2] + column;
      }
  return map;
}

/** Mean and standard deviation (unbiased) of each group and colour; group −1 is left out. */
export function momentsOf(values, groups, count) {
  const [mean, std] = [new Float64Array(3 * count), new Float64Array(3 * count)];
  const seen = new Float64Array(count);
  const each = (visit) => {
    for (let k = 0; k < groups.length; k++)
      if (groups[k] >= 0) for (let c = 0; c < 3; c++) visit(3 * k + c, 3 * groups[k] + c);
  };
  for (const group of groups) if (group >= 0) seen[group]++;
  each((at, to) => {
    mean[to] += values[at] / seen[(to / 3) | 0];
  });
  each((at, to) => {
    std[to] += (values[at] - mean[to]) ** 2 / (seen[(to / 3) | 0] - 1);
  });
  return { mean, std: std.map((variance) => Math.sqrt(variance) + EPS) };
}

/** A clip with all that does not hang on the mask: its pixels from 0 to 1, also normalised. */
export function clipOf(bytes, map, patches) {
  const pixels = Float64Array.from(bytes, (byte) => byte / 255);
  const own = momentsOf(pixels, map, patches);
  const normalised = pixels.map((value, at) => {
    const to = 3 * map[(at / 3) | 0] + (at % 3);
    return (value - own.mean[to]) / own.std[to];
  });
  return { pixels, own, normalised };
}

/**
 * From which patch each hidden one is copied: its place at the nearest time when it is visible, of
 * two as near the earlier one, −1 where there is none.
 */
export function sourcesOf(mask, [steps, rows, columns]) {
  const places = rows * columns;
  const later = upTo(steps);
  return upTo(mask.length).map((patch) => {
    const [step, place] = [Math.floor(patch / places), patch % places];
    const nearness = (other) => 2 * Math.abs(other - step) + (other > step);
    const seen = later.filter((other) => !mask[other * places + place]);
    if (!seen.length) return -1;
    const best = seen.reduce((one, other) => (nearness(other) < nearness(one) ? other : one));
    return best * places + place;
  });
}

/** What is copied, normalised, for every pixel; 0 where nothing can be. */
export function copyOf({ normalised }, map, sources, sizes) {
  const { width, height, tubelet, grid } = sizes;
  const places = grid[1] * grid[2];
  const step = (patch) => Math.floor(patch / places);
  return normalised.map((_, at) => {
    const patch = map[(at / 3) | 0];
    const from = sources[patch];
    const moved = (step(from) - step(patch)) * tubelet[0] * height * width * 3;
    return from < 0 ? 0 : normalised[at + moved];
  });
}

/** Mean squared distance on hidden patches, in normalised pixels. */
export function lossOf(told, truth, map, mask) {
  let [sum, count] = [0, 0];
  for (let at = 0; at < truth.length; at++)
    if (mask[map[(at / 3) | 0]]) {
      sum += (told[at] - truth[at]) ** 2;
      count++;
    }
  return sum / count;
}

/** The clip with normalised numbers in its hidden patches, from 0 to 1 but not cut off there. */
export function filled({ pixels, own }, told, map, mask, borrow) {
  const visible = map.map((patch) => (mask[patch] ? 0xffff : 0));
  const groups = Int32Array.from(visible, (group) => (group ? -1 : 0));
  const all = borrow ? null : momentsOf(pixels, groups, 1);
  return pixels.map((value, at) => {
    const patch = map[(at / 3) | 0];
    if (!mask[patch]) return value;
    const { mean, std } = borrow ? own : all;
    const from = (borrow ? 3 * patch : 0) + (at % 3);
    return told[at] * std[from] + mean[from];
  });
}
