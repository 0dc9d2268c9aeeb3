"""From a video to the frames a model is given: numbers in, frame indices out.

Words used here, with the lecture's clip as the example (section "Training on Video Clips",
T = 8, stride 4, frames 1, 5, 9, …, 29 counted from 1):

    video_frames   V, how many frames the file has; they are numbered 0 … V - 1
    num_frames     T, how many frames the clip has                                  8
    stride         tau, the step from one frame of the clip to the next             4
    start          the video's frame that is the clip's first                       0
    indices        start, start + stride, …: what to read from the file             0, 4, …, 28
    span           (T - 1) * stride + 1, from the first frame to the last inclusive 29
    coverage       T * stride, the stretch of video that the clip stands for        32

Nothing is read and nothing is remembered: every function is pure, counts in whole frames, and
takes randomness only from the `numpy.random.Generator` it is handed. Indices come back as
int64 arrays, so that `frames[indices]` and `video.read_frames(path, indices)` both work.
A clip from a random place of a video that may be too short is

    start = random_start(video_frames, num_frames, stride, generator)
    indices = fit(strided_indices(num_frames, stride, start), video_frames, "loop")
"""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lecturekit import checks

Indices = NDArray[np.int64]
Policy = Literal["loop", "clamp", "error"]


class ClipSpan(NamedTuple):
    """How long a clip is, in frames of the source video: the two readings."""

    coverage_frames: int
    span_frames: int


class View(NamedTuple):
    """One of the test views: which frames to read, and the square to cut from each of them.

    `frames[indices][:, y0_px : y0_px + size_px, x0_px : x0_px + size_px]` is the view.
    """

    indices: Indices
    y0_px: int
    x0_px: int
    size_px: int


def strided_indices(num_frames: int, stride: int, start: int = 0) -> Indices:
    """Indices (T,) of a clip: start, start + stride, …, start + (T - 1) * stride.

    >>> strided_indices(8, 4)
    array([ 0,  4,  8, 12, 16, 20, 24, 28])
    """
    num_frames = checks.integer("num_frames", num_frames, 1)
    stride = checks.integer("stride", stride, 1)
    start = checks.integer("start", start, 0)
    return start + stride * np.arange(num_frames, dtype=np.int64)


def clip_span_frames(num_frames: int, stride: int) -> ClipSpan:
    """Both readings of how much video a clip covers, in frames; divide by fps for seconds.

    `coverage_frames` = T * stride is the lecture's and the papers' ("the raw clip length is
    T x tau frames", SlowFast, Feichtenhofer et al. 2019, section 3.1): each frame stands for the
    `stride` frames from itself up to the next, so clips this far apart tile a video with no gap.
    `span_frames` = (T - 1) * stride + 1 counts from the first frame to the last: nothing
    follows the last frame, so this is all that the file must have. They differ by stride - 1.

    >>> clip_span_frames(8, 4)
    ClipSpan(coverage_frames=32, span_frames=29)
    """
    num_frames = checks.integer("num_frames", num_frames, 1)
    stride = checks.integer("stride", stride, 1)
    return ClipSpan(coverage_frames=num_frames * stride, span_frames=(num_frames - 1) * stride + 1)


def random_start(
    video_frames: int, num_frames: int, stride: int, generator: np.random.Generator
) -> int:
    """A start for training, each of the V - span + 1 valid ones equally likely.

    A video shorter than the span has no valid start: the answer is then 0, and `fit` decides
    what the clip's missing frames become.
    """
    checks.generator("generator", generator)
    return int(generator.integers(_last_start(video_frames, num_frames, stride) + 1))


def center_start(video_frames: int, num_frames: int, stride: int) -> int:
    """The start that leaves as many frames before the clip as after it (0 if too short).

    An odd number of frames to spare puts the extra one after the clip.

    >>> center_start(100, 8, 4)
    35
    """
    return _last_start(video_frames, num_frames, stride) // 2


