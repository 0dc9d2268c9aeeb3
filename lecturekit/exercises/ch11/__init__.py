"""Checks of chapter 11, data sets and metrics."""

from lecturekit.exercises.ch11.balance import REBALANCED
from lecturekit.exercises.ch11.counts import BY_HAND, WHICH_COPY
from lecturekit.exercises.ch11.detections import DETECTION_AP
from lecturekit.exercises.ch11.draws import OVER_FILMS
from lecturekit.exercises.ch11.files import HMDB
from lecturekit.exercises.ch11.leaks import LEAKING, leaky_split
from lecturekit.exercises.ch11.reports import JUDGED

__all__ = ["EXERCISES", "leaky_split"]

EXERCISES = [
    BY_HAND,
    HMDB,
    DETECTION_AP,
    WHICH_COPY,
    REBALANCED,
    OVER_FILMS,
    LEAKING,
    JUDGED,
]
