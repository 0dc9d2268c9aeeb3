"""The index of the library: read from source and cells, and nothing of the library left out."""

from pathlib import Path

import nbformat
import pytest
from lecturebook import library_index, library_uses
from lecturebook.library_index import ALONE, TOOLS, Index
from lecturebook.library_names import PACKAGE, Library
from lecturebook.library_uses import BESIDES, GIVEN, uses
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]

SUMS = '''"""Sums."""

from .inner import hidden, shown as again

LIMIT = 3
"""What is documented is offered."""
QUIET = 4


def double(x: int, *, times: int = 2) -> int:
    """Twice as much.

    More of it.
    """
    return hidden(x) * times


def _own():
    """Not offered."""


class Both:
    """Two numbers."""

    def __init__(self, a, b=LIMIT):
        self.sum = double(a) + b
'''
INNER = '''
def hidden(x):
    """Stands behind."""
    return x


def shown(x):
    """Stands behind, and is handed on."""
    return x


FAMILY = {"one": shown}
"""A register."""
'''


@pytest.fixture
def library(tmp_path):
    files = {
        "__init__": "",
        "sums": SUMS.replace(".inner", "lecturekit.pack.inner"),
        "pack/__init__": 'from .inner import shown\n\n__all__ = ["shown"]\n',
        "pack/inner": INNER,
        "exercises/ch01/__init__": "def check(): ...\n",
    }
    for name, text in files.items():
        file = tmp_path / PACKAGE / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Library(tmp_path)


def test_what_is_offered(library):
    offered = {name.short: name for name in library.names()}
    assert list(offered) == ["pack.shown", "sums.Both", "sums.LIMIT", "sums.double"]
    assert offered["pack.shown"].home == "lecturekit.pack.inner.shown"
    double = offered["sums.double"]
    assert (double.kind, double.signature, double.says) == (
        "function",
        "x, *, times=2",
        "Twice as much.",
    )
    assert offered["sums.Both"].signature == "a, b=LIMIT"
    assert offered["sums.LIMIT"].says == "What is documented is offered."


def test_what_a_chapter_takes_from_behind_is_offered_too(library):
    wanted = "lecturekit.pack.inner.hidden"
    assert "pack.inner.hidden" in [name.short for name in library.names([wanted])]


def test_one_thing_has_one_home(library):
    for path in ("sums.again", "pack.shown", "pack.inner.shown", "pack.shown.__doc__"):
        assert library.home(f"lecturekit.{path}") == "lecturekit.pack.inner.shown"
    for path in ("pack", "pack.inner", "sums.nothing", "nowhere.shown"):
        assert library.home(f"lecturekit.{path}") is None


def test_who_needs_whom(library):
    assert library.users["lecturekit.pack.inner.hidden"] == {"lecturekit.sums.double"}
    assert library.users["lecturekit.sums.double"] == {"lecturekit.sums.Both"}


IMPORTS = "from lecturekit import pack, sums\nfrom lecturekit.pack import inner"


def found(library, *cells):
    """Short homes of what is built and of what is used."""
    made = [new_markdown_cell("# Title\n\n## First"), new_code_cell(IMPORTS)]
    made += [
        new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell) for cell in cells
    ]
    seen = uses(new_notebook(cells=made), library)
    short = {home.removeprefix("lecturekit."): heading for home, heading in seen.built.items()}
    return short, {home.removeprefix("lecturekit.") for home in seen.used}


BUILT = {
    "a function": "def twice(x): return 2 * x\nassert twice(3) == sums.double(3)",
    "through variables": (
        "def twice(x): ...\nours = twice(3)\ntheirs = sums.double(3)\nassert ours == theirs"
    ),
    "an instance": (
        "class Twice: ...\nours, theirs = Twice(), sums.double\n"
        "assert torch.allclose(ours(x), theirs(x).detach(), atol=1e-6)"
    ),
    "prepared together": (
        "def same(a, b): return a, b\nclass Twice: ...\n"
        "ours, theirs = same(Twice(), sums.double(3))\nassert torch.equal(ours(x), theirs(x))"
    ),
    "a difference": "n = 3\nby_hand = n + n\nassert abs(by_hand - sums.double(n)).max() < 1e-6",
    "worked out": "n = 3\nassert sums.double(n) == 2 * n",
    "each of several": (
        "def twice(x): return 2 * x\nfor n in (1, 2):\n    assert twice(n) == sums.double(n)"
    ),
    "mapped": "def twice(x): ...\nassert all(map(torch.equal, twice(3), sums.double(3)))",
    "all of a comparison": "def twice(x): ...\nassert (twice(3) == sums.double(3)).all()",
    "the same name": "def double(x):\n    return 2 * x",
}


@pytest.mark.parametrize("cell", BUILT.values(), ids=BUILT)
def test_what_counts_as_built(library, cell):
    assert found(library, cell) == ({"sums.double": "First"}, found(library, cell)[1])


