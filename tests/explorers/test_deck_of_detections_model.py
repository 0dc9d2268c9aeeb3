"""Deck of detections without a browser: what each card is, what AP follows, what is refused."""

import random
import re

import deck_cards
import numpy as np
import pytest
import traitlets
from deck_cards import ANSWERS, FILMS, LABEL, TRUTHS

from lecturekit import metrics
from lecturekit.explorers.deck_of_detections import AREAS, KINDS, MAX_CARDS, DeckOfDetections
from lecturekit.metrics import matching


def make(answers=ANSWERS, truths=TRUTHS, films=FILMS, **settings):
    return DeckOfDetections(answers, truths, films, **settings)


# What it says.


def test_the_chapter_s_deck_by_hand():
    deck = make()
    ranking = deck.ranking()
    assert ranking.kinds == ["right", "nowhere", "double", "right", "right", "short", "right"]
    assert ranking.precision == [1, 1 / 2, 1 / 3, 2 / 4, 3 / 5, 3 / 6, 4 / 7]
    assert ranking.recall == [1 / 4, 1 / 4, 1 / 4, 2 / 4, 3 / 4, 3 / 4, 1]
    found = deck.average_precision()
    assert found["steps"] == pytest.approx((1 + 2 / 4 + 3 / 5 + 4 / 7) / 4)
    assert found["interpolated"] == pytest.approx((1 + 3 / 5 + 3 / 5 + 4 / 7) / 4)
    # Recall 0, .1, .2 have 1; .3 to .7 have 3/5; .8, .9 and 1 have 4/7.
    assert found["eleven points"] == pytest.approx((3 + 5 * 3 / 5 + 3 * 4 / 7) / 11)


@pytest.mark.parametrize(
    ("settings", "steps", "interpolated"),
    [
        ({"doubles": "left out"}, (1 + 2 / 3 + 3 / 4 + 4 / 6) / 4, (1 + 3 / 4 * 2 + 4 / 6) / 4),
        ({"empty": "left out"}, (1 + 2 / 3 + 3 / 4 + 4 / 6) / 4, (1 + 3 / 4 * 2 + 4 / 6) / 4),
        ({"doubles": "left out", "empty": "left out"}, 0.95, 0.95),
    ],
)
def test_what_is_left_out_counts_neither_way(settings, steps, interpolated):
    deck = make(**settings)
    assert deck.average_precision()["steps"] == pytest.approx(steps)
    assert deck.average_precision()["interpolated"] == pytest.approx(interpolated)
    ranking = deck.ranking()
    for k, counts in enumerate(ranking.counts):
        assert counts == (ranking.precision[k] is not None) == (ranking.recall[k] is not None)


def test_average_precision_is_the_metrics_on_random_decks():
    rng, met = random.Random(0), set()
    for _ in range(150):
        answers, truths, films = deck_cards.random_deck(rng)
        cards, settings = deck_cards.random_cards(rng, answers), deck_cards.random_settings(rng)
        deck = make(answers, truths, films, cards=cards, **settings)
        rows = [(*answers[answer][:4], score) for answer, score in cards]
        assert deck.rows() == rows
        ranking, usual = deck.ranking(), metrics.sort_errors(rows, truths, deck.tiou)
        met |= set(ranking.kinds)
        if settings["take"] == "best free":
            for card, kind in zip(ranking.order, ranking.kinds, strict=True):
                assert (kind == "right") == (usual[card] == "true")
                assert (kind == "double") == (usual[card] == "double")
        hits = matching.hits(
            matching.rows("rows", rows, "film, label, start, stop, score"),
            matching.rows("truths", truths, "film, label, start, stop"),
            {"best free": matching.best_free, "best only": matching.best_only}[deck.take],
            deck.tiou,
        )
        assert [kind == "right" for kind in ranking.kinds] == hits[ranking.order].tolist()
        if settings["doubles"] == settings["empty"] == "false":
            curve = metrics.precision_recall(hits[ranking.order], len(truths))
            for rule, area in AREAS.items():
                assert deck.average_precision()[rule] == pytest.approx(area(*curve), abs=1e-12)
            if settings["take"] == "best free":
                expected = metrics.temporal_map(rows, truths, [deck.tiou])[deck.tiou]
                assert deck.average_precision()["interpolated"] == pytest.approx(expected)
    assert met == set(KINDS)


def test_only_the_order_counts():
    deck = make()
    before = deck.ranking()[1:], deck.average_precision()
    deck.cards = [[answer, score**2] for answer, score in deck.cards]
    assert (deck.ranking()[1:], deck.average_precision()) == before
    deck.cards = [[answer, 1 - score] for answer, score in deck.cards]
    assert deck.average_precision() != before[1]


