// The arithmetic of lecturekit.shapes, and the sum under one window. A browser test holds them equal
// to Python's. A layer is { kind, channels, kernel: [t, s], stride, padding, bias } (s: h and w alike).

const AXES = ["frame", "row", "column"];
const product = (sizes) => sizes.reduce((all, size) => all * size, 1);
const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);
const range = (length) => Array.from({ length }, (_, k) => k);
const grouped = (number) => number.toLocaleString("en-US");
const counted = (number, word) => `${grouped(number)} ${word}${number === 1 ? "" : "s"}`;
const times = (sizes) => sizes.map(String).join("×");
/** [t, s] to one number for each of t, h, w. */
const perAxis = ([t, s]) => [t, s, s];

const KINDS = { conv: "Conv", pool: "Pool", flatten: "Flatten", linear: "Linear" };

/** The layer with its numbers: "Conv 3×3×3". */
function nameOf(layer) {
  return KINDS[layer.kind] + (layer.kernel ? ` ${times(perAxis(layer.kernel))}` : "");
}

/**
 * One window along one axis: how many places it has, which inputs it never reads (padding that is not
 * read is no loss), and how many of these stand at the end.
 */
function windows(size, kernel, stride, padding) {
  const places = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const read = new Set(range(places).flatMap((place) => range(kernel).map((tap) => place * stride - padding + tap)));
  const unread = range(size).filter((at) => !read.has(at));
  const dropped = range(size).reverse().findIndex((at) => read.has(at));
  return { places, unread, dropped: dropped < 0 ? size : dropped };
}

/** Why a layer cannot be, in words; null if it can. */
function refusal(layer, shape) {
  const [, ...sizes] = shape;
  if (layer.kind === "flatten") return null;
  if (layer.kind === "linear") {
    return sizes.length
      ? `Linear takes one row of numbers, and here come ${times(shape)}, with ${shape.length} axes. Put a Flatten before it.`
      : null;
  }
  if (!sizes.length) return `${KINDS[layer.kind]} needs four axes, c × t × h × w. After Flatten there is one row of ${counted(shape[0], "number")}: put it before the Flatten.`;
  const [kernel, padding] = [perAxis(layer.kernel), perAxis(layer.padding)];
  const small = kernel.findIndex((k, axis) => sizes[axis] + 2 * padding[axis] < k);
  if (small >= 0) {
    const [size, pad] = [sizes[small], padding[small]];
    const has = pad ? `${size} + 2·${pad} of padding = ${size + 2 * pad}` : `${size}, and no padding`;
    return `Its window is ${counted(kernel[small], AXES[small])} ${["long", "high", "wide"][small]}, but its input has only ${has}. `
      + "Make the kernel smaller, add padding, or shrink less before.";
  }
  if (layer.kind === "pool") {
    const wide = kernel.findIndex((k, axis) => 2 * padding[axis] > k);
    if (wide >= 0) return `Its padding of ${padding[wide]} is more than half its kernel of ${kernel[wide]}: a window would hold nothing but padding.`;
  }
  return null;
}

/**
 * What one output sees along each axis: from which inputs it is made (`offsets`, from the first on), how
 * far they reach (`field`), and how many they are (`seen`): fewer where strides leave holes.
 */
const reachOf = (offsets) => ({
  offsets, field: offsets.map((some) => Math.max(...some) + 1), seen: offsets.map((some) => some.length),
});

