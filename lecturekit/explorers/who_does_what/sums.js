// RoIAlign, the largest value of each channel, a linear layer, a sigmoid: as models/roi.py.

import { total, upTo } from "../kit/numbers.js";

/** Weights of features 0 … size − 1 for the value at a point between them. */
function interpolation(at, size) {
  if (at < -1 || at > size) return upTo(size).map(() => 0);
  const inside = Math.min(Math.max(at, 0), size - 1);
  return upTo(size).map((k) => Math.max(0, 1 - Math.abs(inside - k)));
}

/** One axis of a box: where each bin's points are, in features, and what each feature counts. */
function axisOf(first, last, bins, size) {
  const long = (last - first) / bins;
  const count = Math.ceil(long);
  const points = upTo(bins).map((bin) =>
    upTo(count).map((k) => first + bin * long + ((k + 0.5) * long) / count),
  );
  const weights = points.map((ofBin) => {
    const each = ofBin.map((at) => interpolation(at, size));
    return upTo(size).map((k) => total(each.map((row) => row[k])) / count);
  });
  return { points, weights, known: (at) => at >= -1 && at <= size };
}

/** How a box [x0, y0, x1, y1] in pixels is cut into bins and points: { rows, columns }. */
export function cutOf([x0, y0, x1, y1], { grid, bins, jump, shift }) {
  const place = (edge) => (edge + shift) * (1 / jump) - 0.5;
  return {
    rows: axisOf(place(y0), place(y1), bins[0], grid[1]),
    columns: axisOf(place(x0), place(x1), bins[1], grid[2]),
  };
}

/** Where feature i, or a point between two, stands in the picture, in pixels. */
export const pixelOf = (at, { jump, shift }) => (at + 0.5) * jump - shift;

/** Each channel's bins, row by row: [[…], …]. */
function regionsOf(map, { rows, columns }, grid) {
  const [channels, height, width] = grid;
  return upTo(channels).map((channel) => {
    const at = (y, x) => map[(channel * height + y) * width + x];
    const across = upTo(height).map((y) =>
      columns.weights.map((weights) => total(weights.map((weight, x) => weight * at(y, x)))),
    );
    return rows.weights.flatMap((weights) =>
      columns.weights.map((_, bin) => total(weights.map((weight, y) => weight * across[y][bin]))),
    );
  });
}

/** What the network says of a box, 0 to 1 for each class, and how many channels each bin gave. */
export function answerOf(map, weights, cut, { grid, bins, numClasses }) {
  const regions = regionsOf(map, cut, grid);
  const pooled = regions.map((ofChannel) => Math.max(...ofChannel));
  const taken = upTo(bins[0] * bins[1]).map(() => 0);
  for (const [channel, largest] of pooled.entries())
    if (largest > 0) taken[regions[channel].indexOf(largest)] += 1;
  const [channels] = grid;
  const scores = upTo(numClasses).map((k) => {
    const bias = weights[numClasses * channels + k];
    const sum = total(pooled.map((value, channel) => value * weights[k * channels + channel]));
    return 1 / (1 + Math.exp(-(sum + bias)));
  });
  return { scores, taken };
}

/** Mean of all channels at each place, row by row. */
export function strengthOf(map, [channels, height, width]) {
  const places = height * width;
  return upTo(places).map(
    (place) => total(upTo(channels).map((channel) => map[channel * places + place])) / channels,
  );
}

/** How much of one box lies in another, 0 to 1. */
export function shareInside(one, other) {
  const [wide, high] = [0, 1].map((axis) =>
    Math.max(0, Math.min(one[axis + 2], other[axis + 2]) - Math.max(one[axis], other[axis])),
  );
  return (wide * high) / ((one[2] - one[0]) * (one[3] - one[1]));
}

/** The mean distance of two lists of scores. */
export const distanceOf = (some, others) =>
  total(some.map((score, k) => Math.abs(score - others[k]))) / some.length;

/** Floats of bytes, wherever in a buffer they begin. */
export const floatsOf = (view) =>
  Array.from({ length: view.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
