import numpy as np
import pytest
import torch

from lecturekit.metrics import topk_accuracy


@pytest.mark.parametrize("k", [1, 2, 5, 7])
def test_topk_equals_torch(k):
    rng = np.random.default_rng(k)
    scores, labels = rng.normal(size=(53, 7)), rng.integers(0, 7, 53)
    best = torch.from_numpy(scores).topk(k, dim=1).indices
    expected = (best == torch.from_numpy(labels)[:, None]).any(1).double().mean().item()
    assert topk_accuracy(scores, labels, k) == pytest.approx(expected)


def test_a_tie_is_never_right_by_luck():
    scores, labels = np.zeros((4, 3)), np.array([0, 1, 2, 0])
    assert topk_accuracy(scores, labels) == 0
    assert topk_accuracy(scores, labels, 2) == 0
    assert topk_accuracy(scores, labels, 3) == 1
    assert topk_accuracy(np.array([[1.0, 1.0, 0.0]]), np.array([0]), 2) == 1


def test_infinite_scores_have_an_order_too():
    assert topk_accuracy(np.array([[-np.inf, 0.0, np.inf]]), np.array([2])) == 1


@pytest.mark.parametrize(
    ("scores", "labels", "k", "error", "message"),
    [
        (np.zeros(3), np.zeros(3, int), 1, ValueError, r"scores: .*\(3,\)"),
        (np.zeros((0, 3)), np.zeros(0, int), 1, ValueError, r"scores: .*\(0, 3\)"),
        (np.zeros((2, 3)), np.zeros(3, int), 1, ValueError, r"labels: expected shape \(2,\)"),
        (np.zeros((2, 3)), np.zeros(2), 1, TypeError, "labels: expected integers, got float64"),
        (np.zeros((2, 3)), np.array([0, 3]), 1, ValueError, "labels: expected 0 to 2, got 0 to 3"),
        (np.zeros((2, 3)), np.array([-1, 0]), 1, ValueError, "got -1 to 0"),
        (np.zeros((2, 3)), np.array([0, 1]), 4, ValueError, "k: expected 1 to 3"),
        (np.zeros((2, 3)), np.array([0, 1]), 0, ValueError, "k: expected 1 to 3"),
        (np.zeros((2, 3)), np.array([0, 1]), 1.5, TypeError, "k: expected an integer"),
        (np.array([[0.0], [np.nan]]), np.array([0, 0]), 1, ValueError, "NaN in row 1"),
    ],
)
def test_bad_input_is_named(scores, labels, k, error, message):
    with pytest.raises(error, match=message):
        topk_accuracy(scores, labels, k)
