"""Exercises whose answer is no function: a number worked out by hand, claims judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from lecturekit.exercises.values import as_numpy, brief


@dataclass(frozen=True)
class Slip:
    """A known wrong value (or choice) and its hint."""

    answer: Any
    hint: str


@dataclass(frozen=True)
class Derivation:
    """Numbers that the student works out by hand.

    Attributes:
        name: of the variable the student fills in.
        answer: the right number, or a tuple of them.
        statement: what was asked, as it ends the sentence "right: …".
        slips: known wrong values, each with the hint that names the slip.
        tolerance: relative; 0.005 takes three significant digits. One for all numbers, or one for
            each.
    """

    name: str
    answer: float | tuple[float, ...]
    statement: str
    slips: Sequence[tuple[float | tuple[float, ...], str]]
    tolerance: float | tuple[float, ...] = 0.005
    kind: ClassVar[str] = "derive"

    @property
    def misconceptions(self) -> list[Slip]:
        """The slips, as every exercise names them."""
        return [Slip(value, hint) for value, hint in self.slips]

    def check(self, attempt: Any) -> None:
        """Print whether the numbers are right; ``...`` stands for those not attempted yet."""
        print(self.verdict(attempt))

    def verdict(self, attempt: Any) -> str:
        """The sentence that :meth:`check` prints."""
        given = _numbers(attempt)
        wanted = _numbers(self.answer)
        if given is None:
            return f"✗ {self.name} is {brief(attempt)}. Expected: {_how_many(len(wanted))}."
        if Ellipsis in given:
            return f"◌ {self.name}: not attempted yet."
        if len(given) != len(wanted):
            return f"✗ {self.name} is {brief(attempt)}. Expected: {_how_many(len(wanted))}."
        if self._near(given, wanted):
            return f"✓ {self.name}: right: {self.statement}."
        hint = next((h for v, h in self.slips if self._near(given, _numbers(v))), None)
        hint = hint or self._hint_of_each(given, wanted)
        return f"✗ {self.name} = {brief(attempt)} is not right." + (
            f"\n  Hint: {hint}" if hint else ""
        )

    def _hint_of_each(self, given: list[Any], wanted: list[Any]) -> str:
        """The hints of all wrong numbers that are the only wrong one of a known slip."""
        hints = []
        for k, near in enumerate(self._each_near(given, wanted)):
            # The others as they should be: then a slip of this number alone is found.
            alone = [*wanted[:k], given[k], *wanted[k + 1 :]]
            found = (h for v, h in self.slips if self._near(alone, _numbers(v)))
            hints += [] if near else list(islice(found, 1))
        return "\n  And ".join(hints)

    def _near(self, given: list[Any], wanted: list[Any]) -> bool:
        return all(self._each_near(given, wanted))

    def _each_near(self, given: list[Any], wanted: list[Any]) -> list[bool]:
        given_for_each = isinstance(self.tolerance, tuple)
        tolerances = self.tolerance if given_for_each else (self.tolerance,) * len(wanted)
        return [
            abs(g - w) <= tolerance * abs(w) + 1e-9
            for g, w, tolerance in zip(given, wanted, tolerances, strict=True)
        ]


def slips_of(
    answer: tuple[float, ...], wrong: Sequence[tuple[int, float, str]]
) -> list[tuple[tuple[float, ...], str]]:
    """The slips of several numbers: each wrong one by itself, and likely ones together.

    Args:
        answer: the right numbers.
        wrong: ``(position, value, hint)``; of each position the likeliest two first.

    Returns:
        Whole answers with one or two wrong numbers, the others right, each with its hint.
    """

    def replaced(*slips: tuple[int, float, str]) -> tuple[float, ...]:
        values = list(answer)
        for position, value, _ in slips:
            values[position] = value
        return tuple(values)

    one = [(replaced(slip), slip[2]) for slip in wrong]
    likely = [slip for k, slip in enumerate(wrong) if [w[0] for w in wrong[:k]].count(slip[0]) < 2]
    two = [
        (replaced(first, second), f"{first[2]}\n  And {second[2]}")
        for first, second in combinations(likely, 2)
        if first[0] != second[0]
    ]
    return one + two


def _how_many(count: int) -> str:
    return "a number" if count == 1 else f"{count} numbers"


def _numbers(attempt: Any) -> list[Any] | None:
    """A number or several as a list of floats and Ellipses; None for anything else."""
    attempt = as_numpy(attempt)
    if isinstance(attempt, np.ndarray):
        attempt = attempt.tolist()
    items = list(attempt) if isinstance(attempt, list | tuple) else [attempt]
    if all(item is Ellipsis or (isinstance(item, Real)) for item in items):
        return [item if item is Ellipsis else float(item) for item in items]
    return None


@dataclass(frozen=True)
class Claim:
    """A claim to judge.

    Attributes:
        supported: whether the evidence on the page supports it.
        reason: why, shown once it is judged rightly.
        hint: shown when it is judged wrongly: where to look, not the answer.
    """

    supported: bool
    reason: str
    hint: str


@dataclass(frozen=True)
class Judgement:
    """Claims, each of which the evidence supports or does not.

    Attributes:
        name: of the dictionary the student fills in: ``{"a": True, "b": False, …}``.
        claims: by the letter that stands before each on the page.
    """

    name: str
    claims: Mapping[str, Claim]
    kind: ClassVar[str] = "judge"

    @property
    def right(self) -> dict[str, bool]:
        """The right answer."""
        return {letter: claim.supported for letter, claim in self.claims.items()}

    @property
    def misconceptions(self) -> list[Slip]:
        """Each claim judged wrongly, the others rightly."""
        return [
            Slip({**self.right, letter: not claim.supported}, claim.hint)
            for letter, claim in self.claims.items()
        ]

    def check(self, attempt: Any) -> None:
        """Print how many claims are judged rightly, and hints for the others."""
        print(self.verdict(attempt))

    def verdict(self, attempt: Any) -> str:
        """The sentences that :meth:`check` prints."""
        letters = ", ".join(self.claims)
        if not isinstance(attempt, Mapping) or set(attempt) != set(self.claims):
            return (
                f"✗ {self.name} is {brief(attempt)}. Expected: True or False for each of {letters}."
            )
        open_ = [letter for letter in self.claims if attempt[letter] is Ellipsis]
        if len(open_) == len(self.claims):
            return f"◌ {self.name}: not attempted yet."
        if open_:
            return f"◌ {self.name}: still to judge: {', '.join(open_)}."
        odd = [k for k in self.claims if not isinstance(attempt[k], bool | np.bool_)]
        if odd:
            return (
                f"✗ {self.name}[{odd[0]!r}] is {brief(attempt[odd[0]])}. Expected: True or False."
            )
        wrong = [k for k, claim in self.claims.items() if bool(attempt[k]) != claim.supported]
        if not wrong:
            reasons = "".join(f"\n  {k}: {claim.reason}" for k, claim in self.claims.items())
            return f"✓ {self.name}: all {len(self.claims)} judged rightly.{reasons}"
        right = len(self.claims) - len(wrong)
        hints = "".join(f"\n  Hint, {k}: {self.claims[k].hint}" for k in wrong)
        return f"✗ {self.name}: {right} of {len(self.claims)} judged rightly.{hints}"