NOT_BUILT = {
    "by somebody else": "assert torch.equal(torch.add(3, 3), sums.double(3))",
    "larger": "def twice(x): ...\nassert twice(3) > sums.double(2)",
    "near": "def error(x): ...\nassert error(3) < sums.double(3)",
    "a given number": "assert sums.double(3) == 6",
    "of its arguments": "def twice(x): ...\nn = 3\nassert twice(sums.double(3)) == 4 * n",
    "two answers": "def twice(x): ...\nassert (sums.double(3) > 2) == twice(3)",
}


@pytest.mark.parametrize("cell", NOT_BUILT.values(), ids=NOT_BUILT)
def test_what_does_not(library, cell):
    assert found(library, cell)[0] == {}


def test_exercises_build_nothing_and_use_all(library):
    notebook = new_notebook(
        cells=[
            new_code_cell(IMPORTS),
            new_code_cell("def double(x): return inner.hidden(x)", metadata={"tags": ["solution"]}),
        ]
    )
    seen = uses(notebook, library)
    assert seen.built == {}
    assert seen.used == {"lecturekit.pack.inner.hidden"}


def test_it_is_built_under_the_heading_above(library):
    built, _ = found(library, "### Deeper\n\n# is no heading", BUILT["a function"])
    assert built == {"sums.double": "is no heading"}
    built, _ = found(library, "## Later", BUILT["a function"], "## Last", BUILT["the same name"])
    assert built == {"sums.double": "Later"}


def test_a_register_stands_for_what_it_lists(library):
    cell = "def mine(x): ...\nassert mine(3) == inner.FAMILY['one'](3)"
    assert set(found(library, cell)[0]) == {"pack.inner.FAMILY", "pack.inner.shown"}


@pytest.fixture(scope="module")
def index():
    return Index(ROOT)


def test_every_name_has_a_chapter_or_is_a_tool(index):
    homeless = [entry.name.short for entry in index.entries.values() if not entry.placed]
    assert not homeless, "in no chapter: use it, or say in library_index what it is for"


def test_every_name_says_what_it_is(index):
    assert [n.short for n in index.names if not n.says and n.kind != "value"] == []


def test_no_entry_is_stale(index):
    entries = {entry.name.short: entry for entry in index.entries.values()}
    rooms = {entry.name.room for entry in entries.values() if entry.tool}
    assert set(TOOLS) - rooms == set(), "chapters have all of these rooms"
    alone = {short for short, entry in entries.items() if entry.tool}
    assert set(ALONE) - alone == set(), "gone, or in a chapter now"
    homes = {home.removeprefix(f"{PACKAGE}.") for home in index.entries}
    given = {name for name in GIVEN if "." in name}
    assert given <= homes | {home.rpartition(".")[0] for home in homes}
    assert {name for name in GIVEN if "." not in name} <= {n.room for n in index.names}
    assert set(BESIDES) <= homes


def test_corrections_are_needed(index, monkeypatch):
    """What the rules see by themselves needs no line, and a line that changes nothing may go."""
    monkeypatch.setattr(library_uses, "GIVEN", {})
    monkeypatch.setattr(library_index, "BESIDES", {})
    bare = Index(ROOT)
    seen = {home.removeprefix(f"{PACKAGE}.") for one in bare.uses.values() for home in one.built}
    assert set(BESIDES) & seen == set()
    for name in GIVEN:
        assert any(f"{home}.".startswith(f"{name}.") for home in seen), name


def test_headings_are_there(index):
    for chapter, docname in index.docnames.items():
        notebook = nbformat.read(ROOT / f"{docname}.ipynb", as_version=4)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        for home, heading in index.uses[chapter].built.items():
            assert f"# {heading}\n" in f"{text}\n", home


# Spot checks, by who has read the chapters: what they build, and what they only take.
@pytest.mark.parametrize(
    ("short", "chapter"),
    [
        ("shapes.contiguous_strides", 1),
        ("sampling.multi_view", 2),
        ("models.fusion.LateFusion", 3),
        ("training.fit", 3),
        ("ops.conv3d_unfold", 4),
        ("flow.lucas_kanade", 5),
        ("flow.stack_flow", 6),
        ("ops.inflate", 7),
        ("models.slowfast.SlowFast", 8),
        ("models.attention.Attention", 9),
        ("metrics.nms_1d", 10),
        ("metrics.average_precision", 11),
        ("models.jepa.JEPA", 14),
        ("video.read_frames", None),
        ("puppets.PuppetClips", None),
        ("flow.farneback", None),
    ],
)
def test_where_things_are_built(index, short, chapter):
    (entry,) = (one for one in index.entries.values() if one.name.short == short)
    assert (entry.built[0] if entry.built else None) == chapter
