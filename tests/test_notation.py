"""The notation page has every letter that a chapter's formulas have."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "book" / "notation.md").read_text(encoding="utf-8")
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
# Words inside formulas, and commands that are no letters of their own.
WORDS = re.compile(r"\\(?:text|mathrm|operatorname|begin|end|tag)\{[^}]*\}")
GREEK = (
    "alpha beta gamma delta epsilon eta theta kappa lambda mu rho sigma tau varphi phi psi omega"
)
CAPITALS = "Delta Gamma Theta Lambda Sigma Phi Psi Omega nabla"
NAMED = {f"\\{name}" for name in (GREEK + " " + CAPITALS).split()}


def letters(text):
    """The letters of all formulas of a text, Greek ones by their command."""
    found = set()
    for match in FORMULA.finditer(text):
        formula = WORDS.sub("", match[1] or match[2])
        for letter in re.findall(r"\\[A-Za-z]+|[A-Za-z]", formula):
            if len(letter) == 1 or letter in NAMED:
                found.add(letter)
    return found


def told(text):
    """The letters of the page's tables, with those of the axes, which it writes as code."""
    return letters(text) | set("bcthw")


@pytest.mark.parametrize("file", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda f: f.stem)
def test_it_has_all_letters_of_a_chapter(file):
    cells = nbformat.read(file, as_version=4).cells
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    text = "\n".join(prose).partition("\n## Exercises")[0]
    assert letters(text) - told(PAGE) == set()


def rows():
    """The table of letters: what it says of each letter, by chapter."""
    table = PAGE.partition("## Letters in formulas")[2].partition("\n\nA dash")[0]
    letter = ""
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and "---" not in line and cells[0] != "Letter":
            letter = cells[0].strip("| ") or letter
            yield letter, cells[1], cells[2]


@pytest.mark.parametrize(("letter", "chapters", "meaning"), list(rows()))
def test_a_chapter_that_it_names_has_the_letter(letter, chapters, meaning):
    if chapters == "all":
        return
    for chapter in map(int, chapters.split(",")):
        (file,) = (ROOT / "notebooks").glob(f"{chapter:02}_*.ipynb")
        cells = nbformat.read(file, as_version=4).cells
        text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
        used = letters(text) | set(re.findall(r"(?<!\w)[A-Z](?!\w)", text))
        wanted = letters(letter) - set("kthwscfiq") if "_" in letter else letters(letter)
        assert wanted <= used
