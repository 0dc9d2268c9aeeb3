"""What ``lecturekit`` offers, read from its source: nothing is imported or run.

A function or class is offered where its name has no underscore before it, and a value where a
docstring follows it. A package that lists ``__all__`` offers that and hides the modules behind it.
An explorer's folder offers its explorer. What a chapter takes from behind is offered all the same:
whoever reads the chapter will look for it.
"""

import ast
import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

PACKAGE = "lecturekit"
# The checks of one chapter's exercises are no library; a script has no names.
_APART = re.compile(r"\.exercises\.ch\d+|\.__main__\.")
_EXPLORERS = f"{PACKAGE}.explorers."

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Name:
    """One thing that the library offers.

    Attributes:
        path: as one writes it, ``lecturekit.flow.warp``.
        home: where it is defined, ``lecturekit.flow.field.warp``: one for each thing.
        kind: "function", "class" or "value".
        signature: what stands between the brackets of a call, without types; "" for a value.
        says: the first paragraph of its docstring.
    """

    path: str
    home: str
    kind: str
    signature: str
    says: str

    @property
    def room(self) -> str:
        return self.path.split(".")[1]

    @property
    def short(self) -> str:
        """Without the package: ``flow.warp``."""
        return self.path.removeprefix(f"{PACKAGE}.")


@dataclass
class Module:
    """One file of the library: what it defines and imports, each by the name it has there."""

    path: str
    tree: ast.Module
    is_package: bool
    exported: list[str] | None = None
    own: dict[str, Definition] = field(default_factory=dict)
    docstrings: dict[str, str] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)

    @property
    def says(self) -> str:
        return _first_paragraph(ast.get_docstring(self.tree))


class Library:
    """All modules of the package, and what a dotted path in them means."""

    def __init__(self, root: Path) -> None:
        self.modules: dict[str, Module] = {}
        for file in sorted((root / PACKAGE).rglob("*.py")):
            if not _APART.search(".".join(file.relative_to(root).parts)):
                module = _read(file, root)
                self.modules[module.path] = module

    def home(self, path: str) -> str | None:
        """Where what a path names is defined; None where it names nothing of the library.

        What follows a name belongs to it: ``lecturekit.models.mvit.TINY.width`` is ``TINY``'s.
        """
        parts = path.split(".")
        for end in range(len(parts) - 1, 0, -1):
            if module := self.modules.get(".".join(parts[:end])):
                name = parts[end]
                if name in module.own:
                    return f"{module.path}.{name}"
                source = module.imported.get(name)
                # A package that imports a module of its own has that under the module's path.
                return self.home(source) if source and source != path else None
        return None

    def names(self, wanted: Iterable[str] = ()) -> list[Name]:
        """What the library offers, in order of path; ``wanted`` are homes offered besides."""
        found: dict[str, Name] = {}
        for module in self._in_view():
            for name in self._offered(module):
                # What two packages offer stands under the one where it is at home.
                if name.home not in found or name.home.startswith(f"{module.path}."):
                    found[name.home] = name
        for home in set(wanted) - set(found):
            module, _, own = home.rpartition(".")
            found[home] = _name(home, self.modules[module], own)
        return sorted(found.values(), key=lambda name: name.path)

    @cached_property
    def users(self) -> dict[str, set[str]]:
        """For each home, the homes whose code names it."""
        users: dict[str, set[str]] = {}
        for module in self.modules.values():
            for own, node in module.own.items():
                user = f"{module.path}.{own}"
                for home in filter(None, map(self.home, _mentioned(module, node))):
                    if home != user:
                        users.setdefault(home, set()).add(user)
        return users

    def listed(self, home: str) -> set[str]:
        """The homes that a dictionary of the library lists: a register of classes."""
        path, _, own = home.rpartition(".")
        value = getattr(self.modules[path].own[own], "value", None)
        if not isinstance(value, ast.Dict):
            return set()
        return set(filter(None, map(self.home, _mentioned(self.modules[path], value)))) - {home}

    def _in_view(self) -> Iterator[Module]:
        """The modules that no package with ``__all__`` hides."""
        for path, module in self.modules.items():
            above = [path.rsplit(".", n)[0] for n in range(1, path.count(".") + 1)]
            packages = [self.modules[one] for one in above if one in self.modules]
            if all(package.exported is None for package in packages):
                yield module

    def _offered(self, module: Module) -> Iterator[Name]:
        listed = module.exported
        for own in module.own if listed is None else listed:
            path = f"{module.path}.{own}"
            home = self.home(path)
            if home is None:  # a module of the package
                continue
            there, _, defined = home.rpartition(".")
            inside = self.modules[there]
            if listed is None and not _is_open(inside, defined):
                continue
            if path.startswith(_EXPLORERS) and not _is_explorer(inside.own[defined]):
                continue
            yield _name(path, inside, defined)


