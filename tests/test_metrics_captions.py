"""BLEU and CIDEr by hand, by property, and where their conventions surprise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturekit.metrics import bleu, cider


def test_bleu_by_hand():
    # 4 of 5 words, 2 of 4 pairs, 1 of 3 triples, none of 2 fours: 1 / (2 · 2) for these.
    expected = (4 / 5 * 2 / 4 * 1 / 3 * 1 / 4) ** (1 / 4)
    assert bleu(["a b c d e"], [["a b c x e"]]) == pytest.approx(expected)
    # Two words fewer than the nearest reference has.
    assert bleu(["a b c d"], [["a b c d e f"]]) == pytest.approx(math.exp(1 - 6 / 4))


def test_of_two_references_equally_near_in_length_the_shorter_counts():
    assert bleu(["a b c d e"], [["a b c d e f", "a b c d"]]) == pytest.approx(1)


def test_a_word_counts_as_often_as_one_reference_has_it():
    once = bleu(["a a a a a"], [["a b c d e", "a f g h i"]])
    assert once == pytest.approx((1 / 5 * 1 / 8 * 1 / 12 * 1 / 16) ** (1 / 4))


def test_the_second_precision_of_0_weighs_half_of_the_first():
    two = bleu(["a b x y z"], [["a b c d e"]])
    assert two == pytest.approx((2 / 5 * 1 / 4 * 1 / (2 * 3) * 1 / (4 * 2)) ** (1 / 4))


def test_bleu_is_of_the_corpus_and_not_the_mean_of_sentences():
    candidates, references = ["a b c d", "a b x y z"], [["a b c d"], ["a b c d e"]]
    alone = [bleu([c], [r]) for c, r in zip(candidates, references, strict=True)]
    assert bleu(candidates, references) != pytest.approx(sum(alone) / 2, abs=0.01)


@pytest.mark.parametrize("candidate", ["", "x y z w v", "a b c"])
def test_bleu_is_0_for_no_word_for_none_in_common_and_for_fewer_than_four(candidate):
    assert bleu([candidate], [["a b c"]]) == 0


def test_bleu_does_not_see_case_and_sees_a_full_stop():
    assert bleu(["The one waves now"], [["the ONE waves  now"]]) == pytest.approx(1)
    assert bleu(["the one waves now."], [["the one waves now"]]) < 1


def test_cider_by_hand():
    # Of two films; "one" is in both and weighs nothing, the others weigh log 2 each. The candidate
    # of the first has "waves" alone of three words: (0, log 2, 0) against (0, log 2, log 2).
    candidates, references = ["one waves", "x"], [["one waves slowly"], ["one jumps"]]
    once = math.exp(-1 / 72)
    words, pairs = 1 / math.sqrt(2), 1 / math.sqrt(2)
    assert cider(candidates, references) == pytest.approx(10 * (once * (words + pairs) / 4) / 2)


def test_cider_of_a_single_film_is_0_even_for_the_reference_itself():
    assert cider(["the one in red waves"], [["the one in red waves"]]) == 0


def test_the_score_of_a_film_depends_on_the_others():
    mine = ["a b c d e", "a b c d e"]
    assert cider(mine, [["a b c d e"], ["a b c d e"]]) == 0
    assert cider(mine, [["a b c d e"], ["v w x y z"]]) == pytest.approx(5)


def test_cider_sees_case():
    references = [["a b c d"], ["e f g h"]]
    assert cider(["a b c d", "e f g h"], references) == pytest.approx(10)
    assert cider(["A B C D", "e f g h"], references) == pytest.approx(5)


sentence = st.lists(st.sampled_from("abcd"), min_size=4, max_size=8).map(" ".join)
film = st.tuples(sentence, st.lists(sentence, min_size=1, max_size=3))


@given(st.lists(film, min_size=1, max_size=4), st.permutations(range(4)))
def test_scores_keep_within_their_scale_and_do_not_mind_the_order_of_films(films, order):
    order = [k for k in order if k < len(films)]
    for score, most in ((bleu, 1), (cider, 10)):
        found = score(*zip(*films, strict=True))
        assert -1e-12 <= found <= most + 1e-9
        assert score(*zip(*(films[k] for k in order), strict=True)) == pytest.approx(found)
    said = [references[0] for _, references in films]
    assert bleu(said, [references for _, references in films]) == pytest.approx(1)


@pytest.mark.parametrize("score", [bleu, cider])
@pytest.mark.parametrize(
    ("candidates", "references", "error", "message"),
    [
        ([], [], ValueError, "candidates: expected at least one sentence, got none"),
        ("one", [["one"]], TypeError, "candidates: expected a list"),
        (["one"], "one", TypeError, "references: expected a list"),
        (["one"], ["one"], TypeError, r"references\[0\]: expected a list of sentences, got 'one'"),
        (["one"], [[]], ValueError, r"references\[0\]: expected at least one sentence"),
        (["one"], [["one"], ["two"]], ValueError, "references: .* each of 1 candidates, got 2"),
        ([None], [["one"]], TypeError, r"candidates\[0\]: expected a sentence, got None"),
        (["one", "two"], [["one"], [2]], TypeError, r"references\[1\]: expected sentences, got 2"),
    ],
)
def test_bad_input_is_named(score, candidates, references, error, message):
    with pytest.raises(error, match=message):
        score(candidates, references)
