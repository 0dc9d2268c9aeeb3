"""I3D: TensorFlow's padding by its rule, the published shapes, and, where it is installed, a port.

The port is piergiaj/pytorch-i3d; its one file on the path is enough.
"""

from collections import Counter
from dataclasses import replace
from math import ceil

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lecturekit import checkpoints, evaluation, ops, shapes, training
from lecturekit.models import i3d

# 1×1×1, 1×1×1 and 3×3×3, 1×1×1 and 3×3×3, 1×1×1 behind a pooling; and what enters them.
MIXED = {
    "3b": (192, 64, 96, 128, 16, 32, 32),
    "3c": (256, 128, 128, 192, 32, 96, 64),
    "4b": (480, 192, 96, 208, 16, 48, 64),
    "4c": (512, 160, 112, 224, 24, 64, 64),
    "4d": (512, 128, 128, 256, 24, 64, 64),
    "4e": (512, 112, 144, 288, 32, 64, 64),
    "4f": (528, 256, 160, 320, 32, 128, 128),
    "5b": (832, 256, 160, 320, 32, 128, 128),
    "5c": (832, 384, 192, 384, 48, 128, 128),
}


def published_shapes(in_channels):
    """Keys and shapes of a published checkpoint, written out from its layout."""
    table = {}

    def unit(key, a, b, side=1):
        table[f"{key}.conv3d.weight"] = (b, a, side, side, side)
        for kept in ("weight", "bias", "running_mean", "running_var"):
            table[f"{key}.bn.{kept}"] = (b,)
        table[f"{key}.bn.num_batches_tracked"] = ()

    unit("Conv3d_1a_7x7", in_channels, 64, 7)
    unit("Conv3d_2b_1x1", 64, 64)
    unit("Conv3d_2c_3x3", 64, 192, 3)
    for name, (a, b0, b1a, b1b, b2a, b2b, b3b) in MIXED.items():
        key = f"Mixed_{name}"
        unit(f"{key}.b0", a, b0)
        unit(f"{key}.b1a", a, b1a)
        unit(f"{key}.b1b", b1a, b1b, 3)
        unit(f"{key}.b2a", a, b2a)
        unit(f"{key}.b2b", b2a, b2b, 3)
        unit(f"{key}.b3b", a, b3b)
    return table | {"logits.conv3d.weight": (400, 1024, 1, 1, 1), "logits.conv3d.bias": (400,)}


@pytest.mark.parametrize("in_channels", [3, 2])
def test_a_checkpoint_of_the_published_keys_and_shapes_loads_strictly(in_channels):
    expected = published_shapes(in_channels)
    saved = {key: torch.empty(shape, device="meta") for key, shape in expected.items()}
    with torch.device("meta"):
        model = i3d.i3d_inception(in_channels=in_channels)
    model.load_state_dict(saved, strict=True, assign=True)
    assert {key: tuple(value.shape) for key, value in model.state_dict().items()} == expected


@pytest.mark.parametrize("counted", [True, False], ids=["new", "old"])
def test_a_file_of_that_layout_is_read(counted, tmp_path):
    """Before torch 0.4.1 batch norms counted no steps, and before 1.6 a file was no zip."""
    saved = {
        key: torch.rand(shape) if shape else torch.tensor(7)
        for key, shape in published_shapes(2).items()
        if counted or shape
    }
    torch.save(saved, tmp_path / "flow.pt", _use_new_zipfile_serialization=counted)
    model = i3d.i3d_inception(in_channels=2)
    checkpoints.load_published(model, tmp_path / "flow.pt", "piergiaj")
    state = model.state_dict()
    assert all(torch.equal(state[key], value) for key, value in saved.items())


def test_weights_of_the_other_stream_are_refused():
    model = tiny(in_channels=2)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    message = (
        r"Conv3d_1a_7x7\.conv3d\.weight: expected .*\(8, 2, 7, 7, 7\), got .*\(8, 3, 7, 7, 7\)"
    )
    with pytest.raises(checkpoints.CheckpointError, match=message):
        checkpoints.load_published(model, tiny(in_channels=3).state_dict(), "piergiaj")
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_its_batch_norms_are_the_published_ones():
    with torch.device("meta"):
        model = i3d.i3d_inception()
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm3d)]
    assert Counter((m.eps, m.momentum) for m in norms) == {(0.001, 0.01): 57}


