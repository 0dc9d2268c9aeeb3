"""Flow of whole films, kept on disk: what ``python -m lecturekit.flow`` does to each film.

A film ``a/b.mp4`` becomes one file, ``a/b.mp4.npz``, which numpy alone can read:

000000, 000001, …  uint8 ``(2, H, W)``, one per pair of neighbouring frames: dx, then dy, as levels
                   0 to 255 for −bound to +bound (`quantise`). Planes, not pairs: they deflate to
                   0.8 of the size, and are the order in which a network takes them.
record.json        the bound, all other parameters, and which film this was: see `Record`.

Why so. A field is deflated by itself, so that a reader of ten fields inflates ten. One file per
film, because file systems and copying suffer from millions of small files. Deflate at its fastest
level and no JPEG, although Simonyan and Zisserman 2014 (section 5) used it to bring UCF-101 from
1.5 TB to 27 GB: what is read back is then what was quantised, to the level. On 31 fields of each
real film (256 px high or less, one core), in parts of the raw uint8 levels:

              size on disk         ms to write     ms to read    mean error of the coding
deflate 1     0.09 to 0.32         0.4 to 4.0      0.3 to 1.3    none
PNG 1         0.08 to 0.24         0.8 to 6.6      0.5 to 3.1    none
JPEG 95       0.03 to 0.10         0.1 to 0.9      0.1 to 0.7    0.004 to 0.022 px

The flow itself takes 6 to 46 ms per field.

A file appears under its name only when it is whole: it is written beside its place under another
name, forced to the disk, and renamed. What a killed run leaves has a name that begins with
``.partial-``, which no reader takes for flow and the next run removes.
"""

import io
import json
import math
import operator
import os
import secrets
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np

from lecturekit import video

from .checks import integer, number
from .farneback import farneback
from .find import PARTIAL, Film
from .stack import dequantise, quantise

_FARNEBACK = dict(farneback.__kwdefaults__)
_FORMAT = 1
_RECORD = "record.json"
PathLike = str | os.PathLike[str]


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
        number("bound_px", self.bound_px, 0)
        integer("height_px", self.height_px, 10)  # `farneback` takes nothing smaller

    @property
    def parameters(self) -> dict[str, float]:
        """All of them, as the record keeps them."""
        chosen = {"bound_px": float(self.bound_px), "height_px": int(self.height_px)}
        return chosen | _FARNEBACK | {"format": _FORMAT}


@dataclass(frozen=True)
class Record:
    """What a file of extracted flow says of itself.

    Attributes:
        num_fields: one less than the film has frames.
        height_px, width_px: of each field, and so of the frames it was computed from.
        fps: frames per second of the film.
        clipped_share: of all vectors, those with a component beyond the bound; 0 without fields.
        parameters: as `Settings.parameters`; ``bound_px`` among them.
        source_bytes, source_modified_ns: size and time of change of the film; both must still fit
            for the flow to count as that film's.
        opencv: version that computed it.
    """

    num_fields: int
    height_px: int
    width_px: int
    fps: float
    clipped_share: float
    parameters: dict[str, float]
    source_bytes: int
    source_modified_ns: int
    opencv: str


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
    before = _identity(source)
    info = video.probe(source)
    scale = min(1.0, settings.height_px / min(info.height, info.width))
    size = max(1, round(info.height * scale)), max(1, round(info.width * scale))
    num_clipped = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with _whole_file(target) as file, zipfile.ZipFile(file, "w") as archive:
        previous = None
        for k, image in enumerate(video.each_frame(source, size=size)):
            if previous is not None:
                flow = farneback(previous, image, **_FARNEBACK)
                beyond = np.abs(flow) > settings.bound_px
                num_clipped += int((beyond[..., 0] | beyond[..., 1]).sum())
                levels = quantise(flow, settings.bound_px).transpose(2, 0, 1)
                _add(archive, f"{k - 1:06d}.npy", _npy(levels))
                if on_field:
                    on_field()
            previous = image
        if _identity(source) != before:
            raise RuntimeError(f"{source}: changed while it was read")
        num_fields = info.num_frames - 1
        record = Record(
            num_fields=num_fields,
            height_px=size[0],
            width_px=size[1],
            fps=info.fps,
            clipped_share=num_clipped / max(1, num_fields * math.prod(size)),
            parameters=settings.parameters,
            source_bytes=before[0],
            source_modified_ns=before[1],
            opencv=cv2.__version__,
        )
        _add(archive, _RECORD, json.dumps(asdict(record), indent=1).encode())
    return record


