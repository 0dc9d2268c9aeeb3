"""Exercises whose answer is a function: built, mended, or tried on fresh clips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from lecturekit.exercises.values import (
    as_numpy,
    as_torch,
    brief,
    changed,
    copies,
    is_array,
    same,
    shown,
)


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer and its hint.

    Attributes:
        answer: the function a student who thinks so would write.
        hint: names the thought, and says what to look at.
        symptom: what shows the same thought in other answers, asked of every input on which the
            attempt is wrong: ``symptom(result, *case)``, all arrays as NumPy.
    """

    answer: Callable[..., Any]
    hint: str
    symptom: Callable[..., bool] | None = None


@dataclass(frozen=True)
class Property:
    """What a right answer satisfies: ``holds(result, *case)`` over every case.

    Tensors in the result and in the case come as NumPy arrays, so one property serves both.
    """

    statement: str
    holds: Callable[..., bool]


@dataclass(frozen=True)
class _Stopped:
    """Instead of a result: the attempt raised."""

    error: Exception


@dataclass(frozen=True)
class Exercise:
    """An exercise whose answer is a function.

    Attributes:
        name: of the function the student writes.
        cases: argument tuples the function is called with, or a function that draws them when the
            check runs (clips that the page does not show).
        properties: each is asked of every case, with the student's result first.
        misconceptions: known wrong answers.
        kind: what the student does.
        library: "either" calls the attempt with the arrays of the case and, should it stop, once
            more with the other library's. "torch" and "numpy" are for statements that say which.
        measured: what an experiment reached, in words: ``measured(result, *case)``, told for each
            case where the answer falls short.
    """

    name: str
    cases: Sequence[tuple[Any, ...]] | Callable[[], Sequence[tuple[Any, ...]]]
    properties: Sequence[Property]
    misconceptions: Sequence[Misconception]
    kind: Literal["build", "debug", "derive", "experiment"] = "build"
    library: Literal["either", "numpy", "torch"] = "either"
    measured: Callable[..., str] | None = None
    _drawn: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def drawn(self) -> Sequence[tuple[Any, ...]]:
        """The cases; drawn once."""
        if "cases" not in self._drawn:
            self._drawn["cases"] = self.cases() if callable(self.cases) else self.cases
        return self._drawn["cases"]

    @property
    def _known_runs(self) -> "list[_Run]":
        """Each misconception's answer on every case; run once."""
        if "runs" not in self._drawn:
            self._drawn["runs"] = [_Run(self, known.answer) for known in self.misconceptions]
        return self._drawn["runs"]

    def check(self, attempt: Callable[..., Any]) -> None:
        """Print what is right or wrong about ``attempt``. Never raises for a wrong answer.

        Args:
            attempt: the student's function; one that returns ``...`` is not attempted yet.
        """
        print(self.verdict(attempt))

    def verdict(self, attempt: Callable[..., Any]) -> str:
        """The sentence that :meth:`check` prints."""
        if not callable(attempt):
            return f"✗ {self.name} is {brief(attempt)}. Expected: a function."
        run = _Run(self, attempt)
        if any(result is Ellipsis for result in run.results):
            return f"◌ {self.name}: not attempted yet."
        if run.fault is None:
            asked = "; ".join(wanted.statement for wanted in self.properties)
            return f"✓ {self.name}: right on {len(self.drawn)} inputs ({asked})."
        hint = self._hint(run)
        told = f"✗ {self.name}{run.fault}{self._reached(run)}"
        return told + (f"\n  Hint: {hint}" if hint else "")

    def _reached(self, run: "_Run") -> str:
        """What was measured in every result, as a line; nothing where one cannot be measured."""
        if self.measured is None:
            return ""
        try:
            told = [
                self.measured(value, *case)
                for value, case in zip(run.values, run.cases, strict=True)
            ]
        except Exception:
            return ""
        return f"\n  Measured: {'; '.join(told)}."

    def _hint(self, run: "_Run") -> str | None:
        """Of the misconception that fits: everywhere, else by symptom, else where it is wrong."""
        others = self._known_runs
        for misconception, other in zip(self.misconceptions, others, strict=True):
            if run.agrees(other, range(len(self.drawn))):
                return misconception.hint
        for misconception in self.misconceptions:
            if misconception.symptom and run.shows(misconception.symptom):
                return misconception.hint
        near = [
            misconception.hint
            for misconception, other in zip(self.misconceptions, others, strict=True)
            if run.agrees(other, run.finished or run.wrong)
        ]
        # Where two thoughts would give the same wrong values, naming one would be a guess.
        return near[0] if len(near) == 1 else None


