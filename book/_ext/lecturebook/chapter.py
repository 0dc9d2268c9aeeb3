"""The cost card: what a chapter takes to read and to run, measured when the book was built."""

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

from .icons import ICONS
from .reading import Reading, reading

logger = logging.getLogger(__name__)

FOLDER = "notebooks/"


class cost_card(nodes.General, nodes.Element):
    """The card's place, under the title."""


@dataclass(frozen=True)
class Chapter:
    """Where one chapter's notebook is, here and elsewhere."""

    docname: str
    repository: str
    branch: str

    @property
    def colab_url(self) -> str:
        repository = self.repository.removeprefix("https://github.com/")
        return (
            "https://colab.research.google.com/github/"
            f"{repository}/blob/{self.branch}/{self.docname}.ipynb"
        )


def is_chapter(docname: str) -> bool:
    return docname.startswith(FOLDER)


def cost_file(app: Sphinx, docname: str) -> Path:
    return Path(app.confdir, "_build", "cost", docname.removeprefix(FOLDER) + ".json")


def depend_on_cost(app: Sphinx, doctree: nodes.document) -> None:
    """Have a chapter written again when its measured cost has changed."""
    docname = app.env.docname
    if not is_chapter(docname):
        return
    if (file := cost_file(app, docname)).is_file():
        app.env.note_dependency(str(file))
    else:
        logger.warning("no cost measured; run `make book`, or tools/execute.py", location=docname)


def place_card(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    title = doctree.next_node(nodes.title)
    if is_chapter(docname) and title:
        title.parent.insert(title.parent.index(title) + 1, cost_card())


def visit_card(translator: HTML5Translator, _: cost_card) -> None:
    builder = translator.builder
    docname, config = builder.current_docname, builder.config
    this = Chapter(docname, config.lecturebook_repository, config.lecturebook_branch)
    download = relative_uri(builder.get_target_uri(docname), f"_sources/{docname}.ipynb")
    translator.body.append(card(builder.app, this, download))
    raise nodes.SkipNode


def lecture_metadata(env: BuildEnvironment, docname: str) -> dict[str, Any]:
    """The notebook's own ``metadata.lecture``."""
    found = env.metadata.get(docname, {}).get("lecture", {})
    return json.loads(found) if isinstance(found, str) else dict(found)


def card(app: Sphinx, chapter: Chapter, download_url: str) -> str:
    """HTML of the card."""
    file = cost_file(app, chapter.docname)
    cost = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    lecture = lecture_metadata(app.env, chapter.docname)
    notebook = nbformat.read(app.env.doc2path(chapter.docname), as_version=4)
    rows = reading_rows(reading(notebook))
    if "seconds" in cost:
        rows.append(("Run", f"{_duration(cost['seconds'])} on the CPU"))
    if "peak_memory_mb" in cost:
        rows.append(("Memory", f"{_memory(cost['peak_memory_mb'])} at most"))
    rows.append(("Downloads", lecture.get("downloads", "none")))
    rows.append(("GPU", lecture.get("gpu", "not needed")))
    if needs := lecture.get("requires"):
        rows.append(("You need", needs))
    cells = "".join(f"<div><dt>{escape(a)}</dt><dd>{escape(b)}</dd></div>" for a, b in rows)
    if commit := cost.get("commit"):
        cells += f"<div><dt>Commit</dt><dd>{_commit(chapter.repository, commit)}</dd></div>"
    return f"""
<section class="cost-card" aria-label="What this chapter takes">
<dl>{cells}</dl>
<p class="cost-actions">
<a class="button" href="{escape(chapter.colab_url)}">{ICONS["colab"]}Open in Colab</a>
<a class="button" href="{escape(download_url)}" download>{ICONS["download"]}Download notebook</a>
</p>
</section>"""


def reading_rows(found: Reading) -> list[tuple[str, str]]:
    """What the card says of a chapter's reader."""
    rows = [("Read", f"{found.text.minutes:.0f} min")]
    if found.exercise_minutes:
        rows.append(("Exercises", f"{found.exercise_minutes:.0f} min"))
    if found.asides.minutes >= 0.5:
        rows.append(("Asides", f"{found.asides.minutes:.0f} min more"))
    return rows


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def _memory(megabytes: float) -> str:
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"


def _commit(repository: str, commit: str) -> str:
    code = f"<code>{escape(commit)}</code>"
    known = all(c in "0123456789abcdef" for c in commit)
    return f'<a href="{escape(repository)}/commit/{commit}">{code}</a>' if known else code


def setup(app: Sphinx) -> None:
    app.add_node(cost_card, html=(visit_card, None))
    app.connect("doctree-read", depend_on_cost)
    app.connect("doctree-resolved", place_card)
