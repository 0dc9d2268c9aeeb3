"""Every family of the book at the size that learns on two CPU cores: one register, one signature.

``TINY`` maps a name to a network that takes the book's usual puppet clips, float32
``(B, 3, 16, 32, 32)`` around zero, and gives scores ``(B, K)``. Where a chapter trains its family
on other clips, the register says what was changed so that all can be trained and tested side by
side. What only pre-training makes (VideoMAE, JEPA) is not here: as networks they are ViViT.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import nn
from torch.nn.functional import log_softmax

from lecturekit import checks, flow, ops
from lecturekit.models import convnets, mvit, slowfast, timesformer, two_stream, vivit
from lecturekit.models.fusion import (
    EarlyFusion,
    FusionNet,
    LateFusion,
    RecurrentFusion,
    ShiftFusion,
    SingleFrame,
    SlowFusion,
)
from lecturekit.models.parts import check_clips
from lecturekit.puppets import MEAN, STD

FRAMES, SIZE = 16, 32
"""Of the usual clips: frames, and height and width in px."""

STEM = (16, 32)
"""Channels of chapter 9's convolutions before the tubelets. Without them a transformer needs more
clips than a chapter draws."""


Size = int | tuple[int, int]
Build = Callable[[int, int, Size], nn.Module]


@dataclass(frozen=True)
class Tiny:
    """A family.

    Attributes:
        build: the network from the number of classes and the clips' frames and size.
        title: what tables call it.
        chapter: that builds it.
        max_lr: the peak of the learning rate for `training.fit` in a hundred steps or so of 32
            clips. The best of a few in ``benchmarks/league.py``; neighbours are often as good.
        layout: of the weights in memory, the one that is faster on a CPU. It changes no result but
            by rounding.
    """

    build: Build
    title: str
    chapter: int
    max_lr: float
    layout: torch.memory_format = torch.contiguous_format

    def make(self, num_classes: int, frames: int = FRAMES, size: Size = SIZE) -> nn.Module:
        """The network, its first weights torch's next random numbers.

        Args:
            num_classes: K.
            frames: T of the clips.
            size: their height and width in px, or one number for both. Transformers take multiples
                of what their first layer's strides come to; the others take any.
        """
        return self.build(num_classes, frames, size).to(memory_format=self.layout)


class SmallConvNet(nn.Sequential):
    """Chapter 4's network for comparing kinds of convolution.

    Three layers of one kind, each in steps of 2, then an average over all places and moments.

    Args:
        conv: one of `convnets`'s three.
        width: channels of the first layer; 2 and 4 times as many follow.
        num_classes: K.
    """

    def __init__(self, conv: convnets.Conv, width: int, num_classes: int) -> None:
        super().__init__()
        for a, b in pairwise([3, width, 2 * width, 4 * width]):
            self.append(conv(a, b, convnets.middle_channels(a, b), 2))
            self.extend([nn.BatchNorm3d(b), nn.ReLU()])
        head = nn.Linear(4 * width, num_classes)
        self.extend([nn.AdaptiveAvgPool3d(1), nn.Flatten(), head])

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``.

        Raises:
            ValueError: not clips of three channels.
        """
        check_clips(clips)
        return super().forward(clips)


def flow_stacks(clips: torch.Tensor) -> torch.Tensor:
    """Clips ``(B, 3, T, H, W)`` as flow stacks ``(B, 2 (T - 1), H, W)``, float32 from −1 to 1.

    As chapter 6 computes them: OpenCV's Farnebäck with a window of 7 px, each field's median
    vector taken off, and cut to 1 px a frame, or as much more as clips are larger than 32 px.
    No gradient goes back through it.

    Args:
        clips: as `puppets.clip_tensor` gives them.

    Raises:
        ValueError: not clips of three channels and at least two frames.
    """
    check_clips(clips)
    if clips.shape[2] < 2:
        raise ValueError(f"clips: expected at least 2 frames, got T = {clips.shape[2]}")
    pixels = clips.detach().cpu().mul(STD).add(MEAN).mul(255).round().clamp(0, 255)
    films = rearrange(pixels, "b c t h w -> b t h w c").to(torch.uint8).numpy()
    bound_px = min(clips.shape[-2:]) / SIZE
    stacks = []
    for film in films:
        fields = np.stack([flow.farneback(a, b, winsize=7) for a, b in pairwise(film)])
        fields -= np.median(fields, (1, 2), keepdims=True)
        stacks.append(flow.stack_flow((fields / bound_px).clip(-1, 1)))
    return torch.from_numpy(np.stack(stacks)).to(clips.device)


