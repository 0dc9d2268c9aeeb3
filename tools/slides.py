"""Slides for a lecture, made from the built pages: what is projected stays, prose becomes notes.

``python tools/slides.py`` (or ``make slides``) reads ``_build/html`` and writes ``_build/slides``,
a folder that works by itself: a deck for each chapter, and a page that lists them. On a slide
stands what a room looks at together: a question to vote on, a figure, an explorer, a table, a
formula, what a cell printed. The prose around it goes into the speaker's notes (key S), with the
code behind it. Exercises are listed by name; none of their answers is shown.
"""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
SLIDES = ROOT / "_build" / "slides"
# Fewer printed lines than this are read out: they stand in the notes.
LEAST_PRINTED_LINES = 4

_DECK = """<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<script>document.documentElement.dataset.theme =
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";</script>
<link rel="icon" href="_static/favicon.svg">
<link rel="stylesheet" href="_static/reveal/reveal.css">
<link rel="stylesheet" href="_static/style.css">
<link rel="stylesheet" href="_static/slides.css">
</head>
<body class="reveal-viewport">
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="_static/reveal/reveal.js"></script>
<script src="_static/reveal/notes.js"></script>
<script src="_static/slides.js"></script>
</body>
</html>
"""

_LIST = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slides</title>
<link rel="icon" href="_static/favicon.svg">
<link rel="stylesheet" href="_static/style.css">
<link rel="stylesheet" href="_static/slides.css">
</head>
<body><main class="decks">
<h1>Slides</h1>
<p>Arrow keys move, S opens the speaker's notes, F fills the screen, O shows all slides.</p>
<ol>
{decks}
</ol>
</main></body>
</html>
"""


@dataclass
class Slide:
    """What is projected, and what is said."""

    heading: str
    shown: list[Tag | str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def html(self) -> str:
        notes = "".join(self.notes)
        return (
            f"<section><h2>{self.heading}</h2>"
            + "".join(str(part) for part in self.shown)
            + (f'<aside class="notes">{notes}</aside>' if notes else "")
            + "</section>"
        )


def chapters() -> list[Path]:
    """The built pages of the chapters, in their order."""
    pages = sorted((SITE / "notebooks").glob("*.html"))
    if not pages:
        sys.exit(f"{SITE} holds no chapter; run: make book")
    return pages


def deck(page: Path) -> tuple[str, str]:
    """A chapter's title and its slides as HTML."""
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").article
    for unwanted in article.select(".headerlink, .copy-button, .cost-card, .tag_solution"):
        unwanted.decompose()
    top = article.section
    title = top.h1.get_text().strip()
    stacks = [list(_opening(title, top))]
    for section in top.find_all("section", recursive=False):
        if section.h2:
            stacks.append(_slides(section))
    stacked = ("".join(slide.html() for slide in stack) for stack in stacks if stack)
    return title, "\n".join(f"<section>{stack}</section>" for stack in stacked)


def _opening(title: str, top: Tag) -> Iterator[Slide]:
    """The chapter's question, and what one will be able to do."""
    question, *rest = (p for p in top.find_all("p", recursive=False))
    yield Slide(title, [question], [str(p) for p in rest])
    if goals := top.find("ul", recursive=False):
        yield Slide("You will be able to", [goals])


def _slides(section: Tag) -> list[Slide]:
    """A section's slides, its subsections' behind: one for each thing to look at.

    Prose goes into the notes of the slide that it leads to; a section's last words into those of
    its last slide. Where nothing is to be looked at, the first words are.
    """
    heading = _heading(section)
    if section.get("id") == "exercises":
        names = "".join(f"<li>{h.decode_contents()}</li>" for h in section.find_all("h3"))
        return [Slide(heading, [f"<ul>{names}</ul>"])]
    parts = [part for part in section.find_all(True, recursive=False) if part.name[0] != "h"]
    inner = [part for part in parts if part.name == "section"]
    slides: list[Slide] = []
    said: list[str] = []
    for part in parts:
        if part.name == "section":
            continue
        if shown := list(_shown(part)):
            slides.append(Slide(heading, shown, [*said, *_code_behind(part)]))
            said = []
        else:
            said.append(str(part))
    if not slides and said:
        slides, said = [Slide(heading, [said[0]])], said[1:]
    if slides:
        slides[-1].notes += said
    return [*slides, *(slide for part in inner for slide in _slides(part))]


def _heading(section: Tag) -> str:
    return section.find(["h2", "h3", "h4"]).decode_contents().strip()


def _shown(part: Tag) -> Iterator[Tag]:
    """What of a part of the page is projected; nothing of prose, of code, of a fold."""
    classes = part.get("class") or []
    if part.name == "details":
        return
    boxed = {"prediction", "table-scroll"} & set(classes)
    if part.name in {"ul", "ol", "math", "figure"} or boxed or part.find("math", display="block"):
        yield part
    elif "cell" in classes:
        for output in part.find_all(class_="cell_output", recursive=False):
            printed = output.get_text().strip().count("\n") + 1
            visible = output.find(["img", "table"]) or output.select_one("[data-explorer-script]")
            if visible or printed >= LEAST_PRINTED_LINES:
                yield output


def _code_behind(part: Tag) -> list[str]:
    return [str(code) for code in part.select(".cell_input pre")]


def write(page: Path) -> str:
    """Write a chapter's deck; returns its title."""
    title, slides = deck(page)
    # The deck stands one folder higher than the page.
    slides = slides.replace('="../_', '="_').replace('="../book/', '="../html/book/')
    slides = slides.replace('loading="lazy"', "")
    text = _DECK.format(title=escape(title), slides=slides)
    (SLIDES / page.name).write_text(text, encoding="utf-8")
    return title


def reveal() -> Path:
    """The folder of reveal.js that the package sphinx-revealjs carries."""
    found = importlib.util.find_spec("sphinx_revealjs")
    return Path(found.origin).parent / "_static" / "revealjs"


def main() -> None:
    pages = chapters()
    shutil.rmtree(SLIDES, ignore_errors=True)
    for folder in ("_static", "_images"):
        shutil.copytree(SITE / folder, SLIDES / folder)
    library = SLIDES / "_static" / "reveal"
    library.mkdir()
    for file in ("LICENSE", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"):
        shutil.copy(reveal() / file, library)
    for file in ("slides.css", "slides.js"):
        shutil.copy(Path(__file__).parent / file, SLIDES / "_static")
    rows = "\n".join(
        f'<li value="{int(page.stem[:2])}"><a href="{page.name}">{escape(write(page))}</a></li>'
        for page in pages
    )
    (SLIDES / "index.html").write_text(_LIST.format(decks=rows), encoding="utf-8")
    print(f"{len(pages)} decks. Open {SLIDES / 'index.html'} in a browser.")


if __name__ == "__main__":
    main()
