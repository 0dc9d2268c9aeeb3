"""Checks of chapter 5, optical flow."""

from lecturekit.exercises.ch05.equations import (
    HAND_WINDOW,
    NORMAL_FLOW,
    QUADRATIC_SHIFT,
    SOLVE_WITH_LIGHT,
)
from lecturekit.exercises.ch05.errors import DOUBTFUL, FLOW_CLAIMS
from lecturekit.exercises.ch05.failures import HARD_PICTURE
from lecturekit.exercises.ch05.fields import FOLLOW, SMALLER_FLOW, TURNED_FLOW

EXERCISES = [
    NORMAL_FLOW,
    HAND_WINDOW,
    SOLVE_WITH_LIGHT,
    QUADRATIC_SHIFT,
    TURNED_FLOW,
    SMALLER_FLOW,
    FOLLOW,
    DOUBTFUL,
    HARD_PICTURE,
    FLOW_CLAIMS,
]
