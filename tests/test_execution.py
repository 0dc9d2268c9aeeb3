"""What a notebook's kept outputs depend on, and that they are used only while it is the same."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import dependencies  # noqa: E402
import execute  # noqa: E402

LIBRARY = {
    "lecturekit/__init__.py": "",
    "lecturekit/flow/__init__.py": "from lecturekit.flow import warp\n",
    "lecturekit/flow/warp.py": "import numpy\n",
    "lecturekit/facts/__init__.py": '"""Reads figures.csv."""\nNAME = "figures.csv"\n',
    "lecturekit/facts/figures.csv": "id,value\n",
    "lecturekit/models/__init__.py": "",
    "lecturekit/models/parts.py": "def f():\n    from .. import facts\n",
    "lecturekit/models/tiny.py": "from .parts import f\nSTYLE = 'tiny.css'\n",
    "lecturekit/models/tiny.css": "a { color: red; }\n",
    "lecturekit/video.py": "",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A library of a few modules, and one notebook."""
    for name, text in {**LIBRARY, "requirements.txt": "numpy==2.0\n"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    monkeypatch.setattr(execute, "BUILD", tmp_path / "_build")
    return tmp_path


def notebook(*sources: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])


def reached(project: Path, *sources: str) -> set[str]:
    found = dependencies.of_notebook(notebook(*sources), project)
    return {file.relative_to(project / "lecturekit").as_posix() for file in found}


def test_imports_are_followed_through_packages_and_into_functions(project):
    assert reached(project, "from lecturekit.models.tiny import f") == {
        *("__init__.py", "models/__init__.py", "models/tiny.py", "models/parts.py"),
        *("facts/__init__.py", "facts/figures.csv"),
    }


@pytest.mark.parametrize(
    "source",
    [
        "import lecturekit.flow as f",
        "from lecturekit import flow",
        "import numpy, lecturekit.flow.warp",
        "def later():\n    from lecturekit.flow.warp import anything",
        "if True:\n    %pip install nothing\nfrom lecturekit import flow",
        "%timeit x = 1\nfrom lecturekit.flow import *",
    ],
)
def test_every_way_to_import_counts(project, source):
    assert reached(project, source) == {"__init__.py", "flow/__init__.py", "flow/warp.py"}


def test_a_notebook_without_the_library_depends_on_none_of_it(project):
    assert reached(project, "import numpy as np", "lecturekit = 3") == set()


def test_no_module_is_imported_by_a_computed_name():
    # Such an import would not be seen.
    for file in (ROOT / "lecturekit").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "import_module" not in text, file
        assert "__import__" not in text, file


@pytest.mark.parametrize(
    ("changed", "runs_again"),
    [
        ("lecturekit/models/parts.py", True),
        ("lecturekit/facts/figures.csv", True),
        ("requirements.txt", True),
        ("lecturekit/flow/warp.py", False),
        ("lecturekit/models/tiny.css", False),
        ("lecturekit/video.py", False),
    ],
)
def test_outputs_are_kept_until_something_they_depend_on_changes(project, changed, runs_again):
    path, cache = kept_notebook(project, "from lecturekit.models import tiny")
    assert execute.kept(path, cache).cells[0].outputs[0].text == "printed"
    (project / changed).write_text((project / changed).read_text() + "\n")
    assert (execute.kept(path, cache) is None) == runs_again


def test_a_changed_cell_runs_again(project):
    path, cache = kept_notebook(project, "x = 1")
    nbformat.write(notebook("x = 2"), path)
    assert execute.kept(path, cache) is None


def test_the_longest_chapters_start_first():
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"), key=execute.longest_first)
    assert [path.stem[:2] for path in notebooks[: len(execute.LONGEST)]] == [*execute.LONGEST]
    rest = notebooks[len(execute.LONGEST) :]
    assert rest == sorted(rest)


def test_only_the_latest_run_of_a_notebook_is_kept(project):
    path, cache = kept_notebook(project, "x = 1")
    kept_notebook(project, "x = 2")
    assert [record.uri for record in cache.list_cache_records()] == [str(path)]
    assert json.loads(execute.cost_file(path).read_text())["peak_memory_mb"] == 7


