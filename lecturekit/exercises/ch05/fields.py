"""A flow field turned, made smaller, and followed."""

from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property, same


def _turn(field: np.ndarray, quarters: int, vectors: str) -> np.ndarray:
    turned = np.rot90(field, quarters)
    dx, dy = turned[..., 0], turned[..., 1]
    ways = {"kept": (dx, dy), "clockwise": (-dy, dx), "counter": (dy, -dx), "swapped": (dy, dx)}
    return np.stack(ways[vectors], -1)


TURNED_FLOW = Exercise(
    name="turned_flow",
    cases=[
        (np.arange(2 * 3 * 2, dtype=np.float32).reshape(2, 3, 2) + 1,),
        (np.random.default_rng(3).normal(size=(4, 5, 2)).astype(np.float32),),
    ],
    properties=[
        Property("shape (W, H, 2)", lambda got, field: np.shape(got) == (*field.shape[1::-1], 2)),
        Property(
            "row y, column x comes to row x, column H − 1 − y, and what went right goes down",
            lambda got, field: same(got, _turn(field, -1, "clockwise")),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda field: _turn(field, -1, "kept"),
            "the field is turned, the vectors are not: what went right goes down.",
        ),
        Misconception(
            lambda field: _turn(field, -1, "counter"),
            "the field is turned clockwise and its vectors the other way. dy points down: follow "
            "one vector that goes right.",
        ),
        Misconception(
            lambda field: _turn(field, 1, "counter"),
            "that is a quarter turn the other way: np.rot90 turns counter-clockwise unless told.",
        ),
        Misconception(
            lambda field: field.swapaxes(0, 1)[..., ::-1],
            "to swap the axes and the two numbers is a mirror along the diagonal, not a turn.",
        ),
        Misconception(
            lambda field: _turn(field, -1, "swapped"),
            "the numbers change places, and one of them its sign too: what went down goes left.",
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
        (np.random.default_rng(6).normal([4.0, -2.0], 1.0, (4, 8, 2)), 4),
    ],
    properties=[
        Property(
            "shape (H / factor, W / factor, 2)",
            lambda got, field, n: np.shape(got) == (field.shape[0] // n, field.shape[1] // n, 2),
        ),
        Property(
            "the mean vector of each block, counted in the smaller film's larger pixels",
            lambda got, field, n: np.allclose(got, _blocks(field, n) / n, atol=1e-5),
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
            "too large by factor²: the block was summed instead of averaged, or its mean "
            "multiplied where it should be divided.",
        ),
        Misconception(
            lambda field, n: _blocks(field, n) * n**2,
            "the sum of a block is not its mean; and in a smaller film everything moves by fewer "
            "pixels.",
        ),
        Misconception(
            lambda field, n: _blocks(field, n) / n**2,
            "an area shrinks by factor², a length by factor.",
        ),
        Misconception(
            lambda field, n: field[::n, ::n] / n,
            "one pixel of each block was taken; its mean was asked for.",
        ),
    ],
)


def _follow(fields: np.ndarray, x: float, y: float, place: Any, moves: bool = True) -> tuple:
    start = x, y
    for field in fields:
        dx, dy = field[place(*((x, y) if moves else start))]
        x, y = x + dx, y + dy
    return x, y


def _swapped(x: float, y: float) -> tuple[int, int]:
    return round(float(x)), round(float(y))


def _nearest(x: float, y: float) -> tuple[int, int]:
    return round(float(y)), round(float(x))


def _leaf(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1.4, 1.4, size=(4, 14, 14, 2))


FOLLOW = Exercise(
    name="follow",
    kind="debug",
    cases=[(_leaf(0), 8.0, 6.0), (_leaf(1), 6.3, 7.8), (_leaf(2)[:, :13], 7.0, 5.7)],
    properties=[
        Property("two numbers, x and y", lambda got, *_: np.shape(got) == (2,)),
        Property(
            "each field is read where the leaf is then, at row y and column x",
            lambda got, fields, x, y: np.allclose(
                np.asarray(got, float), _follow(fields, x, y, _nearest), atol=1e-4
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda fields, x, y: _follow(fields, x, y, _swapped, moves=False),
            "two mistakes. In which order does an array take its indices? And where is the leaf "
            "when the second field is read?",
        ),
        Misconception(
            lambda fields, x, y: _follow(fields, x, y, _nearest, moves=False),
            "the indices are right now. But every field is read where the leaf began.",
        ),
        Misconception(
            lambda fields, x, y: _follow(fields, x, y, _swapped),
            "the leaf moves now. But an array is indexed [row, column], that is [y, x].",
        ),
        Misconception(
            lambda fields, x, y: _follow(fields, x, y, lambda x, y: (int(y), int(x))),
            "int() cuts off: 5.9 becomes 5. The nearest pixel is 6.",
        ),
        Misconception(
            lambda fields, x, y: tuple(
                float(round(float(v))) for v in _follow(fields, x, y, _nearest)
            ),
            "round only to look up; the position itself keeps its fractions, or they are lost.",
            symptom=lambda got, *_: np.allclose(got, np.round(got)),
        ),
    ],
)
