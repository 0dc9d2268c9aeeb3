"""Folders as the published data sets have them, made small from puppet films and real footage."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lecturekit import assets, puppets, video


def make_film(path: Path) -> Path:
    """A puppet that walks for two seconds: 16 frames at 8 per second, 32 x 32 px."""
    film = puppets.puppet_video([("walk right", 2)], size=32, seed=1)
    video.write_video(path, film.frames, film.fps)
    return path


def put(film: Path | str, *places: Path) -> None:
    """A film at each of these places; a name is that of real footage."""
    source = assets.path(film) if isinstance(film, str) else film
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)


def write(path: Path, *lines: str, newline: str = "\n", bom: bool = False) -> Path:
    """A list with these lines, UTF-8."""
    text = "".join(line + newline for line in lines)
    path.write_bytes(text.encode("utf-8-sig" if bom else "utf-8"))
    return path


def write_json(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def names(records: Sequence[Any], root: Path) -> list[str]:
    """The records' films, below the root."""
    return [record.path.relative_to(root).as_posix() for record in records]


KINETICS = "label,youtube_id,time_start,time_end,split,is_cc"
CHARADES = "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length"


def charades_row(film: str, actions: str, script: str = "A person cooks.") -> str:
    return f"{film},HR43,Kitchen,6,7,Yes,{script},food;stove,A person cooks.,{actions},24.83"


def activitynet(**films: tuple[str, list[tuple[float, float, str]]]) -> dict[str, Any]:
    """The content of ActivityNet's file: name=(subset, [(start, stop, label), …])."""
    database = {
        name: {
            "duration": 30.0,
            "subset": subset,
            "resolution": "320x240",
            "url": f"https://www.youtube.com/watch?v={name}",
            "annotations": [
                {"segment": [start, stop], "label": label} for start, stop, label in segments
            ],
        }
        for name, (subset, segments) in films.items()
    }
    return {"version": "VERSION 1.3", "taxonomy": [], "database": database}
