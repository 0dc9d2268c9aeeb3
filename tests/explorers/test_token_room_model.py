"""Token room without a browser: masks and reach, the stored network, what is refused."""

import numpy as np
import pytest
import torch
import traitlets

from lecturekit import evaluation
from lecturekit.explorers.token_room import MAX_CLIPS, SHUFFLE, VIEWS, TokenRoom, network
from lecturekit.ops import count_parameters
from lecturekit.puppets import ACTIONS, CUES, PuppetClips

TEST = PuppetClips("test", 240, num_frames=16, size=32, seed=network.about()["test seed"])
CLIP = TEST.frames(4)
MOMENT, PLACE = np.arange(64) // 16, np.arange(64) % 16


def make(**settings):
    return TokenRoom({"sit down": CLIP, "run": TEST.frames(9)}, **settings)


# Who looks at whom.


@pytest.mark.parametrize(
    ("scheme", "looked_at"),
    [
        ("space", [[16] * 4] * 4),
        ("joint", [[64] * 4] * 4),
        ("model 2", [[16] * 4] * 3 + [[4] * 4]),
        ("model 3", [[16] * 4, [4] * 4] * 2),
        ("model 4", [[16, 16, 4, 4]] * 4),
        ("divided", [[4] * 4, [16] * 4] * 2),
    ],
)
def test_how_many_each_token_looks_at(scheme, looked_at):
    masks = network.masks(scheme)
    assert (masks.sum(-1) == torch.tensor(looked_at)[..., None]).all()
    space = torch.from_numpy(MOMENT[:, None] == MOMENT)
    time = torch.from_numpy(PLACE[:, None] == PLACE)
    kinds = {4: time, 16: space, 64: torch.ones(64, 64, dtype=torch.bool)}
    for heads, counts in zip(masks, looked_at, strict=True):
        for mask, count in zip(heads, counts, strict=True):
            assert torch.equal(mask, kinds[count])


@pytest.mark.parametrize("scheme", network.SCHEMES)
@pytest.mark.parametrize("deleted", [[], [0, 5, 16, 17, 40, 63]])
def test_reach_is_where_a_gradient_is(scheme, deleted):
    model = network.load(scheme).double()
    room = make(scheme=scheme, t=2, y=1, x=3, deleted=deleted)
    query = 2 * 16 + 1 * 4 + 3
    keep = [k for k in range(64) if k not in deleted]
    looks = network.masks(scheme)[:, :, keep][..., keep]
    tokens = model.positions(model.embed(room.clip_tensor().double())).detach()[:, keep]
    tokens.requires_grad_(True)
    seen = tokens
    for layer, (block, look) in enumerate(zip(model.blocks, looks, strict=True), 1):
        seen = block(seen, look)
        # A sum of numbers that were layer-normed would be 0 whatever comes in: weigh them.
        given = (seen[0, keep.index(query)] * torch.arange(48)).sum()
        (slope,) = torch.autograd.grad(given, tokens, retain_graph=True)
        room.layer = layer
        reached = np.zeros(64, bool)
        reached[keep] = (slope[0].abs().sum(-1) > 0).numpy()
        assert room.answers().reach.tolist() == reached.tolist(), layer


def test_after_one_divided_layer_only_its_place_reaches_and_after_two_all():
    reach = [
        int(make(scheme="divided", layer=layer).answers().reach.sum()) for layer in range(1, 5)
    ]
    assert reach == [4, 64, 64, 64]
    assert int(make(scheme="space", layer=4).answers().reach.sum()) == 16
    assert int(make(scheme="model 4", layer=1).answers().reach.sum()) == 16 + 4 - 1


# What is shown of it.


