"""Horn and Schunck's optical flow, from scratch: the smoothest field that explains the change.

Horn and Schunck 1981, "Determining Optical Flow". Every pixel gives one equation, ∇I · d + I_t = 0,
for two unknowns. What is missing comes from its neighbours: of all fields, take the one with the
least

    Σ over pixels (∇I · d + I_t)²  +  α² / 4 · Σ over pairs of neighbours |d − d'|².

Setting its derivative to 0 at one pixel, with m the mean of d over the four neighbours, gives

    d = m − ∇I (∇I · m + I_t) / (α² + |∇I|²).

The right side needs the neighbours, so it is repeated until nothing changes.
"""

import numpy as np

from lecturekit import checks
from lecturekit.images import grey_pair, pyramid

from .field import resize_flow, warp
from .lucas_kanade import gradient


def horn_schunck(
    prev: np.ndarray,
    next: np.ndarray,
    *,
    alpha: float = 30.0,
    levels: int = 3,
    warps: int = 3,
    iterations: int = 100,
) -> np.ndarray:
    """Dense flow by Horn and Schunck's method, on a pyramid of halved images.

    The paper has neither the pyramid nor the warps: they make long motions short, as in
    `lucas_kanade`. A pixel without texture takes what its neighbours say, however far the nearest
    one lies that says anything; where nothing is said anywhere the flow is 0.

    Args:
        prev: grey ``(H, W)`` or RGB ``(H, W, 3)``; uint8, or float in 0…1.
        next: the frame after it, of the same height and width.
        alpha: the slope, in grey values per px, at which a pixel's own equation and its neighbours
            weigh the same. Larger is smoother.
        levels: coarser levels on top of the image itself, 0 to 99. None is made with a side under
            32 px.
        warps: at each level, how often ``next`` is moved back by the flow so far, 1 to 999.
        iterations: of the equation above after each warp, 1 to 99999. What is known travels by one
            pixel in each.

    Returns:
        float32 ``(H, W, 2)``: (dx, dy) in px: what lies at (x, y) in ``prev`` lies at
        (x + dx, y + dy) in ``next``.

    Raises:
        ValueError, TypeError: an image or a parameter is not as said above.
    """
    prev, next = grey_pair(prev, next)
    checks.number("alpha", alpha, 0)
    checks.integer("levels", levels, 0, 99)
    checks.integer("warps", warps, 1, 999)
    checks.integer("iterations", iterations, 1, 99999)
    flow = np.zeros((1, 1, 2), np.float32)
    for first, second in zip(pyramid(prev, levels), pyramid(next, levels), strict=True):
        flow = resize_flow(flow, *first.shape)
        slopes = gradient(first), gradient(second)
        for _ in range(warps):
            left = warp(second, flow) - first
            # The mean of both frames' slopes is that of the line from one grey value to the other.
            slope = (slopes[0] + warp(slopes[1], flow)) / 2
            # A pixel that left the picture says nothing: with slope and change 0 its neighbours do.
            seen = np.isfinite(left)
            slope = np.where(seen[..., None], slope, 0)
            change = np.where(seen, left, 0) - (slope * flow).sum(-1)
            flow = smoothest_flow(slope, change, alpha, iterations, flow)
    return flow


def smoothest_flow(
    slope: np.ndarray,
    change: np.ndarray,
    alpha: float,
    iterations: int,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Towards the field with the least sum that stands at the top of this module.

    Args:
        slope: ``(H, W, 2)``: ∇I, (along x, along y), in grey values per px.
        change: ``(H, W)``: I_t, in grey values.
        alpha: weight of the smoothness, in grey values per px.
        iterations: each gives every pixel the solution of its own equation, its neighbours as they
            were.
        start: ``(H, W, 2)``, in px; 0 unless given.

    Returns:
        float32 ``(H, W, 2)``, in px.
    """
    # (2, H, W) and contiguous: sums over an innermost axis of two would take most of the time.
    slope = np.ascontiguousarray(np.moveaxis(slope, -1, 0), np.float32)
    change = np.asarray(change, np.float32)
    flow = np.zeros_like(slope)
    if start is not None:
        flow[:] = np.moveaxis(start, -1, 0)
    share = slope / (np.float32(alpha) ** 2 + (slope**2).sum(0))
    for _ in range(iterations):
        mean = mean_of_neighbours(flow)
        flow = mean - share * ((slope * mean).sum(0) + change)
    return np.ascontiguousarray(np.moveaxis(flow, 0, -1))


def mean_of_neighbours(values: np.ndarray) -> np.ndarray:
    """Mean over the pixels above, below, left and right; beyond the border the pixel itself.

    The paper's mean has the four diagonal pixels too, at half the weight.

    Args:
        values: ``(C, H, W)``.
    """
    padded = np.pad(values, [(0, 0), (1, 1), (1, 1)], mode="edge")
    across = padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]
    return (padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + across) / 4
