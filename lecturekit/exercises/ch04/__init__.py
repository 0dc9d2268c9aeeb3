"""Checks of chapter 4, 3D convolution: one file for each thing that the chapter teaches."""

from lecturekit.exercises.ch04.counts import COUNT_LAYER, FAIR_WIDTH, LOST_FRAMES
from lecturekit.exercises.ch04.kernels import FOUR_SUMS, STILL_WEIGHT, VELOCITY_KERNEL
from lecturekit.exercises.ch04.loops import LAY_OUT, STRIDED
from lecturekit.exercises.ch04.results import SUPPORTED

EXERCISES = [
    FOUR_SUMS,
    STILL_WEIGHT,
    COUNT_LAYER,
    LOST_FRAMES,
    STRIDED,
    LAY_OUT,
    FAIR_WIDTH,
    VELOCITY_KERNEL,
    SUPPORTED,
]
