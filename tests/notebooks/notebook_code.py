"""What a notebook's cells say in Python: which are read as the page's text, and what they bind."""

import ast
from collections.abc import Iterator

from nbformat import NotebookNode

_OWN_SCOPE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def tags_of(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def code_cells(notebook: NotebookNode, *without: str) -> list[NotebookNode]:
    """The cells of code that carry none of these tags."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if not tags_of(cell) & set(without)]


def code_of(cell: NotebookNode) -> ast.Module:
    """The cell's syntax tree, without the commands that only a notebook knows."""
    lines = cell.source.splitlines()
    return ast.parse("\n".join("" if line.lstrip().startswith("%") else line for line in lines))


def num_lines(cell: NotebookNode) -> int:
    """How many lines there are to read: no blank ones, and a table of data counts as one line.

    A table of data is a list, tuple, set or dictionary of nothing but constants, so that no code
    can pass for one.
    """
    lines = {number for number, line in enumerate(cell.source.splitlines(), 1) if line.strip()}
    for table in _tables(code_of(cell)):
        lines -= set(range(table.lineno + 1, table.end_lineno + 1))
    return len(lines)


def _tables(node: ast.AST) -> Iterator[ast.AST]:
    """The outermost displays of constants."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.Constant) and _is_data(child):
            yield child
        else:
            yield from _tables(child)


def _is_data(node: ast.AST) -> bool:
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return all(map(_is_data, node.elts))
        case ast.Dict():
            return all(map(_is_data, [*node.keys, *node.values]))
        case ast.UnaryOp():
            return _is_data(node.operand)
    return isinstance(node, ast.Constant)


def names_bound(cell: NotebookNode) -> dict[str, bool]:
    """The names that a cell binds for the cells after it, and whether to a function or a class.

    A loop's own variables are not among them: they are read where they stand.
    """
    return dict(_bindings(code_of(cell)))


def _bindings(node: ast.AST) -> Iterator[tuple[str, bool]]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            yield node.name, True
            return
        case ast.For():
            children = [node.iter, *node.body, *node.orelse]
        case ast.AugAssign():
            children = [node.value]  # it changes what the name already stands for
        case ast.Name(ctx=ast.Store()):
            yield node.id, False
            return
        case _:
            children = ast.iter_child_nodes(node)
    for child in children:
        if not isinstance(child, _OWN_SCOPE):
            yield from _bindings(child)
