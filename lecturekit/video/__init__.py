"""Films on disk to arrays of frames, and back: the frame you ask for is the frame you get.

Frames are uint8 RGB ``(T, H, W, 3)``. Frame ``k`` is the k-th picture that plain decoding from the
first byte gives, and every shortcut returns those bytes: ``read_frames(p, idx)`` equals
``read_frames(p)[idx]``.

Why PyAV and not OpenCV, which counts by ``duration × fps`` and seeks by the nominal rate: on the
films of tests/video/, version 5.0 counts 94 frames where 63 decode (variable rate), returns
other frames than asked, and ignores mirroring. PyAV gives FFmpeg's own time stamps, and no BGR.

How a read is exact. Each film is scanned once, and the scan kept until the file changes.

- H.264 and HEVC in MP4, MOV or Matroska are read by seeking: to the last picture before the frame
  from which, by the rules of its codec, decoding gives what the whole film gives (formats/).
  Where that misses a frame, or where there is no such picture but the first (open groups and
  refresh in H.264), the film is decoded from its start.
- All else (AVI, WebM, MPEG-TS …) is decoded once to be counted, and from its start at each read.
  Who wants all frames of a long film takes ``each_frame``, which decodes it once.

A film never comes back shorter than asked: one that ends before its container says so is refused
(formats/). Some say nothing of their end, and may end after any frame: MPEG-TS, MPEG program
streams, fragmented MP4, live Matroska, and AVI and FLV that were written to a pipe. Damage inside
raises where it must be decoded, if FFmpeg reports it.
"""

from .errors import VideoError
from .reading import Timing, VideoInfo, each_frame, is_film, probe, read_frames, timing
from .writing import write_video

__all__ = [
    "Timing",
    "VideoError",
    "VideoInfo",
    "each_frame",
    "is_film",
    "probe",
    "read_frames",
    "timing",
    "write_video",
]
