"""The base of all explorers: one module, three hosts."""

import importlib
import json
import pkgutil
import re

import pytest

import lecturekit.explorers
from lecturekit.explorers import Explorer

for found in pkgutil.iter_modules(lecturekit.explorers.__path__):
    importlib.import_module(f"lecturekit.explorers.{found.name}")
CLASSES = Explorer.__subclasses__()


@pytest.mark.parametrize("explorer", CLASSES, ids=lambda cls: cls.__name__)
def test_a_module_has_one_export_and_no_import(explorer):
    # The static host turns the export into a return, and a page opened as a file imports nothing.
    assert len(re.findall(r"\bexport\b", explorer._esm)) == 1
    assert "export default" in explorer._esm
    assert not re.search(r"(?m)^\s*import\b|\bimport\(", explorer._esm)


@pytest.mark.parametrize("explorer", CLASSES, ids=lambda cls: cls.__name__)
def test_nothing_is_asked_of_the_network(explorer):
    assert not re.search(r"https?://(?!www\.w3\.org/)|\bfetch\(|XMLHttpRequest", explorer._esm)
    assert "url(http" not in explorer._css
    assert "@import" not in explorer._css


def test_state_that_is_neither_json_nor_bytes_is_refused():
    with pytest.raises(TypeError, match="must be JSON or bytes; got set"):
        json.dumps({1, 2}, default=lecturekit.explorers._encode_bytes)
