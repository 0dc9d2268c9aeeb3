"""Which files below a folder are films, and why each of the others is none."""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from lecturekit import video
from lecturekit.files import PARTIAL, PathLike

# Names that only films have: whoever gave one to a file wants to hear why it cannot be read.
# (A .ts may be TypeScript, a .3gp a spoken note: such a file is a film if its content says so.)
SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2ts", ".vob"),
    *(".flv", ".f4v", ".wmv", ".ogv"),
)


class Film(NamedTuple):
    """A film to extract from: absolute paths, and its name below the input folder."""

    source: str
    target: str
    name: str


class Found(NamedTuple):
    """What lies below a folder: the films, by name; and of all else, by its name, the reason."""

    films: list[Film]
    unlisted: dict[str, str]  # folders that could not be looked into
    left_out: dict[str, str]  # what is no film


def find_films(input_dir: PathLike, output_dir: PathLike) -> Found:
    """All films below a folder.

    A film is a file whose name only films have (`SUFFIXES`), or in which `lecturekit.video.is_film`
    finds moving pictures, whatever its name. Hidden files and folders (``.name``) are left out.
    Links to folders are followed, unless they lead back. Outputs of the films found, and what a
    killed run left, are none of the files looked at.
    """
    top, output = Path(input_dir).absolute(), Path(output_dir).absolute()
    found = Found([], {}, {})

    def relative(folder: str, name: str = "") -> str:
        return os.path.relpath(os.path.join(folder, name), top)

    def note(error: OSError) -> None:
        found.unlisted[relative(error.filename)] = error.strerror

    for folder, subfolders, names in os.walk(top, onerror=note, followlinks=True):
        above = _real_paths(Path(folder), top)
        for name in list(subfolders):
            leads_back = os.path.realpath(os.path.join(folder, name)) in above
            if leads_back or name.startswith("."):
                reason = "leads back to a folder above it" if leads_back else "hidden"
                found.left_out[relative(folder, name)] = reason
                subfolders.remove(name)
        for name in names:
            if name.startswith(PARTIAL):
                continue
            below = relative(folder, name)
            if reason := _why_no_film(top / below):
                found.left_out[below] = reason
            else:
                found.films.append(Film(str(top / below), f"{output / below}.npz", below))
    found.films.sort(key=lambda film: film.name)
    for film in found.films:
        found.left_out.pop(os.path.relpath(film.target, top), None)
    return found


def _real_paths(folder: Path, top: Path) -> set[str]:
    """A folder and those above it, up to the top, without links."""
    above = {os.path.realpath(folder)}
    while folder != top:
        folder = folder.parent
        above.add(os.path.realpath(folder))
    return above


def _why_no_film(path: Path) -> str | None:
    if path.name.startswith("."):
        return "hidden"
    if path.suffix.lower() in SUFFIXES:
        return None
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            return "no regular file"
        return None if video.is_film(path) else "no moving pictures in it"
    except OSError as error:
        return error.strerror or str(error)
