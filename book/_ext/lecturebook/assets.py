"""One small stylesheet, the explorers' scripts, and nothing in ``_static`` unused."""

import hashlib
import json
import re
import shutil
from pathlib import Path

from docutils import nodes
from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from lecturekit import palette
from lecturekit.explorers import bundle

EXPLORERS = "explorers"
CODE_STYLES = {"light": "a11y-high-contrast-light", "dark": "a11y-high-contrast-dark"}
SOURCES, BUILT = "css", "style.css"
# As Explorer.markup writes it.
EXPLORER = re.compile(
    r'(?P<before><div class="lk-explorer" data-explorer="(?P<name>\w+)">.*?)'
    r'<script type="application/json">(?P<state>.*?)</script>',
    re.DOTALL,
)
# Puts the state where it stood, and tells host.js of it, which may be there first.
STATE_SCRIPT = """(() => {
  const state = document.createElement("script");
  state.type = "application/json";
  state.textContent = %s;
  document.currentScript.replaceWith(state);
  document.dispatchEvent(new Event("lk-state"));
})();
"""
_GENERATED = {"search-data.js", EXPLORERS, BUILT}


def carry_explorers(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give each explorer's script and state a file, so that a page's text does not wait for them.

    ``book.js`` loads both when a reader comes near, as plain scripts: a page opened as a file may
    neither load modules nor fetch.
    """
    if app.builder.format != "html":
        return
    place = app.builder.get_target_uri(docname)
    number = 0

    def script(name: str, text: str) -> str:
        file = Path(app.outdir, "_static", EXPLORERS, f"{name}.js")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        # With its contents' hash, so that a browser never mixes two versions.
        version = hashlib.sha256(text.encode()).hexdigest()[:12]
        address = relative_uri(place, f"_static/{EXPLORERS}/{file.name}")
        return f'<div hidden data-explorer-script="{address}?v={version}"></div>'

    def carried(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        name, state = found["name"], found["state"]
        own = script(f"{Path(docname).name}-{number}", STATE_SCRIPT % json.dumps(state))
        return found["before"] + script(name, explorer_script(name)) + own

    for node in list(doctree.findall(nodes.raw)):
        if node["format"] == "html" and EXPLORER.search(node.astext()):
            text = EXPLORER.sub(carried, node.astext())
            node.replace_self(nodes.raw("", text, format="html"))


def explorer_script(name: str) -> str:
    """What starts all explorers of one class."""
    folder = bundle.FOLDER / name
    return bundle.host_script(name, bundle.script(folder / "view.js"), bundle.style(folder))


def explorers_digest() -> str:
    """Changes with every explorer's script and style: pages name the version they want."""
    files = sorted(file for end in ("js", "css") for file in bundle.FOLDER.rglob(f"*.{end}"))
    text = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(text + repr(palette.LIGHT | palette.DARK).encode()).hexdigest()


def code_colours() -> str:
    """Pygments' colours of both themes, chosen for their contrast."""
    rules = []
    for theme, style in CODE_STYLES.items():
        formatter = HtmlFormatter(style=style)
        # With a space: the ground that the style would paint is left to the book.
        prefix = f'html[data-theme="{theme}"] .highlight'
        lines = formatter.get_style_defs(prefix).splitlines()
        rules += [rule for rule in lines if rule.startswith(f"{prefix} .")]
    return "\n".join(rules)


def stylesheet(sources: Path) -> str:
    """The book's colours, its own style sheets in the order of their names, and code's colours."""
    files = sorted(sources.glob("*.css"))
    look = [file.read_text(encoding="utf-8") for file in files]
    return "\n".join([palette.css(":root", 'html[data-theme="dark"]'), *look, code_colours()])


def finish(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    sources = Path(app.confdir, "book", "_static")
    (static / BUILT).write_text(stylesheet(sources / SOURCES), encoding="utf-8")

    # Extensions copy megabytes of scripts and fonts for features that the templates do not use.
    wanted = {file.name for file in sources.iterdir()} - {SOURCES} | _GENERATED
    for entry in static.iterdir():
        if entry.name not in wanted:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def setup(app: Sphinx) -> None:
    app.add_config_value("lecturebook_explorers", explorers_digest(), "html")
    app.connect("doctree-resolved", carry_explorers)
    # After every extension has copied its files.
    app.connect("build-finished", finish, priority=900)
