"""An average precision by hand, and what two copies of a test set can say."""

from collections.abc import Sequence

import numpy as np

from lecturekit.exercises import Derivation, slips_of

# Nine tenths, eight tenths, five times six tenths, two tenths.
_RIGHT = (1, 0, 0, 1, 1, 0, 0, 1)
_ENDS = np.array([0, 1, 6, 7])
"""The last answer of each threshold."""


def _precision(right: Sequence[int]) -> np.ndarray:
    return np.cumsum(right) / np.arange(1, len(right) + 1)


def _in_order(right: Sequence[int], truths: int, *, interpolated: bool = False) -> float:
    """The step sum of somebody who takes the eight one by one."""
    precision = _precision(right)
    if interpolated:
        precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float((precision * right).sum() / truths)


def _by_threshold(precision: np.ndarray, truths: int) -> float:
    """The step sum over thresholds, whatever their precisions are taken to be."""
    found = np.cumsum(_RIGHT)[_ENDS]
    return float((precision * np.diff(found, prepend=0)).sum() / truths)


_STEPS = _precision(_RIGHT)[_ENDS]
_BEST_LATER = np.maximum.accumulate(_STEPS[::-1])[::-1]
_FAVOUR, _AGAINST = (1, 0, 1, 1, 0, 0, 0, 1), (1, 0, 0, 0, 0, 1, 1, 1)
_BY_HAND = (
    3 / 7,
    3 / 4,
    _by_threshold(_STEPS, 4),
    _by_threshold(_STEPS, 5),
    _by_threshold(_BEST_LATER, 5),
)
_TIE = "equal scores are one threshold: all five come in at once, or none."

BY_HAND = Derivation(
    name="by_hand",
    answer=_BY_HAND,
    statement="at 0.6 seven answers are in, three of them right; (1 + 2 · 3/7 + 1/2) over 4, over "
    "5, and with 3/7 raised to 1/2",
    tolerance=0.0015,
    slips=[
        (
            (2 / 4, 2 / 4, _in_order(_RIGHT, 4), _in_order(_RIGHT, 5),
             _in_order(_RIGHT, 5, interpolated=True)),
            f"you take the tie in the order written. {_TIE.capitalize()}",
        ),
        (
            (3 / 4, 3 / 4, _in_order(_FAVOUR, 4), _in_order(_FAVOUR, 5),
             _in_order(_FAVOUR, 5, interpolated=True)),
            f"you break the tie in favour. {_TIE.capitalize()}",
        ),
        (
            tuple(100 * x for x in _BY_HAND),
            "as shares of 1, not in percent.",
        ),
        *slips_of(
            _BY_HAND,
            [
                (0, 2 / 4, f"the first: {_TIE}"),
                (
                    0,
                    2 / 5,
                    "the first: those are the five tied answers alone. At a threshold, all that "
                    "score as high *or higher* are in.",
                ),
                (0, 3 / 5, f"the first: you stop after the last right one. {_TIE.capitalize()}"),
                (0, 3 / 4, "the first: the right ones of the tie do not come first. "
                 f"{_TIE.capitalize()}"),
                (0, 3 / 8, "the first: the last answer scores less than the threshold."),
                (1, 2 / 4, f"the second: {_TIE}"),
                (1, 3 / 5, "the second: of the four truths. The fifth comes later."),
                (1, 3 / 7, "the second: that is the precision. Recall: of the truths, how many are "
                 "found?"),
                (1, 3 / 8, "the second: over the truths, not over the answers."),
                (1, 1, "the second: the fourth right answer scores less than the threshold."),
                (2, _in_order(_RIGHT, 4), f"the third: the order written is chance. "
                 f"{_TIE.capitalize()}"),
                (2, _in_order(_FAVOUR, 4), "the third: the tie is broken in favour. "
                 f"{_TIE.capitalize()}"),
                (2, _in_order(_AGAINST, 4), "the third: the tie is broken against the network. "
                 f"{_TIE.capitalize()}"),
                (2, float(_precision(_RIGHT).mean()), "the third: a mean over all eight ranks. "
                 "Recall steps only where a right answer comes in."),
                (2, float(_STEPS.mean()), "the third: a mean over the thresholds. How far does "
                 "recall step at each?"),
                (2, float(_STEPS[[0, 2, 3]].mean()), "the third: a mean over the three thresholds "
                 "where right answers come in. Weigh each by its recall step: two of four at "
                 "0.6."),
                (2, _by_threshold(_BEST_LATER, 4), "the third: that is interpolated. By steps, "
                 "each precision counts as it is."),
                (2, float(np.trapezoid(np.append(1, _STEPS), np.append(0, np.cumsum(_RIGHT)[_ENDS])
                                       / 4)),
                 "the third: those are trapezoids: lines between the points. By steps, the "
                 "precision at the *end* of a step counts for all of it."),
                (2, _in_order(_RIGHT, 8), "the third: over the truths, not over the answers."),
                (3, _by_threshold(_STEPS, 4), "the fourth: over all truths, found or not. The "
                 "fifth adds nothing above, and one below."),
                (3, _in_order(_RIGHT, 5), f"the fourth: {_TIE}"),
                (3, (4 * _by_threshold(_STEPS, 4) + 5 / 9) / 5, "the fourth: no answer finds the "
                 "fifth truth, however far down. It adds nothing."),
                (3, (4 * _by_threshold(_STEPS, 4) + 4 / 8) / 5, "the fourth: recall ends at 4/5. "
                 "There is no step from there to 1, and nothing to count."),
                (3, _by_threshold(_BEST_LATER, 5), "the fourth: that is interpolated already."),
                (4, _by_threshold(_BEST_LATER, 4), "the fifth: over all five truths."),
                (4, _by_threshold(np.ones(4), 5), "the fifth: you look back. The best precision at "
                 "this recall or a *higher* one, so further down the list."),
                (4, _by_threshold(_STEPS, 5), "the fifth: that is not interpolated. Is there a "
                 "higher precision further down?"),
                (4, _in_order(_RIGHT, 5, interpolated=True), f"the fifth: {_TIE}"),
                (4, (4 * _by_threshold(_BEST_LATER, 4) + 4 / 8) / 5, "the fifth: recall ends at "
                 "4/5. Beyond it no precision is reached: 0."),
            ],
        ),
    ],
)  # fmt: skip


