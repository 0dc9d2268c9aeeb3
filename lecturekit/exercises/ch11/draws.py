"""How sure an accuracy is where several clips come from one film."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property

NEAR, KNOWN = 0.15, 0.18
"""Relative, of the right number and of known wrong ones: a thousand draws give 2 to 3 %."""
TIMES, MANY = 1000, 8000

Case = tuple[np.ndarray, np.ndarray, int]


def _drawn(seed: int, clips: np.ndarray, chance: np.ndarray, *, names: int = 1) -> Case:
    """Films of so many clips, right with these chances; clips of all films mixed."""
    rng = np.random.default_rng([6, seed])
    film = np.repeat(rng.permutation(len(clips)) * names + 7 * (names > 1), clips)
    right = rng.uniform(size=len(film)) < np.repeat(chance, clips)
    mixed = rng.permutation(len(film))
    return right[mixed], film[mixed], seed


@lru_cache(maxsize=1)
def _worlds() -> list[Case]:
    """Equal clips; one clip each; unequal films; half right; one long film; odd numbers.

    In the last two, films' numbers are below 0, too, and few among many that name no film.
    """
    rng = np.random.default_rng(0)
    even = np.tile([True, False], 90)
    long = np.append(60, np.full(30, 4))
    return [
        _drawn(1, np.full(60, 10), (np.arange(60) < 42).astype(float)),
        _drawn(2, np.ones(250, int), np.full(250, 0.7), names=3),
        _drawn(3, np.repeat([1, 40], [40, 12]), np.repeat([0.95, 0.3], [40, 12]), names=5),
        (even, np.repeat(np.arange(30), 6), 4),
        _drawn(5, long, np.append(0.1, rng.uniform(0.5, 1, 30))),
        (np.repeat([True, False] * 8, 6), np.repeat(np.arange(-8, 8), 6), 6),
        (
            np.repeat([True, False, True, False], [10, 12, 6, 5]),
            np.repeat([-3, 5, 40, 907], [10, 10, 8, 5]),
            7,
        ),
    ]


def _sums(right: np.ndarray, film: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each film its right clips and its clips."""
    _, number = np.unique(film, return_inverse=True)
    return np.bincount(number, np.asarray(right, float)), np.bincount(number)


@lru_cache(maxsize=16)
def _counts(names: int, films: int, seed: int) -> np.ndarray:
    """How often each film is in each of many draws of so many films."""
    chance = np.full(names, 1 / names)
    return np.random.default_rng(seed).multinomial(films, chance, size=MANY)


def _shares(
    right: np.ndarray,
    film: np.ndarray,
    seed: int,
    *,
    films: int | None = None,
    count: Callable[[np.ndarray], np.ndarray] = lambda drawn: drawn,
    mean_of_means: bool = False,
) -> np.ndarray:
    """The accuracy of each draw of films."""
    hits, clips = _sums(right, film)
    drawn = count(_counts(len(hits), films or len(hits), seed))
    if mean_of_means:
        return drawn @ (hits / clips) / drawn.sum(1)
    return (drawn @ hits) / (drawn @ clips)


def _clips(right: np.ndarray, film: np.ndarray, seed: int) -> np.ndarray:
    """The accuracy of each draw of clips."""
    return np.random.default_rng(seed).binomial(len(right), np.mean(right), MANY) / len(right)


def _in_films(right: np.ndarray, film: np.ndarray, seed: int) -> np.ndarray:
    """Clips drawn anew inside each film, the films as they are."""
    hits, clips = _sums(right, film)
    rng = np.random.default_rng(seed)
    return rng.binomial(clips, hits / clips, (MANY, len(clips))).sum(1) / clips.sum()


def _twice(right: np.ndarray, film: np.ndarray, seed: int) -> np.ndarray:
    """Films drawn, and then clips inside each."""
    hits, clips = _sums(right, film)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(clips), (MANY, len(clips)))
    found = rng.binomial(clips[drawn], (hits / clips)[drawn])
    return found.sum(1) / clips[drawn].sum(1)


def _from_clips(right: np.ndarray, film: np.ndarray, seed: int) -> np.ndarray:
    """Films drawn from the column of clips: the long ones come oftener."""
    hits, clips = _sums(right, film)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(clips), clips / clips.sum(), MANY)
    return (drawn @ hits) / (drawn @ clips)


def _over_all(right: np.ndarray, film: np.ndarray, seed: int) -> np.ndarray:
    """Right clips drawn over all clips there are, however many were drawn."""
    hits, clips = _sums(right, film)
    return _counts(len(clips), len(clips), seed) @ hits / len(right)


def _from_range(right: np.ndarray, film: np.ndarray, seed: int, first: int) -> np.ndarray:
    """Numbers drawn from ``first`` to the highest, whether or not they name a film."""
    names, number = np.unique(film, return_inverse=True)
    hits, clips = np.bincount(number, np.asarray(right, float)), np.bincount(number)
    held = names >= first
    places = int(names[-1]) - first + 1
    chance = np.append(np.full(held.sum(), 1 / places), 1 - held.sum() / places)
    drawn = np.random.default_rng(seed).multinomial(places, chance, MANY)[:, :-1]
    with np.errstate(invalid="ignore"):
        return (drawn @ hits[held]) / (drawn @ clips[held])


