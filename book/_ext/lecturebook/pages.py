"""What the templates print around a page's text: descriptions, links, contents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment.adapters.toctree import TocTree

from . import chapter
from .icons import ICONS

DESCRIPTION_LENGTH = 160
# Pages that no document stands behind: their titles and descriptions.
EXTRA_PAGES = {
    "search": ("Search", "Find the section of the book that holds your words."),
    "404": ("Page not found", "No page of the book has this address. Search it, or pick a page."),
}


def describe(app: Sphinx, docname: str, doctree: nodes.document | None) -> str:
    """What a search engine shows of a page: its own description, else its first sentences."""
    if docname in EXTRA_PAGES:
        return EXTRA_PAGES[docname][1]
    if docname in app.env.metadata:
        metadata = app.env.metadata[docname] | chapter.lecture_metadata(app.env, docname)
        if given := metadata.get("description"):
            return str(given)
    paragraphs = doctree.findall(nodes.paragraph) if doctree else ()
    text = " ".join(next((p.astext() for p in paragraphs), app.config.html_title).split())
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def page_contents(app: Sphinx, docname: str) -> str:
    """Links to the sections of a page, without the page's own title."""
    if docname not in app.env.tocs:
        return ""
    contents = TocTree(app.env).get_toc_for(docname, app.builder)
    lists = list(contents.findall(nodes.bullet_list))
    inner = lists[1] if len(lists) > 1 and len(lists[0].children) == 1 else None
    return app.builder.render_partial(inner)["fragment"] if inner is not None else ""


def chapters(context: dict[str, Any], pagename: str) -> str:
    """The book's contents for the side of the page."""
    toctree = context["toctree"]
    return toctree(collapse=False, includehidden=True, maxdepth=1, titles_only=True) or ""


def share_image(app: Sphinx) -> str | None:
    """Absolute address of the picture that is shown where the book is linked."""
    return f"{app.config.html_baseurl}_static/share.jpg" if app.config.html_baseurl else None


def add_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    repository, branch = app.config.lecturebook_repository, app.config.lecturebook_branch
    is_chapter = chapter.is_chapter(pagename)
    base = app.config.html_baseurl
    uri = app.builder.get_target_uri(pagename)
    context.update(
        icons=ICONS,
        is_chapter=is_chapter,
        is_cover=pagename == app.config.root_doc,
        repository=repository,
        base_path=urlsplit(base).path if base else "/",
        canonical=(base + uri.removesuffix("index.html")) if base and pagename != "404" else None,
        share_image=share_image(app),
        description=describe(app, pagename, doctree),
        book_title=app.config.html_title,
        page_contents=page_contents(app, pagename),
        chapters=chapters(context, pagename),
    )
    if pagename in app.env.titles:
        title = app.env.titles[pagename].astext()
        # The cover's heading is the book's title already.
        context["page_title"] = (
            title if context["is_cover"] else f"{title} · {context['book_title']}"
        )
        source = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
        context["edit_url"] = f"{repository}/edit/{branch}/{source}"
        context["issue_url"] = f"{repository}/issues/new?title={quote(f'{title}: ')}"
    else:
        context["page_title"] = f"{context['title']} · {context['book_title']}"


def extra_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    for name, (title, _) in EXTRA_PAGES.items():
        yield name, {"title": title}, f"{name}.html"


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_context)
    app.connect("html-collect-pages", extra_pages)
