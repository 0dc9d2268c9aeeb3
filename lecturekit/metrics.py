"""How good a prediction is. Numbers in, numbers out: numpy only."""

import numpy as np

from lecturekit import checks


def topk_accuracy(scores: np.ndarray, labels: np.ndarray, k: int = 1) -> float:
    """Share of samples whose label is among the k classes of highest score.

    A tie counts against the label: it is among the k best only if fewer than k *other* classes
    score at least as high. A network that gives all classes the same score is thus never right
    by luck of the order of classes.

    Args:
        scores: ``(N, K)``: of each sample a score for each class; only their order matters.
        labels: ``(N,)`` integers from 0 to K − 1.
        k: from 1 to K.

    Raises:
        ValueError: a shape or a label does not fit, there is no sample, k is out of range, or a
            score is NaN.
        TypeError: k is no whole number.

    >>> topk_accuracy(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 1]))
    0.5
    """
    scores, labels = _scored(scores, labels)
    checks.integer("k", k, 1, scores.shape[1])
    own = np.take_along_axis(scores, labels[:, None], 1)
    better_or_equal = (scores >= own).sum(1) - 1
    return float((better_or_equal < k).mean())


def endpoint_error(flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean distance in px between the ends of estimated and true flow vectors.

    Args:
        flow: ``(..., 2)``, (dx, dy) in px; as a rule ``(H, W, 2)``.
        truth: of the same shape. Where it is NaN the truth is not known: that pixel never counts.
        mask: bool ``(...)``: the pixels that count; all unless told.

    Raises:
        ValueError: shapes that do not fit, no pixel that counts, or NaN in ``flow`` at one that
            does.
        TypeError: the mask is not bool.

    >>> endpoint_error(np.zeros((4, 5, 2)), np.full((4, 5, 2), [3.0, 4.0]))
    5.0
    """
    flow, truth = _known(flow, truth, mask)
    return float(np.hypot(*(flow - truth).T).mean())


def angular_error(flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean angle in degrees between (dx, dy, 1) of estimated and true flow.

    The third component, one frame, keeps the angle defined where nothing moves (Barron, Fleet and
    Beauchemin 1994, "Performance of Optical Flow Techniques", section 4). Arguments and errors as
    `endpoint_error`.

    >>> round(angular_error(np.zeros((4, 5, 2)), np.full((4, 5, 2), [1.0, 0.0])), 6)
    45.0
    """
    flow, truth = _known(flow, truth, mask)
    a, b = (np.concatenate([v, np.ones((len(v), 1))], 1) for v in (flow, truth))
    # atan2 keeps its accuracy at small angles, where the arc cosine loses it.
    sine = np.linalg.norm(np.cross(a, b), axis=1)
    return float(np.degrees(np.arctan2(sine, (a * b).sum(1))).mean())


def _scored(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays: each row of scores has its label."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    checks.shape("scores", scores, "N K")
    checks.shape("labels", labels, f"{len(scores)}")
    last = scores.shape[1] - 1
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > last:
        got = f"{labels.dtype} from {labels.min()} to {labels.max()}"
        raise ValueError(f"labels: expected whole numbers from 0 to {last}, got {got}")
    if np.isnan(scores).any():
        raise ValueError("scores: expected numbers, got NaN among them")
    return scores, labels


def _known(
    flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """The vectors that count, ``(N, 2)`` float64 each."""
    flow, truth = np.asarray(flow, np.float64), np.asarray(truth, np.float64)
    if flow.shape != truth.shape or flow.shape[-1:] != (2,):
        raise ValueError(
            f"flow: expected shape (..., 2), as truth, got {flow.shape} and {truth.shape}"
        )
    counts = ~np.isnan(truth).any(-1)
    if mask is not None:
        mask = np.asarray(mask)
        checks.shape("mask", mask, " ".join(map(str, counts.shape)))
        if mask.dtype != bool:
            raise TypeError(f"mask: expected bool, got {mask.dtype}")
        counts &= mask
    if not counts.any():
        raise ValueError("truth: expected a pixel that counts, got none (NaN or masked out)")
    if not np.isfinite(flow[counts]).all():
        raise ValueError("flow: expected finite numbers where truth counts, got NaN or infinity")
    return flow[counts], truth[counts]
