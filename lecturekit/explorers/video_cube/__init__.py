"""The video cube: a film as a block of numbers, cut along t, y and x, and its flat memory."""

import math
from typing import Any, ClassVar

import numpy as np
import traitlets

from lecturekit import checks
from lecturekit.explorers import Explorer, setting
from lecturekit.explorers.kit import sheets
from lecturekit.shapes import contiguous_strides, parse_layout

LAYOUTS = ("t h w c", "t c h w", "c t h w", "b c t h w")
"""The memory layouts it compares, named as in :mod:`lecturekit.shapes`."""

# A page should weigh at most 1.5 MB with all it loads; base64 makes four bytes of three.
_FILM_BYTES = 256_000


class VideoCube(Explorer):
    """Scrub a film and cut it: the frame at t, the x–t slice at y, the y–t slice at x.

    Below, the number under the cursor: its value, and its address in each memory layout.

    Args:
        frames: uint8 RGB, shape (T, H, W, 3). About 48 frames of about 96 rows suit the page.
        fps: frames per second at which the play button runs.
        label: what the film shows, in a few words.
        credit: the line to print under the film.
        t, y, x: where the cut planes stand at first; the middle where not given.
        channel: 0, 1 or 2: red, green or blue.
        memory_layout: one of ``LAYOUTS``, the one explained in detail at first.

    Example:
        >>> noise = np.random.default_rng(0).integers(0, 256, (6, 16, 20, 3), dtype=np.uint8)
        >>> cube = VideoCube(noise, fps=25, label="noise", t=2, y=5, x=7, channel=1)
        >>> cube.offset("t h w c")
        2242
        >>> cube.offset("c t h w")
        2667
    """

    name: ClassVar[str] = "video_cube"

    t = traitlets.Int(help="The frame that is cut out.").tag(sync=True)
    y = traitlets.Int(help="The row whose x–t slice is cut out.").tag(sync=True)
    x = traitlets.Int(help="The column whose y–t slice is cut out.").tag(sync=True)
    channel = traitlets.Int(0, min=0, max=2, help="0 red, 1 green, 2 blue.").tag(sync=True)
    # `layout` is taken: it is where every Jupyter widget keeps its CSS.
    memory_layout = traitlets.Enum(LAYOUTS, default_value=LAYOUTS[0]).tag(sync=True)

    num_frames = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    fps = traitlets.Float().tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)
    strides = traitlets.Dict(help="Layout to strides, in elements.").tag(sync=True)
    film = traitlets.Bytes(help="All frames as one JPEG, row by row.").tag(sync=True)
    film_columns = traitlets.Int(help="Frames in one row of it.").tag(sync=True)
    film_error = traitlets.Int(
        help="95% of the values the page shows are at most this far from the array's."
    ).tag(sync=True)

    def __init__(
        self,
        frames: np.ndarray,
        *,
        fps: float,
        label: str,
        credit: str = "",
        t: int | None = None,
        y: int | None = None,
        x: int | None = None,
        channel: int = 0,
        memory_layout: str = LAYOUTS[0],
        **kwargs: Any,
    ) -> None:
        checks.frames("frames", frames)
        checks.integer("len(frames)", len(frames), 2)
        fps = checks.number("fps", fps, above=0)
        if not isinstance(label, str) or not label.strip():
            raise ValueError(f"label: expected what the film shows, got {label!r}")
        num_frames, height, width, _ = frames.shape
        film = sheets.jpeg_sheet("frames", frames, max_bytes=_FILM_BYTES, best=90, full_colour=True)
        strides = {
            layout: list(contiguous_strides(_sizes(layout, frames.shape))) for layout in LAYOUTS
        }
        super().__init__(
            num_frames=num_frames,
            height=height,
            width=width,
            fps=fps,
            label=label,
            credit=credit,
            description=_describe(label, frames.shape, fps),
            strides=strides,
            film=film.jpeg,
            film_columns=film.columns,
            film_error=_error(film, frames),
            t=num_frames // 2 if t is None else t,
            y=height // 2 if y is None else y,
            x=width // 2 if x is None else x,
            channel=channel,
            memory_layout=memory_layout,
            **kwargs,
        )

    @traitlets.validate("t", "y", "x")
    def _in_the_cube(self, proposal: Any) -> int:
        axis = proposal.trait.name
        size = {"t": self.num_frames, "y": self.height, "x": self.width}[axis]
        return setting(axis, proposal.value, 0, size - 1)

    def offset(self, memory_layout: str) -> int:
        """How many elements lie before the chosen number when the film is stored in this layout."""
        checks.one_of("memory_layout", memory_layout, LAYOUTS)
        index = {"b": 0, "c": self.channel, "t": self.t, "h": self.y, "w": self.x}
        steps = zip(parse_layout(memory_layout), self.strides[memory_layout], strict=True)
        return sum(index[axis] * stride for axis, stride in steps)


def _sizes(layout: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    num_frames, height, width, channels = shape
    size = {"b": 1, "c": channels, "t": num_frames, "h": height, "w": width}
    return tuple(size[axis] for axis in parse_layout(layout))


def _error(film: sheets.Sheet, frames: np.ndarray) -> int:
    """What 95% of the values that the page shows keep to."""
    shown = sheets.cut(film, *frames.shape[:3]).astype(np.int16)
    return math.ceil(np.percentile(np.abs(shown - frames), 95))


def _describe(label: str, shape: tuple[int, ...], fps: float) -> str:
    num_frames, height, width, channels = shape
    stride = {
        layout: dict(
            zip(parse_layout(layout), contiguous_strides(_sizes(layout, shape)), strict=True)
        )
        for layout in LAYOUTS
    }

    def step(layout: str) -> str:
        axes = (("t", "t"), ("y", "h"), ("x", "w"), ("c", "c"))
        return ", ".join(f"{name} + 1 is {stride[layout][axis]:,} away" for name, axis in axes)

    return (
        f"{label}: {num_frames} frames of {height} rows by {width} columns by {channels} colours, "
        f"{math.prod(shape):,} numbers in all, at {fps:g} frames per second. "
        "Stacked, the frames make a block with three axes: t (time), y (down), x (right). "
        "Cut at one t, the block shows a frame. Cut at one row y, it shows an x–t slice: "
        "what stands still draws a line straight along t, what moves draws a slanted line, and "
        "the slant is its speed in pixels per frame. Cut at one column x, it shows a y–t slice, "
        "where moving up and down slants. "
        "In memory the block is one long row of numbers, and the layout decides their order. "
        f"In T H W C, {step('t h w c')}. In T C H W, {step('t c h w')}. "
        f"In C T H W, {step('c t h w')}. B C T H W with a batch of one has the same addresses as "
        "C T H W. So the same number lives at different addresses in different layouts."
    )