def _number(film: np.ndarray) -> int:
    return len(np.unique(film))


def _world(seed: int) -> Case:
    return next(world for world in _worlds() if world[2] == seed)


@lru_cache(maxsize=16)
def _true(seed: int) -> float:
    """The bootstrap's standard deviation, from many draws; each world has its own seed."""
    return float(_shares(*_world(seed)).std())


def _near(got: Any, value: float, tolerance: float = NEAR) -> bool:
    return np.size(got) == 1 and abs(float(got) - value) <= tolerance * abs(value) + 1e-6


def _known(spread: Callable[..., float], hint: str) -> Misconception:
    """A wrong number, known by being near it, whatever was drawn."""

    @lru_cache(maxsize=16)
    def of_world(seed: int) -> float:
        return float(spread(*_world(seed)))

    return Misconception(
        lambda right, film, seed: of_world(seed),
        hint,
        lambda got, right, film, seed: _near(got, of_world(seed), KNOWN),
    )


def _is_of_range(got: Any, right: np.ndarray, film: np.ndarray, seed: int) -> bool:
    """No number, since a draw held no clip, or the number that a range gives without such draws."""
    if np.isnan(float(got)):
        return True
    firsts = {0, min(0, int(film.min())), int(film.min())}
    return any(_near(got, np.nanstd(_from_range(right, film, seed, k)), KNOWN) for k in firsts)


OVER_FILMS = Exercise(
    name="over_films",
    cases=_worlds,
    properties=[
        Property("a number", lambda got, *_: np.size(got) == 1 and bool(np.isfinite(float(got)))),
        Property(
            "how the share of right clips scatters where whole films are drawn, to 15 %",
            lambda got, right, film, seed: _near(got, _true(seed)),
        ),
    ],
    misconceptions=[
        _known(
            lambda *case: _clips(*case).std(),
            "you draw clips, one by one. Ten clips of a film are right or wrong together, so there "
            "are fewer independent answers than clips. Draw films.",
        ),
        _known(
            lambda right, film, seed: _shares(right, film, seed, count=lambda n: n > 0).std(),
            "a film that is drawn twice counts twice. `np.unique`, a set or `np.isin` of the drawn "
            "films forgets that.",
        ),
        _known(
            lambda right, film, seed: _shares(right, film, seed, mean_of_means=True).std(),
            "that is the mean of the films' means. Wanted: the share of right *clips*: a film of "
            "forty clips weighs more than a film of one.",
        ),
        _known(
            lambda right, film, seed: _shares(right, film, seed, films=len(right)).std(),
            "you draw as many films as there are *clips*. The test has fewer: draw as many as "
            "there are films.",
        ),
        _known(
            lambda *case: _clips(*case).std() / len(case[0]) ** 0.5,
            "the standard deviation over draws is the standard error already: no further root. And "
            "draw films, not clips.",
        ),
        _known(
            lambda *case: _shares(*case).std() / _number(case[1]) ** 0.5,
            "the standard deviation over draws is the standard error already: do not divide by a "
            "root again.",
        ),
        _known(
            lambda *case: _shares(*case).std() / len(case[0]) ** 0.5,
            "the standard deviation over draws is the standard error already: do not divide by the "
            "root of the number of clips again.",
        ),
        _known(
            lambda *case: _shares(*case).std() / TIMES**0.5,
            "the standard deviation over draws is the standard error already: more draws make it "
            "known better, not smaller.",
        ),
        _known(
            lambda *case: _shares(*case).var(),
            "that is a variance: take its root.",
        ),
        _known(
            lambda *case: 100 * _shares(*case).std(),
            "as a share of 1, not in points.",
        ),
        _known(
            lambda *case: np.ptp(np.quantile(_shares(*case), [0.025, 0.975])),
            "that is the width of an interval. Wanted: one standard deviation.",
        ),
        _known(
            lambda *case: _shares(*case).mean(),
            "that is the mean of the draws. How do they scatter?",
        ),
        _known(
            lambda right, film, seed: (np.mean(right) * (1 - np.mean(right)) / _number(film))
            ** 0.5,
            "√(a(1 − a)/films) is right where all clips of a film are alike and films are equally "
            "long. Draw.",
        ),
        _known(
            lambda *case: _in_films(*case).std(),
            "you draw clips inside each film, and keep the films. Another test would have other "
            "films.",
        ),
        _known(
            lambda *case: _twice(*case).std(),
            "you draw films, and then clips inside them. All clips of a drawn film come along.",
        ),
        _known(
            lambda *case: _from_clips(*case).std(),
            "you draw from the column of clips, so long films come oftener. Each film with the "
            "same chance: draw from the *different* numbers.",
        ),
        _known(
            lambda *case: _over_all(*case).std(),
            "divide by the number of clips that were drawn: films are unequal, so it changes from "
            "draw to draw. You divide by the same number each time.",
        ),
        Misconception(
            lambda right, film, seed: _from_range(right, film, seed, 0).std(),
            "`film` holds names, not positions: some numbers name no film, and some are below 0. "
            "Draw from `np.unique(film)`.",
            _is_of_range,
        ),
        _known(
            lambda right, film, seed: 0.0,
            "nothing scatters: with all films drawn once (without replacement) each draw is the "
            "same test.",
        ),
    ],
)  # fmt: skip
