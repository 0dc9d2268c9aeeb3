"""ResNet-50 over clips: C2D, I3D and Slow are one network; only kernels in time differ.

After He et al., CVPR 2016, its 1×1, 3×3, 1×1 block with a kernel in time on the first of the
three (Wang et al., "Non-local Neural Networks", CVPR 2018; Feichtenhofer et al., "SlowFast
Networks", ICCV 2019). Time is never strided. The modules have names to be read, ``stem``,
``stages``, ``head``, as SlowFast is built from them; `lecturekit.checkpoints` holds the table that
leads from them to the names in pytorchvideo's published files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import torch
from einops import rearrange, reduce
from torch import nn

from lecturekit.models.parts import check_clips

Window = tuple[int, int, int]


@dataclass(frozen=True)
class ResNet50Config:
    """What the networks of this family differ in, and their size.

    Attributes:
        stem: frames and pixels of the first convolution's kernel, ``(1, 7)`` for 1×7×7.
        times: kernels in time of each stage's blocks, in turn: ``(3, 1)`` is 3, 1, 3, 1, …
        window: frames, rows and columns that the head averages. None: all there are.
        halve_time: a max pooling over pairs of frames after the first stage.
        width: channels of the stem; the stages give 4, 8, 16 and 32 times as many.
        blocks: per stage.
        dropout: share of the averaged features that is switched off while training.
        zero_last: the last batch norm of a block starts at zero: each block begins as its shortcut.
    """

    stem: tuple[int, int]
    times: tuple[tuple[int, ...], ...]
    window: Window | None
    halve_time: bool = False
    width: int = 64
    blocks: tuple[int, ...] = (3, 4, 6, 3)
    dropout: float = 0.5
    zero_last: bool = True


C2D = ResNet50Config((1, 7), ((1,), (1,), (1,), (1,)), (4, 7, 7), halve_time=True)
"""Each frame by itself, but for the pooling and the head."""

I3D = ResNet50Config((5, 7), ((3,), (3, 1), (3, 1), (1, 3)), (4, 7, 7), halve_time=True)
"""Every stage sees time, every second block in the later ones."""

SLOW = ResNet50Config((1, 7), ((1,), (1,), (3,), (3,)), (8, 7, 7))
"""SlowFast's slow pathway alone: only the last two stages see time."""

TINY = ResNet50Config(
    (1, 3), SLOW.times, None, width=16, blocks=(1, 1, 1, 1), dropout=0.0, zero_last=False
)
"""``SLOW``'s kernels in time at a size that trains on two CPU cores, for pictures of 32 px.

In the hundred or so steps that a chapter has, blocks that begin as their shortcut hardly learn.
"""


def convolution(
    in_channels: int, channels: int, time: int = 1, side: int = 1, stride: int = 1
) -> nn.Conv3d:
    """``time`` × ``side`` × ``side``, padded to keep the size; the stride is of space only.

    It has no bias, as the batch norm behind each has one.
    """
    return nn.Conv3d(
        in_channels,
        channels,
        (time, side, side),
        (1, stride, stride),
        (time // 2, side // 2, side // 2),
        bias=False,
    )


class Stem(nn.Sequential):
    """A convolution and a max pooling: a quarter of the rows and columns, all frames."""

    def __init__(self, channels: int, time: int, side: int) -> None:
        super().__init__()
        self.conv = convolution(3, channels, time, side, stride=2)
        self.norm = nn.BatchNorm3d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1))


