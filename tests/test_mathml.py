"""Formulas as the pages carry them."""

import sys
from pathlib import Path

import pytest
from docutils import nodes

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))

from lecturebook.mathml import to_mathml


def mathml(latex: str, *, display: bool = False) -> str:
    return to_mathml(latex, nodes.math("", latex), display=display)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\mathrm{d}", '<mi mathvariant="normal">d</mi>'),
        (r"\nabla I", '<mi mathvariant="normal">∇</mi>'),
        (r"1, \dots, n", "<mi>…</mi>"),
        (r"\operatorname{softmax}(x)", '<mi mathvariant="normal">softmax</mi>'),
        (r"-\log p", "</mo><mspace"),
    ],
)
def test_a_formula_is_written_with_upright_names_and_signs(latex, expected):
    assert expected in mathml(latex)


def test_a_name_keeps_close_to_its_bracket():
    assert "mspace" not in mathml(r"\log (p)")


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{align*} a &= b \\ c &= d \end{align*}",
        r"\begin{split} a &= b \\ c &= d \end{split}",
        r"a &= b \\ c &= d",
    ],
)
def test_lines_are_aligned_at_their_sign(latex):
    written = mathml(latex, display=True)
    assert 'class="ams-align"' in written
    assert written.count("<mtd>") == 4


@pytest.mark.parametrize(
    "latex", [r"\foo x", r"\frac{1", "x}", "a & b", r"a \\ b", r"\begin{what} x \end{what}"]
)
def test_what_is_not_understood_is_shown_as_written(latex):
    # And warned about, which stops the build.
    assert mathml(latex).startswith("<code>")
