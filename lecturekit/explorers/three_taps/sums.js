// The inflated network and what it answers: lecturekit.explorers.three_taps' `feature_maps` and
// `ThreeTaps.answers`, with the same arithmetic.

import { total, upTo, within } from "../kit/numbers.js";

const SLOPE = [-1, 0, 1];
const SMOOTH = [0.25, 0.5, 0.25];
const ALONE = [0, 1, 0]; // each frame by itself: the 2D network
const STILL_FRAME = 4;
const ROUNDING = 1e-9;

export const isZero = (value) => Math.abs(value) < ROUNDING;
export const keepsStill = (taps) => isZero(total(taps) - 1);
export const isSymmetric = ([before, , after]) => isZero(before - after);
export const isPreset = (taps, preset) => preset.every((tap, k) => isZero(tap - taps[k]));

/** The grey values that Python sent, one array from 0 to 1 for each frame. */
export function filmOf({ greys, height_px: height, width_px: width }) {
  const bytes = new Uint8Array(greys.buffer, greys.byteOffset, greys.byteLength);
  const area = height * width;
  const frames = upTo(bytes.length / area).map((t) =>
    Float64Array.from(bytes.subarray(t * area, (t + 1) * area), (value) => value / 255),
  );
  return { frames, height, width };
}

/** Three weights along an axis, 0 down and 1 across; the border is repeated. */
function correlated(map, { height, width }, [before, here, after], axis) {
  const [size, step] = axis ? [width, 1] : [height, width];
  const out = new Float64Array(map.length);
  for (let k = 0; k < map.length; k++) {
    const at = Math.floor(k / step) % size;
    const ahead = map[at < size - 1 ? k + step : k];
    out[k] = before * map[at ? k - step : k] + here * map[k] + after * ahead;
  }
  return out;
}

/** A layer: the frame mixed with its neighbours, then the 2D filter, then the ReLU. */
function layerOf([one, two, three], film, [before, here, after], layer) {
  const mixed = new Float64Array(two.length);
  for (let k = 0; k < two.length; k++)
    mixed[k] = before * one[k] + here * two[k] + after * three[k];
  const across = correlated(mixed, film, layer ? SMOOTH : SLOPE, 1);
  const out = correlated(across, film, SMOOTH, 0);
  for (let k = 0; k < out.length; k++) if (out[k] < 0) out[k] = 0;
  return out;
}

/** What the last layer gives, frame by frame. */
function mapsOf(clip, film, taps, depth, padding) {
  const zeros = new Float64Array(clip[0].length);
  let maps = clip;
  for (const layer of upTo(depth)) {
    const count = maps.length;
    const before = maps;
    const beyond = {
      zeros: () => zeros,
      repeat: (t) => before[within(t, count)],
      joined: (t) => before[(t + count) % count],
    }[padding];
    const at = (t) => before[t] ?? beyond(t);
    maps = upTo(count).map((t) => layerOf([at(t - 1), at(t), at(t + 1)], film, taps, layer));
  }
  return maps;
}

const meanOf = (map) => total(map) / map.length;
const distance = (one, other) => meanOf(one.map((value, k) => Math.abs(value - other[k])));

function overTime(maps) {
  const sums = new Float64Array(maps[0].length);
  for (const map of maps) for (let k = 0; k < map.length; k++) sums[k] += map[k] / maps.length;
  return sums;
}

/** The clip, both networks' maps of it, how far they are apart, and both gaps. */
export function answersOf(film, { taps, depth, padding, clip: way }) {
  const still = film.frames.map(() => film.frames[STILL_FRAME]);
  const reversed = film.frames.toReversed();
  const clip = { still, forwards: film.frames, backwards: reversed }[way];
  const pictures = mapsOf(clip, film, ALONE, depth, "zeros");
  const maps = mapsOf(clip, film, taps, depth, padding);
  const level = meanOf(pictures.map(meanOf));
  const gapOf = (how) => {
    const orders = [clip, clip.toReversed()];
    const [there, back] = orders.map((order) => overTime(mapsOf(order, film, taps, depth, how)));
    return distance(there, back) / level;
  };
  const errors = maps.map((map, t) => distance(map, pictures[t]) / level);
  return { frames: clip, pictures, maps, errors, gap: gapOf(padding), joined: gapOf("joined") };
}

/** The taps after one was moved. While their sum is locked, the other two share the change. */
export function movedTaps(taps, moved, value, { locked, most }) {
  const next = taps.map((tap, k) => (k === moved ? value : tap));
  if (!locked) return next;
  const [one, other] = upTo(3).filter((k) => k !== moved);
  const rest = 1 - value;
  const [least, largest] = [Math.max(-most, rest - most), Math.min(most, rest + most)];
  const half = (rest + taps[one] - taps[other]) / 2;
  next[one] = Math.min(Math.max(half, least), largest);
  next[other] = rest - next[one];
  return next;
}
