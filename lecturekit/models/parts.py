"""What families share: the tiny backbone, one frame of a clip, layers in the words of shapes."""

from collections.abc import Iterator
from math import ceil

import torch
from torch import nn

from lecturekit import shapes

# None of them changes a size, or lets one place of its input reach another.
_KEEPS_SIZES = (
    nn.ReLU, nn.Dropout, nn.Identity, nn.BatchNorm2d, nn.BatchNorm3d, nn.LocalResponseNorm
)  # fmt: skip


def halving(width: int) -> tuple[shapes.Conv, ...]:
    """The tiny backbone: three convolutions that halve the picture and double the channels.

    They have no bias, as the batch norm behind each has one.
    """
    return tuple(
        shapes.Conv(channels, 3, stride=2, padding=1, bias=False)
        for channels in (width, 2 * width, 4 * width)
    )


class Backbone(nn.Sequential):
    """Pictures ``(N, in_channels, H, W)``, or clips, to feature maps of ``4 * width`` channels.

    Args:
        conv: ``nn.Conv2d``, or ``nn.Conv3d``, which halves time as well.
        in_channels: of the pictures or clips.
        width: channels of the first layer.
    """

    def __init__(self, conv: type[nn.Module], in_channels: int, width: int) -> None:
        super().__init__()
        for layer in halving(width):
            self.append(block(conv, in_channels, layer))
            in_channels = layer.out_channels


def block(conv: type[nn.Module], in_channels: int, layer: shapes.Conv) -> nn.Sequential:
    """A convolution, batch norm and a ReLU."""
    norm = {nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}[conv]
    return nn.Sequential(convolution(conv, in_channels, layer), norm(layer.out_channels), nn.ReLU())


def convolution(conv: type[nn.Module], in_channels: int, layer: shapes.Conv) -> nn.Module:
    """The module that a layer stands for."""
    return conv(
        in_channels,
        layer.out_channels,
        layer.kernel,
        layer.stride,
        layer.padding,
        layer.dilation,
        bias=layer.bias,
    )


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """How much TensorFlow's padding "SAME" puts before and behind an axis.

    So much that there are ``ceil(size / stride)`` windows. What cannot be halved goes behind:
    torch's own padding, the same on both sides, would shift every window of a stride of 2.

    >>> same_padding(224, 7, 2), same_padding(225, 7, 2)
    ((2, 3), (3, 3))
    """
    windows = ceil(size / stride)
    total = max((windows - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def one_frame(clips: torch.Tensor, *, at_random: bool) -> torch.Tensor:
    """Of each clip ``(B, C, T, H, W)`` a random frame, or the middle one: ``(B, C, H, W)``."""
    batch, _, frames = clips.shape[:3]
    if at_random:
        when = torch.randint(frames, (batch,), device=clips.device)
    else:
        when = torch.full((batch,), frames // 2, device=clips.device)
    return clips[torch.arange(batch, device=clips.device), :, when]


def check_clips(clips: torch.Tensor, frames: int | None = None, channels: int = 3) -> None:
    """That clips are ``(B, channels, T, H, W)``; of so many frames, if told."""
    shape = tuple(clips.shape)
    if len(shape) != 5 or shape[1] != channels or frames not in (None, shape[2]):
        swapped = len(shape) == 5 and shape[2] == channels
        looks = "; these look like (B, T, C, H, W)" if swapped else ""
        expected = f"(B, {channels}, {frames or 'T'}, H, W)"
        raise ValueError(f"clips: expected shape {expected}, got {shape}{looks}")


def layers_of(module: nn.Module) -> tuple[shapes.Layer, ...]:
    """A module's layers in the words of `shapes`, so that `walk` and `trace` can follow them.

    Modules that keep sizes (ReLU, batch norm, dropout and the like) are left out, and with them
    the parameters of a norm.

    Args:
        module: one that applies what it holds in order: a convolution, a max or average pooling,
            a linear layer, a Flatten, or an ``nn.Sequential`` of such, nested or not.

    Raises:
        TypeError: it holds something else.
        ValueError: a convolution in groups, or one whose padding is a word.

    >>> layers_of(nn.Sequential(nn.Conv3d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2)))[1]
    Pool(kernel=2, stride=2, padding=0, ceil_mode=False)
    """
    return tuple(_layers(module))


def _layers(module: nn.Module) -> Iterator[shapes.Layer]:
    match module:
        case nn.Sequential():
            for child in module:
                yield from _layers(child)
        case nn.Conv2d() | nn.Conv3d():
            if module.groups != 1 or isinstance(module.padding, str):
                raise ValueError(f"module: expected one group and padding in numbers, got {module}")
            yield shapes.Conv(
                module.out_channels,
                module.kernel_size,
                module.stride,
                module.padding,
                module.dilation,
                bias=module.bias is not None,
            )
        case nn.MaxPool2d() | nn.MaxPool3d() | nn.AvgPool2d() | nn.AvgPool3d():
            if getattr(module, "dilation", 1) != 1:
                raise ValueError(f"module: expected a pooling without dilation, got {module}")
            yield shapes.Pool(
                module.kernel_size, module.stride, module.padding, ceil_mode=module.ceil_mode
            )
        case nn.Flatten(start_dim=1, end_dim=-1):
            yield shapes.Flatten()
        case nn.Linear():
            yield shapes.Linear(module.out_features, bias=module.bias is not None)
        case _ if not isinstance(module, _KEEPS_SIZES):
            raise TypeError(
                "module: expected convolutions, poolings, Flatten, Linear, and what keeps sizes, "
                f"got {type(module).__name__}"
            )
