"""How good a prediction is. Numbers in, numbers out: numpy only."""

import operator

import numpy as np


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
        TypeError: labels or k are no integers.

    >>> topk_accuracy(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 1]))
    0.5
    """
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 2 or 0 in scores.shape:
        raise ValueError(f"scores: expected shape (N, K), N and K at least 1, got {scores.shape}")
    if labels.shape != scores.shape[:1]:
        raise ValueError(f"labels: expected shape ({len(scores)},), as scores, got {labels.shape}")
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"labels: expected integers, got {labels.dtype}")
    number = scores.shape[1]
    if labels.min() < 0 or labels.max() >= number:
        raise ValueError(
            f"labels: expected 0 to {number - 1}, got {labels.min()} to {labels.max()}"
        )
    try:
        k = operator.index(k)
    except TypeError:
        raise TypeError(f"k: expected an integer, got {k!r}") from None
    if not 1 <= k <= number:
        raise ValueError(f"k: expected 1 to {number}, the number of classes, got {k}")
    if np.isnan(scores).any():
        raise ValueError(
            f"scores: expected numbers, got NaN in row {np.isnan(scores).any(1).argmax()}"
        )
    own = np.take_along_axis(scores, labels[:, None], 1)
    better_or_equal = (scores >= own).sum(1) - 1
    return float((better_or_equal < k).mean())
