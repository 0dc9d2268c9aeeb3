"""Networks on one test set, by cue: accuracy under any mix of cues, and how sure its order is.

A league is what ``benchmarks/league.py`` writes. Read are ``date``, ``seconds``, ``cues`` (test
clips of each), ``classes`` (clip i shows class ``i % len(classes)``), ``families`` (``name``,
``title``, ``chapter``, ``parameters``) and, in the one of ``budgets`` that has these seconds,
``families[name]["right"]``: for each seed which clips were right, packed bits in base64.
"""

import base64
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
from lecturekit.puppets import ACTIONS

MAX_CUES, MAX_FAMILIES = 6, 24
STORED = "league.json"

SPREADS = {
    **{1: 0.0, 2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776},
    **{6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306},
}
"""By number of seeds: the 97.5 % point of Student's t with one degree of freedom less. One seed
says nothing of others: then an interval is of the clips alone."""
CLIP_SPREAD = 1.96

DIGITS, COVARIANCE_DIGITS, TINY = 9, 10, 1e-9
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
    """A place that a network reaches under some mix, and under none one beyond it."""

    family: int
    place: int
    way: int  # 1: this place or a better one; -1: this place or a worse one

    def reached(self, place: int) -> bool:
        """Whether a present place is at the goal."""
        return place <= self.place if self.way > 0 else place >= self.place


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
        cue_of = _cue_of_clips(data)
        right = _right(data)  # (families, seeds, clips)
        of_cue = [right[:, :, cue_of == c] for c in range(len(self.cues))]
        self.hits = np.stack([part.sum(2) for part in of_cue], 1)  # (families, cues, seeds)
        self.rates = self.hits / self.clips[:, None]
        # How the means of two families vary together as the clips of a cue are drawn anew
        # (cues, families, families): what two do not differ in does not blur their difference.
        self.covariances = np.stack(
            [np.cov(part.mean(1)) / part.shape[2] for part in of_cue]
        ).round(COVARIANCE_DIGITS)
        self.seed_spread = SPREADS[right.shape[1]]

    def own_mix(self) -> list[float]:
        """The shares of the test set itself, in per cent."""
        return (100 * self.clips / self.clips.sum()).tolist()

    def accuracies(self, shares: Sequence[float]) -> NDArray[np.float64]:
        """Of each family and seed ``(families, seeds)`` under shares in per cent."""
        return np.einsum("c,fcs->fs", np.asarray(shares) / 100, self.rates)

    def _half(self, seeds: NDArray[np.float64], clip_variance: float) -> float:
        seed_error = seeds.std(ddof=1) / math.sqrt(len(seeds)) if len(seeds) > 1 else 0.0
        clip_error = math.sqrt(max(0.0, clip_variance))
        return math.hypot(self.seed_spread * seed_error, CLIP_SPREAD * clip_error)

    def _covariance(self, first: int, second: int, shares: Sequence[float]) -> float:
        """Of two families' accuracies under shares, as the clips are drawn anew."""
        weights = (np.asarray(shares) / 100) ** 2
        return float(weights @ self.covariances[:, first, second])

    def difference(self, first: int, second: int, shares: Sequence[float]) -> tuple[float, float]:
        """First minus second, and half the 95 % interval of it: seeds and clips are paired."""
        seeds = self.accuracies(shares)
        apart = seeds[first] - seeds[second]
        own = sum(self._covariance(one, one, shares) for one in (first, second))
        variance = own - 2 * self._covariance(first, second, shares)
        return float(apart.mean()), self._half(apart, variance)

    def told_apart(self, first: int, second: int, shares: Sequence[float]) -> int:
        """1 if the first is better beyond the interval, −1 if worse, 0 if nobody can tell."""
        apart, half = self.difference(first, second, shares)
        return 0 if abs(apart) <= half + TINY else int(math.copysign(1, apart))

    def standings(self, shares: Sequence[float]) -> list[Standing]:
        """Of each family, in the order of the league's file."""
        seeds = self.accuracies(shares)
        means = seeds.mean(1)
        order = _ranked(means).tolist()
        count = range(len(self.families))
        found = []
        for one in count:
            told = [self.told_apart(one, other, shares) for other in count if other != one]
            found.append(
                Standing(
                    float(means[one]),
                    self._half(seeds[one], self._covariance(one, one, shares)),
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

    def rival(self, first: int, cue: int) -> int:
        """The best family that is surely ahead without a cue and surely behind with it alone.

        The leader, if there is none.
        """
        own = self.own_mix()
        alone = [100.0 * (n == cue) for n in range(len(own))]
        without = [100 * share for share in others(own, cue)]
        crossing = [
            other
            for other in range(len(self.families))
            if self.told_apart(first, other, without) < 0 < self.told_apart(first, other, alone)
        ]
        places = [standing.place for standing in self.standings(own)]
        return min(crossing, key=places.__getitem__, default=self.leader())

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
        """For each family its best place, and for the leader its worst, where another than now."""
        steps = 100 // STEP
        mixes = np.array(list(_mixes(steps, len(self.cues)))) / steps
        means = self.rates.mean(2)
        places = np.argsort(_ranked(mixes @ means.T), axis=1) + 1  # of all families, by mix
        now = [standing.place for standing in self.standings(self.own_mix())]
        best, worst = places.min(0).tolist(), places.max(0).tolist()
        up = [Goal(n, best[n], 1) for n in range(len(best)) if best[n] < now[n]]
        leader = self.leader()
        down = [Goal(leader, worst[leader], -1)] if worst[leader] > 1 else []
        return up + down


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
    for key in ("date", "seconds", "cues", "classes", "families", "budgets"):
        if key not in data:
            raise ValueError(f"league: expected a key {key!r}, got {', '.join(map(str, data))}")
    checks.integer("number of cues", len(data["cues"]), 2, MAX_CUES)
    checks.integer("number of families", len(data["families"]), 2, MAX_FAMILIES)
    for cue, clips in data["cues"].items():
        checks.integer(f"cues[{cue!r}]", clips, 2)
    for label in data["classes"]:
        checks.one_of("class", label, tuple(ACTIONS))
    if {ACTIONS[label][0] for label in data["classes"]} != set(data["cues"]):
        expected = ", ".join(data["cues"])
        raise ValueError(f"classes: expected some of each cue of {expected}, got {data['classes']}")


def _cue_of_clips(data: Mapping[str, Any]) -> NDArray[np.int64]:
    """The number of the cue of each clip."""
    cues, classes = list(data["cues"]), data["classes"]
    count = sum(data["cues"].values())
    found = np.array([cues.index(ACTIONS[classes[i % len(classes)]][0]) for i in range(count)])
    for number, (cue, clips) in enumerate(data["cues"].items()):
        if (found == number).sum() != clips:
            got = (found == number).sum()
            raise ValueError(
                f"cues[{cue!r}]: expected {got} clips, as its classes have, got {clips}"
            )
    return found


def _right(data: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Which clips were right, ``(families, seeds, clips)``."""
    count = sum(data["cues"].values())
    budgets = {float(one["seconds"]): one["families"] for one in data["budgets"]}
    if float(data["seconds"]) not in budgets:
        expected = f"one of {data['seconds']} seconds"
        raise ValueError(f"budgets: expected {expected}, got {', '.join(map(str, budgets))}")
    packed = [budgets[float(data["seconds"])][one["name"]]["right"] for one in data["families"]]
    checks.integer("number of seeds", len(packed[0]), min(SPREADS), max(SPREADS))
    if {len(of_family) for of_family in packed} != {len(packed[0])}:
        raise ValueError(f"right: expected {len(packed[0])} seeds of each family")
    raw = [[np.frombuffer(base64.b64decode(bits), np.uint8) for bits in of] for of in packed]
    size = math.ceil(count / 8)
    for one in (one for of_family in raw for one in of_family):
        if len(one) != size:
            raise ValueError(f"right: expected {size} bytes for {count} clips, got {len(one)}")
    return np.unpackbits(np.array(raw), axis=-1, count=count).astype(bool)
