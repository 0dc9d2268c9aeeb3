"""The sealed model without a browser: the theorems, the stored answers, the rules, what is refused.

The blindness that the page explains is tried twice: on networks with random weights, as it must
hold with any, and on the stored answers of trained ones.
"""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from lecturekit import puppets
from lecturekit.explorers.kit.sheets import Sheet, cut
from lecturekit.explorers.the_sealed_model import (
    DOES,
    SHOWN,
    TheSealedModel,
    networks,
    probing,
    rules,
    stored,
)
from lecturekit.explorers.the_sealed_model.networks import SUSPECTS
from lecturekit.explorers.the_sealed_model.probing import BEFORE, PROBES
from lecturekit.puppets import PuppetClips

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
ABOUT = stored.about()
TEST = {"num_frames": networks.FRAMES, "size": networks.SIZE_PX, "seed": ABOUT["test seed"]}


def by_theorem(name):
    """What the scores must say of each probe."""
    suspect = SUSPECTS[name]
    known = {**dict.fromkeys(suspect.blind, "same"), **dict.fromkeys(suspect.one_answer, "one")}
    return {probe: known.get(probe, "other") for probe in PROBES}


@pytest.fixture(scope="module")
def clips():
    test = PuppetClips("test", 12, **TEST)
    return test.inputs(list(range(12))), torch.from_numpy(np.stack([*map(test.figure, range(12))]))


def random_network(name):
    """Untrained, with statistics of batch norm that are none of the defaults."""
    torch.manual_seed(1)
    network = SUSPECTS[name].make()
    for layer in network.modules():
        if isinstance(layer, (nn.BatchNorm2d, nn.BatchNorm3d)):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
    return network.eval()


# The theorems.


@pytest.mark.parametrize("name", SUSPECTS)
def test_with_random_weights_it_is_blind_to_what_is_said_and_to_nothing_else(name, clips):
    found = probing.differences(probing.all_scores(random_network(name), *clips, seed=0))
    assert {probe: probing.outcome(*pair) for probe, pair in found.items()} == by_theorem(name)


def test_the_stored_answers_are_as_the_theorems_say():
    outcomes = stored.load().outcomes()
    assert outcomes == {name: by_theorem(name) for name in SUSPECTS}
    assert len({tuple(of.values()) for of in outcomes.values()}) == len(SUSPECTS) == 8


def test_the_stored_answers_move_only_where_scores_do():
    explorer = TheSealedModel()
    for name, probe in itertools.product(SUSPECTS, PROBES):
        evidence = explorer.evidence(name, probe)
        if evidence.outcome == "same":
            assert evidence.changed == 0, (name, probe)
            assert evidence.right == explorer.evidence(name, BEFORE).right
        elif evidence.outcome == "one":
            assert evidence.different == 1, (name, probe)


def test_rounding_and_sight_lie_far_apart():
    change = stored.load().change
    same = change < probing.ROUNDING
    assert change[same].max() < probing.ROUNDING / 10
    assert change[~same].min() > probing.ROUNDING * 10


def test_flow_between_equal_frames_is_zero(clips):
    still = probing.change("freeze", *clips, seed=0)
    assert networks.flow_stacks(still).abs().max() == 0
    assert networks.flow_stacks(clips[0]).abs().max() == 1


def test_still_clips_get_of_the_inflated_network_what_their_picture_gets(clips):
    picture = networks.picture_network().eval()
    still = probing.change("freeze", *clips, seed=0)
    with torch.inference_mode():
        of_clip, of_picture = networks.inflated(picture)(still), picture(still[:, :, 0])
    torch.testing.assert_close(of_clip, of_picture, rtol=0, atol=1e-5)


# What is stored.


def test_it_is_light_and_says_where_it_comes_from():
    assert stored.ANSWERS.stat().st_size + stored.ABOUT.stat().st_size < 20_000
    assert stored.WEIGHTS.stat().st_size < 35_000
    assert ABOUT["script"] == "benchmarks/sealed.py"
    assert list(ABOUT["networks"]) == list(SUSPECTS)
    for name, one in ABOUT["networks"].items():
        weights = sum(p.numel() for p in SUSPECTS[name].make().parameters())
        assert one["weights"] == weights, name


def test_the_accuracies_told_are_those_of_the_answers():
    explorer, test = TheSealedModel(), PuppetClips("test", ABOUT["test clips"], **TEST)
    assert (stored.load().labels == test.labels.numpy()).all()
    cues = np.array([test.groups[test.classes[label]] for label in test.labels])
    for name, one in ABOUT["networks"].items():
        right = explorer.evidence(name, BEFORE).right
        told = one["accuracy"]
        assert told["all"] == pytest.approx(sum(right.values()) / len(cues), abs=1e-4)
        for cue in puppets.CUES:
            assert told[cue] == pytest.approx(right[cue] / (cues == cue).sum(), abs=1e-4)


