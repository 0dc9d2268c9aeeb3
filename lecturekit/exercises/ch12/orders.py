"""How far two rankings agree, by ranks."""

from itertools import pairwise

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property


def _cases() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(12)
    flops = rng.lognormal(3, 1.5, 9)
    return [
        (np.array([1.0, 2, 3, 4]), np.array([10.0, 20, 30, 1000])),
        (np.array([1.0, 2, 3, 4]), np.array([4.0, 3, 2, 1])),
        (flops, flops * rng.lognormal(0, 0.8, 9)),
        (np.array([3.0, 1, 2, 5, 4]), np.array([1.0, 5, 2, 4, 3])),
        (np.array([5.0, 5, 5, 2, 9, 2]), np.array([1.0, 4, 4, 3, 6, 2])),
        (np.array([0.5, 0.5, 0.1, 0.9]), np.array([7.0, 8, 8, 9])),
    ]


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    smaller = (values[:, None] > values).sum(1)
    equal = (values[:, None] == values).sum(1)
    return smaller + (equal + 1) / 2


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(np.asarray(a, float), np.asarray(b, float))[0, 1])


def _answer(a: np.ndarray, b: np.ndarray) -> float:
    return _pearson(_mean_ranks(a), _mean_ranks(b))


def _places(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def _kendall(a: np.ndarray, b: np.ndarray) -> float:
    i, j = np.triu_indices(len(a), 1)
    a, b = np.asarray(a), np.asarray(b)
    return float((np.sign(a[i] - a[j]) * np.sign(b[i] - b[j])).mean())


def _by_formula(a: np.ndarray, b: np.ndarray) -> float:
    n, gaps = len(a), _mean_ranks(a) - _mean_ranks(b)
    return float(1 - 6 * (gaps**2).sum() / (n * (n * n - 1)))


def _least_ranks(values: np.ndarray) -> np.ndarray:
    return (np.asarray(values)[:, None] > np.asarray(values)).sum(1)


def _has_ties(values: np.ndarray) -> bool:
    return any(low == high for low, high in pairwise(np.sort(values)))


def _near(got: float, a: np.ndarray, b: np.ndarray) -> bool:
    return abs(float(got) - _answer(a, b)) < 1e-6


SPEARMAN = Exercise(
    name="spearman",
    kind="build",
    cases=_cases,
    properties=[
        Property("one number from −1 to 1", lambda got, *_: -1 - 1e-9 <= float(got) <= 1 + 1e-9),
        Property(
            "the correlation of the ranks",
            lambda got, a, b: _has_ties(a) or _has_ties(b) or _near(got, a, b),
        ),
        Property("equal values share the mean of their ranks", _near),
    ],
    misconceptions=[
        Misconception(
            _pearson,
            "that is the correlation of the values. One network that costs a thousand times as "
            "much would decide it: take ranks first.",
        ),
        Misconception(
            lambda a, b: _pearson(_places(a), _places(b)),
            "right without ties. Equal values got different ranks, by the order they were given "
            "in: they share the mean of their ranks.",
            lambda got, a, b: _has_ties(a) or _has_ties(b),
        ),
        Misconception(
            lambda a, b: _pearson(np.argsort(a, kind="stable"), np.argsort(b, kind="stable")),
            "`argsort` says *who* stands at each place. A rank says at which place each one "
            "stands: it is the inverse.",
            # Which of two equal values comes first is not the same in every sort.
            lambda got, a, b: abs(got - _pearson(np.argsort(a), np.argsort(b))) < 1e-6,
        ),
        Misconception(
            lambda a, b: _pearson(_least_ranks(a), _least_ranks(b)),
            "equal values share a rank, but the lowest of theirs. Wanted: the mean, so that all "
            "ranks have the same sum as without ties.",
        ),
        Misconception(_kendall, "that counts pairs: Kendall's τ. Spearman's ρ is another number."),
        Misconception(
            _by_formula,
            "1 − 6 Σ d² / (n (n² − 1)) is a short form that holds without ties alone. Correlate "
            "the ranks.",
        ),
    ],
)
