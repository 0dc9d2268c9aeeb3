"""Checks of chapter 6, two-stream networks."""

from lecturekit.exercises.ch06.fusion import FIT_WEIGHT, FUSE, WRONG_TOGETHER
from lecturekit.exercises.ch06.results import JUDGED
from lecturekit.exercises.ch06.stack import (
    CAMERA_OFF,
    DISK_GIGABYTES,
    EXTRA_WEIGHTS,
    LOAD_STACK,
    MIRROR_STACK,
)
from lecturekit.exercises.ch06.svm import SVM_LOSS

EXERCISES = [
    EXTRA_WEIGHTS,
    DISK_GIGABYTES,
    SVM_LOSS,
    LOAD_STACK,
    MIRROR_STACK,
    FUSE,
    WRONG_TOGETHER,
    FIT_WEIGHT,
    CAMERA_OFF,
    JUDGED,
]
