"""A decoded frame as it is shown: turned, mirrored, in RGB, at the size asked for."""

import math
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from .errors import VideoError


def to_rgb(
    path: Path, frame: av.VideoFrame, size: tuple[int, int] | None, reformatter: VideoReformatter
) -> np.ndarray:
    """uint8 RGB ``(H, W, 3)`` of a frame; ``size`` is its (height, width) as shown."""
    swap, flip_y, flip_x = False, False, False
    if matrix := frame.side_data.get("DISPLAYMATRIX"):
        swap, flip_y, flip_x = _orientation(path, bytes(matrix))
    height, width = (size[::-1] if swap else size) if size else (None, None)
    # Without the flag, swscale resizes colours to half the width asked for.
    how = Interpolation.BICUBIC | (Interpolation.FULL_CHR_H_INT if size else 0)
    frame = reformatter.reformat(frame, width, height, "rgb24", interpolation=how, threads=1)
    image = frame.to_ndarray().swapaxes(0, 1) if swap else frame.to_ndarray()
    return image[:: -1 if flip_y else 1, :: -1 if flip_x else 1]


def _orientation(path: Path, matrix: bytes) -> tuple[bool, bool, bool]:
    """What a display matrix asks for: exchange the axes, then mirror y, mirror x.

    ISO 14496-12, 6.2.2: (x', y') = (x, y) @ [[a, b], [c, d]]. Read as FFmpeg's own tools read it:
    the angle is rounded to whole degrees, a scale is passed over (it changes the shape of a pixel,
    not the frame), and a matrix that leaves no area is none.
    """
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()
    width, height = math.hypot(a, c), math.hypot(b, d)
    if not width or not height:
        return False, False, False
    degrees = round(math.degrees(math.atan2(b / height, a / width)))
    if abs(degrees) <= 1 or abs(degrees) == 180:
        return False, d < 0, a < 0
    if abs(degrees) == 90:
        return True, b < 0, c < 0
    raise VideoError(f"{path}: expected quarter turns and mirrors, got a turn by {degrees} degrees")
