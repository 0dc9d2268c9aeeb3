"""Every exercise, in its notebook: solved, and answered wrongly in each known way."""

import ast
import re

import trials
from notebook_code import code_cells, code_of
from trials import answer_name, chapter_of, tagged, triples

# An answer shorter than this, names aside, says too little to be recognised elsewhere.
TELLING_LENGTH = 25


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


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


def test_solutions_pass_and_each_known_wrong_answer_gets_its_hint(notebook, notebook_path, tried):
    asked = trials.of(notebook_path, notebook)
    assert len(asked) == len(tried)
    for trial, shown in zip(asked, tried, strict=True):
        assert shown.startswith(trial.begins), trial.source
        assert trial.middle in shown, trial.source
        assert shown.endswith(trial.ends), trial.source


def test_every_exercise_is_tried_right_and_wrong(notebook, notebook_path):
    asked = trials.of(notebook_path, notebook)
    for exercise in chapter_of(notebook_path).EXERCISES:
        begins = [trial.begins for trial in asked if trial.exercise == exercise.name]
        assert begins.count("✓") == 1
        assert begins.count("✗") >= max(2, len(exercise.misconceptions))
    assert any("KeyError" in trial.middle for trial in asked)


def test_what_follows_an_exercise_is_what_its_solution_makes(notebook):
    # Exercises are tried after the last cell. That is as if each had been solved in its place, for
    # the solution's cell has run there, if no cell between a stub and its solution needs it.
    for stub, check, solution in triples(notebook):
        first, last = notebook.cells.index(stub), notebook.cells.index(solution)
        assert [cell for cell in notebook.cells[first:last] if cell.cell_type == "code"] == [
            stub,
            check,
        ]
        assert "hide-cell" in solution.metadata.tags


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
