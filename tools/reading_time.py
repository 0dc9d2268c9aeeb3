"""Prints how long each chapter takes its reader, as the cost cards do.

``python tools/reading_time.py [NOTEBOOK …]``; what is counted, and how, stands in
``book/_ext/lecturebook/reading.py``.
"""

import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from lecturebook.reading import reading  # noqa: E402


def main(chosen: list[str]) -> None:
    paths = [Path(name) for name in chosen] or sorted((ROOT / "notebooks").glob("*.ipynb"))
    print(f"{'':24s}{'reading':>12s}{'words':>8s}{'lines':>8s}{'exercises':>12s}{'asides':>10s}")
    for path in paths:
        found = reading(nbformat.read(path, as_version=4))
        minutes = (found.text.minutes, found.exercise_minutes, found.asides.minutes)
        text, exercises, asides = (f"{value:.1f} min" for value in minutes)
        print(
            f"{path.stem:24s}{text:>12s}{found.text.words:8,d}{found.text.lines:8,d}"
            f"{exercises:>12s}{asides:>10s}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
