"""pytest plugin: what nbval ran is kept for the book, so that one run of a notebook serves both.

Loaded with ``-p keep_nbval``. A notebook's run is kept if each of its cells ran and printed what
is stored; the book that is built next shows what was compared. Then the exercises are tried in the
same kernel (``trials``), for the tests that come next.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import execute
import nbformat
import pytest
import trials
from nbval.plugin import IPyNbCell, IPyNbFile


@dataclass
class Run:
    """What has been seen of one notebook."""

    outputs: list[list[nbformat.NotebookNode]] = field(default_factory=list)
    seconds: float = 0
    passed: bool = True


_RUN = pytest.StashKey[Run]()


def pytest_configure() -> None:
    _ = execute.open_cache().db  # made before workers ask for it side by side


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: execute.longest_first(item.path))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo
) -> Iterator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(item, IPyNbCell) and call.when == "call":
        run = item.parent.stash.setdefault(_RUN, Run())
        run.outputs.append(item.test_outputs)
        run.seconds += call.duration
        run.passed &= report.passed
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    # After a notebook's last cell, while its kernel still lives.
    last = nextitem is None or nextitem.parent is not item.parent
    if last and isinstance(item, IPyNbCell) and item.parent.stash[_RUN].passed:
        _keep(item.parent, item.parent.stash[_RUN])
        _try_exercises(item.parent)


def _keep(file: IPyNbFile, run: Run) -> None:
    notebook = copy.deepcopy(file.nb)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if len(code) != len(run.outputs):
        return  # only some of the cells were asked for
    for number, (cell, outputs) in enumerate(zip(code, run.outputs, strict=True), 1):
        cell.execution_count, cell.outputs = number, outputs
        for output in outputs:
            if output.output_type == "execute_result":
                output.execution_count = number  # nbval's runs have no history, so no numbers
    execute.keep(
        Path(file.path),
        notebook,
        execute.open_cache(),
        seconds=run.seconds,
        peak_memory_mb=_peak_memory_mb(file),
    )


def _try_exercises(file: IPyNbFile) -> None:
    path = Path(file.path)
    if trials.tagged(file.nb, "exercise"):
        trials.keep(path, [_printed(file, trial.source) for trial in trials.of(path, file.nb)])


def _peak_memory_mb(file: IPyNbFile) -> float:
    return float(_printed(file, execute.PEAK_MEMORY_CELL))


def _printed(file: IPyNbFile, source: str) -> str:
    """What code prints in the notebook's kernel; where it stops, the error's name and text too."""
    asked = file.kernel.execute_cell_input(source, allow_stdin=False)
    printed = ""
    while True:
        message = file.get_kernel_message(timeout=execute.CELL_TIMEOUT_SEC)
        if message["parent_header"].get("msg_id") != asked:
            continue
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                printed += content["text"]
            case "error":
                printed += f"{content['ename']}: {content['evalue']}"
            case "status" if content["execution_state"] == "idle":
                return printed
