"""Packs the whole site into one zip: unpacked anywhere, it opens from its index.html.

``python tools/pack.py`` (or ``make zip``) writes ``_build/video-understanding.zip``. The slides go
in, too, where they have been made. The same site gives the same file.
"""

import sys
import zipfile
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "_build"
NAME = "video-understanding"
PARTS = {"html": "", "slides": "slides/"}  # folders of _build, and where they go
# The earliest that a zip can say: no file's own time goes in.
EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(build: Path, target: Path) -> int:
    """Write the zip, in place only when it is whole; returns how many files it holds."""
    files = {
        f"{NAME}/{place}{file.relative_to(build / part).as_posix()}": file
        for part, place in PARTS.items()
        for file in sorted((build / part).rglob("*"))
        if file.is_file()
    }
    if f"{NAME}/index.html" not in files:
        sys.exit(f"{build / 'html'} holds no book; run: make book")
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    unfinished.replace(target)
    return len(files)


def main() -> None:
    target = BUILD / f"{NAME}.zip"
    number = pack(BUILD, target)
    print(f"{target}: {number} files, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
