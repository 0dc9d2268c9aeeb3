"""Who is who from frame to frame: boxes whose order is not the same in each frame."""

from collections.abc import Callable
from itertools import pairwise, permutations
from typing import Any

import numpy as np

from lecturekit import metrics
from lecturekit.exercises import Exercise, Misconception, Property, same

Row = np.ndarray


def _tracks(
    starts: list[tuple[float, float]],
    steps: list[tuple[float, float]],
    sizes: list[tuple[float, float]],
    frames: int,
    growth: float = 1.0,
) -> np.ndarray:
    """Boxes (frames, figures, 4) that move steadily; they grow by a factor with each frame."""
    t = np.arange(frames)[:, None, None]
    centres = np.array(starts) + t * np.array(steps)
    half = np.array(sizes) / 2 * growth**t
    return np.concatenate([centres - half, centres + half], 2)


def _scrambled(tracks: np.ndarray, seed: int) -> tuple[np.ndarray]:
    """In each frame after the first in an order of its own."""
    rng = np.random.default_rng(seed)
    rows = [tracks[0], *(boxes[rng.permutation(len(boxes))] for boxes in tracks[1:])]
    return (np.stack(rows).astype(np.float32),)


def _films() -> list[np.ndarray]:
    """What moves how, row f being one figure throughout."""
    towards = _tracks([(10, 30), (60, 44)], [(3, 0), (-3, 0)], [(12, 24), (12, 24)], 18)
    across = _tracks([(30, 10), (38, 60)], [(0, 2.5), (0, -2.5)], [(14, 16), (14, 16)], 20)
    three = _tracks([(8, 20), (70, 32), (40, 60)], [(4, 0), (-4, 0), (0, -2.5)], [(16, 26)] * 3, 17)
    nearer = _tracks([(10, 30), (50, 48)], [(2, 0), (-2, 0)], [(12, 22), (16, 20)], 20, 1.02)
    # The first leaps: what it overlaps most is the second one's box, which fits that still better.
    leap = np.array(
        [
            [(0, 0, 10, 20), (4, 0, 14, 20)],
            [(-6, 0, 4, 20), (4.5, 0, 14.5, 20)],
            [(-9, 0, 1, 20), (5, 0, 15, 20)],
        ],
        float,
    )
    # Turned round in time it is the box whose best match is the other one's row.
    return [towards, across, three, nearer, leap, leap[::-1]]


def _cases() -> list[tuple[np.ndarray]]:
    return [
        *(_scrambled(film, seed) for seed, film in enumerate(_films())),
        _scrambled(_tracks([(9, 9)], [(1, 1)], [(8, 8)], 5), 0),
        _scrambled(_tracks([(9, 9), (30, 9)], [(1, 1)] * 2, [(8, 8)] * 2, 1), 0),
    ]


def _assigned(overlap: np.ndarray) -> list[int]:
    """For each row a column of its own, so that the sum is the largest."""
    numbers = range(len(overlap))
    return list(max(permutations(numbers), key=lambda order: overlap[numbers, order].sum()))


def _by_rows(overlap: np.ndarray) -> list[int]:
    """Row by row: the best column that is free."""
    taken: list[int] = []
    for row in overlap:
        free = [k for k in range(len(row)) if k not in taken]
        taken.append(max(free, key=lambda k: row[k]))
    return taken


def _way(
    choose: Callable[[np.ndarray], Any] = _assigned, *, against: str = "linked"
) -> Callable[[Any], np.ndarray]:
    """Linking with its lines right or wrong.

    Args:
        choose: from overlaps (linked rows, boxes of this frame) to each row's box.
        against: the frame before as "linked" or as "given", or the "first" frame.
    """

    def followed(boxes: Any) -> np.ndarray:
        boxes = np.asarray(boxes)
        linked = [boxes[0]]
        for before, now in pairwise(boxes):
            known = {"linked": linked[-1], "given": before, "first": boxes[0]}[against]
            linked.append(now[choose(metrics.box_iou(known, now))])
        return np.stack(linked)

    return followed


_right = _way()


def _sorted_by(key: Callable[[Row], np.ndarray]) -> Callable[[Any], np.ndarray]:
    """Figures told apart by one number of their boxes, in the order of frame 0."""

    def followed(boxes: Any) -> np.ndarray:
        boxes = np.asarray(boxes)
        rank = np.argsort(np.argsort(key(boxes[0]), kind="stable"))
        return np.stack([row[np.argsort(key(row), kind="stable")][rank] for row in boxes])

    return followed


