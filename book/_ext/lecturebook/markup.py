"""How pages are written: Sphinx's translator and Pygments' formatter, where our pages differ."""

from collections.abc import Iterator
from typing import Any, TextIO

from docutils import nodes
from pygments.formatters import HtmlFormatter
from pygments.token import Name, Operator, Punctuation, Text, Whitespace, _TokenType
from sphinx.writers.html5 import HTML5Translator

# Names, signs and spaces get no colour, so they need no element: they would be most of a chapter's
# elements, and each one costs a phone time.
UNCOLOURED = {Name, Operator, Punctuation, Whitespace}
COPY_BUTTON = '<button type="button" class="copy-button" aria-label="Copy code">Copy</button>'
# A short piece of code, such as `t h w c`, stays on one line.
SHORT_WORDS, SHORT_LETTERS = range(2, 6), 12


class CodeFormatter(HtmlFormatter):
    """Code with as few elements as its colours need; with ``copy_button``, one to copy it."""

    def __init__(self, *, copy_button: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.copy_button = copy_button

    def format_unencoded(
        self, tokensource: Iterator[tuple[_TokenType, str]], outfile: TextIO
    ) -> None:
        plain = ((Text if kind in UNCOLOURED else kind, text) for kind, text in tokensource)
        super().format_unencoded(plain, outfile)

    def wrap(self, source: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        if self.copy_button:
            yield 0, COPY_BUTTON
        yield from super().wrap(source)


class PageTranslator(HTML5Translator):
    """Writes a page's text; what it mends is said at each method."""

    def starttag(
        self, node: nodes.Node, tagname: str, suffix: str = "\n", empty: bool = False, **atts: Any
    ) -> str:
        """Say which page of the contents is shown; a part's name there is no heading."""
        if isinstance(node, nodes.reference) and "current" in node["classes"]:
            atts["aria-current"] = "page"
        atts.pop("ROLE", None)
        return super().starttag(node, tagname, suffix, empty, **atts)

    def emptytag(self, node: nodes.Node, tagname: str, suffix: str = "\n", **atts: Any) -> str:
        """Give a picture what ``figures`` found out about it."""
        if isinstance(node, nodes.image):
            atts |= node.get("html_attributes", {})
        return super().emptytag(node, tagname, suffix, **atts)

    def visit_literal_block(self, node: nodes.literal_block) -> None:
        """Put a button on each piece of code, but not on what it printed."""
        printed = any("output" in name for name in node["classes"])
        node["highlight_args"] = {**node.get("highlight_args", {}), "copy_button": not printed}
        super().visit_literal_block(node)

    def visit_literal(self, node: nodes.literal) -> None:
        words = node.astext().split()
        if len(words) in SHORT_WORDS and max(map(len, words)) <= SHORT_LETTERS:
            node["classes"].append("short")
        super().visit_literal(node)

    def visit_table(self, node: nodes.table) -> None:
        """Let a wide table scroll by itself; the page does not."""
        self.body.append('<div class="table-scroll">')
        super().visit_table(node)

    def depart_table(self, node: nodes.table) -> None:
        super().depart_table(node)
        self.body.append("</div>\n")

    def visit_citation(self, node: nodes.citation) -> None:
        """Leave out the roles: one is deprecated, and without it there is no list's item."""
        if not isinstance(node.previous_sibling(), nodes.citation):
            self.body.append('<div class="citation-list">\n')
        self.body.append(self.starttag(node, "div", classes=[node.tagname]))
