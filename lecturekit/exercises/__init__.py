"""The checks behind the book's exercises.

A chapter's module (``ch01.py`` …) lists its exercises in ``EXERCISES``, in the order of its page.

=============  =========================  ==============================================
kind           class                      the student gives
=============  =========================  ==============================================
build          :class:`Exercise`          a function
debug          :class:`Exercise`          a broken function, mended
experiment     :class:`Exercise`          a function whose effect is measured on fresh clips
derive         :class:`Derivation`        a number, or several, worked out by hand
derive         :class:`Exercise`          a formula, as a function of its quantities
judge          :class:`Judgement`         for each claim, whether the evidence supports it
=============  =========================  ==============================================

A check never raises for a wrong answer. Where it knows the thought behind one, it names it.
"""

from lecturekit.exercises.answers import Claim, Derivation, Judgement, slips_of
from lecturekit.exercises.functions import Exercise, Misconception, Property
from lecturekit.exercises.values import same

__all__ = [
    "Claim",
    "Derivation",
    "Exercise",
    "Judgement",
    "Misconception",
    "Property",
    "same",
    "slips_of",
]
