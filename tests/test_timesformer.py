"""TimeSformer's three attentions, against transformers' layout and, installed, transformers."""

import re
from dataclasses import replace

import pytest
import torch
from einops import rearrange, reduce
from transformers_layout import published_shapes

from lecturekit import checkpoints, evaluation, ops, training
from lecturekit.models import PUBLISHED, timesformer
from lecturekit.models.timesformer import ATTENTIONS, Divided, TimeSformer, TimeSformerConfig

SMALL = TimeSformerConfig(5, (24, 32), (1, 8, 8), width=36, depth=3, heads=6, hidden=50)
"""5 × 3 × 4 patches."""
T, S = 5, 12
NAMES = {"divided": "timesformer_b", "joint": "timesformer_b_joint", "space": "timesformer_b_space"}


def small(attention, size=SMALL.size):
    torch.manual_seed(0)
    return TimeSformer(replace(SMALL, attention=attention, size=size), 7).eval()


def clips(frames=5, size=(24, 32)):
    return torch.randn(2, 3, frames, *size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_file_of_transformers_keys_and_shapes_is_this_network(attention):
    with torch.device("meta"):
        model = PUBLISHED[NAMES[attention]].make()
        shapes = published_shapes(NAMES[attention])
        state = {key: torch.empty(shape) for key, shape in shapes.items()}
    checkpoints.load_published(model, state, "transformers")
    assert len(shapes) == len(model.state_dict())
    for key in list(shapes)[:: len(shapes) // 7]:
        with pytest.raises(checkpoints.CheckpointError, match=f"{re.escape(key)}: .* no key"):
            checkpoints.load_published(
                model, {k: v for k, v in state.items() if k != key}, "transformers"
            )


@pytest.fixture
def transformers():
    return pytest.importorskip("transformers")


def peer_of(transformers, model):
    """transformers' network of the same size, with its own random weights, none of them zero."""
    config = model.config
    torch.manual_seed(2)
    peer = transformers.TimesformerForVideoClassification(
        transformers.TimesformerConfig(
            image_size=config.size,
            num_frames=config.frames,
            patch_size=config.tubelet[1],
            hidden_size=config.width,
            num_hidden_layers=config.depth,
            num_attention_heads=config.heads,
            intermediate_size=config.hidden,
            num_labels=model.head.out_features,
            attention_type={
                "divided": "divided_space_time", "joint": "joint_space_time", "space": "space_only"
            }[config.attention],
        )
    )  # fmt: skip
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    return peer.eval()


# Its divided attention takes square pictures alone.
@pytest.mark.parametrize("size", [32, 224])
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_transformers_says_the_same(transformers, attention, size):
    model = small(attention, size) if size == 32 else timesformer.timesformer_b(400, attention)
    peer = peer_of(transformers, model.eval())
    checkpoints.load_published(model, peer.state_dict(), "transformers")
    x = clips(model.config.frames, (size, size))[: 2 if size == 32 else 1]
    with torch.no_grad():
        theirs = peer(x.transpose(1, 2)).logits
        ours = model(x)
    if attention == "space":
        theirs = reduce(theirs, "(b t) k -> b k", "mean", b=len(x))
    assert theirs.std() > 0.1
    assert (ours - theirs).abs().max() / max(1, theirs.std()) <= 1e-4


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_transformers_looks_at_the_same(transformers, attention):
    model = small(attention, 32)
    peer = peer_of(transformers, model)
    checkpoints.load_published(model, peer.state_dict(), "transformers")
    x = clips(size=(32, 32))
    with torch.no_grad():
        theirs = peer(x.transpose(1, 2), output_attentions=True).attentions
        _, ours = model(x, return_attention=True)
    # Its tokens are place-major where frames look at each other.
    order = rearrange(torch.arange(1, T * 16 + 1), "(t s) -> (s t)", t=T)
    order = torch.cat([torch.zeros(1, dtype=torch.long), order])
    assert len(ours) == len(theirs) == 3
    for mine, other in zip(ours, theirs, strict=True):
        if attention == "divided":
            mine = mine[1]  # it gives those in space alone
        if attention == "joint":
            mine = mine[..., order, :][..., order]
        assert mine.shape == other.shape
        assert (mine - other).abs().max() <= 1e-6
        assert mine.std() > 1e-3


@pytest.mark.parametrize(
    ("attention", "shapes"),
    [
        ("divided", ((2 * S, 6, T, T), (2 * T, 6, 1 + S, 1 + S))),
        ("joint", (2, 6, 1 + T * S, 1 + T * S)),
        ("space", (2 * T, 6, 1 + S, 1 + S)),
    ],
)
def test_to_ask_for_attention_changes_no_score(attention, shapes):
    model = small(attention).double()
    with torch.no_grad():
        alone = model(clips().double())
        beside, attentions = model(clips().double(), return_attention=True)
    assert alone.shape == (2, 7)
    assert (alone - beside).abs().max() < 1e-12
    assert alone.std() > 0.01
    assert len(attentions) == 3
    for got in attentions:
        pair = isinstance(got, tuple)
        assert (tuple(tuple(x.shape) for x in got) if pair else tuple(got.shape)) == shapes
        for weights in got if pair else (got,):
            assert (weights.sum(-1) - 1).abs().max() < 1e-12


def test_frames_apart_are_scored_apart():
    model = small("space").double()
    x = clips().double()
    alone = small("space", SMALL.size).double()
    alone.resize(1, SMALL.size)
    with torch.no_grad():
        scores = torch.stack([alone(x[:, :, t : t + 1]) for t in range(T)])
        assert (model(x) - scores.mean(0)).abs().max() < 1e-12
        assert (model(x) - model(x.flip(2))).abs().max() < 1e-12


def divided():
    torch.manual_seed(0)
    return Divided(36, 6, 50).double(), torch.randn(2, 1 + T * S, 36, dtype=torch.double)


def test_divided_is_joint_attention_under_a_mask_then_another():
    block, x = divided()
    n = torch.arange(T * S)
    places = x[:, 1:]
    looked = block.time(block.norm_time(places), (n % S)[:, None] == n % S)
    places = places + block.time_dense(looked)
    # In space every frame has a CLS of its own, here in front of all places.
    both = torch.cat([x[:, :1].repeat(1, T, 1), places], 1)
    frame = torch.cat([torch.arange(T), n // S])
    looked = block.space(block.norm_space(both), frame[:, None] == frame)
    cls = x[:, :1] + looked[:, :T].mean(1, keepdim=True)
    expected = torch.cat([cls, places + looked[:, T:]], 1)
    expected = expected + block.mlp(block.norm_mlp(expected))
    assert (block(x, T) - expected).abs().max() < 1e-12


def test_in_one_block_a_place_reaches_all_others_by_two_steps():
    block, x = divided()
    x.requires_grad_()
    last = 1 + (T - 1) * S + S - 1
    (gradient,) = torch.autograd.grad(block(x, T)[0, last].sum(), x)
    reached = gradient[0].abs().sum(-1) > 0
    assert reached.all()
    # Along time alone, its own place in each frame.
    places = x[:, 1:]
    folded = rearrange(places, "b (t s) d -> (b s) t d", t=T)
    seen = rearrange(block.time(folded), "(b s) t d -> b (t s) d", b=2)
    (gradient,) = torch.autograd.grad(seen[0, -1].sum(), x)
    assert (gradient[0].abs().sum(-1) > 0).nonzero().flatten().tolist() == [
        1 + t * S + S - 1 for t in range(T)
    ]


def test_frames_have_no_order_but_by_their_positions():
    order = [2, 0, 4, 1, 3]
    for attention in ("divided", "joint"):
        model = small(attention).double()
        x = clips().double()
        with torch.no_grad():
            assert (model(x) - model(x[:, :, order])).abs().max() > 1e-6
            model.time_positions.table.zero_()
            assert (model(x) - model(x[:, :, order])).abs().max() < 1e-12


def test_at_first_one_block_alone_mixes_frames():
    model = small("divided")
    moved = [bool(block.time_dense.weight.any()) for block in model.blocks]
    assert moved == [True, False, False]
    assert not any(block.time_dense.bias.any() for block in model.blocks[1:])


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_another_size_is_refused_until_the_positions_are_resized(attention):
    model = small(attention)
    other = clips(7, (40, 16))
    message = (
        r"clips: expected 5 frames of 24 × 32 pixels, .* 7 frames of 40 × 16; model\.resize\(7"
    )
    with pytest.raises(ValueError, match=message):
        model(other)
    with pytest.raises(ValueError, match=r"frames, size: expected a whole number"):
        model.resize(7, (41, 16))
    model.resize(7, (40, 16))
    assert model(other).shape == (2, 7)
    with pytest.raises(ValueError, match=r"expected 7 frames of 40 × 16"):
        model(clips())


def test_an_attention_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match=r"attention: expected one of 'divided', .* got 'axial'"):
        timesformer.timesformer_b(attention="axial")


def test_the_three_differ_in_time_alone():
    counts = [ops.count_parameters(small(attention)) for attention in ATTENTIONS]
    width = SMALL.width
    time = 3 * (2 * width + 3 * width * width + 3 * width + 2 * (width * width + width))
    assert counts[0] - counts[1] == time
    assert counts[1] - counts[2] == T * width


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_tiny_one_learns(attention):
    torch.manual_seed(0)
    data = torch.randn(16, 3, 4, 16, 24)
    for i, clip in enumerate(data):
        clip[: i % 4] += 1  # grey, reddish, yellowish, bright: told by any network that can learn
    data = [(clip, i % 4) for i, clip in enumerate(data)]
    config = replace(
        timesformer.TINY,
        **{"frames": 4, "size": (16, 24), "tubelet": (2, 8, 8), "width": 16, "hidden": 16},
        **{"depth": 1, "attention": attention},
    )
    model = TimeSformer(config, 4)
    training.fit(model, data, epochs=20, batch_size=8, max_lr=1e-2)
    assert evaluation.evaluate(model, data).accuracy > 0.9
