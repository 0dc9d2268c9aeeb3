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
    padded = _pad(image, len(kernel) // 2, axis, pad)
    size = image.shape[axis]
    out = np.zeros_like(image)
    for start, weight in enumerate(kernel):
        if weight:
            out += weight * padded.take(np.arange(start, start + size), axis)
    return out


def box_sum(image: np.ndarray, radius: int) -> np.ndarray:
    """Sum over the square of side 2 · radius + 1 around each pixel; the border is repeated.

    By running sums, so that its time does not depend on the radius.
    """
    total = image.astype(np.float64)
    for axis in (0, 1):
        size = total.shape[axis]
        running = np.cumsum(_pad(total, radius, axis, "edge"), axis)
        running = np.concatenate([np.zeros_like(running.take([0], axis)), running], axis)
        total = running.take(np.arange(2 * radius + 1, 2 * radius + 1 + size), axis)
        total -= running.take(np.arange(size), axis)
    return total


def _pad(image: np.ndarray, width: int, axis: int, mode: str) -> np.ndarray:
    widths = [(0, 0)] * image.ndim
    widths[axis] = (width, width)
    return np.pad(image, widths, mode=mode)


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
