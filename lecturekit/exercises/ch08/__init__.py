"""Checks of chapter 8, SlowFast."""

from lecturekit.exercises.ch08.clocks import BEST_SHARES, CHOOSE_ALPHA, SLOW_READS
from lecturekit.exercises.ch08.films import AUGMENT
from lecturekit.exercises.ch08.pathways import MAKE_LATERAL, WORK_RATIOS
from lecturekit.exercises.ch08.results import JUDGED

EXERCISES = [
    SLOW_READS,
    WORK_RATIOS,
    MAKE_LATERAL,
    AUGMENT,
    BEST_SHARES,
    CHOOSE_ALPHA,
    JUDGED,
]
