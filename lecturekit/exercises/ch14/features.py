"""How many directions features really use: a count that a collapse cannot fool."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property

NOISE, LEAST, BETWEEN = 0.01, 0.3, 0.1
"""Spread in every direction; the least of one that counts; what tells them apart."""


def _drawn(seed: int, clips: int, width: int, spreads: tuple[float, ...]) -> tuple[np.ndarray]:
    """Features with these spreads along as many directions, turned at random, and noise."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(width, width)))[0]
    along = rng.normal(size=(clips, len(spreads)))
    # Exactly these spreads, and directions that do not go together by chance.
    along = np.linalg.qr(along - along.mean(0))[0] * np.sqrt(clips) if spreads else along
    features = (along * spreads) @ turn[: len(spreads)]
    features = features + NOISE * rng.normal(size=(clips, width)) + 2 * rng.normal(size=width)
    return (features.astype(np.float32),)


def _cases() -> list[tuple[np.ndarray]]:
    """Five directions, none, one, all, three very unlike ones, none again, one of few clips.

    The noise of 7,000 clips is 0.01 · √7000 = 0.84, and the direction of 6 clips 0.3 · √6 = 0.73:
    no fixed limit of singular values stands between, divided by the root of the width or not.
    More clips would tell as much, but a full ``svd`` holds clips × clips numbers.
    """
    drawn = [
        (300, 32, (0.9, 0.8, 0.6, 0.5, 0.3)),
        (7000, 4, ()),
        (250, 24, (0.5,)),
        (200, 16, (0.31,) * 16),
        (1200, 48, (20.0, 0.34, 0.3)),
        (800, 64, ()),
        (6, 5, (0.3,)),
    ]
    return [_drawn(seed, *how) for seed, how in enumerate(drawn)]


def _values(features: Any) -> np.ndarray:
    """Singular values of the centred features."""
    features = np.asarray(features, np.float64)
    return np.linalg.svd(features - features.mean(0), compute_uv=False)


def _count(features: Any) -> int:
    return int((_values(features) / np.sqrt(len(features)) > BETWEEN).sum())


def _shares_rank(features: Any) -> float:
    shares = _values(features) / _values(features).sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _guarded_rank(features: Any) -> int:
    """The effective rank, rounded, and 0 after a collapse."""
    return round(_shares_rank(features)) if _count(features) else 0


def _gap(features: Any) -> int:
    """How many directions stand before the largest gap; 0 after a collapse."""
    values = _values(features)[: min(len(features) - 1, features.shape[1])]
    return int((values[:-1] / values[1:]).argmax()) + 1 if _count(features) else 0


def _above_share(share: float) -> Callable[[Any], int]:
    """How many directions have at least this share of the largest one's spread."""
    return lambda features: int((_values(features) > share * _values(features)[0]).sum())


def _undivided(limit: float) -> Misconception:
    return Misconception(
        lambda features: int((_values(features) > limit).sum()),
        "singular values grow with the number of clips, as its square root. So the noise of many "
        f"clips passes a limit of {limit:g}, or few clips stay below it. Divide by that "
        "root before you compare.",
    )


def _enough(share: float, power: int) -> Callable[[Any], int]:
    """How many directions hold this share of the variance."""

    def answer(features: Any) -> int:
        held = _values(features) ** power
        return int((np.cumsum(held) / held.sum() < share).sum()) + 1

    return answer


