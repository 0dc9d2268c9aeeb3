"""How long a chapter takes its reader: counted from the notebook, by one rule for card and tests.

A minute is 180 words of prose or 12 lines of code; a line of a displayed formula counts as a line
of code. Outputs, figures and blank lines are not counted. Three times are kept apart:

- ``text``: what stands open on the page;
- ``exercises``: the section of that name, read, and for each line that a solution adds to its stub
  a minute of thinking (three minutes an exercise at least);
- ``asides``: what a reader may leave closed, that is folded asides and the code of figures.

Set-up cells and solutions (tag ``hide-cell``) are not reading.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode

WORDS_A_MINUTE = 180
LINES_A_MINUTE = 12
SOLUTION_LINES_A_MINUTE = 1
MIN_EXERCISE_MINUTES = 3
EXERCISES_HEADING = "Exercises"

_SYNTAX = {"amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"}
_FORMULAS = {"math_block", "math_block_label", "amsmath"}
_CODE_DIRECTIVES = {"code", "code-block", "math"}


@dataclass
class Amount:
    """Words of prose, and lines of code or formulas."""

    words: int = 0
    lines: int = 0

    @property
    def minutes(self) -> float:
        return self.words / WORDS_A_MINUTE + self.lines / LINES_A_MINUTE


@dataclass
class Reading:
    """What a chapter asks of its reader."""

    text: Amount = field(default_factory=Amount)
    exercises: Amount = field(default_factory=Amount)
    asides: Amount = field(default_factory=Amount)
    thinking_minutes: float = 0

    @property
    def exercise_minutes(self) -> float:
        """To read the exercises and to solve them."""
        return self.exercises.minutes + self.thinking_minutes


def reading(notebook: NotebookNode) -> Reading:
    """Count a chapter."""
    found = Reading()
    open_ = found.text
    stub = ""
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            tokens = _parser().parse(cell.source)
            for number, token in enumerate(tokens):
                if token.type == "heading_open" and token.tag in {"h1", "h2"}:
                    exercises = tokens[number + 1].content == EXERCISES_HEADING
                    open_ = found.exercises if exercises else found.text
                _count(token, open_, found.asides)
        elif cell.cell_type == "code":
            if "solution" in tags:
                found.thinking_minutes += _minutes_to_solve(stub, cell.source)
            elif tags & {"aside", "hide-input"}:
                found.asides.lines += _lines(cell.source)
            elif "hide-cell" not in tags:
                open_.lines += _lines(cell.source)
            if "exercise" in tags:
                stub = cell.source
    return found


@cache
def _parser() -> MarkdownIt:
    return create_md_parser(MdParserConfig(enable_extensions=_SYNTAX), RendererHTML)


def _count(token: Token, open_: Amount, asides: Amount) -> None:
    """Add one block of Markdown to what is open, or to the asides."""
    if token.type == "inline":
        open_.words += _words("".join(map(_visible, token.children or ())))
    elif token.type in _FORMULAS:
        open_.lines += _lines(re.sub(r"\\(begin|end)\{.*?\}", "", token.content))
    elif token.type == "html_block":
        open_.words += _words(re.sub(r"<[^>]*>", " ", token.content))
    elif token.type in {"fence", "colon_fence", "code_block"}:
        directive = re.match(r"\{([\w:-]+)\}\s*(.*)", token.info)
        options = re.match(r"(?::[\w-]+:.*\n?)*", token.content)[0]
        body = token.content.removeprefix(options)
        if not directive or directive[1] in _CODE_DIRECTIVES:
            open_.lines += _lines(body)
            return
        classes = re.search(r"(?m)^:class:(.*)$", options)
        folded = "dropdown" in (directive[1], *(classes[1].split() if classes else ()))
        for inner in _parser().parse(f"{directive[2]}\n\n{body}"):
            _count(inner, asides if folded else open_, asides)


def _visible(token: Token) -> str:
    """What a reader sees of a piece of a line; a formula or a citation is one word."""
    if token.type in {"math_inline", "math_inline_double", "myst_role"}:
        return "one"
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    return token.content if token.type in {"text", "code_inline"} else ""


def _words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def _minutes_to_solve(stub: str, solution: str) -> float:
    given = set(stub.splitlines())
    added = [line for line in solution.splitlines() if line not in given and ".check(" not in line]
    return max(_lines("\n".join(added)) / SOLUTION_LINES_A_MINUTE, MIN_EXERCISE_MINUTES)