def test_the_matching_counts_where_an_answer_reaches_two_truths():
    # The second overlaps the first truth by 4/6 and the second truth by 3/7.
    truths = [("a", LABEL, 0, 4), ("a", LABEL, 3, 7)]
    answers = [("a", LABEL, 0, 4, 0.9), ("a", LABEL, 0, 6, 0.8)]
    deck = make(answers, truths, {"a": 10}, tiou=0.4)
    assert deck.ranking().kinds == ["right", "right"]
    deck.take = "best only"
    assert deck.ranking().kinds == ["right", "double"]


def test_equal_scores_rank_as_they_are_listed():
    deck = make(cards=[[k, 0.5] for k in range(7)])
    assert deck.ranking().order == list(range(7))


def test_a_copy_is_a_double_below_its_answer_and_takes_its_truth_above_it():
    below = make(cards=[*make().cards, [0, 0.9]])
    ranking = below.ranking()
    assert ranking.kinds[ranking.order.index(7)] == "double"
    above = make(cards=[*make().cards, [0, 1.0]]).ranking()
    assert (above.order[:2], above.kinds[:2]) == ([7, 0], ["right", "double"])


def test_where_nothing_is_right_all_areas_are_zero():
    deck = make([("empty", LABEL, 0, 4, 0.5)], empty="left out")
    assert deck.average_precision() == {"steps": 0, "interpolated": 0, "eleven points": 0}
    assert deck.ranking().precision == [None]


def test_numpy_s_numbers_are_taken():
    rows = [(film, label, *map(np.float32, rest)) for film, label, *rest in ANSWERS]
    assert make(rows).average_precision() == make().average_precision()


def test_the_words_name_what_there_is():
    text = make().description
    assert "looked for “wave” in 3 films and gave 7 answers" in text
    assert "4 true segments" in text


# What is refused.


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"answers": []}, ValueError, "number of predictions: expected 1 to 10, got 0"),
        ({"answers": ANSWERS * 2}, ValueError, "number of predictions: expected 1 to 10, got 14"),
        ({"truths": []}, ValueError, "number of truths: expected 1 to 8, got 0"),
        ({"answers": [("street", LABEL, 2, 6)]}, ValueError, "predictions[0]: expected (film"),
        ({"answers": [("yard", LABEL, 2, 6, 0.5)]}, ValueError, "film: expected one of 'street'"),
        ({"answers": [("street", "run", 2, 6, 0.5)]}, ValueError, "one label 'wave', got 'run'"),
        ({"answers": [("street", LABEL, 2, 6, 1.5)]}, ValueError, "a score from 0 to 1, got 1.5"),
        ({"answers": [("street", LABEL, 2, 2, 0.5)]}, ValueError, "0 ≤ start < stop ≤ 12 s, got 2"),
        ({"truths": [("street", LABEL, 8, 13)]}, ValueError, "truths[0]: expected 0 ≤ start"),
        ({"films": ["street"]}, TypeError, "films: expected seconds by name, got list"),
        ({"films": {"street": 0}}, ValueError, "films['street']: expected a finite number above 0"),
        ({"films": {3: 4}}, TypeError, "films: expected names, got 3"),
        ({"films": dict.fromkeys("abcde", 3)}, ValueError, "number of films: expected 1 to 4"),
        ({"speed": 2}, TypeError, "DeckOfDetections has no argument speed"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(change, error, says):
    with pytest.raises(error, match=re.escape(says)):
        make(**change)


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("cards", [[0, 0.5]], "number of cards: expected 7 to 12, got 1"),
        ("cards", [[k % 7, 0.5] for k in range(MAX_CARDS + 1)], "expected 7 to 12, got 13"),
        ("cards", [[0, 0.5]] * 7, "cards[1]: answer: expected 1 to 1, got 0"),
        ("cards", [*[[k, 0.5] for k in range(7)], [7, 0.5]], "cards[7]: answer: expected 0 to 6"),
        ("cards", [[k, 1.2] for k in range(7)], "cards[0]: expected a score from 0 to 1, got 1.2"),
        ("cards", [0.5] * 7, "cards[0]: expected [answer, score], got 0.5"),
        ("tiou", 0.33, "tiou"),
        ("rule", "area", "rule"),
        ("take", "any", "take"),
        ("doubles", "right", "doubles"),
        ("chosen", 12, "chosen: expected 0 to 11, got 12"),
    ],
)
def test_a_setting_out_of_range_is_named(setting, value, says):
    with pytest.raises(traitlets.TraitError, match=re.escape(says)):
        make(**{setting: value})
