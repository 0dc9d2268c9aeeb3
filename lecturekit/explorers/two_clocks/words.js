// The same clip in three namings, and what the picture teaches.

export const short = (value) => String(Number(value.toFixed(3)));
const many = (number, thing) => `${short(number)} ${thing}${number === 1 ? "" : "s"}`;
/** A fraction in lowest terms: "1/16". */
function fraction(above, below) {
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);
  const [top, bottom] = [above, below].map((value) => value / divisor(above, below));
  return bottom === 1 ? String(top) : `${top}/${bottom}`;
}
const giga = (macs) => `${(macs / 1e9).toFixed(macs < 1e10 ? 2 : 1)} G`;
const percent = (part) => `${(100 * part).toFixed(1)} %`;

/** The names of the sliders: [label, value as text]. */
export function sliderNames({ naming, num_frames: fast, stride, alpha, beta_inv: inverse }) {
  const greek = { alpha: ["α", String(alpha)], beta_inv: ["β", `1/${inverse}`] };
  const slow = short(fast / alpha);
  return {
    paper: {
      num_frames: ["αT, to Fast", `${fast}, T = ${slow}`],
      stride: ["τ/α, step", `${stride}, τ = ${stride * alpha}`],
      ...greek,
    },
    config: {
      num_frames: ["NUM_FRAMES", String(fast)],
      stride: ["SAMPLING_RATE", String(stride)],
      alpha: ["ALPHA", String(alpha)],
      beta_inv: ["BETA_INV", String(inverse)],
    },
    lecture: {
      num_frames: ["T, to Fast", `${fast}, T/α = ${slow}`],
      stride: ["stride", String(stride)],
      ...greek,
    },
  }[naming];
}

/** The raw clip and both pathways: of each its main number and a note. */
export function clipNames(sums) {
  const { naming, num_frames: fast, slow, stride, alpha, raw, step, width, channels } = sums;
  const count = slow.length;
  const tau = alpha * stride;
  const exact = count * alpha === fast;
  const apart = step === null ? "unevenly apart" : `${step * stride} apart`;
  const narrow = many(channels, "channel");
  const film = many(raw, "frame");
  const names = {
    paper: () => ({
      raw: [film, exact ? `T × τ = ${count} × ${tau}` : `no T × τ: ${fast}/${alpha} is not whole`],
      slow: [
        `${exact ? "T = " : ""}${many(count, "frame")}`,
        `${step === alpha ? "τ = " : ""}${apart}, C = ${width} channels`,
      ],
      fast: [
        `${exact ? "αT = " : ""}${many(fast, "frame")}`,
        `τ/α = ${stride} apart, βC = ${narrow}`,
      ],
    }),
    config: () => ({
      raw: [film, `NUM_FRAMES × SAMPLING_RATE = ${fast} × ${stride}`],
      slow: [`“${count}×${tau}”`, `${many(count, "frame")}, ${apart}, ${width} channels`],
      fast: [`“${fast}×${stride}”`, `${stride} apart, ${width} / BETA_INV = ${narrow}`],
    }),
    lecture: () => ({
      raw: [film, `T × stride = ${fast} × ${stride}`],
      slow: [`${exact ? "T/α = " : ""}${many(count, "frame")}`, `${apart}, C = ${width} channels`],
      fast: [`T = ${many(fast, "frame")}`, `${stride} apart, βC = ${narrow}`],
    }),
  };
  return names[naming]();
}

/** What the slow pathway alone makes of the wave. */
export function lessonOf({ cycles, num_frames: fast, step, slow, apparent }) {
  const wave = many(cycles, "cycle");
  const frames = many(slow.length, "slow frame");
  if (step === null) {
    const [some, more] = [slow.slice(0, 8).join(", "), slow.length > 8 ? ", …" : ""];
    return `The ${frames} are unevenly apart: ${some}${more} of the fast ones. The rule of folding needs even steps.`;
  }
  const fooled = Math.abs(apparent.fast) !== cycles;
  const other = fooled
    ? `The fast pathway is fooled as well: it sees ${short(Math.abs(apparent.fast))}.`
    : `The fast pathway’s ${fast} frames see all ${cycles}.`;
  const per = fast / step / cycles;
  if (per > 2)
    return `Slow sees the wave: ${frames} to ${wave} are ${short(per)} for each, more than two. No slower wave gives the same frames.`;
  if (per === 2)
    return `Slow is at its limit, two frames for each of ${wave}: it can count them, but not say how far the arm swings. ${other}`;
  const seen = Math.abs(apparent.slow);
  const guess = seen
    ? `a wave of ${many(seen, "cycle")}, begun at another moment`
    : "an arm held still";
  return (
    `Slow alone is fooled: ${guess}, gives exactly the same ${frames} as this wave of ${wave}. ` +
    `However it is trained, a network given only these cannot tell the two apart. ${other}`
  );
}

