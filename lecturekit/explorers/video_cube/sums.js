// Addresses, cuts and corners. Names: an axis is one of t, y, x, c (and b); a "cut" is the image
// where one of t, y, x is held.

const AXIS_OF = { b: "b", c: "c", t: "t", h: "y", w: "x" };
export const CHANNELS = ["R", "G", "B"];

export const axesOf = (layout) => layout.split(" ").map((name) => AXIS_OF[name]);

/** Elements before index {b, c, t, y, x} in a layout of these axes and strides. */
export function flatOffset(index, axes, strides) {
  return axes.reduce((sum, axis, i) => sum + index[axis] * strides[i], 0);
}

/** flatOffset undone: which {t, y, x, c} lives at this address. */
export function unravel(offset, axes, strides) {
  const index = {};
  axes.forEach((axis, i) => {
    index[axis] = Math.floor(offset / strides[i]);
    offset %= strides[i];
  });
  return index;
}

/** The sum as [[index, "·(96·226·3)", axis], …]: what a stride is made of, not only its value. */
export function sumTerms(index, axes, sizes) {
  return axes.map((axis, i) => {
    const later = axes.slice(i + 1).map((name) => sizes[name]);
    const product = later.length > 1 ? `·(${later.join("·")})` : later.map((n) => `·${n}`).join("");
    return [index[axis], product, axis];
  });
}

/** Where frame t lies in memory: [{ start, length, channel }, …]; channel "rgb" if interleaved. */
export function frameBands(t, axes, strides, sizes) {
  const stride = (axis) => strides[axes.indexOf(axis)];
  const plane = sizes.y * sizes.x;
  if (stride("c") === 1)
    return [{ start: t * stride("t"), length: plane * sizes.c, channel: "rgb" }];
  return CHANNELS.map((channel, c) => ({
    start: t * stride("t") + c * stride("c"),
    length: plane,
    channel,
  }));
}

/**
 * The pixels { data, width, height } where axis `held` is `at`. `film` is { data, sizes }, its data
 * in T H W RGBA order.
 */
export function cutPixels({ data, sizes: { t: T, y: H, x: W } }, held, at) {
  const [width, height] = { t: [W, H], y: [W, T], x: [T, H] }[held];
  const pixel = {
    t: (u, v) => (at * H + v) * W + u,
    y: (u, v) => (v * H + at) * W + u,
    x: (u, v) => (u * H + v) * W + at,
  }[held];
  const from = new Uint32Array(data.buffer); // a pixel is 4 bytes
  const to = new Uint32Array(width * height);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) to[v * width + u] = from[pixel(u, v)];
  }
  return { data: new Uint8ClampedArray(to.buffer), width, height };
}

/** Fits a block of sizes {t, y, x} into width × height, seen from its front, top and right. */
export function projection(sizes, depth, width, height) {
  const back = { x: 0.45 * depth, y: -0.7 * depth };
  const scale = Math.min(width / (sizes.x + back.x), height / (sizes.y - back.y));
  const left = (width - scale * (sizes.x + back.x)) / 2;
  const top = (height - scale * (sizes.y - back.y)) / 2 - scale * back.y;
  return ([x, y, t]) => [
    left + scale * (x + (t / sizes.t) * back.x),
    top + scale * (y + (t / sizes.t) * back.y),
  ];
}

/**
 * The block with the corner before (t, y, x) cut away, as faces { held, at, u: [from, to],
 * v: [from, to], inner }. The three inner ones show the three cuts; none hides another.
 */
export function cubeFaces({ t, y, x }, { t: T, y: H, x: W }) {
  const face = (held, at, u, v, inner = false) => ({ held, at, u, v, inner });
  return [
    face("t", 0, [0, x + 1], [0, H]),
    face("t", 0, [x + 1, W], [y, H]),
    face("y", 0, [0, x + 1], [0, T]),
    face("y", 0, [x + 1, W], [t, T]),
    face("x", W - 1, [t, T], [0, H]),
    face("x", W - 1, [0, t], [y, H]),
    face("t", t, [x + 1, W], [0, y], true),
    face("y", y, [x + 1, W], [0, t], true),
    face("x", x, [0, t], [0, y], true),
  ].filter(({ u, v }) => u[1] > u[0] && v[1] > v[0]);
}

/** The corner of a face in the block, from its own two coordinates. */
export function faceCorner({ held, at }, u, v) {
  return { t: [u, v, at], y: [u, at, v], x: [at + 1, v, u] }[held];
}
