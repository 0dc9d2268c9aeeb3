"""Checks of chapter 7, inflation."""

from lecturekit.exercises.ch07.claims import BLIND, JUDGED
from lecturekit.exercises.ch07.filters import INFLATE_LAYER, WITH_CHANGE
from lecturekit.exercises.ch07.frames import FRAMES_RIGHT
from lecturekit.exercises.ch07.impulse import TEMPORAL_KERNEL
from lecturekit.exercises.ch07.module import MODULE_WEIGHTS

EXERCISES = [
    FRAMES_RIGHT,
    MODULE_WEIGHTS,
    INFLATE_LAYER,
    BLIND,
    TEMPORAL_KERNEL,
    WITH_CHANGE,
    JUDGED,
]