def test_tensorflows_padding_by_hand():
    # Eight frames, windows of seven at every second: 4 of them, from frame -2 to frame 10.
    assert i3d.same_padding(8, 7, 2) == (2, 3)
    assert i3d.same_padding(7, 7, 2) == (3, 3)
    assert i3d.same_padding(8, 3, 2) == (0, 1)
    assert i3d.same_padding(7, 3, 2) == (1, 1)
    assert i3d.same_padding(7, 2, 2) == (0, 1)
    assert i3d.same_padding(8, 2, 2) == (0, 0)
    assert i3d.same_padding(5, 3, 1) == (1, 1)
    assert i3d.same_padding(4, 1, 2) == (0, 0)  # a window that skips needs none


def windows(x, kernel, stride):
    """Each place, and what of ``(C, T, H, W)`` lies there, outside of it nan.

    TensorFlow's rule told anew: the last window must start at the last multiple of the stride that
    is inside; what it then reaches over the end is shared out, the odd one at the end.
    """
    starts = []
    for size, k, s in zip(x.shape[1:], kernel, stride, strict=True):
        inside = range(0, size, s)
        over = max(inside[-1] + k - size, 0)
        starts.append([start - over // 2 for start in inside])
    padded = np.pad(x, [(0, 0)] + [(9, 9)] * 3, constant_values=np.nan)
    for place in np.ndindex(*map(len, starts)):
        at = [axis[i] + 9 for axis, i in zip(starts, place, strict=True)]
        yield place, padded[:, *(slice(a, a + k) for a, k in zip(at, kernel, strict=True))]


def sizes_out(x, stride):
    return tuple(ceil(n / s) for n, s in zip(x.shape[1:], stride, strict=True))


SIZES = [(4, 8, 6), (5, 7, 9), (4, 7, 2), (1, 2, 3)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("kernel", "stride"), [(7, 2), (3, 1), (3, 2), (1, 1), (2, 2), (1, 2), (4, 2)]
)
def test_a_convolution_is_padded_as_tensorflow_pads(size, kernel, stride):
    x = np.random.default_rng(0).normal(size=(2, *size))
    layer = i3d.SameConv3d(2, 3, kernel, stride).double()
    with torch.no_grad():
        ours = layer(torch.from_numpy(x)[None])[0]
    weight, bias = (p.detach().numpy() for p in (layer.weight, layer.bias))
    slow = np.full((3, *sizes_out(x, (stride,) * 3)), np.nan)
    for place, window in windows(x, (kernel,) * 3, (stride,) * 3):
        slow[:, *place] = (weight * np.nan_to_num(window)).sum((1, 2, 3, 4)) + bias
    np.testing.assert_allclose(ours, slow, atol=1e-12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("kernel", "stride"),
    [
        ((1, 3, 3), (1, 2, 2)),
        ((3, 3, 3), (2, 2, 2)),
        ((2, 2, 2), (2, 2, 2)),
        ((3, 3, 3), (1, 1, 1)),
    ],
)
def test_a_pooling_is_padded_as_tensorflow_pads(size, kernel, stride):
    x = np.random.default_rng(0).normal(size=(2, *size)) - 1  # mostly below 0: padding never wins
    layer = i3d.SameMaxPool3d(kernel, stride)
    slow, zeros = np.full((2, 2, *sizes_out(x, stride)), np.nan)
    for place, window in windows(x, kernel, stride):
        slow[:, *place] = np.nanmax(window, (1, 2, 3))
        # A port's padding: zeros, which behind a ReLU do no harm.
        zeros[:, *place] = np.nan_to_num(window).clip(0).max((1, 2, 3))
    np.testing.assert_array_equal(layer(torch.from_numpy(x)[None])[0], slow)
    np.testing.assert_array_equal(layer(torch.from_numpy(x).relu()[None])[0], zeros)


def spread(model):
    """Batch norms whose statistics and weights differ from channel to channel."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm3d):
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.02, 0.2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    return model


def test_an_inception_module_lays_four_branches_side_by_side():
    torch.manual_seed(0)
    widths = i3d.Widths(one=1, before_three=2, three=3, before_five=4, five=5, pooled=6)
    module = spread(i3d.Inception(7, widths)).eval()
    state = module.state_dict()

    def unit(key, x):
        weight = state[f"{key}.conv3d.weight"]
        x = functional.conv3d(x, weight, padding=weight.shape[-1] // 2)
        kept = (state[f"{key}.bn.{n}"] for n in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *kept, eps=0.001).relu()

    x = torch.randn(2, 7, 4, 5, 6)
    expected = torch.cat(
        [
            unit("b0", x),
            unit("b1b", unit("b1a", x)),
            unit("b2b", unit("b2a", x)),
            unit("b3b", functional.max_pool3d(x, 3, 1, 1)),
        ],
        1,
    )
    assert expected.shape == (2, widths.out, 4, 5, 6)
    assert torch.allclose(module(x), expected, atol=1e-6)


def tiny(in_channels=3, **changes):
    torch.manual_seed(0)
    return i3d.I3D(replace(i3d.TINY, **changes), 4, in_channels).eval()


@pytest.mark.parametrize("sizes", [(16, 32, 32), (17, 40, 63), (27, 33, 70)])
def test_the_windows_told_are_those_that_a_clip_goes_through(sizes):
    model = tiny()
    told = model.windows(sizes)
    seen = {}
    for name in told:
        getattr(model, name).register_forward_hook(
            lambda module, inputs, output, name=name: seen.update({name: tuple(output.shape[2:])})
        )
    model(torch.zeros(1, 3, *sizes))
    steps = shapes.walk(told.values(), (1, *sizes))
    assert {name: step.out_shape[1:] for name, step in zip(told, steps, strict=True)} == seen


@pytest.mark.parametrize("frames", [64, 61])
def test_a_receptive_field_in_time_lies_where_the_windows_say(frames):
    """No weight is negative: an output rises with each frame that it sees, and with no other."""
    model = tiny(window=(1, 1, 1))
    for module in model.modules():
        if isinstance(module, nn.Conv3d):
            nn.init.constant_(module.weight, 1.0)
    one_bright = torch.eye(frames)[:, None, :, None, None].expand(-1, 3, -1, 2, 2)
    kept = []
    model.Mixed_5b.register_forward_hook(lambda module, inputs, output: kept.append(output))
    with torch.no_grad():
        model(one_bright)
    sees = kept[0].sum((1, 3, 4)) > 0
    told = model.windows((frames, 2, 2))
    step = dict(zip(told, shapes.walk(told.values(), (1, frames, 2, 2)), strict=True))["Mixed_5b"]
    for place, seen in enumerate(sees.T):
        centre = step.start[0] + place * step.jump[0]
        reach = (step.receptive_field[0] - 1) / 2
        frame = torch.arange(frames)
        assert torch.equal(seen, (frame - centre).abs() <= reach)


def test_time_is_seen_late():
    with torch.device("meta"):
        told = i3d.i3d_inception().windows((64, 224, 224))
    steps = dict(zip(told, shapes.walk(told.values(), (1, 64, 224, 224)), strict=True))
    seen = {name: steps[name].receptive_field[:2] for name in told if "Pool" in name}
    # By hand: each window adds (kernel - 1) times the strides before it.
    assert seen == {
        "MaxPool3d_2a_3x3": (7, 7 + 2 * 2),
        "MaxPool3d_3a_3x3": (7 + 2 * 2, 11 + 2 * 4 + 2 * 4),
        "MaxPool3d_4a_3x3": (11 + 3 * 2 * 2, 27 + 3 * 2 * 8),
        "MaxPool3d_5a_2x2": (23 + 5 * 2 * 4 + 4, 75 + 5 * 2 * 16 + 16),
    }
    assert steps["Mixed_5c"].receptive_field[0] == 67 + 2 * 2 * 8
    assert steps["avg_pool"].out_shape == (1, 7, 1, 1)


@pytest.mark.parametrize("sizes", [(16, 32, 32), (33, 32, 32), (31, 65, 40)])
def test_scores_are_averaged_over_the_positions(sizes):
    model, positions = tiny(), []
    model.logits.register_forward_hook(lambda module, inputs, output: positions.append(output))
    scores = model(torch.randn(2, 3, *sizes))
    t, h, w = sizes
    assert positions[0].shape == (2, 4, ceil(t / 8) - 1, ceil(h / 32), ceil(w / 32))
    assert torch.allclose(scores, positions[0].flatten(2).mean(2), atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "in_channels", "message"),
    [
        ((1, 2, 16, 224, 224), 3, r"clips: expected shape \(B, 3, T, H, W\), got \(1, 2, 16, 2"),
        ((1, 3, 16, 224, 224), 2, r"clips: expected shape \(B, 2, T, H, W\), got \(1, 3, 16, 2"),
        ((1, 16, 3, 224, 224), 3, r"these look like \(B, T, C, H, W\)"),
        ((3, 16, 224, 224), 3, r"got \(3, 16, 224, 224\)"),
        ((1, 3, 15, 224, 224), 3, r"at least 16 frames of 193 × 193 px, got 15 frames of 224 × 2"),
        ((1, 3, 16, 224, 192), 3, r"at least 16 frames of 193 × 193 px, got 16 .* 224 × 192 px$"),
    ],
)
def test_clips_that_do_not_fit_are_refused(shape, in_channels, message):
    with torch.device("meta"):
        model = i3d.i3d_inception(in_channels=in_channels)
        with pytest.raises(ValueError, match=message):
            model(torch.empty(shape))


def test_the_smallest_clip_fits_and_any_longer_one():
    with torch.device("meta"):
        model = i3d.i3d_inception(7).eval()
        for frames in (16, 17, 24, 33, 250):
            assert model(torch.empty(2, 3, frames, 193, 224)).shape == (2, 7)


def test_a_tiny_one_learns():
    clips = torch.randn(16, 3, 16, 32, 32, generator=torch.Generator().manual_seed(0))
    for i, clip in enumerate(clips):
        clip[: i % 4] += 1  # grey, reddish, yellowish, bright
    data = [(clip, i % 4) for i, clip in enumerate(clips)]
    model = tiny()
    result = training.fit(model, data, epochs=40, batch_size=8, max_lr=3e-3)
    assert result.history[-1].loss < 0.75 * result.history[0].loss
    assert evaluation.evaluate(model, data).accuracy > 0.9


def peers(in_channels, classes=20):
    """Ours and the port with the port's weights: statistics at random, scores that spread."""
    port = pytest.importorskip("pytorch_i3d")
    torch.manual_seed(0)
    theirs = spread(port.InceptionI3d(classes, in_channels=in_channels))
    ours = i3d.i3d_inception(classes, in_channels)
    checkpoints.load_published(ours, theirs.state_dict(), "piergiaj")
    return ours, theirs


@pytest.mark.parametrize(
    ("in_channels", "sizes"),
    [(3, (16, 224, 224)), (3, (17, 193, 223)), (3, (24, 199, 256)), (2, (33, 224, 210))],
)
def test_a_port_says_the_same(in_channels, sizes):
    clips = torch.randn(1, in_channels, *sizes, generator=torch.Generator().manual_seed(1))
    ours, theirs = (model.eval() for model in peers(in_channels))
    with torch.no_grad():
        scores = ours(clips)
        positions = theirs(clips)  # (B, K, T'), and more axes where the picture is large
    expected = positions.flatten(2).mean(2)
    assert (scores - expected).abs().max() <= 1e-4 * max(1, expected.std())


def kept_for_backward(model, clips):
    """Bytes that autograd holds, weights aside."""
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    found = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            found[storage.data_ptr()] = tensor, storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(clips)
    return sum(size for _, size in found.values())


def test_a_port_has_the_same_gradients_and_keeps_more():
    # With 16 frames the port has one position, and no average over them. In double precision: at a
    # maximum of near equals, rounding decides where the gradient goes.
    clips = torch.randn(1, 3, 16, 193, 193, generator=torch.Generator().manual_seed(1)).double()
    ours, theirs = (model.train().double() for model in peers(3))
    ours.dropout.p = theirs.dropout.p = 0.0
    for model in (ours, theirs):
        model(clips).square().mean().backward()
    expected = {name: p.grad for name, p in theirs.named_parameters()}
    for name, p in ours.named_parameters():
        assert (p.grad - expected[name]).abs().max() <= 1e-6 * expected[name].abs().max(), name
    assert kept_for_backward(ours, clips) < kept_for_backward(theirs, clips)


def test_multiply_adds_of_the_published_clip():
    """111.2 G in the network as published; SlowFast's Table 2 prints 108 for it."""
    with torch.device("meta"):
        model, clip = i3d.i3d_inception().eval(), torch.empty(1, 3, 64, 224, 224)
        assert ops.count_macs(model, clip) == 111_153_143_808
