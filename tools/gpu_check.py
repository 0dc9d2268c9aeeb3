"""Runs the notebooks on a GPU: do their claims hold there, how long do they take, on what memory?

``python3 tools/gpu_check.py`` (or ``make gpu-check``) runs each notebook twice, with the GPU, whose
budget is larger, and with the GPU hidden. It prints times, memory and the accuracy of every network
that a notebook tested, writes them to ``_build/gpu_check.json`` and the notebooks with what they
printed to ``_build/gpu_check/``, and ends with one line. Its Python is the machine's, with the
torch that knows the GPU: ``.venv`` holds torch's CPU build.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import time
import tomllib
import venv
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "_build"
CELL_TIMEOUT_SEC = 1800
RUNNERS = ["nbclient", "ipykernel"]  # what runs a notebook, besides what lecturekit needs

# Run in the notebook's kernel after its last cell, or after the one that stopped it.
_REPORT_CELL = """
import sys
sys.path.append({tools!r})
import gpu_check
print(gpu_check.report(globals()))
"""


@dataclass
class Run:
    """One notebook, run once."""

    chapter: str
    budget: str
    seconds: float = 0.0
    peak_gpu_mb: float | None = None
    models: dict[str, dict] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def requirements() -> list[str]:
    """What the notebooks need, as pip reads it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["dependencies"] + RUNNERS


def lacking() -> list[str]:
    """The requirements that no installed package answers, whatever its version."""
    return [line for line in requirements() if not _installed(line)]


def _installed(requirement: str) -> bool:
    name = re.match(r"[\w.-]+", requirement)[0]
    # A server has the build of OpenCV that opens no windows; it goes by another name.
    names = [name, f"{name}-headless"] if name.startswith("opencv") else [name]
    for known in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return bool(importlib.metadata.distribution(known))
    return False


def environment(wheels: Path) -> Path:
    """The Python of a fresh environment: this one's packages, and what it lacks from wheels.

    torch with CUDA is gigabytes and built for its machine, so this Python's own is used, also where
    this Python is a virtual environment itself.
    """
    folder = BUILD / "gpu-venv"
    venv.EnvBuilder(clear=True, symlinks=os.name != "nt").create(folder)
    scripts, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    python = folder / scripts / name
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True)
    ours = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    (Path(asked.stdout.strip()) / "machine.pth").write_text("\n".join(ours))
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--find-links", wheels]
    subprocess.run([python, "-m", "pip", "install", *options, *lacking()], check=True)
    return python


def report(namespace: Mapping[str, Any]) -> str:
    """What a kernel holds in the end, as a line of JSON: the networks' tests, the GPU's memory."""
    import torch

    peak = torch.cuda.max_memory_allocated() / 1e6 if torch.cuda.is_available() else None
    own = {name: value for name, value in namespace.items() if not _is_ipythons(name)}
    seen: set[int] = set()
    models = {
        name: {"all": round(test.accuracy, 4)}
        | {group: round(share, 4) for group, share in test.per_group.items()}
        for variable, value in own.items()
        for name, test in _tests(variable, value, seen)
    }
    return json.dumps({"peak_gpu_mb": peak, "models": models})


def _is_ipythons(name: str) -> bool:
    return name.startswith("_") or name in {"In", "Out"}


def _tests(name: str, value: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """The evaluations in a value and in the containers it holds, each once, as one writes them."""
    from lecturekit.evaluation import Evaluation
    from lecturekit.training import Result

    if isinstance(value, Result):
        value = value.test
    if id(value) in seen:
        return
    match value:
        case Evaluation():
            seen.add(id(value))
            yield name, value
        case dict():
            seen.add(id(value))
            for key, item in value.items():
                yield from _tests(f"{name}[{key!r}]", item, seen)
        case list() | tuple():
            seen.add(id(value))
            for index, item in enumerate(value):
                yield from _tests(f"{name}[{index}]", item, seen)


def run(path: Path, budget: str) -> Run:
    """One notebook in a kernel of its own. A claim that fails does not stop it; an error does."""
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_SEC,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.create_kernel_manager()
    # The kernel of this Python, even where another one has registered itself under the name.
    client.km.kernel_spec_manager = KernelSpecManager(kernel_dirs=[])
    done = Run(path.stem, budget)
    start = time.perf_counter()
    with client.setup_kernel(env=_kernel_environment(budget)):
        done.errors = _execute(client)
        done.seconds = round(time.perf_counter() - start, 1)
        told = _ask(client, _REPORT_CELL.format(tools=str(ROOT / "tools")))
    done.peak_gpu_mb, done.models = told.get("peak_gpu_mb"), told.get("models", {})
    done.errors += told.get("errors", [])
    kept = BUILD / "gpu_check" / f"{path.stem}_{budget}.ipynb"
    kept.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, kept)
    return done


