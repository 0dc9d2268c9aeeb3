"""Checks of chapter 13, key takeaways."""

from lecturekit.exercises.ch13.instruments import CANNOT_SEE, MIRRORED
from lecturekit.exercises.ch13.orders import DIFFERENT
from lecturekit.exercises.ch13.reports import JUDGED
from lecturekit.exercises.ch13.suspects import NAMES, PROBE, sealed_networks

__all__ = ["EXERCISES", "sealed_networks"]

EXERCISES = [
    DIFFERENT,
    CANNOT_SEE,
    MIRRORED,
    PROBE,
    NAMES,
    JUDGED,
]
