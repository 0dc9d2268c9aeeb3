"""The checks behind the book's exercises.

A chapter's module (``ch01.py`` …) holds one :class:`Exercise` per exercise. A check runs the
student's function on several inputs, asks whether stated properties hold, and, where they do not,
compares the answer with known wrong ones so that the hint can name the misconception.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer: the function a student who thinks so would write, and its hint."""

    answer: Callable[..., Any]
    hint: str


@dataclass(frozen=True)
class Property:
    """What a right answer satisfies: ``holds(answer, *case)`` over every case."""

    statement: str
    holds: Callable[..., bool]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        name: of the function the student writes.
        cases: argument tuples the function is called with.
        properties: each is asked of every case, with the student's result first.
        misconceptions: tried in order when a property fails.
    """

    name: str
    cases: Sequence[tuple[Any, ...]]
    properties: Sequence[Property]
    misconceptions: Sequence[Misconception]

    def check(self, attempt: Callable[..., Any]) -> None:
        """Print what is right or wrong about ``attempt``. Never raises for a wrong answer.

        Args:
            attempt: the student's function; one that returns ``...`` is not attempted yet.
        """
        print(self.verdict(attempt))

    def verdict(self, attempt: Callable[..., Any]) -> str:
        """The sentence that :meth:`check` prints."""
        results = []
        for case in self.cases:
            try:
                result = attempt(*_copies(case))
            except Exception as error:
                return f"✗ {self.name}{_shown(case)} stopped with {type(error).__name__}: {error}"
            if result is Ellipsis:
                return f"◌ {self.name}: not attempted yet."
            results.append(result)
        for wanted in self.properties:
            for case, result in zip(self.cases, results, strict=True):
                if not _holds(wanted, result, case):
                    hint = self._hint(results)
                    return (
                        f"✗ {self.name}{_shown(case)} gave {_brief(result)}. "
                        f"Expected: {wanted.statement}." + (f"\n  Hint: {hint}" if hint else "")
                    )
        asked = "; ".join(wanted.statement for wanted in self.properties)
        return f"✓ {self.name}: right on {len(self.cases)} inputs ({asked})."

    def _hint(self, results: list[Any]) -> str | None:
        for misconception in self.misconceptions:
            wrong = [misconception.answer(*_copies(case)) for case in self.cases]
            if all(same(a, b) for a, b in zip(results, wrong, strict=True)):
                return misconception.hint
        return None


def same(a: Any, b: Any) -> bool:
    """Equal in type of thing, shape and value; arrays, tensors, numbers and sequences alike."""
    try:
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-5, atol=1e-6))
    except (TypeError, ValueError):
        return False


def _holds(wanted: Property, result: Any, case: tuple[Any, ...]) -> bool:
    # A result of the wrong kind (None, a string) makes a property raise: then it does not hold.
    try:
        return bool(wanted.holds(result, *_copies(case)))
    except Exception:
        return False


def _copies(case: tuple[Any, ...]) -> tuple[Any, ...]:
    # An attempt that writes into its argument, or draws from its generator, must not spoil the
    # next check.
    return copy.deepcopy(case)


def _shown(case: tuple[Any, ...]) -> str:
    return f"({', '.join(_brief(value) for value in case)})"


def _brief(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if shape is not None and np.prod(shape) > 8:
        dtype = str(value.dtype).removeprefix("torch.")
        return f"<{dtype} {'×'.join(str(size) for size in shape)}>"
    if isinstance(value, np.random.Generator):
        return "generator"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "…"
