"""Flow as the input of a network: stacked, centred, and stored in 8 bits.

Simonyan and Zisserman 2014, "Two-Stream Convolutional Networks for Action Recognition in Videos".
"""

import numpy as np

from lecturekit import checks

from .field import flow_field


def stack_flow(flows: np.ndarray) -> np.ndarray:
    """L consecutive flow fields as the 2L input channels of a temporal stream.

    Channel 2k − 1 is dx of the k-th field and channel 2k is dy (the paper's Eq. 1, which counts
    from 1): x₁, y₁, x₂, y₂, …

    Args:
        flows: ``(L, H, W, 2)``, (dx, dy).

    Returns:
        float32 ``(2L, H, W)``.
    """
    flows = flow_field("flows", flows, axes=4)
    length, height, width, _ = flows.shape
    return np.moveaxis(flows, 3, 1).reshape(2 * length, height, width)


def subtract_mean(flow: np.ndarray) -> np.ndarray:
    """Take each field's mean vector off it: most of what a moving camera adds (section 3.1).

    Args:
        flow: ``(H, W, 2)``, or ``(L, H, W, 2)``: each field has its own mean. NaN stays NaN and
            is left out of the mean.

    Returns:
        float32, of the flow's shape.
    """
    flow = flow_field("flow", flow, axes=4 if np.ndim(flow) == 4 else 3)
    known = np.isfinite(flow).all(-1, keepdims=True)
    count = np.maximum(known.sum((-3, -2), keepdims=True), 1)
    mean = np.where(known, flow, 0).sum((-3, -2), keepdims=True, dtype=np.float64) / count
    return (flow - mean).astype(np.float32)


def quantise(flow: np.ndarray, bound_px: float = 20.0) -> np.ndarray:
    """Flow in 8 bits: −bound … bound px to levels 0 … 255, what lies beyond clipped.

    A data set's flow is far too large as floats. The paper rescaled flow linearly to 0…255,
    stored it as JPEG, and scaled it back to its original range (its section on training details).
    A fixed bound of 20 px is what later releases use, such as I3D's.

    Args:
        flow: any shape, in px.
        bound_px: above 0.

    Returns:
        uint8, of the flow's shape. No motion lies halfway between two levels and gets 128, which
        `dequantise` reads as ``bound_px / 255``: half a level, the largest error within the bound.

    Raises:
        ValueError: the flow has NaN or infinity: 8 bits have no level for them.
    """
    bound_px = checks.number("bound_px", bound_px, 0)
    flow = np.asarray(flow)
    if not np.issubdtype(flow.dtype, np.floating):
        raise TypeError(f"flow: expected floats, in pixels, got {flow.dtype}")
    if not np.isfinite(flow).all():
        raise ValueError("flow: expected finite numbers, got NaN or infinity")
    levels = np.rint(127.5 + flow.astype(np.float64) * (127.5 / bound_px))
    return levels.clip(0, 255).astype(np.uint8)


def dequantise(levels: np.ndarray, bound_px: float = 20.0) -> np.ndarray:
    """Levels 0 … 255 back to px, −bound … bound: the inverse of `quantise`, up to half a level.

    Args:
        levels: uint8, any shape.
        bound_px: the one that `quantise` had.

    Returns:
        float32, of the levels' shape.
    """
    bound_px = checks.number("bound_px", bound_px, 0)
    levels = np.asarray(levels)
    if levels.dtype != np.uint8:
        raise TypeError(f"levels: expected uint8, got {levels.dtype}")
    return ((levels - 127.5) * (bound_px / 127.5)).astype(np.float32)
