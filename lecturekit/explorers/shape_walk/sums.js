// The arithmetic of lecturekit.shapes, under the same names: layers, what each does to the walk, and
// why one cannot be. A browser test holds them equal to Python's.

import { total, upTo } from "../kit/numbers.js";
import { AXES, counted, times } from "./words.js";

const product = (sizes) => sizes.reduce((all, size) => all * size, 1);

/** One window along one axis: its places, the inputs that none reads, how many of these end it. */
function windowAlong(size, kernel, stride, padding) {
  const places = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const starts = upTo(places).map((place) => place * stride - padding);
  const read = new Set(starts.flatMap((start) => upTo(kernel).map((tap) => start + tap)));
  const unread = upTo(size).filter((at) => !read.has(at));
  const dropped = upTo(size).findIndex((at) => read.has(size - 1 - at));
  return { places, unread, dropped: dropped < 0 ? size : dropped };
}

/** Why a window does not fit these sizes. */
function windowRefusal({ kind, kernel, padding }, sizes) {
  const small = kernel.findIndex((taps, axis) => sizes[axis] + 2 * padding[axis] < taps);
  if (small >= 0) {
    const [size, pad] = [sizes[small], padding[small]];
    const window = `${counted(kernel[small], AXES[small])} ${["long", "high", "wide"][small]}`;
    const room = pad
      ? `${size} + 2·${pad} of padding = ${size + 2 * pad}`
      : `${size}, and no padding`;
    return (
      `Its window is ${window}, but its input has only ${room}. ` +
      "Make the kernel smaller, add padding, or shrink less before."
    );
  }
  const wide = kernel.findIndex((taps, axis) => 2 * padding[axis] > taps);
  if (kind !== "Pool" || wide < 0) return null;
  return (
    `Its padding of ${padding[wide]} is more than half its kernel of ${kernel[wide]}: ` +
    "a window would hold nothing but padding."
  );
}

/** Why a layer cannot be, in words; null if it can. */
function refusal(layer, shape) {
  const [channels, ...sizes] = shape;
  if (layer.kernel && sizes.length) return windowRefusal(layer, sizes);
  if (layer.kernel)
    return (
      `${layer.kind} needs four axes, c × t × h × w. After Flatten there is one row of ` +
      `${counted(channels, "number")}: put it before the Flatten.`
    );
  if (layer.kind === "Linear" && sizes.length)
    return (
      `Linear takes one row of numbers, and here come ${times(shape)}, with ${shape.length} axes. ` +
      "Put a Flatten before it."
    );
  return null;
}

/** What one output depends on, before any layer; `offsets` are the inputs, from the first on. */
const ITSELF = { offsets: [[0], [0], [0]], jump: [1, 1, 1], start: [0, 0, 0] };

/** The same after one more window. */
function reachThrough({ offsets, jump, start }, { kernel, stride, padding }) {
  const spread = (some, axis) => {
    const taps = upTo(kernel[axis]).map((tap) => tap * jump[axis]);
    return [...new Set(some.flatMap((offset) => taps.map((tap) => offset + tap)))];
  };
  return {
    offsets: offsets.map(spread),
    jump: jump.map((step, axis) => step * stride[axis]),
    start: start.map((at, axis) => at + ((kernel[axis] - 1) / 2 - padding[axis]) * jump[axis]),
  };
}

/** What one layer does: the fields of lecturekit.shapes' Step. */
function stepOf(layer, in_shape, { offsets, jump, start }) {
  const [channels, ...sizes] = in_shape;
  const { kind, kernel, stride, padding, bias, out_features } = layer;
  const along = kernel
    ? sizes.map((size, axis) => windowAlong(size, kernel[axis], stride[axis], padding[axis]))
    : sizes.map(() => ({ unread: [], dropped: 0 }));
  const { out_channels = kernel ? channels : (out_features ?? product(in_shape)) } = layer;
  const out_shape = [out_channels, ...(kernel ? along.map(({ places }) => places) : [])];
  const weighted = kind === "Conv" || kind === "Linear";
  const weights = weighted ? channels * out_channels * product(kernel ?? []) : 0;
  return {
    in_shape,
    out_shape,
    parameters: weights + (bias ? out_channels : 0),
    macs: weights * product(out_shape.slice(1)),
    receptive_field: offsets.map((some) => Math.max(...some) + 1),
    inputs_seen: offsets.map((some) => some.length),
    jump,
    start,
    unread: along.map(({ unread }) => unread),
    dropped: along.map(({ dropped }) => dropped),
  };
}

/** All layers in order: { steps, refused }; refused is { index, why } of the first impossible one. */
export function walkOf(layers, input) {
  const steps = [];
  let [shape, reach] = [input, ITSELF];
  for (const [index, layer] of layers.entries()) {
    const why = refusal(layer, shape);
    if (why) return { steps, refused: { index, why } };
    if (layer.kernel) reach = reachThrough(reach, layer);
    steps.push(stepOf(layer, shape, reach));
    shape = steps.at(-1).out_shape;
  }
  return { steps, refused: null };
}

// The sliding kernel.

export const sizesOf = (block) => [block.length, block[0].length, block[0][0].length];

/** How many places a kernel has along t, y, x of a cube, with stride 1. */
export function placesOf(cube, weights, padding) {
  const kernel = sizesOf(weights);
  return sizesOf(cube).map((size, axis) => size + 2 * padding - kernel[axis] + 1);
}

/** What the window of output [t, y, x] reads, frame by frame; padding reads as 0. */
export function readsOf({ cube, weights, padding }, [t, y, x]) {
  const at = (i, j, k) => cube[t + i - padding]?.[y + j - padding]?.[x + k - padding] ?? 0;
  return weights.map((rows, i) =>
    rows.flatMap((row, j) => row.map((weight, k) => ({ value: at(i, j, k), weight }))),
  );
}

/** The sum over one frame of the kernel. */
export const sumOf = (reads) => total(reads.map(({ value, weight }) => value * weight));

/** All outputs, t by y by x, not yet divided. */
export function outputsOf(scene, [frames, rows, columns]) {
  const at = (place) => total(readsOf(scene, place).map(sumOf));
  return upTo(frames).map((t) => upTo(rows).map((y) => upTo(columns).map((x) => at([t, y, x]))));
}
