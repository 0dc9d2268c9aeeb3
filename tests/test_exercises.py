"""Every exercise of every chapter: each known wrong answer gets its own hint."""

import importlib
import pkgutil

import numpy as np
import pytest

import lecturekit.exercises
from lecturekit.exercises import Exercise, Misconception, Property

MODULES = [
    importlib.import_module(f"lecturekit.exercises.{found.name}")
    for found in pkgutil.iter_modules(lecturekit.exercises.__path__)
]
ALL = [exercise for module in MODULES for exercise in module.EXERCISES]
WRONG = [
    pytest.param(exercise, wrong, id=f"{exercise.name}-{number}")
    for exercise in ALL
    for number, wrong in enumerate(exercise.misconceptions)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_chapter_has_three_exercises_with_two_misconceptions_each(module):
    assert len(module.EXERCISES) >= 3
    for exercise in module.EXERCISES:
        assert len(exercise.misconceptions) >= 2, exercise.name


@pytest.mark.parametrize(("exercise", "wrong"), WRONG)
def test_a_known_wrong_answer_gets_its_own_hint(exercise, wrong):
    verdict = exercise.verdict(wrong.answer)
    assert verdict.startswith("✗"), verdict
    assert verdict.endswith(wrong.hint)


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_unsolved_is_not_attempted_and_broken_raises_nothing(exercise, capsys):
    exercise.check(lambda *_: ...)
    assert capsys.readouterr().out == f"◌ {exercise.name}: not attempted yet.\n"

    def broken(*_):
        raise KeyError("t")

    assert "stopped with KeyError: 't'" in exercise.verdict(broken)
    for nonsense in (None, "seven", object()):
        assert exercise.verdict(lambda *_, value=nonsense: value).startswith("✗")


double = Exercise(
    name="double",
    cases=[(np.array([1, 2]),), (np.array([3, 5]),)],
    properties=[Property("twice each number", lambda got, x: np.array_equal(got, 2 * x))],
    misconceptions=[Misconception(lambda x: x**2, "that is the square.")],
)


def test_a_right_answer_is_told_what_was_asked():
    assert double.verdict(lambda x: x + x) == "✓ double: right on 2 inputs (twice each number)."


def test_a_wrong_answer_nobody_foresaw_gets_no_hint():
    assert "Hint" not in double.verdict(lambda x: x)


def test_an_attempt_that_writes_into_its_argument_does_not_spoil_the_check():
    def in_place(x):
        x *= 2
        return x

    assert double.verdict(in_place).startswith("✓")
    assert double.cases[0][0].tolist() == [1, 2]
