"""Deck of detections: answers as cards, best score first, and the average precision that follows.

A card is a segment of a film with a score. The reader moves cards up and down, changes the overlap
that a right one needs, the matching, the rule of the area, and what counts as false. The front end
repeats the arithmetic of :mod:`lecturekit.metrics`;
``tests/site/explorers/test_deck_of_detections.py`` holds the two equal.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import traitlets

from lecturekit import checks, metrics
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.metrics import matching

MAX_FILMS, MAX_TRUTHS, MAX_ANSWERS, MAX_CARDS = 4, 8, 10, 12
TIOUS = tuple(k / 20 for k in range(2, 19))
AREAS = {
    "steps": metrics.step_area,
    "interpolated": metrics.interpolated_area,
    "eleven points": metrics.eleven_point_area,
}
TAKES = {"best free": matching.best_free, "best only": matching.best_only}
COUNTS = ("false", "left out")
KINDS = ("right", "double", "short", "nowhere")
"""True; its truth is taken; it overlaps every truth too little; its film has no truth."""

_SETTINGS = {"tiou", "rule", "take", "doubles", "empty", "cards", "chosen"}


class Ranking(NamedTuple):
    """What the deck says, card by card from the best score down."""

    order: list[int]  # numbers of the cards
    kinds: list[str]
    counts: list[bool]  # False where the settings leave the card out
    precision: list[float | None]  # None where it is left out
    recall: list[float | None]


class DeckOfDetections(Explorer):
    """Answers of one class in a few films, ranked by score, and their average precision.

    Args:
        predictions: 1 to 10 rows (film, label, start_sec, stop_sec, score), scores from 0 to 1, as
            :func:`lecturekit.metrics.temporal_map` takes them. Of equal scores the one listed
            first ranks first.
        truths: 1 to 8 rows (film, label, start_sec, stop_sec), all of the predictions' one label.
        films: from name to seconds, 1 to 4, those without truth as well.
        label: accessible name.
        settings: first values of ``tiou``, ``rule``, ``take``, ``doubles``, ``empty``, ``cards``,
            ``chosen``.

    Raises:
        TypeError, ValueError: rows or films are none of that kind, or a setting is unknown.
        traitlets.TraitError: a setting is out of range.

    >>> rows = [("a", "wave", 0, 4, 0.9), ("a", "wave", 5, 9, 0.8), ("a", "wave", 6, 9, 0.7)]
    >>> deck = DeckOfDetections(rows, [("a", "wave", 0, 4), ("a", "wave", 6, 9)], {"a": 10})
    >>> deck.ranking().kinds, round(deck.average_precision()["steps"], 3)
    (['right', 'right', 'double'], 1.0)
    """

    name: ClassVar[str] = "deck_of_detections"

    films = traitlets.List(help="[name, seconds] of each.").tag(sync=True)
    action = traitlets.Unicode(help="The one label.").tag(sync=True)
    truths = traitlets.List(help="[film, start, stop] of each, in seconds.").tag(sync=True)
    answers = traitlets.List(help="[film, start, stop] of each, in seconds.").tag(sync=True)
    first = traitlets.List(help="The scores that the answers came with.").tag(sync=True)

    cards = traitlets.List(
        help="[answer, score]: each answer once and in order, then copies of some."
    ).tag(sync=True)
    chosen = traitlets.Int(0, help="The card that is marked in the pictures.").tag(sync=True)
    tiou = traitlets.Enum(TIOUS, 0.5, help="What a right one overlaps its truth by.").tag(sync=True)
    rule = traitlets.Enum(tuple(AREAS), "interpolated", help="Whose area is drawn.").tag(sync=True)
    take = traitlets.Enum(tuple(TAKES), "best free", help="The truth that a card tries.").tag(
        sync=True
    )
    doubles = traitlets.Enum(COUNTS, "false").tag(sync=True)
    empty = traitlets.Enum(COUNTS, "false", help="Cards of films without truth.").tag(sync=True)

    def __init__(
        self,
        predictions: Iterable[Sequence[Any]],
        truths: Iterable[Sequence[Any]],
        films: Mapping[str, float],
        *,
        label: str = "Deck of detections: answers by score, and their average precision",
        **settings: Any,
    ) -> None:
        if unknown := set(settings) - _SETTINGS:
            raise TypeError(f"DeckOfDetections has no argument {', '.join(sorted(unknown))}")
        _check_films(films)
        fields = "film, label, start_sec, stop_sec"
        there = matching.rows("truths", truths, fields)
        rows = matching.rows("predictions", predictions, f"{fields}, score")
        checks.integer("number of truths", len(there), 1, MAX_TRUTHS)
        checks.integer("number of predictions", len(rows), 1, MAX_ANSWERS)
        action = there[0].label
        segments = {
            argument: [_segment(f"{argument}[{n}]", row, action, films) for n, row in enumerate(of)]
            for argument, of in (("truths", there), ("predictions", rows))
        }
        first = [row.score for row in rows]
        super().__init__(
            films=[[name, float(seconds)] for name, seconds in films.items()],
            action=str(action),
            truths=segments["truths"],
            answers=segments["predictions"],
            first=first,
            label=label,
            description=_describe(str(action), len(rows), len(there), len(films)),
            **{"cards": [[n, score] for n, score in enumerate(first)], **settings},
        )

    def rows(self) -> list[tuple[str, str, float, float, float]]:
        """The cards as :func:`lecturekit.metrics.temporal_map` takes them, in the order listed."""
        found = []
        for answer, score in self.cards:
            film, start, stop = self.answers[answer]
            found.append((self.films[film][0], self.action, start, stop, score))
        return found

    def true_rows(self) -> list[tuple[str, str, float, float]]:
        """The truths in the same form."""
        return [(self.films[film][0], self.action, *segment) for film, *segment in self.truths]

    def ranking(self) -> Ranking:
        """What each card is and counts, and precision and recall down to it."""
        kinds = self._kinds()
        order = sorted(range(len(kinds)), key=lambda k: -self.cards[k][1])
        ranked = [kinds[k] for k in order]
        out = {"double": self.doubles == "left out", "nowhere": self.empty == "left out"}
        counts = [not out.get(kind, False) for kind in ranked]
        hits = np.array([kind == "right" for kind in ranked], bool)[counts]
        curves = metrics.precision_recall(hits, len(self.truths))
        precision, recall = (
            [next(values) if count else None for count in counts]
            for values in (iter(curve.tolist()) for curve in curves)
        )
        return Ranking(order, ranked, counts, precision, recall)

    def average_precision(self) -> dict[str, float]:
        """By rule."""
        ranking = self.ranking()
        precision, recall = (
            np.array([value for value in values if value is not None])
            for values in (ranking.precision, ranking.recall)
        )
        return {rule: area(precision, recall) for rule, area in AREAS.items()}

    def _kinds(self) -> list[str]:
        """One of ``KINDS`` for each card, in the order listed."""
        cards = matching.rows("cards", self.rows(), "film, label, start_sec, stop_sec, score")
        truths = matching.rows("truths", self.true_rows(), "film, label, start_sec, stop_sec")
        hits = matching.hits(cards, truths, TAKES[self.take], self.tiou)
        kinds = []
        for card, hit in zip(cards, hits, strict=True):
            there = [truth.extent for truth in truths if truth.place == card.place]
            if not there:
                kinds.append("nowhere")
            elif hit:
                kinds.append("right")
            else:
                most = metrics.temporal_iou(card.extent, np.stack(there)).max()
                kinds.append("double" if most >= self.tiou else "short")
        return kinds

    @traitlets.validate("cards")
    def _validate_cards(self, proposal: dict[str, Any]) -> list[list[float]]:
        cards, count = proposal["value"], len(self.first)
        with trait_errors():
            checks.integer("number of cards", len(cards), count, MAX_CARDS)
            for n, card in enumerate(cards):
                if not isinstance(card, (list, tuple)) or len(card) != 2:
                    raise ValueError(f"cards[{n}]: expected [answer, score], got {card!r}")
                # Copies stand behind the answers.
                least, most = (n, n) if n < count else (0, count - 1)
                checks.integer(f"cards[{n}]: answer", card[0], least, most)
                _check_score(f"cards[{n}]", card[1])
        return [[answer, float(score)] for answer, score in cards]

    @traitlets.validate("chosen")
    def _validate_chosen(self, proposal: dict[str, Any]) -> int:
        # The page sets it together with the cards, in any order.
        return setting("chosen", proposal["value"], 0, MAX_CARDS - 1)


def _check_films(films: Mapping[str, float]) -> None:
    if not isinstance(films, Mapping):
        raise TypeError(f"films: expected seconds by name, got {type(films).__name__}")
    checks.integer("number of films", len(films), 1, MAX_FILMS)
    for name, seconds in films.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"films: expected names, got {name!r}")
        checks.number(f"films[{name!r}]", seconds, 0)


def _segment(
    argument: str, row: matching.Row, action: Any, films: Mapping[str, float]
) -> list[float]:
    """[number of the film, start, stop] of a row that fits the deck."""
    checks.one_of(f"{argument}: film", row.place, tuple(films))
    if row.label != action:
        raise ValueError(f"{argument}: expected the one label {action!r}, got {row.label!r}")
    start, stop = row.extent.tolist()
    if not 0 <= start < stop <= films[row.place]:
        raise ValueError(
            f"{argument}: expected 0 ≤ start < stop ≤ {films[row.place]:g} s, "
            f"got {start:g} and {stop:g}"
        )
    _check_score(argument, row.score)
    return [list(films).index(row.place), start, stop]


def _check_score(argument: str, score: Any) -> None:
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1:
        raise ValueError(f"{argument}: expected a score from 0 to 1, got {score!r}")


def _describe(action: str, num_answers: int, num_truths: int, num_films: int) -> str:
    films = "one film" if num_films == 1 else f"{num_films} films"
    return (
        f"A detector looked for “{action}” in {films} and gave {num_answers} answers, each a "
        f"segment with a score; {num_truths} true segments are there to be found. The answers are "
        "cards in a deck, the highest score on top. Each card shows its segment on a time line "
        "under its film’s truths, and says what it is: right, if it takes a truth that it overlaps "
        "by the threshold; a double, if that truth is taken already; or false, because it overlaps "
        "too little or its film has no truth. Precision and recall are given down to each card. "
        "Beside the deck stand all films with all segments, and the curve of precision over "
        "recall with the area that the chosen rule takes for average precision. A higher score "
        "moves a card up; scores that change without changing the order change nothing. The "
        "interpolated area is never smaller than the area by steps. A table has the deck in words."
    )
