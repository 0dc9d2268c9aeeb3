"""The page that lists the library's names, and what each chapter's end says of them.

The directive ``library-index`` writes the list. A chapter ends with a folded list of the names that
it builds and uses, each a link into that page.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from .chapter import is_chapter
from .library_index import TOOLS, Entry, Index
from .library_names import PACKAGE
from .places import chapters, to_place

PAGE = "book/library"
MAX_SIGNATURE = 110
# A module with so many names has a heading of its own.
LARGE = 3
# In docstrings: ``code``, `name`, :func:`name`.
_CODE = re.compile(r"(?::\w+:)?(?P<ticks>``?)(?P<code>[^`]+)(?P=ticks)")


class names_of_chapter(nodes.General, nodes.Element):
    """The folded list at a chapter's end."""


def index_of(app: Sphinx) -> Index:
    """The index, computed once for each build."""
    if not hasattr(app, "lecturebook_index"):
        app.lecturebook_index = Index(Path(app.srcdir))
    return app.lecturebook_index


def sources(root: Path) -> list[Path]:
    return [*root.glob("notebooks/*.ipynb"), *root.glob("lecturekit/**/*.py")]


def identifier(entry: Entry) -> str:
    return "name-" + entry.name.short.replace(".", "-")


class LibraryIndex(SphinxDirective):
    """All names, room by room."""

    def run(self) -> list[nodes.Node]:
        for file in sources(Path(self.env.srcdir)):
            self.env.note_dependency(str(file))
        self.index = index_of(self.env.app)
        rooms: dict[str, dict[str, list[Entry]]] = {}
        for entry in self.index.entries.values():
            module = entry.name.path.rpartition(".")[0]
            rooms.setdefault(entry.name.room, {}).setdefault(module, []).append(entry)
        return [self._room(room, modules) for room, modules in rooms.items()]

    def _room(self, room: str, modules: dict[str, list[Entry]]) -> nodes.section:
        """A room's names, then those of its larger modules, each under a heading of its own."""
        section = self._section(f"{PACKAGE}.{room}")
        if room in TOOLS:
            section += nodes.paragraph("", f"Tools. {TOOLS[room]}", classes=["where"])
        large = {m: e for m, e in modules.items() if len(e) >= LARGE and m != f"{PACKAGE}.{room}"}
        small = [entry for m, entries in modules.items() if m not in large for entry in entries]
        section += [self._list(small)] if small else []
        for module, entries in large.items():
            section += self._section(module)
            section[-1] += self._list(entries)
        return section

    def _section(self, module: str) -> nodes.section:
        short = module.removeprefix(f"{PACKAGE}.")
        section = nodes.section("", nodes.title("", "", nodes.literal("", short)))
        section["ids"] = ["room-" + short.replace(".", "-")]
        section["names"] = []
        if says := self.index.library.modules[module].says:
            section += nodes.paragraph("", "", *self._inline(says))
        return section

    def _list(self, entries: list[Entry]) -> nodes.definition_list:
        items = []
        for entry in entries:
            term = nodes.term("", "", nodes.literal("", entry.name.short), ids=[identifier(entry)])
            if entry.name.kind != "value":
                signature = f"({_shortened(entry.name.signature)})"
                term += nodes.literal("", signature, classes=["signature"])
            lines = [
                nodes.paragraph("", "", *self._inline(entry.name.says)),
                nodes.paragraph("", "", *self._where(entry), classes=["where"]),
            ]
            said = nodes.definition("", *(line for line in lines if line.children))
            items.append(nodes.definition_list_item("", term, said))
        return nodes.definition_list("", *items, classes=["names"])

    def _where(self, entry: Entry) -> list[nodes.Node]:
        """Which chapters have a name, in words."""
        said: list[nodes.Node] = []
        if entry.built:
            chapter, heading = entry.built
            said += [nodes.Text("Built in "), to_place(chapter, heading), nodes.Text(". ")]
        others = [n for n in entry.used if not entry.built or n != entry.built[0]]
        if others:
            said.append(nodes.Text("Used in " if len(others) == 1 else "Used in chapters "))
            for number, chapter in enumerate(others):
                words = None if len(others) == 1 else str(chapter)
                said += [nodes.Text(", " if number else ""), to_place(chapter, words=words)]
            said.append(nodes.Text("."))
        if entry.inside:
            said += [nodes.Text("Part of "), self._link(entry.inside), nodes.Text(".")]
        if not said and entry.name.room not in TOOLS:
            said += self._inline(entry.tool or "In no chapter.")
        return said

    def _link(self, home: str) -> nodes.reference:
        entry = self.index.entries[home]
        code = nodes.literal("", entry.name.short)
        return nodes.reference("", "", code, refid=identifier(entry), internal=True)

    def _inline(self, text: str) -> list[nodes.Node]:
        """A line of a docstring, its code as code."""
        made: list[nodes.Node] = []
        end = 0
        for match in _CODE.finditer(text):
            made += [nodes.Text(text[end : match.start()]), nodes.literal("", match["code"])]
            end = match.end()
        return [*made, nodes.Text(text[end:])]


