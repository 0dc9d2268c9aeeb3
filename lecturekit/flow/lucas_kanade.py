"""Lucas and Kanade's optical flow, dense, from scratch.

Lucas and Kanade 1981, "An Iterative Image Registration Technique with an Application to Stereo
Vision". If brightness is kept, a small shift d changes the grey value at a pixel by −∇I · d. That
is one equation for two unknowns; all pixels of a window together give enough of them, if the window
holds edges of more than one direction.
"""

import numpy as np

from lecturekit import checks
from lecturekit.images import box_sum, grey, grey_pair, pyramid

from .field import resize_flow, warp

# Mean square of the slope, in (grey values per px)², under which a direction counts as one without
# texture. Noise of two grey values gives as much at full size, after the pyramid's (1, 2, 1) / 4.
LEAST_EIGENVALUE = 0.25


def lucas_kanade(
    prev: np.ndarray,
    next: np.ndarray,
    *,
    winsize: int = 15,
    levels: int = 3,
    iterations: int = 3,
) -> np.ndarray:
    """Dense flow by Lucas and Kanade's method, on a pyramid of halved images.

    Where a window has no texture in some direction, the flow in that direction cannot be known
    from it (the aperture problem): there it keeps what the coarser scale found, and 0 if none
    found anything. A window without any texture thus gives 0, a lone straight edge the motion
    across it. `structure_tensor_eigenvalues` tells where that is.

    Args:
        prev: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1.
        next: the frame after it, of the same height and width.
        winsize: side of the window in px, 3 to 999; an even one counts as the next odd.
        levels: coarser levels on top of the image itself, 0 to 99. None is made with a side under
            32 px.
        iterations: at each level, 1 to 999.

    Returns:
        float32 ``(H, W, 2)``: (dx, dy) in px: what lies at (x, y) in ``prev`` lies at
        (x + dx, y + dy) in ``next``.

    Raises:
        ValueError, TypeError: an image or a parameter is not as said above.
    """
    prev, next = grey_pair(prev, next)
    checks.integer("winsize", winsize, 3, 999)
    checks.integer("levels", levels, 0, 99)
    checks.integer("iterations", iterations, 1, 999)
    flow = np.zeros((1, 1, 2), np.float32)
    for first, second in zip(pyramid(prev, levels), pyramid(next, levels), strict=True):
        flow = resize_flow(flow, *first.shape)
        for _ in range(iterations):
            flow = lucas_kanade_step(first, second, flow, winsize)
    return flow


def lucas_kanade_step(
    prev: np.ndarray, next: np.ndarray, flow: np.ndarray, winsize: int
) -> np.ndarray:
    """One round: move ``next`` back by the flow so far, and solve for what is left.

    Each pixel says ∇I · d = ∇I · d₀ − (next(x + d₀) − prev(x)), with d₀ the flow so far. Over a
    window, least squares gives G d = Σ ∇I (right side), with G = Σ ∇I ∇Iᵀ. A pixel that left the
    image says nothing.

    Args:
        prev: grey ``(H, W)``, float, 0 to 255.
        next: as ``prev``.
        flow: ``(H, W, 2)``: d₀ in px.
        winsize: side of the window in px.

    Returns:
        float32 ``(H, W, 2)``: d in px.
    """
    change = warp(next, flow) - prev
    seen = np.isfinite(change)[..., None]
    slope = np.where(seen, gradient(prev), 0)
    right = (slope * flow).sum(-1) - np.where(seen[..., 0], change, 0)
    tensor = window_mean(slope[..., :, None] * slope[..., None, :], winsize)
    vector = window_mean(slope * right[..., None], winsize)
    missing = vector[..., None] - tensor @ flow[..., None]
    return (flow + (_pseudo_inverse(tensor) @ missing)[..., 0]).astype(np.float32)


def gradient(image: np.ndarray) -> np.ndarray:
    """Slope ``(H, W, 2)``, (along x, along y), in grey values per px, by central differences.

    At the border it is the difference to the one neighbour; of a single pixel, 0.
    """
    along_x, along_y = (
        np.gradient(image, axis=axis) if image.shape[axis] > 1 else np.zeros_like(image)
        for axis in (1, 0)
    )
    return np.stack([along_x, along_y], -1)


def window_mean(values: np.ndarray, winsize: int) -> np.ndarray:
    """Mean over the window around each pixel of ``(H, W, ...)``; the border is repeated."""
    radius = winsize // 2
    return box_sum(values, radius) / (2 * radius + 1) ** 2


def structure_tensor(image: np.ndarray, winsize: int) -> np.ndarray:
    """Mean of ∇I ∇Iᵀ over the window around each pixel.

    Args:
        image: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1.
        winsize: side of the window in px, 3 to 999.

    Returns:
        ``(H, W, 2, 2)`` in (grey values per px)²: ((Ix², Ix Iy), (Ix Iy, Iy²)).
    """
    checks.integer("winsize", winsize, 3, 999)
    slope = gradient(grey("image", image))
    return window_mean(slope[..., :, None] * slope[..., None, :], winsize)


def structure_tensor_eigenvalues(image: np.ndarray, winsize: int) -> np.ndarray:
    """How much texture each window has in its best and in its worst direction.

    Both large: a corner or a rich texture, its motion can be known. One large, one near 0: a
    straight edge, only motion across it can be known. Both near 0: nothing can be known.

    Args:
        image: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1.
        winsize: side of the window in px, 3 to 999.

    Returns:
        ``(H, W, 2)`` in (grey values per px)², the larger first. `lucas_kanade` solves for a
        direction if its eigenvalue is at least ``LEAST_EIGENVALUE``, at some scale.
    """
    return np.stack(_eigenvalues(structure_tensor(image, winsize)), -1)


def _eigenvalues(tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = (tensor[..., 0, 0] + tensor[..., 1, 1]) / 2
    radius = np.hypot((tensor[..., 0, 0] - tensor[..., 1, 1]) / 2, tensor[..., 0, 1])
    return mean + radius, np.maximum(mean - radius, 0)


def _pseudo_inverse(tensor: np.ndarray) -> np.ndarray:
    """Inverse of symmetric 2 × 2 matrices in the directions that have texture, 0 in the others.

    With eigenvalues l₁ ≥ l₂: G⁻¹ = (l₁ + l₂ − G) / (l₁ l₂) if both are large enough. If only l₁ is,
    (G − l₂) / (l₁ − l₂) projects onto its direction, and is divided by l₁.
    """
    large, small = (value[..., None, None] for value in _eigenvalues(tensor))
    unit = np.eye(2)
    with np.errstate(divide="ignore", invalid="ignore"):
        full = ((large + small) * unit - tensor) / (large * small)
        along = (tensor - small * unit) / ((large - small) * large)
    one = np.where(large >= LEAST_EIGENVALUE, along, 0)
    return np.where(small >= LEAST_EIGENVALUE, full, one)
