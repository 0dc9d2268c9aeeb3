"""Two test sets that rank three networks in opposite orders."""

from functools import lru_cache
from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property

LEAD = 0.5
"""Points by which each must be ahead of the next."""


def _leads(mix: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """What the first is ahead of the second by, and the second of the third."""
    return -np.diff(np.asarray(accuracies) @ np.asarray(mix, float))


def _searched(accuracies: np.ndarray, tries: int = 20_000, lead: float = LEAD) -> np.ndarray | None:
    """The answer by trying mixes: of each order the one with the widest lead, if any has it."""
    accuracies = np.asarray(accuracies, float)
    mixes = np.random.default_rng(0).dirichlet(np.full(accuracies.shape[1], 0.7), tries)
    leads = -np.diff(mixes @ accuracies.T, axis=1)
    best = [mixes[(sign * leads).min(1).argmax()] for sign in (1, -1)]
    wide = [(sign * leads).min(1).max() for sign in (1, -1)]
    return np.stack(best) if min(wide) > lead else None


@lru_cache(maxsize=1)
def _cases() -> tuple[tuple[np.ndarray], ...]:
    """Networks that can be turned round, but not at the cues where first and last lead most."""
    rng, found = np.random.default_rng(120), []
    while len(found) < 4:
        accuracies = rng.integers(20, 98, (3, 4 + len(found) % 2)).astype(float)
        corners = _corners(accuracies)
        if _searched(accuracies, 3000, lead=4 * LEAD) is None:  # found by who tries a few
            continue
        if not (_holds_order(corners, accuracies, 0) or _holds_order(corners, accuracies, 1)):
            found.append((accuracies,))
    return tuple(found)


def _corners(accuracies: np.ndarray) -> np.ndarray:
    accuracies = np.asarray(accuracies)
    ahead = accuracies[0] - accuracies[2]
    return np.eye(accuracies.shape[1])[[ahead.argmax(), ahead.argmin()]]


def _shaped(got: Any, accuracies: np.ndarray) -> bool:
    return np.shape(got) == (2, np.shape(accuracies)[1])


def _are_mixes(got: Any) -> bool:
    got = np.asarray(got, float)
    return bool((got >= -1e-9).all() and np.allclose(got.sum(1), 1, atol=1e-6))


def _holds_order(got: Any, accuracies: np.ndarray, row: int) -> bool:
    leads = (1, -1)[row] * _leads(np.asarray(got, float)[row], accuracies)
    return bool((leads >= LEAD).all())


def _percent(accuracies: np.ndarray) -> np.ndarray:
    return 100 * _searched(accuracies)


def _swapped(accuracies: np.ndarray) -> np.ndarray:
    return _searched(accuracies)[::-1]


def _even(accuracies: np.ndarray) -> np.ndarray:
    cues = np.shape(accuracies)[1]
    return np.full((2, cues), 1 / cues)


def _weights_below_zero(accuracies: np.ndarray) -> np.ndarray:
    """Solves for the leads, and lets a share be negative."""
    accuracies = np.asarray(accuracies)
    rows = np.vstack([-np.diff(accuracies, axis=0), np.ones(accuracies.shape[1])])
    return np.stack([np.linalg.pinv(rows) @ [30 * sign, 30 * sign, 1] for sign in (1, -1)])


TURNED = Exercise(
    name="turned",
    kind="experiment",
    cases=lambda: list(_cases()),
    properties=[
        Property("two mixes: 2 × the number of cues", _shaped),
        Property("shares, none below 0, of sum 1", lambda got, *_: _are_mixes(got)),
        Property(
            f"in the first mix A, B, C, each ahead by {LEAD} points or more",
            lambda got, accuracies: _holds_order(got, accuracies, 0),
        ),
        Property(
            "in the second C, B, A, by as much",
            lambda got, accuracies: _holds_order(got, accuracies, 1),
        ),
    ],
    misconceptions=[
        Misconception(
            _corners,
            "films of the one cue where A is ahead of C the most: but there B is not between "
            "them. Mix cues.",
            lambda got, accuracies: (
                _shaped(got, accuracies)
                and _are_mixes(got)
                and bool((np.sort(np.asarray(got, float), 1)[:, -1] > 0.999).all())
            ),
        ),
        Misconception(
            _percent,
            "shares of 1, not percent.",
            lambda got, accuracies: (
                _shaped(got, accuracies) and bool(np.allclose(np.sum(got, 1), 100))
            ),
        ),
        Misconception(
            _swapped,
            "the two mixes are there, the wrong way round: first A, B, C.",
            lambda got, accuracies: (
                _shaped(got, accuracies)
                and _holds_order(np.asarray(got)[::-1], accuracies, 0)
                and _holds_order(np.asarray(got)[::-1], accuracies, 1)
            ),
        ),
        Misconception(
            _weights_below_zero,
            "a share of films is never below 0. Where a solution has one, it is no test set.",
            lambda got, accuracies: (
                _shaped(got, accuracies) and bool((np.asarray(got, float) < -1e-9).any())
            ),
        ),
        Misconception(
            _even,
            "the same mix twice has one order. Where are two mixes?",
            lambda got, accuracies: (
                _shaped(got, accuracies)
                and bool(np.allclose(np.asarray(got)[0], np.asarray(got)[1]))
            ),
        ),
        Misconception(
            lambda accuracies: _searched(accuracies).T,
            "a row for each mix, a column for each cue.",
            lambda got, accuracies: np.shape(got) == (np.shape(accuracies)[1], 2),
        ),
    ],
)
