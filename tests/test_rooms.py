"""The library's rooms: each imports only from those above it, so that one can read downward."""

import ast
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1] / "lecturekit"

ORDER = (
    "checks", "files", "palette", "facts", "runtime", "shapes", "sampling", "metrics",
    "localization", "assets", "video", "images", "labelled", "puppets", "flow", "data",
    "datasets", "ops", "models", "checkpoints", "evaluation", "precision", "resuming",
    "training", "plots", "probes", "explorers", "exercises", "extraction",
)  # fmt: skip


def room(file):
    return file.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imported(file):
    """The rooms that a module names, in functions too; its own by a relative import is left out."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            package, *inside = name.split(".")
            if package == "lecturekit":
                yield inside[0]


FILES = [file for file in LIBRARY.rglob("*.py") if room(file) != "__init__"]


def test_every_room_has_its_place():
    assert {room(file) for file in FILES} == set(ORDER)
    assert len(set(ORDER)) == len(ORDER)


def test_a_room_imports_only_from_those_above_it():
    upward = {
        (room(file), name)
        for file in FILES
        for name in imported(file)
        if name != room(file) and ORDER.index(name) >= ORDER.index(room(file))
    }
    assert upward == set()
