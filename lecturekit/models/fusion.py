"""Ways to let time into a network: single frame, early, late and slow (3D) fusion.

After Karpathy et al., CVPR 2014, Sec. 3.1, whose slow fusion becomes a 3D network here. All four
have one backbone: three convolutions that halve the picture and double the channels, and an
average over what is left. Only where the frames meet differs. Two relatives, from before and after
the 3D networks, let the frames of late fusion meet on the way: a recurrent layer, and a shift.
"""

import torch
from torch import nn


def block(conv: type[nn.Module], in_channels: int, out_channels: int) -> nn.Sequential:
    """A 3×3 (or 3×3×3) convolution that halves every axis it slides over."""
    norm = {nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}[conv]
    return nn.Sequential(
        conv(in_channels, out_channels, 3, stride=2, padding=1, bias=False),
        norm(out_channels),
        nn.ReLU(),
    )


class Backbone(nn.Sequential):
    """Pictures ``(N, in_channels, H, W)``, or clips, to feature maps of ``4 * width`` channels."""

    def __init__(self, conv: type[nn.Module], in_channels: int, width: int) -> None:
        super().__init__(
            block(conv, in_channels, width),
            block(conv, width, 2 * width),
            block(conv, 2 * width, 4 * width),
        )


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

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores of clips, ``(B, num_classes)``.

        Raises:
            ValueError: not clips of three channels and ``num_frames`` frames.
        """
        if clips.ndim != 5 or clips.shape[1] != 3 or clips.shape[2] != self.num_frames:
            raise ValueError(
                f"clips: expected shape (B, 3, {self.num_frames}, H, W), got {tuple(clips.shape)}"
            )
        return self.head(self.features(clips))


def one_frame(clips: torch.Tensor, *, at_random: bool) -> torch.Tensor:
    """Of each clip ``(B, C, T, H, W)`` a random frame, or the middle one: ``(B, C, H, W)``."""
    batch, _, frames = clips.shape[:3]
    if at_random:
        when = torch.randint(frames, (batch,), device=clips.device)
    else:
        when = torch.full((batch,), frames // 2, device=clips.device)
    return clips[torch.arange(batch, device=clips.device), :, when]


class SingleFrame(FusionNet):
    """One frame: a random one of each clip while training, the middle one otherwise."""

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        return self.backbone(one_frame(clips, at_random=self.training)).mean((2, 3))


class EarlyFusion(FusionNet):
    """All frames at once: the first convolution takes 3 T channels and leaves no time axis."""

    def make_backbone(self, width: int) -> Backbone:
        """See :class:`FusionNet`."""
        return Backbone(nn.Conv2d, 3 * self.num_frames, width)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        return self.backbone(clips.flatten(1, 2)).mean((2, 3))


class LateFusion(FusionNet):
    """Each frame by itself, the features of all frames averaged at the end."""

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        batch, frames = clips.shape[0], clips.shape[2]
        pictures = clips.transpose(1, 2).flatten(0, 1)
        per_frame = self.backbone(pictures).mean((2, 3))
        return per_frame.unflatten(0, (batch, frames)).mean(1)


class SlowFusion(FusionNet):
    """A 3D network: in each layer neighbouring moments meet, and time is halved as space is."""

    def make_backbone(self, width: int) -> Backbone:
        """See :class:`FusionNet`."""
        return Backbone(nn.Conv3d, 3, width)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        return self.backbone(clips).mean((2, 3, 4))


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
        batch = clips.shape[0]
        x = clips.transpose(1, 2).flatten(0, 1)
        for depth, layer in enumerate(self.backbone):
            if depth > 0:
                x = shift_in_time(x.unflatten(0, (batch, -1)), share=4).flatten(0, 1)
            x = layer(x)
        return x.mean((2, 3)).unflatten(0, (batch, -1)).mean(1)


class RecurrentFusion(FusionNet):
    """Late fusion with an LSTM in place of the average: it reads the frames' features in order.

    After Donahue et al., CVPR 2015. The class is read from the state after the last frame.
    """

    def __init__(self, num_classes: int, num_frames: int = 16, width: int = 12) -> None:
        super().__init__(num_classes, num_frames, width)
        self.lstm = nn.LSTM(4 * width, 4 * width, batch_first=True)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        """See :class:`FusionNet`."""
        pictures = clips.transpose(1, 2).flatten(0, 1)
        per_frame = self.backbone(pictures).mean((2, 3)).unflatten(0, (clips.shape[0], -1))
        return self.lstm(per_frame)[0][:, -1]


FAMILIES = {
    "single frame": SingleFrame,
    "early fusion": EarlyFusion,
    "late fusion": LateFusion,
    "3D CNN": SlowFusion,
}
"""The four, in the chapter's order."""

RELATIVES = {"CNN + LSTM": RecurrentFusion, "temporal shift": ShiftFusion}
"""What the chapter builds besides, in asides."""
