"""Segments and boxes at once: a segment is a box of one dimension.

An extent is a row of 2D numbers, D starts and then D stops: (start, stop) or (x0, y0, x1, y1).
"""

import numpy as np


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each of ``a (N, 2D)`` with each of ``b (M, 2D)``: ``(N, M)``.

    Where both are empty the union is too, and the overlap is 0.
    """
    half = a.shape[1] // 2
    start = np.maximum(a[:, None, :half], b[:, :half])
    stop = np.minimum(a[:, None, half:], b[:, half:])
    shared = np.maximum(stop - start, 0).prod(-1)
    union = size(a)[:, None] + size(b) - shared
    return np.divide(shared, union, out=np.zeros_like(union), where=union > 0)


def size(extents: np.ndarray) -> np.ndarray:
    """Length or area: ``(N, 2D)`` to ``(N,)``."""
    half = extents.shape[1] // 2
    return (extents[:, half:] - extents[:, :half]).prod(-1)


def suppress(extents: np.ndarray, scores: np.ndarray, most: float) -> np.ndarray:
    """Keep the best, drop what overlaps it by more than ``most``; again with what is left.

    Returns:
        Indices of those kept, int64, best first; of equal scores the one listed first is better.
    """
    left = np.argsort(-scores, kind="stable")
    kept = []
    while len(left):
        best, others = left[0], left[1:]
        kept.append(best)
        left = others[overlaps(extents[[best]], extents[others])[0] <= most]
    return np.array(kept, np.int64)
