"""From scores to segments: when scores hold, what is joined, what NMS leaves."""

import numpy as np
import pytest

from lecturekit import metrics
from lecturekit.localization import (
    STAMPS,
    Detection,
    segments_from_scores,
    stamp_times,
    suppress,
)


def found(scores, times, threshold=0.5, **options):
    column = np.array(scores, float)[:, None]
    options = {"step_sec": 1, "duration_sec": 10} | options
    return [one[1:] for one in segments_from_scores(column, times, threshold, **options)]


def test_times_are_half_a_window_apart():
    times = {stamp: stamp_times(4, 12, 3, 8, stamp) for stamp in STAMPS}
    assert times["start"].tolist() == [0, 0.375, 0.75, 1.125]
    assert (times["centre"] - times["start"] == 12 / 2 / 8).all()
    assert (times["end"] - times["centre"] == 12 / 2 / 8).all()
    assert stamp_times(1, 3, 1, 2).tolist() == [0.75]
    assert stamp_times(0, 3, 1, 2).shape == (0,)


def test_neighbours_are_joined_and_reach_half_a_step_beyond():
    segments = found([0.1, 0.5, 0.9, 0.4, 0.6], [1, 2, 3, 4, 5])
    assert segments == [(1.5, 3.5, 0.7), (4.5, 5.5, 0.6)]


def test_one_that_reaches_over_an_end_is_cut_there():
    assert found([0.9, 0.1, 0.9], [0, 1, 2], duration_sec=2) == [(0, 0.5, 0.9), (1.5, 2, 0.9)]
    assert found([0.9] * 3, [0, 1, 2], duration_sec=2) == [(0, 2, pytest.approx(0.9))]


def test_a_width_makes_each_moment_a_segment():
    segments = found([0.9, 0.1, 0.8], [2, 3, 4], width_sec=3)
    assert segments == [(0.5, 3.5, 0.9), (2.5, 5.5, 0.8)]


def test_classes_have_nothing_to_do_with_each_other():
    scores = np.array([[0.9, 0.1], [0.9, 0.9], [0.1, 0.9]])
    segments = segments_from_scores(scores, np.arange(3.0), 0.5, step_sec=1, duration_sec=3)
    assert [one[:3] for one in segments] == [(0, 0, 1.5), (1, 0.5, 2.5)]
    none = segments_from_scores(scores, np.arange(3.0), 0.95, step_sec=1, duration_sec=3)
    assert none == []
    empty = segments_from_scores(np.zeros((0, 2)), np.zeros(0), 0.5, step_sec=1, duration_sec=3)
    assert empty == []


@pytest.mark.parametrize("window", [8, 13])
def test_a_wrong_stamp_moves_all_segments_half_a_window(window):
    """Away from the film's ends, where they are cut."""
    scores = np.zeros((60, 3))
    rng = np.random.default_rng(window)
    scores[20:40] = rng.uniform(0, 1, (20, 3))
    at = {
        stamp: segments_from_scores(
            scores,
            stamp_times(60, window, 1, 8, stamp),
            0.5,
            step_sec=1 / 8,
            duration_sec=(60 + window - 1) / 8,
        )
        for stamp in STAMPS
    }
    half = window / 2 / 8
    assert len(at["centre"]) > 3
    for early, right, late in zip(at["start"], at["centre"], at["end"], strict=True):
        assert early.score == right.score == late.score
        assert (early.start_sec, early.stop_sec) == (right.start_sec - half, right.stop_sec - half)
        assert (late.start_sec, late.stop_sec) == (right.start_sec + half, right.stop_sec + half)


def test_scores_that_ask_the_middle_frame_alone_give_the_truth_back():
    """An odd window has one: a wrong stamp is the only thing that can go wrong here."""
    start, stop, window = 24, 40, 15
    middles = np.arange(80 - window + 1) + window // 2
    scores = ((middles >= start) & (middles < stop)).astype(float)[:, None]
    overlaps = {}
    for stamp in STAMPS:
        times = stamp_times(len(scores), window, 1, 8, stamp)
        (segment,) = segments_from_scores(scores, times, 0.5, step_sec=1 / 8, duration_sec=10)
        overlaps[stamp] = metrics.temporal_iou(segment[1:3], (start / 8, stop / 8))
    assert overlaps["centre"] == 1
    # (length − d) / (length + d), where d is half a window
    assert overlaps["start"] == overlaps["end"] == pytest.approx((16 - 7.5) / (16 + 7.5))


def test_the_best_of_a_class_stays_and_no_other_class_is_dropped():
    detections = [
        Detection(1, 0, 10, 0.6),
        Detection(0, 0, 10, 0.5),
        Detection(0, 1, 11, 0.9),
        Detection(0, 20, 30, 0.6),
    ]
    kept = suppress(detections, 0.5)
    assert kept == [detections[2], detections[0], detections[3]]
    assert suppress(detections, 0.9) == [detections[k] for k in (2, 0, 3, 1)]
    assert suppress([], 0.5) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"times_sec": np.arange(3.0)}, r"times_sec: expected one for each row .* \(3,\) and"),
        ({"step_sec": 0}, "step_sec: expected a finite number above 0"),
        ({"duration_sec": -1}, "duration_sec"),
        ({"width_sec": 0}, "width_sec"),
    ],
)
def test_what_does_not_fit_is_named(change, words):
    given = {"times_sec": np.arange(4.0), "step_sec": 1, "duration_sec": 4} | change
    times = given.pop("times_sec")
    with pytest.raises(ValueError, match=words):
        segments_from_scores(np.zeros((4, 2)), times, 0.5, **given)


def test_stamps_have_three_names():
    with pytest.raises(ValueError, match="stamp: expected one of 'start', 'centre', 'end'"):
        stamp_times(3, 8, 1, 8, "middle")
    with pytest.raises(ValueError, match="window_frames: expected at least 1, got 0"):
        stamp_times(3, 0, 1, 8)