/** What one layer does to the walk so far. */
function stepOf(layer, { out: shape, offsets, jump, start }) {
  const [channels, ...sizes] = shape;
  const bias = (count) => (layer.bias ? count : 0);
  if (layer.kind === "flatten" || layer.kind === "linear") {
    // Each number of a row still sees what it saw; after a Linear, each sees all of them together.
    const [none, zero] = [sizes.map(() => []), sizes.map(() => 0)];
    const flat = { in: shape, parameters: 0, macs: 0, ...reachOf(offsets), jump, start, unread: none, dropped: zero };
    if (layer.kind === "flatten") return { ...flat, out: [product(shape)] };
    return { ...flat, out: [layer.channels], parameters: channels * layer.channels + bias(layer.channels), macs: channels * layer.channels };
  }
  const [kernel, stride, padding] = [layer.kernel, layer.stride, layer.padding].map(perAxis);
  const along = sizes.map((size, axis) => windows(size, kernel[axis], stride[axis], padding[axis]));
  const out = [layer.kind === "conv" ? layer.channels : channels, ...along.map(({ places }) => places)];
  const weights = layer.kind === "conv" ? channels * layer.channels * product(kernel) : 0;
  return {
    in: shape, out, parameters: weights && weights + bias(layer.channels), macs: weights * product(out.slice(1)),
    ...reachOf(offsets.map((some, axis) => [...new Set(some.flatMap((at) => range(kernel[axis]).map((tap) => at + tap * jump[axis])))])),
    jump: jump.map((j, axis) => j * stride[axis]),
    start: start.map((s, axis) => s + ((kernel[axis] - 1) / 2 - padding[axis]) * jump[axis]),
    unread: along.map(({ unread }) => unread),
    dropped: along.map(({ dropped }) => dropped),
  };
}

/** All layers in order: { steps, refused }; refused is { index, why } of the first impossible one. */
function walkOf(layers, input) {
  const steps = [];
  let last = { out: input, ...reachOf([[0], [0], [0]]), jump: [1, 1, 1], start: [0, 0, 0] };
  for (const [index, layer] of layers.entries()) {
    const why = refusal(layer, last.out);
    if (why) return { steps, refused: { index, why } };
    last = stepOf(layer, last);
    steps.push(last);
  }
  return { steps, refused: null };
}

/** "drops 1 frame, 2 rows"; "never reads 6 of 9 columns" where they lie between windows */
function lostWords({ in: [, ...sizes], unread, dropped }) {
  const holes = unread.map((some, axis) => some.length > dropped[axis]);
  const ends = dropped.flatMap((count, axis) => (count && !holes[axis] ? [counted(count, AXES[axis])] : []));
  const between = unread.flatMap((some, axis) => (holes[axis] ? [`${some.length} of ${counted(sizes[axis], AXES[axis])}`] : []));
  return [[ends, "drops"], [between, "never reads"]].flatMap(([parts, verb]) => (parts.length ? [`${verb} ${parts.join(", ")}`] : [])).join("; ");
}

const extent = ([t, h, w]) => `${counted(t, "frame")} × ${h === w ? grouped(h) : `${grouped(h)}×${grouped(w)}`} px`;
/** "5 frames × 9 px"; with holes: "3 frames × 5 px in 5 frames × 9 px" */
const fieldWords = ({ field, seen }) => (String(field) === String(seen) ? extent(field) : `${extent(seen)} in ${extent(field)}`);

// The sliding kernel.

const sizesOf = (block) => [block.length, block[0].length, block[0][0].length];

/** Output places along t, y, x of a kernel with stride 1. */
function placesOf(cube, weights, padding) {
  const kernel = sizesOf(weights);
  return sizesOf(cube).map((size, axis) => size + 2 * padding - kernel[axis] + 1);
}

/** What the window of output [t, y, x] reads, in the kernel's order; padding reads as 0. */
function readsOf(cube, weights, padding, place) {
  const [frames, rows, columns] = sizesOf(weights);
  return range(frames).flatMap((i) => range(rows).flatMap((j) => range(columns).map((k) => {
    const at = [i, j, k].map((tap, axis) => place[axis] + tap - padding);
    return { value: cube[at[0]]?.[at[1]]?.[at[2]] ?? 0, weight: weights[i][j][k] };
  })));
}

const sumAt = (cube, weights, padding, place) => sum(readsOf(cube, weights, padding, place).map(({ value, weight }) => value * weight));
