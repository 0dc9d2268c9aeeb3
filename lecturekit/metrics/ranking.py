"""How well scores put the right class, or the right clips, on top."""

import warnings

import numpy as np

from lecturekit import checks

from . import given
from .curves import precision_recall, step_area


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
        TypeError: k is no whole number, or scores are no numbers.

    >>> topk_accuracy(np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 1]))
    0.5
    """
    scores, labels = given.numbers("scores", scores), np.asarray(labels)
    checks.shape("scores", scores, "N K")
    checks.shape("labels", labels, f"{len(scores)}")
    last = scores.shape[1] - 1
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > last:
        got = f"{labels.dtype} from {labels.min()} to {labels.max()}"
        raise ValueError(f"labels: expected whole numbers from 0 to {last}, got {got}")
    checks.integer("k", k, 1, scores.shape[1])
    own = np.take_along_axis(scores, labels[:, None], 1)
    better_or_equal = (scores >= own).sum(1) - 1
    return float((better_or_equal < k).mean())


def average_precision(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under precision over recall, by steps: the mean precision at which positives are found.

    Equal scores are one threshold: all that share a score are found at once, so their order in
    the list changes nothing. This is scikit-learn's ``average_precision_score``.

    Args:
        scores: ``(N,)``; only their order matters.
        labels: ``(N,)``: 1 for a positive, 0 for a negative.

    Raises:
        ValueError: shapes that differ, NaN, a label that is neither 0 nor 1, or no positive at
            all: then there is nothing to find.
        TypeError: no numbers.

    >>> average_precision(np.array([0.9, 0.8, 0.7, 0.6]), np.array([1, 0, 0, 1]))
    0.75
    """
    scores = given.numbers("scores", scores)
    checks.shape("scores", scores, "N")
    labels = given.zeros_and_ones("labels", labels, scores.shape)
    if not labels.any():
        raise ValueError("labels: expected at least one positive, got only 0")
    return _average_precision(scores, labels)


def mean_average_precision(scores: np.ndarray, labels: np.ndarray) -> float:
    """The mean over classes of `average_precision`: each class ranks all clips by its own scores.

    A class without positives has no average precision. It is left out of the mean, and a warning
    names it.

    Args:
        scores: ``(N, K)``: of each clip a score for each class.
        labels: ``(N, K)``: 1 where the clip shows the class, else 0.

    Raises:
        ValueError: as `average_precision`; no positive in any class.
        TypeError: no numbers.

    >>> scores = np.array([[0.9, 0.2], [0.1, 0.8]])
    >>> mean_average_precision(scores, np.array([[1, 1], [0, 0]]))
    0.75
    """
    scores = given.numbers("scores", scores)
    checks.shape("scores", scores, "N K")
    labels = given.zeros_and_ones("labels", labels, scores.shape)
    there = labels.any(0)
    if not there.any():
        raise ValueError("labels: expected at least one positive, got only 0")
    if not there.all():
        absent = ", ".join(map(str, np.flatnonzero(~there)))
        warnings.warn(f"labels: no positive for class {absent}: left out of the mean", stacklevel=2)
    return float(
        np.mean([_average_precision(scores[:, k], labels[:, k]) for k in np.flatnonzero(there)])
    )


def multi_view(scores: np.ndarray, how: str = "probabilities") -> np.ndarray:
    """One score for each film and class from several views (clips, crops) of it.

    Args:
        scores: ``(N, V, K)``, of each view as the network gives them (logits).
        how: "probabilities": softmax of each view over the classes, then the mean: a view that is
            sure of itself has no more than its share. "scores": the mean of the scores as they
            are: it may.

    Returns:
        ``(N, K)``.

    >>> views = np.array([[[9.0, 0.0], [0.0, 1.0], [0.0, 1.0]]])
    >>> multi_view(views, "scores").round(2).tolist()
    [[3.0, 0.67]]
    >>> multi_view(views).round(2).tolist()
    [[0.51, 0.49]]
    """
    checks.one_of("how", how, ("probabilities", "scores"))
    scores = given.finite("scores", scores)
    checks.shape("scores", scores, "N V K")
    if how == "probabilities":
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
    return scores.mean(1)


def _average_precision(scores: np.ndarray, positive: np.ndarray) -> float:
    order = np.argsort(-scores)
    ranked = scores[order]
    # A threshold lets in all that share its score: only the last of them is a point of the curve.
    threshold = np.append(ranked[1:] != ranked[:-1], True)
    precision, recall = precision_recall(positive[order], int(positive.sum()))
    return step_area(precision[threshold], recall[threshold])
