"""From detections to mean average precision: which predictions are right, and the area.

A prediction is a hit if it takes a truth of its own class in its own film or frame, and each truth
can be taken once. Predictions come by falling score. What one may take is the only difference
between the two evaluations that the field uses:

best_free   ActivityNet: of the truths that are still free, the one it overlaps most
best_only   PASCAL VOC, AVA: the one it overlaps most, and none if that is taken already
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from . import extents, given
from .curves import interpolated_area, precision_recall

Take = Callable[[np.ndarray, np.ndarray, float], int | None]
_Contest = tuple[list[Hashable], list[np.ndarray | None], dict[Hashable, np.ndarray]]


class Row(NamedTuple):
    """A prediction, or a truth (its score does not matter)."""

    place: Hashable
    """the film or frame it lies in"""
    label: Hashable
    extent: np.ndarray
    score: float


def best_free(overlap: np.ndarray, free: np.ndarray, least: float) -> int | None:
    """The free truth that is overlapped most, if by ``least``.

    Of truths overlapped equally it is the one listed last: what ActivityNet's ``argsort()[::-1]``
    gives where that sort is stable.
    """
    overlap = np.where(free, overlap, -1)
    chosen = len(overlap) - 1 - int(np.argmax(overlap[::-1]))
    return chosen if overlap[chosen] >= least else None


def best_only(overlap: np.ndarray, free: np.ndarray, least: float) -> int | None:
    """The truth that is overlapped most (the one listed first), if by ``least`` and free."""
    chosen = int(np.argmax(overlap))
    return chosen if overlap[chosen] >= least and free[chosen] else None


def mean_over_classes(
    predictions: Sequence[Row], truths: Sequence[Row], take: Take, thresholds: Sequence[float]
) -> np.ndarray:
    """Mean average precision at each threshold, over the classes that have truths."""
    if not truths:
        raise ValueError("truths: expected at least one, got none: there is nothing to find")
    predicted = _grouped(predictions, "label")
    return np.mean(
        [
            _average_precisions(predicted.get(label, []), there, take, thresholds)
            for label, there in _grouped(truths, "label").items()
        ],
        axis=0,
    )


def hits(predictions: Sequence[Row], truths: Sequence[Row], take: Take, least: float) -> np.ndarray:
    """Which predictions take a truth of their own class, bool ``(N,)`` in the order listed."""
    found = np.zeros(len(predictions), bool)
    for label, there in _grouped(truths, "label").items():
        which = [k for k, row in enumerate(predictions) if row.label == label]
        which.sort(key=lambda k: -predictions[k].score)
        of_class = [predictions[k] for k in which]
        found[which] = _hits(*_contest(of_class, there), take, least)
    return found


def _average_precisions(
    predictions: list[Row], truths: list[Row], take: Take, thresholds: Sequence[float]
) -> list[float]:
    """Of one class, at each threshold."""
    contest = _contest(predictions, truths)
    return [
        interpolated_area(*precision_recall(_hits(*contest, take, least), len(truths)))
        for least in thresholds
    ]


def _contest(predictions: list[Row], truths: list[Row]) -> _Contest:
    """Of one class: the ranked predictions' places and overlaps, and the truths of each place."""
    # The sort is stable: of equal scores the prediction listed first ranks first.
    ranked = sorted(predictions, key=lambda row: -row.score)
    there = {
        place: np.stack([row.extent for row in rows])
        for place, rows in _grouped(truths, "place").items()
    }
    overlaps = [
        extents.overlaps(row.extent[None], there[row.place])[0] if row.place in there else None
        for row in ranked
    ]
    return [row.place for row in ranked], overlaps, there


def _hits(
    places: list[Hashable],
    overlaps: list[np.ndarray | None],
    there: dict[Hashable, np.ndarray],
    take: Take,
    least: float,
) -> np.ndarray:
    """Which of the ranked predictions take a truth, bool ``(N,)``."""
    free = {place: np.ones(len(truths), bool) for place, truths in there.items()}
    hits = np.zeros(len(places), bool)
    for rank, (place, overlap) in enumerate(zip(places, overlaps, strict=True)):
        chosen = None if overlap is None else take(overlap, free[place], least)
        if chosen is not None:
            free[place][chosen], hits[rank] = False, True
    return hits


def _grouped(rows: Iterable[Row], by: str) -> dict[Hashable, list[Row]]:
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by), []).append(row)
    return groups


def rows(argument: str, values: Iterable[Any], fields: str) -> list[Row]:
    """What a reader hands in, as rows.

    Args:
        argument: its name, for the error.
        values: each as many fields as there are names.
        fields: their names: where, label, the extent's coordinates, perhaps "score".
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"{argument}: expected rows of ({fields}), got {values!r}")
    names = fields.split(", ")
    last = -1 if names[-1] == "score" else None
    found = [_fields(f"{argument}[{number}]", value, names) for number, value in enumerate(values)]
    where = given.extents(argument, [row[2:last] for row in found], " ".join(names[2:last]))
    scores = given.numbers(argument, [0.0 if last is None else row[last] for row in found])
    return [
        Row(*row[:2], extent, score)
        for row, extent, score in zip(found, where, scores.tolist(), strict=True)
    ]


def _fields(argument: str, value: Any, names: list[str]) -> tuple[Any, ...]:
    """One row as a tuple: as many fields as names, the first two to look up, then numbers."""
    expected = f"{argument}: expected ({', '.join(names)})"
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{expected}, got {value!r}")
    fields = tuple(value)
    if len(fields) != len(names):
        raise ValueError(f"{expected}, got {len(fields)} fields: {fields!r}")
    for name, field in zip(names, fields[:2], strict=False):
        if not isinstance(field, Hashable):
            raise TypeError(f"{expected}, got {name} {field!r}: it cannot be looked up")
    for name, field in zip(names[2:], fields[2:], strict=True):
        if isinstance(field, (bool, np.bool_)) or not isinstance(field, Real):
            raise TypeError(f"{expected}, got {name} {field!r}")
    return fields