DIRECTIONS = Exercise(
    name="directions",
    cases=_cases,
    properties=[
        Property("a whole number", lambda got, _: np.size(got) == 1 and float(got) % 1 == 0),
        Property(
            "0 for collapsed features: noise is no direction",
            lambda got, features: _count(features) > 0 or float(got) == 0,
        ),
        Property(
            "the number of directions along which clips differ by 0.3 or more",
            lambda got, features: float(got) == _count(features),
        ),
    ],
    misconceptions=[
        Misconception(
            _above_share(0.1),
            "you compare with the largest direction. After a collapse that is noise itself, and a "
            "very wide one hides others. Compare with a number that does not come from the "
            "features.",
            lambda got, features: any(
                float(got) == _above_share(share)(features)
                for share in (0.03, 0.05, 0.1, 0.2, 0.3, 0.5)
            ),
        ),
        Misconception(
            _shares_rank,
            "the effective rank counts by shares: where all that is left is noise, the noise has "
            "all of it. Something must be measured at its size.",
            # Rounded or not.
            lambda got, features: abs(float(got) - _shares_rank(features)) <= 0.51,
        ),
        Misconception(
            _guarded_rank,
            "a collapse gives 0 now. But shares count one wide direction and several narrow ones "
            "as fewer, and much noise as some more. Compare each direction by its own size.",
            lambda got, features: _count(features) > 0
            and abs(float(got) - _shares_rank(features)) <= 0.51,
        ),
        Misconception(
            _gap,
            "you look for the largest gap: it may lie between two true directions. Compare each "
            "spread with a fixed number between 0.01 and 0.3.",
            lambda got, features: float(got) == _gap(features),
        ),
        Misconception(
            lambda features: int(np.linalg.matrix_rank(np.asarray(features))),
            "you count all directions, those of the noise, too: however small it is, it makes the "
            "rank full.",
            lambda got, features: float(got) == features.shape[1],
        ),
        Misconception(
            lambda features: int((np.asarray(features).std(0) > BETWEEN).sum()),
            "you count features (columns). The directions are turned: one of them spreads over "
            "many columns.",
        ),
        Misconception(
            lambda features: int((np.asarray(features).std(0) > LEAST).sum()),
            "you count features (columns) of a spread above 0.3. The directions are turned: one "
            "of them spreads over many columns.",
        ),
        Misconception(
            lambda features: int(
                (np.linalg.svd(np.asarray(features), compute_uv=False)
                 / np.sqrt(len(features)) > BETWEEN).sum()
            ),
            "one too many: what all clips have in common counts as a direction. Take the mean off "
            "first.",
            lambda got, features: float(got) == _count(features) + 1,
        ),
        *(_undivided(limit) for limit in (BETWEEN, LEAST, 0.5, 1)),
        Misconception(
            lambda features: int(
                (_values(features / np.asarray(features).std(0)) / np.sqrt(len(features))
                 > BETWEEN).sum()
            ),
            "dividing by each column's spread takes away the size that you are to measure.",
        ),
        Misconception(
            lambda features: int(
                (np.linalg.svd(features - np.asarray(features).mean(1, keepdims=True),
                               compute_uv=False) / np.sqrt(len(features)) > BETWEEN).sum()
            ),
            "take off the mean over clips (axis 0), not each clip's own.",
        ),
        Misconception(
            lambda features: int((_values(features) / len(features) > BETWEEN).sum()),
            "you divide singular values by the number of clips. They grow as its square root.",
        ),
        Misconception(
            lambda features: int((_values(features) ** 2 / len(features) > BETWEEN).sum()),
            "eigenvalues of the covariance are variances: squares of a spread. A spread of 0.3 is "
            "a variance of 0.09.",
        ),
        Misconception(
            lambda features: int((_values(features) ** 2 / len(features) > LEAST).sum()),
            "eigenvalues of the covariance are variances: squares of a spread. Compare their "
            "roots, or square the limit.",
        ),
        Misconception(
            lambda features: float(np.asarray(features).std(0).mean()),
            "that is the spread: it tells collapse from health, but not how many directions.",
        ),
        Misconception(
            _enough(0.95, 2),
            "so many directions hold 95 % of the variance, of whatever there is: after a collapse, "
            "of the noise.",
        ),
        Misconception(
            _enough(0.99, 2),
            "so many directions hold 99 % of the variance, of whatever there is: after a collapse, "
            "of the noise.",
        ),
    ],
)  # fmt: skip