def fit(indices: ArrayLike, video_frames: int, policy: Policy = "error") -> Indices:
    """The same indices, brought inside a video of V frames, which may be too short for them.

    loop    index mod V: the video starts again. Motion jumps at the seam.
    clamp   min(index, V - 1): the last frame is held. Motion freezes.
    error   ValueError saying how many frames are needed and how many there are.

    Both repairs are in use. mmaction2's `SampleFrames` loops by default; PySlowFast's
    `temporal_sampling` clamps. (mmaction2's "repeat_last" is a third: it repeats the clip's
    last index that fits, which need not be the video's last frame.)

    >>> fit([0, 4, 8, 12], 10, "loop"), fit([0, 4, 8, 12], 10, "clamp")
    (array([0, 4, 8, 2]), array([0, 4, 8, 9]))
    """
    video_frames = checks.integer("video_frames", video_frames, 1)
    checks.one_of("policy", policy, get_args(Policy))
    wanted = np.asarray(indices)
    if wanted.dtype.kind not in "iu":
        raise TypeError(f"indices: expected whole numbers, got {wanted.dtype}")
    if wanted.size and wanted.min() < 0:
        raise ValueError(f"indices: expected at least 0, got {wanted.min()}")
    wanted = wanted.astype(np.int64)
    if policy == "loop":
        return wanted % video_frames
    if policy == "clamp":
        return np.minimum(wanted, video_frames - 1)
    if wanted.size and wanted.max() >= video_frames:
        raise ValueError(
            f"the clip reaches index {wanted.max()}, so it needs {wanted.max() + 1} frames; "
            f"the video has {video_frames}. Choose policy 'loop' or 'clamp', or a shorter clip"
        )
    return wanted


def segment_edges(video_frames: int, num_segments: int) -> Indices:
    """Edges (K + 1,) that cut V frames into K segments: k is frames edges[k] … edges[k + 1] - 1.

    The ideal edge k * V / K is rounded down. So the segments cover every frame once, and their
    lengths differ by at most one; if V < K, K - V of them are empty.

    >>> segment_edges(10, 4)
    array([ 0,  2,  5,  7, 10])
    """
    video_frames = checks.integer("video_frames", video_frames, 1)
    num_segments = checks.integer("num_segments", num_segments, 1)
    return np.arange(num_segments + 1, dtype=np.int64) * video_frames // num_segments


def uniform_segments(
    video_frames: int, num_segments: int, generator: np.random.Generator | None = None
) -> Indices:
    """Sparse sampling over the whole video: one frame (K,) from each of K equal segments.

    From Temporal Segment Networks (Wang et al., ECCV 2016, section 3.1). With a generator, for
    training, any of the segment's frames is equally likely; without one, for testing, it is the
    segment's middle, (edge + next edge) // 2. Segments are cut by `segment_edges`; an empty one
    (V < K) gives the frame at its edge, so a short video repeats frames in order.

    The authors' tsn-pytorch cuts otherwise: in training all K segments are V // K long, so the
    last V mod K frames are never drawn; in testing it takes int((k + 1/2) * V / K), at most one
    frame away from the index here; for V < K its training takes the first frame K times.

    >>> uniform_segments(10, 4)
    array([1, 3, 6, 8])
    """
    edges = segment_edges(video_frames, num_segments)
    if generator is None:
        return (edges[:-1] + edges[1:]) // 2
    checks.generator("generator", generator)
    return edges[:-1] + generator.integers(np.maximum(np.diff(edges), 1))


