"""Checks of chapter 12, model comparison."""

from lecturekit.exercises.ch12.counts import CROSSED, PRICED
from lecturekit.exercises.ch12.mixes import TURNED
from lecturekit.exercises.ch12.orders import SPEARMAN
from lecturekit.exercises.ch12.protocols import COMPARABLE
from lecturekit.exercises.ch12.reports import JUDGED, REPORT

__all__ = ["EXERCISES"]

EXERCISES = [PRICED, CROSSED, COMPARABLE, SPEARMAN, REPORT, TURNED, JUDGED]
