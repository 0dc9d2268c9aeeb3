"""Runs the notebooks that have changed, and keeps their outputs for the book build.

``python tools/execute.py`` runs each notebook of ``notebooks/`` whose code, whose modules of the
library (``dependencies``), whose Python or whose lock is not the one of its kept outputs. The
outputs go into the jupyter-cache that MyST-NB reads (``_build/.jupyter_cache``), the cost of the
run into ``_build/cost/<notebook>.json``, which becomes the chapter's cost card.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

import dependencies
import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "_build"
CELL_TIMEOUT_SEC = 600  # some cells train networks
# Notebooks side by side, a thread each: two at a time on two cores take less than one after the
# other with two threads. A chapter may take 2 GB.
JOBS = min(os.cpu_count() or 1, 4)
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What chapters are known to take longest starts first, so that all cores end together.
LONGEST = ("09", "04", "03", "12", "06")
# Keep freed memory for the next batch (glibc): a training else gives it back and asks the system
# for it again at every step, which takes an eighth of its time.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(2**32))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**32))

# Progress bars are for people who watch: no output that is kept or compared has one.
os.environ["TQDM_DISABLE"] = "1"

# The peak of the kernel's resident memory; Linux counts KiB, macOS bytes.
PEAK_MEMORY_CELL = """
import resource, sys
unit_bytes = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes / 1e6)
"""


def longest_first(path: Path) -> tuple[int, str]:
    """Key that sorts notebooks in the order in which they are best started."""
    chapter = path.stem[:2]
    return LONGEST.index(chapter) if chapter in LONGEST else len(LONGEST), path.name


def open_cache() -> JupyterCacheAbstract:
    """The outputs of the notebooks' latest runs, where MyST-NB looks for them."""
    return get_cache(str(BUILD / ".jupyter_cache"))


def key(notebook: nbformat.NotebookNode) -> str:
    """Hash of all that a notebook's outputs depend on, besides its own code."""
    digest = hashlib.sha256(sys.version.encode())
    for file in [ROOT / "requirements.txt", *dependencies.of_notebook(notebook, ROOT)]:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def run(notebook: nbformat.NotebookNode) -> float:
    """Execute a notebook in place; returns the peak memory of its kernel in MB."""
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK_MEMORY_CELL))
    try:
        NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT_SEC,
            kernel_name="python3",
            record_timing=False,  # a time stamp in a cell would make it another notebook
            store_widget_state=False,  # a page has no kernel; explorers carry their state
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": str(NOTEBOOKS)}},
        ).execute()
    finally:
        measured = notebook.cells.pop()
    return float(measured.outputs[0].text)


def cost_file(path: Path) -> Path:
    return BUILD / "cost" / f"{path.stem}.json"


def kept(path: Path, cache: JupyterCacheAbstract) -> nbformat.NotebookNode | None:
    """A notebook with the outputs of its latest run, if that was of the present code."""
    notebook = nbformat.read(path, as_version=4)
    cost = json.loads(cost_file(path).read_text()) if cost_file(path).is_file() else {}
    if cost.get("key") != key(notebook):
        return None
    with suppress(KeyError):
        return cache.merge_match_into_notebook(notebook)[1]
    return None


def keep(
    path: Path,
    notebook: nbformat.NotebookNode,
    cache: JupyterCacheAbstract,
    *,
    seconds: float,
    peak_memory_mb: float,
) -> None:
    """Keep the outputs and the cost of a run, in place of those of earlier ones."""
    for record in cache.list_cache_records():
        if record.uri == str(path):
            cache.remove_cache(record.pk)
    bundle = CacheBundleIn(notebook, str(path))
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    cost = {
        "seconds": round(seconds, 1),
        "peak_memory_mb": round(peak_memory_mb),
        "commit": _commit(),
        "key": key(notebook),
    }
    cost_file(path).parent.mkdir(parents=True, exist_ok=True)
    cost_file(path).write_text(json.dumps(cost))


def execute(path: Path, cache: JupyterCacheAbstract) -> tuple[nbformat.NotebookNode, str]:
    """One notebook with its outputs, run unless they are kept; and a line on what was done."""
    if notebook := kept(path, cache):
        return notebook, "unchanged"
    notebook, seconds, peak_memory_mb = _timed_run(path)
    keep(path, notebook, cache, seconds=seconds, peak_memory_mb=peak_memory_mb)
    return notebook, _told(seconds, peak_memory_mb)


def _timed_run(path: Path) -> tuple[nbformat.NotebookNode, float, float]:
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    peak_memory_mb = run(notebook)
    return notebook, time.perf_counter() - start, peak_memory_mb


def _told(seconds: float, peak_memory_mb: float) -> str:
    return f"ran in {seconds:.1f} s, {peak_memory_mb:.0f} MB"


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
    changed = [path for path in paths if kept(path, cache) is None]
    if len(changed) < len(paths):
        print(f"{len(paths) - len(changed)} of {len(paths)} unchanged", flush=True)
    with ThreadPoolExecutor(JOBS) as pool:
        order = sorted(changed, key=longest_first)
        running = {pool.submit(_timed_run, path): path for path in order}
        for number, done in enumerate(as_completed(running), 1):
            path = running[done]
            try:
                notebook, seconds, peak_memory_mb = done.result()
            except CellExecutionError as error:
                pool.shutdown(cancel_futures=True)
                sys.exit(f"{path.relative_to(ROOT)}: {error}")
            keep(path, notebook, cache, seconds=seconds, peak_memory_mb=peak_memory_mb)
            said = _told(seconds, peak_memory_mb)
            print(f"[{number}/{len(changed)}] {path.name} {said}", flush=True)


if __name__ == "__main__":
    main()
