"""One trunk, many questions: the features of a film, and heads that read them.

A trunk turns clips ``(B, 3, T, H, W)`` into features ``(B, C, T', H', W')``: C numbers for each
moment and place of a coarser grid. Each head takes such features, whatever it answers: *what* is
here, *when* in :mod:`lecturekit.models.moments`, *who and where* in :mod:`lecturekit.models.roi`,
a sentence in :mod:`lecturekit.models.captioner`. Features pooled over space remain features,
``(B, C, T', 1, 1)``: what the heads that ask nothing of places can be trained on.

Where a feature stands in the film follows from the trunk's layers, through `shapes`. A head that
answers in seconds or pixels has to ask, or it is off by up to half a step of the grid.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from lecturekit import checks, shapes
from lecturekit.models.parts import block, check_clips, layers_of


@dataclass(frozen=True)
class TrunkConfig:
    """A trunk's size, a number for each layer.

    Attributes:
        channels: of each layer's output.
        time_strides: frames from one output to the next. All 1: a feature for each frame.
        space_strides: the same of rows and columns.
    """

    channels: tuple[int, ...] = (12, 24, 48)
    # Time is halved once: eight frames a second become four features a second, enough for a
    # boundary to an eighth of a second.
    time_strides: tuple[int, ...] = (1, 2, 1)
    space_strides: tuple[int, ...] = (2, 2, 2)


class Trunk(nn.Sequential):
    """3×3×3 convolutions, each with batch norm and a ReLU; slides over films of any length.

    Attributes:
        channels: C of the features.
        start: in frames, rows and columns, where the first feature's field has its centre; frame 0
            has its centre at 0.
        jump: the same, from one feature to the next.
        receptive_field: the same, how many a feature depends on.
    """

    def __init__(self, config: TrunkConfig | None = None) -> None:
        super().__init__()
        config = config or TrunkConfig()
        sizes = zip(config.channels, config.time_strides, config.space_strides, strict=True)
        self.channels = 3
        for channels, time, space in sizes:
            layer = shapes.Conv(channels, 3, (time, space, space), padding=1, bias=False)
            self.append(block(nn.Conv3d, self.channels, layer))
            self.channels = channels
        # These three hold whatever the size of the clip.
        last = shapes.walk(self.layers(), (3, 1, 1, 1))[-1]
        self.start, self.jump, self.receptive_field = last.start, last.jump, last.receptive_field

    def layers(self) -> tuple[shapes.Conv, ...]:
        """The convolutions, for `shapes.walk` and `shapes.trace`."""
        return layers_of(self)

    def moments_sec(self, num_frames: int, fps: float) -> torch.Tensor:
        """When the features of a film stand, float64 ``(T',)``, in seconds from its beginning.

        Frame i is shown from ``i / fps`` to ``(i + 1) / fps``: its middle is half a frame later
        than its number says.
        """
        checks.number("fps", fps, above=0)
        steps = shapes.walk(self.layers(), (3, checks.integer("num_frames", num_frames, 1), 1, 1))
        features = torch.arange(steps[-1].out_shape[1], dtype=torch.float64)
        return (self.start[0] + self.jump[0] * features + 0.5) / fps

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Features ``(B, C, T', H', W')`` of clips ``(B, 3, T, H, W)``.

        Raises:
            ValueError: not clips of three channels.
        """
        check_clips(clips)
        return super().forward(clips)


class ClassificationHead(nn.Module):
    """What is here: the mean over moments and places, and a linear layer.

    The scores are logits. One class a clip or several is the loss's affair: cross entropy
    (softmax), or `multi_label_loss` (sigmoid).

    Args:
        channels: C of the features.
        num_classes: K.
    """

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(channels, num_classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of features ``(B, C, T', H', W')``."""
        check_features(features, self.linear.in_features)
        return self.linear(features.mean((2, 3, 4)))


class OnTrunk(nn.Module):
    """A trunk and a head, as one network: to train both, or to ask of clips."""

    def __init__(self, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, clips: torch.Tensor, *others: torch.Tensor) -> torch.Tensor | tuple:
        """What the head says of clips ``(B, 3, T, H, W)``, and of what else it takes."""
        return self.head(self.trunk(clips), *others)


def multi_label_loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Binary cross entropy: of each class by itself, is it there or not.

    Args:
        scores: logits, of any shape.
        labels: 0 or 1 for each of them, in the same order; of a batch of boxes ``(B, n, K)`` where
            the scores are ``(B n, K)``.
    """
    if labels.numel() != scores.numel():
        raise ValueError(
            f"labels: expected one for each of the scores {tuple(scores.shape)}, "
            f"got {tuple(labels.shape)}"
        )
    return functional.binary_cross_entropy_with_logits(
        scores, labels.reshape(scores.shape).to(scores.dtype)
    )


def check_features(features: torch.Tensor, channels: int) -> None:
    """That features are ``(B, channels, T', H', W')``, no axis empty."""
    checks.shape("features", features, f"B {channels} T' H' W'")