class _Run:
    """One function on every case of an exercise."""

    def __init__(self, exercise: Exercise, function: Callable[..., Any]) -> None:
        self.exercise = exercise
        self.results: list[Any] = []
        self.written: list[int | None] = []
        for case in exercise.drawn:
            result, written = _call(function, case, exercise.library)
            self.results.append(result)
            self.written.append(written)
            if result is Ellipsis:
                break

    @cached_property
    def cases(self) -> list[tuple[Any, ...]]:
        """The cases with every tensor as an array."""
        return [as_numpy(case) for case in self.exercise.drawn]

    @cached_property
    def values(self) -> list[Any]:
        """The results with every tensor as an array."""
        return [as_numpy(result) for result in self.results]

    @cached_property
    def wrong(self) -> list[int]:
        """Where a property fails, or the function stopped, or wrote into an argument."""
        return [
            k
            for k, case in enumerate(self.cases)
            if self.written[k] is not None
            or isinstance(self.results[k], _Stopped)
            or not all(_holds(p, self.values[k], case) for p in self.exercise.properties)
        ]

    @cached_property
    def finished(self) -> list[int]:
        """Where it is wrong and did not stop."""
        return [k for k in self.wrong if not isinstance(self.results[k], _Stopped)]

    @cached_property
    def fault(self) -> str | None:
        """The first thing that is wrong, as the end of a sentence that begins with the name."""
        for case, result in zip(self.exercise.drawn, self.results, strict=True):
            if isinstance(result, _Stopped):
                return f"{shown(case)} stopped with {type(result.error).__name__}: {result.error}"
        for wanted in self.exercise.properties:
            for case, plain, value in zip(
                self.exercise.drawn, self.cases, self.values, strict=True
            ):
                if not _holds(wanted, value, plain):
                    return f"{shown(case)} gave {brief(value)}. Expected: {wanted.statement}."
        for case, position in zip(self.exercise.drawn, self.written, strict=True):
            if position is not None:
                return (
                    f"{shown(case)} is right, but it wrote into its argument number "
                    f"{position + 1}: whoever called it has lost that. Work on a copy."
                )
        return None

    def agrees(self, other: "_Run", where: Sequence[int]) -> bool:
        """Whether both give the same results, and stop alike, in these cases."""
        pairs = [
            (self.values[k], other.values[k], self.written[k], other.written[k]) for k in where
        ]
        return all(_alike(a, b) and wrote == written for a, b, wrote, written in pairs)

    def shows(self, symptom: Callable[..., bool]) -> bool:
        """Whether every wrong result has the symptom."""
        return bool(self.finished) and all(
            _holds(Property("", symptom), self.values[k], self.cases[k]) for k in self.finished
        )


def _call(
    function: Callable[..., Any], case: tuple[Any, ...], library: str
) -> tuple[Any, int | None]:
    """The result and the position of an argument that was written into, if any."""
    first = None
    for arguments in _spellings(case, library):
        given = copies(arguments)
        try:
            result = function(*given)
        except Exception as error:
            first = first or error
        else:
            return result, changed(arguments, given)
    return _Stopped(first), None


def _spellings(case: tuple[Any, ...], library: str) -> list[tuple[Any, ...]]:
    """The case as it is and, where the statement leaves it open, in the other library."""
    if library != "either" or not any(is_array(value) for value in case):
        return [case]
    swapped = tuple(
        as_torch(value) if not hasattr(value, "detach") else as_numpy(value) for value in case
    )
    return [case, swapped]


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, _Stopped) or isinstance(b, _Stopped):
        return (
            isinstance(a, _Stopped) and isinstance(b, _Stopped) and type(a.error) is type(b.error)
        )
    return same(a, b)


def _holds(wanted: Property, result: Any, case: tuple[Any, ...]) -> bool:
    # A result of the wrong kind (None, a string) makes a property raise: then it does not hold.
    try:
        return bool(wanted.holds(copies((result,))[0], *copies(case)))
    except Exception:
        return False
