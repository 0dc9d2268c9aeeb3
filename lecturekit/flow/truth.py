"""Ground truth: real frames moved by a known field, so that the true flow is known exactly.

A frame is read as a continuous picture S, by cubic interpolation. A motion φ takes a point x to
φ(x). Half of it, h with h(h(x)) = φ(x), is applied to either side: ``prev(x) = S(h(x))`` and
``next(x) = S(h⁻¹(x))``. What ``prev`` shows at x is then what ``next`` shows at φ(x), so the flow
is φ(x) − x, without any error; and both frames are interpolated by the same amount, so neither is
the sharper one.
"""

from typing import NamedTuple

import numpy as np

from lecturekit import checks


class GroundTruth(NamedTuple):
    """Two frames and the true flow between them.

    Attributes:
        prev: uint8 RGB ``(H, W, 3)``.
        next: uint8 RGB ``(H, W, 3)``.
        flow: float32 ``(H, W, 2)``: (dx, dy) in px from ``prev`` to ``next``, at every pixel.
        valid: bool ``(H, W)``: what this pixel of ``prev`` shows is seen in ``next`` too. False
            where it leaves the picture, is hidden, or came from outside the frame.
    """

    prev: np.ndarray
    next: np.ndarray
    flow: np.ndarray
    valid: np.ndarray


def translation(frame: np.ndarray, dx: float, dy: float) -> GroundTruth:
    """The whole picture moves by (dx, dy) px.

    Args:
        frame: uint8 RGB ``(H, W, 3)``.
        dx: to the right.
        dy: down.
    """
    dx, dy = checks.number("dx", dx, -np.inf), checks.number("dy", dy, -np.inf)
    return _moved(frame, np.eye(2), np.array([dx, dy]) / 2)


def rotation(frame: np.ndarray, degrees: float) -> GroundTruth:
    """The picture turns about its centre, clockwise as you see it, by −180 to 180 degrees."""
    half = np.radians(checks.number("degrees", degrees, -180, 180)) / 2
    return _moved(frame, np.array([[np.cos(half), -np.sin(half)], [np.sin(half), np.cos(half)]]))


def zoom(frame: np.ndarray, factor: float) -> GroundTruth:
    """The picture grows about its centre by a factor of 0.5 to 2; below 1 it shrinks."""
    return _moved(frame, np.eye(2) * np.sqrt(checks.number("factor", factor, 0.5, 2)))


def shear(frame: np.ndarray, amount: float) -> GroundTruth:
    """Rows slide sideways: dx is ``amount``, −1 to 1, times the height in px below the centre."""
    return _moved(frame, np.array([[1, checks.number("amount", amount, -1, 1) / 2], [0, 1]]))


def moving_layer(frame: np.ndarray, dx: float, dy: float) -> GroundTruth:
    """A disc moves by (dx, dy) px over a still background, which it hides and uncovers.

    The background is the frame, the disc shows the frame upside down. Its diameter is half the
    frame's shorter side, and it passes the centre midway between ``prev`` and ``next``.

    Args:
        frame: uint8 RGB ``(H, W, 3)``.
        dx: to the right.
        dy: down.

    Returns:
        The flow is (dx, dy) on the disc and 0 elsewhere. Not valid: background that the disc
        hides in ``next``, what leaves the picture, and the disc's soft edge, whose pixels show
        both.
    """
    checks.frames("frame", frame, "H W 3")
    dx, dy = checks.number("dx", dx, -np.inf), checks.number("dy", dy, -np.inf)
    height, width, _ = frame.shape
    layer, radius = frame[::-1], min(height, width) / 4
    y, x = np.mgrid[:height, :width].astype(np.float64)
    frames, shares = [], []
    for side in (1, -1):
        from_x, from_y = x + side * dx / 2, y + side * dy / 2
        distance = np.hypot(from_x - (width - 1) / 2, from_y - (height - 1) / 2)
        share = np.clip(radius + 0.5 - distance, 0, 1)[..., None]
        picture = share * _cubic(layer, from_x, from_y) + (1 - share) * frame
        frames.append(_to_uint8(picture))
        shares.append(share[..., 0])
    on_disc = shares[0] >= 0.5
    stays = _inside(x + dx, y + dy, height, width)
    seen_background = (shares[0] == 0) & (shares[1] == 0)
    valid = ((shares[0] == 1) & stays) | seen_background
    flow = np.where(on_disc[..., None], np.array([dx, dy]), 0).astype(np.float32)
    return GroundTruth(*frames, flow, valid)


def _moved(
    frame: np.ndarray, half: np.ndarray, half_shift: np.ndarray | None = None
) -> GroundTruth:
    """The motion whose half is ``x → centre + half (x − centre) + half_shift``."""
    checks.frames("frame", frame, "H W 3")
    half_shift = np.zeros(2) if half_shift is None else half_shift
    height, width, _ = frame.shape
    centre = np.array([width - 1, height - 1]) / 2
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1) - centre
    source = grid @ half.T + half_shift
    target = source @ half.T + half_shift
    back = (grid - half_shift) @ np.linalg.inv(half).T
    prev, next = (
        _to_uint8(_cubic(frame, *np.moveaxis(place + centre, -1, 0))) for place in (source, back)
    )
    valid = np.ones((height, width), bool)
    for place in (source, target):
        valid &= _inside(*np.moveaxis(place + centre, -1, 0), height, width)
    return GroundTruth(prev, next, (target - grid).astype(np.float32), valid)


def _inside(x: np.ndarray, y: np.ndarray, height: int, width: int) -> np.ndarray:
    # A rotation by 0 degrees must not lose the border to rounding.
    slack = 1e-9
    return (x >= -slack) & (x <= width - 1 + slack) & (y >= -slack) & (y <= height - 1 + slack)


def _to_uint8(picture: np.ndarray) -> np.ndarray:
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _cubic(frame: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Samples at real positions, by cubic convolution; beyond the border it is repeated.

    Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", with a = −1/2.
    """
    height, width, _ = frame.shape
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    across, down = _keys_weights(x - left), _keys_weights(y - top)
    picture = np.zeros((*x.shape, 3))
    for j in range(4):
        row = np.clip(top + j - 1, 0, height - 1)
        line = np.zeros_like(picture)
        for i in range(4):
            line += across[i][..., None] * frame[row, np.clip(left + i - 1, 0, width - 1)]
        picture += down[j][..., None] * line
    return picture


def _keys_weights(t: np.ndarray) -> list[np.ndarray]:
    """Weights of the pixels at −1, 0, 1 and 2 for a sample at ``t`` in 0…1."""
    return [
        ((2 - t) * t - 1) * t / 2,
        ((3 * t - 5) * t**2 + 2) / 2,
        ((4 - 3 * t) * t + 1) * t / 2,
        (t - 1) * t**2 / 2,
    ]
