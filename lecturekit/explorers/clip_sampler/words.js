// The numbers in words.

import { readingsOf } from "./sums.js";

export const seconds = (value) => `${value.toFixed(2)} s`;
export const short = (value) => String(Number(value.toFixed(2)));
const frames = (number) => `${number} frame${number === 1 ? "" : "s"}`;
function ordinal(n) {
  const teen = n % 100 > 10 && n % 100 < 14;
  return n + ((!teen && { 1: "st", 2: "nd", 3: "rd" }[n % 10]) || "th");
}
export const everyNth = (stride) => (stride === 1 ? "every frame" : `every ${ordinal(stride)}`);

/** The one sentence that explains the present picture. */
export function lessonOf(
  { video_frames: video, num_frames: numFrames, stride, mode, policy, clips },
  { wanted, indices },
) {
  if (mode === "segments") {
    return (
      `The film is cut into ${numFrames} equal parts and the middle frame of each is read. Nobody chose τ: ` +
      `it follows from the film’s length, here ${short(video / numFrames)} frames.`
    );
  }
  const need = wanted.at(-1) + 1;
  if (!indices) {
    return (
      `error: the clip reaches index ${need - 1}, so it needs ${frames(need)}; the film has ${video}. ` +
      "There is no clip. Choose loop or clamp, a smaller T or τ, or an earlier start."
    );
  }
  if (need > video) {
    const k = wanted.findIndex((index) => index >= video);
    const why =
      policy === "loop"
        ? `the film starts again (${wanted[k]} mod ${video})`
        : "the last frame is held";
    return (
      `The clip outruns the film: it wants index ${wanted[k]}, the last one is ${video - 1}. ` +
      `${policy}: ${why}, so ${wanted[k]} becomes ${indices[k]}.`
    );
  }
  if (mode === "multi_view") {
    const where =
      clips > 1
        ? `${clips} clips, evenly from the film’s first frame to its last`
        : "1 clip, centred";
    return (
      `${where}. The model’s answers are averaged. ` +
      `With 3 crops of each, as is usual, that is ${3 * clips} runs of the model for one film.`
    );
  }
  if (stride === 1)
    return "With τ = 1 nothing is left out, and span and coverage are the same number.";
  return (
    "Each frame that is read stands for τ frames of film. No frame follows the last one, so the span ends " +
    `there: it is τ − 1 = ${stride - 1} shorter than the coverage.`
  );
}

export function wordsOf(settings, clips, view) {
  const clip = clips[view];
  const { span, coverage, spanSec, coverageSec, rate, nyquist } = readingsOf(settings, clips);
  const which = clips.length > 1 ? `Clip ${view + 1} of ${clips.length}: ` : "";
  return (
    `${which}${clip.indices ? `frames ${clip.indices.join(", ")}` : "no frames"}. ` +
    `Span ${span} frames, ${seconds(spanSec)}; coverage ${coverage} frames, ${seconds(coverageSec)}, at ` +
    `${short(settings.fps)} frames per second; the clip has ${short(rate)} per second, Nyquist limit ${short(nyquist)} hertz. ` +
    lessonOf(settings, clip)
  );
}

/** What stands in each reading: its numbers, and a note below them. */
export function saidOf(settings, clips, view) {
  const { video_frames: video, fps, mode, stride } = settings;
  const of = readingsOf(settings, clips);
  const list = (add) => clips[view].indices?.map((index) => index + add).join(" ") ?? "none";
  const sparse = mode === "segments";
  const share = Math.round((100 * of.seen) / video);
  return {
    indices: [[list(0)], `counted from 0; the lecture counts from 1: ${list(1)}`],
    span: [
      [frames(of.span), `= ${seconds(of.spanSec)}`],
      sparse ? "from first to last" : "(T − 1) × τ + 1, from first to last",
    ],
    coverage: [
      [frames(of.coverage), `= ${seconds(of.coverageSec)}`],
      sparse ? "the whole film" : "T × τ, what the clip stands for",
    ],
    rate: [
      [`${short(of.rate)} per second`],
      sparse ? `fps × T / ${video}` : `fps / τ = ${short(fps)} / ${stride}`,
    ],
    nyquist: [[`${short(of.nyquist)} Hz`], "what repeats faster looks slower, or backwards"],
    seen: [
      [`${of.seen} of ${video} frames`],
      `${share} % of the film${clips.length > 1 ? ", all clips together" : ""}`,
    ],
  };
}
