"""Joins an explorer's ES modules into one, and its style sheets.

Jupyter takes one module from a string, and a page opened as a file may load none. Here every
module becomes a function that is called once and returns what it exports, so that a name belongs
to its module and two modules may both call something ``count``. Only the modules that the entry
reaches by its imports travel.

What is understood is one form of import and three of export, each at the start of a line::

    import { h, slider } from "../kit/dom.js";
    export function name(…)      export const name = …      export default …
"""

import json
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from lecturekit import palette

FOLDER = Path(__file__).parent
_ENTRY, _STYLE = "view.js", "style.css"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*? |class |const )(\w+)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_OTHER = re.compile(r"^.*(?:\bimport\s*\(|^\s*(?:import|export)\b).*$", re.MULTILINE)


class BundleError(ValueError):
    """An explorer's modules do not fit together."""


def script(entry: Path) -> str:
    """One module that holds the entry and all it imports; its one export is the entry's default."""
    sources = _reached(entry)
    parts = []
    for path in _in_order(sources):
        body = _imports_bound(path, sources)
        if path == entry.resolve():
            if len(_DEFAULT.findall(body)) != 1 or _EXPORT.search(body):
                raise BundleError(f"{_short(path)}: expected one export, `export default`")
            parts.append(f"export default (() => {{\n{_DEFAULT.sub('return ', body)}}})();\n")
        else:
            names = ", ".join(_exported(path, body))
            body = _EXPORT.sub(r"\1\2", body)
            parts.append(f"const {_name(path)} = (() => {{\n{body}return {{ {names} }};\n}})();\n")
    return "".join(parts)


def style(folder: Path) -> str:
    """The palette, the kit's style sheet and the explorer's own."""
    light = ".lk-explorer, .lk-root"
    # The hosts: the book, Colab, JupyterLab, VS Code.
    hosts = (
        'html[data-theme="dark"]',
        'html[theme="dark"]',
        '[data-jp-theme-light="false"]',
        ".vscode-dark",
    )
    dark = ", ".join(f"{host} :is({light})" for host in hosts)
    sheets = (FOLDER / "kit" / "kit.css", folder / _STYLE)
    texts = [sheet.read_text(encoding="utf-8") for sheet in sheets]
    return "\n".join([palette.css(light, dark, prefix="lk-"), *texts])


def host_script(name: str, module: str, css: str) -> str:
    """What starts every explorer of this name on a page with no kernel, as a plain script.

    A page opened as a file may load no modules, so the module's one export becomes a return.
    """
    host = (FOLDER / "host.js").read_text(encoding="utf-8").replace("export default ", "")
    module = module.replace("export default", "return", 1)
    words = f"{json.dumps(name)}, {inside_script(json.dumps(css))}"
    return f"(() => {{\n{host}host((() => {{\n{module}\n}})(), {words});\n}})();\n"


def inside_script(text: str) -> str:
    """JSON that ends no script element; JSON.parse and JavaScript read it the same."""
    return text.replace("<", r"\u003c")


def _reached(entry: Path) -> dict[Path, str]:
    """The text of each module that can be reached from the entry, by its path."""
    sources: dict[Path, str] = {}
    waiting = [(entry.resolve(), "the explorer")]
    while waiting:
        path, importer = waiting.pop()
        if path in sources:
            continue
        if not path.is_file():
            raise BundleError(f"{importer}: expected a module {_short(path)}, got no such file")
        sources[path] = _understood(path, path.read_text(encoding="utf-8"))
        waiting += [(_target(path, found[2]), _short(path)) for found in _imports(sources[path])]
    return sources


def _understood(path: Path, text: str) -> str:
    """The text, if every import and export in it has a form that this module knows."""
    rest = text
    for form in (_IMPORT, _EXPORT, _DEFAULT):
        rest = form.sub("", rest)
    if other := _OTHER.search(rest):
        raise BundleError(
            f'{_short(path)}: expected imports as `import {{ a, b }} from "./file.js";` and '
            f"exports as `export function`, `const` or `class`, got {other[0].strip()!r}"
        )
    return text


def _in_order(sources: dict[Path, str]) -> list[Path]:
    """The modules, each after those it imports."""
    graph = {
        # A list, no set: one order at every run, so that a page's script keeps its address.
        path: [_target(path, found[2]) for found in _imports(text)]
        for path, text in sources.items()
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " imports ".join(_short(path) for path in reversed(error.args[1]))
        raise BundleError(f"expected no module to import itself, got {circle}") from None


def _imports_bound(path: Path, sources: dict[Path, str]) -> str:
    """A module's text, with its imports taken from what the other modules returned."""

    def bound(found: re.Match[str]) -> str:
        target = _target(path, found[2])
        names = [name.strip() for name in found[1].split(",") if name.strip()]
        offered = _exported(target, sources[target])
        for name in names:
            if name not in offered:
                raise BundleError(
                    f"{_short(path)} imports {name!r} from {_short(target)}: expected one of "
                    f"{', '.join(offered)}"
                )
        return f"const {{ {', '.join(names)} }} = {_name(target)};\n"

    return _IMPORT.sub(bound, sources[path])


def _exported(path: Path, text: str) -> list[str]:
    names = [found[2] for found in _EXPORT.finditer(text)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BundleError(f"{_short(path)} exports {', '.join(sorted(twice))} twice")
    return names


def _imports(text: str) -> list[re.Match[str]]:
    return list(_IMPORT.finditer(text))


def _target(path: Path, address: str) -> Path:
    return (path.parent / address).resolve()


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _name(path: Path) -> str:
    """What the joined script calls a module: no name in it begins with $ but these."""
    return "$" + re.sub(r"\W", "_", f"{path.parent.name}_{path.stem}")
