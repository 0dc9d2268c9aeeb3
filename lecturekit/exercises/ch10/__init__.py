"""Checks of chapter 10, recognition tasks."""

from lecturekit.exercises.ch10.by_hand import BEST_SENTENCE, OFF_BY, TWO_WAYS
from lecturekit.exercises.ch10.films import REFINE
from lecturekit.exercises.ch10.lowered import SOFT_NMS
from lecturekit.exercises.ch10.people import FOLLOWED
from lecturekit.exercises.ch10.reports import JUDGED
from lecturekit.exercises.ch10.segments import CLEANED

EXERCISES = [
    TWO_WAYS,
    CLEANED,
    OFF_BY,
    SOFT_NMS,
    FOLLOWED,
    BEST_SENTENCE,
    REFINE,
    JUDGED,
]
