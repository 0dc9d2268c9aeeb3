"""Segments and boxes: what their evaluations do, by hand and by property."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturekit.metrics import box_iou, frame_map, nms_1d, nms_2d, temporal_iou, temporal_map


def as_boxes(rows):
    """Rows of segments as rows of boxes of height 1."""
    return [(*row[:2], row[2], 0, row[3], 1, *row[4:]) for row in rows]


def test_two_empty_segments_overlap_by_0_without_a_warning():
    with warnings.catch_warnings(action="error"):
        assert temporal_iou((3, 3), (3, 3)) == 0
        assert box_iou([(1, 1, 1, 5)], [(1, 1, 1, 5)]).tolist() == [[0.0]]


def test_the_shape_of_overlaps_follows_from_what_is_given():
    a, b = np.array([(0, 2), (1, 3), (5, 6)]), np.array([(0, 2), (2, 4)])
    assert isinstance(temporal_iou(a[0], b[0]), float)
    assert temporal_iou(a, b).shape == (3, 2)
    assert temporal_iou(a[1], b).tolist() == temporal_iou(a, b)[1].tolist() == [1 / 3, 1 / 3]
    assert temporal_iou(a, []).shape == (3, 0)
    assert box_iou(np.zeros((0, 4)), [(0, 0, 1, 1)]).shape == (0, 1)


extent = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(sorted)


@given(extent, extent, st.floats(0.5, 4), st.floats(-5, 5))
def test_overlap_is_symmetric_and_keeps_when_time_is_stretched_or_moved(a, b, by, moved):
    overlap = temporal_iou(a, b)
    assert overlap == temporal_iou(b, a)
    assert 0 <= overlap <= 1
    assert (overlap == 1) == (a == b and a[0] < a[1])
    stretched = temporal_iou(np.array(a) * by + moved, np.array(b) * by + moved)
    assert stretched == pytest.approx(overlap, abs=1e-9)


@given(st.lists(st.tuples(extent, st.integers(0, 3)), max_size=10), st.sampled_from([0, 0.4, 0.5]))
def test_those_kept_do_not_overlap_and_each_dropped_one_overlaps_a_better(rows, tiou):
    segments = np.array([segment for segment, _ in rows]).reshape(-1, 2)
    scores = np.array([score for _, score in rows], float)
    kept = nms_1d(segments, scores, tiou)
    assert kept.dtype == np.int64
    overlaps = temporal_iou(segments, segments)
    rank = {int(k): place for place, k in enumerate(np.lexsort((np.arange(len(rows)), -scores)))}
    assert [rank[k] for k in kept] == sorted(rank[k] for k in kept)
    assert not (overlaps[np.ix_(kept, kept)] > tiou)[~np.eye(len(kept), dtype=bool)].any()
    for dropped in set(range(len(rows))) - set(kept.tolist()):
        assert any(overlaps[dropped, k] > tiou and rank[k] < rank[dropped] for k in kept)
    boxes = np.column_stack([segments[:, 0], scores * 0, segments[:, 1], scores * 0 + 1])
    assert nms_2d(boxes, scores, tiou).tolist() == kept.tolist()


def test_what_overlaps_by_exactly_the_threshold_stays():
    segments, scores = [(0, 2), (0, 4)], [0.9, 0.8]
    assert nms_1d(segments, scores, 0.5).tolist() == [0, 1]
    assert nms_1d(segments, scores, 0.49).tolist() == [0]


def test_equal_scores_keep_the_order_listed():
    assert nms_1d([(0, 4), (0, 4), (9, 10)], [0.5, 0.5, 0.5], 0.5).tolist() == [0, 2]
    assert nms_2d([(0, 0, 4, 4), (0, 0, 4, 5)], [0.5, 0.5], 0.5).tolist() == [0]


TRUTHS = [("a", "jump", 0, 10), ("a", "jump", 20, 30), ("b", "jump", 0, 10)]


def test_what_is_overlapped_by_exactly_the_threshold_is_a_hit():
    found = [("a", "jump", 0, 5, 0.9)]
    assert temporal_map(found, TRUTHS[:1], [0.5, 0.51]) == {0.5: 1.0, 0.51: 0.0}


def test_a_second_prediction_of_one_truth_is_false_and_a_film_not_named_too():
    twice = [("a", "jump", 0, 10, 0.9), ("a", "jump", 0, 10, 0.8), ("a", "jump", 20, 30, 0.7)]
    assert temporal_map(twice, TRUTHS[:2], [0.5])[0.5] == pytest.approx((1 + 2 / 3) / 2)
    elsewhere = [("c", "jump", 0, 10, 0.95), ("a", "jump", 0, 10, 0.9)]
    assert temporal_map(elsewhere, TRUTHS[:1], [0.5]) == {0.5: 0.5}


def test_of_equal_scores_the_one_listed_first_ranks_first():
    good, bad = ("a", "jump", 0, 10, 0.5), ("a", "jump", 50, 60, 0.5)
    assert temporal_map([good, bad], TRUTHS[:1], [0.5])[0.5] == 1
    assert temporal_map([bad, good], TRUTHS[:1], [0.5])[0.5] == 0.5
    assert frame_map(as_boxes([good, bad]), as_boxes(TRUTHS[:1])) == 1
    assert frame_map(as_boxes([bad, good]), as_boxes(TRUTHS[:1])) == 0.5


def test_a_segment_may_take_its_second_best_truth_and_a_box_may_not():
    truths = [("a", "jump", 0, 10), ("a", "jump", 2, 14)]
    found = [("a", "jump", 0, 10, 0.9), ("a", "jump", 0, 11, 0.8)]
    assert temporal_map(found, truths, [0.5])[0.5] == 1
    assert frame_map(as_boxes(found), as_boxes(truths)) == 0.5


def test_of_truths_overlapped_equally_a_segment_takes_the_last_and_a_box_the_first():
    """The first prediction overlaps both by 0.5; the second one only the first truth."""
    truths = [("a", "jump", 0, 5), ("a", "jump", 5, 10)]
    found = [("a", "jump", 0, 10, 0.9), ("a", "jump", 0, 5, 0.8)]
    assert temporal_map(found, truths, [0.5])[0.5] == 1
    assert frame_map(as_boxes(found), as_boxes(truths)) == 0.5
    assert temporal_map(found, truths[::-1], [0.5])[0.5] == 0.5
    assert frame_map(as_boxes(found), as_boxes(truths[::-1])) == 1


def test_the_mean_is_over_classes_that_have_truths():
    truths = [*TRUTHS[:1], ("a", "sit", 0, 10)]
    found = [("a", "jump", 0, 10, 0.9), ("a", "wave", 0, 10, 0.9)]
    assert temporal_map(found, truths, [0.5])[0.5] == 0.5
    assert frame_map(as_boxes(found), as_boxes(truths)) == 0.5
    assert temporal_map(found, TRUTHS[:1], [0.5])[0.5] == 1


def test_without_predictions_all_is_0():
    assert temporal_map([], TRUTHS, [0.3, 0.7]) == {0.3: 0.0, 0.7: 0.0}
    assert frame_map([], as_boxes(TRUTHS)) == 0


def test_boxes_without_area_are_left_out_and_those_in_other_frames_are_false():
    truths = [("f", "sit", 0, 0, 4, 4)]
    right = ("f", "sit", 0, 0, 4, 4, 0.5)
    assert frame_map([("f", "sit", 1, 1, 1, 4, 0.9), right], truths) == 1
    assert frame_map([("g", "sit", 0, 0, 4, 4, 0.9), right], truths) == 0.5


row = st.tuples(st.sampled_from("ab"), st.sampled_from(["jump", "sit"]), extent).map(
    lambda fields: (*fields[:2], *fields[2])
)
prediction = st.tuples(row, st.integers(0, 9)).map(lambda fields: (*fields[0], fields[1] / 9))


@given(st.lists(prediction, max_size=12), st.lists(row, min_size=1, max_size=8))
def test_map_falls_with_the_threshold_and_with_a_false_prediction_on_top(found, truths):
    tious = [0.1, 0.3, 0.5, 0.9]
    before = temporal_map(found, truths, tious)
    # Greedy matching can gain where a higher threshold keeps a truth free; not for one a film.
    if len({row[:2] for row in truths}) == len(truths):
        assert sorted(before.values(), reverse=True) == list(before.values())
    after = temporal_map([("c", truths[0][1], 0, 1, 2.0), *found], truths, tious)
    assert all(after[tiou] <= before[tiou] + 1e-12 for tiou in tious)
    as_they_are = [(*row, 1.0) for row in truths if row[2] < row[3]]
    if len(as_they_are) == len(truths):
        assert temporal_map(as_they_are, truths, tious) == dict.fromkeys(tious, 1.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: temporal_iou((5, 3), (0, 1)), ValueError, "a: expected start ≤ stop, got 5 and 3"),
        (lambda: temporal_iou((0, 1), [(0, 1), (4, 2)]), ValueError, "b: .*4 and 2 in row 1"),
        (lambda: temporal_iou((0, 1, 2), (0, 1)), ValueError, r"a: .*\(start, stop\), got .*\(3,"),
        (lambda: temporal_iou((0, np.nan), (0, 1)), ValueError, "a: .*got NaN"),
        (lambda: temporal_iou((0, np.inf), (0, 1)), ValueError, "a: .*infinity"),
        (lambda: temporal_iou(("0", "1"), (0, 1)), TypeError, "a: expected numbers, got <U1"),
        (lambda: box_iou([(0, 0, 1, 1)], [(0, 3, 1, 1)]), ValueError, "b: expected y0 ≤ y1, got 3"),
        (lambda: box_iou([(0, 0, 1)], [(0, 0, 1, 1)]), ValueError, r"a: .*got shape \(1, 3\)"),
        (lambda: nms_1d([(0, 1)], [0.5, 0.4], 0.5), ValueError, r"scores: .*\(1,\).*got \(2,\)"),
        (lambda: nms_1d([(0, 1)], [np.nan], 0.5), ValueError, "scores: .*got NaN"),
        (lambda: nms_1d([(0, 1)], [0.5], 50), ValueError, "tiou: .*from 0 to 1, got 50"),
        (lambda: nms_1d([(0, 1)], [0.5], "half"), TypeError, "tiou: expected numbers"),
        (lambda: nms_2d([(0, 0, 1, 1)], [0.5], -0.1), ValueError, "iou: .*from 0 to 1"),
        (lambda: temporal_map([], [], [0.5]), ValueError, "truths: expected at least one"),
        (lambda: frame_map([], []), ValueError, "truths: expected at least one"),
        (lambda: temporal_map([], TRUTHS, []), ValueError, "tious: expected at least one"),
        (lambda: temporal_map([], TRUTHS, 0.5), TypeError, "tious: expected several"),
        (lambda: temporal_map([], TRUTHS, [0.5, 1.5]), ValueError, "tious: .*got 1.5"),
        (
            lambda: temporal_map([("a", "jump", 0, 10)], TRUTHS, [0.5]),
            ValueError,
            r"predictions\[0\]: expected \(video, .*, score\), got 4 fields",
        ),
        (
            lambda: temporal_map([], [*TRUTHS, ("a", "jump", 9, 2)], [0.5]),
            ValueError,
            r"truths: expected start_sec ≤ stop_sec, got 9 and 2 in row 3",
        ),
        (
            lambda: temporal_map([("a", "jump", 0, 10, np.nan)], TRUTHS, [0.5]),
            ValueError,
            r"predictions: .*got NaN at \[0\]",
        ),
        (
            lambda: temporal_map([("a", "jump", 0, "10", 0.5)], TRUTHS, [0.5]),
            TypeError,
            r"predictions\[0\]: .*got stop_sec '10'",
        ),
        (
            lambda: temporal_map([], [("a", ["jump"], 0, 10)], [0.5]),
            TypeError,
            r"truths\[0\]: .*got label \['jump'\]",
        ),
        (lambda: temporal_map("rows", TRUTHS, [0.5]), TypeError, "predictions: expected rows"),
        (lambda: temporal_map([5], TRUTHS, [0.5]), TypeError, r"predictions\[0\]: .*got 5"),
        (lambda: frame_map([], [("f", "sit", 0, 0, 4, 4)], 1.1), ValueError, "iou: .*got 1.1"),
        (
            lambda: frame_map([("f", "sit", 4, 0, 2, 4, 1)], [("f", "sit", 0, 0, 4, 4)]),
            ValueError,
            "predictions: expected x0 ≤ x1, got 4 and 2 in row 0",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
