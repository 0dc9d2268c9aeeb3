// The arithmetic of lecturekit.sampling, in whole numbers. A browser test holds the two equal.

const count = (length) => Array.from({ length }, (_, k) => k);
const coverageFrames = (numFrames, stride) => numFrames * stride;
const spanFrames = (numFrames, stride) => (numFrames - 1) * stride + 1;
const lastStart = (video, numFrames, stride) => Math.max(video - spanFrames(numFrames, stride), 0);
const stridedIndices = (numFrames, stride, start) => count(numFrames).map((k) => start + k * stride);
const segmentEdges = (video, segments) => count(segments + 1).map((k) => Math.floor((k * video) / segments));
const fitOne = (index, video, policy) => (policy === "loop" ? index % video : Math.min(index, video - 1));

/** `howMany` whole numbers evenly from 0 to `last`, the mirror image of themselves. */
function spread(last, howMany) {
  if (howMany === 1) return [Math.floor(last / 2)];
  const gaps = howMany - 1;
  const half = count(Math.ceil(howMany / 2)).map((k) => Math.floor((2 * k * last + gaps - 1) / (2 * gaps)));
  return [...half, ...half.slice(0, Math.floor(howMany / 2)).reverse().map((at) => last - at)];
}

/**
 * One clip: the frames it wants, the indices it gets (null when refused), and the `edges` of the
 * stretches of film that its frames stand for (frame k: edges[k] up to edges[k + 1]).
 */
function stridedClip({ video_frames: video, num_frames: numFrames, stride, policy }, start) {
  const wanted = stridedIndices(numFrames, stride, start);
  const refused = policy === "error" && wanted.at(-1) >= video;
  const indices = refused ? null : wanted.map((index) => fitOne(index, video, policy));
  return { wanted, indices, edges: stridedIndices(numFrames + 1, stride, start) };
}

function segmentClip({ video_frames: video, num_frames: numFrames }) {
  const edges = segmentEdges(video, numFrames);
  const middles = count(numFrames).map((k) => Math.floor((edges[k] + edges[k + 1]) / 2));
  return { wanted: middles, indices: middles, edges };
}

/** All clips of the present settings: several only in mode "multi_view". */
function clipsOf(settings) {
  const { video_frames: video, num_frames: numFrames, stride, mode } = settings;
  if (mode === "segments") return [segmentClip(settings)];
  const last = lastStart(video, numFrames, stride);
  const starts = {
    strided: () => [settings.start], center: () => [Math.floor(last / 2)], multi_view: () => spread(last, settings.clips),
  }[mode]();
  return starts.map((start) => stridedClip(settings, start));
}

/** What the readout says, as numbers. */
function readingsOf(settings, clips) {
  const { video_frames: video, num_frames: numFrames, stride, fps, mode } = settings;
  const [sparse, { wanted }] = [mode === "segments", clips[0]];
  const span = sparse ? wanted.at(-1) - wanted[0] + 1 : spanFrames(numFrames, stride);
  const coverage = sparse ? video : coverageFrames(numFrames, stride);
  // More segments than frames only repeat frames: they add no rate.
  const rate = fps / (sparse ? Math.max(video / numFrames, 1) : stride);
  const seen = new Set(clips.flatMap(({ indices }) => indices ?? [])).size;
  return { span, coverage, spanSec: span / fps, coverageSec: coverage / fps, rate, nyquist: rate / 2, seen };
}

/** Both players at one moment: `tick` counts source frames from the beginning of the stretch. */
function momentAt({ video_frames: video, policy }, { indices, edges }, tick) {
  const slot = edges[0] + tick;
  const position = Math.max(0, edges.findLastIndex((edge, k) => k < edges.length - 1 && edge <= slot));
  return { slot, position, film: slot < video ? slot : fitOne(slot, video, policy), clip: indices?.[position] ?? null };
}

const ticksOf = ({ edges }) => edges.at(-1) - edges[0];
/** The tick at a time, going round: a pure function of the clock. */
const tickAt = (seconds, fps, ticks) => Math.floor(seconds * fps + 1e-6) % ticks;

// Words.

const seconds = (value) => `${value.toFixed(2)} s`;
const short = (value) => String(Number(value.toFixed(2)));
const frames = (number) => `${number} frame${number === 1 ? "" : "s"}`;
function ordinal(n) {
  const teen = n % 100 > 10 && n % 100 < 14;
  return n + ((!teen && { 1: "st", 2: "nd", 3: "rd" }[n % 10]) || "th");
}
const everyNth = (stride) => (stride === 1 ? "every frame" : `every ${ordinal(stride)}`);

/** The one sentence that explains the present picture. */
function lessonOf({ video_frames: video, num_frames: numFrames, stride, mode, policy, clips }, { wanted, indices }) {
  if (mode === "segments") {
    return `The film is cut into ${numFrames} equal parts and the middle frame of each is read. Nobody chose τ: `
      + `it follows from the film’s length, here ${short(video / numFrames)} frames.`;
  }
  const need = wanted.at(-1) + 1;
  if (!indices) {
    return `error: the clip reaches index ${need - 1}, so it needs ${frames(need)}; the film has ${video}. `
      + "There is no clip. Choose loop or clamp, a smaller T or τ, or an earlier start.";
  }
  if (need > video) {
    const k = wanted.findIndex((index) => index >= video);
    const why = policy === "loop" ? `the film starts again (${wanted[k]} mod ${video})` : "the last frame is held";
    return `The clip outruns the film: it wants index ${wanted[k]}, the last one is ${video - 1}. `
      + `${policy}: ${why}, so ${wanted[k]} becomes ${indices[k]}.`;
  }
  if (mode === "multi_view") {
    const where = clips > 1 ? `${clips} clips, evenly from the film’s first frame to its last` : "1 clip, centred";
    return `${where}. The model’s answers are averaged. `
      + `With 3 crops of each, as is usual, that is ${3 * clips} runs of the model for one film.`;
  }
  if (stride === 1) return "With τ = 1 nothing is left out, and span and coverage are the same number.";
  return "Each frame that is read stands for τ frames of film. No frame follows the last one, so the span ends "
    + `there: it is τ − 1 = ${stride - 1} shorter than the coverage.`;
}

function wordsOf(settings, clips, view) {
  const clip = clips[view];
  const { span, coverage, spanSec, coverageSec, rate, nyquist } = readingsOf(settings, clips);
  const which = clips.length > 1 ? `Clip ${view + 1} of ${clips.length}: ` : "";
  return `${which}${clip.indices ? `frames ${clip.indices.join(", ")}` : "no frames"}. `
    + `Span ${span} frames, ${seconds(spanSec)}; coverage ${coverage} frames, ${seconds(coverageSec)}, at `
    + `${short(settings.fps)} frames per second; the clip has ${short(rate)} per second, Nyquist limit ${short(nyquist)} hertz. `
    + lessonOf(settings, clip);
}
