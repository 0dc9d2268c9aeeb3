"""The stored league against itself and against the networks of today."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lecturekit import explorers, ops
from lecturekit.metrics import paired_difference
from lecturekit.models import TINY, tiny
from lecturekit.puppets import ACTIONS

FILE = Path(explorers.__file__).parent / "mix_a_benchmark" / "league.json"


@pytest.fixture(scope="module")
def league():
    return json.loads(FILE.read_text(encoding="utf-8"))


def right(league, packed):
    """Which clips, bool (seeds, N)."""
    rows = [np.frombuffer(base64.b64decode(row), np.uint8) for row in packed]
    return np.unpackbits(np.stack(rows), axis=1, count=sum(league["cues"].values())).astype(bool)


def cue_of_clips(league):
    number = sum(league["cues"].values())
    return np.array([ACTIONS[league["classes"][i % 12]][0] for i in range(number)])


def test_its_families_are_todays(league):
    assert [family["name"] for family in league["families"]] == list(TINY)
    clip = torch.zeros(1, 3, tiny.FRAMES, tiny.SIZE, tiny.SIZE)
    for family in league["families"]:
        one = TINY[family["name"]]
        model = one.make(12).eval()
        assert (family["title"], family["chapter"]) == (one.title, one.chapter)
        assert family["parameters"] == ops.count_parameters(model)
        assert family["macs"] == ops.count_macs(model, clip)


def test_its_hits_are_the_clips_that_were_right(league):
    cues = cue_of_clips(league)
    assert {cue: (cues == cue).sum() for cue in league["cues"]} == league["cues"]
    for budget in league["budgets"]:
        for family in budget["families"].values():
            hits = right(league, family["right"])
            assert len(hits) == league["seeds"]
            counted = {cue: hits[:, cues == cue].sum(1).tolist() for cue in league["cues"]}
            assert family["hits"] == counted
    first = league["budgets"][0]
    assert league["seconds"] == first["seconds"]
    for family in league["families"]:
        assert family["hits"] == first["families"][family["name"]]["hits"]


def test_its_rates_are_the_registers(league):
    for budget in league["budgets"]:
        rates = {name: family["max_lr"] for name, family in budget["families"].items()}
        assert rates == {name: one.max_lr for name, one in TINY.items()}


def test_its_order_and_its_pairs_follow_from_the_clips(league):
    for budget in league["budgets"]:
        hits = {name: right(league, family["right"]) for name, family in budget["families"].items()}
        means = [hits[name].mean() for name in budget["ranked"]]
        assert means == sorted(means, reverse=True)
        assert len(budget["pairs"]) == len(TINY) - 1
        for pair in budget["pairs"]:
            ahead, behind = (hits[pair[key]].mean(1) for key in ("first", "second"))
            gap = paired_difference(ahead, behind)
            assert (pair["mean"], *pair["seeds"]) == pytest.approx(gap[:3], abs=1e-4)
            assert pair["survives"] == (
                pair["seeds"][0] > 0 and pair["clips"][0] > 0 and pair["both"][0] > 0
            )


def test_every_budget_was_spent_about_alike(league):
    """Steps were counted out beforehand: what they took must not favour a family."""
    for budget in league["budgets"]:
        spent = [family["spent_sec"] for family in budget["families"].values()]
        assert max(spent) < 1.6 * min(spent)
