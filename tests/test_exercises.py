"""Every exercise of every chapter, and the engine behind them."""

import importlib
import pkgutil

import numpy as np
import pytest
import torch

import lecturekit.exercises
from lecturekit.exercises import (
    Claim,
    Derivation,
    Exercise,
    Judgement,
    Misconception,
    Property,
    same,
)

MODULES = [
    importlib.import_module(f"lecturekit.exercises.{found.name}")
    for found in pkgutil.iter_modules(lecturekit.exercises.__path__)
    if found.name.startswith("ch")
]
ALL = [exercise for module in MODULES for exercise in module.EXERCISES]
FUNCTIONS = [exercise for exercise in ALL if isinstance(exercise, Exercise)]
WRONG = [
    pytest.param(exercise, wrong, id=f"{exercise.name}-{number}")
    for exercise in ALL
    for number, wrong in enumerate(exercise.misconceptions)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_chapter_has_six_exercises_of_four_kinds_with_two_misconceptions_each(module):
    assert len(module.EXERCISES) >= 6
    assert len({exercise.kind for exercise in module.EXERCISES}) >= 4
    for exercise in module.EXERCISES:
        assert len(exercise.misconceptions) >= 2, exercise.name
        hints = [wrong.hint for wrong in exercise.misconceptions]
        assert len(set(hints)) == len(hints), exercise.name


@pytest.mark.parametrize(("exercise", "wrong"), WRONG)
def test_a_known_wrong_answer_gets_its_own_hint(exercise, wrong):
    verdict = exercise.verdict(wrong.answer)
    assert verdict.startswith("✗"), verdict
    assert verdict.endswith(wrong.hint)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_unsolved_is_not_attempted_and_broken_raises_nothing(exercise, capsys):
    exercise.check(lambda *_: ...)
    assert capsys.readouterr().out == f"◌ {exercise.name}: not attempted yet.\n"

    def broken(*_):
        raise KeyError("t")

    assert "stopped with KeyError: 't'" in exercise.verdict(broken)
    for nonsense in (None, "seven", object()):
        assert exercise.verdict(lambda *_, value=nonsense: value).startswith("✗")


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_an_answer_of_the_wrong_kind_raises_nothing(exercise):
    for nonsense in (None, "seven", object(), {}, [], 10**9):
        assert exercise.verdict(nonsense).startswith("✗")


double = Exercise(
    name="double",
    cases=[(np.array([1, 2]),), (np.array([3, 5]),)],
    properties=[Property("twice each number", lambda got, x: same(got, 2 * x))],
    misconceptions=[
        Misconception(lambda x: x**2, "that is the square."),
        Misconception(lambda x: -2 * x, "the sign.", symptom=lambda got, x: (got < 0).all()),
    ],
)


def test_a_right_answer_is_told_what_was_asked():
    assert double.verdict(lambda x: x + x) == "✓ double: right on 2 inputs (twice each number)."


def test_a_wrong_answer_nobody_foresaw_gets_no_hint():
    assert "Hint" not in double.verdict(lambda x: x)


def test_another_answer_with_the_symptom_gets_the_hint():
    assert double.verdict(lambda x: -3 * x).endswith("the sign.")


def test_the_hint_of_a_thought_is_found_where_other_cases_are_right_by_chance():
    special = double.verdict(lambda x: 2 * x if x[0] == 1 else x**2)
    assert special.endswith("that is the square.")


def test_no_hint_where_two_thoughts_give_the_same_wrong_value():
    ambiguous = Exercise(
        name="double",
        cases=[(3,), (5,)],
        properties=[Property("twice", lambda got, x: got == 2 * x)],
        misconceptions=[
            Misconception(lambda x: x**2, "squares."),
            Misconception(lambda x: 3 * x, "triples."),
        ],
    )
    assert "Hint" not in ambiguous.verdict(lambda x: 9 if x == 3 else 2 * x)


def test_a_case_that_stops_does_not_hide_the_hint():
    def stops_once(x):
        if x[0] == 3:
            raise IndexError("out of range")
        return -2 * x

    verdict = double.verdict(stops_once)
    assert "stopped with IndexError: out of range" in verdict
    assert verdict.endswith("the sign.")


def test_a_case_that_stops_does_not_hide_a_thought_without_a_symptom():
    def stops_once(x):
        if x[0] == 3:
            raise IndexError("out of range")
        return x**2

    assert double.verdict(stops_once).endswith("that is the square.")


def test_several_arrays_of_different_shapes_are_compared_each_by_itself():
    weight, bias = np.ones((2, 3)), np.zeros(2)
    assert same((weight, bias), [torch.ones(2, 3), torch.zeros(2)])
    assert not same((weight, bias), (weight, bias + 1))
    assert not same((weight, bias), (weight,))
    assert same([[weight, bias], [bias]], [[weight, bias], [bias]])
    assert not same([[weight, bias], [bias]], [[weight, bias], [weight]])


def test_an_attempt_that_writes_into_its_argument_is_told_and_spoils_nothing():
    def in_place(x):
        x *= 2
        return x

    verdict = double.verdict(in_place)
    assert verdict.startswith("✗")
    assert "wrote into its argument number 1" in verdict
    assert double.cases[0][0].tolist() == [1, 2]


def test_drawing_from_a_generator_is_no_writing_into_it():
    draw = Exercise(
        "draw",
        [(np.random.default_rng(0), 5)],
        [Property("below n", lambda got, rng, n: 0 <= got < n)],
        [],
    )
    assert draw.verdict(lambda rng, n: rng.integers(n)).startswith("✓")


@pytest.mark.parametrize(
    "attempt",
    [
        lambda x: 2 * x,
        lambda x: torch.mul(x, 2),  # takes tensors only
        lambda x: torch.as_tensor(x).float() * 2,
        lambda x: np.float32(2) * np.asarray(x),
    ],
)
def test_numpy_and_torch_are_both_right(attempt):
    assert double.verdict(attempt).startswith("✓")


def test_where_the_statement_names_a_library_the_other_is_not_tried():
    strict = Exercise("double", double.cases, double.properties, [], library="numpy")
    assert "stopped with" in strict.verdict(lambda x: torch.mul(x, 2))


def test_cases_may_be_drawn_when_the_check_runs():
    calls = []

    def draw():
        calls.append(1)
        return [(2,), (4,)]

    drawn = Exercise("half", draw, [Property("half", lambda got, x: got == x / 2)], [])
    assert not calls
    assert drawn.verdict(lambda x: x / 2).startswith("✓")
    assert drawn.verdict(lambda x: x).startswith("✗")
    assert len(calls) == 1


span = Derivation(
    name="span",
    answer=29,
    statement="(8 − 1) · 4 + 1 = 29",
    slips=[(32, "that is the coverage."), (28, "both ends count.")],
)
pair = Derivation("pair", (0.25, 4.0), "a quarter and four", [((4.0, 0.25), "swapped.")])


def test_a_derived_number_is_taken_in_any_type():
    for right in (29, 29.0, np.int64(29), torch.tensor(29.0), np.array(29)):
        assert span.verdict(right) == "✓ span: right: (8 − 1) · 4 + 1 = 29."
    assert pair.verdict([1 / 4, 4]).startswith("✓")
    assert pair.verdict(np.array([0.25, 4])).startswith("✓")


def test_a_derived_number_that_is_wrong_gets_the_hint_of_its_slip():
    assert span.verdict(32).endswith("that is the coverage.")
    assert "Hint" not in span.verdict(17)
    assert pair.verdict((4, 0.25)).endswith("swapped.")


def test_a_derived_number_is_not_attempted_while_an_ellipsis_is_left():
    assert span.verdict(...) == "◌ span: not attempted yet."
    assert pair.verdict((0.25, ...)) == "◌ pair: not attempted yet."
    assert pair.verdict((...,)) == "◌ pair: not attempted yet."


def test_a_derived_number_is_held_to_its_tolerance():
    assert span.verdict(29.14).startswith("✓")
    assert span.verdict(29.2).startswith("✗")
    assert pair.verdict(0.25) == "✗ pair is 0.25. Expected: 2 numbers."


claims = Judgement(
    name="claims",
    claims={
        "a": Claim(True, "five seeds.", "count the seeds."),
        "b": Claim(False, "one seed.", "which table says so?"),
    },
)


def test_claims_judged_rightly_get_their_reasons():
    verdict = claims.verdict({"a": True, "b": False})
    assert verdict == "✓ claims: all 2 judged rightly.\n  a: five seeds.\n  b: one seed."
    assert claims.verdict({"a": np.True_, "b": np.False_}).startswith("✓")


def test_a_claim_judged_wrongly_gets_its_hint_and_not_its_reason():
    verdict = claims.verdict({"a": True, "b": True})
    assert verdict == "✗ claims: 1 of 2 judged rightly.\n  Hint, b: which table says so?"


def test_claims_left_open_are_named():
    assert claims.verdict({"a": ..., "b": ...}) == "◌ claims: not attempted yet."
    assert claims.verdict({"a": True, "b": ...}) == "◌ claims: still to judge: b."
    assert "True or False for each of a, b" in claims.verdict({"a": True})
    assert "Expected: True or False." in claims.verdict({"a": True, "b": 1})
