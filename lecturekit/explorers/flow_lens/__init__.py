"""The flow lens: Farnebäck's flow of two real frames, under a lens, while its parameters sweep.

Python computes the flow for a grid of parameters and puts it into the page, each field rounded to
a step that the page states. The front end colours, warps and measures what it is given; where it
repeats :mod:`lecturekit.flow`, ``tests/site/explorers/test_flow_lens.py`` holds the two equal.
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

from lecturekit import checks
from lecturekit import flow as optical_flow
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.kit import sheets
from lecturekit.images import grey_pair

VIEWS = ("prev", "next", "blink", "colour", "over", "arrows", "error")

POLY_SIGMA = {5: 1.1, 7: 1.5}
"""The width of the Gaussian that OpenCV's manual advises for each poly_n."""

# With base64's third on top, the whole page carries at most half a megabyte.
MAX_FLOW_BYTES, MAX_PICTURE_BYTES, MAX_GREY_BYTES = 260_000, 40_000, 75_000
_STEPS_PX = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
_MIN_SIDE_PX, _MAX_SIDE_PX, _MAX_FIELDS = 16, 480, 32
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
        TypeError, ValueError: the frames are no such pair, or the grid none of whole numbers that
            rise; the frames or all fields together are too heavy for a page.

    Example:
        >>> frames = np.random.default_rng(0).integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
        >>> lens = FlowLens(*frames, label="noise", winsize=(9, 15), levels=(0,), poly_n=(5,))
        >>> lens.field(9, 0, 5).shape
        (40, 50, 2)
    """

    name: ClassVar[str] = "flow_lens"

    height_px = traitlets.Int().tag(sync=True)
    width_px = traitlets.Int().tag(sync=True)
    pictures = traitlets.Bytes(help="Frame t above frame t + 1, one JPEG, for the eye.").tag(
        sync=True
    )
    greys = traitlets.Bytes(help="The same in grey as one PNG: what the flow was made of.").tag(
        sync=True
    )
    fields = traitlets.Bytes(help="dx above dy of each field in turn, one grey PNG.").tag(sync=True)
    steps_px = traitlets.List(help="Pixels per grey value of each field; 128 is 0 px.").tag(
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
        _check_frames(prev, next)
        grid = _checked_grid(winsize, levels, poly_n)
        # Before the flows, which take seconds.
        pictures, greys = _encode_pictures(prev, next), _encode_greys(prev, next)
        parameters = list(itertools.product(*grid))
        self._flows = np.stack([_flow(prev, next, *one) for one in parameters])
        fields, steps_px = _encode_flows(self._flows)
        winsizes, scales, poly_ns = grid
        super().__init__(
            height_px=prev.shape[0],
            width_px=prev.shape[1],
            pictures=pictures,
            greys=greys,
            fields=fields,
            steps_px=steps_px,
            winsizes=winsizes,
            levels=scales,
            poly_ns=poly_ns,
            poly_sigmas=[POLY_SIGMA[n] for n in poly_ns],
            max_px=_full_colour_px(self._flows),
            label=label,
            credit=credit,
            description=description or _describe(label, *prev.shape[:2], len(parameters)),
            **{**_first(grid, self._flows), **settings},
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
        """Mean absolute difference of frame t and frame t + 1 warped back, in grey values.

        Over the pixels whose vector ends inside the frame.
        """
        sheet = np.asarray(Image.open(io.BytesIO(self.greys))).astype(np.float64)
        prev, next = sheet.reshape(2, self.height_px, self.width_px)
        warped = optical_flow.warp(next, self.field(winsize, levels, poly_n))
        return float(np.nanmean(np.abs(warped - prev)))

    def _index(self, winsize: int, levels: int, poly_n: int) -> int:
        checks.one_of("winsize", winsize, self.winsizes)
        checks.one_of("levels", levels, self.levels)
        checks.one_of("poly_n", poly_n, self.poly_ns)
        grid = list(itertools.product(self.winsizes, self.levels, self.poly_ns))
        return grid.index((winsize, levels, poly_n))

    @traitlets.validate("x", "y")
    def _in_the_frame(self, proposal: dict[str, Any]) -> int:
        axis = proposal["trait"].name
        size = {"x": self.width_px, "y": self.height_px}[axis]
        return setting(axis, proposal["value"], 0, size - 1)

    @traitlets.validate("at_winsize", "at_levels", "at_poly_n")
    def _on_the_grid(self, proposal: dict[str, Any]) -> int:
        name = proposal["trait"].name
        values = {
            "at_winsize": self.winsizes,
            "at_levels": self.levels,
            "at_poly_n": self.poly_ns,
        }[name]
        with trait_errors():
            return checks.one_of(name, proposal["value"], values)


def _check_frames(prev: NDArray[np.uint8], next: NDArray[np.uint8]) -> None:
    checks.frames("prev", prev, "H W 3")
    checks.frames("next", next, "H W 3")
    checks.shape("next", next, " ".join(map(str, prev.shape)))
    sides = prev.shape[:2]
    if not _MIN_SIDE_PX <= min(sides) <= max(sides) <= _MAX_SIDE_PX:
        expected = f"sides of {_MIN_SIDE_PX} to {_MAX_SIDE_PX} px"
        raise ValueError(f"prev: expected {expected}, got {sides}")


def _checked_grid(
    winsize: Sequence[int], levels: Sequence[int], poly_n: Sequence[int]
) -> list[list[int]]:
    """The values to sweep; their ranges are :func:`lecturekit.flow.farneback`'s business."""
    grid = []
    for name, values in (("winsize", winsize), ("levels", levels), ("poly_n", poly_n)):
        whole = list(checks.integers(name, values))
        if not whole or whole != sorted(set(whole)):
            raise ValueError(f"{name}: expected rising values, at least one, got {values}")
        grid.append(whole)
    for value in grid[-1]:
        checks.one_of("poly_n", value, list(POLY_SIGMA))
    checks.integer("winsize × levels × poly_n", math.prod(map(len, grid)), 1, _MAX_FIELDS)
    return grid


