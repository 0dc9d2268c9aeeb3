"""Films on disk to arrays of frames, and back: the frame you ask for is the frame you get.

Frames are uint8 RGB ``(T, H, W, 3)``. Frame ``k`` is the k-th picture that plain decoding from the
first byte gives, and every shortcut returns those bytes: ``read_frames(p, idx)`` equals
``read_frames(p)[idx]``.

Why PyAV and not OpenCV, which counts by ``duration × fps`` and seeks by the nominal rate: on the
films of tests/test_video.py, version 5.0 counts 94 frames where 63 decode (variable rate), returns
other frames than asked, and ignores mirroring. PyAV gives FFmpeg's own time stamps, and no BGR.

How a read is exact. Each film is scanned once, and the scan kept until the file changes.

- H.264 and HEVC in MP4, MOV or Matroska hold one picture per packet: the packets' time stamps,
  sorted, *are* the list of frames. A read seeks to the last keyframe shown no later than the frame
  (which also holds in an open group) and takes frames by time stamp; after a seek FFmpeg drops
  what it cannot decode right. Where that misses a frame, the film is decoded from its start.
- All else (AVI, WebM, MPEG-TS …) is decoded once to be counted, and from its start at each read.

A film never comes back shorter than asked: one with fewer bytes than its container declares is
refused. (MPEG-TS, fragmented MP4 and live Matroska declare no size, and may end after any frame.)
Damage inside raises where it must be decoded, if FFmpeg reports it.
"""

import multiprocessing
import operator
import os
import secrets
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from numbers import Real
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

# FFmpeg would also open text (as terminal art), playlists and picture series as films.
_CONTAINERS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,gif"
_ONE_PICTURE_PER_PACKET = {"h264", "hevc"}
_SEEKABLE = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
# Starting the decoder anew costs about as much as decoding this many frames.
_RESTART_FRAMES = 16
_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"uuid"}
PathLike = str | os.PathLike[str]
_Film = tuple[av.container.InputContainer, av.VideoStream]


class VideoError(RuntimeError):
    """A film that cannot be read or written exactly; the message names it."""


@dataclass(frozen=True)
class VideoInfo:
    """What a film holds; sides as displayed (after rotation), in pixels."""

    num_frames: int  # that decode, not the header's claim
    fps: float  # of a variable rate: the mean from the first frame to the last
    height: int
    width: int
    duration_sec: float  # num_frames / fps


def probe(path: PathLike) -> VideoInfo:
    """Frame count, rate and size of a film: MP4, MOV, Matroska, WebM, AVI, MPEG-TS and others.

    Raises:
        FileNotFoundError, IsADirectoryError: nothing is there, or a folder.
        VideoError: the file is empty, truncated, damaged, no video, or has sound only.
    """
    index = _index(path)
    height, width = read_frames(path, [0]).shape[1:3]
    num_frames = len(index.times)
    return VideoInfo(num_frames, float(index.fps), height, width, float(num_frames / index.fps))


