"""Separable filters and the image pyramid that both methods of this package use."""

import numpy as np

from .field import resample

# OpenCV's Farnebäck makes no level with a side below this.
_LEAST_SIDE_PX = 32


def correlate(image: np.ndarray, kernel: np.ndarray, axis: int, *, pad: str = "edge") -> np.ndarray:
    """One-dimensional correlation along an axis; beyond the border numpy's ``pad`` mode holds.

    Args:
        image: ``(H, W)`` or ``(H, W, C)``, float.
        kernel: an odd number of weights; the middle one falls on the pixel itself.
        axis: 0 runs down a column (y), 1 along a row (x).
        pad: mode of ``numpy.pad``.
    """
    padded = _pad(np.moveaxis(image, axis, 0), len(kernel) // 2, pad)
    size = image.shape[axis]
    out = sum(weight * padded[start : start + size] for start, weight in enumerate(kernel))
    return np.moveaxis(out, 0, axis)


def box_sum(image: np.ndarray, radius: int) -> np.ndarray:
    """Sum over the square of side 2 · radius + 1 around each pixel; the border is repeated.

    By running sums, so that its time does not depend on the radius.
    """
    total = image.astype(np.float64)
    for axis in (0, 1):
        padded = _pad(np.moveaxis(total, axis, 0), radius, "edge")
        running = np.cumsum(padded, 0)
        sums = running[2 * radius :].copy()
        sums[1:] -= running[: -2 * radius - 1]
        total = np.moveaxis(sums, 0, axis)
    return total


def _pad(image: np.ndarray, width: int, mode: str) -> np.ndarray:
    return np.pad(image, [(width, width)] + [(0, 0)] * (image.ndim - 1), mode=mode)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur with the kernel that OpenCV's Farnebäck takes before it shrinks an image.

    About 5 sigma wide; at sigma 0, the full size, it still takes (1, 2, 1) / 4. The image is
    mirrored at its border.
    """
    radius = max(round(sigma * 5) | 1, 3) // 2
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-(offsets**2) / (2 * sigma**2)) if sigma else np.array([1.0, 2.0, 1.0])
    kernel = (kernel / kernel.sum()).astype(np.float32)
    return correlate(correlate(image, kernel, 0, pad="reflect"), kernel, 1, pad="reflect")


def pyramid_scales(height: int, width: int, levels: int, pyr_scale: float) -> list[float]:
    """Scales of the pyramid, the coarsest first; the last is 1, the image itself.

    At most ``levels`` coarser ones, as long as both sides stay at least 32 px.
    """
    scales = [1.0]
    while len(scales) <= levels and min(height, width) * scales[-1] * pyr_scale >= _LEAST_SIDE_PX:
        scales.append(scales[-1] * pyr_scale)
    return scales[::-1]


def shrink(image: np.ndarray, scale: float) -> np.ndarray:
    """A level of the pyramid: blurred, because a finer detail would alias, and then resampled."""
    height, width = image.shape
    blurred = blur(image, (1 / scale - 1) / 2)
    return resample(blurred, round(height * scale), round(width * scale)).astype(np.float32)
