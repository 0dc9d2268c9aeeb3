"""Convolution arithmetic, against what torch does."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lecturekit import ops, shapes

WALKTHROUGH = [
    shapes.Conv(12, 3, padding=1),
    shapes.Pool(4),
    shapes.Conv(24, 3, padding=1),
    shapes.Pool((2, 4, 4)),
    shapes.Flatten(),
    shapes.Linear(10),
]


def torch_layer(layer, in_shape):
    axes = len(in_shape) - 1
    if isinstance(layer, shapes.Conv):
        make = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[axes]
        return make(
            in_shape[0], layer.out_channels, layer.kernel, layer.stride, layer.padding,
            layer.dilation, bias=layer.bias,
        )  # fmt: skip
    if isinstance(layer, shapes.Pool):
        make = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}[axes]
        return make(layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil_mode)
    if isinstance(layer, shapes.Flatten):
        return nn.Flatten()
    return nn.Linear(in_shape[0], layer.out_features, bias=layer.bias)


def sizes(draw, axes, low, high):
    if draw(st.booleans()):
        return draw(st.integers(low, high))
    return tuple(draw(st.integers(low, high)) for _ in range(axes))


@st.composite
def networks(draw):
    axes = draw(st.integers(1, 3))
    layers = []
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            layers.append(
                shapes.Conv(
                    draw(st.integers(1, 4)), sizes(draw, axes, 1, 3), sizes(draw, axes, 1, 3),
                    sizes(draw, axes, 0, 2), sizes(draw, axes, 1, 2), draw(st.booleans()),
                )
            )  # fmt: skip
        else:
            stride = draw(st.none() | st.integers(1, 3))
            padding, ceil_mode = draw(st.integers(0, 1)), draw(st.booleans())
            layers.append(shapes.Pool(sizes(draw, axes, 2, 3), stride, padding, ceil_mode))
    if draw(st.booleans()):
        layers += [shapes.Flatten(), shapes.Linear(draw(st.integers(1, 5)), draw(st.booleans()))]
    return layers, tuple(draw(st.integers(1, 3 if i == 0 else 17)) for i in range(axes + 1))


@settings(max_examples=150)
@given(network=networks())
def test_a_walk_is_what_torch_does(network):
    layers, shape = network
    x = torch.zeros(1, *shape)
    steps = []
    for number, layer in enumerate(layers, 1):
        try:
            module = torch_layer(layer, tuple(x.shape[1:]))
            out = module(x)
        except RuntimeError:
            with pytest.raises(ValueError, match=f"layer {number}, {type(layer).__name__}"):
                shapes.walk(layers, shape)
            return
        steps.append((module, x, out))
        x = out
    walked = shapes.walk(layers, shape)
    for step, (module, before, after) in zip(walked, steps, strict=True):
        assert step.in_shape == tuple(before.shape[1:])
        assert step.out_shape == tuple(after.shape[1:])
        assert step.parameters == sum(p.numel() for p in module.parameters())
        with FlopCounterMode(display=False) as counter:
            module(before)
        assert 2 * step.macs == counter.get_total_flops()


class RoundedUp(nn.Module):
    """A layer with room behind its input for every window it is said to have."""

    def __init__(self, layer, sizes):
        super().__init__()
        self.layer, self.sizes = layer, sizes

    def forward(self, x):
        room = 3  # no kernel is longer
        out = self.layer(nn.functional.pad(x, (0, room) * len(self.sizes)))
        return out[(..., *map(slice, self.sizes))]


@settings(max_examples=60)
@given(network=networks(), seed=st.integers(0, 100))
def test_receptive_fields_and_dropped_frames_are_what_gradients_say(network, seed):
    layers, shape = network
    layers = [layer for layer in layers if isinstance(layer, shapes.Conv | shapes.Pool)]
    # Sums of ones: every input that is read changes the output. Pools become sums.
    x = torch.ones(1, *shape, dtype=torch.float64)
    modules = []
    try:
        steps = shapes.walk(layers, shape)
    except ValueError:
        return
    for step in steps:
        layer, axes = step.layer, len(step.dropped)
        if isinstance(layer, shapes.Pool):
            stride = layer.kernel if layer.stride is None else layer.stride
            layer = shapes.Conv(step.in_shape[0], layer.kernel, stride, layer.padding)
        module = torch_layer(layer, step.in_shape).double()
        nn.init.constant_(module.weight, 1.0)
        modules.append(RoundedUp(module, step.out_shape[1:]))
    model, last = nn.Sequential(*modules), steps[-1]
    picker = torch.Generator().manual_seed(seed)
    unit = [int(torch.randint(n, (1,), generator=picker)) for n in last.out_shape[1:]]
    seen = ops.receptive_field(model, x, (0, 0, *unit)) > 0
    for axis in range(axes):
        found = seen.any(dim=[a for a in range(axes) if a != axis]) if axes > 1 else seen
        centre = last.start[axis] + last.jump[axis] * unit[axis]
        reach = (last.receptive_field[axis] - 1) / 2
        inside = [i for i in range(shape[1 + axis]) if abs(i - centre) <= reach]
        hit = found.nonzero().flatten().tolist()
        assert set(hit) <= set(inside)
        # A window that lies in the padding along one axis reads nothing along the others.
        if hit and centre >= reach and centre + reach <= shape[1 + axis] - 1:
            assert (hit[0], hit[-1]) == (inside[0], inside[-1])
            assert len(hit) == last.inputs_seen[axis]
    first = steps[0]
    ones = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(modules[0](ones).sum(), ones)
    if not gradient.any():
        assert any(len(unread) == n for unread, n in zip(first.unread, shape[1:], strict=True))
        return
    for axis, unread in enumerate(first.unread):
        lines = gradient.transpose(1, 2 + axis)[0].flatten(1).sum(1)
        assert unread == tuple((lines == 0).nonzero().flatten().tolist())
        ends = 0
        while ends < len(lines) and lines[-1 - ends] == 0:
            ends += 1
        assert first.dropped[axis] == ends


def test_the_lectures_walkthrough():
    steps = shapes.walk(WALKTHROUGH, (3, 20, 64, 64))
    assert [step.out_shape for step in steps] == [
        (12, 20, 64, 64), (12, 5, 16, 16), (24, 5, 16, 16), (24, 2, 4, 4), (768,), (10,),
    ]  # fmt: skip
    assert [step.dropped for step in steps[:4]] == [(0, 0, 0)] * 3 + [(1, 0, 0)]
    assert steps[3].receptive_field == (18, 26, 26)
    printed = shapes.trace(WALKTHROUGH, (3, 20, 64, 64)).splitlines()
    assert [line.split()[1] for line in printed[1:3]] == ["3×20×64×64", "3×3×3"]
    assert [line for line in printed if "drops" in line] == [printed[5]]
    assert printed[5].startswith("Pool 2×4×4")
    assert printed[5].endswith("← drops the last frame")
    assert printed[-1].split()[:3] == ["total", "16,474", "89,587,200"]


def test_padding_that_nobody_reads_is_no_loss():
    (step,) = shapes.walk([shapes.Conv(1, 3, 2, 1)], (1, 16))
    assert (step.out_shape, step.dropped) == ((1, 8), (0,))
    (step,) = shapes.walk([shapes.Pool(4)], (1, 11, 9))
    assert step.dropped == (3, 1)
    assert "drops the last 3 rows, the last column" in shapes.trace([shapes.Pool(4)], (1, 11, 9))


def test_rows_between_windows_are_named():
    (step,) = shapes.walk([shapes.Pool(1, stride=4)], (1, 9, 10))
    assert step.unread == ((1, 2, 3, 5, 6, 7), (1, 2, 3, 5, 6, 7, 9))
    assert step.dropped == (0, 1)
    # Two taps, three apart, start at every other place: 0, 3 and 2, 5.
    (step,) = shapes.walk([shapes.Conv(1, 2, stride=2, dilation=3)], (1, 7))
    assert (step.out_shape, step.unread, step.dropped) == ((1, 2), ((1, 4, 6),), (1,))
    printed = shapes.trace([shapes.Pool((2, 1), stride=(2, 4))], (1, 5, 9))
    assert "← drops the last row; never reads 6 of 9 columns (1, 2, 3, …)" in printed


def test_a_field_with_holes_says_span_and_inputs():
    dilated = [shapes.Conv(1, 3, dilation=4)]
    (step,) = shapes.walk(dilated, (1, 20))
    assert (step.receptive_field, step.inputs_seen) == ((9,), (3,))
    # Every fourth row, then three of those: 0, 4, 8. Without holes both numbers are the same.
    steps = shapes.walk([shapes.Pool(1, stride=4), shapes.Conv(1, 3), shapes.Flatten()], (1, 20))
    assert [step.receptive_field for step in steps] == [(1,), (9,), (9,)]
    assert [step.inputs_seen for step in steps] == [(1,), (3,), (3,)]
    assert "  3 in 9" in shapes.trace(dilated, (1, 20))
    whole = shapes.walk(WALKTHROUGH, (3, 20, 64, 64))
    assert all(step.inputs_seen == step.receptive_field for step in whole)


def test_a_pooling_that_rounds_up_reads_the_last_row():
    for ceil_mode, out, unread in ((False, 3, (6,)), (True, 4, ())):
        (step,) = shapes.walk([shapes.Pool(2, ceil_mode=ceil_mode)], (1, 7))
        assert (step.out_shape, step.unread) == ((1, out), (unread,))
    assert shapes.conv_output(1, 2, 2, ceil_mode=True) == 1
    # 4 rows and 1 of padding: the third window would start in the padding at the end.
    assert shapes.conv_output(4, 2, 3, 1, ceil_mode=True) == 2
    with pytest.raises(ValueError, match=r"at most 2 \(size 1 \+ 2 × padding 0 \+ 1, rounded up"):
        shapes.conv_output(1, 3, 2, ceil_mode=True)


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([shapes.Pool(4)] * 3, ValueError, r"layer 3, Pool.* on 3×1×4×4: .*at most 1 .*got 4"),
        ([shapes.Linear(3)], ValueError, "layer 1, Linear.*put a Flatten before"),
        ([shapes.Conv(2, (3, 3))], ValueError, r"layer 1, Conv.*kernel: expected 3 numbers"),
        ([shapes.Flatten(), shapes.Pool(2)], ValueError, "layer 2, Pool.* on 245760.*slide"),
        ([shapes.Conv(2, 3, padding=-1)], ValueError, "layer 1, .*padding: expected at least 0"),
        ([shapes.Conv(0, 3)], ValueError, "layer 1, .*out_channels: expected at least 1"),
        ([shapes.Conv(2, 3, stride=0)], ValueError, "layer 1, .*stride: expected at least 1"),
        ([shapes.Conv(2, 2.5)], TypeError, "layer 1, .*kernel: expected a whole number"),
        ([shapes.Pool(2, padding=2)], ValueError, "layer 1, .*at most half of the kernel"),
        ([nn.ReLU()], TypeError, "layer 1, .*expected Conv, Pool, Flatten or Linear"),
    ],
)
def test_an_impossible_layer_is_named(layers, error, message):
    with pytest.raises(error, match=message):
        shapes.walk(layers, (3, 20, 64, 64))


@pytest.mark.parametrize(
    "arguments", [(0, 1), (3, 0), (3, 4), (3, 2, 0), (3, 2, 1, -1), (3, 2, 1, 0, 0)]
)
def test_a_window_that_does_not_fit_is_an_error(arguments):
    with pytest.raises(ValueError, match=r"at least|window of at most"):
        shapes.conv_output(*arguments)
