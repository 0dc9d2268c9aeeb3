"""The text of the book, section by section, as a script that the search page loads.

Why not Sphinx's own search: to quote from a page that it found it fetches the page, which a browser
refuses a page opened as a file ("Failed to fetch"), so that results there have no text; and it does
not find Farnebäck for a reader who types Farneback. The price is size: with the text in it this
index has three times the bytes of Sphinx's index and scripts (with six chapters 112 KB against 34,
compressed). Only the search page loads it.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

# Not words: markup for browsers, formulas, and what a kernel sent for other programs to draw.
_SKIPPED = (nodes.raw, nodes.math, nodes.math_block, nodes.comment, nodes.image)


def words(node: nodes.Node) -> Iterator[str]:
    """The text below a node that stands on the page, without that of sections inside it."""
    if isinstance(node, nodes.Text):
        yield node.astext()
        return
    for child in node.children:
        if isinstance(child, (nodes.section, nodes.title, *_SKIPPED)) or _is_entry(child):
            continue
        if isinstance(child, nodes.Element) and child.get("mime_type", "text/plain") != (
            "text/plain"
        ):
            continue
        yield from words(child)


def sections(doctree: nodes.document) -> Iterator[tuple[str, str, str]]:
    """Anchor, title and text of each section of a page; the page's own has no anchor.

    What stands in a list of definitions with a place of its own is a section too: a word of the
    glossary, a name of the library.
    """
    for number, section in enumerate(doctree.findall(nodes.section)):
        title = section.next_node(nodes.title)
        # A space between blocks, none inside: a word may be marked up in its middle.
        blocks = ("".join(words(child)) for child in section.children if _is_block(child))
        text = " ".join(" ".join(blocks).split())
        anchor = f"#{section['ids'][0]}" if number else ""
        yield anchor, title.astext() if title else "", text
    for entry in doctree.findall(_is_entry):
        terms = [child for child in entry.children if isinstance(child, nodes.term)]
        text = " ".join(" ".join(words(entry)).split())
        yield f"#{terms[0]['ids'][0]}", ", ".join(map(_name, terms)), text


def _is_entry(node: nodes.Node) -> bool:
    item = isinstance(node, nodes.definition_list_item)
    return item and isinstance(node[0], nodes.term) and bool(node[0]["ids"])


def _name(term: nodes.term) -> str:
    """Without the arguments that may stand behind a name."""
    code = term.next_node(nodes.literal)
    return (code or term).astext()


def _is_block(node: nodes.Node) -> bool:
    return not isinstance(node, (nodes.section, nodes.title, *_SKIPPED))


def write_index(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    entries = []
    for docname in sorted(app.env.found_docs):
        page = app.env.titles[docname].astext()
        for anchor, title, text in sections(app.env.get_doctree(docname)):
            entries.append([app.builder.get_target_uri(docname) + anchor, page, title, text])
    script = f"window.bookSections = {json.dumps(entries, ensure_ascii=False)};\n"
    Path(app.outdir, "_static", "search-data.js").write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", write_index)
