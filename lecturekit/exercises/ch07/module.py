"""What an Inception module weighs, before and after it is inflated."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import nn

from lecturekit import ops
from lecturekit.exercises import Exercise, Misconception, Property

Widths = tuple[int, ...]


@cache
def _held(channels: int, widths: Widths) -> tuple[int, int]:
    """By torch: the weights of the convolutions, in 2D and in 3D."""
    one, before_3, three, before_5, five, pooled = widths
    sizes = [
        (channels, one, 1),
        (channels, before_3, 1),
        (before_3, three, 3),
        (channels, before_5, 1),
        (before_5, five, 3),
        (channels, pooled, 1),
    ]
    with torch.device("meta"):
        kinds = [
            nn.ModuleList(kind(*size, bias=False) for size in sizes)
            for kind in (nn.Conv2d, nn.Conv3d)
        ]
    return tuple(ops.count_parameters(layers) for layers in kinds)


def _sum(c: int, widths: Widths, small: int, large: int) -> int:
    """Weights, if a 1 × 1 has ``small`` of them for each pair of channels, a 3 × 3 ``large``."""
    one, before_3, three, before_5, five, pooled = widths
    inner = before_3 * three + before_5 * five
    return small * c * (one + before_3 + before_5 + pooled) + large * inner


def _both(count: Callable[..., int]) -> Callable[..., tuple[int, int]]:
    """The same thought in 2D and in 3D: ``count(channels, widths, of a 3 × 3)``."""
    return lambda c, widths: (count(c, widths, 9), count(c, widths, 27))


def _without_reducing(c: int, widths: Widths, large: int) -> int:
    one, _, three, _, five, pooled = widths
    return c * (one + pooled) + large * c * (three + five)


def _reading_all(c: int, widths: Widths, large: int) -> int:
    one, before_3, three, before_5, five, pooled = widths
    return c * (one + before_3 + before_5 + pooled) + large * c * (three + five)


MODULE_WEIGHTS = Exercise(
    name="module_weights",
    kind="derive",
    cases=[
        (192, (64, 96, 128, 16, 32, 32)),
        (256, (128, 128, 192, 32, 96, 64)),
        (832, (384, 192, 384, 48, 128, 128)),
        (7, (2, 3, 5, 1, 4, 6)),
    ],
    properties=[
        Property(
            "two whole numbers", lambda got, *_: len(got) == 2 and all(int(n) == n for n in got)
        ),
        Property(
            "first, the weights in 2D, as torch counts them",
            lambda got, *case: got[0] == _held(*case)[0],
        ),
        Property("second, those in 3D", lambda got, *case: got[1] == _held(*case)[1]),
    ],
    misconceptions=[
        Misconception(lambda *case: _held(*case)[::-1], "the other way round: 2D first."),
        Misconception(
            lambda *case: _held(*case)[1],
            "two counts are asked for: return (in 2D, in 3D).",
            symptom=lambda got, *_: np.ndim(got) == 0,
        ),
        Misconception(
            lambda c, widths: (_held(c, widths)[0], 3 * _held(c, widths)[0]),
            "2D is right. But not every kernel grows: 1 × 1 becomes 1 × 1 × 1.",
            symptom=lambda got, *case: got[1] == 3 * _held(*case)[0],
        ),
        Misconception(
            lambda c, widths: (_sum(c, widths, 1, 25), _sum(c, widths, 1, 125)),
            "no kernel is larger than 3 × 3 here, in the third branch neither.",
            symptom=lambda got, c, widths: (
                got[0] in (_sum(c, widths, 1, 25), _held(c, widths)[0] + 16 * widths[3] * widths[4])
            ),
        ),
        Misconception(
            _both(lambda c, widths, large: _sum(c, widths, 1, large) + (large - 1) * c * widths[5]),
            "a pooling has no weights, of whatever size. The fourth branch has those of its "
            "1 × 1 alone.",
        ),
        Misconception(
            _both(lambda c, widths, large: _sum(c, widths, 1, large) + large * c),
            "a pooling has no weights: it takes the largest of what it sees.",
        ),
        Misconception(
            _both(lambda c, widths, large: _sum(c, widths, 1, large) - c * widths[5]),
            "the fourth branch has weights, too: the convolution behind its pooling.",
        ),
        Misconception(
            _both(_reading_all),
            "the large kernels do not read the module's input, but what the 1 × 1 before them "
            "has left of its channels.",
        ),
        Misconception(
            _both(_without_reducing),
            "the second and the third branch are two convolutions each, and the large one reads "
            "the few channels of the small one.",
        ),
        Misconception(
            _both(
                lambda c, widths, large: _sum(c, widths, 1, large)
                - c * (widths[1] + widths[3])
            ),
            "the 1 × 1 before a large kernel has weights of its own.",
        ),
        Misconception(
            _both(lambda c, widths, large: _sum(c, widths, 1, large) + sum(widths)),
            "these convolutions have no bias: a batch norm follows each.",
        ),
        Misconception(
            _both(lambda c, widths, large: _sum(c, widths, 1, large) + 2 * sum(widths)),
            "batch norms have two numbers a channel, but asked for are the convolutions' alone.",
        ),
        Misconception(
            lambda c, widths: (_held(c, widths)[0], _sum(c, widths, 1, 18)),
            "2D is right. A kernel that gets three frames has three times its weights: 27.",
            symptom=lambda got, c, widths: got[0] == _held(c, widths)[0],
        ),
    ],
)  # fmt: skip
