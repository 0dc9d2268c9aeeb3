"""The index of the library: each name, the chapter that builds it, and the chapters that use it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat

from .library_names import PACKAGE, Library, Name
from .library_uses import BESIDES, Uses, uses

_TINY = "The sizes that train in seconds, of a network that chapters have full or build anew."

TOOLS = {
    "checkpoints": "Published weights, for who has downloaded them: no chapter downloads any.",
    "checks": "The checks of arguments, at the doors of the other rooms.",
    "datasets": "The published data sets, for who has them on disk.",
    "exercises": "What the checks of the exercises are made of.",
    "extraction": "Flow of whole folders of films, by a command.",
    "facts": "Figures that others measured; the pages look them up.",
    "files": "Files that are whole or not there.",
    "palette": "The book's colours.",
    "plots": "Figures in the book's look.",
    "precision": "Half precision on a GPU.",
    "resuming": "Trainings that go on after a break.",
    "runtime": "Where to compute, and how much.",
    "video": "Films, read and written exactly.",
}
"""Rooms of tools: their names need no chapter. Each room, and what it is for."""

ALONE = {
    "flow.write_flo": "The way back of `flow.read_flo`.",
    "flow.write_kitti": "The way back of `flow.read_kitti`.",
    "metrics.angular_error": "The other measure of flow that benchmarks print.",
    "metrics.frame_map": "AVA's measure, for who has boxes to score.",
    "metrics.nms_2d": "For boxes what `metrics.nms_1d` is for segments.",
    "models.moments.moment_targets": "What chapter 10 writes as `targets_of`, film by film.",
    "models.fusion.RELATIVES": "The two networks of chapter 3's asides, for its benchmark.",
    "models.efficientnet_lite.TINY": _TINY,
    "models.i3d.TINY": _TINY,
    "models.mvit.TINY": _TINY,
    "models.timesformer.TINY": _TINY,
    "models.two_stream.TINY": _TINY,
}
"""Names of other rooms that no chapter uses, and why they are there all the same."""


@dataclass(frozen=True)
class Entry:
    """One name, and where the book has it.

    Attributes:
        name: the name itself.
        built: the first chapter that builds it and the heading there, if one does.
        used: the chapters that name it, in order.
        inside: for what no chapter names, the nearest name that chapters have and that it is
            part of: the home of that.
        tool: for what no chapter has, why it needs none; "" where that is not said.
    """

    name: Name
    built: tuple[int, str] | None
    used: tuple[int, ...]
    inside: str | None
    tool: str

    @property
    def placed(self) -> bool:
        return bool(self.built or self.used or self.inside or self.tool)


class Index:
    """All entries, by home, in order of path."""

    def __init__(self, root: Path) -> None:
        self.library = Library(root)
        files = sorted((root / "notebooks").glob("*.ipynb"))
        self.docnames = {int(file.name[:2]): f"notebooks/{file.stem}" for file in files}
        self.uses: dict[int, Uses] = {
            int(file.name[:2]): uses(nbformat.read(file, as_version=4), self.library)
            for file in files
        }
        for short, (chapter, heading) in BESIDES.items():
            if chapter in self.uses:
                self.uses[chapter].built.setdefault(f"{PACKAGE}.{short}", heading)
        self.names = self.library.names(self._named)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        return {name.home: self._entry(name) for name in self.names}

    def of_chapter(self, chapter: int) -> tuple[list[Entry], list[Entry]]:
        """What a chapter is the first to build, and what else it uses."""
        entries = self.entries.values()
        built = [one for one in entries if one.built and one.built[0] == chapter]
        used = [one for one in entries if chapter in one.used and one not in built]
        return built, used

    @cached_property
    def _named(self) -> set[str]:
        return set().union(*(found.used | set(found.built) for found in self.uses.values()))

    def _entry(self, name: Name) -> Entry:
        built = [
            (n, found.built[name.home])
            for n, found in self.uses.items()
            if name.home in found.built
        ]
        used = tuple(n for n, found in self.uses.items() if name.home in found.used)
        tool = "" if built or used else TOOLS.get(name.room) or ALONE.get(name.short, "")
        inside = None if built or used or tool else self._inside(name.home)
        return Entry(name, built[0] if built else None, used, inside, tool)

    def _inside(self, home: str) -> str | None:
        """The nearest home that a chapter names and whose code needs this one."""
        seen, ring = {home}, [home]
        while ring:
            ring = sorted({user for one in ring for user in self.library.users.get(one, ())} - seen)
            named = [user for user in ring if user in self._named]
            if named:
                return min(named, key=lambda user: _distance(user, home))
            seen |= set(ring)
        return None


def _distance(user: str, home: str) -> tuple[bool, bool, str]:
    """Nearest is what stands in the same file; an explorer is farthest."""
    own_file = user.rpartition(".")[0] == home.rpartition(".")[0]
    return not own_file, user.startswith(f"{PACKAGE}.explorers."), user
