"""Boxes in a frame: how much two overlap, which of many to keep, how good a detector is."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import extents, given, matching

NAMES = "x0 y0 x1 y1"


def box_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of ``a`` with each of ``b``.

    Args:
        a: ``(N, 4)``, (x0, y0, x1, y1) in px or as shares of the frame.
        b: ``(M, 4)``.

    Returns:
        ``(N, M)``, torchvision's numbers. Two boxes without area overlap by 0, where torchvision
        has NaN.

    Raises:
        ValueError: a shape, x1 < x0, y1 < y0, NaN or infinity.
        TypeError: no numbers.

    >>> box_iou([(0, 0, 2, 2)], [(1, 0, 3, 2), (2, 2, 3, 3)]).round(3).tolist()
    [[0.333, 0.0]]
    """
    return extents.overlaps(_boxes("a", a), _boxes("b", b))


def nms_2d(boxes: np.ndarray, scores: np.ndarray, iou: float) -> np.ndarray:
    """Non-maximum suppression: of boxes that overlap by more than ``iou``, keep the best.

    Args:
        boxes: ``(N, 4)``, all of one class and one frame.
        scores: ``(N,)``; of equal ones the box listed first is better.
        iou: from 0 to 1. A box that overlaps a better one by exactly this much stays.

    Returns:
        Indices of those kept, int64, best first, as ``torchvision.ops.nms`` has them.

    >>> nms_2d([(0, 0, 4, 4), (1, 0, 5, 4), (6, 0, 9, 4)], [0.8, 0.9, 0.3], 0.5).tolist()
    [1, 2]
    """
    boxes = _boxes("boxes", boxes)
    return extents.suppress(boxes, given.scores_of(boxes, scores), given.share("iou", iou))


def frame_map(
    predictions: Iterable[Sequence[Any]], truths: Iterable[Sequence[Any]], iou: float = 0.5
) -> float:
    """Mean average precision of labelled boxes in frames, as AVA evaluates it (PASCAL style).

    As `temporal_map`, but a prediction tries only the truth that it overlaps most (the one listed
    first, of equals): if that is taken already, the prediction is false, though another truth may
    be free. Predicted boxes without area are left out before anything is counted, as AVA's
    evaluator does.

    A frame that no truth names holds nothing: predictions in it are false. AVA's script reads a
    list of frames first and drops predictions outside it, and of each frame it keeps the 50 of
    highest score: do so before the call if you mean to compare with published numbers.

    Args:
        predictions: rows (frame, label, x0, y0, x1, y1, score); a frame is named by anything that
            can be looked up, as (video, timestamp). Of equal scores the one listed first ranks
            first.
        truths: rows (frame, label, x0, y0, x1, y1).
        iou: the least overlap of a hit, from 0 to 1.

    Raises:
        ValueError: no truth, or a row that does not fit: its number is named.
        TypeError: a coordinate or score is no number, or a frame or label cannot be looked up.

    >>> truths = [("f", "sit", 0, 0, 4, 4), ("f", "sit", 2, 0, 6, 4)]
    >>> predictions = [("f", "sit", 0, 0, 4, 4, 0.9), ("f", "sit", 0, 0, 5, 4, 0.8)]
    >>> frame_map(predictions, truths)
    0.5
    """
    fields = "frame, label, x0, y0, x1, y1"
    predicted = matching.rows("predictions", predictions, f"{fields}, score")
    with_area = [row for row in predicted if extents.size(row.extent[None])[0] > 0]
    there = matching.rows("truths", truths, fields)
    threshold = given.share("iou", iou)
    return float(matching.mean_over_classes(with_area, there, matching.best_only, [threshold])[0])


def _boxes(argument: str, value: np.ndarray) -> np.ndarray:
    return np.atleast_2d(given.extents(argument, value, NAMES))
