"""Data sets of long films: a record is a stretch of one, and several may share a file."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from lecturekit.files import PathLike

from .annotations import columns, entry, load_json, number, ordered, rows, table, whole, wrong
from .records import Records

AVA_HALF_SEC = 1.5
"""A box of AVA is drawn in one frame; its labels are of the three seconds around."""

_SUFFIXES = (".mp4", ".mkv", ".webm")


def ava(csv_path: PathLike, root: PathLike) -> Records:
    """AVA by one of its lists, such as ``ava_train_v2.2.csv``: a record for each labelled second.

    A line is ``film,timestamp,x0,y0,x1,y1,label,person``, without a header. Lines of one film and
    timestamp make one record, in the order in which it first appears; of these, lines of one
    person with one box make one row of ``boxes`` and one list in ``labels``. Boxes are as in the
    file: in parts of the frame's width and height, from 0 to 1.

    Times are timestamp ± 1.5, seconds from the start of the *whole film*, of which 902 to 1798
    are labelled: ``path`` must be the whole film, as published, not the 15 minutes cut out of it.
    It is ``root/ID.mp4``, ``.mkv`` or ``.webm``.

    Raises:
        FileNotFoundError: there is no such list.
        ValueError: the list is empty, or a line malformed; the message says which.
    """
    seconds: dict[tuple[str, float], dict[tuple, list[int]]] = defaultdict(dict)
    for place, values in rows(csv_path):
        film, at, *corners, label, person = columns(place, values, 8)
        box = tuple(number(place, "a corner", corner) for corner in corners)
        ordered(place, box[0], box[2], "x0 < x1")
        ordered(place, box[1], box[3], "y0 < y1")
        people = seconds[film, number(place, "timestamp", at)]
        labels = people.setdefault((whole(place, "person", person), box), [])
        labels.append(whole(place, "label", label))
    records = Records()
    for (film, at_sec), people in seconds.items():
        records.look_for(
            [Path(root) / f"{film}{suffix}" for suffix in _SUFFIXES],
            labels=list(people.values()),
            start_sec=at_sec - AVA_HALF_SEC,
            stop_sec=at_sec + AVA_HALF_SEC,
            boxes=np.array([box for _, box in people]),
        )
    return records


def charades(csv_path: PathLike, root: PathLike, *, leave_out_empty: bool = False) -> Records:
    """Charades by one of its lists, such as ``Charades_v1_train.csv``: a record for each action.

    Line 1 names the columns; used are ``id`` and ``actions``, which holds none or several, as in
    ``c092 11.90 21.20;c147 0.00 12.60``: class, start and stop in seconds. Films are
    ``root/ID.mp4``. Those without actions give no record and are not looked for.

    Args:
        csv_path: the list.
        root: the folder of the films.
        leave_out_empty: a segment that does not stop after it starts goes to ``left_out``; unless
            told it is a fault. The published training list has seven that stop before they start.

    Raises:
        FileNotFoundError: there is no such list.
        ValueError: the list is empty, or a line malformed; the message says which.
    """
    records = Records()
    for place, row in table(csv_path, "id", "actions"):
        for action in filter(None, row["actions"].strip().split(";")):
            parts = action.split()
            if len(parts) != 3:
                raise wrong(place, "an action as class, start and stop", repr(action))
            path = Path(root) / f"{row['id']}.mp4"
            _add_segment(records, place, [path], *parts, leave_out_empty)
    return records


def activitynet(
    json_path: PathLike, subset: str, root: PathLike, *, leave_out_empty: bool = False
) -> Records:
    """ActivityNet by its file, such as ``activity_net.v1-3.min.json``: a record for each segment.

    Films are ``root/v_ID.mp4``, or of any other suffix, else ``root/ID.mp4`` or likewise. Those
    without segments, such as all of "testing", give no record and are not looked for.

    Args:
        json_path: the file, with its ``database`` of all films.
        subset: "training", "validation" or "testing", as the file has them.
        root: the folder of the films.
        leave_out_empty: a segment that does not stop after it starts goes to ``left_out``; unless
            told it is a fault. The published file has some of no length.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is empty, no JSON, lacks the subset, or an entry is malformed; the message
            says which.
    """
    (films,) = entry(str(json_path), load_json(json_path, dict), "database")
    entry(f"{json_path}, database", films)
    places = {name: f"{json_path}, id {name}" for name in films}
    subsets = {name: entry(place, films[name], "subset")[0] for name, place in places.items()}
    if subset not in subsets.values():
        there = ", ".join(repr(name) for name in dict.fromkeys(subsets.values()))
        raise wrong(f"{json_path}: subset", f"one of {there}", repr(subset))
    by_stem, records = _files_by_stem(Path(root)), Records()
    for name in (name for name in films if subsets[name] == subset):
        paths = [by_stem.get(stem, Path(root) / f"{stem}.*") for stem in (f"v_{name}", name)]
        (annotations,) = entry(places[name], films[name], "annotations")
        if not isinstance(annotations, list):
            raise wrong(places[name], "a list of annotations", annotations)
        for annotation in annotations:
            label, segment = entry(places[name], annotation, "label", "segment")
            if not isinstance(segment, list) or len(segment) != 2:
                raise wrong(places[name], "a segment [start, stop]", segment)
            _add_segment(records, places[name], paths, label, *segment, leave_out_empty)
    return records


def _add_segment(
    records: Records,
    place: str,
    paths: list[Path],
    label: str,
    start: str | float,
    stop: str | float,
    leave_out_empty: bool,
) -> None:
    start_sec, stop_sec = number(place, "start", start), number(place, "stop", stop)
    if leave_out_empty and stop_sec <= start_sec:
        records.left_out.append(f"{place}: {label} {start} {stop}")
        return
    ordered(place, start_sec, stop_sec)
    records.look_for(paths, label=label, start_sec=start_sec, stop_sec=stop_sec)


def _files_by_stem(folder: Path) -> dict[str, Path]:
    """A folder's files by their names without suffix; of several, the first as in `_SUFFIXES`."""
    files = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    files.sort(key=lambda path: (path.suffix not in _SUFFIXES, path.name), reverse=True)
    return {path.stem: path for path in files}
