"""What the templates print around a page's text: descriptions, links, contents, polished markup."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment.adapters.toctree import TocTree

from . import assets, chapter, figures

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
    html = context["toctree"](collapse=False, includehidden=True, maxdepth=1, titles_only=True)
    html = (html or "").replace(' role="heading"', "")
    return html.replace('<a class="current reference internal"', '<a aria-current="page"')


def polish(body: str) -> str:
    """Mend markup that others wrote."""
    # These roles are deprecated, or make a list whose items are none.
    body = re.sub(r' role="(doc-\w+|list|listitem)"', "", body)
    # A short piece of code, such as `t h w c`, stays on one line.
    body = re.sub(
        r'<code class="([^"]*)">((?:<span class="pre">[^<]{1,12}</span>\s?){2,5})</code>',
        r'<code class="\1 short">\2</code>',
        body,
    )
    # A wide table scrolls by itself; the page does not.
    body = re.sub(r"<table\b", '<div class="table-scroll"><table', body)
    return body.replace("</table>", "</table></div>")


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
    if "body" not in context:
        return
    body = assets.add_copy_buttons(assets.unwrap_plain_code(polish(context["body"])))
    pictures = {name: Path(app.srcdir, uri) for uri, name in app.builder.images.items()}
    body = figures.add_sizes(body, pictures)
    if is_chapter:
        this = chapter.Chapter(pagename, repository, branch)
        download = context["pathto"](f"_sources/{pagename}.ipynb", True)
        body = body.replace("</h1>", "</h1>" + chapter.card(app, this, download, ICONS), 1)
    context["body"] = body


def extra_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    for name, (title, _) in EXTRA_PAGES.items():
        yield name, {"title": title}, f"{name}.html"


def _icon(path: str) -> str:
    return (
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f'<path d="{path}"/></svg>'
    )


# Drawn for this book: strokes on a grid of 24.
ICONS = {
    "menu": _icon("M4 7h16M4 12h16M4 17h16"),
    "search": _icon("M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13ZM15.5 15.5 20 20"),
    "sun": _icon(
        "M12 16a4 4 0 1 1 0-8 4 4 0 0 1 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2"
        "M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4"
    ),
    "moon": _icon("M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z"),
    "download": _icon("M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14"),
    "colab": _icon("M10 7.5a5 5 0 1 0 0 9M14 16.5a5 5 0 1 0 0-9 5 5 0 0 0 0 9Z"),
    "edit": _icon("M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5ZM14 6.5 17.5 10"),
    "issue": _icon("M12 20.5a8.5 8.5 0 1 1 0-17 8.5 8.5 0 0 1 0 17ZM12 7.5v5.5M12 16v.5"),
    "left": _icon("M14.5 6 8.5 12l6 6"),
    "right": _icon("M9.5 6l6 6-6 6"),
    "code": _icon("M8.5 7.5 4 12l4.5 4.5M15.5 7.5 20 12l-4.5 4.5"),
}


def setup(app: Sphinx) -> None:
    # After other extensions, whose markup it mends.
    app.connect("html-page-context", add_context, priority=800)
    app.connect("html-collect-pages", extra_pages)
