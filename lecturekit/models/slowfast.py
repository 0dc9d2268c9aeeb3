"""SlowFast: a slow pathway for what is in the picture, a fast one for how it moves.

After Feichtenhofer et al., "SlowFast Networks for Video Recognition", ICCV 2019. Two ResNets see
one clip. The fast pathway takes all T frames with few channels, the slow pathway every alpha-th
frame with many; before each of its stages, the slow one is joined by what the fast one has found
(a lateral connection). In the paper T counts the slow frames; here, as in a data set, the clip's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import torch
from einops import rearrange
from torch import nn

from lecturekit import checks
from lecturekit.models import resnet50
from lecturekit.models.parts import check_clips
from lecturekit.models.resnet50 import Head, Pathway, ResNet50Config, VideoResNet50


class TimeToChannel(nn.Module):
    """alpha frames become one with alpha times the channels: nothing is lost, nothing learned.

    Args:
        channels: of the fast pathway.
        alpha: fast frames for each slow one.

    Attributes:
        out_channels: that join the slow pathway.
    """

    def __init__(self, channels: int, alpha: int) -> None:
        super().__init__()
        self.alpha, self.out_channels = alpha, alpha * channels

    def forward(self, fast: torch.Tensor) -> torch.Tensor:
        """``(B, C, T, H, W)`` to ``(B, out_channels, T / alpha, H, W)``."""
        return rearrange(fast, "b c (t alpha) h w -> b (alpha c) t h w", alpha=self.alpha)


class TimeStridedSampling(nn.Module):
    """One of every alpha frames, the one that the slow pathway sees; as `TimeToChannel`."""

    def __init__(self, channels: int, alpha: int) -> None:
        super().__init__()
        self.alpha, self.out_channels = alpha, channels

    def forward(self, fast: torch.Tensor) -> torch.Tensor:
        """``(B, C, T, H, W)`` to ``(B, out_channels, T / alpha, H, W)``."""
        return fast[:, :, :: self.alpha]


class TimeStridedConv(nn.Sequential):
    """A convolution along time with stride alpha, to twice the channels; as `TimeToChannel`."""

    def __init__(self, channels: int, alpha: int) -> None:
        super().__init__()
        self.out_channels = 2 * channels
        # The paper writes 5 frames; its published 8×8 weights have 7.
        self.conv = nn.Conv3d(
            channels, 2 * channels, (7, 1, 1), (alpha, 1, 1), (3, 0, 0), bias=False
        )
        self.norm = nn.BatchNorm3d(2 * channels)
        self.relu = nn.ReLU(inplace=True)


Lateral = Callable[[int, int], nn.Module]
"""Any of the three, from the fast pathway's channels and alpha."""


@dataclass(frozen=True)
class SlowFastConfig:
    """Two pathways and how they meet.

    Attributes:
        slow: the slow pathway, as if it were alone.
        alpha: fast frames for each slow one.
        beta: channels of the fast pathway for each slow one, at most 1.
        lateral: how the fast pathway joins the slow one. None: only the head sees both.
        fast_stem_time: kernel in time of the fast pathway's first convolution.
        fast_times: of its stages' blocks, as ``ResNet50Config.times``.
    """

    slow: ResNet50Config = resnet50.SLOW
    alpha: int = 4
    beta: Fraction | float = Fraction(1, 8)
    lateral: Lateral | None = TimeStridedConv
    fast_stem_time: int = 5
    fast_times: tuple[tuple[int, ...], ...] = ((3,), (3,), (3,), (3,))

    def __post_init__(self) -> None:
        checks.integer("alpha", self.alpha, 1)
        checks.number("beta", self.beta, above=0, most=1)
        width = self.slow.width * self.beta
        if width != int(width):
            raise ValueError(
                f"beta: expected a share of {self.slow.width} channels that is a whole number, "
                f"got {self.beta}, which makes {float(width):g}"
            )

    @property
    def fast(self) -> ResNet50Config:
        """The fast pathway, as if it were alone."""
        window = self.slow.window
        return replace(
            self.slow,
            stem=(self.fast_stem_time, self.slow.stem[1]),
            times=self.fast_times,
            window=window and (self.alpha * window[0], *window[1:]),
            width=int(self.slow.width * self.beta),
        )