def test_weights_are_rows_of_attention_and_rollout_is_their_product():
    for scheme in ("joint", "model 4"):
        model, room = network.load(scheme), make(scheme=scheme, layer=3, t=0, y=2, x=1)
        _, attentions = model(room.clip_tensor(), return_attention=True)
        assert [tuple(one.shape) for one in attentions] == [(1, 4, 64, 64)] * 4
        layers = [one[0].detach().numpy() for one in attentions]
        for head in "1234":
            room.head = head
            assert room.answers().weights == pytest.approx(layers[2][int(head) - 1, 9], abs=1e-6)
        room.head = "mean"
        assert room.answers().weights == pytest.approx(layers[2][:, 9].mean(0), abs=1e-6)
        first, second, third = (0.5 * np.eye(64) + 0.5 * one.mean(0) for one in layers[:3])
        room.head = "rollout"
        rollout = (third @ second @ first)[9]
        assert rollout.sum() == pytest.approx(1, abs=1e-5)
        assert room.answers().weights == pytest.approx(rollout, abs=1e-6)


def test_return_attention_leaves_the_scores_as_they_are():
    clips = TEST.inputs(range(4))
    for scheme in network.SCHEMES:
        model = network.load(scheme)
        scores, attentions = model(clips, return_attention=True)
        assert scores.detach().numpy() == pytest.approx(model(clips).detach().numpy(), abs=1e-4)
        for layer, look in zip(attentions, network.masks(scheme), strict=True):
            assert not layer[:, ~look].any(), "who may not look does not"
            assert layer.sum(-1).detach().numpy() == pytest.approx(1, abs=1e-5)


def test_a_deleted_token_is_as_if_it_had_never_been():
    """Whatever stands in its pixels: nobody sees it, no average counts it."""
    room = make(scheme="divided", deleted=[21, 22])
    found = room.answers()
    changed = CLIP.copy()
    changed[4:8, 8:16, 8:24] = 255  # tokens (1, 1, 1) and (1, 1, 2)
    other = TokenRoom({"sit down": changed}, scheme="divided", deleted=[22, 21, 22])
    assert other.deleted == [21, 22]
    assert other.answers().scores == pytest.approx(found.scores, abs=1e-5)
    assert not room.importance()[[21, 22]].any()
    whole = make(scheme="divided")
    assert np.abs(whole.answers().scores - found.scores).max() > 1e-3
    assert not found.reach.any(), "the query (1, 1, 1) is one of them"
    assert not found.weights.any()


@pytest.mark.parametrize("scheme", network.SCHEMES)
def test_without_a_token_is_unseen_and_uncounted(scheme):
    """The other way to delete: all tokens stay, nobody looks at some, and the mean leaves them."""
    model, clip = network.load(scheme), TEST.inputs([4])
    there = torch.rand(64, generator=torch.Generator().manual_seed(0)) < 0.7
    tokens = model.positions(model.embed(clip))
    for block, look in zip(model.blocks, network.masks(scheme), strict=True):
        # A row needs one to look at: who is not there looks at itself, and nobody hears of it.
        tokens = block(tokens, look & there | torch.eye(64, dtype=torch.bool))
    expected = model.head(model.norm(tokens)[:, there].mean(1)).detach().numpy()
    found = model(clip, there.nonzero().flatten()).detach().numpy()
    assert found == pytest.approx(expected, abs=1e-4)


def test_importance_is_the_fall_of_the_named_class_s_score():
    room = make(scheme="joint", deleted=[3])
    scores, falls = room.answers().scores, room.importance()
    assert falls[3] == 0
    for token in (0, 20, 63):
        room.deleted = [3, token]
        fall = (scores - room.answers().scores)[scores.argmax()]
        assert falls[token] == pytest.approx(fall, abs=1e-5)
    room.deleted = list(range(1, 64))
    assert not room.importance().any(), "without the last token there is nothing to compare with"


def test_what_stands_in_the_frames():
    frames = torch.from_numpy(CLIP).permute(3, 0, 1, 2)[None]
    shown = {
        key: (make(frames=key).clip_tensor() * 0.225 + 0.45) * 255
        for key in ("filmed", "reversed", "shuffled", "first")
    }
    orders = {
        "filmed": range(16),
        "reversed": range(15, -1, -1),
        "shuffled": SHUFFLE,
        "first": [0] * 16,
    }
    assert sorted(SHUFFLE) == list(range(16))
    for key, clip in shown.items():
        assert torch.allclose(clip, frames[:, :, list(orders[key])].float(), atol=1e-3), key
    assert torch.allclose(make().clip_tensor()[0], TEST.inputs([4])[0], atol=1e-6)


