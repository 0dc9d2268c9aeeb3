"""Formulas as MathML, written at build time: no script draws them and nothing is fetched."""

import html
import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# docutils knows one environment of aligned lines; numbers come from Sphinx.
_ALIGNED = re.compile(r"\\(begin|end)\{(?:align|split)\*?\}")
_DOTS = re.compile(r"\\dots(?![A-Za-z])")
# TeX parts a function's name from its argument, "log p", but not from a bracket.
_APPLIED = re.compile(r"(<mo>&ApplyFunction;</mo>)(?!\s*<mo[^>]*>[(\[{|])")
_BRACES = re.compile(r"(?<!\\)[{}]")


def to_mathml(latex: str, node: nodes.Element, *, display: bool) -> str:
    """MathML of a formula; what cannot be translated is shown as LaTeX and warned about."""
    source = _ALIGNED.sub(r"\\\1{aligned}", latex.strip())
    # The one command of the book that docutils lacks. TeX sets it with a thin space on each side.
    source = _DOTS.sub(r"\,\\ldots\,", source)
    braces = _BRACES.findall(source)
    try:
        if braces.count("{") != braces.count("}"):
            raise MathError("unbalanced braces")
        mathml = tex2mathml(source, as_block=display)
    except (MathError, AttributeError) as error:
        # An & or a line break outside an environment is met by Python's own error.
        logger.warning("formula %r: %s", latex, error, location=node)
        return f"<code>{html.escape(latex)}</code>"
    mathml = _APPLIED.sub(r'\1<mspace width="0.1667em"></mspace>', mathml)
    # A browser slants a single letter; this sign is upright.
    return mathml.replace("<mi>∇</mi>", '<mi mathvariant="normal">∇</mi>')


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
