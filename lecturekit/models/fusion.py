"""Ways to let time into a network: single frame, early, late and slow (3D) fusion.

After Karpathy et al., CVPR 2014, Sec. 3.1, whose slow fusion becomes a 3D network here. All four
have one backbone: three convolutions that halve the picture and double the channels, and an
average over what is left. Only where the frames meet differs. Two relatives, from before and after
the 3D networks, let the frames of late fusion meet on the way: a recurrent layer, and a shift.
"""

from dataclasses import replace

import torch
from einops import rearrange, reduce
from torch import nn

from lecturekit import shapes
from lecturekit.models.parts import Backbone, check_clips, layers_of, one_frame


class FusionNet(nn.Module):
    """What the four share: clips ``(B, 3, T, H, W)`` in, scores ``(B, num_classes)`` out.

    Args:
        num_classes: K.
        num_frames: T. Early fusion works for this T only.
        width: channels of the first layer; 2 and 4 times as many follow.
    """

    def __init__(self, num_classes: int, num_frames: int = 16, width: int = 12) -> None:
        super().__init__()
        self.num_frames = num_frames
        self.backbone = self.make_backbone(width)
        self.head = nn.Linear(4 * width, num_classes)

    def make_backbone(self, width: int) -> Backbone:
        """The backbone, with as many input channels as the family feeds it."""
        return Backbone(nn.Conv2d, 3, width)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """One vector for each clip, ``(B, 4 * width)``."""
        raise NotImplementedError

    def layers(self) -> tuple[shapes.Conv, ...]:
        """The backbone's convolutions as they slide over the clip, time first.

        For `shapes.walk`, from ``(3, T, H, W)``. Here: each frame by itself.
        """
        return tuple(_in_time(layer, kernel=1) for layer in layers_of(self.backbone))

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores of clips, ``(B, num_classes)``.

        Raises:
            ValueError: not clips of three channels and ``num_frames`` frames.
        """
        check_clips(clips, self.num_frames)
        return self.head(self.features(clips))


class SingleFrame(FusionNet):
    """One frame: a random one of each clip while training, the middle one otherwise."""

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        maps = self.backbone(one_frame(clips, at_random=self.training))
        return reduce(maps, "b c h w -> b c", "mean")


class EarlyFusion(FusionNet):
    """All frames at once: the first convolution takes 3 T channels and leaves no time axis."""

    def make_backbone(self, width: int) -> Backbone:
        """See :class:`FusionNet`."""
        return Backbone(nn.Conv2d, 3 * self.num_frames, width)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        maps = self.backbone(rearrange(clips, "b c t h w -> b (c t) h w"))
        return reduce(maps, "b c h w -> b c", "mean")

    def layers(self) -> tuple[shapes.Conv, ...]:
        """See :class:`FusionNet`. The first kernel is as long as the clip: one moment is left."""
        first, *rest = super().layers()
        return (_in_time(first, kernel=self.num_frames), *rest)


class LateFusion(FusionNet):
    """Each frame by itself, the features of all frames averaged at the end."""

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        maps = self.backbone(rearrange(clips, "b c t h w -> (b t) c h w"))
        per_frame = reduce(maps, "(b t) c h w -> b t c", "mean", b=len(clips))
        return reduce(per_frame, "b t c -> b c", "mean")


class SlowFusion(FusionNet):
    """A 3D network: in each layer neighbouring moments meet, and time is halved as space is."""

    def make_backbone(self, width: int) -> Backbone:
        """See :class:`FusionNet`."""
        return Backbone(nn.Conv3d, 3, width)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        return reduce(self.backbone(clips), "b c t h w -> b c", "mean")

    def layers(self) -> tuple[shapes.Conv, ...]:
        """See :class:`FusionNet`. Its kernels slide over time by themselves."""
        return layers_of(self.backbone)


def shift_in_time(features: torch.Tensor, share: int) -> torch.Tensor:
    """Let each frame borrow channels from its two neighbours; nothing is computed.

    Args:
        features: ``(B, T, C, *rest)``.
        share: the first ``C // share`` channels come from the frame before, the next as many from
            the frame after. Past the ends of the clip there are zeros.
    """
    shifted, borrowed = torch.zeros_like(features), features.shape[2] // share
    before, after = slice(borrowed), slice(borrowed, 2 * borrowed)
    shifted[:, 1:, before] = features[:, :-1, before]
    shifted[:, :-1, after] = features[:, 1:, after]
    shifted[:, :, after.stop :] = features[:, :, after.stop :]
    return shifted


class ShiftFusion(FusionNet):
    """Late fusion with a temporal shift before layers 2 and 3: a unit there sees 3 and 5 frames.

    After Lin, Gan and Han, ICCV 2019, who borrow an eighth of the channels from each side. With the
    few channels here it is a quarter.
    """

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        first, *rest = self.backbone
        x = first(rearrange(clips, "b c t h w -> (b t) c h w"))
        for layer in rest:
            x = shift_in_time(rearrange(x, "(b t) c h w -> b t c h w", b=len(clips)), share=4)
            x = layer(rearrange(x, "b t c h w -> (b t) c h w"))
        per_frame = reduce(x, "(b t) c h w -> b t c", "mean", b=len(clips))
        return reduce(per_frame, "b t c -> b c", "mean")

    def layers(self) -> tuple[shapes.Conv, ...]:
        """See :class:`FusionNet`. After a shift a unit reads three frames.

        True of what is seen, not of the weights: `walk` counts three times as many.
        """
        first, *rest = super().layers()
        return (first, *(_in_time(layer, kernel=3, padding=1) for layer in rest))


class RecurrentFusion(FusionNet):
    """Late fusion with an LSTM in place of the average: it reads the frames' features in order.

    After Donahue et al., CVPR 2015. The class is read from the state after the last frame.
    """

    def __init__(self, num_classes: int, num_frames: int = 16, width: int = 12) -> None:
        super().__init__(num_classes, num_frames, width)
        self.lstm = nn.LSTM(4 * width, 4 * width, batch_first=True)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        maps = self.backbone(rearrange(clips, "b c t h w -> (b t) c h w"))
        per_frame = reduce(maps, "(b t) c h w -> b t c", "mean", b=len(clips))
        return self.lstm(per_frame)[0][:, -1]


def _in_time(layer: shapes.Conv, *, kernel: int, padding: int = 0) -> shapes.Conv:
    """A layer with ``kernel`` as its size in time, in steps of one frame."""
    return replace(
        layer,
        kernel=(kernel, *layer.kernel[-2:]),
        stride=(1, *layer.stride[-2:]),
        padding=(padding, *layer.padding[-2:]),
        dilation=(1, *layer.dilation[-2:]),
    )


FAMILIES = {
    "single frame": SingleFrame,
    "early fusion": EarlyFusion,
    "late fusion": LateFusion,
    "3D CNN": SlowFusion,
}
"""The four, in the chapter's order."""

RELATIVES = {"CNN + LSTM": RecurrentFusion, "temporal shift": ShiftFusion}
"""What the chapter builds besides, in asides."""