class Block(nn.Module):
    """time×1×1, 1×3×3, 1×1×1, and a shortcut around them ("bottleneck").

    Args:
        in_channels: of its input.
        channels: between the convolutions; four times as many leave the block.
        time: kernel of the first convolution.
        stride: of the second, in space.
    """

    def __init__(self, in_channels: int, channels: int, time: int, stride: int) -> None:
        super().__init__()
        self.conv_a = convolution(in_channels, channels, time)
        self.norm_a = nn.BatchNorm3d(channels)
        self.conv_b = convolution(channels, channels, side=3, stride=stride)
        self.norm_b = nn.BatchNorm3d(channels)
        self.conv_c = convolution(channels, 4 * channels)
        self.norm_c = nn.BatchNorm3d(4 * channels)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = None
        if stride != 1 or in_channels != 4 * channels:
            self.shortcut = nn.Sequential()
            self.shortcut.conv = convolution(in_channels, 4 * channels, stride=stride)
            self.shortcut.norm = nn.BatchNorm3d(4 * channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(B, C, T, H, W)`` to ``(B, 4 * channels, T, H / stride, W / stride)``."""
        shortcut = x if self.shortcut is None else self.shortcut(x)
        x = self.relu(self.norm_a(self.conv_a(x)))
        x = self.relu(self.norm_b(self.conv_b(x)))
        return self.relu(self.norm_c(self.conv_c(x)).add_(shortcut))


class Pathway(nn.Module):
    """A stem and four stages: the network without its head.

    Args:
        config: which network.
        joining: channels that join the input of each stage from elsewhere (SlowFast's laterals).

    Attributes:
        stem_channels: before the first stage.
        stage_channels: after each stage.
    """

    def __init__(self, config: ResNet50Config, joining: Sequence[int] = (0, 0, 0, 0)) -> None:
        super().__init__()
        self.stem = Stem(config.width, *config.stem)
        self.stages = nn.ModuleList()
        channels = config.width
        for i, (blocks, times) in enumerate(zip(config.blocks, config.times, strict=True)):
            stage, inner = nn.Sequential(), config.width * 2**i
            before, stride = channels + joining[i], 1 if i == 0 else 2
            for time in islice(cycle(times), blocks):
                stage.append(Block(before, inner, time, stride))
                before, stride = 4 * inner, 1
            if i == 0 and config.halve_time:
                stage.append(nn.MaxPool3d((2, 1, 1)))
            self.stages.append(stage)
            channels = 4 * inner

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Feature maps ``(B, 32 * width, T', H', W')`` of clips ``(B, 3, T, H, W)``."""
        x = self.stem(clips)
        for stage in self.stages:
            x = stage(x)
        return x


class Head(nn.Module):
    """Averages windows of feature maps, scores each, and averages the scores.

    A window is smaller than the map where pictures are larger than in training: at 256 px, 8 × 8
    places make four windows of 7 × 7, which see the inner places more often than the outer ones.

    Args:
        channels: of all maps together.
        num_classes: K.
        windows: one for each pathway: frames, rows and columns, or None for all of a map.
        dropout: while training, before the linear layer.
    """

    def __init__(
        self, channels: int, num_classes: int, windows: Sequence[Window | None], dropout: float
    ) -> None:
        super().__init__()
        self.windows = tuple(windows)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(channels, num_classes)

    def forward(self, *maps: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of a map ``(B, C, T, H, W)`` for each window.

        Raises:
            ValueError: a map that is smaller than its window, or maps with different numbers of
                windows.
        """
        averages = [_average(*pair) for pair in zip(maps, self.windows, strict=True)]
        counts = [tuple(x.shape[2:]) for x in averages]
        if len(set(counts)) > 1:
            sizes = " and ".join(str(tuple(x.shape[2:])) for x in maps)
            raise ValueError(
                f"clips: expected as many windows in each pathway, got {counts}; the maps are "
                f"{sizes}, the windows {' and '.join(map(str, self.windows))}"
            )
        x = rearrange(torch.cat(averages, 1), "b c t h w -> b t h w c")
        return reduce(self.linear(self.dropout(x)), "b t h w k -> b k", "mean")


class VideoResNet50(Pathway):
    """One pathway and its head.

    Args:
        config: ``C2D``, ``I3D``, ``SLOW``, ``TINY``, or ``dataclasses.replace`` of one.
        num_classes: K.
    """

    def __init__(self, config: ResNet50Config, num_classes: int) -> None:
        super().__init__(config)
        self.head = Head(out_channels(config), num_classes, [config.window], config.dropout)
        initialise(self, zero_last=config.zero_last)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``.

        Raises:
            ValueError: not clips of three channels, or too small for the head's window.
        """
        check_clips(clips)
        return self.head(super().forward(clips))


def c2d_r50(num_classes: int = 400) -> VideoResNet50:
    """ResNet-50 frame by frame: 24.33 million parameters for 400 classes."""
    return VideoResNet50(C2D, num_classes)


def i3d_r50(num_classes: int = 400) -> VideoResNet50:
    """ResNet-50 inflated: 28.04 million. Not Inception-v1, which the name I3D first stood for."""
    return VideoResNet50(I3D, num_classes)


def slow_r50(num_classes: int = 400) -> VideoResNet50:
    """SlowFast's slow pathway with a head of its own: 32.45 million."""
    return VideoResNet50(SLOW, num_classes)


def out_channels(config: ResNet50Config) -> int:
    """Channels of the last stage's maps."""
    return 4 * config.width * 2 ** (len(config.blocks) - 1)


def initialise(model: nn.Module, *, zero_last: bool) -> None:
    """As published: He et al., ICCV 2015, by outputs; and ``ResNet50Config.zero_last``.

    That each block begins as its shortcut is from Goyal et al., arXiv:1706.02677, Sec. 5.1.
    """
    for module in model.modules():
        match module:
            case nn.Conv3d():
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            case nn.Linear():
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)
            case Block() if zero_last:
                nn.init.zeros_(module.norm_c.weight)


def _average(x: torch.Tensor, window: Window | None) -> torch.Tensor:
    if window is None:
        return x.mean((2, 3, 4), keepdim=True)
    if any(size < least for size, least in zip(x.shape[2:], window, strict=True)):
        raise ValueError(
            f"clips: expected a feature map of at least {window} (frames, rows, columns) before "
            f"the head, got {tuple(x.shape[2:])}: more frames or larger pictures are needed"
        )
    return nn.functional.avg_pool3d(x, window, stride=1)
