"""The rules of the game: who is behind which letter, what is spent, what is the shortest proof."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

LETTERS = "ABCDEFGH"
PURSE = 5
"""Coins for each letter. A probe costs one, and so does a wrong name."""

_MODULUS, _FACTOR, _WARM_UP = 2**31 - 1, 48_271, 8

Outcomes = Mapping[str, Mapping[str, str]]
"""Network → probe → what the scores say, as `stored.Stored.outcomes` has it."""


def order(deal: int, count: int) -> list[int]:
    """Which network is behind each letter: an order of 0 … count − 1, the same for a deal always.

    Fisher and Yates's shuffle, by the generator of Park and Miller (1988, with the factor of 1993):
    a page can repeat both in whole numbers.

    >>> sorted(order(1, 8)) == list(range(8)), order(1, 8) == order(2, 8)
    (True, False)
    """
    numbers = _numbers(deal)
    there = list(range(count))
    for last in range(count - 1, 0, -1):
        other = next(numbers) * (last + 1) // _MODULUS
        there[last], there[other] = there[other], there[last]
    return there


def _numbers(deal: int) -> Iterator[int]:
    state, drawn = deal, 0
    while True:
        state, drawn = state * _FACTOR % _MODULUS, drawn + 1
        if drawn > _WARM_UP:  # the first ones of small deals are small
            yield state


def shortest_proofs(outcomes: Outcomes, network: str) -> list[tuple[str, ...]]:
    """The smallest sets of probes that tell a network from all others, all of that size.

    >>> outcomes = {"a": {"x": "same", "y": "other"}, "b": {"x": "other", "y": "other"}}
    >>> shortest_proofs(outcomes, "a")
    [('x',)]
    """
    own = outcomes[network]
    others = [of for name, of in outcomes.items() if name != network]
    for size in range(len(own) + 1):
        found = [
            some
            for some in combinations(own, size)
            if all(any(other[probe] != own[probe] for probe in some) for other in others)
        ]
        if found:
            return found
    return []


def told_apart(outcomes: Outcomes) -> list[tuple[str, ...]]:
    """The smallest sets of probes that tell each network from each other one."""
    probes = next(iter(outcomes.values()))
    for size in range(len(probes) + 1):
        found = [
            some
            for some in combinations(probes, size)
            if len({tuple(of[probe] for probe in some) for of in outcomes.values()})
            == len(outcomes)
        ]
        if found:
            return found
    return []


def coins(bought: Sequence[str], named: Sequence[str], network: str) -> int:
    """What is left of a letter's purse; below 0 after a wrong name that could not be paid."""
    return PURSE - len(bought) - sum(name != network for name in named)


def points(bought: Sequence[str], named: Sequence[str], network: str) -> int:
    """A letter's points: the coins left once it is named rightly."""
    return max(coins(bought, named, network), 0) if network in named else 0


def is_open(bought: Sequence[str], named: Sequence[str], network: str) -> bool:
    """Whether the seal is broken: named rightly, or a wrong name could not be paid."""
    return network in named or coins(bought, named, network) < 0
