"""Optical flow: for each pixel of a frame, how far it moves until the next.

Words and conventions of this package:

flow      float32 ``(H, W, 2)``: (dx, dy) in pixels per frame. ``dx > 0`` is right, ``dy > 0`` is
          down. What lies at (x, y) in the first frame lies at (x + dx, y + dy) in the second.
prev,     the two frames: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1. Floats on
next      the scale 0…255 are refused.
NaN       in a flow: not known here. In an image: refused.
warp      fetch each pixel from where the flow says it went: ``warp(next, flow)`` looks like
          ``prev``.
truth     real frames moved by a known field, so that the error of a flow can be measured.
stack     L flow fields as 2L channels, the input of a network.
"""

from lecturekit.metrics import angular_error, endpoint_error

from .farneback import (
    Expansion,
    displacement_equations,
    farneback,
    farneback_from_scratch,
    polynomial_expansion,
    solve_over_window,
)
from .field import flip_flow, flow_to_rgb, resize_flow, warp
from .files import read_flo, read_kitti, write_flo, write_kitti
from .horn_schunck import horn_schunck, smoothest_flow
from .lucas_kanade import (
    LEAST_EIGENVALUE,
    lucas_kanade,
    lucas_kanade_step,
    structure_tensor,
    structure_tensor_eigenvalues,
)
from .stack import dequantise, quantise, stack_flow, subtract_mean
from .truth import GroundTruth, moving_layer, rotation, shear, translation, zoom

__all__ = [
    "LEAST_EIGENVALUE",
    "Expansion",
    "GroundTruth",
    "angular_error",
    "dequantise",
    "displacement_equations",
    "endpoint_error",
    "farneback",
    "farneback_from_scratch",
    "flip_flow",
    "flow_to_rgb",
    "horn_schunck",
    "lucas_kanade",
    "lucas_kanade_step",
    "moving_layer",
    "polynomial_expansion",
    "quantise",
    "read_flo",
    "read_kitti",
    "resize_flow",
    "rotation",
    "shear",
    "smoothest_flow",
    "solve_over_window",
    "stack_flow",
    "structure_tensor",
    "structure_tensor_eigenvalues",
    "subtract_mean",
    "translation",
    "warp",
    "write_flo",
    "write_kitti",
    "zoom",
]
