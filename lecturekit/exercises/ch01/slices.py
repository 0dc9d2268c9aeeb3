"""Motion as a slope."""

import numpy as np

from lecturekit.exercises import Derivation, Exercise, Misconception, Property, same

SLOPE = Derivation(
    name="slope",
    answer=(1.5, 37.5, 6.0),
    statement="45 columns in 30 rows, 25 rows a second, 4 frames a row",
    slips=[
        (
            (30 / 45, 30 / 45 * 25, 30 / 45 * 4),
            "you divided rows by columns. Speed is columns (px) over rows (frames).",
        ),
        (
            (45 / 31, 45 / 31 * 25, 45 / 31 * 4),
            "from row 10 to row 40 are 30 steps; 31 is the number of rows.",
        ),
        (
            (1.5, 1.5 / 25, 6.0),
            "a second has 25 frames, so the way in a second is longer, not shorter.",
        ),
        (
            (1.5, 37.5, 1.5 / 4),
            "a row of the new slice is four frames later than the last: the way is longer.",
        ),
        (
            (1.5, 37.5, 1.5),
            "the thing moves on while frames are left out. How far in four frames?",
        ),
        (
            (85 / 40, 85 / 40 * 25, 85 / 40 * 4),
            "that is the place of the end. Speed is the change of place over the change of time.",
        ),
    ],
)

_SPEED, _SPEEDS, _ROWS = 2, np.arange(-16, 17) / 2, 12


def _variation(row: np.ndarray, speed: float) -> float:
    """How much the row, sliding at 2 px per frame, changes along a line of this speed."""
    row = np.asarray(row, dtype=float)
    slide = [np.roll(row, _SPEED * t) for t in range(_ROWS)]
    inside = np.arange(120, len(row) - 120)
    at = np.arange(len(row))
    lines = [np.interp(inside + speed * t, at, moved) for t, moved in enumerate(slide)]
    return float(np.stack(lines).var(axis=0).mean())


def _has_a_double(row: np.ndarray) -> bool:
    true = _variation(row, _SPEED)
    others = [_variation(row, speed) for speed in _SPEEDS if abs(speed - _SPEED) >= 1]
    return min(others) <= true + 1e-3 * float(np.var(row))


DECEIVING_ROW = Exercise(
    name="deceiving_row",
    kind="experiment",
    cases=[(320,), (401,)],
    properties=[
        Property("shape (width,)", lambda got, width: np.shape(got) == (width,)),
        Property(
            "values in 0…1 with a standard deviation of at least 0.2",
            lambda got, width: np.min(got) >= 0 and np.max(got) <= 1 and np.std(got) >= 0.2,
        ),
        Property(
            "another speed from −8 to 8 leaves no more variation than the true 2 px per frame",
            lambda got, width: _has_a_double(got),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda width: np.full(width, 0.5),
            "without contrast every speed fits, and there is nothing to see. Keep a pattern.",
            symptom=lambda got, width: np.ndim(got) == 1 and np.std(got) < 0.01,
        ),
        Misconception(
            lambda width: np.random.default_rng(0).random(width),
            "no two parts of a random row are alike, so only the true speed fits. What kind of "
            "row is like itself a few pixels further on?",
        ),
        Misconception(
            lambda width: 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(width) / 40),
            "the row repeats, but only after more pixels than the search goes. Its double lies "
            "outside −8…8 px per frame.",
            symptom=lambda got, width: _period(got) > 10,
        ),
        Misconception(
            lambda width: np.linspace(0, 1, width),
            "a ramp is nowhere like itself: followed at a wrong speed it grows brighter or darker "
            "from row to row.",
            symptom=lambda got, width: _is_a_ramp(np.asarray(got, dtype=float)),
        ),
        Misconception(
            lambda width: 255.0 * (np.arange(width) // 2 % 2),
            "the stripes are fine; the values must lie in 0…1.",
            symptom=lambda got, width: np.max(got) > 1 or np.min(got) < 0,
        ),
        Misconception(
            lambda width: (np.arange(width) >= width // 2).astype(float),
            "away from the edge there is nothing to follow, but the edge itself tells its speed.",
        ),
    ],
)


def _is_a_ramp(row: np.ndarray) -> bool:
    steps = np.diff(row)
    return bool((steps > 0).all() or (steps < 0).all())


def _period(row: np.ndarray) -> int:
    """Pixels after which the row repeats; 0 if it does not."""
    row = np.asarray(row, dtype=float)
    shifts = range(1, len(row) // 2)
    return next((p for p in shifts if same(row[p:], row[:-p], atol=1e-3)), 0)
