"""By hand: what a line costs, and where two networks change places."""

from math import log, pi, sqrt

from lecturekit.exercises import Derivation, slips_of

_FILM = 8 * 3 * 2 * 45
_HOURS = 20_000 * _FILM / 30_000 / 3600
_PLACES = 8 * 28 * 28
_MACS = 64 * 256 * _PLACES
_NUMBERS = 64 * _PLACES + 256 * _PLACES + 64 * 256
_INTENSITY = _MACS / (4 * _NUMBERS)
_COMPUTE_US = 2 * _MACS / 30e12 * 1e6
_MOVE_US = 4 * _NUMBERS / 1e12 * 1e6
_PRICED = (_FILM, _HOURS, _INTENSITY, max(_COMPUTE_US, _MOVE_US))

PRICED = Derivation(
    name="priced",
    answer=_PRICED,
    statement="24 views of 2 · 45 G; 20,000 films at 30,000 G a second; 102.8 M multiply–adds over "
    "8.1 MB; and moving takes longer than computing",
    slips=slips_of(
        _PRICED,
        [
            (0, _FILM / 2, "the first: those are multiply–adds. Each is two operations."),
            (0, 2 * 45, "the first: that is one view. How many views has a film?"),
            (0, _FILM / 3, "the first: each of the clips is cut in three crops."),
            (0, 2 * 45 * (8 + 3), "the first: each of the eight clips has three crops. Add or "
             "multiply?"),
            (0, _FILM / 4, "the first: neither crops times clips nor two operations for a "
             "multiply–add?"),
            (1, _HOURS / 2, "the second: the machine's figure counts operations, yours "
             "multiply–adds."),
            (1, 3600 * _HOURS, "the second: those are seconds."),
            (1, 60 * _HOURS, "the second: those are minutes."),
            (1, _HOURS / 24, "the second: that is one view for each film."),
            (2, 2 * _INTENSITY, "the third: those are operations for each byte. Asked: "
             "multiply–adds."),
            (2, 4 * _INTENSITY, "the third: for each *number*. A float32 has four bytes."),
            (2, _MACS / (4 * (320 * _PLACES)), "the third: the weights are read too."),
            (2, _MACS / (4 * (64 * _PLACES + 64 * 256)), "the third: what comes out is written "
             "too."),
            (2, 9 * _INTENSITY, "the third: a 1×1×1 kernel has one tap."),
            (3, _COMPUTE_US, "the fourth: that is the time of the operations. Moving the bytes "
             "takes longer, and a bound is the greater of the two."),
            (3, _COMPUTE_US + _MOVE_US, "the fourth: the two may go on at the same time. At least "
             "the *greater* of them."),
            (3, _COMPUTE_US / 2, "the fourth: two operations for each multiply–add, and then "
             "compare with the time of moving."),
            (3, _MOVE_US / 4, "the fourth: a float32 has four bytes."),
            (3, 1e-6 * _MOVE_US, "the fourth: in microseconds."),
        ],
    ),
)  # fmt: skip


_A, _B = (90, 40, 70), (60, 70, 50)


def _share(first: float, rest: float) -> float:
    """Of the first cue, where a lead there makes up for the lead elsewhere."""
    return rest / (rest - first)


_MORE = tuple(a - b for a, b in zip(_A, _B, strict=True))
_HALVES = _share(_MORE[0], (_MORE[1] + _MORE[2]) / 2)
_TWO = _share(_MORE[0], _MORE[1])
_FIFTH = (0.2 * _MORE[0] + 0.8 * _MORE[2]) / (_MORE[2] - _MORE[1])
_BEST_OF_TWO = 1.2 / sqrt(pi)
_CROSSED = (_HALVES, _TWO, _FIFTH, _BEST_OF_TWO)

CROSSED = Derivation(
    name="crossed",
    answer=_CROSSED,
    statement="30 s = 5 (1 − s); 30 s = 30 (1 − s); 6 − 30 x + 20 (0.8 − x) = 0; and 1.2 / √π",
    slips=slips_of(
        _CROSSED,
        [
            (0, 1 - _HALVES, "the first: that is the share of the others. Asked: appearance's."),
            (0, _share(30, -10), "the first: the rest is half direction and half speed: its lead "
             "is the *mean* of the two, not their sum."),
            (0, 0.5, "the first: that is without speed. Half of the rest asks for speed, where A "
             "leads."),
            (0, 5 / 30, "the first: 30 s = 5 (1 − s). The rest shrinks as s grows."),
            (0, 100 * _HALVES, "the first: as a share of 1, not in percent."),
            (1, 1 / 3, "the second: no film asks for speed, so all that is not appearance is "
             "direction."),
            (1, 1, "the second: at 1 A leads by 30 points. Where are they level?"),
            (1, 100 * _TWO, "the second: as a share of 1, not in percent."),
            (2, 0.8 - _FIFTH, "the third: that is the share of speed. Asked: direction's."),
            (2, _FIFTH / 0.8, "the third: that is its share of the rest. Asked: of all films."),
            (2, 0.2, "the third: appearance has 0.2; then 0.8 is left for two cues."),
            (2, 100 * _FIFTH, "the third: as a share of 1, not in percent."),
            (2, 16 / 50, "the third: appearance's 0.2 · 30 points count as well."),
            (3, 1.2 * sqrt(2 * log(2)), "the fourth: that is the bound for every k. For two, work "
             "the mean out: max(x, y) = (x + y + |x − y|) / 2."),
            (3, 1.2 * 2 / sqrt(pi), "the fourth: that is how far the two lie apart. The greater "
             "is half of it above the mean."),
            (3, 0.0, "the fourth: each seed is at the mean on average. The better of two is not."),
            (3, 1.2, "the fourth: one standard deviation is how far a seed lies from the mean, "
             "either side."),
            (3, 1.2 * sqrt(2 / pi), "the fourth: that is the mean of |x − µ| of *one* seed. The "
             "difference of two spreads √2 times as far, and the greater is half of it above."),
            (3, 1 / sqrt(pi), "the fourth: that is for a spread of one. Here it is 1.2 points."),
        ],
    ),
)  # fmt: skip
