"""The one error of this package, and how whatever FFmpeg, PyAV and the system raise becomes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av


class VideoError(RuntimeError):
    """A film that cannot be read or written exactly; the message names it."""


class NoPicturesError(VideoError):
    """A file that FFmpeg opens, with sound in it and no moving pictures."""


@contextmanager
def naming(path: Path, expected: str) -> Iterator[None]:
    """Whatever fails inside is told as a `VideoError` of this film."""
    try:
        yield
    except (OSError, ValueError, ArithmeticError, MemoryError, av.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise VideoError(f"{path}: expected {expected}, got: {reason}") from error
