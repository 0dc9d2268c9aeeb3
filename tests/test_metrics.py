import numpy as np
import pytest
import torch

from lecturekit.metrics import angular_error, endpoint_error, topk_accuracy


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
        (np.zeros((2, 3)), np.zeros(2), 1, ValueError, "labels: .*got float64"),
        (
            np.zeros((2, 3)),
            np.array([0, 3]),
            1,
            ValueError,
            "labels: expected .* 0 to 2, got int64 from 0 to 3",
        ),
        (np.zeros((2, 3)), np.array([-1, 0]), 1, ValueError, "got int64 from -1 to 0"),
        (np.zeros((2, 3)), np.array([0, 1]), 4, ValueError, "k: expected 1 to 3"),
        (np.zeros((2, 3)), np.array([0, 1]), 0, ValueError, "k: expected 1 to 3"),
        (np.zeros((2, 3)), np.array([0, 1]), 1.5, TypeError, "k: expected a whole number"),
        (
            np.array([[0.0], [np.nan]]),
            np.array([0, 0]),
            1,
            ValueError,
            "scores: .*got NaN",
        ),
    ],
)
def test_bad_input_is_named(scores, labels, k, error, message):
    with pytest.raises(error, match=message):
        topk_accuracy(scores, labels, k)


def fields(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 3, (5, 7, 2)).astype(np.float32), rng.normal(0, 3, (5, 7, 2))


def test_endpoint_error_equals_torch():
    flow, truth = fields()
    expected = torch.nn.PairwiseDistance(eps=0)(
        torch.from_numpy(flow).double().flatten(0, 1), torch.from_numpy(truth).flatten(0, 1)
    )
    assert endpoint_error(flow, truth) == pytest.approx(expected.mean().item())
    mask = np.arange(35).reshape(5, 7) % 3 == 0
    assert endpoint_error(flow, truth, mask) == pytest.approx(expected[::3].mean().item())


def test_angular_error_equals_torch_with_a_third_component_of_one():
    flow, truth = fields()
    a, b = (torch.from_numpy(np.append(v, np.ones((5, 7, 1)), 2)).double() for v in (flow, truth))
    angles = torch.rad2deg(torch.arccos(torch.cosine_similarity(a, b, dim=2)))
    assert angular_error(flow, truth) == pytest.approx(angles.mean().item())
    mask = np.zeros((5, 7), bool)
    mask[2, 3:] = True
    assert angular_error(flow, truth, mask) == pytest.approx(angles[2, 3:].mean().item())


def test_flow_errors_of_vectors_worked_by_hand():
    still, fast = np.zeros((3, 4, 2)), np.full((3, 4, 2), [3.0, 4.0])
    assert endpoint_error(still, fast) == 5
    assert angular_error(np.full((3, 4, 2), [0.0, 1.0]), still) == pytest.approx(45)
    assert angular_error(-fast, fast) == pytest.approx(2 * np.degrees(np.arctan(5)))
    assert angular_error(fast, fast * (1 + 1e-9)) < 1e-7
    assert endpoint_error(still[..., ::-1], fast[..., ::-1]) == 5
    assert endpoint_error(fast[0, 0], still[0, 0]) == 5


def test_unknown_truth_never_counts_and_unknown_flow_there_is_no_matter():
    flow, truth = np.zeros((2, 3, 2)), np.full((2, 3, 2), [0.0, 2.0])
    truth[0, 1] = [np.nan, 0]
    flow[0, 1] = [0, np.nan]
    truth[1, 2] = [0, 102]
    assert endpoint_error(flow, truth) == pytest.approx((4 * 2 + 102) / 5)
    mask = np.ones((2, 3), bool)
    mask[1, 2] = False
    assert endpoint_error(flow, truth, mask) == 2


@pytest.mark.parametrize("measure", [endpoint_error, angular_error])
@pytest.mark.parametrize(
    ("flow", "truth", "mask", "error", "message"),
    [
        (np.zeros((2, 4, 5)), np.zeros((2, 4, 5)), None, ValueError, r"flow: .*\(2, 4, 5\)"),
        (
            np.zeros((4, 5, 2)),
            np.zeros((5, 4, 2)),
            None,
            ValueError,
            r"truth, got \(4, 5, 2\) and \(5",
        ),
        (np.zeros((4, 5, 2)), np.zeros((4, 5, 2)), np.ones((5, 4), bool), ValueError, "mask: exp"),
        (np.zeros((4, 5, 2)), np.zeros((4, 5, 2)), np.ones((4, 5)), TypeError, "mask: .*float64"),
        (np.zeros((4, 5, 2)), np.zeros((4, 5, 2)), np.zeros((4, 5), bool), ValueError, "got none"),
        (np.zeros((4, 5, 2)), np.full((4, 5, 2), np.nan), None, ValueError, "truth: .*got none"),
        (np.full((4, 5, 2), np.nan), np.zeros((4, 5, 2)), None, ValueError, "flow: .*got NaN"),
        (np.zeros((0, 5, 2)), np.zeros((0, 5, 2)), None, ValueError, "got none"),
    ],
)
def test_bad_flow_is_named(measure, flow, truth, mask, error, message):
    with pytest.raises(error, match=message):
        measure(flow, truth, mask)
