"""Checks of chapter 5, optical flow."""

from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property

_PIXELS = [(10.0, 0.0, -5.0), (3.0, 4.0, 10.0), (-2.0, 6.0, 8.0), (0.5, -1.5, 2.0)]


def _length(vector: Any) -> float:
    return float(np.hypot(*np.asarray(vector, float)))


NORMAL_FLOW = Exercise(
    name="normal_flow",
    cases=_PIXELS,
    properties=[
        Property("two numbers, dx and dy", lambda got, *_: np.shape(got) == (2,)),
        Property(
            "the equation holds",
            lambda got, x, y, t: abs(x * got[0] + y * got[1] + t) < 1e-6,
        ),
        Property(
            "no shorter motion fits: its length is |change| / |slope|",
            lambda got, x, y, t: abs(_length(got) - abs(t) / np.hypot(x, y)) < 1e-6,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda x, y, t: (t * x / (x**2 + y**2), t * y / (x**2 + y**2)),
            "the sign. Where a rising ramp moves to the right, its pixels get darker: change and "
            "motion have opposite signs.",
        ),
        Misconception(
            lambda x, y, t: (-t * x / np.hypot(x, y), -t * y / np.hypot(x, y)),
            "you divided by the length of the slope. The direction (x, y) / |slope| times the "
            "length |change| / |slope| has |slope| squared below.",
        ),
        Misconception(
            lambda x, y, t: (-t / x if x else 0.0, -t / y if y else 0.0),
            "each of the two numbers alone explains all of the change; together they explain it "
            "twice.",
        ),
    ],
)


def _window(seed: int, count: int, motion: tuple[float, float], noise: float) -> tuple:
    rng = np.random.default_rng(seed)
    slope_x, slope_y = rng.normal(size=(2, count))
    change = -slope_x * motion[0] - slope_y * motion[1] + noise * rng.normal(size=count)
    return slope_x, slope_y, change


_WINDOWS = [
    _window(0, 9, (0.5, -0.25), 0.0),
    _window(1, 49, (-1.5, 0.75), 0.0),
    _window(2, 225, (0.3, 0.1), 0.2),
]


def _least_squares(slope_x: np.ndarray, slope_y: np.ndarray, change: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.stack([slope_x, slope_y], 1), -change, rcond=None)[0]


SOLVE_WINDOW = Exercise(
    name="solve_window",
    cases=_WINDOWS,
    properties=[
        Property("two numbers, dx and dy", lambda got, *_: np.shape(got) == (2,)),
        Property(
            "the motion with the smallest sum of squared errors",
            lambda got, *window: np.allclose(got, _least_squares(*window), atol=1e-6),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda x, y, t: -_least_squares(x, y, t),
            "the sign: slope · motion is minus the change.",
        ),
        Misconception(
            lambda x, y, t: _least_squares(x, y, t)[::-1],
            "that is (dy, dx). Which column of your matrix holds the slopes along x?",
        ),
        Misconception(
            lambda x, y, t: np.mean([-t * x, -t * y] / (x**2 + y**2), 1),
            "the mean of the normal flows: each pixel's is the shortest that fits it, so their "
            "mean is too short. Solve all equations together.",
        ),
    ],
)


PARABOLA_SHIFT = Exercise(
    name="parabola_shift",
    cases=[(2.0, -3.0, -5.0), (0.5, 1.0, 0.0), (-1.5, 2.0, 6.5), (4.0, 0.0, 0.0)],
    properties=[
        Property(
            "moving the parabola by the answer gives the second slope: b₂ = b₁ − 2 a d",
            lambda got, a, before, after: abs(before - 2 * a * got - after) < 1e-9,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda a, before, after: (after - before) / (2 * a),
            "the sign: to move f to the right by d, replace x by x − d.",
        ),
        Misconception(
            lambda a, before, after: (before - after) / a,
            "(x − d)² has −2 d x in the middle: a factor of 2 is missing.",
        ),
        Misconception(
            lambda a, before, after: (before - after) / 2,
            "a steep parabola changes its slope more for the same shift: divide by its curvature.",
        ),
    ],
)


_FIELDS = [
    np.arange(2 * 3 * 2, dtype=np.float32).reshape(2, 3, 2) + 1,
    np.random.default_rng(3).normal(size=(4, 5, 2)).astype(np.float32),
]


def _negated(field: np.ndarray, axis: int) -> np.ndarray:
    field = field.copy()
    field[..., axis] *= -1
    return field


MIRRORED_FLOW = Exercise(
    name="mirrored_flow",
    cases=[(field,) for field in _FIELDS],
    properties=[
        Property("the shape of the field", lambda got, field: np.shape(got) == field.shape),
        Property(
            "what was at column x is at column W − 1 − x, and what went right goes left",
            lambda got, field: all(
                np.allclose(
                    got[y, field.shape[1] - 1 - x], [-field[y, x, 0], field[y, x, 1]], atol=1e-6
                )
                for y in range(field.shape[0])
                for x in range(field.shape[1])
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda field: field[:, ::-1],
            "the field is turned, the vectors are not: in a mirror, what goes right goes left.",
        ),
        Misconception(
            lambda field: _negated(field, 0),
            "the vectors are turned, but each stands where it stood: mirror the field as well.",
        ),
        Misconception(
            lambda field: -field[:, ::-1],
            "a mirror on the wall does not turn up into down: dy keeps its sign.",
        ),
        Misconception(
            lambda field: _negated(field[::-1], 1),
            "that is the mirror lying on the floor: rows are the first axis, columns the second.",
        ),
    ],
)


def _blocks(field: np.ndarray, factor: int) -> np.ndarray:
    height, width, _ = field.shape
    return field.reshape(height // factor, factor, width // factor, factor, 2).mean((1, 3))


SMALLER_FLOW = Exercise(
    name="smaller_flow",
    cases=[
        (np.random.default_rng(4).normal(size=(6, 4, 2)) + 3, 2),
        (np.random.default_rng(5).normal(size=(6, 9, 2)) - 1, 3),
        (np.full((4, 8, 2), [4.0, -2.0]), 4),
    ],
    properties=[
        Property(
            "shape (H / factor, W / factor, 2)",
            lambda got, field, n: np.shape(got) == (field.shape[0] // n, field.shape[1] // n, 2),
        ),
        Property(
            "the mean vector of each block, counted in the smaller film's larger pixels",
            lambda got, field, n: np.allclose(got, _blocks(field, n) / n, atol=1e-6),
        ),
    ],
    misconceptions=[
        Misconception(
            _blocks,
            "resized like a picture. A pixel of the smaller film is as wide as `factor` pixels of "
            "the larger one.",
        ),
        Misconception(
            lambda field, n: _blocks(field, n) * n,
            "the other way round: in a smaller film everything moves by fewer pixels.",
        ),
        Misconception(
            lambda field, n: _blocks(field, n) / n**2,
            "an area shrinks by factor², a length by factor.",
        ),
    ],
)

EXERCISES = [NORMAL_FLOW, SOLVE_WINDOW, PARABOLA_SHIFT, MIRRORED_FLOW, SMALLER_FLOW]
