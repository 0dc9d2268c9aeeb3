"""Who does what without a browser: what it carries, what the network says, what is refused."""

import copy
from dataclasses import replace

import boxed_duets
import numpy as np
import pytest
import torch
import traitlets
from boxed_duets import CLASSES

from lecturekit import puppets
from lecturekit.explorers.kit.sheets import Sheet, cut
from lecturekit.explorers.who_does_what import WhoDoesWhat
from lecturekit.models import heads, roi

FILMS, SWAPPED = boxed_duets.films(), boxed_duets.films(swap=True)
TRUNK, BOXED, POOLED = boxed_duets.network()


def make(films=FILMS, swapped=SWAPPED, trunk=TRUNK, boxed=BOXED, pooled=POOLED, **settings):
    classes = settings.pop("classes", CLASSES)
    return WhoDoesWhat(films, swapped, trunk, boxed, pooled, classes, **settings)


def features(film):
    """By hand: the trunk at rest, on one film."""
    trunk = copy.deepcopy(TRUNK).eval()
    with torch.no_grad():
        return trunk(puppets.clip_tensor(film.frames)[None])


# What it carries.


def test_the_state_says_who_is_who():
    explorer = make()
    for n, (film, exchanged) in enumerate(zip(FILMS, SWAPPED, strict=True)):
        assert explorer.shirts[n] == list(film.shirts)
        for of_film, figures in zip((film, exchanged), explorer.figures[2 * n :][:2], strict=True):
            assert [figure["caption"] for figure in figures] == list(of_film.captions)
            assert [figure["box"] for figure in figures] == of_film.boxes[8].tolist()
            for figure, segment in zip(figures, of_film.segments, strict=True):
                named = {CLASSES[k] for k in figure["classes"]}
                assert named == set(segment.action.split()) - {"a"}
    assert explorer.box == FILMS[0].boxes[8, 0].tolist()
    assert explorer.field_px == 15


def test_actions_may_be_the_classes():
    actions = ("walk left", "walk", *puppets.UNTRIMMED[2:], puppets.UNTRIMMED[0])
    torch.manual_seed(0)
    heads_of_six = roi.RoIHead(48, 6, start_px=0.0), heads.ClassificationHead(48, 6)
    explorer = make(boxed=heads_of_six[0], pooled=heads_of_six[1], classes=actions)
    for film, figures in zip(FILMS, explorer.figures[::2], strict=True):
        for segment, figure in zip(film.segments, figures, strict=True):
            assert figure["classes"] == [actions.index(segment.action)]


def test_features_weights_and_pictures_are_there_as_they_are():
    explorer = make()
    assert explorer.grid == [48, 4, 4]
    maps = np.frombuffer(explorer.features, "<f4").reshape(6, 48, 4, 4)
    for n, film in enumerate(film for pair in zip(FILMS, SWAPPED, strict=True) for film in pair):
        assert maps[n] == pytest.approx(features(film)[0].mean(1).numpy(), abs=1e-5)
    weights = np.frombuffer(explorer.weights, "<f4")
    assert (weights[:-8].reshape(8, 48) == BOXED.linear.weight.detach().numpy()).all()
    assert (weights[-8:] == BOXED.linear.bias.detach().numpy()).all()
    assert (explorer.bins, explorer.jump_px, explorer.shift_px) == ([4, 2], 8, 3.5)
    frames = cut(Sheet(explorer.pictures, explorer.columns), 6 * 16, 32, 32)
    truth = np.concatenate([f.frames for pair in zip(FILMS, SWAPPED, strict=True) for f in pair])
    assert np.abs(frames.astype(int) - truth).mean() < 4


def test_it_stays_light_with_three_films():
    explorer = make(films=boxed_duets.films(size=48), swapped=boxed_duets.films(True, size=48))
    assert len(explorer.to_html()) < 250_000


def test_the_network_is_left_as_it_was():
    trunk, boxed, pooled = (copy.deepcopy(part).train() for part in (TRUNK, BOXED, POOLED))
    before = copy.deepcopy(trunk.state_dict())
    make(trunk=trunk, boxed=boxed, pooled=pooled)
    assert trunk.training
    assert boxed.linear.weight.dtype == torch.float32
    for key, value in trunk.state_dict().items():
        assert torch.equal(value, before[key]), key


# What the network says.

BOXES = [
    [4, 11, 11, 29],
    [0, 0, 32, 32],
    [-4, -4, 36, 36],
    [30, 30, 36, 36],
    [12.25, 9.5, 13.25, 10.5],
    [-20, 3, -10, 20],
]


