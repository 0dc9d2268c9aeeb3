"""Which names of the library a chapter uses, and which of them it builds: read from its cells.

A chapter **builds** a name where it writes the thing itself: outside the exercises,

- a cell asserts that two sides are equal, of which the one was made by what the chapter defines or
  works out, the other by the library's name. What made a side is followed through the variables of
  the notebook: in ``assert torch.equal(ours(x), library(x))`` it is the class that ``ours`` is an
  instance of, and the library's class behind ``library``;
- or a cell defines a function or class of the same name, of a module that the chapter has imported.

A register that is built (a dictionary of classes) stands for what it lists. ``GIVEN`` and
``BESIDES`` hold the few things that these rules see wrongly, each with its reason.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

from .library_names import PACKAGE, Library, dotted, imports

OURS = "the chapter"
_NOT_THE_CHAPTERS = {"exercise", "check", "solution"}
# How equality is asked, by the last part of the function's name.
_EQUAL = {"equal", "allclose", "isclose", "array_equal", "assert_close", "assert_allclose"}
# What was made by whom: homes of the library, and OURS.
Makers = frozenset[str]
NOBODY: Makers = frozenset()

GIVEN = {
    "facts": "figures of others, to compare with",
    "flow.farneback.farneback": "OpenCV's, whose fields are looked at",
    "puppets": "clips and their truth, to learn from and to compare with",
    "video": "frames of films, to look at",
    "models.PUBLISHED": "the counts that tables are compared with",
    "models.heads.Trunk": "its sums are compared, its layers are chapter 4's",
    "models.parts.Backbone": "two forms of one of them are compared",
    "ops.count_macs": "counts by a formula are compared with it",
    "ops.count_parameters": "counts by a formula are compared with it",
    "shapes.layers.Conv": "a layer's name in a list that is walked",
}
"""Rooms and homes that a chapter takes as they are, although its assertions compare with them."""

BESIDES = {
    "data.flow_clips.FlowClips": (6, "One network, twice"),  # its steps are written out
    "flow.farneback.farneback_from_scratch": (5, "Piece 1: fit a quadratic to every patch"),
    "flow.stack.stack_flow": (6, "The stack"),  # a pattern of einops
    "models.two_stream.cross_modality_init": (6, "Why does flow help?"),  # in words
}
"""What a chapter builds, and under which heading, although no assertion says so: Farnebäck's three
pieces, for one, are held together by their errors."""


@dataclass
class Uses:
    """Homes of the library's names in one chapter.

    Attributes:
        used: all of them.
        built: those that the chapter builds, each with the heading it is built under.
    """

    used: set[str] = field(default_factory=set)
    built: dict[str, str] = field(default_factory=dict)


def uses(notebook: NotebookNode, library: Library) -> Uses:
    """What a chapter takes from the library, and what it builds."""
    found = Uses()
    heading = ""
    brought: dict[str, str] = {}
    variables: dict[str, Makers] = {}
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", ()))
        if cell.cell_type == "markdown":
            heading = [heading, *re.findall(r"(?m)^#{1,4} (.+)$", cell.source)][-1]
        if cell.cell_type != "code" or "colab" in tags:
            continue
        tree = ast.parse(cell.source)
        brought |= {a: b for a, b in imports(tree).items() if b.split(".")[0] == PACKAGE}
        found.used |= set(_named(tree, brought, library))
        if not tags & _NOT_THE_CHAPTERS:
            reading = _Reading(brought, variables, library)
            reading.statements(tree.body)
            built = reading.built | set(_of_the_same_name(tree, brought, library))
            for home in built:
                if not is_given(home):
                    found.built.setdefault(home, heading)
    for home, under in list(found.built.items()):
        found.built |= {one: found.built.get(one, under) for one in library.listed(home)}
    return found


def is_given(home: str) -> bool:
    short = home.removeprefix(f"{PACKAGE}.")
    return short in GIVEN or short.split(".")[0] in GIVEN


def _of_the_same_name(tree: ast.Module, brought: dict[str, str], library: Library) -> Iterator[str]:
    modules = [path for path in brought.values() if path in library.modules]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            homes = (library.home(f"{path}.{node.name}") for path in modules)
            yield from filter(None, homes)


def _named(tree: ast.AST, brought: dict[str, str], library: Library) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            paths: Iterable[str] = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            paths = [_path(node, brought)]
        yield from filter(None, map(library.home, filter(None, paths)))


def _path(node: ast.AST, brought: dict[str, str]) -> str:
    """What an expression of names and dots means in the library; "" where it means nothing."""
    first, _, rest = (dotted(node) or "").partition(".")
    return f"{brought[first]}.{rest}".rstrip(".") if first in brought else ""


@dataclass
class _Reading:
    """Follows the statements of a chapter, in the order of its cells."""

    brought: dict[str, str]
    variables: dict[str, Makers]
    library: Library
    built: set[str] = field(default_factory=set)

    def statements(self, body: Iterable[ast.stmt]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self.variables[node.name] = frozenset({OURS})
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, ast.For):
            self._bind_each(node.target, node.iter)
            self.statements(node.body)
        elif isinstance(node, ast.With | ast.If):
            self.statements(node.body)
        elif isinstance(node, ast.Assert):
            self._compare(node.test)
        elif isinstance(node, ast.Expr):
            self._compare(node.value)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        several = ast.Tuple | ast.List
        if isinstance(target, several) and isinstance(value, several):
            for one, of_it in zip(target.elts, value.elts, strict=False):
                self._bind(one, of_it)
            return
        if isinstance(target, several) and self._gives_back(value, len(target.elts)):
            for one, of_it in zip(target.elts, value.args, strict=True):
                self._name(one, self._makers(of_it) | {OURS})
            return
        self._name(target, self._makers(value))

    def _gives_back(self, value: ast.expr, count: int) -> bool:
        """Whether a function of the chapter prepares things and gives back each in its place."""
        call = isinstance(value, ast.Call) and len(value.args) == count
        return call and OURS in self._makers(value.func)

    def _bind_each(self, target: ast.expr, iterable: ast.expr) -> None:
        """A loop's variables: those of a display, place by place, else of all that it goes over."""
        rows = iterable.elts if isinstance(iterable, ast.Tuple | ast.List) else []
        if (
            isinstance(target, ast.Tuple)
            and all(isinstance(row, ast.Tuple) for row in rows)
            and rows
        ):
            for place, one in enumerate(target.elts):
                column = [row.elts[place] for row in rows if place < len(row.elts)]
                self._name(one, self._all(column))
            return
        self._name(target, self._makers(iterable))

    def _name(self, target: ast.expr, makers: Makers) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self.variables[node.id] = makers

    def _compare(self, test: ast.expr) -> None:
        """Note what an assertion says to be built."""
        for sides in self._equal_sides(test):
            makers = [self._makers(side) for side in sides]
            for side in makers:
                if any(OURS in other for other in makers if other is not side):
                    self.built |= side - {OURS}

    def _equal_sides(self, node: ast.expr) -> Iterator[list[ast.expr]]:
        """The groups of expressions of which an assertion says that they are equal."""
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                yield from self._equal_sides(value)
        elif isinstance(node, ast.Compare):
            if all(isinstance(op, ast.Eq) for op in node.ops):
                yield [node.left, *node.comparators]
            elif isinstance(node.ops[0], ast.Lt | ast.LtE):
                yield from ([d.left, d.right] for d in _differences(node.left))
        elif isinstance(node, ast.Call):
            yield from self._equal_in_call(node)

    def _equal_in_call(self, call: ast.Call) -> Iterator[list[ast.expr]]:
        name = (dotted(call.func) or getattr(call.func, "attr", "")).rpartition(".")[2]
        if name in _EQUAL:
            yield call.args[:2]
        elif name == "map" and call.args and _last(call.args[0]) in _EQUAL:
            yield call.args[1:3]
        elif name == "all":
            inner = call.args[0] if call.args else getattr(call.func, "value", None)
            if isinstance(inner, ast.GeneratorExp | ast.ListComp):
                for loop in inner.generators:
                    self._bind_each(loop.target, loop.iter)
                yield from self._equal_sides(inner.elt)
            elif inner is not None:
                yield from self._equal_sides(inner)

    def _all(self, nodes: Iterable[ast.AST]) -> Makers:
        return frozenset().union(*map(self._makers, nodes))

    def _makers(self, node: ast.AST) -> Makers:
        """Who made the value of an expression: not its arguments' makers, but the callee's.

        A function of neither (``torch.cat``, ``sorted``) hands on who made what it was given.
        """
        if home := self.library.home(_path(node, self.brought) or "-"):
            return frozenset({home})
        if isinstance(node, ast.Name):
            return self.variables.get(node.id, NOBODY)
        if isinstance(node, ast.Call):
            made = self._makers(node.func)
            return made or self._all([*node.args, *(word.value for word in node.keywords)])
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
            return self._makers(node.value)
        if isinstance(node, ast.Lambda):
            return frozenset({OURS})
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            for loop in node.generators:
                self._bind_each(loop.target, loop.iter)
            value = node.value if isinstance(node, ast.DictComp) else node.elt
            return self._makers(value)
        if isinstance(node, ast.Compare):
            return NOBODY
        made = self._all(ast.iter_child_nodes(node))
        return made | {OURS} if isinstance(node, ast.BinOp) and self._computes(node) else made

    def _computes(self, node: ast.BinOp) -> bool:
        """Whether the chapter works something out here, from a variable of its own."""
        names = (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
        return any(name in self.variables for name in names)


def _differences(node: ast.expr) -> Iterator[ast.BinOp]:
    for part in ast.walk(node):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
            yield part


def _last(node: ast.expr) -> str:
    return (dotted(node) or "").rpartition(".")[2]
