"""A 2D network made a video network: every layer gets an axis of time, every weight is kept.

After Carreira and Zisserman, "Quo Vadis, Action Recognition?", CVPR 2017, Sec. 2.4, where the
filters of an image network are repeated along time.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from lecturekit import checks, ops

Times = int | Callable[[str, nn.Module], int]

EDGES = ("zeros", "repeat")
"""What a kernel reads before the first frame and after the last."""

# What works on any number of axes, or on the last two, or stands behind a Flatten.
_PASSES = (
    nn.Identity, nn.ReLU, nn.ReLU6, nn.Dropout, nn.Linear, nn.LocalResponseNorm, nn.ZeroPad2d
)  # fmt: skip
_WINDOWS = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
_NORM = (nn.BatchNorm2d,)
_ADAPTIVE = {
    nn.AdaptiveAvgPool2d: nn.AdaptiveAvgPool3d,
    nn.AdaptiveMaxPool2d: nn.AdaptiveMaxPool3d,
}
_KNOWN = (*_WINDOWS, *_NORM, *_ADAPTIVE, nn.Flatten, *_PASSES)


def inflate_network(
    network: nn.Module, times: Times, how: str = "mean", edges: str = "zeros"
) -> nn.Module:
    """A copy of a 2D network that takes clips; the network itself is left as it is.

    What the copy gives has an axis of time where the network's had none: feature maps
    ``(B, C, T, H, W)``. A pooling to a fixed size ("adaptive") takes all of time, so that a network
    that ends in one gives scores ``(B, K)``.

    Time goes in steps of one frame, with ``(time - 1) // 2`` frames of padding on both sides: an
    odd kernel keeps the number of frames, an even one takes one away, which a shortcut around it
    will not forgive.

    Args:
        network: of convolutions, batch norms, poolings and what needs no axis of its own, put
            together in any way that does not count axes: not ``x.mean((2, 3))``, no check that
            asks for pictures.
        times: frames of the kernels. One number is for all convolutions, and poolings leave time
            alone. A function of a layer's name and the 2D layer is asked for convolutions and for
            poolings of a window: 1 leaves time alone.
        how: as `ops.inflate` has it.
        edges: "zeros", or "repeat": the end frames are repeated, and a film that stands still gives
            in each frame what its picture gave, whatever the kernels.

    Returns:
        The same modules under the same names, 3D, with weights and statistics of their own; each
        parameter is trained if it was before.

    Raises:
        TypeError: a layer that is not known; its name is given.
        ValueError: a kernel of no frame, no such ``how`` or ``edges``, or a convolution whose
            padding is a word or no zeros.
    """
    checks.one_of("how", how, ops.INFLATIONS)
    checks.one_of("edges", edges, EDGES)
    video = copy.deepcopy(network)
    made: dict[nn.Module, nn.Module] = {}  # a layer that is used twice stays one layer
    for name, layer in list(video.named_modules(remove_duplicate=False)):
        if _is_container(name, layer):
            continue
        if layer not in made:
            time = _time_of(name, layer, times)
            made[layer] = _inflated(name, layer, time, how, repeats=edges == "repeat")
        if not name:
            return made[layer]
        video.set_submodule(name, made[layer])
    return video


class RepeatingConv3d(nn.Conv3d):
    """A 3D convolution that repeats the end frames ``edge`` times, on both sides."""

    def __init__(self, *args: Any, edge: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.edge = edge

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """As ``nn.Conv3d``."""
        return super().forward(_repeat_ends(clips, self.edge))


class RepeatingAvgPool3d(nn.AvgPool3d):
    """An average pooling that repeats the end frames ``edge`` times, on both sides."""

    def __init__(self, *args: Any, edge: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.edge = edge

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """As ``nn.AvgPool3d``."""
        return super().forward(_repeat_ends(clips, self.edge))


def _repeat_ends(clips: torch.Tensor, edge: int) -> torch.Tensor:
    return functional.pad(clips, (0, 0, 0, 0, edge, edge), mode="replicate")


def _is_container(name: str, layer: nn.Module) -> bool:
    """Whether a module only puts others together. One that holds numbers itself is not known."""
    if type(layer) in _KNOWN:
        return False
    empty = isinstance(layer, (nn.Sequential, nn.ModuleList, nn.ModuleDict))
    holds = [*layer.parameters(recurse=False), *layer.buffers(recurse=False)]
    if holds or not (empty or any(True for _ in layer.children())):
        known = ", ".join(kind.__name__ for kind in _KNOWN)
        raise TypeError(
            f"{name or 'network'}: expected {known}, or a module of such, "
            f"got {type(layer).__name__}"
        )
    return True


def _time_of(name: str, layer: nn.Module, times: Times) -> int:
    """Frames of a layer's kernel."""
    if not callable(times):
        checks.integer("times", times, 1)
        return times if isinstance(layer, nn.Conv2d) else 1
    if not isinstance(layer, _WINDOWS):
        return 1
    return checks.integer(f"times({name!r}, …)", times(name, layer), 1)