def test_the_networks_whose_weights_are_stored_answer_as_stored():
    """Of both that are made of them; a machine may round a near tie to the other side."""
    test = PuppetClips("test", 36, **TEST)
    clips = test.inputs(list(range(36)))
    picture = stored.load_picture_network()
    one_frame = networks.one_frame()
    one_frame.stream = picture
    for name, network in {"one frame": one_frame, "inflated": networks.inflated(picture)}.items():
        rows = stored.load().answers[list(SUSPECTS).index(name), :, :36]
        # A blank background has the mean colour of all test clips; all but it are asked again.
        asked = [probe for probe in (*PROBES[:5], "halves", "held") if probe != "blank background"]
        for probe in (BEFORE, *asked):
            shown = clips if probe == BEFORE else probing.change(probe, clips, None, seed=0)
            with torch.inference_mode():
                answers = network.eval()(shown).argmax(1).numpy()
            agree = (answers == rows[stored.ASKED.index(probe)]).mean()
            assert agree >= 35 / 36, (name, probe)


def test_it_is_saved_as_it_is_loaded(tmp_path):
    there = stored.load()
    stored.save(there, stored.load_picture_network(), {"seed": 1}, tmp_path)
    again = stored.load(tmp_path)
    for key, value in vars(there).items():
        assert (getattr(again, key) == value).all(), key
    assert json.loads((tmp_path / stored.ABOUT.name).read_text()) == {"seed": 1}


# The probes.


def test_the_probes_of_its_own_are_as_they_are_told():
    frames = torch.arange(16.0).view(1, 1, 16, 1, 1).expand(2, 3, -1, 4, 4)
    halves = probing.change("halves", frames, None, seed=0)[1, 2, :, 3, 3].tolist()
    assert halves == [*range(8, 16), *range(8)]
    held = probing.change("held", frames, None, seed=0)[0, 0, :, 0, 0].tolist()
    assert held == [0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14]


def test_stills_are_each_frame_by_itself_averaged():
    clips = torch.rand(3, 3, 4, 2, 2, generator=torch.Generator().manual_seed(0))

    def network(shown):
        assert torch.equal(shown, shown[:, :, :1].expand_as(shown)), "a clip that stands still"
        return shown[:, :2, 2, 0, 0] ** 2

    expected = (clips[:, :2, :, 0, 0] ** 2).mean(2)
    torch.testing.assert_close(probing.scores_of_stills(network, clips), expected)


def test_what_two_numbers_say():
    assert probing.outcome(1e-6, 0.5) == probing.outcome(1e-6, 0.0) == "same"
    assert probing.outcome(0.5, 1e-6) == "one"
    assert probing.outcome(0.5, 0.5) == "other"


def test_the_strips_show_what_is_done():
    explorer = TheSealedModel()
    for clip in range(len(SHOWN)):
        orders = {
            asked: [number for _, number in strip]
            for asked, strip in zip(stored.ASKED, explorer.strips[clip], strict=True)
        }
        forwards = list(range(16))
        for asked in (BEFORE, "mirror", "blank background", "stills"):
            assert orders[asked] == forwards, asked
        assert orders["reverse"] == forwards[::-1]
        assert orders["freeze"] == [8] * 16
        assert orders["double speed"] == forwards[::2] + forwards[1::2]
        assert sorted(orders["shuffle"]) == forwards != orders["shuffle"]


def test_the_pictures_are_the_test_clips():
    explorer, test = TheSealedModel(), PuppetClips("test", 11, **TEST)
    count = 1 + max(picture for clip in explorer.strips for row in clip for picture, _ in row)
    pictures = cut(Sheet(explorer.pictures, explorer.columns), count, 32, 32).astype(int)
    for clip, number in enumerate(SHOWN.values()):
        rows = dict(zip(stored.ASKED, explorer.strips[clip], strict=True))
        shown = {asked: pictures[[picture for picture, _ in row]] for asked, row in rows.items()}
        frames = test.frames(number)
        assert np.abs(shown[BEFORE] - frames).mean() < 8, "but for JPEG"
        assert np.abs(shown["mirror"] - frames[:, :, ::-1]).mean() < 8
        behind = shown["blank background"][~test.figure(number)]
        assert behind.std(0).max() < 30
    assert len(explorer.pictures) < 80_000


# The rules.


