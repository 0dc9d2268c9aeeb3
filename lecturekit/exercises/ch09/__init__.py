"""Checks of chapter 9, video transformers."""

from lecturekit.exercises.ch09.diagnosis import DIAGNOSE
from lecturekit.exercises.ch09.layer import ONE_LAYER
from lecturekit.exercises.ch09.masks import DIVIDED_MASKS
from lecturekit.exercises.ch09.numbers import ATTENTION_MEMORY, MIXED
from lecturekit.exercises.ch09.tokens import CHOOSE_TOKENS, JUDGED

EXERCISES = [
    MIXED,
    ATTENTION_MEMORY,
    ONE_LAYER,
    DIVIDED_MASKS,
    DIAGNOSE,
    CHOOSE_TOKENS,
    JUDGED,
]