SLOWFAST_8X8 = SlowFastConfig()
"""8 slow frames, each 8 frames of film apart: 32 fast ones with a stride of 2, R50 backbone."""

TINY = SlowFastConfig(resnet50.TINY, alpha=8, fast_stem_time=3)
"""For clips of 32 frames and 32 px: 4 slow frames. Trains on two CPU cores in seconds."""


class SlowFast(nn.Module):
    """Both pathways, the laterals between them, and one head.

    Args:
        config: ``SLOWFAST_8X8``, ``TINY``, or ``dataclasses.replace`` of one.
        num_classes: K.

    Attributes:
        laterals: one before each stage of the slow pathway, or none at all.
    """

    def __init__(self, config: SlowFastConfig, num_classes: int) -> None:
        super().__init__()
        self.alpha = config.alpha
        self.laterals = nn.ModuleList()
        if config.lateral is not None:
            stem = config.fast.width
            for channels in (stem, 4 * stem, 8 * stem, 16 * stem):
                self.laterals.append(config.lateral(channels, config.alpha))
        joining = [lateral.out_channels for lateral in self.laterals] or [0, 0, 0, 0]
        self.slow, self.fast = Pathway(config.slow, joining), Pathway(config.fast)
        self.head = Head(
            resnet50.out_channels(config.slow) + resnet50.out_channels(config.fast),
            num_classes,
            (config.slow.window, config.fast.window),
            config.slow.dropout,
        )
        resnet50.initialise(self, zero_last=config.slow.zero_last)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``; slow gets every alpha-th frame.

        Raises:
            ValueError: not clips of three channels, a number of frames that alpha does not divide,
                or clips too small for the head's windows.
        """
        return self.pathways(every_nth(clips, self.alpha), clips)

    def pathways(self, slow: torch.Tensor, fast: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` from the two pathways' own clips.

        Args:
            slow: ``(B, 3, T / alpha, H, W)``.
            fast: ``(B, 3, T, H, W)``, of the same stretch of film.

        Raises:
            ValueError: shapes that do not match.
        """
        checks.shape("slow", slow, "B 3 T H W")
        batch, _, frames, *size = slow.shape
        expected = (batch, 3, self.alpha * frames, *size)
        if tuple(fast.shape) != expected:
            raise ValueError(
                f"fast: expected shape {expected}, {self.alpha} frames for each of slow's {frames} "
                f"(alpha = {self.alpha}), got {tuple(fast.shape)}"
            )
        slow, fast = self.slow.stem(slow), self.fast.stem(fast)
        for i, (slow_stage, fast_stage) in enumerate(
            zip(self.slow.stages, self.fast.stages, strict=True)
        ):
            if self.laterals:
                slow = torch.cat([slow, self.laterals[i](fast)], 1)
            slow, fast = slow_stage(slow), fast_stage(fast)
        return self.head(slow, fast)


class SlowOnly(nn.Module):
    """The slow pathway alone, of the same clips: it sees every alpha-th frame.

    Args:
        config: of the SlowFast network that it is a part of.
        num_classes: K.
    """

    def __init__(self, config: SlowFastConfig, num_classes: int) -> None:
        super().__init__()
        self.alpha = config.alpha
        self.slow = VideoResNet50(config.slow, num_classes)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``; errors as of `SlowFast`."""
        return self.slow(every_nth(clips, self.alpha))


def fast_only(config: SlowFastConfig, num_classes: int) -> VideoResNet50:
    """The fast pathway alone, with a head of its own."""
    return VideoResNet50(config.fast, num_classes)


def slowfast_r50(num_classes: int = 400) -> SlowFast:
    """SlowFast 8×8 with ResNet-50: 34.57 million parameters for 400 classes; T = 32."""
    return SlowFast(SLOWFAST_8X8, num_classes)


def every_nth(clips: torch.Tensor, alpha: int) -> torch.Tensor:
    """The slow pathway's frames, 0, alpha, 2 alpha, …: a view ``(B, 3, T / alpha, H, W)``.

    Raises:
        ValueError: not clips of three channels, or alpha does not divide their frames.
    """
    check_clips(clips)
    if clips.shape[2] == 0 or clips.shape[2] % alpha:
        raise ValueError(
            f"clips: expected a number of frames that alpha = {alpha} divides, "
            f"got T = {clips.shape[2]}"
        )
    return clips[:, :, ::alpha]
