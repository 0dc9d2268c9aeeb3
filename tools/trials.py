"""A notebook's exercises, tried after its last cell: solved, and wrong in each known way.

All that an exercise needs is there by then, so one run of a chapter, whose networks take a minute
to train, serves its page and its exercises. What the tries printed is kept for
``tests/notebooks/test_exercises.py`` until the notebook or anything that it uses changes.
"""

import hashlib
import importlib
import json
import re
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import execute
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell


class Trial(NamedTuple):
    """An answer to an exercise: the code that gives it and checks it, and what must come of it."""

    exercise: str
    source: str
    begins: str
    middle: str = ""
    ends: str = ""


def tagged(notebook: NotebookNode, tag: str) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def triples(notebook: NotebookNode) -> list[tuple[NotebookNode, ...]]:
    """Each exercise's three cells, in the order of the page: stub, check, solution."""
    tags = ("exercise", "check", "solution")
    return list(zip(*(tagged(notebook, tag) for tag in tags), strict=True))


def answer_name(stub: NotebookNode) -> str:
    """The function or variable that the student fills in: the last one that the stub defines."""
    return re.findall(r"(?m)^(?:def )?(\w+)(?:\(| = )", stub.source)[-1]


def chapter_of(path: Path) -> ModuleType:
    return importlib.import_module(f"lecturekit.exercises.ch{path.stem[:2]}")


def of(path: Path, notebook: NotebookNode) -> list[Trial]:
    """All that is tried in a notebook, in the order in which it is run."""
    chapter = chapter_of(path)
    module = chapter.__name__.rpartition(".")[2]
    trials = []
    for (stub, check, solution), exercise in zip(triples(notebook), chapter.EXERCISES, strict=True):
        name = exercise.name
        for number, wrong in enumerate(exercise.misconceptions):
            answer = f"{name} = {module}.{name.upper()}.misconceptions[{number}].answer"
            trials.append(Trial(name, f"{answer}\n{check.source}", "✗", ends=f"{wrong.hint}\n"))
        if stub.source.startswith("def "):
            raising = f"def {name}(*_):\n    raise KeyError('t')"
            trials.append(Trial(name, f"{raising}\n{check.source}", "✗", "stopped with KeyError"))
        # Last, so that it stays: a later exercise may call what this one made.
        trials.append(Trial(name, f"{solution.source}\n{check.source}", "✓"))
    return trials


def run(path: Path) -> list[str]:
    """Run the notebook and then its trials; returns what each of these printed."""
    notebook = nbformat.read(path, as_version=4)
    cells = [new_code_cell(trial.source) for trial in of(path, notebook)]
    notebook.cells += cells
    execute.run(notebook)
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in cells]


def keep(path: Path, shown: list[str]) -> None:
    """Keep what the trials of a notebook printed."""
    _file(path).parent.mkdir(parents=True, exist_ok=True)
    _file(path).write_text(json.dumps({"key": _key(path), "shown": shown}))


def kept(path: Path) -> list[str] | None:
    """What the trials printed, if the notebook and all that it uses are as they were then."""
    if not _file(path).is_file():
        return None
    found = json.loads(_file(path).read_text())
    return found["shown"] if found["key"] == _key(path) else None


def _file(path: Path) -> Path:
    return execute.BUILD / "trials" / f"{path.stem}.json"


def _key(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    asked = json.dumps([execute.key(notebook), code, of(path, notebook)])
    return hashlib.sha256(asked.encode()).hexdigest()
