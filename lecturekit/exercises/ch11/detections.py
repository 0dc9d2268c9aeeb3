"""The average precision of a detector in time, to be mended."""

from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from lecturekit import metrics
from lecturekit.exercises import Exercise, Misconception, Property, same

Found = list[tuple[str, float, float, float]]
Truths = list[tuple[str, float, float]]


def _drawn(seed: int, films: int, truths: int, answers: int, tiou: float) -> tuple:
    """Answers around truths, several to some, on films with truths and one without."""
    rng = np.random.default_rng(seed)
    true = []
    for k in range(truths):
        start = 12 * (k // films) + rng.integers(0, 8) / 2
        true.append((f"film {k % films}", float(start), float(start + rng.integers(6, 14) / 2)))
    found = []
    for score in rng.permutation(answers):
        film, start, stop = true[rng.integers(truths)]
        moved = sorted((start + rng.normal(0, 0.9), stop + rng.normal(0, 0.9)))
        film = "an empty film" if rng.uniform() < 0.2 else film
        found.append((film, *map(float, moved), float(score) / answers))
    return found, true, tiou


_TWICE = [("a", 0.0, 4.0), ("a", 0.0, 4.0), ("b", 1.0, 3.0)]


def _cases() -> list[tuple[Found, Truths, float]]:
    """Two near truths, one for each; drawn ones; equal scores; equal truths; nothing found."""
    near = [("a", 0.0, 10.0), ("a", 2.0, 12.0), ("b", 0.0, 4.0)]
    return [
        ([("a", 1.0, 10.5, 0.9), ("b", 6.0, 8.0, 0.8), ("a", 0.5, 10.0, 0.7)], near, 0.5),
        _drawn(1, 3, 7, 24, 0.5),
        _drawn(4, 2, 5, 30, 0.3),
        # Exactly at the threshold: 5 of 10 seconds.
        ([("b", 0.0, 5.0, 0.4), ("a", 0.0, 3.0, 0.9)], [("a", 3.0, 9.0), ("b", 0.0, 10.0)], 0.5),
        # Equal scores: right, right, wrong.
        (
            [("a", 0.0, 4.0, 0.5), ("b", 1.0, 3.0, 0.5), ("c", 0.0, 1.0, 0.5)],
            [*_TWICE[1:], ("d", 0.0, 1.0)],
            0.5,
        ),
        # The first answer overlaps two truths, and the one listed second most.
        ([("a", 0.5, 10.0, 0.9), ("a", 4.0, 13.0, 0.8)], [near[1], near[0]], 0.5),
        # The same times in two films.
        ([("b", 0.0, 4.0, 0.2), ("a", 0.0, 4.0, 0.8)], [("a", 0.0, 4.0), ("b", 0.0, 4.0)], 0.5),
        ([("a", 0.0, 4.0, 0.9), ("a", 0.5, 4.0, 0.8), ("a", 0.0, 3.9, 0.3)], _TWICE, 0.5),
        ([], near, 0.5),
        ([("c", 0.0, 4.0, 0.9)], near, 0.5),
        _drawn(11, 4, 9, 40, 0.7),
    ]


def _best_first(overlaps: list[float]) -> list[int]:
    return sorted(range(len(overlaps)), key=lambda k: -overlaps[k])


def _ap(
    *,
    order: Callable[[Found], Found] = lambda found: sorted(found, key=lambda a: -a[3]),
    tries: Callable[[list[float]], list[int]] = _best_first,
    again: bool = False,
    silent: bool = False,
    skips: bool = False,
    over: Callable[..., float] = lambda found, taken, truths: len(truths),
    above: bool = False,
    area: Callable[..., float] = lambda precision, right: float((precision * right).sum()),
    one: Callable[[tuple], Any] = lambda truth: None,
) -> Callable[[Found, Truths, float], float]:
    """The mended evaluation, with another way to do one thing.

    Args:
        order: of the answers.
        tries: which truths of a film an answer tries, in order.
        again: a truth can be found again and again.
        silent: answers whose truth is taken do not count at all.
        skips: answers in films without truths do not count.
        over: by what the sum is divided.
        above: an answer exactly at the threshold is wrong.
        area: the sum.
        one: truths for which this is equal count as one that is taken; None: each is its own.
    """

    def answer(found: Found, truths: Truths, tiou: float) -> float:
        right, taken = [], set()
        for film, start, stop, _ in order(found):
            here = [k for k, truth in enumerate(truths) if truth[0] == film]
            if skips and not here:
                continue
            overlaps = [_overlap(start, stop, truths[k][1:]) for k in here]
            enough = [overlap > tiou if above else overlap >= tiou for overlap in overlaps]
            name = {k: k if one(truths[k]) is None else one(truths[k]) for k in here}
            near = [here[k] for k in tries(overlaps) if enough[k]]
            free = [k for k in near if again or name[k] not in taken]
            if near and not free and silent:
                continue
            right.append(bool(free))
            taken |= {name[k] for k in free[:1]}
        precision = np.cumsum(right) / np.arange(1, len(right) + 1)
        return area(precision, np.array(right, bool)) / max(over(right, taken, truths), 1)

    return answer


@lru_cache(maxsize=10_000)
def _overlap(start: float, stop: float, truth: tuple[float, float]) -> float:
    return metrics.temporal_iou((start, stop), truth)


_RIGHT = _ap()


def _interpolated(precision: np.ndarray, right: np.ndarray) -> float:
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best * right).sum())


