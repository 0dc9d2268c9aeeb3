"""Modules joined into one: what travels, in which order, and what is refused."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lecturekit.explorers import bundle

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def write(tmp_path):
    """Writes modules by name and returns the entry, ``mine/view.js``."""

    def write_(view, **others):
        files = {"mine/view.js": view}
        files |= {f"{name.replace('__', '/')}.js": text for name, text in others.items()}
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / "mine" / "view.js"

    return write_


VIEW = 'import { sum } from "./sums.js";\n\nexport default { render: () => sum };\n'


def test_what_is_reached_travels_once_and_before_who_uses_it(write):
    entry = write(
        'import { a } from "../kit/one.js";\nimport {\n  b,\n  c,\n} from "./two.js";\n'
        "export default { render: () => a + b + c };\n",
        kit__one="const own = 1;\nexport const a = own;\n",
        mine__two='import { a } from "../kit/one.js";\nconst own = 2;\n'
        "export function b() {}\nexport const c = a + own;\n",
        kit__three="export const unused = 3;\n",
    )
    joined = bundle.script(entry)
    assert joined.count("const own = 1;") == joined.count("const own = 2;") == 1
    assert joined.index("const own = 1;") < joined.index("const own = 2;")
    assert "unused" not in joined
    assert not re.search(r"(?m)^\s*import\b", joined)
    assert re.findall(r"\bexport \w+", joined) == ["export default"]
    assert "const { b, c } = $mine_two;" in joined


@pytest.mark.parametrize(
    ("view", "others", "words"),
    [
        (VIEW, {}, "mine/view.js: expected a module mine/sums.js, got no such file"),
        (VIEW, {"mine__sums": "const sum = 1;\n"}, "imports 'sum' from mine/sums.js"),
        (VIEW.replace("{ sum }", "* as sum"), {}, "got 'import \\* as sum"),
        (
            VIEW.replace("sum }", "sum as s }"),
            {"mine__sums": "export const sum = 1;\n"},
            "sum as s",
        ),
        ('import "./sums.js";\n' + VIEW[-42:], {}, "got 'import \"./sums.js\";'"),
        ("export const render = 1;\n", {}, "mine/view.js: expected one export, `export default`"),
        (VIEW, {"mine__sums": "export let sum = 1;\n"}, "got 'export let sum = 1;'"),
        (VIEW, {"mine__sums": "const sum = 1;\nexport { sum };\n"}, "got 'export { sum };'"),
        (VIEW, {"mine__sums": "export const sum = 1;\nimport('x');\n"}, "got \"import\\('x'\\);\""),
        (
            VIEW,
            {"mine__sums": "export const sum = 1;\nexport function sum() {}\n"},
            "mine/sums.js exports sum twice",
        ),
        (
            VIEW,
            {
                "mine__sums": 'import { b } from "./b.js";\nexport const sum = b;\n',
                "mine__b": 'import { sum } from "./sums.js";\nexport const b = sum;\n',
            },
            "imports mine/.*imports mine/",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(write, view, others, words):
    with pytest.raises(bundle.BundleError, match=words):
        bundle.script(write(view, **others))


def test_every_front_end_file_is_packaged():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]["package-data"]["lecturekit.explorers"]
    packaged = {file for pattern in patterns for file in bundle.FOLDER.glob(pattern)}
    files = {file for end in ("js", "css") for file in bundle.FOLDER.rglob(f"*.{end}")}
    assert files <= packaged


def test_the_order_of_modules_does_not_hang_on_python_s_hashes():
    """A page's address of a script is its hash: the same modules must give the same script."""
    print_hash = (
        "import hashlib, pathlib; from lecturekit.explorers import bundle; "
        "entry = bundle.FOLDER / 'video_cube' / 'view.js'; "
        "print(hashlib.sha256(bundle.script(entry).encode()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", print_hash],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(hashes) == 1
