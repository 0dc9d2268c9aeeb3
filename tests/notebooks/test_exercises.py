"""Every exercise, in its notebook: solved, and answered wrongly in each known way."""

import ast
import importlib
import re

import execute
import nbformat
from notebook_code import code_cells, code_of, tags_of
from store_outputs import is_exempt, text_outputs

# An answer shorter than this, names aside, says too little to be recognised elsewhere.
TELLING_LENGTH = 25


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in tags_of(cell)]


def triples(notebook):
    """Each exercise's three cells, which must follow each other: stub, check, solution."""
    stubs, checks, solutions = (tagged(notebook, t) for t in ("exercise", "check", "solution"))
    assert len(stubs) == len(checks) == len(solutions) >= 6
    found = []
    for stub, check, solution in zip(stubs, checks, solutions, strict=True):
        order = [notebook.cells.index(cell) for cell in (stub, check, solution)]
        assert order == sorted(order)
        assert "hide-cell" in solution.metadata.tags
        found.append((stub, check, solution))
    return found


def answer_name(stub):
    """The function or variable that the student fills in: the last one that the stub defines."""
    return re.findall(r"(?m)^(?:def )?(\w+)(?:\(| = )", stub.source)[-1]


def chapter_of(notebook_path):
    return importlib.import_module(f"lecturekit.exercises.ch{notebook_path.stem[:2]}")


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def text_of(cell):
    """What a cell prints, and the text of what it displays: (stream or type, text) pairs."""
    return [
        (output.get("name", output.output_type), output.get("text") or output.data["text/plain"])
        for output in text_outputs(cell)
    ]


def test_as_it_is_nothing_is_solved_and_every_solution_is_right(executed, notebook_path):
    for (stub, check, solution), exercise in zip(
        triples(executed), chapter_of(notebook_path).EXERCISES, strict=True
    ):
        assert answer_name(stub) == exercise.name
        if exercise.kind == "debug":
            # Its stub is broken code: it runs, and is wrong.
            assert printed(check).startswith(("✗", "◌"))
        else:
            assert "..." in stub.source
            assert "not attempted yet" in printed(check)
        assert printed(solution).startswith("✓")


def test_solutions_pass_and_each_known_wrong_answer_gets_its_hint(notebook_path):
    # One run tries all, since chapters train networks: each stub becomes its solution, and every
    # wrong answer follows the check with a check of its own.
    chapter = chapter_of(notebook_path)
    module = chapter.__name__.rpartition(".")[2]
    notebook = nbformat.read(notebook_path, as_version=4)
    exercises = triples(notebook)
    outside = [cell for cell in code_cells(notebook, "exercise", "check") if not is_exempt(cell)]
    stored = [text_of(cell) for cell in outside]
    expected = []
    for (stub, check, solution), exercise in zip(exercises, chapter.EXERCISES, strict=True):
        name = exercise.name
        stub.source = solution.source
        position = notebook.cells.index(check) + 1
        for i, wrong in reversed(list(enumerate(exercise.misconceptions))):
            answer = f"{name} = {module}.{name.upper()}.misconceptions[{i}].answer"
            tried = nbformat.v4.new_code_cell(f"{answer}\n{check.source}")
            tried.metadata.hint = wrong.hint
            notebook.cells.insert(position, tried)
            expected.append(wrong.hint)
    execute.run(notebook)
    # Another run than nbval's, in which exercises are solved: the chapter prints the same.
    assert [text_of(cell) for cell in outside] == stored
    for _, check, _ in exercises:
        assert printed(check).startswith("✓")
    hints = [
        (cell.metadata.hint, printed(cell)) for cell in notebook.cells if "hint" in cell.metadata
    ]
    assert len(hints) == len(expected) >= 12
    for hint, shown in hints:
        assert shown.startswith("✗")
        assert shown.endswith(hint + "\n")


def test_an_answer_that_raises_does_not_stop_the_notebook(notebook_path):
    notebook = nbformat.read(notebook_path, as_version=4)
    first = next(three for three in triples(notebook) if three[0].source.startswith("def "))
    name = answer_name(first[0])
    imports = [c for c in notebook.cells if c.cell_type == "code" and "lecturekit" in c.source][1]
    raising = nbformat.v4.new_code_cell(f"def {name}(*_):\n    raise KeyError('t')")
    notebook.cells = [imports, raising, first[1]]
    execute.run(notebook)
    assert "stopped with KeyError" in printed(notebook.cells[-1])


def test_each_goal_of_the_chapter_is_exercised(notebook):
    # A stub says in its metadata which lines of "You will be able to" it exercises, from 1.
    first = notebook.cells[0].source
    goals = re.findall(r"(?m)^- ", first.partition("You will be able to")[2])
    exercised = [stub.metadata.get("goals", []) for stub in tagged(notebook, "exercise")]
    assert all(exercised), "an exercise without goals in its metadata"
    assert {goal for some in exercised for goal in some} == set(range(1, len(goals) + 1))


class _Anonymous(ast.NodeTransformer):
    """Code with every name of the author's own replaced: a copy is one whatever it is called."""

    def visit_Name(self, node):
        return ast.copy_location(ast.Name("_", node.ctx), node)

    def visit_arg(self, node):
        return ast.copy_location(ast.arg("_"), node)


def anonymous(node):
    return ast.unparse(_Anonymous().visit(node))


def answers(solution):
    """What the solution returns, and its lines: each a thing that the page must not show."""
    for node in ast.walk(code_of(solution)):
        if isinstance(node, ast.Return | ast.Assign) and node.value is not None:
            yield anonymous(node.value)


def test_no_answer_stands_in_the_page(notebook):
    page = [
        anonymous(code_of(cell))
        for cell in code_cells(notebook, "solution", "exercise", "check", "colab")
    ]
    for stub, _, solution in triples(notebook):
        if "def " not in solution.source:
            continue  # a number: its derivation is not on the page, which no parser can tell
        told = [text for text in answers(solution) if len(text) >= TELLING_LENGTH]
        given = [text for text in told if any(text in cell for cell in page)]
        assert len(given) <= len(told) / 2, f"{answer_name(stub)}: the page shows {given}"
