"""Networks on one test set, by cue: accuracy under any mix of cues, and how sure its order is.

A league is what ``benchmarks/league.py`` writes: ``{"date", "seconds", "cues": {cue: clips},
"families": [{"name", "title", "chapter", "parameters", "macs", "hits": {cue: [of seed 0, …]}}]}``.
"""

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lecturekit import checks

MAX_CUES, MAX_FAMILIES = 6, 24
STORED = "league.json"

SPREADS = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306}
"""By number of seeds: the 97.5 % point of Student's t with one degree of freedom less."""
CLIP_SPREAD = 1.96

DIGITS = 9
"""Accuracies that agree in so many decimals are equal."""

STEP = 5
"""Goals are looked for in mixes of whole steps of so many per cent."""


@cache
def stored() -> dict[str, Any]:
    """The league that the benchmark measured last."""
    return json.loads(files(__package__).joinpath(STORED).read_text(encoding="utf-8"))


class Standing(NamedTuple):
    """Where a network stands under one mix. Shares of 1."""

    accuracy: float
    half: float  # of the 95 % interval
    place: int  # 1 is the best
    best: int  # place that the intervals of the differences allow
    worst: int


class Goal(NamedTuple):
    """A place that a network reaches under some mix, and under none a better one."""

    family: int
    place: int


class League:
    """The numbers of a league, ready for sums.

    Args:
        data: as the module says.

    Raises:
        TypeError, ValueError: it has another form.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        _check(data)
        self.cues = tuple(data["cues"])
        self.clips = np.array([data["cues"][cue] for cue in self.cues])
        self.families = tuple(data["families"])
        self.date, self.seconds = str(data["date"]), float(data["seconds"])
        # Shape (families, cues, seeds).
        self.hits = np.array([[one["hits"][cue] for cue in self.cues] for one in self.families])
        self.rates = self.hits / self.clips[:, None]
        # A clip's right or wrong, with one more of each: no rate of 0 or 1 is taken as certain.
        smooth = (self.hits.mean(2) + 1) / (self.clips + 2)
        self.clip_variances = smooth * (1 - smooth) / self.clips
        self.seed_spread = SPREADS[self.hits.shape[2]]

    def own_mix(self) -> list[float]:
        """The shares of the test set itself, in per cent."""
        return (100 * self.clips / self.clips.sum()).tolist()

    def accuracies(self, shares: Sequence[float]) -> NDArray[np.float64]:
        """Of each family and seed ``(families, seeds)`` under shares in per cent."""
        return np.einsum("c,fcs->fs", np.asarray(shares) / 100, self.rates)

    def _half(self, seeds: NDArray[np.float64], clip_variance: float) -> float:
        seed_error = self.seed_spread * seeds.std(ddof=1) / math.sqrt(len(seeds))
        return math.hypot(seed_error, CLIP_SPREAD * math.sqrt(clip_variance))

    def difference(self, first: int, second: int, shares: Sequence[float]) -> tuple[float, float]:
        """First minus second, and half the 95 % interval of it.

        Seeds are paired: the two saw the same batches. Clips are not, since the table has counts
        alone: the interval is wider than one that pairs them.
        """
        seeds = self.accuracies(shares)
        apart = seeds[first] - seeds[second]
        weights = (np.asarray(shares) / 100) ** 2
        variance = weights @ (self.clip_variances[first] + self.clip_variances[second])
        return float(apart.mean()), self._half(apart, float(variance))

    def told_apart(self, first: int, second: int, shares: Sequence[float]) -> int:
        """1 if the first is better beyond the interval, −1 if worse, 0 if nobody can tell."""
        apart, half = self.difference(first, second, shares)
        return 0 if abs(apart) <= half else int(math.copysign(1, apart))

    def standings(self, shares: Sequence[float]) -> list[Standing]:
        """Of each family, in the order of the league's file."""
        seeds = self.accuracies(shares)
        means, weights = seeds.mean(1), (np.asarray(shares) / 100) ** 2
        order = _ranked(means).tolist()
        count = range(len(self.families))
        found = []
        for one in count:
            told = [self.told_apart(one, other, shares) for other in count if other != one]
            found.append(
                Standing(
                    float(means[one]),
                    self._half(seeds[one], float(weights @ self.clip_variances[one])),
                    order.index(one) + 1,
                    1 + told.count(-1),
                    len(count) - told.count(1),
                )
            )
        return found

    def leader(self) -> int:
        """The family that is first in the test set itself."""
        places = [standing.place for standing in self.standings(self.own_mix())]
        return places.index(1)

    def crossing(self, first: int, second: int, cue: int, shares: Sequence[float]) -> float | None:
        """Share of the cue, in per cent, at which two families are equal; None if nowhere.

        The other cues keep the proportions that they have in `shares`.
        """
        rest = np.array(others(shares, cue))
        at_all, at_none = (
            (self.rates[[first, second]].mean(2) @ mix) for mix in (np.eye(len(rest))[cue], rest)
        )
        gap, slope = at_none[0] - at_none[1], (at_all[0] - at_all[1]) - (at_none[0] - at_none[1])
        if slope == 0 or not 0 < -gap / slope < 1:
            return None
        return 100 * -gap / slope

    def goals(self) -> list[Goal]:
        """For each family that can stand better than in the test set itself, its best place."""
        steps = 100 // STEP
        mixes = np.array(list(_mixes(steps, len(self.cues)))) / steps
        means = self.rates.mean(2)
        places = np.argsort(_ranked(mixes @ means.T), axis=1) + 1  # of all families, by mix
        now = [standing.place for standing in self.standings(self.own_mix())]
        best = places.min(0).tolist()
        return [Goal(n, best[n]) for n in range(len(best)) if best[n] < now[n]]


