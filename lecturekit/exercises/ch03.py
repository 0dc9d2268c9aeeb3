"""Checks of chapter 3, temporal fusion."""

from collections.abc import Callable

import numpy as np
import torch

from lecturekit.exercises import Exercise, Misconception, Property

# Every element different and every axis of another length: a swapped axis is seen.
_CLIPS = [
    torch.arange(2 * 3 * 4 * 5 * 6, dtype=torch.float32).reshape(2, 3, 4, 5, 6),
    torch.arange(1 * 3 * 7 * 2 * 5, dtype=torch.float32).reshape(1, 3, 7, 2, 5),
]


STACK_FRAMES = Exercise(
    name="stack_frames",
    cases=[(clip,) for clip in _CLIPS],
    properties=[
        Property(
            "shape (B, T·C, H, W)",
            lambda got, x: tuple(got.shape) == (len(x), x.shape[1] * x.shape[2], *x.shape[3:]),
        ),
        Property(
            "channel 3t + c is colour c of frame t",
            lambda got, x: all(
                torch.equal(got[:, 3 * t + c], x[:, c, t])
                for t in range(x.shape[2])
                for c in range(3)
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda x: x.flatten(1, 2),
            "all frames of red, then of green, then of blue: a reshape moves nothing, it cuts the "
            "same memory anew. Name both axes in the order asked for, '(t c)'.",
        ),
        Misconception(
            lambda x: x.transpose(1, 2).flatten(0, 1),
            "that makes every frame a picture of its own, which is late fusion's input.",
        ),
    ],
)


def _holds_frames(got: torch.Tensor, x: torch.Tensor) -> bool:
    frames = x.shape[2]
    return all(
        torch.equal(got[b * frames + t], x[b, :, t]) for b in range(len(x)) for t in range(frames)
    )


FRAMES_AS_BATCH = Exercise(
    name="frames_as_batch",
    cases=[(clip,) for clip in _CLIPS],
    properties=[
        Property(
            "shape (B·T, C, H, W)",
            lambda got, x: tuple(got.shape) == (len(x) * x.shape[2], 3, *x.shape[3:]),
        ),
        Property("picture b·T + t is frame t of clip b, in its colours", _holds_frames),
    ],
    misconceptions=[
        Misconception(
            lambda x: x.reshape(len(x) * x.shape[2], 3, *x.shape[3:]),
            "the shape is right and the pictures are not: reshape took neighbours in memory, which "
            "are frames of one colour, for the three colours of a frame.",
        ),
        Misconception(
            lambda x: x.permute(2, 0, 1, 3, 4).flatten(0, 1),
            "the pictures are whole but in the order (t b): cut back into clips of T frames, each "
            "clip would be mixed from all.",
        ),
        Misconception(
            lambda x: x.transpose(1, 2).flatten(1, 2),
            "that stacks the frames into channels, which is early fusion's input.",
        ),
    ],
)


def _reach(kernels: list[int], strides: list[int]) -> int:
    """By tracing back: which inputs can one output of the last layer touch?"""
    reached = {0}
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        reached = {stride * i + k for i in reached for k in range(kernel)}
    return max(reached) - min(reached) + 1


FRAMES_SEEN = Exercise(
    name="frames_seen",
    cases=[
        ([3], [1]),
        ([3, 3], [1, 1]),
        ([3, 3, 3], [2, 2, 2]),
        ([5, 3, 1], [1, 2, 2]),
        ([1, 1], [1, 1]),
        ([3, 2, 3], [1, 2, 1]),
    ],
    properties=[
        Property(
            "one frame if no kernel is longer than one", lambda got, k, s: got == 1 or max(k) > 1
        ),
        Property(
            "as many frames as tracing back from one output finds",
            lambda got, k, s: got == _reach(k, s),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda k, s: sum(k) - len(k) + 1,
            "right while all strides are 1. After a stride of 2, one step is two frames wide.",
        ),
        Misconception(
            lambda k, s: sum(k), "neighbouring windows overlap: a layer adds k − 1, not k."
        ),
        Misconception(
            lambda k, s: int(np.prod(k)),
            "windows overlap. Only with a stride equal to the kernel do they multiply.",
        ),
        Misconception(
            lambda k, s: (
                1
                + sum(
                    (a - 1) * int(np.prod(s[: i + 1]))
                    for i, (a, _) in enumerate(zip(k, s, strict=True))
                )
            ),
            "a layer's own stride widens the steps of the layers after it, not its own window.",
        ),
    ],
)


_RNG = np.random.default_rng(0)
_SCORES = [
    (_RNG.normal(size=(40, 6)), _RNG.integers(0, 6, 40)),
    (_RNG.normal(size=(25, 12)), _RNG.integers(0, 12, 25)),
    (np.array([[5.0, 0, 0, 1], [5.0, 0, 1, 0]]), np.array([3, 2])),
]


def _inside_pair(scores: np.ndarray, labels: np.ndarray) -> float:
    right = [row[label] > row[label ^ 1] for row, label in zip(scores, labels, strict=True)]
    return float(np.mean(right))


WITHIN_PAIR_ACCURACY = Exercise(
    name="within_pair_accuracy",
    cases=_SCORES,
    properties=[
        Property("a share from 0 to 1", lambda got, *_: 0 <= float(got) <= 1),
        Property(
            "a clip counts if its class scores higher than its partner",
            lambda got, scores, labels: abs(float(got) - _inside_pair(scores, labels)) < 1e-9,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda scores, labels: float((scores.argmax(1) == labels).mean()),
            "that is the usual accuracy, over all classes. Here only the pair's two compete: "
            "a chance of 1/2.",
        ),
        Misconception(
            lambda scores, labels: float(
                (scores[np.arange(len(labels)), labels]
                 > scores[np.arange(len(labels)), (labels + 1) % scores.shape[1]]).mean()
            ),
            "you compared with the class that comes next. The pairs are (0, 1), (2, 3), …: the "
            "partner of 1 is 0.",
        ),
        Misconception(
            lambda scores, labels: float((scores.argmax(1) // 2 == labels // 2).mean()),
            "that asks whether the pair was found. The question is which of the two it was.",
        ),
    ],
)  # fmt: skip


def _mean(frames: np.ndarray) -> np.ndarray:
    return frames.mean(0)


def _last(frames: np.ndarray) -> np.ndarray:
    return frames[-1]


def _middle(frames: np.ndarray) -> np.ndarray:
    return frames[len(frames) // 2]


def _largest(frames: np.ndarray) -> np.ndarray:
    return frames.max(0)


def _both_ways(frames: np.ndarray) -> np.ndarray:
    return abs(np.diff(frames, axis=0)).sum(0)


def _half_difference(frames: np.ndarray) -> np.ndarray:
    return frames[: len(frames) // 2].mean(0) - frames[-(len(frames) // 2) :].mean(0)


_FEATURES = np.random.default_rng(1).normal(size=(5, 3))
_BLIND = {_mean: True, _largest: True, _last: False, _middle: False, _both_ways: False}


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.allclose(a, b))


def _blind(pool: Callable, frames: np.ndarray) -> bool:
    return _BLIND.get(pool, False)


IS_ORDER_BLIND = Exercise(
    name="is_order_blind",
    cases=[(pool, _FEATURES) for pool in (*_BLIND, _half_difference)],
    properties=[
        Property("True or False", lambda got, *_: isinstance(got, bool | np.bool_)),
        Property(
            "True for the poolings that no new order of frames changes, and only for them",
            lambda got, pool, frames: bool(got) == _blind(pool, frames),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda pool, frames: _same(pool(frames), pool(frames[::-1])),
            "you tried one other order, the reverse. The middle frame, and the sum of the changes, "
            "survive that and not a shuffle.",
        ),
        Misconception(
            lambda pool, frames: _same(pool(frames), pool(np.roll(frames, 1, 0)[:, ::-1])),
            "you moved the features, not the frames. Frames are the first axis.",
        ),
        Misconception(
            lambda pool, frames: _same(pool(frames), pool(frames)),
            "the same frames in the same order: every function passes.",
        ),
    ],
)

EXERCISES = [
    STACK_FRAMES,
    FRAMES_AS_BATCH,
    FRAMES_SEEN,
    WITHIN_PAIR_ACCURACY,
    IS_ORDER_BLIND,
]