def _orders(boxes: Any) -> np.ndarray:
    boxes, linked = np.asarray(boxes), _right(boxes)
    return np.array(
        [
            [int(np.flatnonzero((now == one).all(1))[0]) for one in row]
            for now, row in zip(boxes, linked, strict=True)
        ]
    )


def _written(boxes: Any) -> Any:
    linked = _right(boxes)
    for t in range(len(boxes)):
        for f in range(len(boxes[0])):
            for k in range(4):
                boxes[t, f, k] = float(linked[t, f, k])
    return boxes


def _ranked(corner: int) -> Callable[..., bool]:
    """Whether, by one corner, the rows stand in the same order in each frame."""

    def ranked(got: Any, boxes: np.ndarray) -> bool:
        ranks = np.asarray(got)[:, :, corner].argsort(1)
        return bool((ranks == ranks[0]).all())

    return ranked


def _asked_by_box(boxes: Any) -> np.ndarray:
    """The best row for each box, whoever else has it; a row without a box keeps its last one."""
    linked = np.array(boxes)
    for t in range(1, len(linked)):
        now = np.asarray(boxes)[t]
        rows = metrics.box_iou(linked[t - 1], now).argmax(0)
        linked[t] = linked[t - 1]
        linked[t][rows] = now
    return linked


def _doubled(got: Any, boxes: np.ndarray) -> bool:
    """Some frame has one box twice."""
    got = np.asarray(got, float)
    return got.shape == boxes.shape and any(len(np.unique(row, axis=0)) < len(row) for row in got)


FOLLOWED = Exercise(
    name="followed",
    cases=_cases,
    properties=[
        Property("as many boxes as came", lambda got, boxes: np.shape(got) == boxes.shape),
        Property(
            "the boxes of each frame, each once",
            lambda got, boxes: all(
                same(sorted(a), sorted(b))
                for a, b in zip(np.asarray(got, float).tolist(), boxes.tolist(), strict=True)
            ),
        ),
        Property(
            "row f is one figure throughout, in the order of frame 0",
            lambda got, boxes: same(got, _right(boxes)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda boxes: boxes,
            "that is the order in which they came.",
        ),
        Misconception(
            _sorted_by(lambda row: row[:, 0]),
            "sorted from left to right. Where two pass each other, left and right change places, "
            "and they do not.",
            _ranked(0),
        ),
        Misconception(
            _sorted_by(lambda row: row[:, 1]),
            "sorted from top to bottom. Where two pass each other, those change places.",
            _ranked(1),
        ),
        Misconception(
            _sorted_by(lambda row: (row[:, 2] - row[:, 0]) * (row[:, 3] - row[:, 1])),
            "sorted by size. Two figures can be equally large.",
        ),
        Misconception(
            _way(against="first"),
            "you compare with frame 0. After a while nobody is where they were then: compare with "
            "the frame before.",
        ),
        Misconception(
            _way(against="given"),
            "you compare with the frame before as it *came*. Its rows were scrambled, too: compare "
            "with the rows that you have put in order already.",
        ),
        Misconception(
            _way(lambda overlap: overlap.argmax(1)),
            "two rows took one box, and another box is lost. Each box goes to one figure.",
            _doubled,
        ),
        Misconception(
            _way(_by_rows),
            "the first row chooses first, and may take what fits another row better. Take the pair "
            "that overlaps most of all, or compare all ways to hand out the boxes.",
        ),
        Misconception(
            _way(lambda overlap: overlap.argmax(0)),
            "you look for the best row of each box and use it as the box of each row. With three "
            "figures that is the order the wrong way round.",
        ),
        Misconception(
            _asked_by_box,
            "each box takes the row that fits it best, and two boxes take one. Each row gets one "
            "box, and each box one row.",
        ),
        Misconception(
            _way(lambda overlap: np.argsort(_assigned(overlap))),
            "right for two figures, not for three: you use the order the wrong way round. Row f "
            "must *get* the box that fits it; you send box f to a row.",
        ),
        Misconception(
            _way(lambda overlap: _assigned(-overlap)),
            "each row gets the box that overlaps it least.",
        ),
        Misconception(
            _orders,
            "those are the numbers of the boxes. Asked for: the boxes themselves, in that order.",
            lambda got, boxes: np.shape(got) == boxes.shape[:2],
        ),
        Misconception(
            _written,
            "right, but you have written into `boxes`. Whoever called it has lost the old order: "
            "work on a copy.",
        ),
    ],
)