def _shortened(signature: str) -> str:
    if len(signature) <= MAX_SIGNATURE:
        return signature
    return signature[:MAX_SIGNATURE].rpartition(", ")[0] + ", …"


def _file_names(root: str | Path) -> list[str]:
    return sorted(file.relative_to(root).as_posix() for file in sources(Path(root)))


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Have the page read again when a module or a notebook came or went."""
    known = getattr(env, "lecturebook_sources", None)
    # Noted here, in the process that keeps the environment: pages are read in others.
    env.lecturebook_sources = _file_names(app.srcdir)
    return [PAGE] if PAGE in env.found_docs and known != env.lecturebook_sources else []


def prepare(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Make the index before pages are made side by side: else each process makes its own."""
    if docnames and PAGE in env.found_docs:
        index_of(app)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Keep what a process that read the page by itself has noted."""
    if PAGE in docnames:
        env.lecturebook_sources = other.lecturebook_sources


def place_list(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    section = doctree.next_node(nodes.section)
    if is_chapter(docname) and section is not None:
        index_of(app)  # once, before the processes that write pages part
        section += names_of_chapter()


def visit_list(translator: HTML5Translator, _: names_of_chapter) -> None:
    builder = translator.builder
    docname = builder.current_docname
    numbers = {page: number for number, page in chapters(builder.env).items()}
    built, used = index_of(builder.app).of_chapter(numbers[docname])
    address = builder.get_relative_uri(docname, PAGE) if PAGE in builder.env.found_docs else ""
    translator.body.append(folded_list(built, used, address))
    raise nodes.SkipNode


def folded_list(built: list[Entry], used: list[Entry], address: str) -> str:
    """HTML of a chapter's list; without an address its names are no links."""
    rows = [("Built here", built), ("Used", used)]
    said = "".join(
        f"<dt>{words}</dt><dd>{' '.join(_as_link(one, address) for one in entries)}</dd>"
        for words, entries in rows
        if entries
    )
    if not said:
        return ""
    counts = f"{len(built)} built, {len(used)} used"
    return (
        '<details class="names-here"><summary><code>lecturekit</code> in this chapter: '
        f"{counts}</summary><dl>{said}</dl></details>\n"
    )


def _as_link(entry: Entry, address: str) -> str:
    code = f"<code>{escape(entry.name.short)}</code>"
    return f'<a href="{escape(address)}#{identifier(entry)}">{code}</a>' if address else code


def setup(app: Sphinx) -> None:
    app.add_node(names_of_chapter, html=(visit_list, None))
    app.add_directive("library-index", LibraryIndex)
    app.connect("env-get-outdated", outdated)
    app.connect("env-merge-info", merge)
    app.connect("env-before-read-docs", prepare)
    app.connect("doctree-resolved", place_list)
