"""Two lines of a leaderboard: alike, different, or not said."""

from collections.abc import Callable
from typing import Any

from lecturekit.exercises import Exercise, Misconception, Property

FIELDS = ("split", "pretraining", "views", "films")

_FULL = {"split": "val", "pretraining": "none", "views": 30, "films": 19_404, "top1": 77.9}


def _line(**fields: Any) -> dict:
    """A full line with some fields changed; one that is ``...`` is left out."""
    changed = _FULL | fields
    return {name: value for name, value in changed.items() if value is not ...}


_CASES = [
    (_line(), _line(top1=80.1)),
    (_line(), _line(views=3)),
    (_line(), _line(views=...)),
    (_line(views=None), _line(views=None)),
    (_line(films=...), _line(films=...)),
    (_line(films=..., pretraining="ImageNet-21K"), _line(films=...)),
    (_line(split="test", views=None), _line()),
    (_line(pretraining=...), _line(views=...)),
    (_line(top1=...), _line(source="another")),
    (_line(views=0), _line(views=0)),
]


def _said(line: dict, name: str) -> bool:
    return line.get(name) is not None


def _answer(a: dict, b: dict) -> bool | None:
    both = [name for name in FIELDS if _said(a, name) and _said(b, name)]
    if any(a[name] != b[name] for name in both):
        return False
    return True if len(both) == len(FIELDS) else None


def _missing_is_other(a: dict, b: dict) -> bool:
    return all(_said(a, name) and _said(b, name) and a[name] == b[name] for name in FIELDS)


def _missing_first(a: dict, b: dict) -> bool | None:
    if not all(_said(line, name) for line in (a, b) for name in FIELDS):
        return None
    return all(a[name] == b[name] for name in FIELDS)


def _missing_is_same(a: dict, b: dict) -> bool:
    return all(a[k] == b[k] for k in FIELDS if _said(a, k) and _said(b, k))


def _key_is_enough(a: dict, b: dict) -> bool | None:
    both = [name for name in FIELDS if name in a and name in b]
    if any(a[name] != b[name] for name in both):
        return False
    return True if len(both) == len(FIELDS) else None


def _truthy(a: dict, b: dict) -> bool | None:
    both = [name for name in FIELDS if a.get(name) and b.get(name)]
    if any(a[name] != b[name] for name in both):
        return False
    return True if len(both) == len(FIELDS) else None


def _is(wanted: bool | None) -> Callable[..., bool]:
    def holds(got: Any, a: dict, b: dict) -> bool:
        return _answer(a, b) is not wanted or got is wanted

    return holds


COMPARABLE = Exercise(
    name="comparable",
    kind="build",
    cases=_CASES,
    properties=[
        Property("True where all four are said in both and equal", _is(True)),
        Property("False where one that both say differs", _is(False)),
        Property("None where none differs, but one is not said", _is(None)),
    ],
    misconceptions=[
        Misconception(
            lambda a, b: all(a.get(name) == b.get(name) for name in FIELDS),
            "`get` gives None for what is missing, and None equals None. Two lines that do not say "
            "their views do not say the *same* views.",
        ),
        Misconception(
            _missing_is_same,
            "where a line is silent, you take the two for equal. Silence proves nothing.",
        ),
        Misconception(
            _missing_is_other,
            "where a line is silent, you take the two for different. It may be the same protocol: "
            "say None.",
        ),
        Misconception(
            _missing_first,
            "a difference that both lines *say* settles it, whatever else is missing: False.",
        ),
        Misconception(_key_is_enough, "a field may stand there and hold None: not said either."),
        Misconception(_truthy, "a number may be 0, and is said all the same. Ask for None."),
        Misconception(
            lambda a, b: a == b,
            "lines may differ in their accuracy, their source and more. Of the protocol, the four "
            "fields count.",
        ),
    ],
)
