import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturekit.sampling import (
    center_start,
    clip_span_frames,
    fit,
    multi_view,
    random_start,
    resample_indices,
    segment_edges,
    strided_indices,
    uniform_segments,
)

NTSC = Fraction(30000, 1001)

lengths = st.integers(1, 400)
clip_sizes = st.integers(1, 32)
strides = st.integers(1, 16)
rates = st.fractions(1, 240, max_denominator=1001)


def generator(seed=0):
    return np.random.default_rng(seed)


def views_of(video_frames, num_frames=8, stride=4, *, height=30, width=44, crop_size=20, **more):
    frame = {"height": height, "width": width, "crop_size": crop_size}
    return multi_view(video_frames, num_frames, stride, **frame, **more)


def starts_of(video_frames, clips):
    return [view.indices[0] for view in views_of(video_frames, clips=clips, crops=1)]


def corners_of(height, width, crops):
    views = views_of(29, height=height, width=width, crop_size=256, clips=1, crops=crops)
    return [(view.y0_px, view.x0_px, view.size_px) for view in views]


# Worked by hand -------------------------------------------------------------------------------

WORKED = [
    (strided_indices, (1, 9, 5), [5]),
    (strided_indices, (4, 16), [0, 16, 32, 48]),
    (strided_indices, (5, 2, 3), [3, 5, 7, 9, 11]),
    (clip_span_frames, (1, 8), [8, 1]),
    (clip_span_frames, (4, 16), [64, 49]),
    (clip_span_frames, (8, 8), [64, 57]),
    (clip_span_frames, (32, 2), [64, 63]),
    (center_start, (30, 8, 4), 0),
    (center_start, (31, 8, 4), 1),
    (center_start, (100, 8, 4), 35),
    (fit, ([3, 7, 11, 15, 19, 23], 10, "loop"), [3, 7, 1, 5, 9, 3]),
    (fit, ([3, 7, 11, 15, 19, 23], 10, "clamp"), [3, 7, 9, 9, 9, 9]),
    (segment_edges, (10, 4), [0, 2, 5, 7, 10]),
    (segment_edges, (2, 5), [0, 0, 0, 1, 1, 2]),
    (uniform_segments, (10, 4), [1, 3, 6, 8]),
    (uniform_segments, (250, 3), [41, 124, 208]),
    (uniform_segments, (5, 5), [0, 1, 2, 3, 4]),
    (uniform_segments, (7, 1), [3]),
    (uniform_segments, (2, 5), [0, 0, 0, 1, 1]),  # too short: in order, repeated
    (starts_of, (300, 10), [0, 30, 60, 90, 120, 151, 181, 211, 241, 271]),
    (starts_of, (32, 3), [0, 1, 3]),
    (starts_of, (35, 5), [0, 1, 3, 5, 6]),  # 1.5 and 4.5 go towards the nearer end
    (starts_of, (100, 1), [35]),
    (starts_of, (100, 2), [0, 71]),
    (corners_of, (256, 340, 3), [[0, 0, 256], [0, 42, 256], [0, 84, 256]]),
    (corners_of, (340, 256, 3), [[0, 0, 256], [42, 0, 256], [84, 0, 256]]),
    (corners_of, (260, 341, 3), [[2, 0, 256], [2, 42, 256], [2, 85, 256]]),
    (corners_of, (300, 300, 3), [[22, 0, 256], [22, 22, 256], [22, 44, 256]]),
    (resample_indices, (10, 30, 12), [0, 2, 5, 7]),
    (resample_indices, (9, 30, 15), [0, 2, 4, 6, 8]),
    (resample_indices, (4, 12.5, 25), [0, 0, 1, 1, 2, 2, 3, 3]),
    (resample_indices, (5, 24, 30), [0, 0, 1, 2, 3, 4, 4]),
    (resample_indices, (30, 30, 1), [0]),  # one second exactly: the tick at 1 s is outside
    (resample_indices, (31, 30, 1), [0, 30]),
]


@pytest.mark.parametrize(("function", "arguments", "expected"), WORKED)
def test_worked_by_hand(function, arguments, expected):
    assert np.asarray(function(*arguments)).tolist() == expected


def test_the_lectures_clip():
    assert (strided_indices(8, 4) + 1).tolist() == [1, 5, 9, 13, 17, 21, 25, 29]
    assert clip_span_frames(8, 4)._asdict() == {"coverage_frames": 32, "span_frames": 29}


