"""The chapters' notebooks, as stored and as executed."""

import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "notebook_path" in metafunc.fixturenames:
        metafunc.parametrize("notebook_path", NOTEBOOKS, ids=lambda path: path.stem, scope="module")


@pytest.fixture(scope="module")
def notebook(notebook_path: Path) -> nbformat.NotebookNode:
    return nbformat.read(notebook_path, as_version=4)
