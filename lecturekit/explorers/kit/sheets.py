"""Many small pictures in one JPEG, for the front end to cut apart (``sheet.js``)."""

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BLOCK_PX = 16
"""JPEG's: a picture that starts on a block does not bleed into its neighbours."""

_QUALITIES = range(95, 30, -5)
_MAX_SIDE_PX = 65_535  # JPEG's own limit


@dataclass(frozen=True)
class Sheet:
    """The file, and how many pictures stand in one row of it."""

    jpeg: bytes
    columns: int


def jpeg_sheet(
    argument: str,
    frames: NDArray[np.uint8],
    *,
    max_bytes: int,
    columns: int | None = None,
    best: int = 75,
    full_colour: bool = False,
) -> Sheet:
    """All frames in one JPEG, in rows, at the best quality that keeps the page light.

    Args:
        argument: what the caller calls the frames, for the error.
        frames: uint8 RGB ``(N, H, W, 3)``. Each starts at a multiple of ``BLOCK_PX``.
        max_bytes: of the file.
        columns: frames in one row; by default as many as make the sheet about square.
        best: the quality to try first.
        full_colour: keep colours at every pixel, where their values are read and not only seen:
            at equal weight the worst errors are smaller than with colours at every second one.

    Raises:
        ValueError: the frames do not fit into so many bytes, or into a JPEG's sides.
    """
    count, height, width, _ = frames.shape
    cell_height, cell_width = (math.ceil(size / BLOCK_PX) * BLOCK_PX for size in (height, width))
    columns = columns or max(1, min(count, round(math.sqrt(count * cell_height / cell_width))))
    rows = math.ceil(count / columns)
    expected = f"{argument}: expected frames that fit in {max_bytes:,} bytes of JPEG"
    got = f"{count} of {height} × {width} px"
    if max(rows * cell_height, columns * cell_width) > _MAX_SIDE_PX:
        raise ValueError(f"{expected}, no side above {_MAX_SIDE_PX:,} px, got {got}")
    margins = ((0, rows * columns - count), (0, cell_height - height), (0, cell_width - width))
    # The border repeats the edge: a black one would ring into the picture.
    cells = np.pad(frames, (*margins, (0, 0)), mode="edge")
    sheet = cells.reshape(rows, columns, cell_height, cell_width, 3).swapaxes(1, 2)
    picture = Image.fromarray(sheet.reshape(rows * cell_height, columns * cell_width, 3))
    # Pillow's buffer is too small for noise in full colour when it optimizes.
    options = {"subsampling": 0} if full_colour else {"optimize": True}
    for quality in (quality for quality in _QUALITIES if quality <= best):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, **options)
        if file.tell() <= max_bytes:
            return Sheet(file.getvalue(), columns)
    raise ValueError(
        f"{expected}, got {got} that take {file.tell():,} at quality {quality}. "
        "Give smaller or fewer frames"
    )


def cut(sheet: Sheet, count: int, height: int, width: int) -> NDArray[np.uint8]:
    """The frames of a sheet as the page has them, uint8 ``(count, height, width, 3)``."""
    pixels = np.asarray(Image.open(io.BytesIO(sheet.jpeg)))
    cell_height, cell_width = (math.ceil(size / BLOCK_PX) * BLOCK_PX for size in (height, width))
    cells = pixels.reshape(-1, cell_height, sheet.columns, cell_width, 3).swapaxes(1, 2)
    return cells.reshape(-1, cell_height, cell_width, 3)[:count, :height, :width]
