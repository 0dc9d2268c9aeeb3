// The sheet's grey values and what they tell: lecturekit.explorers.aperture's `draw` and `measure`.
// A browser test holds the two equal.

import { degreesOf, turned } from "../kit/angle.js";

/** Grey levels of the sheet at one frame, a Float64Array of whole numbers, row by row. */
export function sheetOf(
  { view_px: size, period_px: period, edge_px: edge, waves },
  pattern,
  { normal_deg: normal },
  [dx, dy],
  frame,
) {
  const [nx, ny] = turned(normal);
  const middle = Math.floor(size / 2);
  const greyAt = {
    stripes: (x, y) => 128 + 80 * Math.sin(((2 * Math.PI) / period) * (nx * x + ny * y)),
    corner: (x, y) => 128 + 80 * Math.tanh(Math.min(nx * x + ny * y, nx * y - ny * x) / edge),
    texture: (x, y) =>
      waves.reduce((sum, [kx, ky, phase, a]) => sum + a * Math.sin(kx * x + ky * y + phase), 128),
    blank: () => 128,
  }[pattern];
  const grey = new Float64Array(size * size);
  for (let row = 0, k = 0; row < size; row++) {
    for (let column = 0; column < size; column++, k++) {
      const value = greyAt(column - middle - dx * frame, row - middle - dy * frame);
      grey[k] = Math.floor(Math.min(Math.max(value, 0), 255) + 0.5);
    }
  }
  return grey;
}

/** Slopes (in x, y and t) of the pixels inside the hole. */
export function slopesOf(size, [before, now, after], hole) {
  const middle = Math.floor(size / 2);
  const slopes = [];
  for (let y = -hole; y <= hole; y++) {
    for (let x = -hole; x <= hole; x++) {
      if (x * x + y * y > hole * hole) continue;
      const k = (y + middle) * size + x + middle;
      slopes.push({
        x,
        y,
        ix: (now[k + 1] - now[k - 1]) / 2,
        iy: (now[k + size] - now[k - size]) / 2,
        it: (after[k] - before[k]) / 2,
      });
    }
  }
  return slopes;
}

/** Eigenvalues of the structure tensor, how many directions are known, and the motion they give. */
export function measureOf(slopes, noise) {
  const mean = (of) => slopes.reduce((sum, slope) => sum + of(slope), 0) / slopes.length;
  const [xx, xy, yy] = [
    mean(({ ix }) => ix * ix),
    mean(({ ix, iy }) => ix * iy),
    mean(({ iy }) => iy * iy),
  ];
  const right = [-mean(({ ix, it }) => ix * it), -mean(({ iy, it }) => iy * it)];
  const spread = Math.hypot((xx - yy) / 2, xy);
  const large = (xx + yy) / 2 + spread;
  const eigenvalues = [large, large > 0 ? Math.max((xx * yy - xy * xy) / large, 0) : 0];
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const vectors = [
    [Math.cos(angle), Math.sin(angle)],
    [-Math.sin(angle), Math.cos(angle)],
  ];
  const velocity = [0, 0];
  eigenvalues.forEach((value, k) => {
    if (value <= noise) return;
    const [x, y] = vectors[k];
    const along = (x * right[0] + y * right[1]) / value;
    velocity[0] += x * along;
    velocity[1] += y * along;
  });
  return { eigenvalues, known: eigenvalues.filter((value) => value > noise).length, velocity };
}

/** Some pixels' own equations ix u + iy v + it = 0, steep ones, spread over the hole. */
export function linesOf(slopes, hole) {
  const every = Math.max(2, Math.round(hole / 5));
  return slopes.filter(
    ({ x, y, ix, iy }) => x % every === 0 && y % every === 0 && Math.hypot(ix, iy) > 4,
  );
}

/**
 * The velocity in direction `degrees` that looks the same in the hole: with one direction known,
 * at the speed that keeps the part along it; with two, at the true speed. Null if there is none.
 */
export function fittingVelocity(
  { known, velocity: [u, v] },
  { motion_deg: motion, speed_px: speed },
  degrees,
) {
  if (known !== 1) return turned(degrees, speed);
  const across = degreesOf(u, v);
  const cosine = (other) => turned(other - across)[0];
  return cosine(degrees) < 0.1 ? null : turned(degrees, (speed * cosine(motion)) / cosine(degrees));
}

/** How many of the dial's directions have a speed that fits the hole. */
export function fittingDirections(measured, trial, step) {
  const all = Array.from({ length: 360 / step }, (_, k) => k * step);
  return all.filter((degrees) => fittingVelocity(measured, trial, degrees)).length;
}

/** How far two sheets are from each other in the hole: grey values, on average. */
export function differenceOf({ size, slopes }, [one, other]) {
  const middle = Math.floor(size / 2);
  const differences = slopes.map(({ x, y }) => {
    const k = (y + middle) * size + x + middle;
    return Math.abs(one[k] - other[k]);
  });
  return differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
}
