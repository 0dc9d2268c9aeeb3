"""The self-test's questions: each is whole, and none can be guessed by its look."""

from collections import Counter
from pathlib import Path

import nbformat
import pytest
import yaml
from lecturebook.places import plain
from lecturebook.self_test import KINDS, QuestionError, read

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "book" / "self_test").glob("*.yaml"))
CHAPTERS = {file.name[:2]: file for file in sorted((ROOT / "notebooks").glob("*.ipynb"))}
LEAST_QUESTIONS, LEAST_KINDS = 6, 3

files = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def test_every_chapter_has_its_questions():
    assert [file.stem for file in FILES] == list(CHAPTERS)


@files
def test_a_chapters_questions_are_many_and_of_several_kinds(file):
    questions = read(file)
    assert len(questions) >= LEAST_QUESTIONS
    assert len({question.kind for question in questions}) >= LEAST_KINDS


@files
def test_the_section_that_answers_it_exists(file):
    notebook = nbformat.read(CHAPTERS[file.stem], as_version=4)
    lines = [line for cell in notebook.cells for line in cell.source.splitlines()]
    headings = {plain(line.lstrip("#")) for line in lines if line.startswith("#")}
    assert not [q.id for q in read(file) if plain(q.section) not in headings]


@files
def test_length_does_not_give_the_answer_away(file):
    questions = read(file)
    longest = [max(q.answers, key=lambda answer: len(answer.say)).right for q in questions]
    shortest = [min(q.answers, key=lambda answer: len(answer.say)).right for q in questions]
    assert sum(longest) <= 0.6 * len(questions)
    assert sum(shortest) <= 0.6 * len(questions)


def test_all_kinds_are_asked():
    counted = Counter(question.kind for file in FILES for question in read(file))
    assert set(counted) == set(KINDS)


GOOD = {
    "id": "07-taps",
    "kind": "compute",
    "ask": "How many?",
    "answers": [
        {"say": "1", "because": "No."},
        {"say": "2", "right": True, "because": "Yes."},
        {"say": "3", "because": "No."},
    ],
    "section": "Sums",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "guess"}, "kind: expected one of .*got 'guess'"),
        ({"answers": GOOD["answers"][:2]}, "got 2, 1 of them right"),
        ({"answers": [*GOOD["answers"][:2], GOOD["answers"][1]]}, "got 3, 2 of them right"),
        ({"answers": [{"say": "1", "why": "?"}] * 3}, "expected say, because"),
        ({"id": "08-taps"}, "expected one of its own beginning with 07-, got '08-taps'"),
        ({"more": 1}, "expected .*got .*'more'"),
    ],
)
def test_a_question_with_a_fault_is_refused(tmp_path, change, message):
    file = tmp_path / "07.yaml"
    file.write_text(yaml.safe_dump([GOOD]))
    assert read(file)[0].chapter == 7
    file.write_text(yaml.safe_dump([GOOD | change]))
    with pytest.raises(QuestionError, match=message):
        read(file)
