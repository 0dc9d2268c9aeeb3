"""Average precision, many views, the rules for an area, intervals: by hand and by property."""

import doctest
import importlib
import pkgutil
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturekit import metrics
from lecturekit.metrics import (
    average_precision,
    bootstrap_interval,
    eleven_point_area,
    interpolated_area,
    mean_average_precision,
    multi_view,
    paired_difference,
    precision_recall,
    step_area,
)

MODULES = [f"lecturekit.metrics.{module.name}" for module in pkgutil.iter_modules(metrics.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_what_a_docstring_shows_is_what_comes(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs={"np": np}).failed == 0


def test_average_precision_by_hand():
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    assert average_precision(scores, np.array([1, 0, 1, 0, 1])) == pytest.approx(
        (1 + 2 / 3 + 3 / 5) / 3
    )
    assert average_precision(scores, np.array([0, 0, 0, 0, 1])) == pytest.approx(1 / 5)


def test_equal_scores_are_one_threshold_in_any_order():
    labels = np.array([1, 0, 0, 0])
    assert average_precision(np.ones(4), labels) == average_precision(np.ones(4), labels[::-1])
    assert average_precision(np.ones(4), labels) == 0.25
    infinite = np.array([np.inf, np.inf, -np.inf, 0.0])
    assert average_precision(infinite, np.array([0, 1, 0, 1])) == pytest.approx((1 / 2 + 2 / 3) / 2)


ranked = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=12).filter(
    lambda rows: any(label for _, label in rows)
)


@given(ranked, st.permutations(range(12)))
def test_only_the_order_of_scores_matters_and_not_the_order_of_clips(rows, order):
    scores, labels = map(np.array, zip(*rows, strict=True))
    expected = average_precision(scores, labels)
    assert 0 < expected <= 1
    assert average_precision(np.exp(scores) * 7 - 2, labels) == expected
    order = [k for k in order if k < len(rows)]
    assert average_precision(scores[order], labels[order]) == expected


@given(ranked)
def test_the_envelope_is_never_below_the_steps(rows):
    hits = np.array([label for _, label in rows])
    curve = precision_recall(hits, int(hits.sum()) + 2)
    assert step_area(*curve) <= interpolated_area(*curve) + 1e-12


def test_three_areas_of_one_list_by_hand():
    # Of four truths the second, third and fifth place find one each.
    precision, recall = precision_recall(np.array([False, True, True, False, True]), 4)
    assert precision.tolist() == [0, 1 / 2, 2 / 3, 2 / 4, 3 / 5]
    assert recall.tolist() == [0, 1 / 4, 2 / 4, 2 / 4, 3 / 4]
    assert step_area(precision, recall) == pytest.approx((1 / 2 + 2 / 3 + 3 / 5) / 4)
    assert interpolated_area(precision, recall) == pytest.approx((2 / 3 + 2 / 3 + 3 / 5) / 4)
    # At recall 0 to 0.5 the best still to come is 2/3, at 0.6 and 0.7 it is 3/5, then nothing.
    assert eleven_point_area(precision, recall) == pytest.approx((6 * 2 / 3 + 2 * 3 / 5) / 11)


def test_an_empty_list_has_no_area():
    curve = precision_recall(np.zeros(0, bool), 3)
    for area in (step_area, interpolated_area, eleven_point_area):
        assert area(*curve) == 0


def test_eleven_points_meet_recalls_that_are_tenths():
    """Recall of 3 in 10 reaches the point 0.3, which 3 × 0.1 in floats would not be."""
    for found in range(1, 11):
        curve = precision_recall(np.ones(found, bool), 10)
        assert eleven_point_area(*curve) == pytest.approx((found + 1) / 11)


def test_a_class_without_positives_is_left_out_and_named():
    scores = np.array([[0.9, 0.1, 0.5], [0.1, 0.9, 0.5]])
    labels = np.array([[1, 0, 0], [0, 0, 0]])
    with pytest.warns(UserWarning, match="labels: no positive for class 1, 2: left out"):
        assert mean_average_precision(scores, labels) == 1
    with warnings.catch_warnings(action="error"):
        assert mean_average_precision(scores, np.array([[1, 0, 1], [0, 1, 0]])) == pytest.approx(
            (1 + 1 + 0.5) / 3
        )


def test_one_number_added_to_a_class_leaves_map_alone_and_not_top_1():
    rng = np.random.default_rng(0)
    scores, classes = rng.normal(size=(40, 4)), rng.integers(0, 4, 40)
    moved = scores + np.array([5.0, 0, 0, 0])
    labels = np.eye(4, dtype=int)[classes]
    assert mean_average_precision(moved, labels) == mean_average_precision(scores, labels)
    assert metrics.topk_accuracy(moved, classes) != metrics.topk_accuracy(scores, classes)


def test_views_are_averaged_as_torch_does():
    scores = np.random.default_rng(0).normal(0, 3, (5, 4, 3))
    expected = torch.from_numpy(scores).softmax(-1).mean(1).numpy()
    np.testing.assert_allclose(multi_view(scores), expected, atol=1e-12)
    np.testing.assert_allclose(multi_view(scores, "scores"), scores.mean(1), atol=1e-12)
    np.testing.assert_allclose(multi_view(scores + 1e4), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("measure", "arguments", "error", "message"),
    [
        (average_precision, ([0.1, np.nan], [0, 1]), ValueError, "scores: .*got NaN"),
        (average_precision, ([0.1, 0.2], [0, 0]), ValueError, "labels: .*at least one positive"),
        (average_precision, ([0.1, 0.2], [0, 2]), ValueError, "labels: expected 0 or 1, got 2"),
        (average_precision, ([0.1, 0.2], [1]), ValueError, r"labels: expected shape \(2,\)"),
        (average_precision, ([[0.1, 0.2]], [1]), ValueError, r"scores: expected shape \(N,\)"),
        (average_precision, ([], []), ValueError, r"scores: expected shape \(N,\)"),
        (average_precision, (["a", "b"], [0, 1]), TypeError, "scores: expected numbers, got <U1"),
        (average_precision, ([0.1, 0.2], ["0", "1"]), TypeError, "labels: expected numbers"),
        (mean_average_precision, ([0.1], [1]), ValueError, r"scores: expected shape \(N, K\)"),
        (mean_average_precision, ([[0.1], [0.2, 0.3]], [1]), ValueError, "scores: .*unequal"),
        (mean_average_precision, ([[0.1]], [[0]]), ValueError, "labels: .*at least one positive"),
        (mean_average_precision, ([[0.1, 1]], [[0], [1]]), ValueError, r"labels: .*\(1, 2\)"),
        (multi_view, (np.zeros((2, 3)),), ValueError, r"scores: expected shape \(N, V, K\)"),
        (multi_view, (np.full((1, 2, 3), np.inf),), ValueError, "scores: .*infinity"),
        (multi_view, (np.zeros((1, 2, 3)), "logits"), ValueError, "how: .*got 'logits'"),
        (precision_recall, (np.array([1, 0]), 2), TypeError, "hits: expected bool"),
        (precision_recall, (np.array([True, True]), 1), ValueError, "num_truths: .*at least 2"),
        (precision_recall, (np.array([False]), 0), ValueError, "num_truths: .*at least 1"),
        (step_area, ([0.5], [0.5, 1.0]), ValueError, "recall: expected shape"),
        (interpolated_area, ([0.5, 0.4], [0.5, 0.2]), ValueError, "recall: .*never fall"),
        (bootstrap_interval, ([1.0],), ValueError, "values: expected at least 2 rows"),
        (paired_difference, ([1.0, 2.0], [1.0]), ValueError, r"b: expected shape \(2,\)"),
        (paired_difference, ([1.0, np.nan], [1.0, 2.0]), ValueError, "a: .*got NaN"),
    ],
)
def test_bad_input_is_named(measure, arguments, error, message):
    with pytest.raises(error, match=message):
        measure(*arguments)


@pytest.mark.parametrize("level", [0.0, -0.5, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="level"):
        bootstrap_interval([0.0, 1.0], level=level)


def test_an_interval_is_the_same_again_and_another_with_another_seed():
    values = np.random.default_rng(0).random(50)
    found = bootstrap_interval(values, seed=3)
    assert found == bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)
    assert found.low < found.estimate < found.high


def test_several_arrays_are_drawn_together_by_their_row_numbers():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 60)
    scores = labels + rng.normal(size=60)
    found = bootstrap_interval(
        np.arange(60), lambda drawn: average_precision(scores[drawn], labels[drawn])
    )
    assert found.estimate == average_precision(scores, labels)
    assert 0.5 < found.low < found.estimate < found.high <= 1


def test_an_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        low, high = bootstrap_interval(rng.random(40), seed=seed, num_resamples=200)[1:]
        inside += low <= 0.5 <= high
    assert 180 <= inside <= 199


def test_a_paired_difference_sees_what_two_intervals_do_not():
    rng = np.random.default_rng(0)
    hard = rng.normal(0, 1, 30)
    a, b = hard + 0.1 + rng.normal(0, 0.1, 30), hard + rng.normal(0, 0.1, 30)
    found = paired_difference(a, b)
    assert found.mean == pytest.approx((a - b).mean())
    assert (found.least, found.most) == ((a - b).min(), (a - b).max())
    assert 0 < found.low < found.mean < found.high
    assert bootstrap_interval(a).low < bootstrap_interval(b).high
    assert (found.low, found.high) == bootstrap_interval(a - b)[1:]


def test_one_pair_has_no_interval():
    found = paired_difference([0.75], [0.5])
    assert found[:3] == (0.25, 0.25, 0.25)
    assert np.isnan([found.low, found.high]).all()
