"""How far estimated motion is from the true one."""

import numpy as np

from lecturekit import checks


def endpoint_error(flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean distance in px between the ends of estimated and true flow vectors.

    Args:
        flow: ``(..., 2)``, (dx, dy) in px; as a rule ``(H, W, 2)``.
        truth: of the same shape. Where it is NaN the truth is not known: that pixel never counts.
        mask: bool ``(...)``: the pixels that count; all unless told.

    Raises:
        ValueError: shapes that do not fit, no pixel that counts, or NaN in ``flow`` at one that
            does.
        TypeError: the mask is not bool.

    >>> endpoint_error(np.zeros((4, 5, 2)), np.full((4, 5, 2), [3.0, 4.0]))
    5.0
    """
    flow, truth = _known(flow, truth, mask)
    return float(np.hypot(*(flow - truth).T).mean())


def angular_error(flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean angle in degrees between (dx, dy, 1) of estimated and true flow.

    The third component, one frame, keeps the angle defined where nothing moves (Barron, Fleet and
    Beauchemin 1994, "Performance of Optical Flow Techniques", section 4). Arguments and errors as
    `endpoint_error`.

    >>> round(angular_error(np.zeros((4, 5, 2)), np.full((4, 5, 2), [1.0, 0.0])), 6)
    45.0
    """
    flow, truth = _known(flow, truth, mask)
    a, b = (np.concatenate([v, np.ones((len(v), 1))], 1) for v in (flow, truth))
    # atan2 keeps its accuracy at small angles, where the arc cosine loses it.
    sine = np.linalg.norm(np.cross(a, b), axis=1)
    return float(np.degrees(np.arctan2(sine, (a * b).sum(1))).mean())


def _known(
    flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """The vectors that count, ``(N, 2)`` float64 each."""
    flow, truth = np.asarray(flow, np.float64), np.asarray(truth, np.float64)
    if flow.shape != truth.shape or flow.shape[-1:] != (2,):
        raise ValueError(
            f"flow: expected shape (..., 2), as truth, got {flow.shape} and {truth.shape}"
        )
    counts = ~np.isnan(truth).any(-1)
    if mask is not None:
        mask = np.asarray(mask)
        checks.shape("mask", mask, " ".join(map(str, counts.shape)))
        if mask.dtype != bool:
            raise TypeError(f"mask: expected bool, got {mask.dtype}")
        counts &= mask
    if not counts.any():
        raise ValueError("truth: expected a pixel that counts, got none (NaN or masked out)")
    if not np.isfinite(flow[counts]).all():
        raise ValueError("flow: expected finite numbers where truth counts, got NaN or infinity")
    return flow[counts], truth[counts]
