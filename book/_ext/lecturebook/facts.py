"""Quoted figures: the role ``{fact}`` takes them from ``lecturekit/facts/figures.csv``.

``{fact}`id` `` prints the figure. ``{fact}`59.3 <id>` `` prints 59.3, which a reader of the raw
notebook sees too, and warns where the table says anything else. ``{fact}`3.8 <id - id>` `` is a
difference of two. The page shows where the figure comes from: ``book.js`` opens the card beside it.
"""

import re
from html import escape
from importlib.resources import files

from docutils import nodes
from pybtex.database import Entry
from pybtex.richtext import Text
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.writers.html5 import HTML5Translator

from lecturekit import facts

logger = logging.getLogger(__name__)

_WITH_TEXT = re.compile(r"(?P<printed>[^<>]+?)\s*<(?P<target>[^<>]+)>")


class fact(nodes.Inline, nodes.TextElement):
    """A quoted figure; ``targets`` are the ids it comes from. Its text is the figure alone."""


def resolve(source: str) -> tuple[str, list[str]]:
    """What a role prints, and the ids of the figures behind it.

    Args:
        source: what stands between the role's backticks.

    Raises:
        LookupError: an id is not in the table.
        ValueError: the number written there is not the table's.
    """
    match = _WITH_TEXT.fullmatch(source.strip())
    target = match["target"] if match else source.strip()
    ids = re.split(r"\s+[-−]\s+", target.strip())
    if len(ids) > 2:
        raise ValueError(f"{target!r} is neither a figure nor a difference of two")
    known = facts.difference(*ids) if len(ids) == 2 else facts.text(ids[0])
    if match and match["printed"] != known:
        raise ValueError(f"{match['printed']} is printed, but {target} is {known}")
    return known, ids


class FactRole(SphinxRole):
    """Puts a figure on the page, or warns that the table has another one."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.env.note_dependency(str(files(facts).joinpath("figures.csv")))
        try:
            printed, ids = resolve(self.text)
        except (LookupError, ValueError) as error:
            logger.warning("%s", error, location=self.get_location(), type="lecturebook")
            return [nodes.Text(self.text)], []
        number = self.env.new_serialno("fact")
        return [fact("", printed, ids=[f"fact-{number}"], targets=ids)], []


def cited_as(entry: Entry) -> str:
    """Who published it, and when or at which commit, as the pages cite it."""
    names = [
        str(Text.from_latex(" ".join(one.prelast_names + one.last_names)))
        for one in entry.persons["author"]
    ]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who}, {entry.fields['year']}"


def reference(env: BuildEnvironment, key: str) -> tuple[str, str, Entry]:
    """The page of a bibliography key, its anchor there and its entry."""
    domain = env.get_domain("cite")
    citation = {citation.key: citation for citation in domain.citations}[key]
    return citation.bibliography_key.docname, citation.citation_id, citation.entry


def description(one: facts.Fact) -> str:
    """One figure in two lines of HTML: what it is, and how it was measured."""
    measured = ", ".join(part for part in (one.dataset, one.split) if part)
    measured = "" if measured == one.name else measured
    setting = "; ".join(part for part in (measured, one.protocol) if part)
    figure = f"{facts.text(one.id)} {one.unit}".strip()
    lines = [f"{escape(one.name)}: {escape(one.quantity)} <b>{escape(figure)}</b>"]
    if setting:
        lines.append(escape(setting))
    return "".join(f"<span>{line}</span>" for line in lines)


def visit_fact(self: HTML5Translator, node: fact) -> None:
    """A link to the reference, which works without a script, and the card that describes it."""
    env, here = self.builder.env, self.builder.current_docname
    cards, address = [], ""
    for one in map(facts.get, node["targets"]):
        page, anchor, entry = reference(env, one.key)
        address = f"{self.builder.get_relative_uri(here, page)}#{anchor}"
        source = f'<a href="{escape(address)}">{escape(cited_as(entry))}</a>'
        locator = escape(f", {one.locator}")
        cards.append(f'{description(one)}<span class="fact-source">{source}{locator}</span>')
    name = node["ids"][0]
    self.body.append(f'<a class="fact" href="{escape(address)}" aria-describedby="{name}">')
    card = '<span class="fact-minus">minus</span>'.join(cards)
    node["card"] = f'<span class="fact-card" id="{name}" popover="manual">{card}</span>'


def depart_fact(self: HTML5Translator, node: fact) -> None:
    self.body.append(f"</a>{node['card']}")


def setup(app: Sphinx) -> None:
    app.add_node(fact, html=(visit_fact, depart_fact))
    app.add_role("fact", FactRole())
