// The arithmetic of lecturekit.sampling, in whole numbers. A browser test holds the two equal.

import { upTo } from "../kit/numbers.js";

const coverageFrames = (numFrames, stride) => numFrames * stride;
const spanFrames = (numFrames, stride) => (numFrames - 1) * stride + 1;
const lastStart = (video, numFrames, stride) => Math.max(video - spanFrames(numFrames, stride), 0);
const stridedIndices = (numFrames, stride, start) => upTo(numFrames).map((k) => start + k * stride);
const segmentEdges = (video, segments) =>
  upTo(segments + 1).map((k) => Math.floor((k * video) / segments));
/** What becomes of an index that may lie past the end. */
export const fitOne = (index, video, policy) =>
  policy === "loop" ? index % video : Math.min(index, video - 1);

/** `howMany` whole numbers evenly from 0 to `last`, the mirror image of themselves. */
function spread(last, howMany) {
  if (howMany === 1) return [Math.floor(last / 2)];
  const gaps = howMany - 1;
  const half = upTo(Math.ceil(howMany / 2)).map((k) =>
    Math.floor((2 * k * last + gaps - 1) / (2 * gaps)),
  );
  const mirrored = half.slice(0, Math.floor(howMany / 2)).map((at) => last - at);
  return [...half, ...mirrored.toReversed()];
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
  const middles = upTo(numFrames).map((k) => Math.floor((edges[k] + edges[k + 1]) / 2));
  return { wanted: middles, indices: middles, edges };
}

/** All clips of the present settings: several only in mode "multi_view". */
export function clipsOf(settings) {
  const { video_frames: video, num_frames: numFrames, stride, mode } = settings;
  if (mode === "segments") return [segmentClip(settings)];
  const last = lastStart(video, numFrames, stride);
  const starts = {
    strided: () => [settings.start],
    center: () => [Math.floor(last / 2)],
    multi_view: () => spread(last, settings.clips),
  }[mode]();
  return starts.map((start) => stridedClip(settings, start));
}

/** What the readout says, as numbers. */
export function readingsOf(settings, clips) {
  const { video_frames: video, num_frames: numFrames, stride, fps, mode } = settings;
  const [sparse, { wanted }] = [mode === "segments", clips[0]];
  const span = sparse ? wanted.at(-1) - wanted[0] + 1 : spanFrames(numFrames, stride);
  const coverage = sparse ? video : coverageFrames(numFrames, stride);
  // More segments than frames only repeat frames: they add no rate.
  const rate = fps / (sparse ? Math.max(video / numFrames, 1) : stride);
  const seen = new Set(clips.flatMap(({ indices }) => indices ?? [])).size;
  return {
    span,
    coverage,
    spanSec: span / fps,
    coverageSec: coverage / fps,
    rate,
    nyquist: rate / 2,
    seen,
  };
}

/** Both players at one moment: `tick` counts source frames from the beginning of the stretch. */
export function momentAt({ video_frames: video, policy }, { indices, edges }, tick) {
  const slot = edges[0] + tick;
  const position = Math.max(
    0,
    edges.findLastIndex((edge, k) => k < edges.length - 1 && edge <= slot),
  );
  return {
    slot,
    position,
    film: slot < video ? slot : fitOne(slot, video, policy),
    clip: indices?.[position] ?? null,
  };
}

export const ticksOf = ({ edges }) => edges.at(-1) - edges[0];
/** The tick at a time, going round: a pure function of the clock. */
export const tickAt = (seconds, fps, ticks) => Math.floor(seconds * fps + 1e-6) % ticks;

/** As many slots as the strip needs: the film, and what a clip asks for behind its end. */
export const slotsOf = (video, clips) =>
  Math.max(video, ...clips.map(({ wanted, edges }) => Math.max(edges.at(-1), wanted.at(-1) + 1)));