_N, _A, _B = 20_000, 18_000, 19_800


def _chance(right: float, kept: int) -> float:
    """What chance alone does to an accuracy on films kept, in points."""
    return 100 * (right * (1 - right) * (1 / kept - 1 / _N)) ** 0.5


_LOW, _HIGH = 80 * _A / _N, 80 * _A / _N + 100 * (1 - _A / _N)
_B_LOW, _B_HIGH = 79 * _B / _N, 79 * _B / _N + 100 * (1 - _B / _N)
_COPIES = (_LOW, _HIGH, _B_HIGH - _LOW, _A + _B - _N, _chance(0.8, _A))

WHICH_COPY = Derivation(
    name="which_copy",
    answer=_COPIES,
    statement="14,400 films are right for sure and 2,000 unknown; B has 15,642 and 200; of all "
    "films, at most 2,200 are missing on one side or the other",
    tolerance=(0.0002, 0.0002, 0.001, 0, 0.01),
    slips=[
        (
            (70, 90, 9.21, *_COPIES[3:]),
            "80 ± 10 takes a tenth of the films for ten points on both sides. The 80 % are of the "
            "films kept: count films.",
        ),
        (
            (70, 90, 10, *_COPIES[3:]),
            "80 ± 10 and 79 ± 1 take missing films for points on both sides. Each accuracy is of "
            "the films kept: count films.",
        ),
        (
            (75, 85, *_COPIES[2:]),
            "the first two: not half to each side. Count films: those right for sure, and all "
            "missing ones.",
        ),
        (
            (_HIGH, _LOW, *_COPIES[2:]),
            "the first two are exchanged.",
        ),
        (
            tuple(x / 100 if k in (0, 1, 2, 4) else x for k, x in enumerate(_COPIES)),
            "accuracies in percent, and differences in points.",
        ),
        *slips_of(
            _COPIES,
            [
                (0, 70, "the first: a tenth of the *films* is missing, and the 80 % are of those "
                 "kept. How many films is A right on for sure?"),
                (0, 80, "the first: and if A is wrong on all films that it never saw?"),
                (0, 75, "the first: not half to each side. Count films: how many are right for "
                 "sure?"),
                (0, _LOW / 100, "the first: in percent."),
                (0, 80 * _B / _N, "the first: that is with B's number of films."),
                (0, 14400, "the first: in percent of all films."),
                (0, 80 - 100 / 9, "the first: the missing films are 2,000 of 20,000, not of "
                 "18,000."),
                (1, 90, "the second: the 80 % are of the films kept. Add the missing ones to what "
                 "is right for sure, in films."),
                (1, 80, "the second: A may be right on more of the missing films than of the "
                 "others."),
                (1, 85, "the second: not half to each side. Count films: those right for sure, "
                 "and all missing ones."),
                (1, 72 + 100 / 9, "the second: the missing films are 2,000 of 20,000, not of "
                 "18,000."),
                (1, 80 + 100 / 9, "the second: the missing films are 2,000 of 20,000, and the "
                 "80 % are of those kept."),
                (1, _HIGH / 100, "the second: in percent."),
                (1, 73, "the second: you add B's missing films. A misses 2,000."),
                (1, 100, "the second: what A got wrong stays wrong: 3,600 films."),
                (2, 79 - _LOW, "the third: B has missing films, too: 200."),
                (2, _B_LOW - _LOW, "the third: both at their worst. B is most ahead where B is at "
                 "its best."),
                (2, _B_HIGH - 80, "the third: A may be worse than its 80 % on all films."),
                (2, _HIGH - _B_LOW, "the third: that is how far A may be ahead of B."),
                (2, _B_HIGH - _HIGH, "the third: both at their best. B is most ahead where A is "
                 "at its worst."),
                (2, -1, "the third: that is the difference of the two numbers, of different "
                 "films."),
                (2, 1, "the third: that is how far A's number is above B's, and each is of its own "
                 "films."),
                (2, 80 - _LOW, "the third: 79.0 % of which films? B misses 200."),
                (2, _LOW - _B_HIGH, "the third: how far B is ahead: a number above 0."),
                (2, 79 - 70, "the third: from the right numbers 1 and 2. A's lowest is not 70."),
                (2, _B_LOW - _HIGH, "the third: that is the least. How far may B be ahead at "
                 "most?"),
                (2, 10, "the third: each accuracy is of the films kept."),
                (3, 18000, "the fourth: is every film of A's among B's?"),
                (3, 19800, "the fourth: B's films, but how many of them are missing in A?"),
                (3, 17820, "the fourth: that is expected by chance. At least?"),
                (3, 18200, "the fourth: at least. Suppose that the 200 that B misses are not among "
                 "the 2,000."),
                (3, 2200, "the fourth: so many may be missing on one side or the other. How many "
                 "are left?"),
                (3, 1800, "the fourth: that is by how much B has more."),
                (3, 0.9 * _A, "the fourth: that is a product of shares. Count the films that A or "
                 "B misses."),
                (3, 89, "the fourth: in films, not in percent."),
                (3, 20000, "the fourth: both number the films kept, not the films of the list."),
                (4, 100 * (0.16 / _A) ** 0.5, "the fifth: that is for films drawn from endlessly "
                 "many. Here nine tenths of all are drawn."),
                (4, _chance(0.8, _A) / 100, "the fifth: in points, not as a share."),
                (4, 2 * _chance(0.8, _A), "the fifth: one standard deviation."),
                (4, _chance(0.79, _B), "the fifth: that is B's."),
                (4, 100 * (0.16 / _N) ** 0.5, "the fifth: that is for films drawn from endlessly "
                 "many. Only the loss is left to chance."),
                (4, 0.09, "the fifth: to three decimals."),
                (4, 0.1, "the fifth: to three decimals, not to one."),
                (4, _chance(0.8, 2000), "the fifth: 2,000 films are *lost*, and 18,000 kept."),
                (4, 100 * (0.16 * (1 / _A + 1 / _N)) ** 0.5, "the fifth: a minus. If nothing is "
                 "lost, nothing scatters."),
                (4, 100 * (0.16 / 2000) ** 0.5, "the fifth: that is how the accuracy on the *lost* "
                 "films scatters."),
                (4, _chance(0.8, _A) ** 2 / 100, "the fifth: a root is missing."),
            ],
        ),
    ],
)  # fmt: skip
