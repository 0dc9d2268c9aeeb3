"""Farnebäck's optical flow: OpenCV's, and the same from scratch."""

import cv2
import numpy as np

from .checks import grey_pair, integer, number


def farneback(
    prev: np.ndarray,
    next: np.ndarray,
    *,
    pyr_scale: float = 0.5,
    levels: int = 3,
    winsize: int = 15,
    iterations: int = 3,
    poly_n: int = 5,
    poly_sigma: float = 1.1,
) -> np.ndarray:
    """Dense flow by OpenCV's ``calcOpticalFlowFarneback``.

    Args:
        prev: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1.
        next: the frame after it, of the same height and width.
        pyr_scale: size of each pyramid level over the one below it, between 0 and 1.
        levels: coarser levels on top of the image itself, at least 0. None is made with a side
            under 32 px.
        winsize: side of the averaging window in px, at least 3; an even one counts as the next odd.
        iterations: at each level, at least 1.
        poly_n: radius in px of the neighbourhood that a polynomial is fitted to, at least 1: 5
            means 11 × 11 (OpenCV's manual calls it a size; its code uses it as a radius).
        poly_sigma: standard deviation in px of the Gaussian weight in that neighbourhood.

    Returns:
        float32 ``(H, W, 2)``: (dx, dy) in px: what lies at (x, y) in ``prev`` lies at
        (x + dx, y + dy) in ``next``.

    Raises:
        ValueError, TypeError: an image or a parameter is not as said above.
    """
    prev, next = grey_pair(prev, next)
    check_parameters(pyr_scale, levels, winsize, iterations, poly_n, poly_sigma)
    return cv2.calcOpticalFlowFarneback(
        prev, next, None, pyr_scale, levels, winsize, iterations, poly_n, poly_sigma, 0
    )


def check_parameters(
    pyr_scale: float, levels: int, winsize: int, iterations: int, poly_n: int, poly_sigma: float
) -> None:
    """Refuse what the algorithm cannot use; see `farneback`."""
    number("pyr_scale", pyr_scale, 0, 1)
    integer("levels", levels, 0)
    integer("winsize", winsize, 3)
    integer("iterations", iterations, 1)
    integer("poly_n", poly_n, 1)
    number("poly_sigma", poly_sigma, 0)
