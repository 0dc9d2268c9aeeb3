"""How far a number would move with other clips, or other seeds."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lecturekit import checks

from . import given


class Interval(NamedTuple):
    """A number, and where most resamples put it."""

    estimate: float
    low: float
    high: float


class PairedDifference(NamedTuple):
    """Of two rows of results taken pair by pair: what the first has more than the second."""

    mean: float
    least: float
    """of all pairs, lowest"""
    most: float
    low: float
    """the bootstrap interval of the mean"""
    high: float


def bootstrap_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], float] = np.mean,
    *,
    seed: int = 0,
    level: float = 0.95,
    num_resamples: int = 1000,
) -> Interval:
    """Where a statistic falls if the samples are drawn anew from themselves, with replacement.

    The percentile bootstrap: N rows are drawn from the N there are, some twice and some never, the
    statistic is taken of them, again and again; the middle ``level`` of its values is the interval.
    Draw what is independent: films rather than clips of the same film.

    Args:
        values: ``(N, …)``, one row for each sample; N at least 2.
        statistic: from drawn rows to a number. To draw several arrays together, draw row numbers:
            ``bootstrap_interval(np.arange(N), lambda drawn: average_precision(scores[drawn],
            labels[drawn]))``.
        seed: of the draws.
        level: the share of resamples inside, above 0 and at most 1.
        num_resamples: how many.

    Raises:
        ValueError: fewer than 2 rows, or a number out of range.

    >>> right = np.repeat([1.0, 0.0], [80, 20])
    >>> [round(end, 2) for end in bootstrap_interval(right)]
    [0.8, 0.72, 0.88]
    """
    values = np.asarray(values)
    if values.ndim == 0 or len(values) < 2:
        raise ValueError(f"values: expected at least 2 rows, got shape {values.shape}")
    checks.number("level", level, 0, 1)
    checks.integer("num_resamples", num_resamples, 1)
    checks.integer("seed", seed, 0)
    draw = np.random.default_rng(seed).integers
    found = [
        float(statistic(values[draw(0, len(values), len(values))])) for _ in range(num_resamples)
    ]
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(statistic(values)), float(low), float(high))


def paired_difference(
    a: np.ndarray, b: np.ndarray, *, seed: int = 0, level: float = 0.95
) -> PairedDifference:
    """What ``a`` has more than ``b``, pair by pair: the same clip, or the same seed, in both.

    What makes a clip hard, or a seed lucky, is in both and goes away in the difference, so that it
    says more than two means side by side. Over a few seeds read ``least`` and ``most``: whether
    all pairs agree. The interval is for many pairs, as the clips of a test: resampling five numbers
    cannot show how far a sixth may lie.

    Args:
        a: ``(N,)`` results.
        b: ``(N,)`` the other's, in the same order.
        seed: of the bootstrap's draws.
        level: of the interval.

    Returns:
        The differences' mean, least and most, and the interval of the mean (NaN if N is 1).

    >>> paired_difference([0.75, 0.5, 1.0], [0.5, 0.5, 0.75])[:3]
    (0.16666666666666666, 0.0, 0.25)
    """
    a, b = given.finite("a", a), given.finite("b", b)
    checks.shape("a", a, "N")
    if a.shape != b.shape:
        raise ValueError(f"b: expected shape {a.shape}, as a, got {b.shape}")
    gaps = a - b
    low = high = np.nan
    if len(gaps) > 1:
        _, low, high = bootstrap_interval(gaps, seed=seed, level=level)
    return PairedDifference(float(gaps.mean()), float(gaps.min()), float(gaps.max()), low, high)
