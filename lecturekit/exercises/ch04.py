"""Checks of chapter 4, 3D convolution."""

import math

import numpy as np
import torch
from torch.nn import functional

from lecturekit.exercises import Exercise, Misconception, Property


def _places(size: int, kernel: int, stride: int, padding: int) -> int:
    """By counting: the starts from which a window fits."""
    return len(range(-padding, size + padding - kernel + 1, stride))


CONV_SIZE = Exercise(
    name="conv_size",
    cases=[(20, 3, 1, 1), (64, 7, 2, 3), (5, 2, 2, 0), (16, 3, 2, 0), (10, 4, 3, 1)],
    properties=[
        Property("a whole number", lambda got, *_: int(got) == got),
        Property(
            "as many as there are places for the window",
            lambda got, *case: got == _places(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda n, k, s, p: (n + 2 * p - k) // s,
            "one short: the first place costs no step. Count fence posts, not gaps.",
        ),
        Misconception(
            lambda n, k, s, p: (n + p - k) // s + 1,
            "padding is added at both ends: it counts twice.",
        ),
        Misconception(
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
            "a window that sticks out at the end is not counted: round down.",
        ),
        Misconception(
            lambda n, k, s, p: n // s, "the kernel's size matters as well, unless padded."
        ),
    ],
)


def _by_torch(in_channels: int, out_channels: int, kernel: tuple[int, ...], bias: bool) -> int:
    with torch.device("meta"):
        layer = torch.nn.Conv3d(in_channels, out_channels, kernel, bias=bias)
    return sum(p.numel() for p in layer.parameters())


COUNT_PARAMETERS = Exercise(
    name="count_parameters",
    cases=[(3, 12, (3, 3, 3), True), (12, 24, (3, 3, 3), False), (64, 144, (1, 3, 3), True),
           (5, 2, (2, 3, 4), True)],
    properties=[
        Property("what torch.nn.Conv3d holds", lambda got, *case: got == _by_torch(*case)),
    ],
    misconceptions=[
        Misconception(
            lambda a, b, k, bias: b * math.prod(k) + bias * b,
            "each filter has a kernel of its own for every input channel.",
        ),
        Misconception(
            lambda a, b, k, bias: a * b * math.prod(k) + bias * a * b,
            "one bias for each output channel, not for each kernel.",
        ),
        Misconception(
            lambda a, b, k, bias: a * b * math.prod(k),
            "the bias: one number for each output channel, where there is one.",
        ),
        Misconception(
            lambda a, b, k, bias: a * b * k[-1] ** 3 + bias * b,
            "the three sides of a kernel may differ.",
        ),
    ],
)  # fmt: skip


def _central(clip: torch.Tensor) -> torch.Tensor:
    channels = len(clip)
    kernel = torch.tensor([-1.0, 0.0, 1.0]).reshape(1, 1, 3, 1, 1).repeat(channels, 1, 1, 1, 1)
    return functional.conv3d(clip[None], kernel, groups=channels)[0]


_CLIPS = [
    torch.from_numpy(np.random.default_rng(i).normal(size=shape)).float()
    for i, shape in enumerate([(3, 6, 4, 5), (1, 3, 7, 6)])
]

TIME_DERIVATIVE = Exercise(
    name="time_derivative",
    cases=[(clip,) for clip in _CLIPS],
    properties=[
        Property(
            "two frames fewer, all else as it was",
            lambda got, x: tuple(got.shape) == (len(x), x.shape[1] - 2, *x.shape[2:]),
        ),
        Property(
            "the convolution with the kernel [−1, 0, 1] in time",
            lambda got, x: torch.allclose(got, _central(x), atol=1e-5),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda x: x[:, 1:] - x[:, :-1],
            "that is the kernel [−1, 1], of two frames: it gives one frame more.",
        ),
        Misconception(
            lambda x: x[:, :-2] - x[:, 2:],
            "the sign: a network's convolution does not flip its kernel; the later frame has +1.",
        ),
        Misconception(
            lambda x: x[:, :, 2:] - x[:, :, :-2],
            "you moved along the rows. In (C, T, H, W), time is axis 1.",
        ),
    ],
)


def _widest(a: int, b: int) -> int:
    width = 1
    while 9 * a * (width + 1) + 3 * (width + 1) * b <= 27 * a * b:
        width += 1
    return width


MIDDLE_WIDTH = Exercise(
    name="middle_width",
    cases=[(64, 64), (64, 128), (3, 12), (12, 24), (512, 512)],
    properties=[
        Property("a whole number", lambda got, *_: int(got) == got),
        Property(
            "no more weights than 3×3×3, and one channel more would be too many",
            lambda got, a, b: got == _widest(a, b),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda a, b: b,
            "that is the usual width, and (2+1)D is then much smaller than 3D.",
        ),
        Misconception(
            lambda a, b: 27 * a * b // (3 * a + 3 * b),
            "the first half is 1×3×3: nine weights for each pair of channels, not three.",
        ),
        Misconception(
            lambda a, b: 27 * a * b // (9 * a + 9 * b),
            "the second half is 3×1×1: three weights for each pair of channels, not nine.",
        ),
        Misconception(
            lambda a, b: -(-27 * a * b // (9 * a + 3 * b)),
            "rounded up it has more weights than 3×3×3.",
        ),
    ],
)


def _unread(frames: int, pools: list[int]) -> int:
    """By doing it: pool numbered frames and see which is the last one used."""
    last = list(range(frames))
    for size in pools:
        last = [last[i + size - 1] for i in range(0, len(last) - size + 1, size)]
    return frames - 1 - last[-1]


LOST_FRAMES = Exercise(
    name="lost_frames",
    cases=[(20, [4, 2]), (20, [2, 2]), (16, [2, 2, 2]), (23, [2, 3]), (31, [4, 3]), (9, [1])],
    properties=[
        Property("0 or more", lambda got, *_: got >= 0),
        Property(
            "the frames after the last one that an output reads",
            lambda got, *case: got == _unread(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda n, pools: sum(_remainders(n, pools)),
            "one position of a later layer stands for several frames: multiply what is lost there "
            "by all poolings before it.",
        ),
        Misconception(
            lambda n, pools: n % pools[0],
            "later poolings lose frames too.",
        ),
        Misconception(
            lambda n, pools: n - n // math.prod(pools),
            "that is how much shorter the output is. Most of those frames were pooled, not lost.",
        ),
    ],
)


def _remainders(frames: int, pools: list[int]) -> list[int]:
    lost = []
    for size in pools:
        frames, left = divmod(frames, size)
        lost.append(left)
    return lost


EXERCISES = [CONV_SIZE, COUNT_PARAMETERS, TIME_DERIVATIVE, MIDDLE_WIDTH, LOST_FRAMES]
