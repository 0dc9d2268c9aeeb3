"""The page of models: the directives ``models-table`` and ``models-list`` write the register.

Every number is counted or was timed (``model_costs``), or is a quoted figure. What a directive
makes is Markdown, so that figures, citations and links are what they are on any other page.
"""

import datetime
from collections import Counter
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lecturekit import facts

from . import model_costs
from .library import index_of, sources
from .library_index import Index

HEAD = """
| Network | Parameters (M) | Multiply–adds (G) | Seconds | Chapter |
| --- | ---: | ---: | ---: | ---: |
"""
TINY_HEAD = """
| Network | Parameters | Multiply–adds (M) | Chapter |
| --- | ---: | ---: | ---: |
"""


Models = dict[str, dict[str, Any]]


class _OfModels(SphinxDirective):
    """What the directives need."""

    which = "published"

    def models(self) -> Models:
        root = Path(self.env.srcdir)
        for file in [*sources(root), root / model_costs.SECONDS]:
            self.env.note_dependency(str(file))
        self.index = index_of(self.env.app)
        return model_costs.counted(root)[self.which]


class ModelsTable(_OfModels):
    """One line for each network; a reader may sort it."""

    def run(self) -> list[nodes.Node]:
        models = self.models()
        timed = model_costs.timed(Path(self.env.srcdir))
        made = self.parse_text_to_nodes(table(models, timed, self.index))
        for body in (found for part in made for found in part.findall(nodes.tbody)):
            body.parent.parent["classes"].append("sortable")
            for line, name in zip(body.children, models, strict=True):
                words = line.next_node(nodes.paragraph)
                link = nodes.reference("", "", *words.children, refid=identifier(name))
                words.children = []
                words += link
        return made


class TinyTable(_OfModels):
    """The same for the small ones that learn on two cores."""

    which = "tiny"

    def run(self) -> list[nodes.Node]:
        lines = [TINY_HEAD.strip()]
        for one in self.models().values():
            macs = f"{one['macs'] / 1e6:.1f}"
            lines.append(f"| {one['title']} | {one['parameters']:,} | {macs} | {one['chapter']} |")
        made = self.parse_text_to_nodes("\n".join(lines))
        for found in (found for part in made for found in part.findall(nodes.table)):
            found["classes"].append("sortable")
        return made


class ModelsList(_OfModels):
    """Each network by itself."""

    def run(self) -> list[nodes.Node]:
        lines = [
            line for name, one in self.models().items() for line in card(name, one, self.index)
        ]
        made = self.parse_text_to_nodes("\n".join(lines))
        for names in (found for part in made for found in part.findall(nodes.definition_list)):
            names["classes"].append("names")
            for term in names.findall(nodes.term):
                term["ids"] = [identifier(term.next_node(nodes.literal).astext())]
        return made


def identifier(name: str) -> str:
    return f"model-{name.replace('_', '-')}"


def table(models: Models, timed: dict[str, Any], index: Index) -> str:
    """The Markdown of the table, and how its times were taken."""
    rows = [row(one, timed["models"].get(name), index) for name, one in models.items()]
    day = datetime.date.fromisoformat(timed["date"])
    how = (
        "*Seconds*: one forward pass of one input, on one core of the machine that wrote this book "
        f"(it calls its processor {timed['processor']}), float32, torch {timed['torch']}, measured "
        f"on {day:%B} {day.day}, {day.year}, by `benchmarks/published.py`. Yours will differ; what "
        "one network takes over what another takes, less so."
    )
    return "\n".join([HEAD.strip(), *rows, "", how])


def row(one: dict[str, Any], timed: dict[str, Any] | None, index: Index) -> str:
    """A time counts for the network that was timed: one that does other work now has none."""
    known = timed is not None and timed["macs"] == one["macs"]
    cells = [
        one["title"],
        f"{one['parameters'] / 1e6:.1f}",
        f"{one['macs'] / 1e9:.1f}",
        short(timed["seconds"]) if known else "—",
        str(home_chapter(index, one["module"]) or "—"),
    ]
    return f"| {' | '.join(cells)} |"


def card(name: str, one: dict[str, Any], index: Index) -> list[str]:
    """A network by itself: what is counted, what the source prints, how weights come in."""
    chapter = home_chapter(index, one["module"])
    parameters, macs = map(in_source, one["facts"])
    if one["norm_cost"] and macs:
        macs += (
            f" It counts {one['norm_cost']} operations more for each number out of a batch norm."
        )
    inputs = " and ".join(f"`{' × '.join(map(str, shape))}`" for shape in one["inputs"])
    axes = "c h w" if len(one["inputs"][0]) == 3 else "c t h w"
    said = [
        f"Parameters: {one['parameters']:,}.{parameters}",
        f"One input, `{axes}`: {inputs}.",
        f"Multiply–adds: {one['macs'] / 1e9:.2f} G.{macs}",
        f"Published by {{cite:t}}`{one['source']}`."
        + (f" Its kind is built in {{in}}`{chapter}`." if chapter else ""),
        weights(name, one["formats"]),
    ]
    return [f"`{name}` {one['title']}", *(f": {line}\n" for line in said), ""]


def in_source(fact: str | None) -> str:
    """What the source prints, as it prints it."""
    if fact is None:
        return ""
    unit = {"M": " M", "GFLOPs": " G"}.get(facts.get(fact).unit, "")
    return f" The source prints {{fact}}`{fact}`{unit}."


def weights(name: str, formats: list[str]) -> str:
    if not formats:
        return "Weights: no published file that we know has this network's names."
    model = f'PUBLISHED["{name}"].make()'
    ways = [f'`load_published({model}, "weights.pth", "{one}")`' for one in formats]
    return "Weights: " + " or ".join(ways)


def home_chapter(index: Index, module: str) -> int | None:
    """The chapter that a network's file belongs to: the one that has most of its names."""
    found: Counter[int] = Counter()
    for entry in index.entries.values():
        if entry.name.home.rpartition(".")[0] == module:
            found.update(entry.used)
            # What a chapter builds says more than what it borrows.
            found.update([entry.built[0]] * 2 if entry.built else [])
    return min(found, key=lambda chapter: (-found[chapter], chapter), default=None)


def short(seconds: float) -> str:
    """Two digits that count."""
    return f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}"


def setup(app: Sphinx) -> None:
    app.add_directive("models-table", ModelsTable)
    app.add_directive("models-list", ModelsList)
    app.add_directive("tiny-models-table", TinyTable)
