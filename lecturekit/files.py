"""Files written whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PathLike = str | os.PathLike[str]

PARTIAL = ".partial-"
"""How the name of a file begins while it is written."""


@contextmanager
def written_whole(path: PathLike) -> Iterator[Path]:
    """Hands out a name to write to; the file takes its own when all went well.

    A run killed on the way leaves the old file as it was. The name handed out lies in the same
    folder and has the same suffix, and is short: ``path`` may be as long as the system allows.

    >>> with written_whole("/tmp/notes.txt") as partial:
    ...     _ = partial.write_text("all of it")
    >>> Path("/tmp/notes.txt").read_text()
    'all of it'
    """
    path = Path(path)
    partial = path.with_name(f"{PARTIAL}{secrets.token_hex(8)}{path.suffix}")
    try:
        yield partial
        # On disk before it has its name: after a power cut an empty file would pass for whole.
        with open(partial, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
