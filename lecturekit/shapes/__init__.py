"""Axes by name, steps in flat memory, and what convolutions do to sizes.

    b   batch      which clip
    c   channels   red, green, blue
    t   time       which frame
    h   height     which row, counted downwards
    w   width      which column

A layout is the order of the axes, the slowest first, written as in einops: "t h w c". The
same video is laid out differently by different tools:

    "t h w c"     stacked frames of OpenCV (channels are B, G, R), of PyAV's
                  `to_ndarray(format="rgb24")`, decord's `get_batch`; `lecturekit.video`
    "t c h w"     torchvision's transforms (`tv_tensors.Video` is [..., T, C, H, W]),
                  torchcodec's `VideoDecoder` by default
    "c t h w"     pytorchvideo's `EncodedVideo.get_clip` and transforms
    "b c t h w"   torch.nn.Conv3d, whose documentation calls it (N, C, D, H, W); our clip tensor

A tensor is flat memory plus a shape, a stride for each axis, and a storage offset. All three
are counted in elements here, as torch does; numpy's own `array.strides` are in bytes.

A network's shapes follow from its layers alone: `walk` gives the sizes, parameters, multiply–adds
and receptive field after each layer, and what no window reads; `trace` prints them.
"""

from .layers import Conv, Flatten, Layer, Linear, Pool, Step, trace, walk
from .memory import AXES, contiguous_strides, parse_layout
from .windows import conv_output

__all__ = [
    "AXES",
    "Conv",
    "Flatten",
    "Layer",
    "Linear",
    "Pool",
    "Step",
    "contiguous_strides",
    "conv_output",
    "parse_layout",
    "trace",
    "walk",
]