def _inflated(name: str, layer: nn.Module, time: int, how: str, *, repeats: bool) -> nn.Module:
    """The layer in 3D, of the same mode; it takes over what it can of the layer's tensors."""
    match layer:
        case nn.Conv2d():
            video = _convolution(name, layer, time, how, repeats=repeats)
        case nn.BatchNorm2d():
            video = _batch_norm(layer)
        case nn.MaxPool2d() | nn.AvgPool2d():
            video = _pooling(layer, time, repeats=repeats)
        case nn.AdaptiveAvgPool2d() | nn.AdaptiveMaxPool2d():
            height, width = _pair(layer.output_size)
            video = _ADAPTIVE[type(layer)]((1, height, width))
        case nn.Flatten() if (layer.start_dim, layer.end_dim) != (1, -1):
            raise TypeError(f"{name or 'network'}: expected Flatten() of all axes, got {layer}")
        case _:
            return layer
    return video.train(layer.training)


def _convolution(name: str, layer: nn.Conv2d, time: int, how: str, *, repeats: bool) -> nn.Conv3d:
    if isinstance(layer.padding, str) or layer.padding_mode != "zeros":
        raise ValueError(
            f"{name or 'network'}: expected a padding of zeros, in numbers, got {layer}"
        )
    video = _windowed(
        (nn.Conv3d, RepeatingConv3d),
        time,
        repeats,
        layer.padding,
        in_channels=layer.in_channels,
        out_channels=layer.out_channels,
        kernel_size=(time, *layer.kernel_size),
        stride=(1, *layer.stride),
        dilation=(1, *layer.dilation),
        groups=layer.groups,
        bias=False,
        device="meta",  # its own weights are never made, and no random number is drawn
    )
    weight = ops.inflate(layer.weight.detach(), time, how)
    video.weight = nn.Parameter(weight, layer.weight.requires_grad)
    video.bias = layer.bias
    return video


def _batch_norm(layer: nn.BatchNorm2d) -> nn.BatchNorm3d:
    """One mean and variance per channel, as before, now over time as well."""
    video = nn.BatchNorm3d(
        layer.num_features,
        layer.eps,
        layer.momentum,
        layer.affine,
        layer.track_running_stats,
        device="meta",
    )
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        setattr(video, name, getattr(layer, name))
    return video


def _pooling(
    layer: nn.MaxPool2d | nn.AvgPool2d, time: int, *, repeats: bool
) -> nn.MaxPool3d | nn.AvgPool3d:
    sizes = {
        "kernel_size": (time, *_pair(layer.kernel_size)),
        "stride": (1, *_pair(layer.stride)),
        "ceil_mode": layer.ceil_mode,
    }
    padding = _pair(layer.padding)
    if isinstance(layer, nn.MaxPool2d):
        # A repeated frame changes no maximum, and past the edges lies no zero, but nothing.
        return nn.MaxPool3d(
            padding=((time - 1) // 2, *padding),
            dilation=(1, *_pair(layer.dilation)),
            **sizes,
        )
    return _windowed(
        (nn.AvgPool3d, RepeatingAvgPool3d),
        time,
        repeats,
        padding,
        count_include_pad=layer.count_include_pad,
        divisor_override=layer.divisor_override and layer.divisor_override * time,
        **sizes,
    )


def _windowed(
    kinds: tuple[type[nn.Module], type[nn.Module]],
    time: int,
    repeats: bool,
    padding: tuple[int, int],
    **options: Any,
) -> nn.Module:
    """A 3D layer whose padding in time is zeros, or the end frames."""
    plain, repeating = kinds
    edge = (time - 1) // 2
    if repeats and edge:
        return repeating(edge=edge, padding=(0, *padding), **options)
    return plain(padding=(edge, *padding), **options)


def _pair(size: Any) -> tuple[Any, Any]:
    return tuple(size) if isinstance(size, (tuple, list)) else (size, size)
