"""The page of the self-test: the questions of ``book/self_test/NN.yaml``, one file a chapter.

The directive ``{self-test}`` writes all of them as a list with folded answers, which is what a
reader without scripts has; ``book/_static/self_test.js`` asks them one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from .places import to_place

FOLDER = "book/self_test"
KINDS = {
    "define": "what a word means",
    "predict": "what will happen",
    "compute": "a number by hand",
    "debug": "what went wrong",
    "judge": "what follows from it",
}


class QuestionError(ExtensionError):
    """A question is not written as it has to be; the message says which, and what was expected."""


@dataclass(frozen=True)
class Answer:
    say: str
    because: str
    right: bool


@dataclass(frozen=True)
class Question:
    """One question with its answers; all texts are Markdown, ``section`` a heading's words."""

    id: str
    kind: str
    ask: str
    answers: tuple[Answer, ...]
    section: str

    @property
    def chapter(self) -> int:
        return int(self.id[:2])


def read(file: Path) -> list[Question]:
    """The questions of a chapter's file.

    Raises:
        QuestionError: one lacks a part, has no or several right answers, or is another's double.
    """
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    questions = [_question(item, f"{file.name}, question {n}") for n, item in enumerate(found, 1)]
    ids = [question.id for question in questions]
    for id in ids:
        if not id.startswith(f"{file.stem}-") or ids.count(id) > 1:
            raise QuestionError(
                f"{file.name}: id: expected one of its own beginning with {file.stem}-, got {id!r}"
            )
    return questions


def _question(item: dict[str, Any], where: str) -> Question:
    expected = {"id", "kind", "ask", "answers", "section"}
    if not isinstance(item, dict) or set(item) != expected:
        got = sorted(item) if isinstance(item, dict) else item
        raise QuestionError(f"{where}: expected {sorted(expected)}, got {got}")
    where = f"{where} ({item['id']})"
    if item["kind"] not in KINDS:
        raise QuestionError(f"{where}: kind: expected one of {list(KINDS)}, got {item['kind']!r}")
    for answer in item["answers"]:
        if not {"say", "because"} <= set(answer) <= {"say", "because", "right"}:
            raise QuestionError(
                f"{where}: answers: expected say, because and for one right, got {sorted(answer)}"
            )
    answers = tuple(
        Answer(str(answer["say"]), str(answer["because"]), answer.get("right", False) is True)
        for answer in item["answers"]
    )
    right = sum(answer.right for answer in answers)
    if right != 1 or not 3 <= len(answers) <= 4:
        raise QuestionError(
            f"{where}: answers: expected three or four, one of them right, "
            f"got {len(answers)}, {right} of them right"
        )
    return Question(item["id"], item["kind"], item["ask"], answers, item["section"])


class SelfTest(SphinxDirective):
    """All questions, chapter by chapter, and the script that asks them."""

    def run(self) -> list[nodes.Node]:
        folder = Path(self.env.srcdir, FOLDER)
        parts: list[nodes.Node] = []
        for file in sorted(folder.glob("*.yaml")):
            self.env.note_dependency(str(file))
            questions = read(file)
            parts.append(nodes.rubric("", f"Chapter {questions[0].chapter}"))
            parts += [self._shown(question) for question in questions]
        return [
            _html('<div id="self-test"></div><details class="all-questions">'),
            _html("<summary>All questions as a list, with their answers</summary>"),
            *parts,
            _html('</details><script defer src="_static/self_test.js"></script>'),
        ]

    def _shown(self, question: Question) -> nodes.container:
        box = nodes.container(classes=["question", f"kind-{question.kind}"])
        box["ids"].append(f"q-{question.id}")
        box += nodes.container("", *self._parsed(question.ask), classes=["ask"])
        box += self._list("says", (answer.say for answer in question.answers))
        box += _html("<details><summary>Answer</summary>")
        reasons = (
            f"{'**Right.**' if answer.right else '**No.**'} {answer.because}"
            for answer in question.answers
        )
        box += self._list("reasons", reasons)
        place = to_place(question.chapter, question.section, question.section)
        self.set_source_info(place)
        place = nodes.paragraph("", f"Chapter {question.chapter}: ", place, classes=["where"])
        box += [place, _html("</details>")]
        return box

    def _list(self, name: str, texts: Iterator[str]) -> nodes.enumerated_list:
        items = (nodes.list_item("", *self._parsed(text)) for text in texts)
        return nodes.enumerated_list("", *items, enumtype="loweralpha", classes=[name])

    def _parsed(self, text: str) -> list[nodes.Node]:
        return self.parse_text_to_nodes(text.strip())


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def setup(app: Sphinx) -> None:
    app.add_directive("self-test", SelfTest)
