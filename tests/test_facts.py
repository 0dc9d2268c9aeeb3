"""Quoted figures: each has its source, and no page types one by hand."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from lecturebook.facts import resolve
from pybtex.database import parse_file

from lecturekit import facts

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = [*NOTEBOOKS, *sorted((ROOT / "book").glob("*.md"))]

ROLE = re.compile(r"\{fact\}`([^`]+)`")
# An admonition of class "sources", up to the fence that closes it.
SOURCES_BOX = re.compile(
    r"^(?P<fence>:{3,}|`{3,})\{admonition\}[^\n]*\n(?::[\w-]+:[^\n]*\n)*?:class:[^\n]*\bsources\b"
    r"(?P<text>.*?)^(?P=fence)[ \t]*$",
    flags=re.MULTILINE | re.DOTALL,
)
# What a figure looks like: a percentage, decimals, thousands.
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?\s?%|\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|\d{4,}")
# What is no quoted figure, and nothing else: a role (a figure looked up, a citation), code (a
# number that a cell of the book printed is written as code), a formula, the address of a link, the
# number of a section or an equation, a year.
EXEMPT = re.compile(
    r"\{[\w:-]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|\]\([^)]*\)"
    r"|(?:Sections?|Eqs?\.)\s\d+(?:\.\d+)*(?:(?:,| and) \d+(?:\.\d+)*)*"
    r"|(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d|\s?%)"
)


def prose(page: Path) -> Iterator[tuple[str, str]]:
    """Where a piece of Markdown stands, and its text."""
    if page.suffix == ".md":
        yield page.name, page.read_text(encoding="utf-8")
        return
    for cell in nbformat.read(page, as_version=4).cells:
        if cell.cell_type == "markdown":
            yield f"{page.name}, cell {cell.id}", cell.source


def typed_figures(markdown: str) -> list[str]:
    """The figures in "sources" boxes that are not looked up."""
    boxes = (EXEMPT.sub(" ", match["text"]) for match in SOURCES_BOX.finditer(markdown))
    return [figure for box in boxes for figure in FIGURE.findall(box)]


def box(text: str) -> str:
    return f"Before 1.5.\n\n:::{{admonition}} Title\n:class: sources\n{text}\n:::\n\nAfter 2.5.\n"


@pytest.fixture(scope="module")
def keys() -> set[str]:
    return set(parse_file(str(ROOT / "book" / "references.bib")).entries)


def test_every_figure_has_its_source(keys: set[str]) -> None:
    table = facts.table()
    lines = (ROOT / "lecturekit" / "facts" / "figures.csv").read_text(encoding="utf-8")
    assert len(table) == len(lines.splitlines()) - 1, "an id stands twice"
    for fact in table.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fact.id), fact.id
        assert fact.key in keys, f"{fact.id}: {fact.key} is not in references.bib"
        assert fact.name, fact.id
        assert fact.quantity, fact.id
        assert fact.locator, fact.id
        assert fact.verified in ("yes", "no"), fact.id
        assert math.isfinite(facts.value(fact.id)), fact.id


def test_a_figure_keeps_the_decimals_of_its_source() -> None:
    assert facts.text("k400-i3d-rgb-scratch-carreira2017-top5") == "88.0"
    assert facts.text("k400-clips") == "306,245"
    assert facts.text("r3d-18-torchvision-params") == "33,371,472"
    assert facts.text("slowfast-beta-feichtenhofer2019") == "1/8"
    assert facts.value("slowfast-beta-feichtenhofer2019") == 0.125
    assert facts.value("k400-clips") == 306_245
    assert facts.get("sports1m-late-fusion-karpathy2014-hit1").key == "karpathy2014"


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"'k400-r3d18-vmz-top1'.* k400-r3d-18-16f-vmz-top1"):
        facts.value("k400-r3d18-vmz-top1")


def test_a_difference_has_the_decimals_of_its_figures_and_one_unit() -> None:
    twostream = "ucf101-twostream-svm-simonyan2014-top1", "ucf101-spatial-stream-simonyan2014-top1"
    assert facts.difference(*twostream) == "15.0"
    with pytest.raises(ValueError, match="'h'"):
        facts.difference("k400-clips", "ucf101-hours")


def test_the_role_prints_what_the_table_says() -> None:
    hit1, early = (f"sports1m-{kind}-fusion-karpathy2014-hit1" for kind in ("late", "early"))
    assert resolve(hit1) == ("59.3", [hit1])
    assert resolve(f"59.3 <{hit1}>") == ("59.3", [hit1])
    assert resolve(f"1.6 <{hit1} - {early}>") == ("1.6", [hit1, early])
    for wrong in (f"59.4 <{hit1}>", f"59 <{hit1}>", f"1.5 <{hit1} - {early}>"):
        with pytest.raises(ValueError, match="is printed, but"):
            resolve(wrong)
    with pytest.raises(ValueError, match="neither"):
        resolve(f"{hit1} - {early} - {hit1}")
    with pytest.raises(LookupError, match="no figure"):
        resolve("59.3 <late-fusion>")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_figures_on_the_pages_are_those_of_the_table(page: Path) -> None:
    faults = []
    for place, markdown in prose(page):
        for role in ROLE.findall(markdown):
            try:
                resolve(role)
            except (LookupError, ValueError) as error:
                faults.append(f"{place}: {error}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_no_figure_in_a_sources_box_is_typed(page: Path) -> None:
    typed = [(place, found) for place, text in prose(page) if (found := typed_figures(text))]
    assert not typed, "look these up with {fact}`59.3 <id>`:\n" + "\n".join(
        f"{place}: {', '.join(found)}" for place, found in typed
    )


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Late fusion reached 59.3 there.", ["59.3"]),
        ("From **61.0** to 65.6, or 70 %.", ["61.0", "65.6", "70 %"]),
        ("It has 306,245 clips, or 306245, of 2,000 people.", ["306,245", "306245", "2,000"]),
        ("Of 1133 videos, 8% and 20.5 % are lost.", ["1133", "8%", "20.5 %"]),
        ("In 2014 % of them.", ["2014 %"]),
        ("A year, 2014; {fact}`59.3 <id>`, we counted `40.70` G, {cite}`tran2018`, $a = 0.5$.", []),
        (
            "See Sections 3.1 and 3.2 or Eq. 2.1, [here](https://x.org/1234/5.6), with 16 frames.",
            [],
        ),
    ],
)
def test_typed_figures_are_found_and_no_others(text: str, typed: list[str]) -> None:
    assert typed_figures(box(text)) == typed
    assert typed_figures(box(text).replace(":::", "````")) == typed
    assert typed_figures(box(text).replace("sources", "sources dropdown")) == typed
    assert typed_figures(box(text).replace(":class:", ":name: box\n:class:")) == typed
    assert typed_figures(box(text).replace("sources", "bug")) == []
