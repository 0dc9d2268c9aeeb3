"""Which files of the library a notebook's outputs depend on, found without running anything.

Every import statement counts, wherever it stands: one inside a function runs too. A package's
``__init__`` counts with each of its modules, and so does a data file whose name a module mentions
and that lies beside it (``figures.csv``, ``palette.json``). Scripts and style sheets do not: what
a notebook stores of an explorer is its state, which only Python computes.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

PACKAGE = "lecturekit"
_NOT_COMPUTED = {".py", ".js", ".css"}


def of_notebook(notebook: nbformat.NotebookNode, root: Path) -> list[Path]:
    """The library's files that a notebook reaches.

    Args:
        notebook: with its code as written, commands such as ``%pip`` included.
        root: the folder that holds the package.
    """
    plain = TransformerManager().transform_cell
    sources = [plain(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    return reached(sources, root)


def reached(sources: Iterable[str], root: Path) -> list[Path]:
    """The library's files that some pieces of Python reach by their imports, in order of path."""
    found: set[Path] = set()
    waiting = [file for source in sources for file in _imported(ast.parse(source), "", root)]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        if file.suffix == ".py":
            waiting += _of_module(file, root)
    return sorted(found)


def _of_module(file: Path, root: Path) -> list[Path]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    package = ".".join(file.parent.relative_to(root).parts)
    return [*_imported(tree, package, root), *_data(tree, file.parent)]


def _imported(tree: ast.AST, package: str, root: Path) -> Iterator[Path]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            module = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            # `from package import module`: what is imported may be a module itself.
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from _files(name, root)


def _files(name: str, root: Path) -> Iterator[Path]:
    """What importing ``lecturekit.a.b`` runs: the packages above it, and the module itself."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return
    for end in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:end])
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.is_file():
                yield file


def _data(tree: ast.AST, folder: Path) -> Iterator[Path]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = Path(node.value)
            # A docstring is no file's name, and may be too long for one.
            if name.suffix and len(name.parts) == 1 and len(node.value) < 100:
                file = folder / name
                if file.suffix not in _NOT_COMPUTED and file.is_file():
                    yield file