def read_record(path: PathLike) -> Record:
    """What a file of extracted flow says of itself.

    Raises:
        FileNotFoundError: nothing is there.
        ValueError: it is no such file, or not a whole one.
    """
    with _opened(path) as (_, record):
        return record


def read_extracted(path: PathLike, indices: Iterable[int] | None = None) -> np.ndarray:
    """Flow read back, in pixels per frame of the frames it was computed from.

    Args:
        path: written by `extract_film`.
        indices: which fields, in any order; all if ``None``.

    Returns:
        float32 ``(T, H, W, 2)``, (dx, dy) in px, off by half a level at most where it was not
        clipped; field ``k`` leads from frame ``k`` to frame ``k + 1``. Without ``indices`` T is the
        film's number of frames less one.

    Raises:
        FileNotFoundError, ValueError: as `read_record`; or a field is damaged.
        IndexError: an index is negative or not below the number of fields.
    """
    with _opened(path) as (archive, record):
        wanted = range(record.num_fields) if indices is None else map(operator.index, indices)
        wanted = list(wanted)
        if outside := [k for k in wanted if not 0 <= k < record.num_fields]:
            last = record.num_fields - 1
            raise IndexError(f"{path}: expected indices from 0 to {last}, got {outside[0]}")
        flow = np.empty((len(wanted), record.height_px, record.width_px, 2), np.float32)
        for row, k in enumerate(wanted):
            with archive.open(f"{k:06d}.npy") as entry:
                levels = np.lib.format.read_array(entry).transpose(1, 2, 0)
            flow[row] = dequantise(levels, record.parameters["bound_px"])
    return flow


def current_record(target: PathLike, source: PathLike, settings: Settings) -> Record | None:
    """The record of a whole file that holds this film's flow at these settings; else ``None``."""
    try:
        record, identity = read_record(target), _identity(Path(source))
    except (OSError, ValueError):
        return None
    fits = (record.source_bytes, record.source_modified_ns) == identity
    return record if fits and record.parameters == settings.parameters else None


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


def remove_partial(films: Iterable[Film]) -> None:
    """Remove what killed runs left beside the places of these films."""
    for folder in {Path(film.target).parent for film in films}:
        for partial in folder.glob(f"{PARTIAL}*.npz"):
            partial.unlink(missing_ok=True)


def _identity(source: Path) -> tuple[int, int]:
    status = source.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
        raise OSError(f"{source}: expected a file")
    return status.st_size, status.st_mtime_ns


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array))
    return file.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # A ZipInfo of its own has no time of day: the same flow gives the same bytes.
    archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, compresslevel=1)


@contextmanager
def _opened(path: PathLike) -> Iterator[tuple[zipfile.ZipFile, Record]]:
    try:
        with zipfile.ZipFile(path) as archive:
            record = Record(**json.loads(archive.read(_RECORD)))
            if len(archive.namelist()) != record.num_fields + 1:
                raise ValueError(f"{record.num_fields} fields and a record expected")
            yield archive, record
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected a file of extracted flow, got: {error}") from error


@contextmanager
def _whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its name only when all went well."""
    partial = target.with_name(f"{PARTIAL}{secrets.token_hex(8)}.npz")
    try:
        with open(partial, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    kind = "" if isinstance(error, (video.VideoError, OSError)) else f"{type(error).__name__}: "
    return f"{kind}{error}"