@pytest.mark.parametrize("box", BOXES)
def test_the_scores_are_the_heads(box):
    explorer = make(box=box)
    for film, swapped in ((0, False), (1, True), (2, False)):
        explorer.film, explorer.swapped = film, swapped
        shown = (SWAPPED if swapped else FILMS)[film]
        with torch.no_grad():
            boxed = BOXED(features(shown), [torch.tensor([box], dtype=torch.float32)]).sigmoid()
            pooled = POOLED(features(shown)).sigmoid()
        assert explorer.box_scores() == pytest.approx(boxed[0].numpy(), abs=1e-5)
        assert explorer.pooled[2 * film + swapped] == pytest.approx(pooled[0].tolist(), abs=1e-5)


@pytest.mark.parametrize("box", BOXES)
def test_each_channel_is_taken_from_one_bin(box):
    explorer = make(box=box)
    shifted = torch.tensor([box], dtype=torch.float32) + 3.5
    bins = roi.roi_align(features(FILMS[0]).mean(2), [shifted], (4, 2), 1 / 8)[0].numpy()
    expected = np.zeros((4, 2), int)
    for channel in bins:
        if channel.max() > 0:
            expected[np.unravel_index(channel.argmax(), (4, 2))] += 1
    assert (explorer.taken() == expected).all()
    off_the_map = box[2] < -9
    assert (expected.sum() == 0) == off_the_map


def test_a_box_is_kept_to_quarters_of_a_pixel():
    assert make(box=[1.1, 2.2, 9.9, 20.6]).box == [1.0, 2.25, 10.0, 20.5]


# What is refused.

WRONG_SIZE = tuple(replace(film, frames=film.frames[:, :16]) for film in FILMS)
OTHERS = tuple(replace(film, shirts=("black", "white")) for film in SWAPPED)
ALONE = tuple(replace(film, segments=film.segments[:1]) for film in FILMS)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"films": (), "swapped": ()}, "number of films: expected 1 to 3, got 0"),
        ({"swapped": SWAPPED[:2]}, "swapped: expected 3 films, as films has, got 2"),
        ({"swapped": WRONG_SIZE}, r"swapped\[0\].frames: expected shape \(16, 32, 32, 3\)"),
        ({"films": ALONE}, r"films\[0\]: expected two figures, each with one action"),
        ({"swapped": FILMS}, r"swapped\[0\]: expected films\[0\] with the actions .* exchanged"),
        ({"swapped": SWAPPED[1:] + SWAPPED[:1]}, r"swapped\[0\]: expected films\[0\] with"),
        ({"swapped": OTHERS}, r"swapped\[0\]: .* got .* by black and white"),
        ({"trunk": torch.nn.Identity()}, "trunk: expected a Trunk, got Identity"),
        ({"boxed": POOLED}, "roi_head: expected a RoIHead, got ClassificationHead"),
        ({"pooled": BOXED}, "pooled_head: expected a ClassificationHead, got RoIHead"),
        ({"classes": CLASSES[:7]}, "and 7 scores, one for each of classes, got 48 and 8"),
        ({"pooled": heads.ClassificationHead(48, 7)}, "pooled_head: .* 8 scores, .* got 48 and 7"),
        (
            {"boxed": roi.RoIHead(24, 8)},
            "roi_head: expected 48 channels, as the trunk has, .* got 24 and 8",
        ),
        ({"classes": ()}, "number of classes: expected 1 to 12, got 0"),
        ({"speed": 2}, "WhoDoesWhat has no argument speed"),
    ],
)
def test_films_and_heads_are_checked(given, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make(**given)


def test_too_much_for_a_page_is_refused():
    large = [puppets.duets("test", 3, size=88, swap=swap) for swap in (False, True)]
    with pytest.raises(ValueError, match="expected 20,000 numbers in all their features' means"):
        make(*large)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("film", 3, "film: expected 0 to 2, got 3"),
        ("box", [0, 0, 9], "box: expected x0, y0, x1, y1, got 3 numbers"),
        ("box", [0, 0, 0.5, 9], "box: expected at least 1 × 1 px"),
        ("box", [9, 0, 3, 9], "x0 before x1 and y0 before y1, got -6 × 9"),
        ("box", [0, -33, 9, 9], "box: expected y0 from -32 to 64 px, got -33"),
        ("box", [0, 0, float("nan"), 9], "box: expected x1 from -32 to 64 px, got nan"),
        ("overlay", "all", "'strength'"),
    ],
)
def test_settings_are_checked(trait, value, words):
    with pytest.raises(traitlets.TraitError, match=words):
        make(**{trait: value})
    explorer = make()
    before = getattr(explorer, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(explorer, trait, value)
    assert getattr(explorer, trait) == before