def test_multi_view_is_ten_by_three_clip_by_clip():
    views = views_of(300)
    assert len(views) == 30
    assert [view.indices[0] for view in views[:4]] == [0, 0, 0, 30]
    assert [view.x0_px for view in views[:4]] == [0, 12, 24, 0]
    frames = np.zeros((300, 30, 44, 3), np.uint8)
    for indices, y0, x0, size in views:
        assert frames[indices][:, y0 : y0 + size, x0 : x0 + size].shape == (8, 20, 20, 3)


# True of every input --------------------------------------------------------------------------


@given(clip_sizes, strides, st.integers(0, 1000))
def test_strided_indices_step_by_the_stride(num_frames, stride, start):
    indices = strided_indices(num_frames, stride, start)
    assert indices.dtype == np.int64
    assert (indices.shape, indices[0]) == ((num_frames,), start)
    assert (np.diff(indices) == stride).all()
    coverage, span = clip_span_frames(num_frames, stride)
    assert indices[-1] - indices[0] + 1 == span
    # The clip that starts a coverage later goes on with no gap.
    two = np.concatenate([indices, strided_indices(num_frames, stride, start + coverage)])
    assert two.tolist() == strided_indices(2 * num_frames, stride, start).tolist()


@given(lengths, clip_sizes, strides, st.integers(0, 2**32))
def test_a_clip_is_inside_the_video_when_it_can_be(video_frames, num_frames, stride, seed):
    start = random_start(video_frames, num_frames, stride, generator(seed))
    centre = center_start(video_frames, num_frames, stride)
    assert type(start) is type(centre) is int
    spare = video_frames - clip_span_frames(num_frames, stride).span_frames
    if spare < 0:
        assert start == centre == 0
    else:
        fit(strided_indices(num_frames, stride, start), video_frames, "error")
        assert spare - 2 * centre in (0, 1)  # as many frames before the clip as after it


@pytest.mark.parametrize("num_starts", [1, 2, 20])
def test_every_valid_start_is_equally_likely(num_starts):
    video_frames = clip_span_frames(8, 4).span_frames + num_starts - 1
    source = generator(7)
    draws = 1000 * num_starts
    starts = [random_start(video_frames, 8, 4, source) for _ in range(draws)]
    counts = np.bincount(starts, minlength=num_starts)
    assert len(counts) == num_starts  # the last valid start is reached, none lies beyond it
    chi_square = ((counts - 1000) ** 2 / 1000).sum()
    assert chi_square < 43.8  # 19 degrees of freedom: passed by chance 999 times in 1000


def test_randomness_comes_from_the_generator_alone():
    np.random.seed(0)
    legacy = np.random.get_state()[1].tolist()
    draws = [
        (random_start(500, 8, 4, source), uniform_segments(500, 9, source).tolist())
        for source in (generator(3), generator(3), generator(4))
    ]
    assert draws[0] == draws[1] != draws[2]
    assert np.random.get_state()[1].tolist() == legacy


@given(lengths, clip_sizes, strides, st.integers(0, 100))
def test_policies(video_frames, num_frames, stride, start):
    wanted = strided_indices(num_frames, stride, start)
    looped = fit(wanted, video_frames, "loop")
    clamped = fit(wanted, video_frames, "clamp")
    inside = wanted < video_frames
    for fitted in (looped, clamped):
        assert fitted.dtype == np.int64
        assert not np.shares_memory(fitted, wanted)
        assert ((fitted >= 0) & (fitted < video_frames)).all()
        assert (fitted[inside] == wanted[inside]).all()
    assert (clamped[~inside] == video_frames - 1).all()
    assert ((wanted - looped) % video_frames == 0).all()
    if inside.all():
        assert (fit(wanted, video_frames, "error") == wanted).all()
        assert not np.shares_memory(fit(wanted, video_frames, "error"), wanted)
    else:
        with pytest.raises(ValueError, match=f"needs {wanted[-1] + 1} frames; .* {video_frames}"):
            fit(wanted, video_frames, "error")


