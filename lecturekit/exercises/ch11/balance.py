"""One number added to each class: what top-1 may gain where mAP cannot."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property

LEAST = 10
"""Points of top-1 to be gained on other films."""

Films = tuple[np.ndarray, np.ndarray]


def _films(rng: np.random.Generator, lean: np.ndarray, shares: np.ndarray, count: int) -> Films:
    """Scores of a network that leans to some classes, and labels, with these shares of films."""
    labels = rng.choice(len(shares), count, p=shares)
    scores = rng.normal(0, 1.3, (count, len(shares))) + rng.normal(0, 1.0, (count, 1)) + lean
    scores[np.arange(count), labels] += 3.0
    return scores, labels


@lru_cache(maxsize=1)
def _worlds() -> dict[int, tuple[Films, Films]]:
    """By the number of validation films: these, and other films of the same network.

    Classes' shares of the *test* are even in the first two worlds. In the third they are not, and
    its last class has no film.
    """
    worlds = {}
    uneven = np.array([6, 1, 3, 2, 4, 2, 5, 1, 3, 0]) / 27
    for seed, (classes, count, shares) in enumerate(
        [(8, 500, np.full(8, 1 / 8)), (5, 300, np.full(5, 1 / 5)), (10, 700, uneven)]
    ):
        rng = np.random.default_rng([11, seed])
        lean = np.log(rng.permutation(np.geomspace(1, 60, classes)))
        worlds[count] = (_films(rng, lean, shares, count), _films(rng, lean, shares, 4000))
    return worlds


def _cases() -> list[Films]:
    return [validation for validation, _ in _worlds().values()]


def _top1(scores: np.ndarray, labels: np.ndarray) -> float:
    return 100 * float((scores.argmax(1) == labels).mean())


def _gain(got: Any, labels: np.ndarray) -> float:
    """Points of top-1 that the numbers gain on the other films."""
    scores, truths = _worlds()[len(labels)][1]
    return _top1(scores + np.asarray(got, float), truths) - _top1(scores, truths)


def _has_shape(got: Any, scores: Any) -> bool:
    return np.shape(got) == (np.shape(scores)[1],)


def _of_others(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A right answer: minus the mean over the films that are not of the class."""
    own = np.eye(scores.shape[1], dtype=bool)[labels]
    return -(scores * ~own).sum(0) / (~own).sum(0)


def _one_class(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Only the class that is answered most often."""
    most = np.bincount(scores.argmax(1)).argmax()
    return np.where(np.arange(scores.shape[1]) == most, _of_others(scores, labels), 0.0)


def _log_shares(scores: np.ndarray, labels: np.ndarray, sign: int) -> np.ndarray:
    counts = np.bincount(labels, minlength=scores.shape[1])
    return sign * np.log((counts + 1) / (len(labels) + scores.shape[1]))


def _log_counts(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Infinite where a class has no film."""
    with np.errstate(divide="ignore"):
        return -np.log(np.bincount(labels, minlength=scores.shape[1]))


def _like(numbers: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[..., bool]:
    """The symptom: these numbers, but for one added to all."""

    def symptom(got: Any, scores: np.ndarray, labels: np.ndarray) -> bool:
        away = np.asarray(got, float) - numbers(scores, labels)
        return _has_shape(got, scores) and float(np.ptp(away)) < 1e-3

    return symptom


def _known(numbers: Callable[[np.ndarray, np.ndarray], np.ndarray], hint: str) -> Misconception:
    return Misconception(numbers, hint, _like(numbers))


REBALANCED = Exercise(
    name="rebalanced",
    kind="experiment",
    cases=_cases,
    properties=[
        Property(
            "one number for each class: K numbers",
            lambda got, scores, _: _has_shape(got, scores),
        ),
        Property("no NaN, no infinity", lambda got, *_: bool(np.isfinite(np.asarray(got)).all())),
        Property(
            f"top-1 on other films of the network rises by {LEAST} points or more",
            lambda got, _, labels: _gain(got, labels) >= LEAST,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda scores, labels: np.zeros(np.shape(scores)[1]),
            "the same number for all classes is a change by film: top-1 stays. Which classes does "
            "the network name too often?",
            lambda got, scores, _: _has_shape(got, scores)
            and float(np.ptp(np.asarray(got, float))) < 1e-6,
        ),
        Misconception(
            lambda scores, labels: -np.asarray(scores).mean(1),
            "you return a number for each *film*. Added to all its scores, it leaves top-1. Take "
            "the mean the other way.",
            lambda got, scores, _: np.shape(got) in ((len(scores),), (len(scores), 1)),
        ),
        Misconception(
            lambda scores, labels: np.asarray(scores) / 2,
            "you return new scores. Wanted: one number for each class, to be added on films that "
            "you do not see.",
            lambda got, scores, _: np.shape(got) == np.shape(scores),
        ),
        Misconception(
            lambda scores, labels: _of_others(np.asarray(scores), labels)[None],
            "the right numbers may be in there, but the shape is `(1, K)`. Wanted: `(K,)`.",
            lambda got, scores, _: np.shape(got) == (1, np.shape(scores)[1]),
        ),
        Misconception(
            lambda scores, labels: -_of_others(np.asarray(scores), labels),
            "the wrong way round: the classes that are named too often get still more. Look at "
            "the sign.",
            lambda got, scores, labels: _has_shape(got, scores)
            and _gain(-np.asarray(got, float), labels) >= LEAST,
        ),
        Misconception(
            _one_class,
            "only one class's scores are moved. The network leans to several.",
            lambda got, scores, _: _has_shape(got, scores)
            and np.count_nonzero(np.asarray(got, float) - np.median(got)) <= 1,
        ),
        _known(
            lambda scores, labels: _log_shares(scores, labels, -1),
            "those are the shares of classes in the labels that you were given. The network leans "
            "because of the films that it was trained on. How its *scores* stand tells you.",
        ),
        _known(
            lambda scores, labels: _log_shares(scores, labels, 1),
            "shares of classes in the labels say how many films there are, and not how the network "
            "leans. How its *scores* stand tells you.",
        ),
        _known(
            lambda scores, labels: -np.asarray(scores).std(0),
            "how far scores spread is not how high they stand.",
        ),
        Misconception(
            _log_counts,
            "a class may have no film here: log 0. And are these counts the right ones? How the "
            "network's *scores* stand tells you, not how many films there are.",
            lambda got, *_: bool(np.isinf(np.asarray(got, float)).any()),
        ),
        Misconception(
            lambda scores, labels: _without_guard(np.asarray(scores), labels),
            "0 over 0: a class may have no film here, so there is no mean over its films. What can "
            "you take a mean of that is always there?",
            lambda got, *_: bool(np.isnan(np.asarray(got, float)).any()),
        ),
    ],
)  # fmt: skip


def _without_guard(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Minus the mean over a class's own films, NaN where it has none."""
    own = np.eye(scores.shape[1])[labels]
    count = own.sum(0)
    return np.where(count, -(scores * own).sum(0) / np.maximum(count, 1), np.nan)
