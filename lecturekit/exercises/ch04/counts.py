"""Sizes, parameters and multiply–adds, counted before anything is built."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import torch

from lecturekit import ops
from lecturekit.exercises import Exercise, Misconception, Property


@cache
def _counted(
    in_channels: int, filters: int, kernel: tuple[int, ...], places: tuple[int, ...], bias: bool
) -> tuple[int, int]:
    """By torch: what the layer holds, and the multiply–adds it does, without any memory."""
    with torch.device("meta"):
        layer = torch.nn.Conv3d(in_channels, filters, kernel, bias=bias)
        sizes = [n + k - 1 for n, k in zip(places, kernel, strict=True)]
        macs = ops.count_macs(layer, torch.zeros(1, in_channels, *sizes))
    return ops.count_parameters(layer), macs


def _count(c: int, f: int, k: tuple[int, ...], places: tuple[int, ...], bias: bool) -> list[int]:
    return [*_counted(c, f, tuple(k), tuple(places), bias)]


PARAMETERS, WORK = 0, 1


def _miscounted(which: int, count: Callable[..., int], hint: str) -> Misconception:
    """A thought that spoils one of the two counts, and is seen there whatever the other one is."""

    def answer(*case: object) -> list[int]:
        both = _count(*case)
        both[which] = count(*case)
        return both

    return Misconception(answer, hint, lambda got, *case: got[which] == count(*case))


_MISCOUNTS = [
    _miscounted(
        PARAMETERS,
        lambda c, f, k, n, bias: c * f * math.prod(k) + f,
        "you count a bias where `bias` is False as well.",
    ),
    _miscounted(
        PARAMETERS,
        lambda c, f, k, n, bias: c * f * math.prod(k),
        "where there is a bias, it is one number more for each filter.",
    ),
    _miscounted(
        PARAMETERS,
        lambda c, f, k, n, bias: c * f * (math.prod(k) + bias),
        "one bias for each filter, not for each of its C blocks.",
    ),
    _miscounted(
        PARAMETERS,
        lambda c, f, k, n, bias: f * (math.prod(k) + bias),
        "each filter has a block of weights for every input channel.",
    ),
    _miscounted(
        PARAMETERS,
        lambda c, f, k, n, bias: c * f * k[-1] ** 3 + bias * f,
        "the three sides of a kernel may differ.",
    ),
    _miscounted(
        WORK,
        lambda c, f, k, n, bias: c * f * math.prod(k),
        "that is the work at one place. The same weights work at every place of the output.",
    ),
    _miscounted(
        WORK,
        lambda c, f, k, n, bias: 2 * c * f * math.prod(k) * math.prod(n),
        "you count multiplications and additions apart: a multiply–add is one.",
    ),
    _miscounted(
        WORK,
        lambda c, f, k, n, bias: f * math.prod(k) * math.prod(n),
        "the work: every filter multiplies in each of the input channels.",
    ),
    _miscounted(
        WORK,
        lambda c, f, k, n, bias: c * math.prod(k) * math.prod(n),
        "the work of one filter: there are F of them.",
    ),
    _miscounted(
        WORK,
        lambda c, f, k, n, bias: (c * math.prod(k) + bias) * f * math.prod(n),
        "adding the bias multiplies nothing: it is not counted in the work.",
    ),
]

COUNT_LAYER = Exercise(
    name="count_layer",
    cases=[
        (3, 12, (3, 3, 3), (20, 64, 48), True),
        (12, 24, (3, 3, 3), (5, 16, 16), False),
        (64, 144, (1, 3, 3), (8, 28, 20), True),
        (5, 2, (2, 3, 4), (4, 6, 5), False),
    ],
    properties=[
        Property(
            "two whole numbers", lambda got, *_: len(got) == 2 and all(int(n) == n for n in got)
        ),
        Property(
            "the parameters that torch.nn.Conv3d holds",
            lambda got, *case: got[0] == _count(*case)[0],
        ),
        Property(
            "the multiply–adds that torch counts", lambda got, *case: got[1] == _count(*case)[1]
        ),
    ],
    misconceptions=[
        Misconception(lambda *case: _count(*case)[::-1], "the other way round: parameters first."),
        Misconception(
            lambda *case: _count(*case)[0],
            "two counts are asked for: return (parameters, multiply_adds).",
            symptom=lambda got, *_: np.ndim(got) == 0,
        ),
        *_MISCOUNTS,
    ],
)  # fmt: skip

Layers = list[tuple[int, int]]


def _unread(frames: int, layers: Layers) -> int:
    """By doing it: each place of each layer carries the last frame that it has read."""
    last = list(range(frames))
    for kernel, stride in layers:
        last = [last[i + kernel - 1] for i in range(0, len(last) - kernel + 1, stride)]
    return frames - 1 - last[-1]


def _lost_in_each(frames: int, layers: Layers) -> list[tuple[int, int]]:
    """Of each layer: the positions that it drops, and how many frames lie between two of them."""
    found, jump = [], 1
    for kernel, stride in layers:
        found.append(((frames - kernel) % stride, jump))
        frames, jump = (frames - kernel) // stride + 1, jump * stride
    return found


def _by_product(frames: int, layers: Layers) -> int:
    """As if each layer's windows lay side by side."""
    out, step = frames, 1
    for kernel, stride in layers:
        out, step = (out - kernel) // stride + 1, step * stride
    return frames - out * step


