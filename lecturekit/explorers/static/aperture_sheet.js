// The sheet's grey levels and what they tell: lecturekit.explorers.aperture's `draw` and `measure`.
// A browser test holds the two equal.

/** Grey levels of the sheet at one frame, a Float64Array of whole numbers, row by row. */
function sheetOf({ view_px: size, period_px: period, edge_px: edge, waves }, pattern, { normal_deg: normal }, [dx, dy], frame) {
  const [nx, ny] = turned(normal);
  const middle = Math.floor(size / 2);
  const greyAt = {
    stripes: (x, y) => 128 + 80 * Math.sin(((2 * Math.PI) / period) * (nx * x + ny * y)),
    corner: (x, y) => 128 + 80 * Math.tanh(Math.min(nx * x + ny * y, nx * y - ny * x) / edge),
    texture: (x, y) => waves.reduce((sum, [kx, ky, phase, a]) => sum + a * Math.sin(kx * x + ky * y + phase), 128),
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
function slopesOf(size, [before, now, after], hole) {
  const middle = Math.floor(size / 2);
  const slopes = [];
  for (let y = -hole; y <= hole; y++) {
    for (let x = -hole; x <= hole; x++) {
      if (x * x + y * y > hole * hole) continue;
      const k = (y + middle) * size + x + middle;
      slopes.push({ x, y, ix: (now[k + 1] - now[k - 1]) / 2, iy: (now[k + size] - now[k - size]) / 2, it: (after[k] - before[k]) / 2 });
    }
  }
  return slopes;
}

/** Eigenvalues of the structure tensor, how many directions are known, and the motion they give. */
function measureOf(slopes, noise) {
  const mean = (of) => slopes.reduce((sum, slope) => sum + of(slope), 0) / slopes.length;
  const [xx, xy, yy] = [mean(({ ix }) => ix * ix), mean(({ ix, iy }) => ix * iy), mean(({ iy }) => iy * iy)];
  const right = [-mean(({ ix, it }) => ix * it), -mean(({ iy, it }) => iy * it)];
  const spread = Math.hypot((xx - yy) / 2, xy);
  const large = (xx + yy) / 2 + spread;
  const eigenvalues = [large, large > 0 ? Math.max((xx * yy - xy * xy) / large, 0) : 0];
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const vectors = [[Math.cos(angle), Math.sin(angle)], [-Math.sin(angle), Math.cos(angle)]];
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
function linesOf(slopes, hole) {
  const every = Math.max(2, Math.round(hole / 5));
  return slopes.filter(({ x, y, ix, iy }) => x % every === 0 && y % every === 0 && Math.hypot(ix, iy) > 4);
}

/**
 * The velocity in direction `degrees` that looks the same in the hole: with one direction known,
 * at the speed that keeps the part along it; with two, at the true speed. Null if there is none.
 */
function fittingVelocity({ known, velocity: [u, v] }, { motion_deg: motion, speed_px: speed }, degrees) {
  if (known !== 1) return turned(degrees, speed);
  const across = degreesOf(u, v);
  const cosine = (other) => turned(other - across)[0];
  return cosine(degrees) < 0.1 ? null : turned(degrees, (speed * cosine(motion)) / cosine(degrees));
}

/** How many of the dial's directions have a speed that fits the hole. */
function fittingDirections(measured, trial, step) {
  const all = Array.from({ length: 360 / step }, (_, k) => k * step);
  return all.filter((degrees) => fittingVelocity(measured, trial, degrees)).length;
}

// Words.

const NAMES = { stripes: "stripes", corner: "a corner", texture: "a texture", blank: "a blank sheet" };
const heading = (degrees) => `${Math.round(degrees) % 360}° (${wayOf(degrees)})`;
const KNOWN = [
  "No slope in the hole: no direction of motion is known.",
  "Slopes along one line only: one direction is known, the one across the stripes.",
  "Slopes in two directions: the whole motion is known.",
];

/** What can be seen through the hole, for those who cannot see it. */
function seenOf(pattern, { known, velocity }) {
  if (!known) return "Through the hole: an even grey. Nothing changes.";
  const drift = `${heading(degreesOf(...velocity))} at ${Math.hypot(...velocity).toFixed(2)} px per frame`;
  const what = known === 1 ? "straight edges that drift across themselves towards" : `${NAMES[pattern]} that moves towards`;
  return `Through the hole: ${what} ${drift}.`;
}

/** The answer, in words. */
function answerOf({ trial, measured, guess, step }) {
  const off = between(guess, trial.motion_deg);
  const said = `It moved towards ${heading(trial.motion_deg)}. ${off ? `You were off by ${off}°.` : "Exactly right."}`;
  if (measured.known === 0) return `${said} Nothing in the hole changes: every motion fits it, and standing still too.`;
  if (measured.known === 2) return `${said} Slopes in two directions: their lines cross in one point, so only that motion fits.`;
  const fit = fittingDirections(measured, trial, step);
  const cannot = fittingVelocity(measured, trial, guess) ? "" : " Towards your guess no speed fits: the stripes would drift the other way or stand.";
  return `${said}${cannot} ${off ? "E" : "But you could not see it: e"}very motion on the line looks the same in the hole. `
    + `${fit} of the dial’s ${360 / step} directions have a speed that fits.`;
}

/** Guesses by pattern: "stripes: off by 48° on average (3 guesses)". */
function scoreOf(guesses) {
  return Object.keys(NAMES).flatMap((pattern) => {
    const off = guesses.filter(([kind]) => kind === pattern).map(([, guess, motion]) => between(guess, motion));
    if (!off.length) return [];
    const mean = Math.round(off.reduce((sum, one) => sum + one, 0) / off.length);
    return [`${pattern}: off by ${mean}°${off.length > 1 ? ` on average (${off.length} guesses)` : " (1 guess)"}`];
  }).join("; ");
}
