"""How a chapter's code reads: short cells, and names that keep their meaning."""

from collections import defaultdict
from statistics import median

from nbformat.v4 import new_code_cell
from notebook_code import code_cells, names_bound, num_lines

# Beside the exercises, whose cells are the student's: the setup and what is folded away.
NOT_READ = ("colab", "hide-cell", "exercise", "check", "solution")
MEDIAN_LINES, MOST_LINES = 6, 15

# A figure is drawn and forgotten, and so is what a cell does not want.
FREE_NAMES = {"fig", "ax", "axes", "_"}
FEWEST_REUSES = 3


def test_cells_are_short(notebook, notebook_path):
    lengths = [num_lines(cell) for cell in code_cells(notebook, *NOT_READ)]
    middle, longest = median(lengths), max(lengths)
    # `pytest -rP` shows it.
    print(f"{notebook_path.stem}: {len(lengths)} cells, median {middle:g}, longest {longest}")
    assert longest <= MOST_LINES
    assert middle <= MEDIAN_LINES


def test_a_name_means_one_thing(notebook):
    # No machine sees a meaning; but a name given anew in cell after cell has had several.
    kinds = defaultdict(list)
    for cell in code_cells(notebook, "colab", "check", "solution"):
        for name, is_defined in names_bound(cell).items():
            kinds[name].append(is_defined)
    kinds = {name: found for name, found in kinds.items() if name not in FREE_NAMES}
    assert not [name for name, found in kinds.items() if len(found) >= FEWEST_REUSES]
    assert not [name for name, found in kinds.items() if any(found) and len(found) > 1]


def test_only_data_counts_as_one_line():
    table = "rows = [\n    (1, -2.5),\n\n    ('a', None),\n]\nprint(rows)"
    assert num_lines(new_code_cell(table)) == 2
    assert num_lines(new_code_cell(table.replace("None", "f(3)"))) == 5
    assert num_lines(new_code_cell("x = 1\n\n\ny = 2")) == 2


def test_what_a_cell_binds():
    source = (
        "%matplotlib inline\na, (b, c[0]) = f(i := 1)\nwith open(n) as d:\n    e: int = 1\n"
        "def f(g=0):\n    h = 1\nfor k in x:\n    m = [p for p in k]\nq += 1"
    )
    names = names_bound(new_code_cell(source))
    assert names == {
        "a": False,
        "b": False,
        "i": False,
        "d": False,
        "e": False,
        "f": True,
        "m": False,
    }
