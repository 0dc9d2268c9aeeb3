// The flow's arithmetic: lecturekit.flow's `flow_to_rgb` and `warp`, and what is read off a field.
// A browser test holds them equal to Python.

const WHEEL = (() => {
  const corners = [[255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 255, 255], [0, 0, 255], [255, 0, 255], [255, 0, 0]];
  return [15, 6, 4, 11, 13, 6].flatMap((steps, k) => Array.from({ length: steps }, (_, step) => (
    corners[k].map((from, c) => from + Math.sign(corners[k + 1][c] - from) * Math.floor((255 * step) / steps)))));
})();

/** Middlebury's colour of (dx, dy): [red, green, blue], `full` px being the length in full colour. */
function flowToRgb(dx, dy, full) {
  const radius = Math.hypot(dx, dy) / full;

  const position = ((Math.atan2(-dy, -dx) / Math.PI + 1) / 2) * (WHEEL.length - 1);
  const low = Math.floor(position);
  const share = position - low;
  return [0, 1, 2].map((c) => {
    const hue = WHEEL[low][c] * (1 - share) + WHEEL[(low + 1) % WHEEL.length][c] * share;
    return Math.floor((radius <= 1 ? 255 - radius * (255 - hue) : 0.75 * hue) + 1e-6);
  });
}

/** The red channel of some rows of a picture: a grey one's levels. */
function levelsOf(image, from, rows) {
  const context = h("canvas", { width: image.width, height: rows }).getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, -from);
  const { data } = context.getImageData(0, 0, image.width, rows);
  return Uint8Array.from({ length: image.width * rows }, (_, k) => data[4 * k]);
}

/** Field k of the sheet: dx and dy in px per frame, row by row. */
function fieldOf(sheet, k, height, step) {
  const levels = levelsOf(sheet, 2 * k * height, 2 * height);
  const px = Float32Array.from(levels, (level) => (level - 128) * step);
  return { dx: px.subarray(0, px.length / 2), dy: px.subarray(px.length / 2) };
}

/** Bilinear sample of `next` where the vector of pixel k ends; null outside the frame. */
function fetched(next, { dx, dy }, k, width, height) {
  const [x, y] = [(k % width) + dx[k], Math.floor(k / width) + dy[k]];
  if (!(x >= 0 && x <= width - 1 && y >= 0 && y <= height - 1)) return null;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const across = (row) => next[row * width + left] * (1 - x + left) + next[row * width + right] * (x - left);
  return across(top) * (1 - y + top) + across(bottom) * (y - top);
}

const MOVING_PX = 0.5;

/**
 * What the readings say of one field. `warp` and `still`: mean grey differences of frame t and
 * frame t + 1, fetched back along the vectors and as it is, over the pixels whose vector ends
 * inside; `rough`: how much a vector differs from its right and lower neighbour, px.
 */
function statisticsOf({ prev, next, width, height }, field) {
  const { dx, dy } = field;
  const sums = { warp: 0, still: 0, inside: 0, rough: 0, pairs: 0, moving: 0 };
  const lengths = new Float32Array(prev.length);
  for (let k = 0; k < prev.length; k++) {
    const sample = fetched(next, field, k, width, height);
    if (sample !== null) {
      sums.inside += 1;
      sums.warp += Math.abs(sample - prev[k]);
      sums.still += Math.abs(next[k] - prev[k]);
    }
    lengths[k] = Math.hypot(dx[k], dy[k]);
    if (lengths[k] > MOVING_PX) sums.moving += 1;
    for (const [other, there] of [[k + 1, (k + 1) % width > 0], [k + width, k + width < prev.length]]) {
      if (!there) continue;
      sums.rough += Math.hypot(dx[other] - dx[k], dy[other] - dy[k]);
      sums.pairs += 1;
    }
  }
  lengths.sort();
  return {
    warp: sums.warp / sums.inside, still: sums.still / sums.inside, outside: 1 - sums.inside / prev.length,
    rough: sums.rough / sums.pairs, moving: sums.moving / prev.length, long: lengths[Math.floor(0.995 * (lengths.length - 1))],
  };
}

/** The share of the change between the frames that the vectors explain, in percent. */
const explained = ({ warp, still }) => (still > 0 ? Math.round(100 * (1 - warp / still)) : 0);

// Words.

const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const scaleWords = (levels) => (levels ? `${levels} (to 1/${2 ** levels} size)` : "0 (full size)");

/** The vector under the lens, in words. */
function vectorWords({ x, y }, [dx, dy]) {
  const length = Math.hypot(dx, dy);
  const way = length > 0 ? `, ${Math.round(degreesOf(dx, dy)) % 360}°, ${wayOf(degreesOf(dx, dy))}` : "";
  return `Column ${x}, row ${y}: dx ${signed(dx)}, dy ${signed(dy)}; ${length.toFixed(2)} px per frame${way}.`;
}

/**
 * The sentence under the picture. `all` has the statistics of the whole grid; `at(winsize, levels)`
 * those of another field with the same poly_n.
 */
function lessonOf({ at_winsize: winsize, at_levels: levels, winsizes, scales }, now, at) {
  const said = explained(now) > 0
    ? `These vectors explain ${explained(now)} % of what changes between the frames: `
    : "These vectors explain nothing of what changes between the frames: ";
  const first = `${said}the difference goes from ${now.still.toFixed(2)} to ${now.warp.toFixed(2)} grey levels. `;
  const [narrow, wide] = [winsizes[0], winsizes.at(-1)];
  const [flat, deep] = [scales[0], scales.at(-1)];
  const reach = [flat, deep].map((scale) => at(winsize, scale).long);
  if (levels === flat && flat < deep && reach[0] < 0.9 * reach[1]) {
    return `${first}Fast motion is lost: the longest vectors reach ${reach[0].toFixed(1)} px. `
      + `With levels = ${deep} the search starts in a smaller picture, and they reach ${reach[1].toFixed(1)} px.`;
  }
  if (winsize === narrow && narrow < wide) {
    const times = now.rough / at(wide, levels).rough;
    return `${first}A window of ${narrow} px holds little to go by: the field is rough, neighbours differ by `
      + `${now.rough.toFixed(2)} px, ${times.toFixed(1)} times as much as with ${wide} px. Each is free to pick any pixel of like grey.`;
  }
  if (winsize === wide && narrow < wide) {
    return `${first}A window of ${wide} px mixes what moves with what stands: the field is smooth, but its borders `
      + `are washed out. With ${narrow} px it explains ${explained(at(narrow, levels))} %.`;
  }
  return `${first}${percent(now.moving)} of the pixels move by more than ${MOVING_PX} px; the longest vectors reach `
    + `${now.long.toFixed(1)} px, and neighbours differ by ${now.rough.toFixed(2)} px.`;
}
