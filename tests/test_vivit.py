"""ViViT with its four schemes, against transformers' layout and, installed, transformers."""

import re
from dataclasses import replace

import pytest
import torch
from transformers_layout import published_shapes

from lecturekit import checkpoints, evaluation, facts, ops, training
from lecturekit.models import PUBLISHED, vivit
from lecturekit.models.attention import Attention, Block
from lecturekit.models.vivit import SCHEMES, SpaceBesideTime, SpaceThenTime, ViViT, ViViTConfig

SMALL = ViViTConfig(6, (24, 40), (2, 8, 8), width=36, depth=3, heads=6, hidden=50, temporal_depth=2)
"""3 × 3 × 5 tubelets."""
T, S = 3, 15


def small(scheme, **changes):
    pool = "mean" if scheme in SCHEMES[2:] else "cls"
    torch.manual_seed(0)
    return ViViT(replace(SMALL, attention=scheme, pool=pool, **changes), 7).eval()


def clips(frames=6, size=(24, 40)):
    return torch.randn(2, 3, frames, *size, generator=torch.Generator().manual_seed(1))


def saved(version_5):
    shapes = published_shapes("vivit_b", version_5)
    with torch.device("meta"):
        return {key: torch.empty(shape) for key, shape in shapes.items()}


@pytest.mark.parametrize("version_5", [False, True], ids=["published", "version 5"])
def test_a_file_of_transformers_keys_and_shapes_is_this_network(version_5):
    with torch.device("meta"):
        model = vivit.vivit_b()
    state = saved(version_5)
    checkpoints.load_published(model, state, "transformers")
    for key in list(state)[:: len(state) // 9]:
        with pytest.raises(checkpoints.CheckpointError, match=f"{re.escape(key)}: .* no key"):
            checkpoints.load_published(
                model, {k: v for k, v in state.items() if k != key}, "transformers"
            )


def test_names_of_two_versions_do_not_mix():
    with torch.device("meta"):
        model = vivit.vivit_b()
    state = saved(version_5=False)
    old, new = (
        "vivit.encoder.layer.7.attention.output.dense.bias",
        "vivit.layers.7.attention.o_proj.bias",
    )
    state[new] = state.pop(old)
    with pytest.raises(checkpoints.CheckpointError) as caught:
        checkpoints.load_published(model, state, "transformers")
    assert f"{old}: expected without numbers (on meta) float32 (768,), got no key" in str(
        caught.value
    )
    assert f"{new}: expected no such key" in str(caught.value)


@pytest.fixture
def transformers():
    return pytest.importorskip("transformers")


def peer_of(transformers, model):
    """transformers' network of the same size, with its own random weights, none of them zero."""
    config = model.config
    torch.manual_seed(2)
    peer = transformers.VivitForVideoClassification(
        transformers.VivitConfig(
            image_size=config.size,
            num_frames=config.frames,
            tubelet_size=config.tubelet,
            hidden_size=config.width,
            num_hidden_layers=config.depth,
            num_attention_heads=config.heads,
            intermediate_size=config.hidden,
            num_labels=model.head.out_features,
        )
    )
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    return peer.eval()


@pytest.mark.parametrize("size", ["small", "published"])
def test_transformers_says_the_same(transformers, size):
    model = small("joint") if size == "small" else vivit.vivit_b().eval()
    peer = peer_of(transformers, model)
    checkpoints.load_published(model, peer.state_dict(), "transformers")
    x = torch.randn(1, 3, *PUBLISHED["vivit_b"].inputs[0][1:]) if size == "published" else clips()
    with torch.no_grad():
        theirs = peer(x.transpose(1, 2)).logits
        ours = model(x)
    assert theirs.std() > 0.1
    assert (ours - theirs).abs().max() / max(1, theirs.std()) <= 1e-4


def test_transformers_looks_at_the_same(transformers):
    model = small("joint")
    peer = peer_of(transformers, model)
    checkpoints.load_published(model, peer.state_dict(), "transformers")
    peer.set_attn_implementation("eager")
    with torch.no_grad():
        theirs = peer(clips().transpose(1, 2), output_attentions=True).attentions
        _, ours = model(clips(), return_attention=True)
    assert len(ours) == len(theirs) == 3
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.shape == other.shape == (2, 6, 46, 46)
        assert (mine - other).abs().max() <= 1e-6
        assert mine.std() > 1e-3


SPACE, TIME = (2 * T, 6, S, S), (2 * S, 6, T, T)
HALVES = ((2 * T, 3, S, S), (2 * S, 3, T, T))


@pytest.mark.parametrize(
    ("scheme", "shapes"),
    [
        ("joint", [(2, 6, 46, 46)] * 3),
        ("factorised encoder", [(2 * T, 6, S + 1, S + 1)] * 3 + [(2, 6, T + 1, T + 1)] * 2),
        ("factorised self-attention", [(SPACE, TIME)] * 3),
        ("factorised dot-product", [HALVES] * 3),
    ],
)
def test_to_ask_for_attention_changes_no_score(scheme, shapes):
    model = small(scheme).double()
    with torch.no_grad():
        alone = model(clips().double())
        beside, attentions = model(clips().double(), return_attention=True)
    assert (alone - beside).abs().max() < 1e-12
    assert alone.std() > 0.01
    assert len(attentions) == len(shapes)
    for got, expected in zip(attentions, shapes, strict=True):
        pair = isinstance(got, tuple)
        assert (tuple(tuple(x.shape) for x in got) if pair else tuple(got.shape)) == expected
        for weights in got if pair else (got,):
            assert (weights.sum(-1) - 1).abs().max() < 1e-12


def test_vivit_b_gives_twelve_maps_of_all_its_tokens():
    with torch.device("meta"):
        scores, attentions = vivit.vivit_b()(torch.zeros(2, 3, 32, 224, 224), return_attention=True)
    assert scores.shape == (2, 400)
    assert [tuple(weights.shape) for weights in attentions] == [(2, 12, 3137, 3137)] * 12


@pytest.mark.parametrize(
    ("model", "name"), [(1, "vivit_b"), *((n, f"vivit_b_{SCHEMES[n - 1]}") for n in (2, 3, 4))]
)
def test_the_papers_four_models_have_its_size_and_cost(model, name):
    name = name.replace(" ", "_").replace("-", "_")
    with torch.device("meta"):
        network = PUBLISHED[name].make().eval()
        macs = ops.count_macs(network, torch.zeros(1, 3, 32, 224, 224))
    printed = facts.value(f"vivit-b-16x2-model{model}-arnab2021-params")
    assert abs(ops.count_parameters(network) / 1e6 - printed) < 0.1  # some are cut, not rounded
    # What else the paper's counter counts is not said.
    printed = facts.value(f"vivit-b-16x2-model{model}-arnab2021-gflops")
    assert 1.003 < printed / (macs / 1e9) < 1.009


def same_frame():
    frame = torch.arange(T * S) // S
    return frame[:, None] == frame


def same_place():
    place = torch.arange(T * S) % S
    return place[:, None] == place


def test_half_of_the_heads_each_is_joint_attention_under_two_masks():
    torch.manual_seed(0)
    ours, joint = SpaceBesideTime(36, 6).double(), Attention(36, 6).double()
    joint.load_state_dict(ours.state_dict())
    x = torch.randn(2, T * S, 36, dtype=torch.double)
    mask = torch.stack([same_frame()] * 3 + [same_place()] * 3)
    expected, weights = joint(x, mask, return_attention=True)
    got, (space, time) = ours(x, T, return_attention=True)
    assert (got - expected).abs().max() < 1e-12
    assert (ours(x, T) - expected).abs().max() < 1e-12
    # The second frame of the second clip, in full; and its eighth place through time.
    assert (space[T + 1] - weights[1, :3, S : 2 * S, S : 2 * S]).abs().max() < 1e-12
    assert (time[S + 7] - weights[1, 3:, 7::S, 7::S]).abs().max() < 1e-12


def test_space_then_time_is_joint_attention_under_a_mask_then_another():
    torch.manual_seed(0)
    block = SpaceThenTime(36, 6, 50, "tanh").double()
    x = torch.randn(2, T * S, 36, dtype=torch.double)
    expected = x + block.space(block.norm_space(x), same_frame())
    expected = expected + block.time(block.norm_time(expected), same_place())
    expected = expected + block.mlp(block.norm_mlp(expected))
    assert (block(x, T) - expected).abs().max() < 1e-12


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_positions_frames_of_one_tubelet_each_have_no_order(scheme):
    order = [2, 0, 5, 1, 4, 3]
    scores = {}
    for positions in (True, False):
        model = small(scheme, tubelet=(1, 8, 8), positions=positions).double()
        x = clips().double()
        with torch.no_grad():
            scores[positions] = (model(x) - model(x[:, :, order])).abs().max()
    assert scores[False] < 1e-12 < 1e-6 < scores[True]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_size_is_refused_until_the_positions_are_resized(scheme):
    model = small(scheme)
    other = clips(8, (40, 32))
    message = (
        r"clips: expected 6 frames of 24 × 40 pixels, .* 8 frames of 40 × 32; model\.resize\(8"
    )
    with pytest.raises(ValueError, match=message):
        model(other)
    with pytest.raises(ValueError, match=r"frames of 40 × 24"):
        model(clips(6, (40, 24)))
    with pytest.raises(ValueError, match=r"frames, size: expected a whole number"):
        model.resize(7, (40, 32))
    before = model(clips())
    model.resize(6, (24, 40))
    assert (model(clips()) - before).abs().max() < 1e-5
    model.resize(8, (40, 32))
    assert model(other).shape == (2, 7)
    assert model.config.grid == (4, 5, 4)
    with pytest.raises(ValueError, match=r"expected 8 frames of 40 × 32"):
        model(clips())


@pytest.mark.parametrize("scheme", ["joint", "factorised encoder"])
def test_tokens_can_be_left_out_before_the_blocks(scheme):
    encoder = small("joint").encoder if scheme == "joint" else small(scheme).encoder.space
    tokens = torch.randn(2, T * S if scheme == "joint" else S, 36)
    embedded = encoder.embed(tokens)
    whole, attentions = encoder.read(embedded)
    assert torch.equal(whole, encoder(tokens)[0])
    assert attentions == []
    fewer, _ = encoder.read(embedded[:, :9])
    assert fewer.shape == (2, 36)


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match=r"attention: expected one of 'joint', .* got 'divided'"):
        vivit.vivit_b(attention="divided")
    for scheme in SCHEMES[2:]:
        with pytest.raises(ValueError, match=r"pool: expected one of 'mean', got 'cls'"):
            replace(SMALL, attention=scheme)
    with pytest.raises(ValueError, match=r"whole number of tubelets of \(2, 8, 8\)"):
        replace(SMALL, size=36)
    with pytest.raises(ValueError, match=r"width: expected a multiple of heads = 5, got 36"):
        ViViT(replace(SMALL, heads=5), 7)
    with pytest.raises(ValueError, match=r"clips: .* look like \(B, T, C, H, W\)"):
        small("joint")(clips().transpose(1, 2))


def test_the_factorised_dot_product_has_no_parameter_more():
    plain, factorised = Block(36, 6, 50), vivit.FactorisedDotProduct(36, 6, 50, "tanh")
    assert list(plain.state_dict()) == list(factorised.state_dict())


@pytest.mark.parametrize(
    ("scheme", "stem"), [*((scheme, ()) for scheme in SCHEMES), ("joint", (4,))]
)
def test_a_tiny_one_learns(scheme, stem):
    torch.manual_seed(0)
    data = torch.randn(16, 3, 4, 16, 24)
    for i, clip in enumerate(data):
        clip[: i % 4] += 1  # grey, reddish, yellowish, bright: told by any network that can learn
    data = [(clip, i % 4) for i, clip in enumerate(data)]
    config = replace(
        vivit.TINY,
        **{"frames": 4, "size": (16, 24), "tubelet": (2, 8, 8), "width": 16, "hidden": 16},
        **{"depth": 1, "temporal_depth": 1, "attention": scheme, "stem": stem},
    )
    model = ViViT(config, 4)
    training.fit(model, data, epochs=20, batch_size=8, max_lr=1e-2)
    assert evaluation.evaluate(model, data).accuracy > 0.9
