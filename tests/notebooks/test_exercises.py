"""Every exercise, in its notebook: solved, and answered wrongly in each known way."""

import importlib
import re

import execute
import nbformat
import pytest


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def triples(notebook):
    """Each exercise's three cells, which must follow each other: stub, check, solution."""
    stubs, checks, solutions = (tagged(notebook, t) for t in ("exercise", "check", "solution"))
    assert len(stubs) == len(checks) == len(solutions) >= 3
    found = []
    for stub, check, solution in zip(stubs, checks, solutions, strict=True):
        order = [notebook.cells.index(cell) for cell in (stub, check, solution)]
        assert order == sorted(order)
        assert "hide-cell" in solution.metadata.tags
        found.append((stub, check, solution))
    return found


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def test_as_it_is_nothing_is_attempted_and_every_solution_is_right(notebook):
    for stub, check, solution in triples(notebook):
        assert re.search(r"return \.\.\.", stub.source)
        assert "not attempted yet" in printed(check)
        assert printed(solution).startswith("✓")


def test_solutions_pass_and_each_known_wrong_answer_gets_its_hint(notebook_path):
    # One run tries all, since chapters train networks: each stub becomes its solution, and every
    # wrong answer follows the check with a check of its own.
    number = notebook_path.stem[:2]
    chapter = importlib.import_module(f"lecturekit.exercises.ch{number}")
    notebook = nbformat.read(notebook_path, as_version=4)
    exercises = triples(notebook)
    expected = []
    for (stub, check, solution), exercise in zip(exercises, chapter.EXERCISES, strict=True):
        name = re.search(r"def (\w+)\(", stub.source)[1]
        assert name == exercise.name
        stub.source = solution.source
        position = notebook.cells.index(check) + 1
        for i, wrong in reversed(list(enumerate(exercise.misconceptions))):
            answer = f"{name} = ch{number}.{name.upper()}.misconceptions[{i}].answer"
            tried = nbformat.v4.new_code_cell(f"{answer}\n{check.source}")
            tried.metadata.hint = wrong.hint
            notebook.cells.insert(position, tried)
            expected.append(wrong.hint)
    execute.run(notebook)
    for _, check, _ in exercises:
        assert printed(check).startswith("✓")
    hints = [
        (cell.metadata.hint, printed(cell)) for cell in notebook.cells if "hint" in cell.metadata
    ]
    assert len(hints) == len(expected) >= 6
    for hint, shown in hints:
        assert shown.startswith("✗")
        assert shown.endswith(hint + "\n")


def test_an_answer_that_raises_does_not_stop_the_notebook(notebook_path):
    notebook = nbformat.read(notebook_path, as_version=4)
    first = triples(notebook)[0]
    name = re.search(r"def (\w+)\(", first[0].source)[1]
    imports = [c for c in notebook.cells if c.cell_type == "code" and "lecturekit" in c.source][1]
    raising = nbformat.v4.new_code_cell(f"def {name}(*_):\n    raise KeyError('t')")
    notebook.cells = [imports, raising, first[1]]
    execute.run(notebook)
    assert "stopped with KeyError" in printed(notebook.cells[-1])


@pytest.fixture(scope="module")
def notebook(notebook_path):
    ran, _ = execute.execute(notebook_path, execute.open_cache())
    return ran
