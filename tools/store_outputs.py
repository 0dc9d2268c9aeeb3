"""Stores each notebook's text outputs in the notebook, for nbval to compare with later runs.

``python tools/store_outputs.py`` takes them from the latest execution (tools/execute.py, run
first). Images, HTML and widgets are not stored. What a cell tagged ``nbval-ignore-output`` printed
is stored for those who read the file, but not compared; its metadata say why
(``nbval: {reason: …}``).
"""

from pathlib import Path

import nbformat
from execute import NOTEBOOKS, execute, open_cache

EXEMPT = "nbval-ignore-output"
_STORED = ("text/plain",)


def text_outputs(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The outputs of a cell that are stored: text streams, and the text form of displays."""
    outputs = []
    for output in cell.outputs:
        if output.output_type == "stream":
            # A kernel may send one print in several pieces; where it cuts is chance.
            if outputs and outputs[-1].get("name") == output.name:
                outputs[-1].text += output.text
            else:
                outputs.append(nbformat.from_dict(dict(output)))
        elif output.output_type in {"display_data", "execute_result"}:
            data = {mime: text for mime, text in output.data.items() if mime in _STORED}
            if data:
                kept = {"output_type": output.output_type, "data": data, "metadata": {}}
                if output.output_type == "execute_result":
                    kept["execution_count"] = output.execution_count
                outputs.append(nbformat.from_dict(kept))
    return outputs


def is_exempt(cell: nbformat.NotebookNode) -> bool:
    return EXEMPT in cell.metadata.get("tags", [])


def store(path: Path) -> None:
    """Rewrite one notebook with the text outputs of its latest execution."""
    executed, _ = execute(path, open_cache())
    notebook = nbformat.read(path, as_version=4)
    pairs = zip(notebook.cells, executed.cells, strict=True)
    code = [(cell, ran) for cell, ran in pairs if cell.cell_type == "code"]
    for number, (cell, ran) in enumerate(code, 1):
        cell.outputs = text_outputs(ran)
        cell.execution_count = number  # nbval takes a cell without one for never run
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook_path in sorted(NOTEBOOKS.glob("*.ipynb")):
        store(notebook_path)
        print(f"{notebook_path.name}: text outputs stored")