def _as_in_ties(found: Found, truths: Truths, tiou: float) -> float:
    """Equal scores as one threshold."""
    ranked = sorted(found, key=lambda a: -a[3])
    scores = np.array([a[3] for a in ranked])

    def area(precision: np.ndarray, right: np.ndarray) -> float:
        last = np.searchsorted(-scores, -scores, side="right") - 1
        return float((precision[last] * right).sum())

    return _ap(area=area)(found, truths, tiou)


def _by_film(found: Found, truths: Truths, tiou: float) -> float:
    """The mean of the films' own."""
    films = sorted({film for film, *_ in truths})
    aps = [
        _RIGHT([a for a in found if a[0] == film], [t for t in truths if t[0] == film], tiou)
        for film in films
    ]
    return float(np.mean(aps))


_FAULTS = {
    "over": (
        {"over": lambda right, taken, truths: len(taken)},
        "a detector that finds one truth of ten, and says nothing else, has 1.0 here.",
    ),
    "again": (
        {"again": True},
        "answer the same segment ten times: how often is its truth found?",
    ),
    "skips": (
        {"skips": True},
        "what does an answer cost in a film where nothing happens?",
    ),
}
"""What is wrong with the code given: how, and what shows it."""


def _still(*faults: str) -> Misconception:
    how: dict[str, Any] = {}
    for fault in faults:
        how |= _FAULTS[fault][0]
    count = {1: "one fault is left", 2: "two faults are left", 3: "nothing is mended yet"}
    shown = " And: ".join(_FAULTS[fault][1] for fault in faults)
    return Misconception(_ap(**how), f"{count[len(faults)]}: {shown}")


def _known(hint: str, **how: Any) -> Misconception:
    return Misconception(_ap(**how), hint)


DETECTION_AP = Exercise(
    name="detection_ap",
    kind="debug",
    cases=_cases,
    properties=[
        Property("a number", lambda got, *_: np.size(got) == 1 and bool(np.isfinite(float(got)))),
        Property(
            "the sum of the precisions at right answers, over all truths, each found once",
            lambda got, *case: same(float(got), _RIGHT(*case)),
        ),
    ],
    misconceptions=[
        *(
            _still(*faults)
            for number in (3, 2, 1)
            for faults in combinations(_FAULTS, number)
        ),
        _known(
            "an answer whose best truth is taken tries the next one: it may overlap that enough, "
            "too. You stop at the best.",
            tries=lambda overlaps: _best_first(overlaps)[:1],
        ),
        _known(
            "an answer takes the free truth that it overlaps *most*, not the first in the list.",
            tries=lambda overlaps: list(range(len(overlaps))),
        ),
        _known(
            "an answer that finds a truth already taken is wrong. You leave it out.",
            silent=True,
        ),
        _known(
            "exactly at the threshold is enough: at or above.",
            above=True,
        ),
        _known(
            "by steps, without interpolation: each precision as it is.",
            area=_interpolated,
        ),
        Misconception(
            _as_in_ties,
            "here equal scores count one by one, in the order given.",
        ),
        Misconception(
            _by_film,
            "one list for all films: sort all answers together. You take a mean over films.",
        ),
        _known(
            "best score first. You take the answers as they come.",
            order=lambda found: found,
        ),
        _known(
            "best score first: you begin with the worst.",
            order=lambda found: sorted(found, key=lambda a: a[3]),
        ),
        _known(
            "equal scores: in the order given. You turn them round.",
            order=lambda found: sorted(found, key=lambda a: a[3])[::-1],
        ),
        _known(
            "best score first. Sorted tuples go by film, then by time.",
            order=sorted,
        ),
        _known(
            "divide by the number of truths, not by that of answers.",
            over=lambda right, taken, truths: len(right),
        ),
        _known(
            "divide by the number of *truths*. Those found are fewer. (Once each is found at most "
            "once, the right answers are as many as the truths found.)",
            over=lambda right, taken, truths: sum(right),
            again=True,
        ),
        _known(
            "equal truths are two, as two people who wave together: divide by `len(truths)`.",
            over=lambda right, taken, truths: len(set(truths)),
        ),
        _known(
            "two truths may be the same in film and time, as two people who wave together. Mark "
            "them by number, not by value.",
            one=lambda truth: truth,
        ),
        _known(
            "a film may hold several truths. You mark the whole film as found.",
            one=lambda truth: truth[0],
        ),
        _known(
            "a truth is taken in its own film only. You mark its times alone.",
            one=lambda truth: truth[1:],
        ),
    ],
)  # fmt: skip