@given(lengths, st.integers(1, 60), st.integers(0, 2**32))
def test_segments_partition_the_video(video_frames, num_segments, seed):
    edges = segment_edges(video_frames, num_segments)
    frames = [frame for k in range(num_segments) for frame in range(edges[k], edges[k + 1])]
    assert frames == list(range(video_frames))
    sizes = np.diff(edges)
    assert sizes.max() - sizes.min() <= 1
    for source in (None, generator(seed)):
        indices = uniform_segments(video_frames, num_segments, source)
        assert indices.dtype == np.int64
        assert indices.shape == (num_segments,)
        assert ((indices >= 0) & (indices < video_frames)).all()
        full = sizes > 0
        assert ((edges[:-1] <= indices) & (indices < edges[1:]))[full].all()
        assert (indices[~full] == edges[:-1][~full]).all()


@given(lengths, st.integers(1, 60))
def test_the_middles_are_within_a_frame_of_tsn_pytorchs(video_frames, num_segments):
    tick = Fraction(video_frames, num_segments)
    theirs = [int(tick / 2 + tick * k) for k in range(num_segments)]
    assert np.abs(uniform_segments(video_frames, num_segments) - theirs).max() <= 1


def test_every_frame_of_a_segment_is_equally_likely():
    source = generator(11)
    draws = np.array([uniform_segments(10, 4, source) for _ in range(6000)])
    assert np.bincount(draws[:, 0]).tolist() == pytest.approx([3000, 3000], rel=0.05)
    assert np.bincount(draws[:, 3])[7:].tolist() == pytest.approx([2000] * 3, rel=0.07)


