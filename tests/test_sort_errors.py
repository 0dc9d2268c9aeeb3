"""The kinds of errors of segments: each rule, and that what is true is what the mAP counts."""

import numpy as np
import pytest

from lecturekit.metrics import ERRORS, sort_errors, temporal_iou, temporal_map

TRUTHS = [("a", "jump", 0, 10), ("a", "wave", 20, 30), ("b", "jump", 0, 10)]


@pytest.mark.parametrize(
    ("prediction", "tiou", "kind"),
    [
        (("a", "jump", 0, 5), 0.5, "true"),  # by exactly the threshold
        (("a", "jump", 0, 4.9), 0.5, "bad boundary"),
        (("a", "jump", 0, 1), 0.5, "bad boundary"),  # by exactly a tenth
        (("a", "jump", 0, 0.9), 0.5, "background"),
        (("a", "jump", 12, 18), 0.5, "background"),
        (("c", "jump", 0, 10), 0.5, "background"),  # a film without truths
        (("a", "walk", 0, 10), 0.5, "wrong class"),
        (("a", "walk", 5, 15), 0.5, "wrong class"),  # DETAD's confusion
        (("a", "wave", 0, 10), 0.5, "wrong class"),
        (("a", "jump", 5, 30), 0.1, "true"),
        (("a", "jump", 5, 30), 0.5, "wrong class"),  # it lies on the wave more
    ],
)
def test_each_rule(prediction, tiou, kind):
    assert sort_errors([(*prediction, 0.5)], TRUTHS, tiou) == [kind]


def test_only_one_takes_a_truth_and_the_surest_comes_first():
    found = [("a", "jump", 0, 10, 0.4), ("a", "jump", 0, 8, 0.9), ("b", "jump", 0, 8, 0.1)]
    assert sort_errors(found, TRUTHS, 0.5) == ["double", "true", "true"]
    level = [(*one[:4], 0.5) for one in found]
    assert sort_errors(level, TRUTHS, 0.5) == ["true", "double", "true"]


def test_what_finds_its_best_truth_taken_may_take_another():
    truths = [("a", "jump", 0, 10), ("a", "jump", 2, 12)]
    found = [("a", "jump", 0, 10, 0.9), ("a", "jump", 0, 10, 0.8), ("a", "jump", 0, 10, 0.7)]
    assert sort_errors(found, truths, 0.5) == ["true", "true", "double"]


def test_nothing_found_and_nothing_to_find():
    assert sort_errors([], TRUTHS, 0.5) == []
    assert sort_errors([("a", "jump", 0, 10, 0.5)], [], 0.5) == ["background"]


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"predictions: .* in row 0"):
        sort_errors([("a", "jump", 3, 1, 0.5)], TRUTHS, 0.5)
    with pytest.raises(ValueError, match="tiou: expected a number from 0 to 1"):
        sort_errors([], TRUTHS, 1.5)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tiou", [0.3, 0.5, 0.7])
def test_the_kinds_say_what_their_names_say(seed, tiou):
    """Random films: each kind again, from the overlaps alone; and true is what the mAP counts."""
    rng = np.random.default_rng(seed)

    def rows(count):
        starts = rng.integers(0, 40, count)
        stops = starts + rng.integers(1, 15, count)
        videos, labels = rng.integers(0, 3, count), rng.integers(0, 3, count)
        return list(zip(*(each.tolist() for each in (videos, labels, starts, stops)), strict=True))

    truths = rows(12)
    found = [(*row, score) for row, score in zip(rows(60), rng.random(60).tolist(), strict=True)]
    kinds = sort_errors(found, truths, tiou)
    assert set(kinds) <= set(ERRORS)
    for one, kind in zip(found, kinds, strict=True):
        of_film = [truth for truth in truths if truth[0] == one[0]]
        overlaps = [temporal_iou(one[2:4], truth[2:4]) for truth in of_film]
        own = [at for at, truth in zip(overlaps, of_film, strict=True) if truth[1] == one[1]]
        most = max(overlaps, default=0.0)
        if kind == "background":
            assert most < 0.1
        elif kind == "wrong class":
            assert most >= 0.1
            assert most not in own
        elif kind == "bad boundary":
            assert 0.1 <= most < tiou
        else:
            assert max(own) >= tiou
    # Those that are true, alone, find as much as all of them: the rest takes no truth.
    right = [one for one, kind in zip(found, kinds, strict=True) if kind == "true"]
    alone = temporal_map(right, truths, [tiou])[tiou]
    classes = {truth[1] for truth in truths}
    share = [
        sum(one[1] == label for one in right) / sum(truth[1] == label for truth in truths)
        for label in classes
    ]
    assert alone == pytest.approx(np.mean(share))
