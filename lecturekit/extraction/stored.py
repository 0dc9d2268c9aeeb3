"""Flow of a film as one file, ``a/b.mp4.npz``, which numpy alone can read.

000000, 000001, …  uint8 ``(2, H, W)``, one per pair of neighbouring frames: dx, then dy, as levels
                   0 to 255 for −bound to +bound (`lecturekit.flow.quantise`). Planes, not pairs:
                   they deflate to 0.8 of the size, and are the order in which a network takes them.
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
"""

import io
import json
import operator
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np

from lecturekit.files import PathLike
from lecturekit.flow import dequantise

_RECORD = "record.json"


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


def add_field(archive: zipfile.ZipFile, k: int, levels: np.ndarray) -> None:
    """Add field ``k``: uint8 ``(H, W, 2)``."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(levels.transpose(2, 0, 1)))
    _add(archive, f"{k:06d}.npy", file.getvalue())


def add_record(archive: zipfile.ZipFile, record: Record) -> None:
    """Add what makes a file of fields whole."""
    _add(archive, _RECORD, json.dumps(asdict(record), indent=1).encode())


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # A ZipInfo of its own has no time of day: the same flow gives the same bytes.
    archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, compresslevel=1)


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
