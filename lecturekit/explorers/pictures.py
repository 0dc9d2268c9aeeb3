"""Many small pictures in one file, for the front end to cut apart (`decodeSheet` in common.js)."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BLOCK_PX = 16
"""JPEG's: a picture that starts on a block does not bleed into its neighbours."""

_QUALITIES = (75, 65, 55, 45, 35)


def jpeg_sheet(argument: str, frames: NDArray[np.uint8], *, columns: int, max_bytes: int) -> bytes:
    """All frames in one JPEG, in rows, at the best quality that keeps the page light.

    Args:
        argument: what the caller calls the frames, for the error.
        frames: uint8 RGB ``(N, H, W, 3)``. Each starts at a multiple of 16 px.
        columns: frames in one row.
        max_bytes: of the file.

    Raises:
        ValueError: the frames do not fit into so many bytes.
    """
    count, height, width, _ = frames.shape
    margins = ((0, -count % columns), (0, -height % _BLOCK_PX), (0, -width % _BLOCK_PX), (0, 0))
    cells = np.pad(frames, margins, mode="edge")
    rows = cells.reshape(-1, columns, *cells.shape[1:]).swapaxes(1, 2)
    sheet = Image.fromarray(rows.reshape(-1, columns * cells.shape[2], 3))
    for quality in _QUALITIES:
        file = io.BytesIO()
        sheet.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= max_bytes:
            return file.getvalue()
    raise ValueError(
        f"{argument} must fit in {max_bytes:,} bytes of JPEG: {count} frames of {height} × {width} "
        f"px take {file.tell():,} at quality {_QUALITIES[-1]}. Give fewer or smaller ones"
    )