def kept_notebook(project: Path, source: str):
    path, cache = project / "01_small.ipynb", execute.open_cache()
    nbformat.write(notebook(source), path)
    ran = nbformat.read(path, as_version=4)
    ran.cells[0].outputs = [nbformat.v4.new_output("stream", text="printed")]
    execute.keep(path, ran, cache, seconds=1, peak_memory_mb=7)
    return path, cache


@pytest.mark.parametrize("stored", ["2\n", "3\n"], ids=["as stored", "another"])
def test_what_nbval_ran_is_kept_if_it_is_what_is_stored(project, stored):
    for name in ("execute", "dependencies", "keep_nbval", "trials"):
        (project / "tools").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tools" / f"{name}.py", project / "tools")
    small = notebook("print(1 + 1)", "from IPython.display import HTML\nHTML('<b>bold</b>')")
    for number, cell in enumerate(small.cells, 1):
        cell.execution_count = number
    small.cells[0].outputs = [nbformat.v4.new_output("stream", text=stored)]
    small.cells[1].metadata.tags = ["nbval-ignore-output"]
    path = project / "01_small.ipynb"
    nbformat.write(small, path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "keep_nbval", "--nbval", str(path)],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "tools")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0) == (stored == "2\n"), done.stdout
    kept = execute.kept(path, execute.open_cache())
    assert (kept is not None) == (stored == "2\n")
    if kept:
        assert kept.cells[0].outputs[0].text == "2\n"
        assert kept.cells[1].outputs[0].data["text/html"] == "<b>bold</b>"
        assert kept.cells[1].outputs[0].execution_count == 2
        assert json.loads(execute.cost_file(path).read_text())["peak_memory_mb"] > 10


EXERCISES = """from types import SimpleNamespace as Some

HALF = Some(name="half", kind="build", misconceptions=[Some(answer=lambda x: x, hint="not halved")])
def check(half):
    try:
        print("✓" if half(2) == 1 else "✗ Hint: not halved")
    except KeyError:
        print("✗ stopped with KeyError")
HALF.check = check
EXERCISES = [HALF]
"""


def exercised(project: Path) -> Path:
    """A notebook of one exercise and what it needs."""
    (project / "lecturekit/exercises").mkdir()
    (project / "lecturekit/exercises/__init__.py").write_text("")
    (project / "lecturekit/exercises/ch01.py").write_text(EXERCISES)
    sources = (
        "from lecturekit.exercises import ch01\nasked = 2",
        "def half(x):\n    return ...  # your turn",
        "ch01.HALF.check(half)",
        "def half(x):\n    return x / asked\n\n\nch01.HALF.check(half)",
    )
    small = notebook(*sources)
    for cell, tags in zip(small.cells, ([], ["exercise"], ["check"], ["solution"]), strict=True):
        cell.metadata.tags = tags
    path = project / "notebooks" / "01_small.ipynb"
    path.parent.mkdir()
    nbformat.write(small, path)
    return path


def test_exercises_are_tried_where_nbval_ran_the_notebook(project):
    for name in ("execute", "dependencies", "keep_nbval", "trials"):
        (project / "tools").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tools" / f"{name}.py", project / "tools")
    path = exercised(project)
    environment = {**os.environ, "PYTHONPATH": f"{project / 'tools'}:{project}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "keep_nbval", "--nbval-lax", str(path)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    ask = (
        "import pathlib, trials; path = pathlib.Path('notebooks/01_small.ipynb')\n"
        "print(trials.kept(path))\n"
        "path.write_text(path.read_text().replace('asked = 2', 'asked = 3'))\n"
        "print(trials.kept(path))\n"
        "print([shown.split()[0] for shown in trials.run(path)])\n"
    )
    command = [sys.executable, "-c", ask]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    first, changed, again = done.stdout.splitlines()
    assert "✓" in first
    assert "not halved" in first
    assert changed == "None"
    assert again == "['✗', '✗', '✗']"  # with asked = 3 the solution halves no more
