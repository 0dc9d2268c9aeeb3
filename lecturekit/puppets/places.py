"""Where in the frame a film's figures act: one anywhere, two in a half each."""

from dataclasses import replace

import numpy as np

from .figure import Person, build
from .kinematics import JOINTS, Performance

X = JOINTS.index("x")

_HALVES = ((0.02, 0.48), (0.52, 0.98))
"""Two figures keep away from the middle and, if they can, from the frame's edge."""

_OVER = 0.06
"""Who needs more room than that has this much beyond the edge of the frame: it cuts an arm off."""

_WAY = 0.16
"""How far a figure walks at least in its half, in frame widths, where it walks that far."""


def across(act: Performance, rng: np.random.Generator) -> Performance:
    """The act somewhere in the frame: its way is shortened if need be."""
    x = act.motion[:, X]
    scale = min(1.0, 0.7 / max(np.ptp(x), 1e-9))
    return moved(act, rng.uniform(0.14 - scale * x.min(), 0.86 - scale * x.max()), scale)


def in_half(
    who: Person, act: Performance, height: float, half: int, place: float
) -> tuple[Performance, float]:
    """The act in the left half (0) or the right one (1), as near to ``place`` as it fits.

    Ways are shortened to make it fit, and where that is not enough the figure becomes smaller.

    Returns:
        The act with its ways, and the height of who acts, in frame widths.
    """
    xs, left, right = _reach(who, act)

    def ends(scale: float, height: float) -> tuple[float, float]:
        return (scale * xs - height * left).min(), (scale * xs + height * right).max()

    low, high = _HALVES[half]
    scale = min(1.0, _WAY / max(np.ptp(xs), 1e-9))
    need = np.ptp(ends(scale, height))
    if need > high - low:
        low, high = (low - _OVER, high) if half == 0 else (low, high + _OVER)
    # Both made smaller in one proportion, what is needed gets smaller in that proportion.
    shrink = min(1.0, (high - low) / need)
    scale, height, need = shrink * scale, shrink * height, shrink * need
    all_the_way = np.ptp(ends(1.0, height))
    if all_the_way > need:
        # What is needed is a convex function of the scale: it lies below this straight line.
        scale += (1 - scale) * min(1.0, (high - low - need) / (all_the_way - need))
    first, last = ends(scale, height)
    wanted = place - scale * (xs.min() + xs.max()) / 2
    return moved(act, min(max(wanted, low - first), high - last), scale), height


def _reach(who: Person, act: Performance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the hips are in each frame and where each piece of furniture stands, and what is
    needed to the left and to the right of there, in heights of the figure."""
    centred = replace(
        act,
        motion=np.where(np.arange(len(JOINTS)) == X, 0, act.motion),
        furniture=tuple((kind, 0.0, facing) for kind, _, facing in act.furniture),
    )
    parts = build(who, centred, 1.0, 0.0, (0, 0, 0))
    left = np.where(parts.seen, (parts.radii - parts.ends.real).max(-1), -np.inf)
    right = np.where(parts.seen, (parts.radii + parts.ends.real).max(-1), -np.inf)
    # The furniture comes first, as many bars for each piece; then the shadow and the figure.
    pieces = len(act.furniture)
    split = int(np.flatnonzero(parts.body)[0]) - 1
    xs = np.array([*act.motion[:, X], *(x for _, x, _ in act.furniture)])
    left, right = (
        np.append(side[:, split:].max(1), side[0, :split].reshape(pieces, -1).max(1))
        if pieces
        else side.max(1)
        for side in (left, right)
    )
    return xs, left, right


def moved(act: Performance, shift: float, scale: float = 1.0) -> Performance:
    """The act with its way across the frame, and its furniture, scaled and then shifted."""
    motion = act.motion.copy()
    motion[:, X] = scale * motion[:, X] + shift
    furniture = tuple((kind, scale * x + shift, facing) for kind, x, facing in act.furniture)
    return replace(act, motion=motion, furniture=furniture)
