"""Pages that look things up, in a small book of their own (see ``small_book``)."""

import json
from pathlib import Path

import nbformat
import pytest
import small_book
from bs4 import BeautifulSoup, Tag
from lecturebook import model_costs
from nbformat.v4 import new_code_cell, new_markdown_cell

# The book is built once: by the one worker that has these tests.
pytestmark = pytest.mark.xdist_group("look_up")

LIBRARY = {
    "lecturekit/__init__.py": '"""Small."""\n',
    "lecturekit/ops.py": '''"""Sums."""


def double(x: int) -> int:
    """Twice ``x``; what `halve` takes back."""
    return 2 * x


def halve(x: int) -> int:
    """Half."""
    return checked(x) / 2


def checked(x: int) -> int:
    """A number."""
    return x
''',
}
GLOSSARY = """# Glossary

:::{glossary}
doubling
twice
  To make two of one, as {term}`halving` does not. {place}`7 Sums & more`,
  {section}`7 Sums & more`

halving
  The way back: see {in}`7`, and chapter {in}`99 Nothing`.
:::
"""
PAGES = {
    "book/library.md": "# Library\n\nAll.\n\n```{library-index}\n```\n",
    "book/glossary.md": GLOSSARY,
    "book/models.md": (
        "# Models\n\nAll.\n\n```{models-table}\n```\n\n## Each\n\n```{models-list}\n```\n\n"
        "## Small\n\n```{tiny-models-table}\n```\n"
    ),
    "book/references.md": "# References\n\nAll.\n\n```{bibliography}\n:all:\n```\n",
    "book/references.bib": (
        "@article{tran2018, author = {Tran, Du}, title = {A}, journal = {B}, year = {2018}}\n"
    ),
}
PUBLISHED = {
    "title": "R3D-18",
    "module": "lecturekit.ops",
    "parameters": 33_371_472,
    "macs": 40_700_000_000,
    "inputs": [[3, 16, 112, 112]],
    "source": "tran2018",
    "facts": [None, None],
    "norm_cost": 0,
    "formats": ["torchvision"],
}
OTHER = {**PUBLISHED, "title": "Other", "macs": 1_000_000_000, "formats": [], "module": "none"}
TIMED = {
    "date": "2026-01-02",
    "processor": "a processor",
    "torch": "2.0",
    "models": {
        "r3d_18": {"seconds": 0.8124, "macs": 40_700_000_000},
        "other": {"seconds": 3.0, "macs": 2_000_000_000},  # of another version
    },
}
TINY = {"title": "one frame", "chapter": 3, "parameters": 14_040, "macs": 400_000, "inputs": []}


def toc(*pages: str) -> str:
    look_up = ", ".join(f"{{file: {page}}}" for page in pages)
    return (
        "format: jb-book\nroot: book/index\nparts:\n"
        "- {caption: All, numbered: 1, chapters: [{file: notebooks/07_small}]}\n"
        f"- {{caption: Look up, chapters: [{look_up}]}}\n"
    )


