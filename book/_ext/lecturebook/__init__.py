"""The book's own Sphinx extension: what turns chapters into light pages that need no network.

==============  ==================================================================
``chapter``     the cost card under a chapter's title
``numbering``   a chapter's number, from its file's name
``reading``     how long a chapter takes its reader
``folds``       hidden cells that say what they hold, and asides
``facts``       quoted figures, looked up and shown with their source
``figures``     figures as WebP, with their size and a warning where alt text is missing
``mathml``      formulas as MathML
``markup``      how all else is written: copy buttons, scrolling tables, plain code
``pages``       what the templates in ``book/_templates`` print around a page's text
``places``      links to sections of chapters, by their headings
``library``     the index of the library's names, and each chapter's list of them
``models``      the page of the published networks
``self_test``   the questions of ``book/self_test``, one file a chapter
``search``      the text that ``book/_static/search.js`` looks through
``speed``       all cores; what is looked up once stays known
``assets``      one small stylesheet; nothing in ``_static`` that no page asks for
==============  ==================================================================
"""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.util.osutil import os_path

from . import (
    assets,
    chapter,
    facts,
    figures,
    folds,
    library,
    mathml,
    models,
    numbering,
    pages,
    places,
    search,
    self_test,
    speed,
)
from .markup import CodeFormatter, PageTranslator

# An address that no repository has: links are written with it, but nothing claims to live there.
PLACEHOLDER = "https://github.com/example/"


class FlatHTMLBuilder(StandaloneHTMLBuilder):
    """Writes the prose pages of ``book/`` at the top of the site: the cover is ``index.html``."""

    default_translator_class = PageTranslator

    def init_highlighter(self) -> None:
        super().init_highlighter()
        self.highlighter.formatter = CodeFormatter

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        return quote(docname.removeprefix("book/")) + self.link_suffix

    def get_outfilename(self, pagename: str) -> str:
        return str(Path(self.outdir, os_path(pagename.removeprefix("book/")) + self.out_suffix))


def configure(app: Sphinx, config: Config) -> None:
    """Settle what ``_config.yml`` cannot say, before any other extension reads it."""
    # Jupyter Book hands the repository to its own theme's options, which `basic` does not have.
    options = config.html_theme_options
    config.lecturebook_repository = options.get("repository_url", "").rstrip("/")
    config.lecturebook_branch = options.get("repository_branch", "main")
    config.html_theme_options = {}
    if not config.html_baseurl and not config.lecturebook_repository.startswith(PLACEHOLDER):
        owner, _, name = config.lecturebook_repository.removeprefix(
            "https://github.com/"
        ).partition("/")
        config.html_baseurl = f"https://{owner.lower()}.github.io/{name}/"

    # A change of this extension changes every page.
    code = sorted(Path(__file__).parent.glob("*.py"))
    config.lecturebook_code = hashlib.sha256(b"".join(f.read_bytes() for f in code)).hexdigest()


def own_search_page(app: Sphinx) -> None:
    """Leave out Sphinx's search: its results fetch pages, which a page opened as a file may not."""
    app.builder.search = False


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    app.add_config_value("lecturebook_repository", "", "html")
    app.add_config_value("lecturebook_branch", "main", "html")
    app.add_config_value("lecturebook_code", "", "env")
    app.add_builder(FlatHTMLBuilder, override=True)
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", own_search_page)
    # Links to places are made before `assets`, and after `library` and others have put them there.
    parts = (
        mathml,
        facts,
        figures,
        folds,
        chapter,
        library,
        models,
        numbering,
        pages,
        places,
        search,
        self_test,
        speed,
    )
    for part in (*parts, assets):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