# The stored network.


def test_the_weights_are_few_and_the_state_carries_them():
    arrays = network.weights()
    assert sum(array.size for array in arrays.values()) == count_parameters(network.load())
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float16)}
    assert network.WEIGHTS.stat().st_size < 400_000
    room = make()
    assert len(room.weights) == 2 * sum(size for _, size in room.tensors) < 400_000
    first = next(iter(arrays.values())).ravel()
    assert np.array_equal(np.frombuffer(room.weights, "<f2", first.size), first)


def test_eight_clips_and_the_network_stay_light():
    clips = {name: TEST.frames(k) for k, name in enumerate(list(ACTIONS)[:MAX_CLIPS])}
    assert len(TokenRoom(clips).to_html().encode()) < 600_000


def test_the_stored_accuracy_is_the_network_s():
    stored = network.about()["accuracy"]
    assert list(stored) == list(network.SCHEMES)
    for scheme in network.SCHEMES:
        assert list(stored[scheme]) == ["all", *CUES]
        found = evaluation.evaluate(network.load(scheme), TEST).accuracy
        # The first 240 of the 1,200 clips: three standard errors of their difference.
        assert found == pytest.approx(stored[scheme]["all"], abs=0.07), scheme
        assert stored[scheme]["all"] > 0.75, scheme


def test_the_network_takes_one_of_six_schemes():
    with pytest.raises(
        ValueError, match=r"scheme: expected one of 'space', 'joint', .* got 'none'"
    ):
        network.load("none")


# What is refused.


@pytest.mark.parametrize(
    ("clips", "words"),
    [
        ([CLIP], "clips: expected clips by the class that is seen in each, got list"),
        ({}, f"clips: expected 1 to {MAX_CLIPS}, got 0"),
        (dict.fromkeys(list(ACTIONS)[:9], CLIP), f"clips: expected 1 to {MAX_CLIPS}, got 9"),
        ({"sleep": CLIP}, "name of a clip: expected one of 'hold a balloon', .* got 'sleep'"),
        ({"run": CLIP[:8]}, r"clips\['run'\]: expected shape \(16, 32, 32, 3\), got \(8, 32"),
        ({"run": CLIP.astype(float)}, r"clips\['run'\]: expected uint8"),
    ],
)
def test_clips_are_checked(clips, words):
    with pytest.raises((ValueError, TypeError), match=words):
        TokenRoom(clips)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("clip", "walk", "clip: expected one of 'sit down', 'run', got 'walk'"),
        ("frames", "last", "'shuffled'"),
        ("scheme", "model 5", "'model 4'"),
        ("layer", 0, "layer: expected 1 to 4, got 0"),
        ("layer", 5, "layer: expected 1 to 4, got 5"),
        ("head", "5", "'rollout'"),
        ("t", 4, "t: expected 0 to 3, got 4"),
        ("y", -1, "y: expected 0 to 3, got -1"),
        ("deleted", [64], "deleted: expected 0 to 63, got 64"),
        ("deleted", list(range(64)), "one at least must be left, got all of them"),
    ],
)
def test_settings_are_checked(trait, value, words):
    with pytest.raises(traitlets.TraitError, match=words):
        make(**{trait: value})
    room = make()
    before = getattr(room, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(room, trait, value)
    assert getattr(room, trait) == before


def test_what_it_does_not_have_is_refused():
    with pytest.raises(TypeError, match="TokenRoom has no argument fps, query"):
        make(fps=25, query=(0, 0, 0))
    room = make()
    with pytest.raises(traitlets.TraitError, match="guess: expected one of '', 'hold a balloon'"):
        room.guess = "sleep"
    assert VIEWS[-1] == "rollout"
