"""Checks of chapter 1, video tensors."""

from lecturekit.exercises.ch01.frames import FRAME_DIFFERENCES, NORMALISE, TO_CHANNELS_FIRST
from lecturekit.exercises.ch01.memory import ADDRESS, CLIPS_THAT_FIT, MOVES_BYTES
from lecturekit.exercises.ch01.slices import DECEIVING_ROW, SLOPE

EXERCISES = [
    ADDRESS,
    MOVES_BYTES,
    CLIPS_THAT_FIT,
    TO_CHANNELS_FIRST,
    FRAME_DIFFERENCES,
    SLOPE,
    NORMALISE,
    DECEIVING_ROW,
]
