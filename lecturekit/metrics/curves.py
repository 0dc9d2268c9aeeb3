"""Precision and recall down a ranked list, and three rules that make one number of them.

Go down the list from the best score. At each place, precision is the share of hits so far, recall
the share of all truths found so far. "Average precision" is the area under precision over recall,
but the rules fill the gaps between the points in different ways:

step_area           each rise of recall times the precision at its end; scikit-learn
interpolated_area   the same, but precision is first raised to the best that is still to come;
                    PASCAL VOC since 2010, and ActivityNet and AVA after it
eleven_point_area   the mean of that raised precision at recall 0, 0.1, …, 1; PASCAL VOC 2007

ActivityNet and AVA have one area; they differ in what counts as a hit (`matching`).
"""

from typing import Any

import numpy as np

from lecturekit import checks

from . import given


def precision_recall(hits: np.ndarray, num_truths: int) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall after each place of a ranked list.

    Args:
        hits: ``(N,)`` bool, best score first: is it right?
        num_truths: how many there are to find; those that no place of the list finds count too.

    Returns:
        Precision and recall, float64 ``(N,)`` each.

    >>> precision, recall = precision_recall(np.array([True, False, True]), 4)
    >>> precision.round(2).tolist(), recall.tolist()
    ([1.0, 0.5, 0.67], [0.25, 0.25, 0.5])
    """
    hits = np.asarray(hits)
    if hits.ndim != 1 or hits.dtype != bool:
        raise TypeError(f"hits: expected bool of shape (N,), got {hits.dtype} of {hits.shape}")
    checks.integer("num_truths", num_truths, max(1, int(hits.sum())))
    found = np.cumsum(hits)
    return found / np.arange(1, len(hits) + 1), found / num_truths


def step_area(precision: np.ndarray, recall: np.ndarray) -> float:
    """Each rise of recall times the precision where it ends.

    >>> step_area(np.array([1.0, 0.5, 0.75]), np.array([0.25, 0.25, 0.5]))
    0.4375
    """
    precision, recall = _curve(precision, recall)
    return float((np.diff(recall, prepend=0) * precision).sum())


def interpolated_area(precision: np.ndarray, recall: np.ndarray) -> float:
    """The step area of the envelope: at each recall the best precision there or further on.

    >>> interpolated_area(np.array([0.0, 0.5, 0.75]), np.array([0.0, 0.25, 0.5]))
    0.375
    """
    precision, recall = _curve(precision, recall)
    return step_area(_envelope(precision), recall)


def eleven_point_area(precision: np.ndarray, recall: np.ndarray) -> float:
    """The mean of the envelope at recall 0, 0.1, …, 1; where recall never comes, it is 0.

    >>> round(eleven_point_area(np.array([0.0, 0.5, 0.75]), np.array([0.0, 0.25, 0.5])), 3)
    0.409
    """
    precision, recall = _curve(precision, recall)
    reached = np.searchsorted(recall, np.arange(11) / 10)
    return float(np.append(_envelope(precision), 0.0)[reached].mean())


def _envelope(precision: np.ndarray) -> np.ndarray:
    """At each place the best precision from there on."""
    return np.maximum.accumulate(precision[::-1])[::-1]


def _curve(precision: Any, recall: Any) -> tuple[np.ndarray, np.ndarray]:
    """A curve as `precision_recall` gives it."""
    precision, recall = given.numbers("precision", precision), given.numbers("recall", recall)
    if precision.ndim != 1 or precision.shape != recall.shape:
        raise ValueError(
            f"recall: expected shape (N,), as precision, got {recall.shape} and {precision.shape}"
        )
    if (np.diff(recall) < 0).any():
        raise ValueError("recall: expected numbers that never fall, best score first")
    return precision, recall
