"""A picture on which one flow fails and another does not."""

from functools import cache

import numpy as np

from lecturekit import flow
from lecturekit.exercises import Exercise, Misconception, Property

# Parts of the motion that are missed. Bowls and slow shades: 0.1 to 0.3, and 0.9 or more.
_MOST, _LEAST = 1 / 3, 2 / 3
# Lucas–Kanade at work where Farnebäck is neither right nor lost.
_ALMOST = 1 / 4


def _as_shown(got: object, size: int) -> bool:
    return getattr(got, "dtype", None) == np.uint8 and np.shape(got) == (size, size)


def _missed(picture: np.ndarray) -> tuple[float, float]:
    """The part of the motion that Farnebäck's method misses, and Lucas–Kanade's; the worst case."""
    return _missed_by_bytes(picture.tobytes(), len(picture))


@cache
def _missed_by_bytes(pixels: bytes, size: int) -> tuple[float, float]:
    picture = np.frombuffer(pixels, np.uint8).reshape(size, size, 1).repeat(3, 2)
    rng = np.random.default_rng(size)
    farneback, lucas_kanade = [], []
    for angle, length in zip(rng.uniform(0, 2 * np.pi, 3), rng.uniform(1, 2, 3), strict=True):
        scene = flow.translation(picture, length * np.cos(angle), length * np.sin(angle))
        for run, missed in ((flow.farneback, farneback), (flow.lucas_kanade, lucas_kanade)):
            found = run(scene.prev, scene.next)
            missed.append(flow.endpoint_error(found, scene.flow, scene.valid) / length)
    return min(farneback), max(lucas_kanade)


def _slopes(picture: np.ndarray) -> tuple[float, float]:
    """Mean square of the slope in the picture's best and in its worst direction."""
    slopes = np.stack(np.gradient(picture.astype(float))).reshape(2, -1)
    worst, best = np.linalg.eigvalsh(slopes @ slopes.T / slopes.shape[1])
    return best, worst


def _bowl(size: int, height: float) -> np.ndarray:
    return height * ((2 * _grid(size) - 1) ** 2).sum(0)


def _is_faint(got: np.ndarray, size: int) -> bool:
    """Whether the picture would do if it used all grey values."""
    above = got - float(got.min())
    most, least = _missed((255 * above / max(above.max(), 1)).astype(np.uint8))
    return most >= _LEAST and least <= _MOST


def _grid(size: int) -> np.ndarray:
    return np.mgrid[:size, :size] / size


HARD_PICTURE = Exercise(
    name="hard_picture",
    kind="experiment",
    library="numpy",
    cases=[(128,), (160,)],
    properties=[
        Property("a uint8 picture (size, size)", _as_shown),
        Property(
            "Lucas–Kanade misses at most a third of the motion",
            lambda got, size: _as_shown(got, size) and _missed(got)[1] <= _MOST,
        ),
        Property(
            "Farnebäck misses at least two thirds of it",
            lambda got, size: _as_shown(got, size) and _missed(got)[0] >= _LEAST,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda size: _bowl(size, 1 / 2),
            "the shape is right, the kind of number is not. Grey values are whole numbers from 0 "
            "to 255: bring yours there, then .astype(np.uint8).",
            symptom=lambda got, size: np.shape(got) == (size, size) and got.dtype != np.uint8,
        ),
        Misconception(
            lambda size: _bowl(size, 127).astype(np.uint8)[..., None].repeat(3, 2),
            "a grey picture has one number for each pixel and no axis of colours: (size, size).",
            symptom=lambda got, size: np.shape(got) == (size, size, 3),
        ),
        Misconception(
            lambda size: np.full((size, size), 128, np.uint8),
            "both fail: on flat ground there is nothing to read. Lucas–Kanade needs slopes.",
            symptom=lambda got, size: _as_shown(got, size) and _slopes(got)[0] < 0.01,
        ),
        Misconception(
            lambda size: (255 * _grid(size)[1]).astype(np.uint8),
            "both fail: all slopes lie in one direction. What is this problem called?",
            symptom=lambda got, size: (
                _as_shown(got, size) and _slopes(got)[1] < 0.01 * _slopes(got)[0]
            ),
        ),
        Misconception(
            lambda size: np.random.default_rng(0).integers(0, 256, (size, size)).astype(np.uint8),
            "both are right: where grey values bend sharply, Farnebäck has much to read. Which of "
            "its six numbers has to vanish?",
            symptom=lambda got, size: _as_shown(got, size) and _missed(got)[0] < _ALMOST,
        ),
        Misconception(
            lambda size: (128 + 60 * np.sin(2 * np.pi * _grid(size) * size / 64).sum(0)).astype(
                np.uint8
            ),
            "nearly. Farnebäck still finds enough that is bent: make the shades change slower.",
            symptom=lambda got, size: _as_shown(got, size) and _missed(got)[1] <= _MOST,
        ),
        Misconception(
            lambda size: _bowl(size, 60).astype(np.uint8),
            "the right shape, but too faint: Lucas–Kanade needs steeper slopes. Use all 256 grey "
            "values.",
            symptom=lambda got, size: _as_shown(got, size) and _is_faint(got, size),
        ),
        Misconception(
            lambda size: np.where(abs(_grid(size) - 0.5).max(0) < 0.1, 220, 40).astype(np.uint8),
            "both fail on most of the picture: Lucas–Kanade needs slopes in two directions, steep "
            "enough, in every place.",
            symptom=lambda got, size: _as_shown(got, size) and _missed(got)[1] > _MOST,
        ),
    ],
)
