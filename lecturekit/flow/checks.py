"""What every function of this package asks of its images, flows and parameters."""

import math
import operator
from numbers import Real

import cv2
import numpy as np


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
            whole levels, rounded as OpenCV does.

    Raises:
        ValueError: another shape, no pixel, NaN, or a float outside 0…1.
        TypeError: another dtype.
    """
    image = np.asarray(image)
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)) or image.size == 0:
        raise ValueError(
            f"{argument}: expected shape (H, W) or (H, W, 3), no axis empty, got {image.shape}"
        )
    if image.dtype == np.uint8:
        return _without_colour(image).astype(np.float32)
    if not np.issubdtype(image.dtype, np.floating):
        raise TypeError(f"{argument}: expected uint8, or float in 0…1, got {image.dtype}")
    low, high = image.min(), image.max()
    if not (low >= 0 and high <= 1):
        raise ValueError(f"{argument}: expected floats from 0 to 1, got {low} to {high}")
    return _without_colour(image.astype(np.float32) * 255)


def _without_colour(image: np.ndarray) -> np.ndarray:
    if image.ndim == 2:
        return image
    return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)


def flow_field(argument: str, flow: np.ndarray, *, axes: int = 3) -> np.ndarray:
    """A flow field as float32, its shape checked.

    Args:
        argument: its name, for the error.
        flow: ``(H, W, 2)`` with ``axes=3``; ``(L, H, W, 2)`` with ``axes=4``.
        axes: how many axes.
    """
    flow = np.asarray(flow)
    if flow.ndim != axes or flow.shape[-1] != 2 or flow.size == 0:
        expected = "(L, H, W, 2)" if axes == 4 else "(H, W, 2)"
        raise ValueError(f"{argument}: expected shape {expected}, no axis empty, got {flow.shape}")
    if not np.issubdtype(flow.dtype, np.floating):
        raise TypeError(f"{argument}: expected floats, in pixels, got {flow.dtype}")
    return flow.astype(np.float32, copy=False)


def integer(argument: str, value: int, least: int, most: float = math.inf) -> int:
    """A whole number from ``least`` to ``most``."""
    try:
        whole = operator.index(value)
    except TypeError:
        raise TypeError(f"{argument}: expected an integer, got {value!r}") from None
    if not least <= whole <= most:
        end = "" if most == math.inf else f" and at most {most}"
        raise ValueError(f"{argument}: expected at least {least}{end}, got {whole}")
    return whole


def number(argument: str, value: float, above: float, below: float = math.inf) -> float:
    """A finite number between two bounds, neither of which it may equal."""
    if not isinstance(value, Real):
        raise TypeError(f"{argument}: expected a number, got {value!r}")
    if not above < value < below:
        end = "" if below == math.inf else f" and below {below:g}"
        raise ValueError(f"{argument}: expected above {above:g}{end}, got {value}")
    return float(value)
