"""Who sees what without a browser: what it refuses, and the layers it sends to the page."""

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from lecturekit import ops
from lecturekit.evaluation import Evaluation
from lecturekit.explorers.who_sees_what import LAYERS, WhoSeesWhat
from lecturekit.models import fusion

CLASSES = ("sit down", "stand up", "walk", "run")
CUES = dict(zip(CLASSES, ("direction", "direction", "speed", "speed"), strict=True))


def evaluation(seed=0, classes=CLASSES, labels=None, num_clips=40):
    draw = np.random.default_rng(seed)
    labels = np.arange(num_clips) % len(classes) if labels is None else labels
    scores = draw.normal(size=(len(labels), len(classes))).astype(np.float32)
    return Evaluation(scores, labels, classes, CUES)


def explorer(size=(5, 9, 12), evaluations=None, **options):
    frames = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    if evaluations is None:
        evaluations = {"late fusion": evaluation(1), "3D CNN": evaluation(2)}
    return WhoSeesWhat(frames, evaluations=evaluations, **options)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (np.zeros((20, 30, 3), np.uint8), r"clip_frames: .*\(T, H, W, 3\).*got \(20, 30, 3\)"),
        (np.zeros((1, 20, 30, 3), np.uint8), "2 to 32 frames"),
        (np.zeros((33, 2, 2, 3), np.uint8), "2 to 32 frames of at most 128 × 128 px, got "),
        (np.zeros((2, 129, 2, 3), np.uint8), "2 to 32 frames of at most 128 × 128 px, got "),
    ],
)
def test_frames_are_checked(frames, words):
    with pytest.raises(ValueError, match=words):
        WhoSeesWhat(frames, evaluations={"a": evaluation()})


def test_a_clip_too_heavy_for_a_page_is_refused():
    with pytest.raises(ValueError, match="60,000 bytes of JPEG, got 32 of 128 × 128 px"):
        explorer((32, 128, 128))


