"""Answers on one test: what is taken, and how an error says where two are not of the same clips."""

from dataclasses import replace

import numpy as np
import pytest

from lecturekit.evaluation import Evaluation
from lecturekit.explorers.kit import answers

CLASSES = ("sit", "stand", "walk", "run", "wave")
GROUPS = {"sit": "direction", "stand": "direction", "walk": "speed", "run": "speed"}
LABELS = np.arange(37) % 5


def evaluation(seed=0, clips=37):
    scores = np.random.default_rng(seed).normal(size=(clips, 5)).astype(np.float32)
    return Evaluation(scores, LABELS[:clips], CLASSES, GROUPS)


def test_the_first_is_given_back():
    first = evaluation(1)
    assert answers.on_one_test({"a": first, "b": evaluation(2), "c": evaluation(3)}) is first
    assert answers.on_one_test({"a": first}) is first


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": np.roll(LABELS, 1)}, "37 of 37 labels that differ, at clip 0 'stand' against"),
        ({"classes": CLASSES[::-1]}, r"classes \('wave', .* against \('sit', "),
        ({"groups": {**GROUPS, "run": "order"}}, "'order' against 'speed' as the group of 'run'"),
    ],
)
def test_it_says_how_two_differ(change, words):
    other = replace(evaluation(2), **change)
    with pytest.raises(ValueError, match=f"b: expected the same clips as in a, got .*{words}"):
        answers.on_one_test({"a": evaluation(1), "b": other})


def test_it_says_that_one_has_fewer_clips():
    with pytest.raises(ValueError, match="got 36 of them against 37"):
        answers.on_one_test({"a": evaluation(1), "b": evaluation(2, 36)})


def broken(at, value):
    scores = evaluation().scores.copy()
    scores[at] = value
    return {"scores": scores}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (broken((11, 2), np.nan), r"b.scores: expected finite ones, got \[.*nan.*\] at 11"),
        ({"scores": evaluation().scores[:, :4]}, r"b.scores: .*\(37, 5\), got \(37, 4\)"),
        ({"labels": np.arange(37) % 6}, "b.labels: expected 0 to 4, got 0 to 5"),
        ({"classes": ("one",)}, "b: expected 1 clip and 2 classes or more, got 37 and 1"),
    ],
)
def test_each_must_be_whole(change, words):
    with pytest.raises(ValueError, match=words):
        answers.on_one_test({"a": evaluation(1), "b": replace(evaluation(), **change)})


def test_each_must_be_an_evaluation():
    with pytest.raises(TypeError, match=r"a: expected an evaluation\.Evaluation.*got ndarray"):
        answers.on_one_test({"a": evaluation().scores})
