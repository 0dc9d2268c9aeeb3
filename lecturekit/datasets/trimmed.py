"""Data sets of films that are cut already: one label says what the whole film shows."""

import re
from pathlib import Path

from lecturekit.files import PathLike

from .annotations import entry, lines, load_json, ordered, table, whole, wrong
from .records import Records

# Folder/name.avi, and perhaps the number of its class; folder and name may hold spaces.
_UCF101_LINE = re.compile(r"(?P<film>(?:.+/)?(?P<label>[^/]+)/[^/]+\.\w+)(?:\s+\d+)?")


def ucf101(root: PathLike, split_file: PathLike) -> Records:
    """UCF-101 by one of its lists, such as ``trainlist01.txt`` or ``testlist01.txt``.

    A line is ``Archery/v_Archery_g08_c01.avi 3``; lists for testing leave out the number. The film
    is ``root/Archery/v_Archery_g08_c01.avi``, its label the folder's name: ``"Archery"``.

    Raises:
        FileNotFoundError: there is no such list.
        ValueError: the list is empty, or a line malformed; the message says which.
    """
    records = Records()
    for place, line in lines(split_file):
        match = _UCF101_LINE.fullmatch(line)
        if match is None:
            raise wrong(place, "folder/film.avi and perhaps a number", repr(line))
        records.look_for([Path(root) / match["film"]], label=match["label"])
    return records


def kinetics(csv_path: PathLike, root: PathLike) -> Records:
    """Kinetics-400, -600 or -700 by one of its lists, such as ``kinetics-400_val.csv``.

    Line 1 names the columns: ``youtube_id``, ``time_start``, ``time_end``, ``label`` but in lists
    for testing, and others. The times are seconds of the film on YouTube. The files are cut to
    them already, so the records have no times: ``root/ID_000012_000022.mp4``, or else
    ``root/label/ID_000012_000022.mp4``.

    Raises:
        FileNotFoundError: there is no such list.
        ValueError: the list is empty, or a line malformed; the message says which.
    """
    records = Records()
    for place, row in table(csv_path, "youtube_id", "time_start", "time_end"):
        start, stop = (whole(place, name, row[name]) for name in ("time_start", "time_end"))
        ordered(place, start, stop, "time_start < time_end")
        name, label = f"{row['youtube_id']}_{start:06d}_{stop:06d}.mp4", row.get("label")
        folders = [Path(root)] if label is None else [Path(root), Path(root) / label]
        records.look_for([folder / name for folder in folders], label=label)
    return records


def something_v2(labels_json: PathLike, split_json: PathLike, root: PathLike) -> Records:
    """Something-Something V2 by its list of labels and one of train or validation.

    The first maps a sentence to a number in quotes: ``"Holding something": "31"``. An entry of the
    second has an ``id`` and a ``template`` such as ``"Holding [something]"``, which is that
    sentence but for the brackets. Films are ``root/ID.webm``. The test list has no templates.

    Raises:
        FileNotFoundError: one of the lists is not there.
        ValueError: a list is empty or no JSON, or an entry has no id, no template or one that the
            labels lack; the message says which.
    """
    numbers = {
        sentence: whole(f"{labels_json}, id {sentence!r}", "the label", number)
        for sentence, number in load_json(labels_json, dict).items()
    }
    records = Records()
    for position, film in enumerate(load_json(split_json, list)):
        (name,) = entry(f"{split_json}, entry {position} from 0", film, "id")
        place = f"{split_json}, id {name}"
        sentence = re.sub(r"[\[\]]", "", str(*entry(place, film, "template")))
        if sentence not in numbers:
            raise wrong(place, f"a template that {labels_json} has", repr(film["template"]))
        records.look_for([Path(root) / f"{name}.webm"], label=numbers[sentence])
    return records