def multi_view(
    video_frames: int,
    num_frames: int,
    stride: int,
    *,
    height: int,
    width: int,
    crop_size: int,
    clips: int = 10,
    crops: int = 3,
    policy: Policy = "error",
) -> list[View]:
    """The views of one video whose predictions are averaged at test time: clips x crops of them.

    10 clips evenly along the time axis (Non-local Networks, Wang et al. 2018, section 4), and of
    each 3 squares evenly along the longer side (SlowFast, Feichtenhofer et al. 2019, section 4).
    Here the first clip starts at frame 0 and the last ends at frame V - 1; the first crop
    touches one end of the longer side and the last the other; on the shorter side all are
    centred; a single clip or crop is centred. Starts and corners round to the nearest whole
    number, halves towards the nearer end, so the views of a film played backwards or mirrored
    are the same views in reverse (but for one centred view with an odd number to spare).
    A square picture is cropped along its width.

    Returned clip by clip, as PySlowFast numbers its views. A video shorter than the span starts
    every clip at 0 and follows `policy`, as in `fit`. `height`, `width` and `crop_size` are in
    pixels, of the frames after any resizing; a published "256" is the short side and the crop.

    Clips are placed as by mmaction2 (`SampleFrames`, test mode), but for the rounding of halves.
    PySlowFast (by default) and pytorchvideo (`ConstantClipsPerVideoSampler`) start clip k at
    k / clips of the free length, not k / (clips - 1), so their last clip ends before the video
    does; PySlowFast's free length is V - T * stride. Both round an odd margin of the centre
    crop up (`uniform_crop`), where here it is rounded down.
    """
    height = checks.integer("height", height, 1)
    width = checks.integer("width", width, 1)
    size = checks.integer("crop_size", crop_size, 1, min(height, width))
    clips = checks.integer("clips", clips, 1)
    crops = checks.integer("crops", crops, 1)
    along, across = _spread(max(height, width) - size, crops), (min(height, width) - size) // 2
    corners = [(at, across) if height > width else (across, at) for at in along]
    views = []
    for start in _spread(_last_start(video_frames, num_frames, stride), clips):
        indices = fit(strided_indices(num_frames, stride, start), video_frames, policy)
        views += [View(indices, y0, x0, size) for y0, x0 in corners]
    return views


def resample_indices(
    video_frames: int, source_fps: float | Fraction, target_fps: float | Fraction
) -> Indices:
    """The source frame on screen at each tick of another frame rate: floor(k * source / target).

    Frame i is on screen from i / source_fps up to, not including, (i + 1) / source_fps; tick k
    is at k / target_fps; there is one for every k whose time is before the video's end at
    V / source_fps. A slower target skips frames and a faster one repeats them; none are blended.

    The arithmetic is rational, so tick k is never one frame off, however long the video. Give
    NTSC rates as Fraction(30000, 1001). A float is taken for the fraction with a denominator up
    to 1001 that it is the nearest float to, if there is one: 29.97002997002997 is 30000/1001,
    29.97 is 2997/100 (which falls one frame behind NTSC in nine hours). Any other is exact.

    >>> resample_indices(10, 30, 12)
    array([0, 2, 5, 7])
    """
    video_frames = checks.integer("video_frames", video_frames, 1)
    source_frames_per_tick = _rate("source_fps", source_fps) / _rate("target_fps", target_fps)
    num_ticks = math.ceil(video_frames / source_frames_per_tick)
    over, under = source_frames_per_tick.as_integer_ratio()
    # Python's integers, not int64: an exact float's denominator can be 2**52.
    return np.array([k * over // under for k in range(num_ticks)], dtype=np.int64)


def _last_start(video_frames: int, num_frames: int, stride: int) -> int:
    """The last start from which the whole clip is inside the video; 0 if there is none."""
    video_frames = checks.integer("video_frames", video_frames, 1)
    return max(video_frames - clip_span_frames(num_frames, stride).span_frames, 0)


def _spread(last: int, count: int) -> list[int]:
    """`count` whole numbers evenly from 0 to `last`, the mirror image of themselves."""
    if count == 1:
        return [last // 2]
    gaps = count - 1
    # k * last / gaps to the nearest, halves down; the second half mirrors the first.
    first_half = [(2 * k * last + gaps - 1) // (2 * gaps) for k in range((count + 1) // 2)]
    return first_half + [last - at for at in reversed(first_half[: count // 2])]


def _rate(name: str, fps: float | Fraction) -> Fraction:
    """Frames per second as an exact fraction."""
    checks.number(name, fps, above=0)
    if isinstance(fps, Rational):
        return Fraction(int(fps.numerator), int(fps.denominator))
    exact = Fraction(float(fps))
    simple = exact.limit_denominator(1001)
    return simple if float(simple) == float(fps) else exact
