"""Runs the notebooks that have changed, and keeps their outputs for the book build.

``python tools/execute.py`` runs each notebook of ``notebooks/`` whose code, whose library or whose
lock is not the one of its kept outputs. The outputs go into a jupyter-cache that MyST-NB reads
(``_build/.jupyter_cache/<key>``, the key in ``current``), the cost of the run into
``_build/cost/<notebook>.json``, which becomes the chapter's cost card.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "_build"
CELL_TIMEOUT_SEC = 600  # some cells train networks

# Progress bars are for people who watch: no output that is kept or compared has one.
os.environ["TQDM_DISABLE"] = "1"

# The peak of the kernel's resident memory; Linux counts KiB, macOS bytes.
_PEAK_MEMORY_CELL = """
import resource, sys
unit_bytes = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes / 1e6)
"""


def library_key() -> str:
    """Hash of all that a notebook's outputs depend on, besides the notebook itself."""
    digest = hashlib.sha256(sys.version.encode())
    files = [ROOT / "requirements.txt", *sorted((ROOT / "lecturekit").rglob("*"))]
    for file in files:
        if file.is_file() and file.suffix in {".txt", ".py", ".js", ".css"}:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def open_cache() -> JupyterCacheAbstract:
    """The cache of the present library; those of earlier ones are removed."""
    folder = BUILD / ".jupyter_cache"
    key = library_key()
    for old in folder.glob("*/"):
        if old.name != key:
            shutil.rmtree(old)
    folder.mkdir(parents=True, exist_ok=True)
    current = folder / "current"
    # Rewritten only when it changes: Sphinx compares times.
    if not current.exists() or current.read_text() != str(folder / key):
        current.write_text(str(folder / key))
    return get_cache(str(folder / key))


def run(notebook: nbformat.NotebookNode) -> float:
    """Execute a notebook in place; returns the peak memory of its kernel in MB."""
    notebook.cells.append(nbformat.v4.new_code_cell(_PEAK_MEMORY_CELL))
    try:
        NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT_SEC,
            kernel_name="python3",
            record_timing=False,  # a time stamp in a cell would make it another notebook
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": str(NOTEBOOKS)}},
        ).execute()
    finally:
        measured = notebook.cells.pop()
    return float(measured.outputs[0].text)


def execute(path: Path, cache: JupyterCacheAbstract) -> tuple[nbformat.NotebookNode, str]:
    """One notebook with its outputs, run unless they are kept; and a line on what was done."""
    notebook = nbformat.read(path, as_version=4)
    cost_file = BUILD / "cost" / f"{path.stem}.json"
    if cost_file.exists():
        with suppress(KeyError):
            _, kept = cache.merge_match_into_notebook(notebook)
            cost = json.loads(cost_file.read_text())
            return kept, f"unchanged (ran in {cost['seconds']:.1f} s)"
    start = time.perf_counter()
    peak_memory_mb = run(notebook)
    seconds = time.perf_counter() - start
    cache.cache_notebook_bundle(
        CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds}),
        check_validity=False,
        overwrite=True,
    )
    cost = {
        "seconds": round(seconds, 1),
        "peak_memory_mb": round(peak_memory_mb),
        "commit": _commit(),
    }
    cost_file.parent.mkdir(parents=True, exist_ok=True)
    cost_file.write_text(json.dumps(cost))
    return notebook, f"ran in {seconds:.1f} s, {peak_memory_mb:.0f} MB"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=+changes", "--abbrev=8"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or "unknown"


def main() -> None:
    cache = open_cache()
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    for number, path in enumerate(paths, 1):
        print(f"[{number}/{len(paths)}] {path.name} … ", end="", flush=True)
        try:
            _, done = execute(path, cache)
            print(done, flush=True)
        except CellExecutionError as error:
            print("failed")
            sys.exit(f"{path.relative_to(ROOT)}: {error}")


if __name__ == "__main__":
    main()
