"""A flow field as a thing to use: move an image by it, look at it, resize it, mirror it."""

from functools import cache

import numpy as np

from lecturekit import checks
from lecturekit.images import bilinear, resample


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


def warp(image: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Fetch each pixel from where the flow says it went: ``out(x, y) = image(x + dx, y + dy)``.

    Backward warping: ``warp(next, flow)`` looks like ``prev``. Samples are bilinear.

    Args:
        image: ``(H, W)`` or ``(H, W, C)``; uint8 or float.
        flow: ``(H, W, 2)``, (dx, dy) in px.

    Returns:
        Of the image's shape and dtype. Where the flow points outside the image, or is NaN, there
        is nothing to fetch: NaN in a float image, 0 (black) in a uint8 one.

    Raises:
        ValueError: a shape does not fit.
        TypeError: the image is neither uint8 nor float, or the flow is no float.
    """
    image, flow = np.asarray(image), flow_field("flow", flow)
    if image.ndim not in (2, 3) or image.shape[:2] != flow.shape[:2] or image.size == 0:
        height, width, _ = flow.shape
        raise ValueError(
            f"image: expected shape ({height}, {width}) or ({height}, {width}, C), as flow, "
            f"got {image.shape}"
        )
    if image.dtype != np.uint8 and not np.issubdtype(image.dtype, np.floating):
        raise TypeError(f"image: expected uint8 or float, got {image.dtype}")
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width] + np.moveaxis(flow[..., ::-1].astype(np.float64), 2, 0)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    sampled = bilinear(image, np.where(inside, x, 0), np.where(inside, y, 0))
    if image.dtype == np.uint8:
        sampled = np.rint(sampled)
    sampled[~inside] = 0 if image.dtype == np.uint8 else np.nan
    return sampled.astype(image.dtype)


@cache
def _wheel() -> np.ndarray:
    """Middlebury's 55 hues, ``(55, 3)`` in 0…255: red, yellow, green, cyan, blue, magenta, red.

    Unequal steps, because the eye tells some hues apart better than others.
    """
    corners = [(255, 0, 0), (255, 255, 0), (0, 255, 0), (0, 255, 255), (0, 0, 255), (255, 0, 255)]
    steps = [15, 6, 4, 11, 13, 6]
    rows = []
    for start, end, count in zip(corners, corners[1:] + corners[:1], steps, strict=True):
        rise = np.floor(255 * np.arange(count) / count)[:, None]
        rows.append(np.array(start) + np.sign(np.subtract(end, start)) * rise)
    return np.concatenate(rows)


def flow_to_rgb(flow: np.ndarray, max_px: float | None = None) -> np.ndarray:
    """Flow as a picture: direction as hue, length as saturation, on Middlebury's colour wheel.

    The wheel of Baker et al. 2011, "A Database and Evaluation Methodology for Optical Flow". No
    motion is white. Motion to the right is red, down yellow, left light blue, up violet.

    Args:
        flow: ``(H, W, 2)``, or ``(L, H, W, 2)`` for a film with one scale.
        max_px: length that is drawn in full colour; a longer vector is drawn in full colour too,
            darkened to three quarters as Middlebury's own program does. The longest vector unless
            told: then no two pictures share a scale.

    Returns:
        uint8 ``(..., H, W, 3)``. Where the flow is NaN: black.
    """
    flow = flow_field("flow", flow, axes=4 if np.ndim(flow) == 4 else 3)
    dx, dy = flow[..., 0].astype(np.float64), flow[..., 1].astype(np.float64)
    known = np.isfinite(dx) & np.isfinite(dy)
    dx, dy = np.where(known, dx, 0), np.where(known, dy, 0)
    length = np.hypot(dx, dy)
    full = checks.number("max_px", max_px, 0) if max_px is not None else max(length.max(), 1e-9)
    radius = (length / full)[..., None]
    wheel = _wheel()
    position = (np.arctan2(-dy, -dx) / np.pi + 1) / 2 * (len(wheel) - 1)
    low = np.floor(position).astype(np.intp)
    share = (position - low)[..., None]
    hue = wheel[low] * (1 - share) + wheel[(low + 1) % len(wheel)] * share
    # A vector of full length must not fall out of range, or lose a level, by a rounding error.
    colour = np.where(radius <= 1 + 1e-6, 255 - np.minimum(radius, 1) * (255 - hue), 0.75 * hue)
    return np.where(known[..., None], np.floor(colour + 1e-4), 0).astype(np.uint8)


def resize_flow(flow: np.ndarray, height: int, width: int) -> np.ndarray:
    """Flow for a resized image: sampled bilinearly, **and** its vectors scaled alike.

    Args:
        flow: ``(H, W, 2)``, (dx, dy) in px.
        height: of the result; dy is multiplied by ``height / H``.
        width: of the result; dx is multiplied by ``width / W``.

    Returns:
        float32 ``(height, width, 2)``. Pixel centres lie as in ``cv2.resize`` and
        ``interpolate(align_corners=False)``. NaN spreads to every sample that it has a part in.
    """
    flow = flow_field("flow", flow)
    height, width = checks.integer("height", height, 1), checks.integer("width", width, 1)
    scale = [width / flow.shape[1], height / flow.shape[0]]
    return (resample(flow, height, width) * scale).astype(np.float32)


def flip_flow(flow: np.ndarray) -> np.ndarray:
    """Flow of the mirrored images: left and right change places, **and** dx changes its sign.

    Args:
        flow: ``(H, W, 2)``, or ``(L, H, W, 2)``.
    """
    flow = flow_field("flow", flow, axes=4 if np.ndim(flow) == 4 else 3)
    return flow[..., ::-1, :] * np.array([-1, 1], np.float32)
