"""The flow of one film, into one file (`stored` says what is in it), once.

The file appears under its name only when it is whole. What a killed run leaves beside its place
has a name that no reader takes for flow, and the next run removes it.
"""

import math
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from lecturekit import checks, video
from lecturekit.files import written_whole
from lecturekit.flow import farneback, quantise

from .films import Film
from .stored import PathLike, Record, add_field, add_record, read_record

_FARNEBACK = dict(farneback.__kwdefaults__)
_FORMAT = 1


@dataclass(frozen=True)
class Settings:
    """What decides the flow that is kept; Farnebäck's own parameters are `farneback`'s defaults.

    Both defaults are those of I3D's flow (github.com/google-deepmind/kinetics-i3d, README).

    Attributes:
        bound_px: a component beyond ±bound is cut off; one level is ``2 · bound / 255`` px.
        height_px: films are made smaller, before the flow, until their shorter side has this many
            pixels: a network sees crops of 224, and the time goes with the area. A smaller film
            keeps its size. Flow is in pixels of the smaller frames.
    """

    bound_px: float = 20.0
    height_px: int = 256

    def __post_init__(self) -> None:
        checks.number("bound_px", self.bound_px, 0)
        checks.integer("height_px", self.height_px, 10)  # `farneback` takes nothing smaller

    @property
    def parameters(self) -> dict[str, float]:
        """All of them, as the record keeps them."""
        chosen = {"bound_px": float(self.bound_px), "height_px": int(self.height_px)}
        return chosen | _FARNEBACK | {"format": _FORMAT}


def extract_film(
    source: PathLike,
    target: PathLike,
    settings: Settings | None = None,
    *,
    on_field: Callable[[], None] | None = None,
) -> Record:
    """Flow between neighbouring frames of a film, into a file; once: a current one is kept.

    Args:
        source: a film, as for `lecturekit.video.read_frames`.
        target: ends in ``.npz``; its folder is made; replaced if it is of other settings or of
            another film.
        settings: `Settings()` unless told.
        on_field: called after each field.

    Returns:
        The record that the file now holds. A film of one frame gives a file without fields.

    Raises:
        FileNotFoundError, VideoError: as `lecturekit.video.probe`.
        OSError: the film is no file, or the target cannot be written.
        RuntimeError: the film changed while it was read.
    """
    source, target, settings = Path(source), Path(target), settings or Settings()
    if kept := current_record(target, source, settings):
        return kept
    identity = _identity(source)
    info = video.probe(source)
    size = _shrunk(info.height, info.width, settings.height_px)
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as partial, zipfile.ZipFile(partial, "w") as archive:
        num_clipped = 0
        for k, pair in enumerate(pairwise(video.each_frame(source, size=size))):
            flow = farneback(*pair, **_FARNEBACK)
            beyond = np.abs(flow) > settings.bound_px
            num_clipped += int((beyond[..., 0] | beyond[..., 1]).sum())
            add_field(archive, k, quantise(flow, settings.bound_px))
            if on_field:
                on_field()
        if _identity(source) != identity:
            raise RuntimeError(f"{source}: changed while it was read")
        record = _record(info, size, num_clipped, identity, settings)
        add_record(archive, record)
    return record


def _record(
    info: video.VideoInfo,
    size: tuple[int, int],
    num_clipped: int,
    identity: tuple[int, int],
    settings: Settings,
) -> Record:
    num_fields = info.num_frames - 1
    return Record(
        num_fields=num_fields,
        height_px=size[0],
        width_px=size[1],
        fps=info.fps,
        clipped_share=num_clipped / max(1, num_fields * math.prod(size)),
        parameters=settings.parameters,
        source_bytes=identity[0],
        source_modified_ns=identity[1],
        opencv=cv2.__version__,
    )


def _shrunk(height: int, width: int, shorter_px: int) -> tuple[int, int]:
    scale = min(1.0, shorter_px / min(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def current_record(target: PathLike, source: PathLike, settings: Settings) -> Record | None:
    """The record of a whole file that holds this film's flow at these settings; else ``None``."""
    try:
        record, identity = read_record(target), _identity(Path(source))
    except (OSError, ValueError):
        return None
    fits = (record.source_bytes, record.source_modified_ns) == identity
    return record if fits and record.parameters == settings.parameters else None


def _identity(source: Path) -> tuple[int, int]:
    status = source.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
        raise OSError(f"{source}: expected a file")
    return status.st_size, status.st_mtime_ns


def attempt(
    film: Film, settings: Settings, on_field: Callable[[], None] | None = None
) -> Record | str:
    """Extract one film in a worker process; what went wrong comes back as words.

    OpenCV is held to one thread from here on: there is a worker for each core.
    """
    cv2.setNumThreads(1)
    try:
        return extract_film(film.source, film.target, settings, on_field=on_field)
    except ConnectionError:  # the run that asked is gone
        raise
    except Exception as error:  # a film may fail in any way, the run goes on
        return _message(error).removeprefix(f"{film.source}: ")


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    kind = "" if isinstance(error, (video.VideoError, OSError)) else f"{type(error).__name__}: "
    return f"{kind}{error}"