@pytest.mark.parametrize(
    ("evaluations", "error", "words"),
    [
        ({}, TypeError, "evaluations: expected Evaluations by name, got {}"),
        ([evaluation()], TypeError, "evaluations: expected Evaluations by name, got "),
        ({1: evaluation()}, TypeError, "evaluations: expected Evaluations by name, got {1"),
        ({"a": 3}, TypeError, r"evaluations\['a'\]: expected an .*Evaluation, .*got int"),
        ({"a": evaluation(), "b": evaluation(num_clips=41)}, ValueError, r"\['b'\]: .*\['a'\]"),
    ],
)
def test_evaluations_are_checked(evaluations, error, words):
    with pytest.raises(error, match=words):
        explorer(evaluations=evaluations)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("family", "slow fusion", "'family'.*'slow fusion'"),
        ("layer", 0, "layer"),
        ("layer", 5, "layer"),
        ("t", 2, "t: expected 0 to 1, got 2"),
        ("y", 3, "y: expected 0 to 2, got 3"),
        ("x", -1, "x"),
        ("pair", ["walk", "walk"], "pair: expected two different ones of"),
        ("pair", ["walk", "swim"], r"pair: .*got \['walk', 'swim'\]"),
        ("pair", ["walk"], "pair: expected two different"),
        ("shown", ["late fusion", "two-stream"], "shown: expected two of"),
    ],
)
def test_settings_are_checked(trait, value, words):
    one = explorer()
    before = getattr(one, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(one, trait, value)
    assert getattr(one, trait) == before


def test_the_unit_stays_inside_when_python_changes_the_layer():
    one = explorer((16, 20, 36))
    one.layer = 1
    one.t, one.y, one.x = 7, 9, 17
    one.layer = 3
    assert one.output_size == (2, 3, 5)
    assert (one.t, one.y, one.x) == (1, 2, 4)
    one.family = "early fusion"
    assert (one.t, one.y, one.x) == (0, 2, 4)


@pytest.mark.parametrize("order", [1, -1])
def test_what_the_page_sends_at_once_is_taken_whole(order):
    """A new layer and a unit that only this layer has arrive in one message, in any order."""
    one = explorer((16, 20, 36))
    for sent in (
        {"family": "late fusion", "layer": 1, "t": 15, "y": 9, "x": 17},
        {"family": "3D CNN", "layer": 3, "t": 1, "y": 0, "x": 4},
    ):
        one.set_state(dict(list(sent.items())[::order]))
        assert {key: getattr(one, key) for key in sent} == sent


def test_what_is_sent_is_the_confusion():
    evaluations = {"a": evaluation(5), "b": evaluation(6), "c": evaluation(7)}
    one = explorer(evaluations=evaluations, pair=("walk", "sit down"))
    assert one.shown == ["a", "c"]
    assert one.pair == ["walk", "sit down"]
    for name, counts in one.confusions.items():
        answers = evaluations[name].scores.argmax(1)
        for truth in range(4):
            row = np.bincount(answers[evaluations[name].labels == truth], minlength=4)
            assert counts[truth] == row.tolist()
    assert explorer().shown == ["late fusion", "3D CNN"]


def convolutions_only(family, num_frames):
    """The real network's convolutions with positive weights: no ReLU closes, no norm mixes."""
    net = fusion.FAMILIES[family](3, num_frames=num_frames, width=1).double().eval()
    convs = [m for m in net.backbone.modules() if isinstance(m, nn.Conv2d | nn.Conv3d)]
    for conv in convs:
        nn.init.constant_(conv.weight, 1.0)
    return net, convs


class Unit(nn.Module):
    """A family's forward pass up to a layer; its outputs are (1, C, t, y, x)."""

    def __init__(self, family, num_frames, layer):
        super().__init__()
        self.net, convs = convolutions_only(family, num_frames)
        self.family, self.averaged = family, layer == LAYERS
        self.net.backbone = nn.Sequential(*convs[:layer])

    def forward(self, clips):
        if self.averaged:
            # The class's own features(): what the library averages, over what it averages.
            return self.net.features(clips)[:, :, None, None, None]
        if self.family == "3D CNN":
            return self.net.backbone(clips)
        if self.family == "early fusion":
            return self.net.backbone(clips.flatten(1, 2))[:, :, None]
        frames = clips[0].transpose(0, 1)
        if self.family == "single frame":
            frames = frames[clips.shape[2] // 2][None]
        return self.net.backbone(frames).transpose(0, 1)[None]


@pytest.mark.parametrize("family", fusion.FAMILIES)
@pytest.mark.parametrize("layer", range(1, LAYERS + 1))
def test_the_layers_sent_are_those_of_the_real_networks(family, layer):
    """Shape of the output, and the field of every unit, by gradients of fusion's own modules."""
    size = (6, 9, 12)
    one = explorer(size)
    step = next(item for item in one.families if item["name"] == family)["steps"][layer - 1]
    unit = Unit(family, size[0], layer)
    clip = torch.zeros(1, 3, *size, dtype=torch.float64)
    out = unit(clip).shape[2:]
    assert list(out) == step["out"]
    for place in np.ndindex(*out):
        seen = ops.receptive_field(unit, clip, (0, 0, *place)) > 0
        box = 1
        for axis in range(3):
            others = tuple(other for other in range(3) if other != axis)
            measured = np.flatnonzero(seen.numpy().any(axis=others))
            centre = step["start"][axis] + step["jump"][axis] * place[axis]
            reach = (step["field"][axis] - 1) / 2
            inside = [i for i in range(size[axis]) if abs(i - centre) <= reach]
            assert measured.tolist() == inside, (place, axis)
            box *= len(inside)
        assert int(seen.sum()) == box, "every pixel in the box reaches the unit"


def test_the_page_stays_light():
    one = explorer((16, 64, 64))
    assert len(one.clip) <= 60_000
    assert len(one.to_html()) < 160_000


def test_the_words_name_the_clip_s_own_numbers():
    words = {item["name"]: item for item in explorer((6, 9, 12)).families}
    assert "frame 3 alone" in words["single frame"]["about"]
    assert "6 frames and 2 × 2 places" in words["late fusion"]["average"]
    assert "1 moment and 2 × 2 places" in words["3D CNN"]["average"]
    assert "seen up to 6 frames" in words["3D CNN"]["average"]
    longer = explorer((16, 9, 12)).families[3]["average"]
    for part in ("2 moments", "up to 15 frames", "came first"):
        assert part in longer
    description = explorer((6, 9, 12)).description
    assert "6 frames of 9 by 12 pixels" in description
    assert "late fusion, 3D CNN" in description


def test_making_one_draws_nothing_at_random():
    """The numbers that a notebook draws after it stay as they are."""
    before = torch.get_rng_state()
    explorer()
    assert torch.equal(torch.get_rng_state(), before)
