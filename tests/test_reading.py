"""Reading times, counted by hand."""

import nbformat
import pytest
from lecturebook.reading import reading
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def count(*cells):
    notebook = new_notebook(cells=list(cells))
    nbformat.validate(notebook)
    return reading(notebook)


def code(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


PROSE = """# Two words

One *two* `three four`, $x + y = z$ — a [link here](https://example.org/not/read)
and {cite:p}`tran2015`. ![Not read](x.png)

| a | b c |
|---|---|
| 1 | 2 |

% not read
"""


def test_words_are_what_a_reader_sees():
    # 2 + (One two three four, one formula, a link here) 8 + (and, one citation) 2 + table 5.
    assert count(new_markdown_cell(PROSE)).text.words == 17


def test_lines_of_code_and_of_displayed_formulas():
    formula = "$$\n\\begin{aligned}\na &= b \\\\\n  &= c\n\\end{aligned}\n$$"
    listing = "```python\none\n\ntwo\n```"
    found = count(new_markdown_cell(f"{formula}\n\n{listing}"), code("a = 1\n\n\nb = 2\nc = 3"))
    assert (found.text.words, found.text.lines) == (0, 2 + 2 + 3)
    assert found.text.minutes == 7 / 12


def test_an_open_box_is_read_and_a_folded_one_is_an_aside():
    box = ":::{admonition} Its title\n:class: CLASS\nBody of five more words.\n\n$$\nx\n$$\n:::"
    found = count(new_markdown_cell("Before.\n\n" + box.replace("CLASS", "prediction")))
    assert (found.text.words, found.text.lines, found.asides.minutes) == (1 + 2 + 5, 1, 0)
    found = count(new_markdown_cell("Before.\n\n" + box.replace("CLASS", "dropdown aside")))
    assert (found.text.words, found.text.lines) == (1, 0)
    assert (found.asides.words, found.asides.lines) == (2 + 5, 1)


def test_what_is_inside_a_folded_box_is_folded_too():
    inner = ":::{admonition} A\n:class: bug\nB c.\n:::"
    found = count(new_markdown_cell(f"::::{{admonition}} T\n:class: dropdown\n{inner}\n::::"))
    assert (found.text.words, found.asides.words) == (0, 4)


def test_hidden_cells_are_apart():
    found = count(
        code("a\nb", "hide-cell"),
        code("a\nb\nc", "hide-input"),
        code("a", "aside", "hide-cell"),
    )
    assert (found.text.lines, found.asides.lines) == (0, 4)


def test_exercises_are_read_and_solved():
    stub = "def f(x):\n    return ...  # your turn"
    long = "def f(x):\n    a = x\n    b = a\n    c = b\n\n    return c\n\n\nch01.F.check(f)"
    short = "def f(x):\n    return x\n\n\nch01.F.check(f)"
    found = count(
        new_markdown_cell("# Title\n\nText.\n\n## Exercises\n\n### 1. Do it\n\nNow."),
        *(code(stub, "exercise"), code("ch01.F.check(f)", "check")),
        code(long, "solution", "hide-cell"),
        *(code(stub, "exercise"), code("ch01.F.check(f)", "check")),
        code(short, "solution", "hide-cell"),
        new_markdown_cell("Still an exercise.\n\n## Remember\n\nThis too."),
    )
    assert found.text.words == 2 + 1 + 2
    assert (found.exercises.words, found.exercises.lines) == (1 + 3 + 1 + 3, 6)
    # Four lines are new in the long solution; the short one gets the three minutes of each.
    assert found.exercise_minutes == pytest.approx(8 / 180 + 6 / 12 + 4 + 3)