def read_frames(
    path: PathLike,
    indices: Iterable[int] | None = None,
    *,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Decode chosen frames of a film, exactly.

    Args:
        path: a film, as for :func:`probe`.
        indices: frame numbers from 0, in any order, repeats allowed; all frames if ``None``.
        size: ``(height, width)`` in pixels of the frames returned, resized by swscale's bicubic
            filter, which widens as it shrinks (antialiased); as decoded if ``None``.

    Returns:
        uint8 RGB ``(T, H, W, 3)``, turned and mirrored as the film's display matrix says. YUV
        becomes RGB by the film's colour tags, BT.601 where it has none. Pixels count as square.

    Raises:
        FileNotFoundError, IsADirectoryError, VideoError: as for :func:`probe`.
        IndexError: an index is negative or not below the number of frames.
        TypeError, ValueError: an index or a side is no integer; ``size`` is no pair of sides > 0.
    """
    path = Path(path)
    index = _index(path)
    num_frames = len(index.times)
    wanted = range(num_frames) if indices is None else _integers("indices", indices)
    if outside := [k for k in wanted if not 0 <= k < num_frames]:
        raise IndexError(f"{path}: expected indices from 0 to {num_frames - 1}, got {outside[0]}")
    if size is not None:
        size = tuple(_integers("size", size))
        if len(size) != 2 or min(size) < 1:
            raise ValueError(f"size: expected (height, width) in pixels, 1 or more, got {size}")
    if not wanted:
        return read_frames(path, [0], size=size)[:0]
    targets = sorted(set(wanted))
    frames: np.ndarray | None = None
    reformatter = VideoReformatter()
    for row, frame in enumerate(_frames(path, index, targets)):
        image = _to_rgb(path, frame, size, reformatter)
        if frames is None:
            frames = np.empty((len(targets), *image.shape), np.uint8)
        if image.shape != frames.shape[1:]:
            raise VideoError(
                f"{path}: expected all frames {frames.shape[1:3]}, got {image.shape[:2]}; pass size"
            )
        frames[row] = image
    return frames if targets == list(wanted) else frames[np.searchsorted(targets, wanted)]


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
    if not isinstance(frames, np.ndarray) or frames.dtype != np.uint8:
        raise TypeError(f"frames: expected a uint8 array, got {getattr(frames, 'dtype', frames)!r}")
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.size == 0:
        raise ValueError(f"frames: expected shape (T, H, W, 3), none 0, got {frames.shape}")
    if not isinstance(fps, Real) or isinstance(fps, bool):
        raise TypeError(f"fps: expected a number, got {fps!r}")
    if not 0.001 <= fps <= 1000:
        raise ValueError(f"fps: expected 0.001 to 1000 frames per second, got {fps}")
    # Containers keep rates as fractions: 29.97002997 becomes 30000/1001.
    rate = Fraction(float(fps)).limit_denominator(1_000_000)
    partial = path.with_name(f".partial-{secrets.token_hex(4)}-{path.name}")
    try:
        _encode(partial, frames, rate)
        os.replace(partial, path)
    except (OSError, av.FFmpegError) as error:
        raise VideoError(f"{path}: expected to write a film here, got: {error.strerror}") from error
    finally:
        if partial.exists():
            partial.unlink()


def _encode(path: Path, frames: np.ndarray, rate: Fraction) -> None:
    with av.open(f"file:{path}", "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.height, stream.width = height, width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p" if height % 2 == width % 2 == 0 else "yuv444p"
        stream.options = {"crf": "18"}  # the loss is hard to see
        stream.thread_count = 1  # x264's bytes depend on it
        # What swscale makes of RGB, told to players: BT.601, luma from 16 to 235.
        stream.codec_context.colorspace = Colorspace.SMPTE170M
        stream.codec_context.color_range = ColorRange.MPEG
        for image in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@dataclass(frozen=True)
class _Index:
    times: tuple[int | None, ...]  # of each frame, in order, in ticks of the stream's clock
    keys: tuple[int, ...]  # frames where decoding can start; none: only where the film does
    reordered: bool  # stored in another order than shown
    fps: Fraction

    def key_before(self, k: int) -> int:
        return self.keys[bisect_right(self.keys, k) - 1]


def _index(path: PathLike) -> _Index:
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: expected a video file, got a folder")
    if not path.exists():
        raise FileNotFoundError(f"{path}: expected a video file, got nothing there")
    return _scan(path, (stat := path.stat()).st_size, (stat.st_ino, stat.st_mtime_ns))


@lru_cache(maxsize=1024)
def _scan(path: Path, size: int, _identity: tuple[int, int]) -> _Index:
    if size == 0:
        raise VideoError(f"{path}: expected a video, got an empty file")
    if (declared := _declared_bytes(path, size)) > size:
        raise VideoError(f"{path}: truncated: expected {declared} bytes or more, got {size}")
    with _open(path) as (container, stream):
        nominal, tick_sec = stream.average_rate or stream.base_rate, stream.time_base
        packets = [(p.pts, p.is_keyframe, p.is_discard) for p in container.demux(stream) if p.size]
        stored = [pts for pts, _, hidden in packets if not hidden]
        seekable = (
            container.format.name in _SEEKABLE
            and stream.codec_context.name in _ONE_PICTURE_PER_PACKET
            and None not in stored
            and len(set(stored)) == len(stored) > 0
            and packets[0][1]  # pictures before the first keyframe may or may not decode
            and packets[0][0] <= min(stored)
        )
    if seekable:
        times = sorted(stored)
    else:
        with _open(path) as film:
            times = [frame.pts for frame in _decode(film)]
    keys = {bisect_left(times, pts) for pts, is_key, _ in packets if seekable and is_key}
    if not times or not nominal:
        raise VideoError(f"{path}: expected frames at some rate, got {len(times)} at {nominal}")
    fps = nominal
    if None not in times and times[-1] > times[0]:
        gaps, span_sec = len(times) - 1, (times[-1] - times[0]) * tick_sec
        # Matroska rounds times to milliseconds; where the header agrees, it knows the rate better.
        if abs(gaps / nominal - span_sec) > 2 * tick_sec:
            fps = gaps / span_sec
    return _Index(tuple(times), tuple(sorted(keys)), times != stored, fps)


def _declared_bytes(path: Path, size: int) -> int:
    """How long the file must be by its container's own words; 0 where they do not say."""
    with path.open("rb") as file:
        head = file.read(64)
        if head[:4] == b"RIFF":
            return 8 + int.from_bytes(head[4:8], "little")
        if (at := head.find(b"\x18\x53\x80\x67\x01")) >= 0:  # Matroska's Segment, 7 bytes of size
            segment = head[at + 5 : at + 12]
            return 0 if segment == b"\xff" * 7 else at + 12 + int.from_bytes(segment)
        at = 0
        while at < size:  # ISO 14496-12: boxes of a size (1: in 64 bits, 0: to the end) and a kind
            file.seek(at)
            head = file.read(16)
            box = int.from_bytes(head[8:] if head[:4] == b"\0\0\0\1" else head[:4])
            if head[4:8] not in _MP4_BOXES or box < 8:
                return 0
            at += box
        return at


@contextmanager
def _open(path: Path, *, quick: bool = False) -> Iterator[_Film]:
    # FFmpeg decodes first frames to learn how far to reorder: long, and idle if nothing is.
    options = {"format_whitelist": _CONTAINERS, **({"probesize": "32"} if quick else {})}
    try:
        # "file:" keeps FFmpeg from reading a name such as "concat:a" as a protocol.
        with av.open(f"file:{path}", options=options) as container:
            stream = container.streams.best("video")
            if stream is None or stream.disposition & av.stream.Disposition.attached_pic:
                raise VideoError(f"{path}: expected a video stream, got sound only")
            stream.thread_type = "AUTO"
            # A data loader runs a worker per core: threads in each would only fight.
            stream.thread_count = 1 if multiprocessing.parent_process() else 0
            yield container, stream
    except av.FFmpegError as error:
        raise VideoError(f"{path}: expected a video that decodes, got: {error.strerror}") from error


def _decode(
    film: _Film, from_pts: int | None = None, wanted: Set[int] = frozenset()
) -> Iterator[av.VideoFrame]:
    """All frames of a film just opened; or from the keyframe at a time those wanted, and some."""
    container, stream = film
    if from_pts is not None:
        container.seek(from_pts, stream=stream)
    skips = from_pts is not None and stream.codec_context.name == "h264"
    for packet in container.demux(stream):
        if packet.size == 0:  # PyAV's end mark, or an empty packet: both would end decoding
            continue
        if skips:  # the pictures that no picture refers to: the others do not change
            stream.codec_context.skip_frame = "DEFAULT" if packet.pts in wanted else "NONREF"
        yield from packet.decode()
    yield from stream.codec_context.decode(None)


def _frames(path: Path, index: _Index, targets: list[int]) -> Iterator[av.VideoFrame]:
    """The frames with the given numbers, which ascend."""
    pending, left, wanted = targets[::-1], 0, {index.times[k] for k in targets}
    if index.keys:
        with _open(path, quick=not index.reordered) as film:
            while pending and len(pending) != left:
                left, key = len(pending), index.times[index.key_before(pending[-1])]
                for frame in _decode(film, key, wanted):
                    if frame.pts > index.times[pending[-1]] or frame.is_corrupt:
                        break
                    if frame.pts == index.times[pending[-1]]:
                        k = pending.pop()
                        yield frame
                        if not pending or index.key_before(pending[-1]) - k > _RESTART_FRAMES:
                            break
    if pending:
        with _open(path) as film:
            for k, frame in enumerate(_decode(film)):
                if not pending or frame.pts != index.times[k] or frame.is_corrupt:
                    break
                if k == pending[-1]:
                    pending.pop()
                    yield frame
    if pending:
        raise VideoError(f"{path}: expected frame {pending[-1]} to decode, got a damaged film")


def _to_rgb(
    path: Path, frame: av.VideoFrame, size: tuple[int, int] | None, reformatter: VideoReformatter
) -> np.ndarray:
    """A decoded frame as displayed: uint8 RGB ``(H, W, 3)``."""
    turn = np.eye(2)
    if matrix := frame.side_data.get("DISPLAYMATRIX"):
        # ISO 14496-12, 6.2.2: (x', y') = (x, y) @ turn, in units of 1 / 65536.
        turn = np.frombuffer(bytes(matrix), np.int32).reshape(3, 3)[:2, :2] / 65536
    if abs(turn).tolist() not in ([[1, 0], [0, 1]], [[0, 1], [1, 0]]):
        raise VideoError(f"{path}: expected quarter turns and mirrors, got {turn.tolist()}")
    swap = turn[0, 0] == 0
    height, width = (size[::-1] if swap else size) if size else (None, None)
    # Without the flag, swscale resizes colours to half the width asked for.
    how = Interpolation.BICUBIC | (Interpolation.FULL_CHR_H_INT if size else 0)
    frame = reformatter.reformat(frame, width, height, "rgb24", interpolation=how, threads=1)
    image = frame.to_ndarray().swapaxes(0, 1) if swap else frame.to_ndarray()
    return image[:: int(turn[:, 1].sum()), :: int(turn[:, 0].sum())]


def _integers(name: str, values: Iterable[int]) -> list[int]:
    try:
        values = list(values)
        if any(isinstance(value, bool) for value in values):
            raise TypeError("a mask is no list of integers")
        return [operator.index(value) for value in values]
    except TypeError as error:
        raise TypeError(f"{name}: expected a sequence of integers, got {values!r}") from error
