"""ResNet-50 over clips and SlowFast, against pytorchvideo's shapes and, installed, pytorchvideo."""

import math
import re
from dataclasses import replace
from fractions import Fraction

import pytest
import torch
from pytorchvideo_layout import published_shapes
from torch import nn

from lecturekit import checkpoints, evaluation, ops, training
from lecturekit.models import PUBLISHED, resnet50, slowfast
from lecturekit.models.slowfast import SlowFast, TimeStridedConv, TimeStridedSampling, TimeToChannel

NAMES = ("c2d_r50", "i3d_r50", "slow_r50", "slowfast_r50")
LATERALS = (TimeToChannel, TimeStridedSampling, TimeStridedConv)
TINY = replace(slowfast.TINY, slow=replace(resnet50.TINY, width=8))
"""Half as wide: the fast pathway's stem has one channel."""


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_pytorchvideos_keys_and_shapes_is_this_network(name):
    shapes = published_shapes(name)
    with torch.device("meta"):
        model = PUBLISHED[name].make()
        saved = {key: torch.empty(shape) for key, shape in shapes.items()}
    for key, value in saved.items():
        if key.endswith("num_batches_tracked"):
            saved[key] = value.long()
    checkpoints.load_published(model, {"model_state": saved}, "pytorchvideo")
    assert len(shapes) == len(model.state_dict())
    for key in list(shapes)[:: len(shapes) // 5]:
        with pytest.raises(checkpoints.CheckpointError, match=f"{key}: .* no key"):
            checkpoints.load_published(
                model, {k: v for k, v in saved.items() if k != key}, "pytorchvideo"
            )


def randomised(peer):
    """A peer in eval mode whose batch norms have statistics and weights that change something."""
    generator = torch.Generator().manual_seed(1)
    for module in peer.modules():
        if isinstance(module, nn.BatchNorm3d):
            for tensor, least, most in (
                (module.weight, 0.5, 1.0), (module.bias, -0.2, 0.2),
                (module.running_mean, -0.2, 0.2), (module.running_var, 0.5, 1.5),
            ):  # fmt: skip
                nn.init.uniform_(tensor, least, most, generator=generator)
    return peer.eval()


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("c2d_r50", (8, 193, 227)),
        ("i3d_r50", (8, 193, 227)),
        ("i3d_r50", (10, 200, 256)),
        ("slow_r50", (8, 193, 227)),
        ("slow_r50", (9, 256, 256)),
        ("slowfast_r50", (32, 193, 227)),
        ("slowfast_r50", (32, 256, 193)),
    ],
)
def test_pytorchvideo_says_the_same(name, clip):
    peers = pytest.importorskip("pytorchvideo.models.hub")
    torch.manual_seed(0)
    peer = randomised(getattr(peers, name)(pretrained=False))
    model = PUBLISHED[name].make().eval()
    checkpoints.load_published(model, peer.state_dict(), "pytorchvideo")
    x = torch.randn(1, 3, *clip)
    with torch.no_grad():
        ours = model(x)
        theirs = peer([x[:, :, ::4], x] if name == "slowfast_r50" else x)
    assert theirs.std() > 0.1
    assert (ours - theirs).abs().max() / max(1, theirs.std()) <= 1e-4


def test_pytorchvideo_learns_the_same():
    peers = pytest.importorskip("pytorchvideo.models.hub")
    torch.manual_seed(0)
    peer = randomised(peers.c2d_r50(pretrained=False)).train()
    model = resnet50.c2d_r50().train()
    checkpoints.load_published(model, peer.state_dict(), "pytorchvideo")
    x = torch.randn(2, 3, 8, 193, 193)
    for network in (peer, model):
        torch.manual_seed(1)  # of dropout
        network(x).square().mean().backward()
    for key, weight in model.named_parameters():
        theirs = peer.get_parameter(checkpoints.pytorchvideo(model, key)).grad
        assert theirs.abs().max() > 0, key
        assert (weight.grad - theirs).abs().max() <= 1e-4 * theirs.abs().max(), key


def test_a_head_averages_windows_not_places():
    """At 8 × 8 places, the windows see the middle four times as often as a corner."""
    head = resnet50.Head(1, 1, [(2, 7, 7)], dropout=0.5).eval()
    nn.init.ones_(head.linear.weight)
    nn.init.zeros_(head.linear.bias)
    x = torch.zeros(1, 1, 2, 8, 8)
    x[..., 0, 0] = 98.0
    middle = torch.zeros(1, 1, 2, 8, 8)
    middle[..., 3, 4] = 98.0
    assert head(x).item() == pytest.approx(2 * 98 / 98 / 4)
    assert head(middle).item() == pytest.approx(2 * 98 / 98)