def test_a_deal_is_an_order_of_the_eight_and_the_same_each_time():
    orders = [tuple(rules.order(deal, 8)) for deal in range(1, 400)]
    assert orders == [tuple(rules.order(deal, 8)) for deal in range(1, 400)]
    assert all(sorted(one) == list(range(8)) for one in orders)
    assert len(set(orders)) > 380
    firsts = np.bincount([one[0] for one in orders], minlength=8)
    assert firsts.min() > 25, "no network favours a letter"


def test_the_shortest_proofs_prove_and_nothing_shorter_does():
    explorer = TheSealedModel()
    outcomes = explorer.outcomes

    def excludes_all(name, some):
        others = set(SUSPECTS) - {name}
        return all(any(outcomes[o][p] != outcomes[name][p] for p in some) for o in others)

    for name, proofs in explorer.shortest_proofs().items():
        size = len(proofs[0])
        shorter = [some for k in range(size) for some in itertools.combinations(PROBES, k)]
        assert not any(excludes_all(name, some) for some in shorter), name
        as_long = itertools.combinations(PROBES, size)
        assert set(proofs) == {some for some in as_long if excludes_all(name, some)}
        assert size < rules.PURSE, "a coin is left"
    sizes = {name: len(proofs[0]) for name, proofs in explorer.shortest_proofs().items()}
    assert sizes["one frame"] == sizes["late fusion"] == sizes["flow stream"] == 1
    assert sizes["3D CNN"] == 4, "who is blind to nothing is known by all that the others miss"
    for some in rules.told_apart(outcomes):
        assert len({tuple(of[p] for p in some) for of in outcomes.values()}) == 8


def test_coins_and_points():
    network, five = "one frame", list(PROBES[:5])
    assert rules.coins([], [], network) == 5
    assert rules.coins(five[:2], ["slow alone"], network) == 2
    assert rules.points(five[:2], ["slow alone", network], network) == 2
    assert rules.points(five[:2], ["slow alone"], network) == 0
    assert not rules.is_open(five, [], network)
    assert rules.is_open(five, ["slow alone"], network), "a wrong name that cannot be paid"
    assert rules.points(five, ["slow alone"], network) == 0
    assert rules.points(five, [network], network) == 0
    assert rules.is_open([], [network], network)
    explorer = TheSealedModel(deal=3)
    behind = explorer.behind()
    explorer.named = [[behind[0]], [behind[0], behind[1]], *[[]] * 6]
    assert explorer.points() == 5 + 4


def test_every_probe_is_told_and_every_suspect_reads_something():
    assert tuple(DOES) == PROBES
    text = TheSealedModel().description
    assert all(one.title in text for one in SUSPECTS.values())
    assert "answered 240 test clips" in text
    for one in SUSPECTS.values():
        assert {*one.blind, *one.one_answer} <= set(PROBES)


@pytest.mark.parametrize("suspect", SUSPECTS.values(), ids=SUSPECTS)
def test_its_section_is_one_of_its_chapter(suspect):
    [notebook] = NOTEBOOKS.glob(f"{suspect.chapter:02d}_*.ipynb")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [line.strip() for cell in cells for line in "".join(cell["source"]).splitlines()]
    assert f"## {suspect.section}" in lines


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("deal", 0, "deal: expected 1 to 9999, got 0"),
        ("letter", 8, "letter: expected 0 to 7, got 8"),
        ("clip", 3, "clip: expected 0 to 2, got 3"),
        ("probe", "wait", "probe"),
        ("mode", "exam", "mode"),
        ("suspect", "MViT", "suspect"),
        ("bought", [[]], "length of bought: expected 8 to 8, got 1"),
        ("bought", [["wait"], *[[]] * 7], "bought of A: expected one of 'reverse'"),
        ("bought", [[], ["held", "held"], *[[]] * 6], "bought of B: expected each name once"),
        ("named", [*[[]] * 7, ["MViT"]], "named of H: expected one of 'one frame'"),
    ],
)
def test_a_setting_out_of_range_is_named(setting, value, says):
    with pytest.raises(traitlets.TraitError, match=re.escape(says)):
        TheSealedModel(**{setting: value})


def test_what_does_not_fit_is_named():
    with pytest.raises(TypeError, match="no argument speed"):
        TheSealedModel(speed=1)
    there = stored.load()
    with pytest.raises(ValueError, match="answers: expected shape"):
        stored.Stored(there.answers[:7], there.labels, there.change, there.apart)
    with pytest.raises(ValueError, match="largest of labels: expected 0 to 11, got 40"):
        stored.Stored(there.answers, there.labels + 29, there.change, there.apart)