def chapter() -> str:
    notebook = small_book.chapter()
    notebook.cells += [
        new_markdown_cell("## Sums *&* more\n\nTwo of one."),
        new_code_cell("from lecturekit import ops\n\n\ndef twice(x):\n    return x + x"),
        new_code_cell("assert twice(3) == ops.double(3)\nops.halve(6)"),
    ]
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    files = LIBRARY | PAGES | {"notebooks/07_small.ipynb": chapter()}
    files["_toc.yml"] = toc("book/glossary", "book/models", "book/library", "book/references")
    files["book/model_seconds.json"] = json.dumps(TIMED)
    for name in ("lecturekit/ops.py", "lecturekit/__init__.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(files[name])
    counts = {"published": {"r3d_18": PUBLISHED, "other": OTHER}, "tiny": {"one_frame": TINY}}
    kept = {"key": model_costs.key(folder), "models": counts}
    files[model_costs.COUNTS.as_posix()] = json.dumps(kept)
    return small_book.build(folder, files).parents[1]


def soup(site: Path, page: str) -> BeautifulSoup:
    return BeautifulSoup((site / page).read_bytes(), "html.parser")


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def test_the_library_s_names_and_their_chapters(site: Path) -> None:
    page = soup(site, "library.html")
    entries = {words(dt): dt.find_next_sibling("dd") for dt in page.select("dl.names > dt")}
    assert list(entries) == ["ops.checked(x)", "ops.double(x)", "ops.halve(x)"]
    double, halve, checked = (entries[f"ops.{name}(x)"] for name in ("double", "halve", "checked"))
    assert words(double) == "Twice x; what halve takes back. Built in chapter 7."
    assert double.select_one(".where a")["href"] == "notebooks/07_small.html#sums-more"
    assert words(halve) == "Half. Used in chapter 7."
    assert words(checked) == "A number. Part of ops.halve."
    assert checked.a["href"] == "#name-ops-halve"
    assert page.find(id="name-ops-halve").name == "dt"


def test_a_chapter_lists_its_names(site: Path) -> None:
    folded = soup(site, "notebooks/07_small.html").select_one("details.names-here")
    assert words(folded.summary) == "lecturekit in this chapter: 1 built, 1 used"
    said = [words(part) for part in folded.select("dt, dd")]
    assert said == ["Built here", "ops.double", "Used", "ops.halve"]
    assert folded.a["href"] == "../library.html#name-ops-double"


def test_words_lead_to_their_places(site: Path) -> None:
    page = soup(site, "glossary.html")
    assert [words(dt) for dt in page.select("dl.glossary > dt")] == [
        "doubling#",
        "twice#",
        "halving#",
    ]
    first, second = page.select("dl.glossary > dd")
    place = first.find("a", string="Chapter\xa07")
    assert (place["href"], place["title"]) == ("notebooks/07_small.html#sums-more", "Sums & more")
    assert first.find("a", string="Sums & more")["href"] == place["href"]
    assert first.find("a", string="halving")["href"] == "#term-halving"
    assert second.find("a", string="chapter\xa07")["href"] == "notebooks/07_small.html"
    # A chapter that this book does not have is named all the same.
    assert "chapter 99" in words(second)
    assert not second.find("a", string="chapter\xa099")


def test_networks_with_what_was_counted_and_timed(site: Path) -> None:
    page = soup(site, "models.html")
    large, small = page.select("table.sortable")
    rows = [[words(cell) for cell in row.select("td")] for row in large.select("tbody tr")]
    assert rows == [
        ["R3D-18", "33.4", "40.7", "0.81", "7"],
        ["Other", "33.4", "1.0", "—", "—"],  # its time is that of another version
    ]
    assert [words(cell) for cell in small.select("td")] == ["one frame", "14,040", "0.4", "3"]
    assert large.a["href"] == "#model-r3d-18"
    assert page.find(id="model-r3d-18").name == "dt"
    assert "January 2, 2026" in words(page)
    card = words(page.find(id="model-r3d-18").find_next_sibling("dd").parent)
    for said in ("33,371,472", "3 × 16 × 112 × 112", "40.70 G", "Tran", '"torchvision"'):
        assert said in card


def test_search_has_words_names_and_networks(site: Path) -> None:
    script = (site / "_static" / "search-data.js").read_text(encoding="utf-8")
    found = json.loads(script.removeprefix("window.bookSections = ").rstrip(";\n"))
    titles = {address: (title, text) for address, _, title, text in found}
    title, text = titles["glossary.html#term-doubling"]
    assert title == "doubling, twice"
    assert "To make two of one" in text
    assert titles["library.html#name-ops-halve"][0] == "ops.halve"
    assert titles["models.html#model-r3d-18"][0] == "r3d_18"
    # Once, not in the text of the section around it as well.
    assert "To make two of one" not in titles["glossary.html"][1]


def test_a_heading_that_is_gone_stops_the_build(tmp_path: Path) -> None:
    gone = GLOSSARY.replace("Sums & more", "Sums and more")
    more = {"book/glossary.md": gone, "_toc.yml": toc("book/glossary")}
    with pytest.raises(AssertionError, match="chapter 7 has no heading 'Sums and more'"):
        small_book.build(tmp_path, more | {"notebooks/07_small.ipynb": chapter()})
