"""Checks of chapter 14, multiscale and masked."""

from lecturekit.exercises.ch14.counts import LEFT_OPEN, PYRAMID
from lecturekit.exercises.ch14.features import DIRECTIONS
from lecturekit.exercises.ch14.guesses import GUESS
from lecturekit.exercises.ch14.losses import REBUILD_LOSS
from lecturekit.exercises.ch14.reports import JUDGED
from lecturekit.exercises.ch14.streams import ATTEND_STEP

EXERCISES = [
    PYRAMID,
    LEFT_OPEN,
    REBUILD_LOSS,
    DIRECTIONS,
    ATTEND_STEP,
    GUESS,
    JUDGED,
]
