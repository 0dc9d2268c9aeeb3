"""The chapters' notebooks, as stored and as executed."""

import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import execute  # noqa: E402
import trials  # noqa: E402

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "notebook_path" in metafunc.fixturenames:
        # What a notebook's tests share, above all its run, is made by one worker.
        paths = [
            pytest.param(path, id=path.stem, marks=pytest.mark.xdist_group(path.stem))
            for path in NOTEBOOKS
        ]
        metafunc.parametrize("notebook_path", paths, scope="module")


@pytest.fixture(scope="module")
def notebook(notebook_path: Path) -> nbformat.NotebookNode:
    return nbformat.read(notebook_path, as_version=4)


@pytest.fixture(scope="module")
def executed(notebook_path: Path) -> nbformat.NotebookNode:
    """The notebook as the book shows it: nbval's run of it, or the book's own executor's."""
    ran, _ = execute.execute(notebook_path, execute.open_cache())
    return ran


@pytest.fixture(scope="module")
def tried(notebook_path: Path) -> list[str]:
    """What the trials of the exercises printed: in nbval's run of the notebook, or in one more."""
    return trials.kept(notebook_path) or trials.run(notebook_path)
