"""A film opened by FFmpeg, and the frames that come out of it."""

import multiprocessing
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

import av

from .errors import NoPicturesError, VideoError

# FFmpeg would also open text (as terminal art), playlists and picture series as films.
_CONTAINERS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,gif"
Film = tuple[av.container.InputContainer, av.VideoStream]


@contextmanager
def opened(path: Path, *, quick: bool = False, lenient: bool = False) -> Iterator[Film]:
    """A film and its stream of pictures.

    Damage raises at once: what FFmpeg would paint over a damaged place depends on which thread is
    faster. ``lenient``: it paints, in one thread, and marks the frames of which it knows.
    ``quick``: the frames are known to be stored in the order shown.
    """
    # FFmpeg decodes first frames to learn how far to reorder: long, and idle if nothing is.
    options = {"format_whitelist": _CONTAINERS, **({"probesize": "32"} if quick else {})}
    # "file:" keeps FFmpeg from reading a name such as "concat:a" as a protocol. Titles and other
    # words in a film may be in any encoding; none of them is read here.
    with av.open(f"file:{path}", options=options, metadata_errors="replace") as container:
        stream = container.streams.best("video")
        if stream is None or stream.disposition & av.stream.Disposition.attached_pic:
            raise NoPicturesError(f"{path}: expected a video stream, got sound only")
        if stream.codec_context is None:
            raise VideoError(f"{path}: expected a codec that FFmpeg decodes, got another")
        # In M-JPEG, a damaged place shows what happens to lie in memory.
        if not lenient or stream.codec_context.name == "mjpeg":
            stream.codec_context.options = {"err_detect": "explode"}
        stream.thread_type = "AUTO"
        # A data loader runs a worker per core: threads in each would only fight. Of VP8, FFmpeg
        # reports hardly any damage, and shows it otherwise for each number of threads.
        alone = lenient or multiprocessing.parent_process() or stream.codec_context.name == "vp8"
        stream.thread_count = 1 if alone else 0
        yield container, stream


def decode(
    film: Film, from_pts: int | None = None, wanted: Set[int] = frozenset()
) -> Iterator[av.VideoFrame]:
    """All frames of a film just opened; or from the packet of a time on those wanted, and some."""
    container, stream = film
    if from_pts is not None:
        container.seek(from_pts, stream=stream)
    begun = from_pts is None
    skips = from_pts is not None and stream.codec_context.name == "h264"
    for packet in container.demux(stream):
        if packet.size == 0:  # PyAV's end mark, or an empty packet: both would end decoding
            continue
        # A seek leads to what the container calls a keyframe, which may lie before.
        begun = begun or packet.pts == from_pts
        if not begun:
            continue
        if skips:  # the pictures that no picture refers to: the others do not change
            stream.codec_context.skip_frame = "DEFAULT" if packet.pts in wanted else "NONREF"
        yield from packet.decode()
    yield from stream.codec_context.decode(None)
