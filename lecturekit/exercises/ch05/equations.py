"""What a pixel, a window and a fitted quadratic tell about the motion."""

from typing import Any

import numpy as np

from lecturekit.exercises import Derivation, Exercise, Misconception, Property


def _length(vector: Any) -> float:
    return float(np.hypot(*np.asarray(vector, float)))


_TWO_NUMBERS = Property("two numbers, dx and dy", lambda got, *_: np.shape(got) == (2,))

NORMAL_FLOW = Exercise(
    name="normal_flow",
    cases=[
        (10.0, 0.0, -5.0),
        (3.0, 4.0, 10.0),
        (-2.0, 6.0, 8.0),
        (0.5, -1.5, 2.0),
        (0.0, -4.0, 6.0),
        (2.0, 1.0, 0.0),
    ],
    properties=[
        _TWO_NUMBERS,
        Property(
            "the equation holds",
            lambda got, x, y, t: abs(x * got[0] + y * got[1] + t) < 1e-4,
        ),
        Property(
            "no shorter motion fits: its length is |change| / |slope|",
            lambda got, x, y, t: abs(_length(got) - abs(t) / np.hypot(x, y)) < 1e-4,
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
        Misconception(
            lambda x, y, t: (-t / x, 0.0) if x else (0.0, -t / y),
            "it fits, but it is not the shortest: that one lies along the slope, (k slope_x, "
            "k slope_y).",
            symptom=lambda got, x, y, t: abs(x * got[0] + y * got[1] + t) < 1e-4,
        ),
    ],
)

HAND_WINDOW = Derivation(
    name="hand_window",
    answer=(0.7, -0.6, 2.5, 1.25),
    statement="the sums give 7 / 10 and −3 / 5; the mean squares of the slopes are the eigenvalues",
    slips=[
        (
            (-0.7, 0.6, 2.5, 1.25),
            "the sign of the motion: slope · motion is minus the change.",
        ),
        (
            (0.8333, -0.75, 2.5, 1.25),
            "you averaged what each pixel says alone. Least squares weighs a pixel by its slope: "
            "sum the products first, then divide.",
        ),
        ((0.7, -0.6, 10, 5), "those are the eigenvalues of the sum. The mean has four pixels."),
        (
            (0.7, -0.6, 5, 2.5),
            "the mean is over all four pixels, also over those whose slope in that direction is 0.",
        ),
        ((0.7, -0.6, 1.5811, 1.118), "an eigenvalue is a mean square: no root is taken."),
        ((0.7, -0.6, 1.25, 2.5), "the larger one first."),
    ],
    tolerance=0.01,
)


def _window(seed: int, count: int, truth: tuple[float, float, float], noise: float) -> tuple:
    """Slopes whose mean is not 0, as in real windows; the change that fits (dx, dy, b)."""
    rng = np.random.default_rng(seed)
    slope_x, slope_y = rng.normal([[0.8], [-0.5]], 1.0, (2, count))
    change = truth[2] - slope_x * truth[0] - slope_y * truth[1] + noise * rng.normal(size=count)
    return slope_x, slope_y, change


def _with_light(slope_x: np.ndarray, slope_y: np.ndarray, change: np.ndarray) -> np.ndarray:
    unknowns = np.stack([slope_x, slope_y, -np.ones(len(change))], 1)
    return np.linalg.lstsq(unknowns, -change, rcond=None)[0]


def _without_light(slope_x: np.ndarray, slope_y: np.ndarray, change: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.stack([slope_x, slope_y], 1), -change, rcond=None)[0]


SOLVE_WITH_LIGHT = Exercise(
    name="solve_with_light",
    kind="derive",
    cases=[
        _window(0, 9, (0.5, -0.25, 5.0), 0.0),
        _window(1, 49, (-1.5, 0.75, -2.0), 0.0),
        _window(2, 225, (0.3, 0.1, 1.0), 0.2),
    ],
    properties=[
        Property("three numbers: dx, dy and b", lambda got, *_: np.shape(got) == (3,)),
        Property(
            "the motion and the light with the smallest sum of squared errors",
            lambda got, *window: np.allclose(got, _with_light(*window), atol=1e-4),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda x, y, t: _with_light(x, y, t) * [1, 1, -1],
            "the sign of b: where the light rises and nothing moves, change is b.",
        ),
        Misconception(
            lambda x, y, t: np.append(_without_light(x, y, t), 0.0),
            "dx and dy have explained the light as motion: b must be solved for with them, as a "
            "third column of the same equations.",
            symptom=lambda got, x, y, t: np.allclose(got[:2], _without_light(x, y, t), atol=1e-4),
        ),
        Misconception(
            lambda x, y, t: np.append(_without_light(x, y, t - t.mean()), t.mean()),
            "the mean change is not all light: where slopes have a mean, motion changes it too.",
        ),
        Misconception(
            lambda x, y, t: -_with_light(x, y, t),
            "all signs: slope · motion is b minus the change.",
        ),
        Misconception(
            lambda x, y, t: _with_light(x, y, t)[[1, 0, 2]],
            "that is (dy, dx, b). Which column of your matrix holds the slopes along x?",
        ),
    ],
)


def _moved(six: tuple[float, ...], dx: float, dy: float) -> tuple[np.ndarray, np.ndarray]:
    c, bx, by, xx, yy, xy = six
    after = [
        c - bx * dx - by * dy + xx * dx**2 + yy * dy**2 + xy * dx * dy,
        bx - 2 * xx * dx - xy * dy,
        by - 2 * yy * dy - xy * dx,
        xx,
        yy,
        xy,
    ]
    return np.array(six, float), np.array(after, float)


def _quadratic(before: np.ndarray, after: np.ndarray, corner: float = 0.5) -> np.ndarray:
    _, _, _, xx, yy, xy = before
    matrix = np.array([[xx, corner * xy], [corner * xy, yy]])
    return np.linalg.solve(2 * matrix, before[1:3] - after[1:3])


QUADRATIC_SHIFT = Exercise(
    name="quadratic_shift",
    cases=[
        _moved((7, -3, 2, 2, 3, 1), 0.5, -1),
        _moved((0, 1, 0, -1.5, 0.5, 2), -0.25, 0.75),
        _moved((90, 4, -6, 0.25, -2, -0.5), 2, 1),
        _moved((1, 2, 3, 1, 4, 0), 1.5, 0.5),
        _moved((1, 2, 3, 1, 4, 1.5), 0, 0),
    ],
    properties=[
        _TWO_NUMBERS,
        Property(
            "moving the first quadratic by the answer gives the second's slopes",
            lambda got, before, after: np.allclose(_moved(before, *got)[1], after, atol=1e-4),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda before, after: _quadratic(before, after, corner=1.0),
            "xᵀAx holds the corner of A twice, as a₁₂ xy + a₂₁ yx: the coefficient of xy is twice "
            "the entry.",
        ),
        Misconception(
            lambda before, after: -_quadratic(before, after),
            "the sign: to move f by d, replace x by x − d.",
        ),
        Misconception(
            lambda before, after: 2 * _quadratic(before, after),
            "the square of (x − d) has −2 d x in the middle: a factor of 2 is missing.",
        ),
        Misconception(
            lambda before, after: _quadratic(before, after, corner=0.0),
            "each axis alone leaves out xy: it makes a shift along y change the slope along x.",
        ),
        Misconception(
            lambda before, after: _quadratic(before, after)[::-1],
            "that is (dy, dx): the order of POWERS is 1, x, y, x², y², xy.",
        ),
    ],
)
