"""A book of one page that holds what no chapter need hold: built by the book's own extension."""

import base64
import io
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from lecturekit import shapes
from lecturekit.explorers.shape_walk import ShapeWalk

ROOT = Path(__file__).resolve().parents[2]
PAGE = "_build/html/notebooks/07_small.html"

ASIDE = """:::{admonition} The long way *round*
:class: dropdown aside
TEXT with a formula, $x^2$.

$$
a = b
$$
:::"""


def picture() -> str:
    file = io.BytesIO()
    Image.new("RGB", (40, 20), "green").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def code(source: str, *tags: str, output: dict[str, str] | None = None, **metadata: object):
    outputs = [new_output("display_data", data=output)] if output else []
    return new_code_cell(
        source, outputs=outputs, execution_count=1, metadata={"tags": list(tags), **metadata}
    )


def explorer_html(**state: object) -> dict[str, str]:
    return {"text/html": ShapeWalk(**state).markup(), "text/plain": "ShapeWalk"}


def chapter() -> nbformat.NotebookNode:
    alt = {"mystnb": {"image": {"alt": "A green rectangle, twice as wide as it is high."}}}
    other = {"layers": [shapes.Pool(2)], "input_shape": (3, 8, 16, 16)}
    cells = [
        new_markdown_cell("# A small chapter\n\nIt holds one of each box that a chapter may hold."),
        code("import sys", "colab", "hide-cell"),
        code("import numpy as np\n\nnp.zeros(3)", "hide-cell"),
        new_markdown_cell("## Asides\n\n" + ASIDE.replace("TEXT", "It begins")),
        code("first = 1", "aside", "hide-cell", output={"text/plain": "printed in the aside"}),
        new_markdown_cell(ASIDE.replace("TEXT", "It goes on")),
        code("second = 2", "aside", "hide-cell"),
        new_markdown_cell(
            "Open again.\n\n"
            + ASIDE.replace("TEXT", "It is another").replace("The long", "Aside: The short")
        ),
        new_markdown_cell("Open once more."),
        code("third = 3", "aside", "hide-cell"),
        new_markdown_cell(
            "## Other boxes\n\nFive of them, and a choice.\n\n"
            + ASIDE.replace("aside", "choice").replace("The long way *round*", "a train")
        ),
        code("draw()", "hide-input", output={"image/png": picture()}, **alt),
        code("1 + 1", "hide-input", output={"text/plain": "2"}),
        code("1 + 2", "hide-output", output={"text/plain": "3"}),
        code("return 4", "solution", "hide-cell"),
        new_markdown_cell("## Explorers\n\nThe same one twice, and one in another state."),
        code("ShapeWalk()", "hide-input", output=explorer_html()),
        new_markdown_cell("Between them.\n\n" + "A line of text.\n\n" * 150),
        code("ShapeWalk()", "hide-input", output=explorer_html()),
        code("ShapeWalk(other)", "hide-input", output=explorer_html(**other)),
    ]
    python = {"name": "python3", "display_name": "Python 3"}
    metadata = {"kernelspec": python, "language_info": {"name": "python"}}
    return new_notebook(cells=cells, metadata=metadata)


def build(folder: Path, more: dict[str, str] | None = None) -> Path:
    """Write the book into a folder and build it; returns its page.

    Args:
        folder: empty.
        more: texts of other files by their path, or in place of the book's own.
    """
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["execute"] = {"execute_notebooks": "off"}
    files = {
        "_config.yml": yaml.safe_dump(config),
        "_toc.yml": (
            "format: jb-book\nroot: book/index\n"
            "parts: [{caption: All, numbered: 1, chapters: [{file: notebooks/07_small}]}]\n"
        ),
        "book/index.md": "# A small book\n\nIts only chapter tries what the extension does.\n",
        "book/references.bib": "",
        "_build/cost/07_small.json": '{"seconds": 3, "peak_memory_mb": 100, "commit": "abc"}',
        "notebooks/07_small.ipynb": nbformat.writes(chapter()),
    } | (more or {})
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("_ext", "_static", "_templates"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    done = subprocess.run(
        [str(jupyter_book), "build", "--quiet", "--warningiserror", "--nitpick", str(folder)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / PAGE
