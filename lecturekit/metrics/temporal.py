"""Segments in time: how much two overlap, which of many to keep, how good a detector is."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import extents, given, matching

NAMES = "start stop"

ERRORS = ("true", "wrong class", "bad boundary", "double", "background")
"""What a prediction can be; see :func:`sort_errors`."""

_TOUCHES = 0.1
"""A prediction that overlaps every truth by less found nothing there (DETAD's number)."""


def temporal_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray | float:
    """Intersection over union of segments (tIoU): the share of their joint time that both cover.

    Args:
        a: one segment (start, stop), or many ``(N, 2)``; seconds or frames, half open.
        b: the same, ``(M, 2)``.

    Returns:
        A float for two single segments, ``(N, M)`` for many with many, ``(M,)`` for one with many.
        Two empty segments overlap by 0.

    Raises:
        ValueError: a shape, stop < start, NaN or infinity.
        TypeError: no numbers.

    >>> temporal_iou((0, 10), (5, 15))
    0.3333333333333333
    >>> temporal_iou((0, 10), [(0, 10), (0, 5), (10, 20)]).tolist()
    [1.0, 0.5, 0.0]
    """
    a, b = given.extents("a", a, NAMES), given.extents("b", b, NAMES)
    pairs = extents.overlaps(np.atleast_2d(a), np.atleast_2d(b))
    pairs = pairs.reshape(a.shape[:-1] + b.shape[:-1])
    return pairs if pairs.ndim else float(pairs)


def nms_1d(segments: np.ndarray, scores: np.ndarray, tiou: float) -> np.ndarray:
    """Non-maximum suppression: of segments that overlap by more than ``tiou``, keep the best.

    All segments are taken to be of one class and one film: call it for each.

    Args:
        segments: ``(N, 2)``, (start, stop).
        scores: ``(N,)``; of equal ones the segment listed first is better.
        tiou: from 0 to 1. A segment that overlaps a better one by exactly this much stays.

    Returns:
        Indices of those kept, int64, best first.

    >>> nms_1d([(0, 10), (1, 11), (20, 30)], [0.8, 0.9, 0.3], 0.5).tolist()
    [1, 2]
    """
    segments = np.atleast_2d(given.extents("segments", segments, NAMES))
    scores = given.scores_of(segments, scores)
    return extents.suppress(segments, scores, given.share("tiou", tiou))


def temporal_map(
    predictions: Iterable[Sequence[Any]],
    truths: Iterable[Sequence[Any]],
    tious: Iterable[float],
) -> dict[float, float]:
    """Mean average precision of segments at each tIoU asked for, as ActivityNet evaluates it.

    Class by class, predictions of all films come by falling score. Each tries the truths of its
    film by falling tIoU and takes the first that is free and overlaps by the threshold or more;
    one that takes none is false. The interpolated area under precision over recall is the class's
    average precision, and the mean is taken over the classes that have truths: predictions of
    other classes count nowhere. A prediction in a film without truths of its class is false.

    Args:
        predictions: rows (video, label, start_sec, stop_sec, score). Of equal scores the one
            listed first ranks first.
        truths: rows (video, label, start_sec, stop_sec).
        tious: thresholds from 0 to 1.

    Returns:
        From each threshold to its mean average precision; 0 without predictions.

    Raises:
        ValueError: no truth, no threshold, or a row that does not fit: its number is named.
        TypeError: a coordinate or score is no number, or a video or label cannot be looked up.

    >>> truths = [("a", "jump", 0, 10), ("a", "jump", 20, 30)]
    >>> temporal_map([("a", "jump", 1, 10, 0.9), ("a", "jump", 20, 25, 0.5)], truths, [0.5, 0.7])
    {0.5: 1.0, 0.7: 0.5}
    """
    if isinstance(tious, (str, bytes)) or not isinstance(tious, Iterable):
        raise TypeError(f"tious: expected several numbers from 0 to 1, got {tious!r}")
    thresholds = [given.share("tious", tiou) for tiou in tious]
    if not thresholds:
        raise ValueError("tious: expected at least one threshold, got none")
    rows = _rows(predictions, truths)
    found = matching.mean_over_classes(*rows, matching.best_free, thresholds)
    return dict(zip(thresholds, found.tolist(), strict=True))


def sort_errors(
    predictions: Iterable[Sequence[Any]], truths: Iterable[Sequence[Any]], tiou: float
) -> list[str]:
    """What each prediction is: true, or one of four kinds of error.

    After DETAD (Alwassel et al. 2018, "Diagnosing Error in Temporal Action Detectors"). True is
    what :func:`temporal_map` counts as right. A false prediction is judged by the truth of its
    film that it overlaps most, whatever its class:

    background     it overlaps none, or by less than 0.1
    wrong class    that truth is of another class (below ``tiou`` DETAD calls it confusion)
    double         of its own class and overlapped by ``tiou``: a better prediction has taken it
    bad boundary   of its own class, but overlapped by less

    Args:
        predictions: rows (video, label, start_sec, stop_sec, score).
        truths: rows (video, label, start_sec, stop_sec).
        tiou: what a true prediction overlaps its truth by, from 0 to 1.

    Returns:
        For each prediction one of ``ERRORS``, in the order listed.

    Raises:
        ValueError, TypeError: as :func:`temporal_map`; but there may be no truth.

    >>> truths = [("a", "jump", 0, 10), ("a", "wave", 20, 30)]
    >>> found = [("a", "jump", 0, 9, 0.9), ("a", "jump", 0, 8, 0.8), ("a", "jump", 20, 30, 0.7)]
    >>> sort_errors(found, truths, 0.5)
    ['true', 'double', 'wrong class']
    """
    predicted, there = _rows(predictions, truths)
    tiou = given.share("tiou", tiou)
    hits = matching.hits(predicted, there, matching.best_free, tiou)
    return [
        "true" if hit else _error(row, there, tiou)
        for row, hit in zip(predicted, hits, strict=True)
    ]


def _error(prediction: matching.Row, truths: list[matching.Row], tiou: float) -> str:
    """The kind of a false prediction; of truths overlapped equally one of its class decides."""
    overlap, own = max(
        (
            (float(extents.overlaps(prediction.extent[None], truth.extent[None])[0, 0]), same)
            for truth in truths
            if truth.place == prediction.place
            for same in [truth.label == prediction.label]
        ),
        default=(0.0, False),
    )
    if overlap < _TOUCHES:
        return "background"
    if not own:
        return "wrong class"
    return "double" if overlap >= tiou else "bad boundary"


def _rows(
    predictions: Iterable[Sequence[Any]], truths: Iterable[Sequence[Any]]
) -> tuple[list[matching.Row], list[matching.Row]]:
    fields = "video, label, start_sec, stop_sec"
    return (
        matching.rows("predictions", predictions, f"{fields}, score"),
        matching.rows("truths", truths, fields),
    )
