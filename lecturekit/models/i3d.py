"""I3D: Inception-v1, every window of which has been given time.

After Carreira and Zisserman, "Quo Vadis, Action Recognition? A New Model and the Kinetics Dataset",
CVPR 2017. Modules are named as in the published weights, whose names come from TensorFlow:
"Mixed_4c" is the second Inception module of the fourth stage.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from string import ascii_lowercase
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from lecturekit import shapes
from lecturekit.models.parts import check_clips, same_padding

Triple = tuple[int, int, int]


class Widths(NamedTuple):
    """Channels inside an Inception module: GoogLeNet's Table 1, read from left to right.

    Attributes:
        one: of the branch that is one 1×1×1.
        before_three, three: of the 1×1×1 and the 3×3×3 of the second branch.
        before_five, five: the same of the third: GoogLeNet's 5×5 is a 3×3×3 here.
        pooled: of the 1×1×1 behind the pooling.
    """

    one: int
    before_three: int
    three: int
    before_five: int
    five: int
    pooled: int

    @property
    def out(self) -> int:
        """Channels that leave the module: the four branches side by side."""
        return self.one + self.three + self.five + self.pooled


@dataclass(frozen=True)
class I3DConfig:
    """The network's size.

    Attributes:
        stem: channels of the first 7×7×7, and of the 3×3×3 that follows.
        stages: the Inception modules of stages 3, 4 and 5.
        window: frames, rows and columns that are averaged before the scores.
        dropout: share of these averages that is switched off while training.
        momentum: how far one batch moves the batch norms' running statistics. The published 0.01
            needs hundreds of batches before the network can be tested.
    """

    stem: tuple[int, int] = (64, 192)
    stages: tuple[tuple[Widths, ...], tuple[Widths, ...], tuple[Widths, ...]] = (
        (Widths(64, 96, 128, 16, 32, 32), Widths(128, 128, 192, 32, 96, 64)),
        (
            Widths(192, 96, 208, 16, 48, 64),
            Widths(160, 112, 224, 24, 64, 64),
            Widths(128, 128, 256, 24, 64, 64),
            Widths(112, 144, 288, 32, 64, 64),
            Widths(256, 160, 320, 32, 128, 128),
        ),
        (Widths(256, 160, 320, 32, 128, 128), Widths(384, 192, 384, 48, 128, 128)),
    )
    window: Triple = (2, 7, 7)
    dropout: float = 0.5
    momentum: float = 0.01


TINY = I3DConfig(
    stem=(8, 16),
    stages=(
        (Widths(4, 4, 8, 2, 4, 4),),
        (Widths(8, 8, 16, 4, 8, 8),),
        (Widths(8, 8, 16, 4, 8, 8),),
    ),
    window=(2, 1, 1),
    dropout=0.0,
    momentum=0.1,
)
"""The same network, one module per stage: 16 frames of 32 px, on two CPU cores."""

# Before each stage. As the one in the stem, the first leaves time alone (Sec. 2.4).
_POOLINGS: tuple[tuple[str, Triple, Triple], ...] = (
    ("MaxPool3d_3a_3x3", (1, 3, 3), (1, 2, 2)),
    ("MaxPool3d_4a_3x3", (3, 3, 3), (2, 2, 2)),
    ("MaxPool3d_5a_2x2", (2, 2, 2), (2, 2, 2)),
)


class SameConv3d(nn.Conv3d):
    """A convolution with padding "SAME", which follows the size of what comes in."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, C, T, H, W)`` to ``(B, F, T', H', W')``, each size divided and rounded up."""
        before, behind = _same(x.shape[2:], self.kernel_size, self.stride)
        # What is alike on both sides torch pads by itself, without a copy of x for the backward
        # pass to keep. It names the last axis first.
        sides = zip(before[::-1], behind[::-1], strict=True)
        extra = [n for b, more in sides for n in (0, more - b)]
        if any(extra):
            x = functional.pad(x, extra)
        return functional.conv3d(x, self.weight, self.bias, self.stride, before)


class SameMaxPool3d(nn.MaxPool3d):
    """A max pooling with padding "SAME".

    The padding is never the maximum, in TensorFlow as here. Ports that pad with zeros give the
    same in this network: before each pooling stands a ReLU, and one more 0 does not change the
    maximum of numbers that are 0 or more.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, C, T, H, W)`` to ``(B, C, T', H', W')``, each size divided and rounded up."""
        before, _ = _same(x.shape[2:], self.kernel_size, self.stride)
        # With ceil_mode the last window may reach over the end, where one more stands behind.
        return functional.max_pool3d(x, self.kernel_size, self.stride, before, ceil_mode=True)