def _flow(
    prev: NDArray[np.uint8], next: NDArray[np.uint8], winsize: int, levels: int, poly_n: int
) -> NDArray[np.float32]:
    return optical_flow.farneback(
        prev, next, winsize=winsize, levels=levels, poly_n=poly_n, poly_sigma=POLY_SIGMA[poly_n]
    )


def _encode_flows(flows: NDArray[np.float32]) -> tuple[bytes, list[float]]:
    """All fields in one grey PNG, in the finest steps that are light enough; and the steps."""
    furthest = np.abs(flows).max(axis=(1, 2, 3)).astype(np.float64)
    for finest in _STEPS_PX:
        steps = np.maximum(np.ceil(furthest / 127 * 100) / 100, finest).round(2)
        values = np.rint(flows / steps[:, None, None, None]) + 128
        sheet = np.moveaxis(values, 3, 1).reshape(-1, flows.shape[2])
        if len(_png(sheet, compress_level=3)) <= 1.25 * MAX_FLOW_BYTES:  # level 9 is slow
            encoded = _png(sheet)
            if len(encoded) <= MAX_FLOW_BYTES:
                return encoded, steps.tolist()
    raise ValueError(
        f"winsize, levels, poly_n: expected fields that fit in {MAX_FLOW_BYTES:,} bytes, also in "
        f"steps of {finest} px, got {len(flows)} of {flows.shape[1]} × {flows.shape[2]}. "
        "Give smaller frames, or fewer values to sweep"
    )


def _png(values: NDArray[Any], compress_level: int = 9) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(values.astype(np.uint8)).save(encoded, "PNG", compress_level=compress_level)
    return encoded.getvalue()


def _encode_pictures(prev: NDArray[np.uint8], next: NDArray[np.uint8]) -> bytes:
    pair = np.stack([prev, next])
    return sheets.jpeg_sheet(
        "prev, next", pair, max_bytes=MAX_PICTURE_BYTES, columns=1, best=90
    ).jpeg


def _encode_greys(prev: NDArray[np.uint8], next: NDArray[np.uint8]) -> bytes:
    encoded = _png(np.concatenate(grey_pair(prev, next)))
    if len(encoded) > MAX_GREY_BYTES:
        height_px, width_px, _ = prev.shape
        raise ValueError(
            f"prev, next: expected frames that fit in {MAX_GREY_BYTES:,} bytes of grey PNG, got "
            f"2 of {height_px} × {width_px} px that take {len(encoded):,}. Give smaller frames"
        )
    return encoded


def _full_colour_px(flows: NDArray[np.float32]) -> float:
    """One scale for all fields, so that they compare: what 1 vector in 200 exceeds, rounded up."""
    length = np.linalg.norm(flows, axis=3)
    return max(float(math.ceil(np.percentile(length, 99.5))), 1.0)


def _first(grid: list[list[int]], flows: NDArray[np.float32]) -> dict[str, int]:
    """The field to begin with, and a place for the lens in it."""
    winsizes, scales, poly_ns = grid
    field = (winsizes[len(winsizes) // 2], scales[-1], poly_ns[0])
    names = ("at_winsize", "at_levels", "at_poly_n")
    fastest = _fastest(flows[list(itertools.product(*grid)).index(field)])
    return dict(zip(names, field, strict=True)) | fastest


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
        "with frame t + 1 fetched back along the vectors, in grey values from 0 to 255: small "
        "where the vectors lead to pixels of the same grey. That is not proof that they are "
        "right. The readings under the picture say all this in numbers."
    )
