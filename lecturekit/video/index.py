"""What there is to read in a film: its frames, where decoding may start, its rate."""

import stat
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av

from . import stream
from .errors import VideoError, naming
from .formats import Rules, missing_end, rules_of

_SEEKABLE = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
# FFmpeg's flag for containers in which time stamps may start again, and from where on its tools
# take a step forward for that (its -dts_delta_threshold).
_MAY_RESTART, _RESTART_SEC = 0x0200, 10


class Entry(NamedTuple):
    """Where decoding may start: all frames from ``frame`` on come out right."""

    frame: int
    pts: int  # of the packet, in ticks of the stream's clock


@dataclass(frozen=True)
class Index:
    """What a scan finds."""

    times: tuple[int | None, ...]  # of each frame, in order, in ticks of the stream's clock
    entries: tuple[Entry, ...]  # ascending; none: decoding starts where the film does
    reordered: bool  # stored in another order than shown
    fps: Fraction

    def entry_before(self, k: int) -> Entry:
        """The last one from which frame ``k`` comes out."""
        return self.entries[bisect_right(self.entries, k, key=lambda entry: entry.frame) - 1]


def index_of(path: Path) -> Index:
    """The index of a film; scanned once, and again when the file changes."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        raise FileNotFoundError(f"{path}: expected a video file, got nothing there") from None
    except OSError as error:
        raise VideoError(f"{path}: expected a video file, got: {error.strerror}") from error
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(f"{path}: expected a video file, got a folder")
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
        raise VideoError(f"{path}: expected a video file, got a pipe or a device")
    return scan(path, status.st_size, (status.st_ino, status.st_mtime_ns))


@lru_cache(maxsize=1024)
def scan(path: Path, size: int, _identity: tuple[int, int]) -> Index:
    """Read through a film: its packets where they tell all, else its frames, decoded."""
    if size == 0:
        raise VideoError(f"{path}: expected a video, got an empty file")
    with naming(path, "a video that decodes"):
        if missing := missing_end(path, size):
            raise VideoError(f"{path}: truncated: expected {missing}")
        with stream.opened(path) as (container, video):
            _check_pictures_are_inside(path, container, video, size)
            nominal, tick_sec = video.average_rate or video.base_rate, video.time_base
            may_restart = bool(container.format.flags & _MAY_RESTART)
            found = _from_packets(container, video)
        if found:
            times, entries, reordered = found
        else:
            times, entries, reordered = _decoded_times(path), [], False
        if not times or not nominal:
            raise VideoError(f"{path}: expected frames at some rate, got {len(times)} at {nominal}")
        fps = _rate(times, nominal, tick_sec, may_restart)
        return Index(tuple(times), tuple(entries), reordered, fps)


def _check_pictures_are_inside(
    path: Path, container: av.container.InputContainer, video: av.VideoStream, size: int
) -> None:
    """MP4's index tells where each picture lies, also where a box has no size."""
    if container.format.name.startswith("mov"):
        end = max((entry.pos + entry.size for entry in video.index_entries), default=0)
        if end > size:
            raise VideoError(f"{path}: truncated: expected {end} bytes or more, got {size}")


def _from_packets(
    container: av.container.InputContainer, video: av.VideoStream
) -> tuple[list[int], list[Entry], bool] | None:
    """Times, entries, whether reordered; ``None`` where packets do not tell all.

    H.264 and HEVC in MP4, MOV or Matroska hold one picture per packet: the packets' time stamps,
    sorted, *are* the list of frames. (Pictures before the first entry may or may not decode.)
    """
    rules = rules_of(video.codec_context.name, video.codec_context.extradata)
    if rules is None or container.format.name not in _SEEKABLE:
        return None
    stored: list[int] = []
    entries: list[int] = []
    for packet in container.demux(video):
        if packet.size == 0:
            continue
        is_entry = None if packet.pts is None else _is_entry(rules, packet)
        if is_entry is None or not (is_entry or entries):
            return None
        if is_entry and packet.is_keyframe:  # else no seek leads there
            entries.append(packet.pts)
        if not packet.is_discard:
            stored.append(packet.pts)
    if not entries or not stored or len(set(stored)) < len(stored) or entries[0] > min(stored):
        return None
    times = sorted(stored)
    starts = {bisect_left(times, pts): pts for pts in entries}
    return times, [Entry(*start) for start in sorted(starts.items())], times != stored


def _is_entry(rules: Rules, packet: av.Packet) -> bool | None:
    if packet.has_sidedata("new_extradata"):  # the film goes on with another configuration
        return None
    return rules.is_entry(memoryview(packet))


def _decoded_times(path: Path) -> list[int | None]:
    with suppress(av.FFmpegError), stream.opened(path) as film:
        return [frame.pts for frame in stream.decode(film)]
    with stream.opened(path, lenient=True) as film:
        return [frame.pts for frame in stream.decode(film)]


def _rate(
    times: Sequence[int | None], nominal: Fraction, tick_sec: Fraction, may_restart: bool
) -> Fraction:
    """Frames per second: the header's where the frames agree, else their mean."""
    if None in times:
        return nominal
    steps = [later - earlier for earlier, later in pairwise(times)]
    if may_restart:  # where a recording was joined to another, the step says nothing
        steps = [step for step in steps if 0 <= step * tick_sec <= _RESTART_SEC]
    span_sec = sum(steps) * tick_sec
    # Matroska rounds times to milliseconds; where the header agrees, it knows the rate better.
    if span_sec <= 0 or abs(len(steps) / nominal - span_sec) <= 2 * tick_sec:
        return nominal
    return len(steps) / span_sec
