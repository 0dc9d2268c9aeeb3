"""Chosen frames of a film, or one after the other."""

from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from lecturekit import checks
from lecturekit.files import PathLike

from . import stream
from .display import to_rgb
from .errors import NoPicturesError, VideoError, naming
from .formats import HEAD_BYTES, container_of
from .index import Index, index_of

# Starting the decoder anew costs about as much as decoding this many frames.
_RESTART_FRAMES = 16


@dataclass(frozen=True)
class VideoInfo:
    """What a film holds; sides as displayed (after rotation), in pixels."""

    num_frames: int  # that decode, not the header's claim
    fps: float  # of a variable rate: the mean from the first frame to the last
    height: int
    width: int
    duration_sec: float  # num_frames / fps


class Timing(NamedTuple):
    """How many frames of a film decode, and how many are shown in a second, as in `VideoInfo`."""

    num_frames: int
    fps: float


def timing(path: PathLike) -> Timing:
    """What :func:`probe` tells of a film's time, without decoding a picture for its size.

    Raises:
        FileNotFoundError, IsADirectoryError, VideoError: as for :func:`probe`.
    """
    index = index_of(Path(path))
    return Timing(len(index.times), float(index.fps))


def probe(path: PathLike) -> VideoInfo:
    """Frame count, rate and size of a film: MP4, MOV, Matroska, WebM, AVI, MPEG-TS and others.

    Raises:
        FileNotFoundError, IsADirectoryError: nothing is there, or a folder.
        VideoError: the file is empty, truncated, damaged, no video, has sound only, or cannot be
            read for any other reason.
    """
    index = index_of(Path(path))
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
    index = index_of(path)
    num_frames = len(index.times)
    wanted = range(num_frames) if indices is None else checks.integers("indices", indices)
    if outside := [k for k in wanted if not 0 <= k < num_frames]:
        raise IndexError(f"{path}: expected indices from 0 to {num_frames - 1}, got {outside[0]}")
    size = _checked_size(size)
    if not wanted:
        return read_frames(path, [0], size=size)[:0]
    targets = sorted(set(wanted))
    frames: np.ndarray | None = None
    for row, image in enumerate(_images(path, index, targets, size)):
        if frames is None:
            with naming(path, f"memory for {len(targets)} frames of {image.shape[:2]}"):
                frames = np.empty((len(targets), *image.shape), np.uint8)
        frames[row] = image
    return frames if targets == list(wanted) else frames[np.searchsorted(targets, wanted)]


def each_frame(path: PathLike, *, size: tuple[int, int] | None = None) -> Iterator[np.ndarray]:
    """All frames of a film in order, one at a time: the film is decoded once and never held whole.

    Args:
        path: a film, as for :func:`probe`.
        size: as for :func:`read_frames`.

    Yields:
        uint8 RGB ``(H, W, 3)``: what :func:`read_frames` would return as frame 0, 1, …

    Raises:
        FileNotFoundError, IsADirectoryError, VideoError, TypeError, ValueError: as for
            :func:`read_frames`.
    """
    path = Path(path)
    index = index_of(path)
    for image in _images(path, index, list(range(len(index.times))), _checked_size(size)):
        yield np.ascontiguousarray(image)


def is_film(path: PathLike) -> bool:
    """Whether a file holds moving pictures, by what is in it and not by its name.

    A film that is damaged further on counts as one; photographs, sound and text do not.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    if container_of(head) is None:
        return False
    try:
        with naming(Path(path), "a video that decodes"), stream.opened(Path(path)):
            return True
    except NoPicturesError:
        return False
    except VideoError:
        return True


def _images(
    path: Path, index: Index, targets: list[int], size: tuple[int, int] | None
) -> Iterator[np.ndarray]:
    """The frames with the given numbers, which ascend, as they are shown."""
    reformatter, shape = VideoReformatter(), None
    with naming(path, "a video that decodes"):
        for frame in _frames(path, index, targets):
            image = to_rgb(path, frame, size, reformatter)
            shape = shape or image.shape
            if image.shape != shape:
                raise VideoError(
                    f"{path}: expected all frames {shape[:2]}, got {image.shape[:2]}; pass size"
                )
            yield image


def _frames(path: Path, index: Index, targets: list[int]) -> Iterator[av.VideoFrame]:
    num_found = 0
    with suppress(av.FFmpegError):
        for frame in (_by_seeking if index.entries else _from_start)(path, index, targets):
            num_found += 1
            yield frame
    if left := targets[
        num_found:
    ]:  # damage, or a frame that no seek found: as plain decoding has it
        for frame in _from_start(path, index, left, lenient=True):
            num_found += 1
            yield frame
    if num_found < len(targets):
        missing = targets[num_found]
        raise VideoError(f"{path}: expected frame {missing} to decode, got a damaged film")


def _from_start(
    path: Path, index: Index, targets: list[int], *, lenient: bool = False
) -> Iterator[av.VideoFrame]:
    """Frames by plain decoding, up to the first that is damaged or not where the index has it."""
    wanted = set(targets)
    with stream.opened(path, lenient=lenient) as film:
        for k, frame in enumerate(islice(stream.decode(film), targets[-1] + 1)):
            if frame.pts != index.times[k] or frame.is_corrupt:
                return
            if k in wanted:
                yield frame


def _by_seeking(path: Path, index: Index, targets: list[int]) -> Iterator[av.VideoFrame]:
    """Frames by seeking, as often as each seek brings one."""
    shown = {index.times[k] for k in targets}
    with stream.opened(path, quick=not index.reordered) as film:
        left = targets
        while left:
            num_found = 0
            for frame in _after_seek(film, index, _one_seek(index, left), shown):
                num_found += 1
                yield frame
            if not num_found:
                return
            left = left[num_found:]


def _one_seek(index: Index, targets: list[int]) -> list[int]:
    """The first of the targets: those that decoding on reaches sooner than another seek does."""
    for count, (k, later) in enumerate(pairwise(targets), 1):
        if index.entry_before(later).frame - k > _RESTART_FRAMES:
            return targets[:count]
    return targets


def _after_seek(
    film: stream.Film, index: Index, targets: list[int], shown: Set[int]
) -> Iterator[av.VideoFrame]:
    """Frames from the entry before the first target on, up to the first missed or damaged one."""
    due = [index.times[k] for k in targets]
    num_found = 0
    for frame in stream.decode(film, index.entry_before(targets[0]).pts, shown):
        if frame.pts is None or frame.pts > due[num_found] or frame.is_corrupt:
            return
        if frame.pts == due[num_found]:
            num_found += 1
            yield frame
            if num_found == len(due):
                return


def _checked_size(size: tuple[int, int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    sides = checks.integers("size", size, 1)
    if len(sides) != 2:
        raise ValueError(f"size: expected (height, width) in pixels, got {size}")
    return sides