def _forgets_last_place(frames: int, layers: Layers) -> int:
    out, last = frames, 0
    for kernel, stride in layers:
        out = (out - kernel + 1) // stride
    last = out - 1
    for kernel, stride in reversed(layers):
        last = last * stride + kernel - 1
    return frames - 1 - last


LOST_FRAMES = Exercise(
    name="lost_frames",
    cases=[
        (20, [(4, 4), (2, 2)]),
        (20, [(3, 1), (2, 2), (3, 2)]),
        (16, [(2, 2), (2, 2), (2, 2)]),
        (23, [(2, 2), (3, 3)]),
        (31, [(4, 3), (3, 2)]),
        (30, [(5, 2), (3, 3), (2, 2)]),
        (9, [(1, 1)]),
    ],
    properties=[
        Property("0 or more", lambda got, *_: got >= 0),
        Property(
            "the frames after the last one that an output reads",
            lambda got, *case: got == _unread(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda n, layers: sum(lost for lost, _ in _lost_in_each(n, layers)),
            "a position of a later layer lies several frames after its neighbour: multiply what is "
            "lost there by all strides before it.",
        ),
        Misconception(
            lambda n, layers: _lost_in_each(n, layers)[0][0],
            "later layers lose frames too.",
        ),
        Misconception(
            lambda n, layers: _lost_in_each(n, layers)[-1][0],
            "that is what the last layer drops of its own input. Count in frames of the clip, and "
            "count the layers before it.",
        ),
        Misconception(
            _by_product,
            "strides alone do not say how far the last window reaches: where a kernel is longer "
            "than its stride, windows overlap.",
        ),
        Misconception(
            lambda n, layers: n - len(_outputs(n, layers)),
            "that is how much shorter the output is. Most of those frames were read.",
        ),
        Misconception(
            lambda n, layers: _unread(n, layers) + 1,
            "one too many: counted from 0, the clip's last frame is number frames − 1.",
        ),
        Misconception(
            _forgets_last_place,
            "a window fits at one place more than you count: floor((n − k) / s) + 1.",
        ),
    ],
)


def _outputs(frames: int, layers: Layers) -> range:
    for kernel, stride in layers:
        frames = (frames - kernel) // stride + 1
    return range(frames)


def _widest(c: int, f: int, stride: int) -> int:
    """By trying: multiply–adds per s × s × s block of the input, all sizes multiples of s."""
    width = 1
    while 9 * c * (width + 1) * stride + 3 * (width + 1) * f <= 27 * c * f:
        width += 1
    return width


FAIR_WIDTH = Exercise(
    name="fair_width",
    kind="derive",
    cases=[(64, 64, 1), (64, 64, 2), (64, 128, 2), (128, 256, 1), (3, 12, 2), (12, 24, 2),
           (20, 30, 3)],
    properties=[
        Property("a whole number", lambda got, *_: int(got) == got),
        Property(
            "no more multiply–adds than 3×3×3, and one channel more would be too many",
            lambda got, *case: got == _widest(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda c, f, s: 27 * c * f // (9 * c + 3 * f),
            "that width makes the weights equal. With a stride the spatial half runs on more "
            "frames than the temporal half: count how many for each.",
        ),
        Misconception(
            lambda c, f, s: 27 * c * f // (9 * c + 3 * f * s),
            "the factor stands at the wrong half: which of the two still runs on every frame?",
        ),
        Misconception(
            lambda c, f, s: 27 * c * f // ((9 * c + 3 * f) * s),
            "only one of the halves runs on more frames than the output has.",
        ),
        Misconception(
            lambda c, f, s: 27 * c * f // (9 * c * s**3 + 3 * f),
            "the spatial half has its stride in rows and columns already: it runs on more frames, "
            "not on more places in each.",
            symptom=lambda got, c, f, s: got == 27 * c * f // (9 * c * s**2 + 3 * f),
        ),
        Misconception(
            lambda c, f, s: 27 * c * f * s // (9 * c * s + 3 * f),
            "3×3×3 with a stride makes fewer frames too: compare at the same output.",
        ),
        Misconception(
            lambda c, f, s: -(-27 * c * f // (9 * c * s + 3 * f)),
            "rounded up it does more work than 3×3×3.",
        ),
        Misconception(
            lambda c, f, s: round(27 * c * f / (9 * c * s + 3 * f)),
            "round down: rounded to the nearest it sometimes does more work than 3×3×3.",
        ),
        Misconception(
            lambda c, f, s: 27 * c * f / (9 * c * s + 3 * f),
            "channels come whole: round down.",
        ),
    ],
)  # fmt: skip
