"""Grey images: made grey, shrunk into a pyramid, blurred, summed over windows, read between pixels.

An image is ``(H, W)``, or ``(H, W, C)``. Positions are (x, y) in pixels; (0, 0) is the middle of
the pixel at the top left.
"""

from collections.abc import Iterator

import cv2
import numpy as np

# OpenCV's Farnebäck makes no level with a side below this.
_LEAST_SIDE_PX = 32


def grey_pair(prev: np.ndarray, next: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two images of one size as grey float32 ``(H, W)`` on the scale 0 to 255.

    Raises:
        ValueError, TypeError: as `grey`; or the sizes differ.
    """
    first, second = grey("prev", prev), grey("next", next)
    if first.shape != second.shape:
        raise ValueError(
            f"next: expected height and width of prev {first.shape}, got {second.shape}"
        )
    return first, second


def grey(argument: str, image: np.ndarray) -> np.ndarray:
    """An image as grey float32 ``(H, W)`` on the scale 0 to 255.

    Args:
        argument: its name, for the error.
        image: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1. A uint8 image gives
            whole grey values, rounded as OpenCV does.

    Raises:
        ValueError: another shape, no pixel, NaN, or a float outside 0…1.
        TypeError: another dtype.
    """
    image = np.asarray(image)
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)) or image.size == 0:
        raise ValueError(
            f"{argument}: expected shape (H, W) or (H, W, 3), no axis empty, got {image.shape}"
        )
    if image.dtype != np.uint8:
        if not np.issubdtype(image.dtype, np.floating):
            raise TypeError(f"{argument}: expected uint8, or float in 0…1, got {image.dtype}")
        low, high = image.min(), image.max()
        if not (low >= 0 and high <= 1):
            raise ValueError(f"{argument}: expected floats from 0 to 1, got {low} to {high}")
        image = image.astype(np.float32) * 255
    if image.ndim == 3:
        image = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    return image.astype(np.float32)


def pyramid(image: np.ndarray, levels: int, ratio: float = 0.5) -> Iterator[np.ndarray]:
    """A grey image at each of its scales, the coarsest first, the full size last.

    Args:
        image: grey ``(H, W)``, float.
        levels: at most so many coarser images.
        ratio: size of each over the finer one after it.
    """
    for scale in pyramid_scales(*image.shape, levels, ratio):
        yield shrink(image, scale)


def pyramid_scales(height: int, width: int, levels: int, ratio: float) -> list[float]:
    """Scales of the pyramid, the coarsest first; the last is 1.

    At most ``levels`` coarser ones, as long as both sides stay at least 32 px.
    """
    scales = [1.0]
    while len(scales) <= levels and min(height, width) * scales[-1] * ratio >= _LEAST_SIDE_PX:
        scales.append(scales[-1] * ratio)
    return scales[::-1]


def shrink(image: np.ndarray, scale: float) -> np.ndarray:
    """A grey image made smaller: blurred, because a finer detail would alias, then resampled."""
    height, width = image.shape
    blurred = blur(image, (1 / scale - 1) / 2)
    return resample(blurred, round(height * scale), round(width * scale)).astype(np.float32)


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


def box_sum(values: np.ndarray, radius: int) -> np.ndarray:
    """Sum over the square of side 2 · radius + 1 around each pixel; the border is repeated.

    By running sums, so that its time does not depend on the radius.

    Args:
        values: ``(H, W, ...)``.
        radius: in px.
    """
    total = values.astype(np.float64)
    for axis in (0, 1):
        padded = _pad(np.moveaxis(total, axis, 0), radius, "edge")
        running = np.cumsum(padded, 0)
        sums = running[2 * radius :].copy()
        sums[1:] -= running[: -2 * radius - 1]
        total = np.moveaxis(sums, 0, axis)
    return total


def _pad(image: np.ndarray, width: int, mode: str) -> np.ndarray:
    return np.pad(image, [(width, width)] + [(0, 0)] * (image.ndim - 1), mode=mode)


def resample(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear samples of an image on a grid of another size; values are not scaled."""
    old_height, old_width = image.shape[:2]
    x = ((np.arange(width) + 0.5) * old_width / width - 0.5).clip(0, old_width - 1)
    y = ((np.arange(height) + 0.5) * old_height / height - 0.5).clip(0, old_height - 1)
    return bilinear(image, *np.meshgrid(x, y))


def bilinear(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Float samples of ``(H, W)`` or ``(H, W, C)`` at real positions, all inside the image.

    ``x`` from 0 to W − 1 and ``y`` from 0 to H − 1, of one shape.
    """
    height, width = image.shape[:2]
    rows = image.reshape(height * width, *image.shape[2:])
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    kind = np.result_type(image.dtype, np.float32)
    u, v = (x - left).astype(kind), (y - top).astype(kind)
    if image.ndim == 3:
        u, v = u[..., None], v[..., None]
    above = rows[top * width + left] * (1 - u) + rows[top * width + right] * u
    below = rows[bottom * width + left] * (1 - u) + rows[bottom * width + right] * u
    return above * (1 - v) + below * v