def others(shares: Sequence[float], cue: int) -> list[float]:
    """Shares of 1 without one cue, the others in their proportions; they must have some."""
    rest = [0 if n == cue else share for n, share in enumerate(shares)]
    return [share / sum(rest) for share in rest]


def _ranked(accuracies: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers of families ``(…, families)``, the best first; of equal ones the first leads."""
    return np.argsort(-accuracies.round(DIGITS), axis=-1, kind="stable")


def _mixes(steps: int, parts: int) -> Iterator[list[int]]:
    """All ways to give so many steps to so many parts."""
    for bars in itertools.combinations(range(steps + parts - 1), parts - 1):
        edges = (-1, *bars, steps + parts - 1)
        yield [b - a - 1 for a, b in itertools.pairwise(edges)]


def _check(data: Mapping[str, Any]) -> None:
    if not isinstance(data, Mapping):
        raise TypeError(f"league: expected a mapping, got {type(data).__name__}")
    for key in ("date", "seconds", "cues", "families"):
        if key not in data:
            raise ValueError(f"league: expected a key {key!r}, got {', '.join(map(str, data))}")
    checks.integer("number of cues", len(data["cues"]), 2, MAX_CUES)
    checks.integer("number of families", len(data["families"]), 2, MAX_FAMILIES)
    for cue, clips in data["cues"].items():
        checks.integer(f"cues[{cue!r}]", clips, 1)
    num_seeds = len(next(iter(data["families"][0]["hits"].values()), ()))
    checks.integer("number of seeds", num_seeds, min(SPREADS), max(SPREADS))
    for one in data["families"]:
        where = f"hits of {one['name']}"
        if set(one["hits"]) != set(data["cues"]):
            expected = ", ".join(data["cues"])
            raise ValueError(f"{where}: expected {expected}, got {', '.join(one['hits'])}")
        for cue, hits in one["hits"].items():
            if len(hits) != num_seeds:
                raise ValueError(f"{where}: expected {num_seeds} seeds of {cue}, got {len(hits)}")
            for count in hits:
                checks.integer(f"{where} of {cue}", count, 0, data["cues"][cue])