class TwoStreamsOfClips(nn.Module):
    """Chapter 6's two streams over clips alone: it computes the flow itself.

    Fused as there, by the mean of the two streams' probabilities: its scores are that mean's
    logarithm, so that their softmax is the mean. Trained as one, a stream learns most from the
    clips that it is the better of the two at; in the chapter each is trained by itself.

    Args:
        num_classes: K.
        num_flows: T - 1.
    """

    def __init__(self, num_classes: int, num_flows: int = FRAMES - 1) -> None:
        super().__init__()
        self.num_flows = num_flows
        self.spatial = two_stream.OneFrame(two_stream.Stream(two_stream.TINY, 3, num_classes))
        self.temporal = two_stream.Stream(two_stream.TINY, 2 * num_flows, num_classes)

    def forward(self, clips: torch.Tensor, stacks: torch.Tensor | None = None) -> torch.Tensor:
        """Scores ``(B, K)``.

        Args:
            clips: ``(B, 3, T, H, W)``.
            stacks: the clips' `flow_stacks`; computed unless given, which takes longer than the
                network itself.

        Raises:
            ValueError: not clips of three channels and T frames, or stacks of another shape.
        """
        check_clips(clips, self.num_flows + 1)
        if stacks is None:
            stacks = flow_stacks(clips)
        batch, (height, width) = len(clips), clips.shape[-2:]
        checks.shape("stacks", stacks, f"{batch} {2 * self.num_flows} {height} {width}")
        seen, moved = log_softmax(self.spatial(clips), 1), log_softmax(self.temporal(stacks), 1)
        return torch.logaddexp(seen, moved) - np.log(2)


def inflated(pictures: FusionNet) -> SlowFusion:
    """A 3D network that starts from a 2D one's weights, as in chapter 7: each tap 1/3 of them.

    The head comes along too: a film that stands still gives what its picture gave, but for the
    zeros before its first frame and after its last.

    Args:
        pictures: a `SingleFrame` or `LateFusion`, trained on frames or not.
    """
    weights = pictures.state_dict()
    classes, channels = weights["head.weight"].shape
    video = SlowFusion(classes, pictures.num_frames, channels // 4)
    video.load_state_dict(
        {name: ops.inflate(w, 3) if w.ndim == 4 else w for name, w in weights.items()}
    )
    return video


def vivit_config(attention: str, stem: tuple[int, ...] = STEM) -> vivit.ViViTConfig:
    """`vivit.TINY` with one of `vivit.SCHEMES`, each of as many blocks."""
    config = replace(vivit.TINY, attention=attention, stem=stem, temporal_depth=1)
    if attention == "factorised encoder":  # its last block is the one between frames
        config = replace(config, depth=vivit.TINY.depth - 1)
    return config


def _fusion(family: type[FusionNet]) -> Build:
    return lambda num_classes, frames, size: family(num_classes, frames)


def _transformer(family: Callable[..., nn.Module], config: Any) -> Build:
    return lambda num_classes, frames, size: family(
        replace(config, frames=frames, size=size), num_classes
    )


SLOWFAST = replace(slowfast.TINY, alpha=4)
"""For 16 frames, of which the slow pathway sees 4, as in chapter 8, where clips have 32."""

_FLAT, _DEEP = torch.channels_last, torch.channels_last_3d

TINY = {
    "one_frame": Tiny(_fusion(SingleFrame), "one frame", 3, 1.25e-2, _FLAT),
    "late_fusion": Tiny(_fusion(LateFusion), "late fusion", 3, 1.25e-2, _FLAT),
    "early_fusion": Tiny(_fusion(EarlyFusion), "early fusion", 3, 1.25e-2),
    "cnn_lstm": Tiny(_fusion(RecurrentFusion), "CNN + LSTM", 3, 5e-3, _FLAT),
    "temporal_shift": Tiny(_fusion(ShiftFusion), "temporal shift", 3, 3.125e-2),
    "conv3d": Tiny(_fusion(SlowFusion), "3D CNN", 4, 5e-3, _DEEP),
    "conv2plus1d": Tiny(
        lambda num_classes, frames, size: SmallConvNet(convnets.Conv2Plus1d, 12, num_classes),
        "(2+1)D CNN", 4, 3.125e-2, _DEEP,
    ),
    "two_streams": Tiny(
        lambda num_classes, frames, size: TwoStreamsOfClips(num_classes, frames - 1),
        "two streams", 6, 1.25e-2,
    ),
    "inflated": Tiny(
        lambda num_classes, frames, size: inflated(SingleFrame(num_classes, frames)),
        "inflated 2D CNN", 7, 5e-3, _DEEP,
    ),
    "slowfast": Tiny(
        lambda num_classes, frames, size: slowfast.SlowFast(SLOWFAST, num_classes),
        "SlowFast", 8, 5e-3, _DEEP,
    ),
    "vivit": Tiny(
        _transformer(vivit.ViViT, vivit_config("joint")), "ViViT, joint", 9, 2e-3, _DEEP
    ),
    "vivit_factorised": Tiny(
        _transformer(vivit.ViViT, vivit_config("factorised encoder")),
        "ViViT, factorised encoder", 9, 2e-3, _DEEP,
    ),
    "timesformer": Tiny(
        _transformer(timesformer.TimeSformer, replace(timesformer.TINY, stem=STEM)),
        "TimeSformer, divided", 9, 5e-3, _DEEP,
    ),
    "mvit": Tiny(_transformer(mvit.MViT, mvit.TINY), "MViT", 14, 1.25e-2),
}  # fmt: skip
"""By name, in the order of the chapters."""
