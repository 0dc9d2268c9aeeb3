"""One small stylesheet, the explorers' scripts, and nothing in ``_static`` unused."""

import hashlib
import re
import shutil
from pathlib import Path

from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx

from lecturekit import palette

EXPLORERS = "explorers"
CODE_STYLES = {"light": "a11y-high-contrast-light", "dark": "a11y-high-contrast-dark"}
# Pygments' classes of names, operators, punctuation and white space.
UNCOLOURED = ("n", "o", "p", "w")
SOURCE, BUILT = "book.css", "style.css"
_GENERATED = {"search-data.js", EXPLORERS, BUILT}


def move_bundles(body: str, outdir: Path, to_static: str) -> str:
    """Take the explorers' scripts out of a page, so that its text does not wait for them.

    ``book.js`` loads each one when a reader comes near it, as a plain script: a page opened as a
    file may not load modules.

    Args:
        body: HTML of the page.
        outdir: the site's folder.
        to_static: relative address of ``_static`` from the page.
    """

    def moved(match: re.Match[str]) -> str:
        script = match[1]
        name = hashlib.sha256(script.encode()).hexdigest()[:16] + ".js"
        file = outdir / "_static" / EXPLORERS / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(script, encoding="utf-8")
        return f'<div hidden data-explorer-script="{to_static}/{EXPLORERS}/{name}"></div>'

    return re.sub(r'<script class="lk-bundle">(.*?)</script>', moved, body, flags=re.DOTALL)


def code_colours() -> str:
    """Pygments' colours of both themes, chosen for their contrast."""
    rules = []
    for theme, style in CODE_STYLES.items():
        formatter = HtmlFormatter(style=style)
        # With a space: the ground that the style would paint is left to book.css.
        prefix = f'html[data-theme="{theme}"] .highlight'
        lines = formatter.get_style_defs(prefix).splitlines()
        rules += [rule for rule in lines if rule.startswith(f"{prefix} .")]
    return "\n".join(rules)


def unwrap_plain_code(body: str) -> str:
    """Free the names, signs and spaces of code, which get no colour, from their ``<span>``.

    They are most of a chapter's elements, and each one costs a phone time.
    """
    return re.sub(rf'<span class="(?:{"|".join(UNCOLOURED)})">([^<]*)</span>', r"\1", body)


def add_copy_buttons(body: str) -> str:
    """Put a button on each piece of code, but not on what it printed."""
    button = '<button type="button" class="copy-button" aria-label="Copy code">Copy</button>'
    # A cell's output is a highlighted block too; only its own wrapper says that it is one.
    pattern = r'(<div class="([^"]*)highlight-[^"]*"[^>]*><div class="highlight">)(<pre>)'

    def with_button(match: re.Match[str]) -> str:
        return match[0] if "output" in match[2] else f"{match[1]}{button}{match[3]}"

    return re.sub(pattern, with_button, body)


def minify(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,])\s*", r"\1", css).replace(";}", "}")


def finish(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    sources = Path(app.confdir, "book", "_static")
    look = (sources / SOURCE).read_text(encoding="utf-8")
    colours = palette.css(":root", 'html[data-theme="dark"]')
    (static / BUILT).write_text(minify(colours + look + code_colours()), encoding="utf-8")

    # Extensions copy megabytes of scripts and fonts for features that the templates do not use.
    wanted = {file.name for file in sources.iterdir()} - {SOURCE} | _GENERATED
    for entry in static.iterdir():
        if entry.name not in wanted:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    pages = "".join(
        page.read_text(encoding="utf-8") for page in Path(app.outdir, "notebooks").glob("*.html")
    )
    for bundle in (static / EXPLORERS).glob("*.js"):
        if bundle.name not in pages:
            bundle.unlink()


def setup(app: Sphinx) -> None:
    # After every extension has copied its files.
    app.connect("build-finished", finish, priority=900)
