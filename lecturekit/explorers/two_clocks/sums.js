// What both pathways read, see, hand over and cost: the methods of lecturekit.explorers.two_clocks.
// A browser test holds the two equal.

import { upTo } from "../kit/numbers.js";

/** Which of the fast frames the slow pathway reads. */
function slowOf({ num_frames: fast, alpha, reads }) {
  if (reads === "every") return upTo(Math.ceil(fast / alpha)).map((k) => k * alpha);
  const count = Math.floor(fast / alpha);
  return upTo(count).map((k) => Math.floor((k * (fast - 1)) / Math.max(count - 1, 1)));
}

/** The step between frames, in fast frames; null if there are several. */
function stepOf(frames, fast) {
  const steps = new Set(frames.slice(1).map((frame, k) => frame - frames[k]));
  if (steps.size > 1) return null;
  return [...steps][0] ?? fast;
}

/** Cycles of the slowest wave of this size that gives the same in every step-th fast frame. */
function apparentOf(cycles, fast, step) {
  if (step === null) return null;
  const turns = Math.ceil((2 * cycles * step - fast) / (2 * fast));
  return (cycles * step - turns * fast) / step;
}

/** Of each lateral connection: the channels and frames it gives, and the fast frames it reads. */
function lateralsOf({ num_frames: fast, alpha, beta_inv: inverse, width, taps }, slow) {
  const channels = width / inverse;
  const starts = upTo(Math.ceil(fast / alpha)).map((k) => k * alpha);
  const half = (taps - 1) / 2;
  const reach = (from, to) =>
    starts.map((at) => upTo(fast).filter((frame) => frame >= at + from && frame <= at + to));
  const kinds = {
    "time-to-channel": [alpha * channels, fast / alpha, reach(0, alpha - 1)],
    sampling: [channels, starts.length, reach(0, 0)],
    convolution: [2 * channels, starts.length, reach(-half, half)],
  };
  const named = Object.entries(kinds).map(([kind, [out, frames, links]]) => [
    kind,
    { channels: out, frames, links, fits: frames === slow.length },
  ]);
  return Object.fromEntries(named);
}

/** Multiply–adds of each part; null where the lateral connection does not fit. */
function costOf({ num_frames: fast, beta_inv: inverse, lateral, width, macs }, slow, laterals) {
  const { channels, fits } = laterals[lateral];
  if (!fits) return null;
  const own = lateral === "convolution" ? (2 * macs.lateral) / inverse ** 2 : 0;
  return {
    slow: slow.length * macs.slow,
    lateral: slow.length * (own + (channels / width) * macs.widening),
    fast: fast * (macs.stem / inverse + macs.fast / inverse ** 2),
  };
}

/** All that follows from the settings. */
export function sumsOf(settings) {
  const { num_frames: fast, stride, alpha, beta_inv: inverse, cycles } = settings;
  const slow = slowOf(settings);
  const step = stepOf(slow, fast);
  const laterals = lateralsOf(settings, slow);
  return {
    ...settings,
    slow,
    step,
    laterals,
    raw: fast * stride,
    channels: settings.width / inverse,
    chosen: laterals[settings.lateral],
    // How far the frame that a lateral connection is centred on lies from the slow frame it joins.
    late: Math.max(...slow.map((frame, k) => Math.abs(frame - k * alpha))),
    apparent: { slow: apparentOf(cycles, fast, step), fast: apparentOf(cycles, fast, 1) },
    cost: costOf(settings, slow, laterals),
  };
}

/** The moment of a frame of film in the clip, 0 … 1: the middle of its slice. */
export const momentOf = (frame, raw) => (frame + 0.5) / raw;

/** The wave at a moment, or the one of `apparent` cycles that has the same slow frames. */
export function angleAt(moment, { cycles, raw }, apparent = cycles) {
  const turns = apparent * moment + (cycles - apparent) * momentOf(0, raw);
  return Math.sin(2 * Math.PI * turns);
}
