"""The flow lens: Farnebäck's flow of two real frames, under a lens, while its parameters sweep.

Python computes the flow for a grid of parameters and puts it into the page, each field rounded to
a step that the page states. The front end colours, warps and measures what it is given; where it
repeats :mod:`lecturekit.flow`, ``tests/site/test_flow_lens.py`` holds the two equal.
"""

import io
import itertools
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray
from PIL import Image

from lecturekit import flow as optical_flow
from lecturekit.explorers import Explorer
from lecturekit.images import grey_pair

VIEWS = ("prev", "next", "blink", "colour", "over", "arrows", "error")

POLY_SIGMA = {5: 1.1, 7: 1.5}
"""The width of the Gaussian that OpenCV's manual advises for each poly_n."""

# With base64's third on top, the whole page carries less than half a megabyte.
MAX_FLOW_BYTES, MAX_PICTURE_BYTES = 260_000, 40_000
_FINEST_PX = 0.05
_BLOCK_PX = 16  # JPEG's; frames that start on a block do not bleed into each other
_MAX_SIDE_PX, _MAX_FIELDS = 480, 32
_MARGIN_PX = 20  # the enlarged patch reaches this far


class FlowLens(Explorer):
    """A lens over two frames: the vector under it, in numbers, as colour and as arrows.

    Args:
        prev: uint8 RGB (H, W, 3), frame t; about 136 × 320 suits the page.
        next: the frame after it, of the same shape.
        label: what the frames show, in a few words.
        credit: the line to print under the picture.
        winsize, levels, poly_n: the values to sweep, as for :func:`lecturekit.flow.farneback`;
            poly_n from ``POLY_SIGMA``.
        description: text equivalent; by default one is written.
        settings: first values of x, y, view, or of a parameter: at_winsize, at_levels, at_poly_n.

    Raises:
        ValueError: the frames are not such a pair, or all fields together are too heavy.

    Example:
        >>> frames = np.random.default_rng(0).integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
        >>> lens = FlowLens(*frames, label="noise", winsize=(9, 15), levels=(0,), poly_n=(5,))
        >>> lens.field(9, 0, 5).shape
        (40, 50, 2)
    """

    name: ClassVar[str] = "flow_lens"
    parts: ClassVar[tuple[str, ...]] = (
        "flow_lens_angle.js",
        "flow_lens_field.js",
        "flow_lens_draw.js",
    )

    height_px = traitlets.Int().tag(sync=True)
    width_px = traitlets.Int().tag(sync=True)
    pictures = traitlets.Bytes(help="Frame t above frame t + 1, one JPEG, for the eye.").tag(
        sync=True
    )
    greys = traitlets.Bytes(help="The same in grey as one PNG: what the flow was made of.").tag(
        sync=True
    )
    fields = traitlets.Bytes(help="dx above dy of each field in turn, one grey PNG.").tag(sync=True)
    steps_px = traitlets.List(help="Pixels per level of each field; level 128 is 0 px.").tag(
        sync=True
    )
    winsizes = traitlets.List().tag(sync=True)
    levels = traitlets.List().tag(sync=True)
    poly_ns = traitlets.List().tag(sync=True)
    poly_sigmas = traitlets.List(help="Of each poly_n.").tag(sync=True)
    max_px = traitlets.Float(help="The length drawn in full colour.").tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)

    x = traitlets.Int(min=0, help="The pixel under the lens.").tag(sync=True)
    y = traitlets.Int(min=0).tag(sync=True)
    view = traitlets.Enum(VIEWS, "over").tag(sync=True)
    at_winsize = traitlets.Int(help="The field shown.").tag(sync=True)
    at_levels = traitlets.Int().tag(sync=True)
    at_poly_n = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        prev: NDArray[np.uint8],
        next: NDArray[np.uint8],
        *,
        label: str,
        credit: str = "",
        winsize: Sequence[int] = (5, 9, 15, 31),
        levels: Sequence[int] = (0, 1, 2),
        poly_n: Sequence[int] = (5, 7),
        description: str | None = None,
        **settings: Any,
    ) -> None:
        prev, next = _checked("prev", prev), _checked("next", next)
        if prev.shape != next.shape:
            raise ValueError(f"next must have the shape of prev, {prev.shape}; got {next.shape}")
        grid = {"winsize": winsize, "levels": levels, "poly_n": poly_n}
        grid = {name: _checked_values(name, values) for name, values in grid.items()}
        winsizes, scales, poly_ns = grid.values()
        if unknown := set(poly_ns) - set(POLY_SIGMA):
            raise ValueError(f"poly_n must be of {sorted(POLY_SIGMA)}; got {sorted(unknown)}")
        if (count := math.prod(map(len, grid.values()))) > _MAX_FIELDS:
            raise ValueError(f"winsize × levels × poly_n: at most {_MAX_FIELDS}; got {count}")
        parameters = list(itertools.product(*grid.values()))
        flows = np.stack(
            [
                optical_flow.farneback(
                    prev, next, winsize=w, levels=k, poly_n=n, poly_sigma=POLY_SIGMA[n]
                )
                for w, k, n in parameters
            ]
        )
        fields, steps = _encode_flows(flows)
        height_px, width_px, _ = prev.shape
        first = (winsizes[len(winsizes) // 2], scales[-1], poly_ns[0])
        self._flows = flows
        super().__init__(
            height_px=height_px,
            width_px=width_px,
            pictures=_encode_pictures(prev, next),
            greys=_png(np.concatenate(grey_pair(prev, next))),
            fields=fields,
            steps_px=steps,
            winsizes=winsizes,
            levels=scales,
            poly_ns=poly_ns,
            poly_sigmas=[POLY_SIGMA[n] for n in poly_ns],
            max_px=_full_colour_px(flows),
            label=label,
            credit=credit,
            description=description or _describe(label, height_px, width_px, count),
            **{
                **dict(zip(("at_winsize", "at_levels", "at_poly_n"), first, strict=True)),
                **_fastest(flows[parameters.index(first)]),
                **settings,
            },
        )

    def field(self, winsize: int, levels: int, poly_n: int) -> NDArray[np.float32]:
        """The flow as the page has it, rounded to its step: float32 (H, W, 2), px per frame.

        Raises:
            ValueError: the page does not carry these parameters.
        """
        k = self._index(winsize, levels, poly_n)
        sheet = np.asarray(Image.open(io.BytesIO(self.fields))).astype(np.float32)
        both = sheet.reshape(-1, 2, self.height_px, self.width_px)[k]
        return np.moveaxis((both - 128) * np.float32(self.steps_px[k]), 0, 2)

    def rounding_px(self, winsize: int, levels: int, poly_n: int) -> float:
        """The largest difference between dx or dy on the page and what was computed, in px."""
        computed = self._flows[self._index(winsize, levels, poly_n)]
        return float(np.abs(self.field(winsize, levels, poly_n) - computed).max())

    def warp_error(self, winsize: int, levels: int, poly_n: int) -> float:
        """Mean absolute difference of frame t and frame t + 1 warped back, in grey levels.

        Over the pixels whose vector ends inside the frame.
        """
        sheet = np.asarray(Image.open(io.BytesIO(self.greys))).astype(np.float64)
        prev, next = sheet.reshape(2, self.height_px, self.width_px)
        warped = optical_flow.warp(next, self.field(winsize, levels, poly_n))
        return float(np.nanmean(np.abs(warped - prev)))

    def _index(self, *parameters: int) -> int:
        grid = list(itertools.product(self.winsizes, self.levels, self.poly_ns))
        if parameters not in grid:
            raise ValueError(
                f"winsize, levels and poly_n must be of {self.winsizes}, {self.levels} and "
                f"{self.poly_ns}; got {parameters}"
            )
        return grid.index(parameters)

    @traitlets.validate("x", "y")
    def _in_the_frame(self, proposal: dict[str, Any]) -> int:
        axis = proposal["trait"].name
        size = {"x": self.width_px, "y": self.height_px}[axis]
        if proposal["value"] >= size:
            raise traitlets.TraitError(
                f"{axis} must be from 0 to {size - 1}, inside the frame; got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.validate("at_winsize", "at_levels", "at_poly_n")
    def _on_the_grid(self, proposal: dict[str, Any]) -> int:
        name = proposal["trait"].name
        values = {
            "at_winsize": self.winsizes,
            "at_levels": self.levels,
            "at_poly_n": self.poly_ns,
        }[name]
        if proposal["value"] not in values:
            raise traitlets.TraitError(f"{name} must be of {values}; got {proposal['value']}")
        return proposal["value"]


def _checked(name: str, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shape, dtype = getattr(frame, "shape", None), getattr(frame, "dtype", None)
    if dtype != np.uint8 or len(shape) != 3 or shape[2] != 3:
        got = f"{dtype} {shape}" if shape is not None else type(frame).__name__
        raise ValueError(f"{name} must be uint8 (H, W, 3) RGB; got {got}")
    if not 16 <= min(shape[:2]) <= max(shape[:2]) <= _MAX_SIDE_PX:
        raise ValueError(f"{name} must have sides of 16 to {_MAX_SIDE_PX} px; got {shape[:2]}")
    return np.asarray(frame)


def _checked_values(name: str, values: Sequence[int]) -> list[int]:
    """Whole numbers, rising; the ranges are :func:`lecturekit.flow.farneback`'s business."""
    whole = [int(value) for value in values]
    if not whole or whole != list(values) or whole != sorted(set(whole)):
        raise ValueError(f"{name} must be whole numbers, rising, at least one; got {values}")
    return whole


def _encode_flows(flows: NDArray[np.float32]) -> tuple[bytes, list[float]]:
    """All fields in one grey PNG, in the finest steps that are light enough; and the steps."""
    furthest = np.abs(flows).max(axis=(1, 2, 3)).astype(np.float64)
    for finest in (_FINEST_PX, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5):
        steps = np.maximum(np.ceil(furthest / 127 * 100) / 100, finest).round(2)
        levels = np.rint(flows / steps[:, None, None, None]) + 128
        sheet = np.moveaxis(levels, 3, 1).reshape(-1, flows.shape[2])
        if len(_png(sheet, compress_level=3)) <= 1.25 * MAX_FLOW_BYTES:  # level 9 is slow
            encoded = _png(sheet)
            if len(encoded) <= MAX_FLOW_BYTES:
                return encoded, steps.tolist()
    raise ValueError(
        f"all fields must fit in {MAX_FLOW_BYTES:,} bytes, also in steps of {finest} px; got "
        f"{len(flows)} of {flows.shape[1]} × {flows.shape[2]}. "
        "Give smaller frames, or fewer values to sweep"
    )


def _png(levels: NDArray[Any], compress_level: int = 9) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(encoded, "PNG", compress_level=compress_level)
    return encoded.getvalue()


def _encode_pictures(prev: NDArray[np.uint8], next: NDArray[np.uint8]) -> bytes:
    height_px, width_px, _ = prev.shape
    border = ((0, -height_px % _BLOCK_PX), (0, -width_px % _BLOCK_PX), (0, 0))
    sheet = np.concatenate([np.pad(frame, border, mode="edge") for frame in (prev, next)])
    for quality in (90, 85, 80, 70, 60, 50, 40):
        encoded = io.BytesIO()
        Image.fromarray(sheet).save(encoded, "JPEG", quality=quality)
        if encoded.tell() <= MAX_PICTURE_BYTES:
            break
    return encoded.getvalue()


def _full_colour_px(flows: NDArray[np.float32]) -> float:
    """One scale for all fields, so that they compare: what 1 vector in 200 exceeds, rounded up."""
    length = np.linalg.norm(flows, axis=3)
    return max(float(math.ceil(np.percentile(length, 99.5))), 1.0)


def _fastest(field: NDArray[np.float32]) -> dict[str, int]:
    """Where the flow, smoothed over 17 px and away from the sides, is longest: a place to begin."""
    length = np.linalg.norm(field, axis=2)
    window = np.ones(min(17, *length.shape)) / min(17, *length.shape)
    for axis in (0, 1):
        length = np.apply_along_axis(np.convolve, axis, length, window, mode="same")
    margin = [min(_MARGIN_PX, (size - 1) // 2) for size in length.shape]
    inside = length[margin[0] : -margin[0], margin[1] : -margin[1]]
    y, x = np.unravel_index(int(inside.argmax()), inside.shape)
    return {"x": int(x) + margin[1], "y": int(y) + margin[0]}


def _describe(label: str, height_px: int, width_px: int, count: int) -> str:
    return (
        f"{label}: two consecutive frames of {height_px} rows and {width_px} columns, and "
        f"Farnebäck’s optical flow between them for {count} choices of its parameters. A lens "
        "stands on one pixel of the picture. Beside it, enlarged, are the surroundings of that "
        "pixel in frame t, with the averaging window as a square and the vector as an arrow, and "
        "the same place in frame t + 1: where the vector is right, its tip lies on the thing that "
        "stood under the lens. The field as colour: the hue is the direction (right is red, down "
        "yellow-green, left cyan-blue, up violet), no motion is white, and the stronger the "
        "colour, the longer the vector; the wheel is the key. The warp error compares frame t "
        "with frame t + 1 fetched back along the vectors, in grey levels from 0 to 255: small "
        "where the vectors lead to pixels of the same grey. That is not proof that they are "
        "right. The readings under the picture say all this in numbers."
    )
