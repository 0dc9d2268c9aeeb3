"""Formulas as MathML, written at build time: no script draws them and nothing is fetched."""

import html
import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


# What latex2mathml calls the environments that authors use; numbers come from Sphinx, not from it.
_ENVIRONMENTS = {"align": "align*", "aligned": "align*", "equation": "", "equation*": ""}
_SUPPORTED = {"align*", "split", "cases", "array", "matrix", "bmatrix", "pmatrix", "vmatrix"}
# Traces in its output of LaTeX that it did not understand.
_FAULTS = {
    r">(\\[A-Za-z]+)<": "unknown command",
    r"<m[io]>&<": "an & outside an environment that latex2mathml knows",
    r'linebreak="newline"': "a line break outside an environment that latex2mathml knows",
}


def to_mathml(latex: str, node: nodes.Element, *, display: bool) -> str:
    """MathML of a formula; what cannot be translated is shown as LaTeX and warned about."""
    source, faults = prepare(latex.strip(), display=display)
    try:
        mathml = convert(source, display="block" if display else "inline")
    except Exception as error:
        # The library raises its own errors and, on some input, Python's.
        mathml, faults = "", [*faults, f"{type(error).__name__} {error}"]
    faults += [
        f"{fault} {re.search(trace, mathml)[0]}"
        for trace, fault in _FAULTS.items()
        if re.search(trace, mathml)
    ]
    if faults:
        logger.warning("formula %r: %s", latex, "; ".join(faults), location=node)
        return f"<code>{html.escape(latex)}</code>"
    return mathml


def prepare(source: str, *, display: bool) -> tuple[str, list[str]]:
    """LaTeX as latex2mathml reads it right, and what is wrong with it in any case."""
    if display and r"\\" in source and r"\begin" not in source:
        source = rf"\begin{{split}}{source}\end{{split}}"

    def renamed(match: re.Match[str]) -> str:
        name = _ENVIRONMENTS.get(match[2], match[2])
        return rf"\{match[1]}{{{name}}}" if name else ""

    source = re.sub(r"\\(begin|end)\{([a-z*]+)\}", renamed, source)
    # It sets a single upright letter in italics.
    source = re.sub(r"\\mathrm\{([A-Za-z])\}", r"\\text{\1}", source)
    used = set(re.findall(r"\\begin\{([a-z*]+)\}", source))
    faults = [f"unsupported environment {name}" for name in sorted(used - _SUPPORTED)]
    bare = re.sub(r"\\[{}]", "", source)
    if bare.count("{") != bare.count("}"):
        faults.append("unbalanced braces")
    return source, faults


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(to_mathml(node.astext(), node, display=False))
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math-block"))
    translator.body.append('<div class="math-scroll">')
    translator.body.append(to_mathml(node.astext(), node, display=True))
    translator.body.append("</div>")
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
