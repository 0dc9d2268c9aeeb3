"""Checks of chapter 6, two-stream networks."""

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property

_RNG = np.random.default_rng(0)
# No value twice, no axis as long as another: a swapped one is seen.
_FLOWS = [
    (np.arange(3 * 4 * 5 * 2, dtype=np.float32).reshape(3, 4, 5, 2) - 60,),
    (_RNG.normal(size=(4, 3, 7, 2)).astype(np.float32),),
]


def _stacked(flows: np.ndarray) -> np.ndarray:
    return np.stack([flows[k, :, :, i] for k in range(len(flows)) for i in (0, 1)])


STACK_FIELDS = Exercise(
    name="stack_fields",
    cases=_FLOWS,
    properties=[
        Property(
            "shape (2 L, H, W)",
            lambda got, flows: got.shape == (2 * len(flows), *flows.shape[1:3]),
        ),
        Property(
            "channel 2k is dx of field k, channel 2k + 1 is its dy",
            lambda got, flows: all(
                np.array_equal(got[2 * k + i], flows[k, :, :, i])
                for k in range(len(flows))
                for i in (0, 1)
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda flows: flows.reshape(2 * len(flows), *flows.shape[1:3]),
            "the shape is right and the channels are not: in memory dx and dy of one pixel are "
            "neighbours, and a reshape moves nothing. Move the last axis first.",
        ),
        Misconception(
            lambda flows: np.concatenate([flows[..., 0], flows[..., 1]]),
            "all dx first, then all dy. Some code does that, and weights trained with one order "
            "are wrong with the other. Asked for is dx, dy, dx, dy, …",
        ),
        Misconception(
            lambda flows: _stacked(flows[..., ::-1]),
            "dx and dy have changed places. A flow field is (dx, dy), though a picture is indexed "
            "[row, column].",
        ),
    ],
)


def _mirrored(stack: np.ndarray, sign: np.ndarray | float) -> np.ndarray:
    return stack[:, :, ::-1] * sign


def _alternating(first: float, second: float, stack: np.ndarray) -> np.ndarray:
    return np.tile(np.float32([first, second]), len(stack) // 2)[:, None, None]


_STACKS = [(_stacked(flows),) for (flows,) in _FLOWS]

MIRROR_STACK = Exercise(
    name="mirror_stack",
    cases=_STACKS,
    properties=[
        Property("the stack's shape", lambda got, stack: got.shape == stack.shape),
        Property(
            "dy of a pixel is found, unchanged, at the mirrored pixel",
            lambda got, stack: np.allclose(got[1::2, :, ::-1], stack[1::2]),
        ),
        Property(
            "dx of a pixel is found at the mirrored pixel with its sign changed",
            lambda got, stack: np.allclose(-got[0::2, :, ::-1], stack[0::2]),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda stack: _mirrored(stack, 1.0),
            "the picture is mirrored, the vectors are not: what moved to the right still does.",
        ),
        Misconception(
            lambda stack: _mirrored(stack, -1.0),
            "what moves down still moves down in a mirror: only dx changes its sign.",
        ),
        Misconception(
            lambda stack: np.concatenate(
                [_mirrored(np.split(stack, 2)[0], -1.0), _mirrored(np.split(stack, 2)[1], 1.0)]
            ),
            "you changed the first half of the channels, as if all dx stood first. dx and dy "
            "alternate.",
        ),
        Misconception(
            lambda stack: stack * _alternating(-1, 1, stack),
            "the vectors are mirrored, the picture is not: the last axis is the columns.",
        ),
    ],
)  # fmt: skip


def _softmax(scores: np.ndarray, axis: int = 1) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


# Rows in which one stream is sure and the other is not, so that the orders of operations differ.
_SPATIAL = np.array([[9.0, 6.5, 0], [0.2, 0.1, 0], [3, 1, 2], [0, 4, 1]])
_TEMPORAL = np.array([[0.5, 0, 1.6], [1, 2.5, 0], [0, 0.7, 8], [2.2, 0, 1]])
_FUSED = [
    (_SPATIAL, _TEMPORAL, 0.5),
    (_SPATIAL[:3], _TEMPORAL[:3], 0.2),
    (_TEMPORAL, _SPATIAL, 1.0),
]

FUSE = Exercise(
    name="fuse",
    cases=_FUSED,
    properties=[
        Property("the scores' shape", lambda got, spatial, *_: got.shape == spatial.shape),
        Property(
            "each clip's numbers are probabilities: they sum to one",
            lambda got, *_: np.allclose(got.sum(1), 1) and (got >= 0).all(),
        ),
        Property(
            "the weighted mean of both streams' softmax, weight of them the temporal one's",
            lambda got, spatial, temporal, weight: np.allclose(
                got, (1 - weight) * _softmax(spatial) + weight * _softmax(temporal)
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda spatial, temporal, weight: (1 - weight) * spatial + weight * temporal,
            "these are averaged scores, without a softmax: whichever network has the larger "
            "numbers decides.",
        ),
        Misconception(
            lambda spatial, temporal, weight: _softmax((1 - weight) * spatial + weight * temporal),
            "first the softmax of each stream, then the mean. The other way round the network with "
            "the larger numbers decides.",
        ),
        Misconception(
            lambda spatial, temporal, weight: (
                weight * _softmax(spatial) + (1 - weight) * _softmax(temporal)
            ),
            "weight belongs to the temporal stream; you gave it to the spatial one. At 0.5 nobody "
            "sees the difference.",
        ),
        Misconception(
            lambda spatial, temporal, weight: (
                (1 - weight) * _softmax(spatial, 0) + weight * _softmax(temporal, 0)
            ),
            "your softmax runs over the clips. Each clip's own row must sum to one.",
        ),
    ],
)  # fmt: skip


def _right(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return scores.argmax(1) == labels


_LABELS = [_RNG.integers(0, 5, number) for number in (40, 25)]
_ORACLE = [
    (
        _RNG.normal(size=(len(y), 5)) + 1.2 * np.eye(5)[y],
        _RNG.normal(size=(len(y), 5)) + 2 * np.eye(5)[y],
        y,
    )
    for y in _LABELS
]

ORACLE_ACCURACY = Exercise(
    name="oracle_accuracy",
    cases=_ORACLE,
    properties=[
        Property(
            "at least as high as either stream's accuracy",
            lambda got, spatial, temporal, labels: (
                max(_right(spatial, labels).mean(), _right(temporal, labels).mean())
                <= float(got) + 1e-9
            ),
        ),
        Property(
            "the share of clips on which at least one stream is right",
            lambda got, spatial, temporal, labels: (
                abs(float(got) - (_right(spatial, labels) | _right(temporal, labels)).mean()) < 1e-9
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda spatial, temporal, labels: float(
                1 - (1 - _right(spatial, labels).mean()) * (1 - _right(temporal, labels).mean())
            ),
            "that would hold if the streams erred independently of each other. Do not assume it, "
            "count: clip by clip, is one of them right?",
        ),
        Misconception(
            lambda spatial, temporal, labels: float(
                max(_right(spatial, labels).mean(), _right(temporal, labels).mean())
            ),
            "that is the better stream. The oracle may choose anew for each clip.",
        ),
        Misconception(
            lambda spatial, temporal, labels: float(
                (_right(spatial, labels) & _right(temporal, labels)).mean()
            ),
            "those are the clips on which both are right. One is enough.",
        ),
        Misconception(
            lambda spatial, temporal, labels: float(_right(spatial + temporal, labels).mean()),
            "that is a fusion, which has to decide without the label. The oracle knows it.",
        ),
    ],
)

EXERCISES = [STACK_FIELDS, MIRROR_STACK, FUSE, ORACLE_ACCURACY]
