"""Carries the repository's public address to every place that needs it.

``python tools/set_repository.py https://github.com/owner/name`` writes it into ``_config.yml``, its
one home, and from there into the notebooks' Colab cells, ``pyproject.toml``, ``CITATION.cff`` and
``README.md``. Nothing is written unless all of them can be.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"https://github\.com/[A-Za-z0-9-]+/[A-Za-z0-9._-]+(?<!\.git)")


def files() -> list[Path]:
    """Every file that carries the address; _config.yml, its home, first."""
    return [
        ROOT / "_config.yml",
        ROOT / "pyproject.toml",
        ROOT / "CITATION.cff",
        ROOT / "README.md",
        *sorted((ROOT / "notebooks").glob("*.ipynb")),
    ]


def current() -> str:
    """The address in _config.yml."""
    found = re.search(r"(?m)^\s+url:\s*(\S+)", (ROOT / "_config.yml").read_text(encoding="utf-8"))
    if not found:
        sys.exit("_config.yml: expected a line `url: https://github.com/owner/name` in repository")
    return found[1]


def main(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        sys.exit(f"URL: expected https://github.com/OWNER/NAME, got {address!r}")
    old = current()
    changed = {}
    for file in files():
        text = file.read_text(encoding="utf-8")
        if old not in text:
            sys.exit(f"{file.relative_to(ROOT)}: expected the address {old} in it, found none")
        changed[file] = text.replace(old, address)
    for file, text in changed.items():
        file.write_text(text, encoding="utf-8")
    print(f"{old} → {address} in {len(changed)} files")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