@pytest.mark.parametrize("name", NAMES)
def test_clips_that_are_too_small_for_the_window_are_named(name):
    published = PUBLISHED[name]
    frames = published.inputs[0][1]
    with torch.device("meta"):
        model = published.make()
        with pytest.raises(ValueError, match=r"at least \(\d, 7, 7\).* got \(\d+, 4, 4\)"):
            model(torch.zeros(1, 3, frames, 112, 112))


def test_slowfasts_head_is_made_for_32_frames():
    with torch.device("meta"):
        model = slowfast.slowfast_r50()
        with pytest.raises(ValueError, match=r"\(9, 1, 1\), \(33, 1, 1\)"):
            model(torch.zeros(1, 3, 64, 224, 224))


def reach_in_time(config, frames=17):
    """Frames that one place of the last maps sees, measured."""
    network = resnet50.Pathway(config).double().eval()
    for module in network.modules():
        if isinstance(module, nn.Conv3d | nn.BatchNorm3d):
            nn.init.constant_(module.weight, 0.1)
    x = torch.rand(1, 3, frames, 32, 32, dtype=torch.double)
    with torch.no_grad():
        places = network(x).shape[2]
    reached = ops.receptive_field(network, x, (0, 0, places // 2, 0, 0)).sum((1, 2)) > 0
    return int(reached.sum())


@pytest.mark.parametrize(
    ("config", "frames"),
    [
        (resnet50.TINY, 1 + 2 + 2),  # a kernel of 3 in two of the stages
        (TINY.fast, 3 + 4 * 2),
        (replace(resnet50.TINY, times=resnet50.C2D.times), 1),
        # Pairs of frames are pooled after the first stage: 3, then a stride of 2.
        (replace(resnet50.TINY, times=((3,), (1,), (3,), (1,)), halve_time=True), 3 + 1 + 2 * 2),
    ],
)
def test_a_kernel_in_time_is_where_the_config_says(config, frames):
    assert reach_in_time(config) == frames


@pytest.mark.parametrize("lateral", LATERALS)
def test_a_lateral_brings_alpha_frames_to_one(lateral):
    x = torch.randn(2, 5, 12, 3, 4)
    layer = lateral(5, 4)
    assert layer(x).shape == (2, layer.out_channels, 3, 3, 4)
    assert (
        layer.out_channels
        == {TimeToChannel: 20, TimeStridedSampling: 5, TimeStridedConv: 10}[lateral]
    )


def test_what_a_lateral_of_each_kind_keeps():
    x = torch.arange(2.0 * 8).reshape(1, 2, 8, 1, 1)
    packed = TimeToChannel(2, 4)(x)
    assert sorted(packed[0, :, 1].flatten().tolist()) == [4, 5, 6, 7, 12, 13, 14, 15]
    sampled = TimeStridedSampling(2, 4)(x)
    assert sampled.flatten().tolist() == [0, 4, 8, 12]
    # The published kernel sees three frames to each side of the slow pathway's own.
    conv = TimeStridedConv(2, 4).eval()
    nn.init.constant_(conv.norm.bias, 100)  # no number is cut off by the ReLU
    reached = ops.receptive_field(conv, torch.rand(1, 2, 16, 1, 1), (0, 0, 2, 0, 0))
    assert reached.flatten().nonzero().flatten().tolist() == [5, 6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize("lateral", [*LATERALS, None])
@pytest.mark.parametrize("alpha", [2, 4, 8])
@pytest.mark.parametrize("beta", [Fraction(1, 2), 0.125])
def test_alpha_beta_and_the_lateral_are_one_argument_each(lateral, alpha, beta):
    config = replace(TINY, alpha=alpha, beta=beta, lateral=lateral)
    with torch.device("meta"):
        model = SlowFast(config, 7)
        assert model.fast.stem.conv.out_channels == 8 * beta
        assert model(torch.zeros(2, 3, 16, 20, 36)).shape == (2, 7)
        assert model.head.linear.in_features == (1 + beta) * 32 * 8


def test_the_slow_pathway_gets_every_alphath_frame():
    torch.manual_seed(0)
    model = SlowFast(replace(TINY, alpha=4), 3).eval()
    clips = torch.randn(2, 3, 16, 20, 36)
    apart = model.pathways(clips[:, :, [0, 4, 8, 12]], clips)
    assert torch.equal(model(clips), apart)
    assert not torch.equal(model.pathways(clips[:, :, [1, 5, 9, 13]], clips), apart)
    alone = slowfast.SlowOnly(replace(TINY, alpha=4), 3).eval()
    changed = clips.clone()
    changed[:, :, [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15]] = 0
    assert torch.equal(alone(clips), alone(changed))
    assert not torch.equal(model(clips), model(changed))


def test_a_list_of_the_callers_stays_as_it_was():
    model = SlowFast(TINY, 3)
    clips = [torch.randn(2, 3, 2, 20, 36), torch.randn(2, 3, 16, 20, 36)]
    before = [x.clone() for x in clips]
    model.pathways(*clips)
    assert all(torch.equal(x, y) for x, y in zip(clips, before, strict=True))


@pytest.mark.parametrize("frames", [30, 241, 3])
@pytest.mark.parametrize("make", [SlowFast, slowfast.SlowOnly])
def test_frames_that_alpha_does_not_divide_are_named(make, frames):
    with torch.device("meta"), pytest.raises(ValueError, match=rf"alpha = 4 .*T = {frames}$"):
        make(replace(TINY, alpha=4), 3)(torch.zeros(1, 3, frames, 16, 16))


@pytest.mark.parametrize(
    ("slow", "fast"),
    [
        ((2, 3, 4, 16, 16), (2, 3, 31, 16, 16)),
        ((2, 3, 32, 16, 16), (2, 3, 4, 16, 16)),
        ((2, 3, 4, 16, 16), (1, 3, 32, 16, 16)),
        ((2, 3, 4, 16, 16), (2, 3, 32, 16, 18)),
        ((2, 3, 4, 16, 16), (2, 1, 32, 16, 16)),
    ],
)
def test_pathways_that_do_not_match_are_named(slow, fast):
    model = SlowFast(TINY, 3)
    expected = (slow[0], 3, 8 * slow[2], *slow[3:])
    message = rf"fast: expected shape {re.escape(str(expected))}, .* got {re.escape(str(fast))}$"
    with pytest.raises(ValueError, match=message):
        model.pathways(torch.zeros(slow), torch.zeros(fast))


def test_other_than_three_channels_are_named():
    model = SlowFast(TINY, 3)
    with pytest.raises(ValueError, match=r"\(B, 3, T, H, W\), got \(1, 4, 8, 16, 16\)"):
        model(torch.zeros(1, 4, 8, 16, 16))
    with pytest.raises(ValueError, match=r"slow: expected shape \(B, 3, T, H, W\)"):
        model.pathways(torch.zeros(1, 4, 1, 16, 16), torch.zeros(1, 4, 8, 16, 16))
    with pytest.raises(ValueError, match=r"these look like \(B, T, C, H, W\)"):
        resnet50.VideoResNet50(resnet50.TINY, 3)(torch.zeros(1, 8, 3, 16, 16))


@pytest.mark.parametrize(
    ("field", "value"), [("beta", Fraction(1, 3)), ("beta", 0), ("beta", 2), ("alpha", 0)]
)
def test_a_config_that_cannot_be_is_named(field, value):
    with pytest.raises(ValueError, match=f"^{field}: expected"):
        replace(TINY, **{field: value})


def test_a_block_starts_as_its_shortcut_where_the_config_says():
    x = torch.randn(2, 8, 3, 4, 5)
    for config in (replace(TINY.slow, zero_last=True), TINY.slow):
        block = resnet50.VideoResNet50(config, 3).stages[0][0].eval()
        assert torch.equal(block(x), block.shortcut(x).relu()) == config.zero_last


@pytest.mark.parametrize("make", [SlowFast, slowfast.SlowOnly, slowfast.fast_only])
def test_a_tiny_one_learns(make):
    torch.manual_seed(0)
    clips = torch.randn(16, 3, 8, 20, 28)
    for i, clip in enumerate(clips):
        clip[: i % 4] += 1  # grey, reddish, yellowish, bright: told by any network that can learn
    data = [(clip, i % 4) for i, clip in enumerate(clips)]
    model = make(replace(TINY, alpha=2, beta=0.5), 4)
    training.fit(model, data, epochs=40, batch_size=8, max_lr=3e-3)
    assert evaluation.evaluate(model, data).accuracy > 0.9
    assert math.isfinite(sum(p.sum().item() for p in model.parameters()))
