"""What every reader gives: records of the films that are there, and where the others should be."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Record:
    """One labelled film, or one labelled stretch of it. What a data set does not have is None.

    Attributes:
        path: the film; it was there when the list was read.
        label: its class, a name or a number, as in the list.
        labels: of each box, the classes of the person in it.
        start_sec: where the stretch begins, in seconds from the start of the file at ``path``.
        stop_sec: where it stops, likewise.
        boxes: float64 ``(N, 4)``: x0, y0, x1, y1, one row for each person, in the list's unit.
    """

    path: Path
    label: str | int | None = None
    labels: list[list[int]] | None = None
    start_sec: float | None = None
    stop_sec: float | None = None
    boxes: np.ndarray | None = None


class Records(list[Record]):
    """A list of records, in the order of the file that they are from.

    Attributes:
        missing: the films that were looked for and are not there, each once. One that may lie in
            several places stands here by the first of them.
        left_out: of each segment that was left out on demand, where it stands and what it says.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.missing: list[Path] = []
        self.left_out: list[str] = []
        self._found: dict[Path, Path | None] = {}  # by the first place, so that none is asked twice

    def look_for(self, places: Iterable[Path], **fields: Any) -> None:
        """Add the record of a film if it lies in one of these places; else count it as missing."""
        places = list(places)
        if places[0] not in self._found:
            there = next((place for place in places if place.is_file()), None)
            self._found[places[0]] = there
            if there is None:
                self.missing.append(places[0])
        if path := self._found[places[0]]:
            self.append(Record(path, **fields))

    def __repr__(self) -> str:
        lost = f"{len(self.missing):,} video{'' if len(self.missing) == 1 else 's'} missing"
        return f"<{len(self):,} record{'' if len(self) == 1 else 's'}, {lost}>"
