"""Optical flow: for each pixel of a frame, how far it moves until the next.

Words and conventions of this package:

flow      float32 ``(H, W, 2)``: (dx, dy) in pixels per frame. ``dx > 0`` is right, ``dy > 0`` is
          down. What lies at (x, y) in the first frame lies at (x + dx, y + dy) in the second.
prev,     the two frames: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1. Floats on
next      the scale 0…255 are refused.
NaN       in a flow: not known here. In an image: refused.
warp      fetch each pixel from where the flow says it went: ``warp(next, flow)`` looks like
          ``prev``.
"""

from lecturekit.metrics import angular_error, endpoint_error

from .farneback import farneback, farneback_from_scratch
from .field import flip_flow, flow_to_rgb, resize_flow, warp

__all__ = [
    "angular_error",
    "endpoint_error",
    "farneback",
    "farneback_from_scratch",
    "flip_flow",
    "flow_to_rgb",
    "resize_flow",
    "warp",
]
