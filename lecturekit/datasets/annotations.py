"""Lists of films as text, CSV or JSON: every fault is told with the file and the place in it."""

import csv
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lecturekit.files import PathLike


def wrong(place: object, expected: str, got: object) -> ValueError:
    """The one wording of a fault; ``place`` is a file, a file and its line, or a file and an id."""
    return ValueError(f"{place}: expected {expected}, got {got}")


def lines(path: PathLike) -> Iterator[tuple[str, str]]:
    """(place, line) of a text file in UTF-8; blank lines are passed over."""
    for number, line in enumerate(_text(path).split("\n"), 1):
        if line.strip():
            yield f"{path}, line {number}", line.strip()


def table(path: PathLike, *needed: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, row by column name) of a CSV file whose line 1 names its columns."""
    (place, header), *others = rows(path)
    if absent := [name for name in needed if name not in header]:
        raise wrong(place, f"a column {absent[0]!r}", ", ".join(header))
    if not others:
        raise wrong(path, "rows below the header", "none")
    for place, values in others:
        yield place, dict(zip(header, columns(place, values, len(header)), strict=True))


def rows(path: PathLike) -> Iterator[tuple[str, list[str]]]:
    """(place, values) of a CSV file without a header; blank lines are passed over."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    while True:
        place = f"{path}, line {reader.line_num + 1}"  # a quoted value may go on over lines
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise wrong(place, "comma-separated values", error) from None
        if values:
            yield place, values


def load_json(path: PathLike, kind: type) -> Any:
    """What a JSON file holds: a list or a dict, as it must be."""
    try:
        content = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise wrong(f"{path}, line {error.lineno}", "JSON", error.msg) from None
    if not isinstance(content, kind):
        raise wrong(path, f"a JSON {kind.__name__}", f"a {type(content).__name__}")
    return content


def entry(place: str, value: Any, *needed: str) -> list[Any]:
    """The values of a JSON object by these names."""
    if not isinstance(value, dict):
        raise wrong(place, "an object", repr(value))
    if absent := [name for name in needed if name not in value]:
        raise wrong(place, f"a {absent[0]!r}", ", ".join(value) or "an empty object")
    return [value[name] for name in needed]


def columns(place: str, values: list[Any], count: int) -> list[Any]:
    """A line's values, so many."""
    if len(values) != count:
        raise wrong(place, f"{count} columns", len(values))
    return values


def whole(place: str, name: str, value: Any) -> int:
    """A whole number, in digits or as JSON has it."""
    try:
        return int(str(value))
    except ValueError:
        raise wrong(place, f"a whole number as {name}", repr(value)) from None


def number(place: str, name: str, value: Any) -> float:
    """A finite number, in digits or as JSON has it."""
    try:
        found = float(str(value))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise wrong(place, f"a number as {name}", repr(value))
    return found


def ordered(place: str, low: float, high: float, names: str = "start < stop") -> None:
    """Two ends of which the second is the larger."""
    if not low < high:
        raise wrong(place, names, f"{low:g} and {high:g}")


def _text(path: PathLike) -> str:
    """A file's text, without the mark that some editors put before it; empty is a fault."""
    data = Path(path).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02x}"
        raise wrong(f"{path}, line {line}", "UTF-8", found) from None
    if not text.strip():
        raise wrong(path, "a list of films", "an empty file")
    return text