class Unit(nn.Sequential):
    """A convolution, batch norm and a ReLU."""

    def __init__(self, in_channels: int, channels: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv3d = SameConv3d(in_channels, channels, kernel, stride, bias=False)
        self.bn = nn.BatchNorm3d(channels, eps=0.001)  # as published
        self.relu = nn.ReLU(inplace=True)


class Inception(nn.Module):
    """Four branches see the same input; their channels are laid side by side.

    A 1×1×1 before each 3×3×3 makes it cheap: it reads fewer channels.
    """

    def __init__(self, in_channels: int, widths: Widths) -> None:
        super().__init__()
        self.b0 = Unit(in_channels, widths.one)
        self.b1a = Unit(in_channels, widths.before_three)
        self.b1b = Unit(widths.before_three, widths.three, 3)
        self.b2a = Unit(in_channels, widths.before_five)
        self.b2b = Unit(widths.before_five, widths.five, 3)
        self.b3a = SameMaxPool3d((3, 3, 3), (1, 1, 1))
        self.b3b = Unit(in_channels, widths.pooled)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, C, T, H, W)`` to ``(B, widths.out, T, H, W)``."""
        branches = (
            self.b0(x),
            self.b1b(self.b1a(x)),
            self.b2b(self.b2a(x)),
            self.b3b(self.b3a(x)),
        )
        return torch.cat(branches, 1)


class I3D(nn.Module):
    """The whole network.

    Args:
        config: ``I3DConfig()``, the published one, or ``TINY``.
        num_classes: K.
        in_channels: 3 for RGB, 2 for optical flow.
    """

    def __init__(self, config: I3DConfig, num_classes: int, in_channels: int = 3) -> None:
        super().__init__()
        self.in_channels = in_channels
        frames, *lengths = config.window
        # Time is halved three times, the picture five. As published, padding may fill up a
        # picture's last window; frames are to fill time's.
        self.least = (8 * frames, *(32 * (length - 1) + 1 for length in lengths))
        first, channels = config.stem
        self.Conv3d_1a_7x7 = Unit(in_channels, first, 7, 2)
        self.MaxPool3d_2a_3x3 = SameMaxPool3d((1, 3, 3), (1, 2, 2))
        self.Conv3d_2b_1x1 = Unit(first, first)
        self.Conv3d_2c_3x3 = Unit(first, channels, 3)
        for stage, (pooling, modules) in enumerate(zip(_POOLINGS, config.stages, strict=True), 3):
            name, kernel, stride = pooling
            self.add_module(name, SameMaxPool3d(kernel, stride))
            for number, widths in enumerate(modules, 1):  # "a" is the pooling
                letter = ascii_lowercase[number]
                self.add_module(f"Mixed_{stage}{letter}", Inception(channels, widths))
                channels = widths.out
        self.avg_pool = nn.AvgPool3d(config.window, stride=1)
        self.dropout = nn.Dropout(config.dropout)
        self.logits = nn.Sequential(OrderedDict(conv3d=nn.Conv3d(channels, num_classes, 1)))
        for module in self.modules():
            if isinstance(module, nn.BatchNorm3d):
                module.momentum = config.momentum

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, in_channels, T, H, W)``, averaged over their positions.

        Raises:
            ValueError: another number of channels, or clips too short or too small for the window.
        """
        check_clips(clips, channels=self.in_channels)
        if any(size < least for size, least in zip(clips.shape[2:], self.least, strict=True)):
            sizes = ("{} frames of {} × {} px".format(*s) for s in (self.least, clips.shape[2:]))
            raise ValueError("clips: expected at least {}, got {}".format(*sizes))
        x = clips
        for module in self.children():
            x = module(x)
        return x.mean((2, 3, 4))

    def windows(self, sizes: Sequence[int]) -> dict[str, shapes.Pool]:
        """The windows that a clip goes through on the deepest way, to `shapes.walk` along them.

        In an Inception module that is the 3×3×3 of the second branch. A convolution's window is
        told as a pooling's: sizes and receptive fields ask for no more.

        Args:
            sizes: T, H and W of the clip, which the padding depends on.

        Returns:
            By the module's name, from the first to the average.
        """
        found = {}
        for name, module in self.named_children():
            match module:
                case Unit():
                    window = module.conv3d
                case Inception():
                    window = module.b1b.conv3d
                case SameMaxPool3d():
                    window = module
                case _:
                    continue
            kernel, stride = window.kernel_size, window.stride
            before, _ = _same(sizes, kernel, stride)
            found[name] = shapes.Pool(kernel, stride, before, ceil_mode=True)
            sizes = [ceil(size / step) for size, step in zip(sizes, stride, strict=True)]
        return found | {"avg_pool": shapes.Pool(self.avg_pool.kernel_size, 1)}


def i3d_inception(num_classes: int = 400, in_channels: int = 3) -> I3D:
    """I3D as published: 12.70 million parameters for RGB, 12.68 for flow (``in_channels=2``)."""
    return I3D(I3DConfig(), num_classes, in_channels)


def _same(sizes: Sequence[int], kernel: Triple, stride: Triple) -> tuple[Triple, Triple]:
    """What stands before all axes, and behind them."""
    pairs = [same_padding(*axis) for axis in zip(sizes, kernel, stride, strict=True)]
    before, behind = zip(*pairs, strict=True)
    return before, behind