@given(lengths, clip_sizes, strides, st.integers(1, 12), st.sampled_from(["loop", "clamp"]))
def test_test_clips_reach_from_the_first_frame_to_the_last(
    video_frames, num_frames, stride, clips, policy
):
    views = views_of(video_frames, num_frames, stride, clips=clips, crops=1, policy=policy)
    starts = np.array([view.indices[0] for view in views])
    last = video_frames - clip_span_frames(num_frames, stride).span_frames
    if last < 0:
        short = fit(strided_indices(num_frames, stride), video_frames, policy).tolist()
        assert all(view.indices.tolist() == short for view in views)
        return
    assert all((np.diff(view.indices) == stride).all() for view in views)
    if clips > 1:
        assert views[0].indices[0] == 0
        assert views[-1].indices[-1] == video_frames - 1
        gaps = clips - 1
        assert np.abs(2 * gaps * starts - 2 * last * np.arange(clips)).max() <= gaps
    sums = starts + starts[::-1]
    if clips % 2:  # the middle clip is its own mirror image, up to an odd frame to spare
        assert sums[clips // 2] in (last - 1, last)
        sums = np.delete(sums, clips // 2)
    assert (sums == last).all()


@given(st.integers(20, 90), st.integers(20, 90), st.integers(2, 6))
def test_crops_reach_both_ends_of_the_longer_side(height, width, crops):
    views = views_of(29, height=height, width=width, clips=1, crops=crops)
    y0, x0 = (np.array([getattr(view, name) for view in views]) for name in ("y0_px", "x0_px"))
    along, across = (y0, x0) if height > width else (x0, y0)
    assert (along[0], along[-1]) == (0, max(height, width) - 20)
    assert set(across.tolist()) == {(min(height, width) - 20) // 2}


@given(lengths, rates, rates)
def test_resampling_shows_the_frame_on_screen_at_each_tick(video_frames, source_fps, target_fps):
    indices = resample_indices(video_frames, source_fps, target_fps)
    assert indices.dtype == np.int64
    assert (np.diff(indices) >= 0).all()
    for k in {0, len(indices) // 2, len(indices) - 1}:
        time = k / target_fps
        assert int(indices[k]) / source_fps <= time < (int(indices[k]) + 1) / source_fps
    end = video_frames / source_fps
    assert (len(indices) - 1) / target_fps < end <= len(indices) / target_fps
    assert indices[-1] < video_frames
    same = resample_indices(video_frames, source_fps, source_fps)
    assert same.tolist() == list(range(video_frames))


@pytest.mark.parametrize("target_fps", [24, 25, 60, Fraction(24000, 1001)])
def test_no_drift_over_an_hour(target_fps):
    video_frames = math.ceil(3600 * NTSC)
    indices = resample_indices(video_frames, NTSC, target_fps)
    assert len(indices) == math.ceil(video_frames * target_fps / NTSC)
    assert indices.tolist() == [math.floor(k * NTSC / target_fps) for k in range(len(indices))]


MEANT = [
    (29.97002997002997, NTSC),
    (np.float64(60000 / 1001), Fraction(60000, 1001)),
    (29.97, Fraction(2997, 100)),
    (23.976, Fraction(2997, 125)),
    (np.float32(25), Fraction(25)),
    (np.int64(25), Fraction(25)),
    (29.8231234567, Fraction(29.8231234567)),  # an average rate: no simple fraction is it
]


@pytest.mark.parametrize(("given_fps", "meant"), MEANT)
def test_a_rate_is_read_as_the_fraction_it_stands_for(given_fps, meant):
    hour = math.ceil(3600 * meant)
    assert resample_indices(hour, given_fps, meant).tolist() == list(range(hour))
    assert (resample_indices(hour, given_fps, 10) == resample_indices(hour, meant, 10)).all()


# Refused --------------------------------------------------------------------------------------

CALLS = [
    ("num_frames", 1, lambda value: strided_indices(value, 4)),
    ("stride", 1, lambda value: clip_span_frames(8, value)),
    ("start", 0, lambda value: strided_indices(8, 4, value)),
    ("video_frames", 1, lambda value: random_start(value, 8, 4, generator())),
    ("video_frames", 1, lambda value: fit([0], value)),
    ("video_frames", 1, lambda value: views_of(value, policy="loop")),
    ("video_frames", 1, lambda value: resample_indices(value, 25, 25)),
    ("video_frames", 1, lambda value: segment_edges(value, 3)),
    ("num_segments", 1, lambda value: uniform_segments(50, value)),
    ("clips", 1, lambda value: views_of(50, clips=value)),
    ("crops", 1, lambda value: views_of(50, crops=value)),
    ("height", 1, lambda value: views_of(50, height=value)),
    ("width", 1, lambda value: views_of(50, width=value)),
    ("crop_size", 1, lambda value: views_of(50, height=20, crop_size=value)),
]


@pytest.mark.parametrize(("name", "least", "call"), CALLS)
def test_only_whole_numbers_in_range_are_taken(name, least, call):
    for value in (True, np.True_, 8.0, "8", None):
        with pytest.raises(TypeError, match=rf"^{name}: expected a whole number, got "):
            call(value)
    for value in (least - 1, -3):
        with pytest.raises(
            ValueError, match=rf"^{name}: expected (at least )?{least}.*, got {value}"
        ):
            call(value)
    call(np.int64(20))


@pytest.mark.parametrize("seed", [0, np.random.RandomState(0)])
def test_a_seed_is_not_a_generator(seed):
    for call in (partial(random_start, 100, 8, 4), partial(uniform_segments, 100, 8)):
        with pytest.raises(TypeError, match=r"^generator: expected numpy\.random\.default_rng"):
            call(seed)


def test_what_does_not_fit_is_refused():
    for indices in ([0.0, 1.0], [True, False], ["0"]):
        with pytest.raises(TypeError, match=r"^indices: expected whole numbers, got "):
            fit(indices, 5)
    for policy in ("loop", "clamp", "error"):
        with pytest.raises(ValueError, match=r"^indices: expected at least 0, got -2"):
            fit([0, -2], 5, policy)
    with pytest.raises(
        ValueError, match=r"^policy: expected one of 'loop', 'clamp', 'error', got 'pad'"
    ):
        fit([0], 5, "pad")
    with pytest.raises(ValueError, match=r"index 5, so it needs 6 frames; the video has 5"):
        fit([5], 5)
    with pytest.raises(ValueError, match=r"needs 29 frames; the video has 28"):
        views_of(28)
    with pytest.raises(ValueError, match=r"^crop_size: expected 1 to 30, got 31"):
        views_of(50, crop_size=31)


@pytest.mark.parametrize("name", ["source_fps", "target_fps"])
def test_rates_are_positive_numbers(name):
    rates = {"source_fps": 25, "target_fps": 25}
    for value in (0, -25, math.inf, math.nan):
        with pytest.raises(
            ValueError, match=rf"^{name}: expected a finite number above 0, got {value}"
        ):
            resample_indices(10, **{**rates, name: value})
    for value in (True, np.True_, "25", None, 25j, np.complex64(25)):
        with pytest.raises(TypeError, match=rf"^{name}: expected a number, got"):
            resample_indices(10, **{**rates, name: value})