def _kernel_environment(budget: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {"TQDM_DISABLE": "1", "PYTHONPATH": os.pathsep.join(paths)}
    hidden = {"CUDA_VISIBLE_DEVICES": ""} if budget == "cpu" else {}
    return {**os.environ, **variables, **hidden}


def _execute(client: Any) -> list[str]:
    """Runs the cells; returns what failed, a line each."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    errors = []
    for index, cell in enumerate(client.nb.cells):
        try:
            client.execute_cell(cell, index)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            errors.append(f"cell {index}: {_first_line(error)}")
            if getattr(error, "ename", "") != "AssertionError":
                break
    return errors


def _first_line(error: Any) -> str:
    """The kind of error and what it says; of a failed claim that says nothing, the claim itself."""
    kind, said = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", str(error))
    if not said.strip():
        plain = re.sub(r"\x1b\[[\d;]*m", "", error.traceback)
        said = "".join(re.findall(r"^-+> \d+ +(.*)$", plain, re.MULTILINE)[:1])
    return ": ".join([kind, *said.strip().splitlines()[:1]])


def _ask(client: Any, source: str) -> dict:
    """What a cell prints as JSON, or what kept it from printing."""
    import nbformat
    from nbclient.exceptions import CellControlSignal, DeadKernelError

    cells = client.nb.cells
    cells.append(nbformat.v4.new_code_cell(source))
    try:
        client.execute_cell(cells[-1], len(cells) - 1)
        return json.loads("".join(out.get("text", "") for out in cells[-1].outputs))
    except (CellControlSignal, DeadKernelError) as error:
        return {"errors": [f"report: {_first_line(error)}"]}
    finally:
        cells.pop()


def table(runs: list[Run]) -> str:
    """Times and memory by chapter, then accuracy by network, as text."""
    lines = [f"{'chapter':24s}{'CPU budget':>12s}{'GPU budget':>12s}{'GPU memory':>13s}"]
    by_budget = {(r.chapter, r.budget): r for r in runs}
    for chapter in sorted({r.chapter for r in runs}):
        both = [by_budget.get((chapter, budget)) for budget in ("cpu", "gpu")]
        times = "".join(f"{f'{r.seconds:.1f} s' if r else '':>12s}" for r in both)
        peak = f"{both[1].peak_gpu_mb:,.0f} MB" if both[1] and both[1].peak_gpu_mb else ""
        lines.append(f"{chapter:24s}{times}{peak:>13s}".rstrip())
    for r in sorted(runs, key=lambda r: (r.chapter, r.budget)):
        if r.models:
            lines += ["", f"accuracy, {r.chapter}, {r.budget.upper()} budget"]
        width = max((len(name) for name in r.models), default=0)
        for name, shares in r.models.items():
            told = " · ".join(f"{group} {share:.2f}" for group, share in shares.items())
            lines.append(f"  {name:{width}s}  {told}")
    lines += [
        f"\nfailed, {r.chapter}, {r.budget.upper()} budget: {e}" for r in runs for e in r.errors
    ]
    return "\n".join(lines)


def verdict(runs: list[Run], device: str) -> str:
    """The last line."""
    failed = [f"{r.chapter} ({r.budget.upper()} budget)" for r in runs if r.errors]
    passed = f"{len(runs) - len(failed)} of {len(runs)} runs passed on {device}"
    return f"gpu-check: {passed}" + (f"; failed: {', '.join(failed)}" if failed else "")


def chosen(numbers: list[str]) -> list[Path]:
    """The notebooks of these chapters; all of them where none is named."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    by_number = {int(path.stem.split("_")[0]): path for path in paths}
    unknown = [number for number in numbers if not number.isdigit() or int(number) not in by_number]
    if unknown:
        known = ", ".join(map(str, by_number))
        sys.exit(f"gpu-check: chapters: expected some of {known}, got {', '.join(unknown)}")
    return [by_number[int(number)] for number in numbers] if numbers else paths


def check(paths: list[Path], budgets: list[str], device: str) -> list[Run]:
    """Runs the notebooks, budget by budget; what is known is on disk after each."""
    runs = []
    for budget in budgets:
        for path in paths:
            print(f"{path.stem}, {budget.upper()} budget … ", end="", flush=True)
            runs.append(run(path, budget))
            print(f"{runs[-1].seconds:.1f} s", "FAILED" if runs[-1].errors else "", flush=True)
            told = {"device": device, "runs": [asdict(r) for r in runs]}
            (BUILD / "gpu_check.json").write_text(json.dumps(told, indent=1, ensure_ascii=False))
    return runs


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheels", type=Path, help="install what is lacking from this folder")
    parser.add_argument("--allow-cpu", action="store_true", help="without a GPU, run on the CPU")
    parser.add_argument("--chapters", nargs="*", default=[], help="their numbers; all unless told")
    told = parser.parse_args(arguments)
    paths = chosen(told.chapters)
    BUILD.mkdir(exist_ok=True)
    if told.wheels:
        again = [__file__, *(["--allow-cpu"] * told.allow_cpu), "--chapters", *told.chapters]
        return subprocess.run([environment(told.wheels), *again]).returncode
    if names := lacking():
        print(f"gpu-check: not installed for {sys.executable}: {', '.join(names)}")
        return 1
    import torch

    has_gpu = torch.cuda.is_available()
    device = torch.cuda.get_device_name() if has_gpu else "the CPU: no GPU is at hand"
    if not has_gpu and not told.allow_cpu:
        print(f"gpu-check: no GPU is at hand (torch {torch.__version__}); --allow-cpu runs without")
        return 1
    runs = check(paths, ["gpu", "cpu"] if has_gpu else ["cpu"], device)
    print("\n" + table(runs) + "\n\n" + verdict(runs, device))
    return int(any(r.errors for r in runs))


if __name__ == "__main__":
    sys.exit(main())
