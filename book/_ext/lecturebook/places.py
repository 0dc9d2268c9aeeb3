"""Links to places in chapters, by the words of a heading: for pages that look things up.

The role ``{in}`` takes a chapter's number and a heading: ``{in}`5 Drag it` `` links to that section
and prints "chapter 5"; ``{place}`` prints "Chapter 5", ``{section}`` the heading itself. A heading
that is not there is a warning.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

logger = logging.getLogger(__name__)

NO_BREAK = "\u00a0"
_FORMULA_SIGNS = re.compile(r"[$`*\\]")


class place(nodes.Inline, nodes.TextElement):
    """A link to be: ``chapter`` is its number, ``heading`` "" for the whole page."""


class PlaceRole(SphinxRole):
    """Puts a place on the page: by a word for a chapter and its number, or by its heading."""

    def __init__(self, word: str | None) -> None:
        self.word = word

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        number, _, heading = self.text.partition(" ")
        if not number.isdigit():
            logger.warning("%r begins with no chapter", self.text, location=self.get_location())
            return [nodes.Text(self.text)], []
        words = plain(heading) if self.word is None else f"{self.word}{NO_BREAK}{number}"
        node = to_place(int(number), heading.strip(), words)
        self.set_source_info(node)
        return [node], []


def to_place(chapter: int, heading: str = "", words: str | None = None) -> place:
    words = f"chapter{NO_BREAK}{chapter}" if words is None else words
    return place("", words, chapter=chapter, heading=heading)


def chapters(env: BuildEnvironment) -> dict[int, str]:
    """The pages of the book's chapters by number; a book may have few of them."""
    numbered = ((re.match(r"notebooks/(\d+)_", docname), docname) for docname in env.found_docs)
    return {int(match[1]): docname for match, docname in numbered if match}


def anchor(env: BuildEnvironment, docname: str, heading: str) -> str | None:
    """Where on a page a heading stands: "#…", or None."""
    for entry in env.tocs[docname].findall(nodes.reference):
        if plain(entry.astext()) == plain(heading):
            return entry["anchorname"]
    return None


def plain(heading: str) -> str:
    """A heading's words without the signs of formulas and code, however they were written."""
    return " ".join(_FORMULA_SIGNS.sub("", heading).split())


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make links of the places; what is not in this book stays words."""
    pages = chapters(app.env)
    for node in list(doctree.findall(place)):
        target = pages.get(node["chapter"])
        if target is None:
            node.replace_self(nodes.inline("", "", *node.children))
            continue
        found = anchor(app.env, target, node["heading"]) if node["heading"] else ""
        if found is None:
            logger.warning(
                "chapter %d has no heading %r",
                node["chapter"],
                node["heading"],
                location=node,
                type="lecturebook",
                subtype="place",
            )
        address = app.builder.get_relative_uri(docname, target) + (found or "")
        link = nodes.reference("", "", *node.children, refuri=address, internal=True)
        if node["heading"]:
            link["reftitle"] = plain(node["heading"])
        node.replace_self(link)


def setup(app: Sphinx) -> None:
    app.add_node(place)
    app.add_role("in", PlaceRole("chapter"))
    app.add_role("place", PlaceRole("Chapter"))
    app.add_role("section", PlaceRole(None))
    app.connect("doctree-resolved", resolve)
