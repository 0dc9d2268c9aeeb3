"""Frames to a film."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from lecturekit import checks
from lecturekit.files import PathLike, written_whole

from .errors import naming


def write_video(path: PathLike, frames: np.ndarray, fps: float) -> None:
    """Write frames as an H.264 film, the same bytes each time; a failed write leaves nothing.

    Even sides give ``yuv420p``, which every player shows. It shares colour between 2×2 pixels, so
    an odd side gives ``yuv444p``: that keeps the size, but not every browser plays it.

    Args:
        path: ends in ``.mp4``, ``.mov`` or ``.mkv``; replaced if it exists.
        frames: uint8 RGB ``(T, H, W, 3)``, nothing empty.
        fps: frames per second, 0.001 to 1000.

    Raises:
        TypeError: ``frames`` is no uint8 array, or ``fps`` no number.
        ValueError: wrong shape, nothing to write, an ``fps`` out of range, another suffix.
        VideoError: the folder is missing or cannot be written to, or the encoder failed.
    """
    path = Path(path)
    if path.suffix.lower() not in (".mp4", ".mov", ".mkv"):
        raise ValueError(f"{path}: expected a name ending in .mp4, .mov or .mkv")
    checks.frames("frames", frames)
    if checks.number("fps", fps, 0, 1000) < 0.001:
        raise ValueError(f"fps: expected at least 0.001 frames per second, got {fps}")
    # Containers keep rates as fractions: 29.97002997 becomes 30000/1001.
    rate = Fraction(float(fps)).limit_denominator(1_000_000)
    with naming(path, "to write a film here"), written_whole(path) as partial:
        _encode(partial, frames, rate)


def _encode(path: Path, frames: np.ndarray, rate: Fraction) -> None:
    # bitexact: Matroska would number each film at random.
    with av.open(f"file:{path}", "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.height, stream.width = height, width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p" if height % 2 == width % 2 == 0 else "yuv444p"
        # crf 18: the loss is hard to see. x264's tree of macroblocks reads memory that nobody
        # wrote, where a row is no multiple of 8 blocks: other bytes from one write to the next.
        stream.options = {"crf": "18", "x264-params": "mbtree=0"}
        stream.thread_count = 1  # x264's bytes depend on it
        # What swscale makes of RGB, told to players: BT.601, luma from 16 to 235.
        stream.codec_context.colorspace = Colorspace.SMPTE170M
        stream.codec_context.color_range = ColorRange.MPEG
        for image in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