def dotted(node: ast.AST) -> str | None:
    """``a.b.c`` of an expression that is only names and dots."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def imports(tree: ast.AST, package: str = "") -> dict[str, str]:
    """What the import statements of a piece of code bring: its names, and the paths they mean.

    Args:
        tree: with imports anywhere in it.
        package: what a relative import starts from.
    """
    brought = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                brought[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            start = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            brought |= {alias.asname or alias.name: f"{start}.{alias.name}" for alias in node.names}
    return brought


def _read(file: Path, root: Path) -> Module:
    parts = file.relative_to(root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    path = ".".join(parts[:-1] if is_package else parts)
    module = Module(path, ast.parse(file.read_text(encoding="utf-8")), is_package)
    module.imported = imports(module.tree, path if is_package else path.rpartition(".")[0])
    defined: list[str] = []
    for node in module.tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            module.docstrings |= {name: str(node.value.value) for name in defined}
        defined = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            module.own[node.name] = node
            module.docstrings[node.name] = ast.get_docstring(node) or ""
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined = [target.id for target in targets if isinstance(target, ast.Name)]
            module.own |= dict.fromkeys(defined, node)
    if listed := module.own.pop("__all__", None):
        module.exported = ast.literal_eval(listed.value)
    return module


def _name(path: str, module: Module, own: str) -> Name:
    node = module.own[own]
    kind = {ast.FunctionDef: "function", ast.ClassDef: "class"}.get(type(node), "value")
    says = _first_paragraph(module.docstrings.get(own))
    return Name(path, f"{module.path}.{own}", kind, _signature(node), says)


def _is_open(module: Module, own: str) -> bool:
    definition = isinstance(module.own[own], ast.FunctionDef | ast.ClassDef)
    return not own.startswith("_") and (definition or own in module.docstrings)


def _is_explorer(node: Definition) -> bool:
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return any(dotted(base) == "Explorer" for base in bases)


def _signature(node: Definition) -> str:
    """The arguments without their types: what is not said of them stands in the docstring."""
    if isinstance(node, ast.ClassDef):
        inits = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        if inits:
            return _signature(inits[0])
        fields = [n for n in node.body if isinstance(n, ast.AnnAssign)]
        return ", ".join(
            f"{dotted(n.target)}={ast.unparse(n.value)}" if n.value else str(dotted(n.target))
            for n in fields
        )
    if not isinstance(node, ast.FunctionDef):
        return ""
    arguments = copy.deepcopy(node.args)
    for one in ast.walk(arguments):
        if isinstance(one, ast.arg):
            one.annotation = None
    arguments.args = [one for one in arguments.args if one.arg != "self"]
    return ast.unparse(arguments)


def _mentioned(module: Module, node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if not isinstance(part, ast.Name | ast.Attribute):
            continue
        first, _, rest = (dotted(part) or "").partition(".")
        if first in module.own:
            yield f"{module.path}.{first}"
        elif first in module.imported:
            yield f"{module.imported[first]}.{rest}".rstrip(".")


def _first_paragraph(docstring: str | None) -> str:
    return " ".join((docstring or "").strip().partition("\n\n")[0].split())
