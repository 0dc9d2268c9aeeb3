"""What a notebook in the repository holds: all its text outputs, and nothing generated besides."""

import re

import set_repository
from lecturebook.reading import reading
from notebook_code import code_cells, tags_of
from store_outputs import is_exempt, text_outputs

MAX_READING_MINUTES = 45


def test_every_text_output_is_stored(notebook, executed):
    # nbval compares nothing where nothing is stored: this test forbids the gap.
    for stored, ran in zip(code_cells(notebook), code_cells(executed), strict=True):
        if is_exempt(stored):
            # Not the same, but as many: whoever reads the notebook's file sees the table.
            kinds = [[o.output_type for o in cell] for cell in (text_outputs(ran), stored.outputs)]
            assert kinds[0] == kinds[1], stored.source
        else:
            assert text_outputs(ran) == list(stored.outputs), stored.source


def test_no_image_html_or_widget_is_stored(notebook):
    assert "widgets" not in notebook.metadata  # where a run leaves the state of its widgets
    for number, cell in enumerate(code_cells(notebook), 1):
        assert cell.execution_count == number
        for output in cell.outputs:
            assert set(output.get("data", {})) <= {"text/plain"}, cell.source


def test_no_run_warns(executed):
    for cell in code_cells(executed):
        assert not [o.text for o in cell.outputs if o.get("name") == "stderr"], cell.source


def test_no_run_leaves_a_progress_bar(executed):
    # It would show up on a slow machine only, in outputs that are compared.
    for cell in code_cells(executed):
        texts = [o.get("data", {}).get("text/plain", "") for o in cell.outputs]
        assert not any("it/s]" in text or "clip/s]" in text for text in texts), cell.source


def test_an_exempt_cell_says_why(notebook):
    for cell in code_cells(notebook):
        assert is_exempt(cell) == ("nbval" in cell.metadata), cell.source
        if is_exempt(cell):
            assert len(cell.metadata["nbval"]["reason"]) > 20


def test_every_figure_has_alt_text(executed):
    for cell in code_cells(executed):
        draws = any("image/png" in output.get("data", {}) for output in cell.outputs)
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        assert draws == bool(alt), cell.source
        assert not draws or len(alt) > 40, alt


def test_the_code_of_an_aside_is_folded(notebook):
    for cell in code_cells(notebook):
        assert "aside" not in tags_of(cell) or "hide-cell" in tags_of(cell), cell.source


def test_a_chapter_is_read_in_one_sitting(notebook):
    # What is long and not the chapter's idea goes into a folded aside.
    assert reading(notebook).text.minutes <= MAX_READING_MINUTES


def test_the_first_cell_installs_on_colab_and_only_there_from_the_one_address(notebook):
    first = code_cells(notebook)[0]
    assert first.source == (
        'import sys\n\nif "google.colab" in sys.modules:\n'
        f'    %pip install --quiet "lecturekit @ git+{set_repository.current()}"'
    )
    assert "colab" in first.metadata.tags


def test_a_chapter_asks_for_predictions_names_bugs_and_compares_sources(notebook):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    classes = re.findall(r"(?m)^:class: (\w+)$", prose)
    assert classes.count("prediction") >= 3
    assert classes.count("bug") >= 3
    assert classes.count("sources") >= 1