/** The shapes (channels, frames) on both sides of a lateral connection. */
export function shapesOf(kind, { naming, alpha, num_frames: fast, channels, laterals }) {
  const { channels: out, frames } = laterals[kind];
  const given = { "time-to-channel": "αβC", sampling: "βC", convolution: "2βC" }[kind];
  const letters = {
    paper: `(βC, αT) → (${given}, T): `,
    config: "",
    lecture: `(βC, T) → (${given}, T/α): `,
  }[naming];
  const whole = Number.isInteger(frames) ? frames : `${fast}/${alpha}`;
  return `${letters}(${channels}, ${fast}) → (${out}, ${whole})`;
}

/** Whether it fits, never by colour alone. */
export function fitOf(kind, { laterals, slow }) {
  const { frames, fits } = laterals[kind];
  return fits ? "✓ fits" : `✗ ${short(frames)} ≠ ${slow.length} frames`;
}

export function lateralText(sums) {
  const { chosen, slow, num_frames: fast, alpha, lateral, late, taps } = sums;
  if (!chosen.fits) {
    // Where α divides the frames, every kind fits.
    const cannot = Number.isInteger(chosen.frames)
      ? `The connection gives ${chosen.frames} frames, Slow has ${slow.length}: they cannot be joined.`
      : `Stacking ${alpha} at a time leaves ${fast % alpha} over.`;
    return `✗ α = ${alpha} does not divide ${fast} frames. ${cannot}`;
  }
  if (late)
    return `The shapes fit, but the moments do not: what joins a slow frame comes from up to ${many(late, "fast frame")} before it.`;
  return {
    "time-to-channel": `Each slow frame gets ${alpha} fast frames, stacked as channels.`,
    sampling: "Each slow frame gets the fast frame of its own moment; the others are not used.",
    convolution: `Each slow frame gets a weighted sum of the ${taps} fast frames around it (fewer at the ends).`,
  }[lateral];
}

/** The question, and of each guess its formula and number. */
export function questionOf({ alpha, beta_inv: inverse }) {
  const beta = `1/${inverse}`;
  return {
    text: `Fast has α = ${alpha} frames for each of Slow’s, and β = ${beta} of its channels. If Slow costs 1, what does Fast cost?`,
    options: {
      none: "no guess yet",
      "alpha*beta": `αβ = ${fraction(alpha, inverse)}`,
      "alpha*beta**2": `αβ² = ${fraction(alpha, inverse ** 2)}`,
      "beta**2": `β² = ${fraction(1, inverse ** 2)}`,
    },
  };
}

const GUESSED = {
  none: "",
  "alpha*beta":
    "You guessed αβ; but a layer multiplies channels in by channels out, so β counts twice. ",
  "alpha*beta**2": "You guessed αβ², which is right for one layer. ",
  "beta**2": "You guessed β², which leaves the frames out: Fast runs α times as often. ",
};

export function answerOf({ cost, guess, alpha, beta_inv: inverse }) {
  if (!cost) return "There is no such network: the lateral connection does not fit.";
  const [ratio, layer] = [cost.fast / cost.slow, alpha / inverse ** 2];
  const all = cost.slow + cost.lateral + cost.fast;
  return (
    `${GUESSED[guess]}The whole Fast costs ${short(ratio)} of Slow, ${percent(cost.fast / all)} of all. ` +
    `That is ${(ratio / layer).toFixed(1)} × αβ²: a kernel in each of Fast’s blocks reaches over 3 frames, in Slow’s ` +
    "only in the last two stages; and Fast’s first layer reads all three colours."
  );
}

export const barText = (macs, { slow }) => `${giga(macs)} (${short(macs / slow)})`;
