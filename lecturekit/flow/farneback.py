"""Farnebäck's optical flow: OpenCV's, and the same from scratch."""

from typing import NamedTuple

import cv2
import numpy as np

from lecturekit import checks
from lecturekit.images import bilinear, box_sum, correlate, grey_pair, pyramid

from .field import resize_flow

# OpenCV's weights of the outermost pixels, from the border inwards.
_BORDER_TRUST = np.array([0.14, 0.14, 0.4472, 0.4472, 0.4472])


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
        prev: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1. Both sides at least 10
            px: OpenCV 5.0 weighs the border wrongly below that, and finds motion of many pixels
            between equal images.
        next: the frame after it, of the same height and width.
        pyr_scale: size of each pyramid level over the one below it, between 0 and 1.
        levels: coarser levels on top of the image itself, 0 to 99 (OpenCV's manual counts the image
            as one; its code does not). None is made with a side under 32 px.
        winsize: side of the averaging window in px, 3 to 999; an even one counts as the next odd.
            At the border, and in an image smaller than the window, border pixels are repeated.
        iterations: at each level, 1 to 999.
        poly_n: radius in px of the neighbourhood that a polynomial is fitted to, 1 to 99: 5 means
            11 × 11 (OpenCV's manual calls it a size; its code uses it as a radius).
        poly_sigma: standard deviation in px of the Gaussian weight in that neighbourhood, above
            0.3: under that, the weight leaves one pixel alone.

    Returns:
        float32 ``(H, W, 2)``: (dx, dy) in px: what lies at (x, y) in ``prev`` lies at
        (x + dx, y + dy) in ``next``.

    Raises:
        ValueError, TypeError: an image or a parameter is not as said above.
    """
    prev, next = grey_pair(prev, next)
    if min(prev.shape) < 2 * len(_BORDER_TRUST):
        raise ValueError(f"prev: expected height and width at least 10, got {prev.shape}")
    check_parameters(pyr_scale, levels, winsize, iterations, poly_n, poly_sigma)
    return cv2.calcOpticalFlowFarneback(
        prev, next, None, pyr_scale, levels, winsize, iterations, poly_n, poly_sigma, 0
    )


def farneback_from_scratch(
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
    """Farnebäck's flow in numpy; as `farneback`, and for images of any size.

    From coarse to fine, and at each scale again and again: fit quadratics to both frames, solve
    for the shift between them, and take it as what is known beforehand for the next round (the
    paper's sections on a priori knowledge and on iterative and multi-scale estimation).
    """
    prev, next = grey_pair(prev, next)
    check_parameters(pyr_scale, levels, winsize, iterations, poly_n, poly_sigma)
    flow = np.zeros((1, 1, 2), np.float32)
    pyramids = pyramid(prev, levels, pyr_scale), pyramid(next, levels, pyr_scale)
    for images in zip(*pyramids, strict=True):
        first, second = (polynomial_expansion(image, poly_n, poly_sigma) for image in images)
        flow = resize_flow(flow, *first.c.shape)
        for _ in range(iterations):
            matrix, vector = displacement_equations(first, second, flow)
            flow = solve_over_window(matrix, vector, winsize)
    return flow


class Expansion(NamedTuple):
    """Around each pixel, grey value ≈ xᵀ A x + bᵀ x + c, where x = (x, y) starts at the pixel.

    Farnebäck 2003 calls it polynomial expansion.

    Attributes:
        A: ``(H, W, 2, 2)``, symmetric: curvature, in grey values per px².
        b: ``(H, W, 2)``: slope, in grey values per px.
        c: ``(H, W)``: grey value.
    """

    A: np.ndarray
    b: np.ndarray
    c: np.ndarray


def polynomial_expansion(image: np.ndarray, poly_n: int = 5, poly_sigma: float = 1.1) -> Expansion:
    """Fit a quadratic to the neighbourhood of every pixel (Farnebäck 2003).

    Weighted least squares: near pixels count more, by a Gaussian. With the basis
    B = (1, x, y, x², y², xy) and the weights W, the coefficients are (Bᵀ W B)⁻¹ Bᵀ W f. As every
    pixel is trusted alike, BᵀWB is one 6 × 6 matrix for all pixels; BᵀW f is six filters, each a
    product of one along y and one along x. Beyond its border the image is repeated.

    Args:
        image: grey ``(H, W)``, float.
        poly_n: radius of the neighbourhood in px.
        poly_sigma: standard deviation of the Gaussian in px.
    """
    offset = np.arange(-poly_n, poly_n + 1)
    weight = np.exp(-(offset**2) / (2 * poly_sigma**2))
    weight /= weight.sum()
    powers = [(0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1)]  # of x and y: 1, x, y, x², y², xy
    moment = [(weight * offset**k).sum() for k in range(5)]
    normal = np.array([[moment[i + k] * moment[j + m] for k, m in powers] for i, j in powers])

    image = np.asarray(image, np.float32)
    kernels = [(weight * offset**k).astype(np.float32) for k in range(3)]
    down = [correlate(image, kernel, 0) for kernel in kernels]
    projections = np.stack([correlate(down[j], kernels[i], 1) for i, j in powers])
    solution = np.linalg.inv(normal).astype(np.float32) @ projections.reshape(6, -1)
    c, x, y, xx, yy, xy = solution.reshape(6, *image.shape)
    A = np.stack([xx, xy / 2, xy / 2, yy], -1).reshape(*image.shape, 2, 2)
    return Expansion(A, np.stack([x, y], -1), c)


def displacement_equations(
    first: Expansion, second: Expansion, prior: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What each pixel says about its displacement d: the equation A d = Δb, times Aᵀ.

    A quadratic that moves by d keeps its A and changes its b by −2 A d; hence
    A d = Δb with A = (A₁ + A₂) / 2 and Δb = −(b₂ − b₁) / 2. With a displacement d₀
    known beforehand, A₂ and b₂ are read at x + d₀, and Δb gains A d₀.

    As in OpenCV: A₂ and b₂ are interpolated between pixels (the paper rounds d₀); where x + d₀
    leaves the image, A is A₁ and b₂ counts as 0; the five pixels next to the border weigh less,
    since their neighbourhoods hold repeated pixels.

    Args:
        first: of the first frame.
        second: of the second.
        prior: ``(H, W, 2)``: d₀ in px.

    Returns:
        ``(H, W, 2, 2)``, AᵀA, and ``(H, W, 2)``, AᵀΔb: the terms of the two sums over a window.
    """
    height, width = first.c.shape
    x, y = np.arange(width) + prior[..., 0], np.arange(height)[:, None] + prior[..., 1]
    inside = (x >= 0) & (x < width - 1) & (y >= 0) & (y < height - 1)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    A2 = bilinear(second.A.reshape(height, width, 4), x, y).reshape(second.A.shape)
    A = (first.A + np.where(inside[..., None, None], A2, first.A)) / 2
    b2 = np.where(inside[..., None], bilinear(second.b, x, y), 0)
    delta_b = -(b2 - first.b) / 2 + _times(A, prior)
    trust = _trust(height)[:, None] * _trust(width)
    A, delta_b = A * trust[..., None, None], delta_b * trust[..., None]
    return A @ A, _times(A, delta_b)  # A is symmetric: AᵀA = A A


def solve_over_window(matrix: np.ndarray, vector: np.ndarray, winsize: int) -> np.ndarray:
    """The displacement that fits a whole window best: d = (Σ AᵀA)⁻¹ Σ AᵀΔb.

    All pixels of the window weigh the same, as in OpenCV (the paper weighs them by a Gaussian).
    As there, the sums are divided by winsize² and 0.001 is added to the determinant: without
    texture the result is 0 instead of undefined.

    Args:
        matrix: ``(H, W, 2, 2)``: AᵀA of each pixel.
        vector: ``(H, W, 2)``: AᵀΔb of each pixel.
        winsize: side of the window in px.

    Returns:
        float32 ``(H, W, 2)``: (dx, dy) in px.
    """
    terms = np.stack(
        [matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1], *vector.T.swapaxes(1, 2)], -1
    )
    g11, g12, g22, h1, h2 = np.moveaxis(box_sum(terms, winsize // 2) / winsize**2, -1, 0)
    determinant = g11 * g22 - g12**2 + 1e-3
    flow = np.stack([g22 * h1 - g12 * h2, g11 * h2 - g12 * h1], -1) / determinant[..., None]
    return flow.astype(np.float32)


def _times(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return (matrix @ vector[..., None])[..., 0]


def _trust(size: int) -> np.ndarray:
    """Weight of each pixel along one axis: less within five pixels of either end."""
    ramp = _BORDER_TRUST[:size]
    trust = np.ones(size, np.float32)
    trust[: len(ramp)] *= ramp
    trust[size - len(ramp) :] *= ramp[::-1]
    return trust


def check_parameters(
    pyr_scale: float, levels: int, winsize: int, iterations: int, poly_n: int, poly_sigma: float
) -> None:
    """Refuse what the algorithm cannot use; see `farneback`."""
    if checks.number("pyr_scale", pyr_scale, 0) >= 1:
        raise ValueError(f"pyr_scale: expected a number below 1, got {pyr_scale}")
    checks.integer("levels", levels, 0, 99)
    checks.integer("winsize", winsize, 3, 999)
    checks.integer("iterations", iterations, 1, 999)
    checks.integer("poly_n", poly_n, 1, 99)
    checks.number("poly_sigma", poly_sigma, 0.3)
