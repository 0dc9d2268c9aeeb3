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
        return make(layer.kernel, layer.stride, layer.padding)
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
            layers.append(shapes.Pool(sizes(draw, axes, 2, 3), stride, draw(st.integers(0, 1))))
    if draw(st.booleans()):
        layers += [shapes.Flatten(), shapes.Linear(draw(st.integers(1, 5)), draw(st.booleans()))]
    return layers, tuple(draw(st.integers(1, 3 if i == 0 else 17)) for i in range(axes + 1))


@settings(deadline=None, max_examples=150)
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


@settings(deadline=None, max_examples=60)
@given(network=networks(), seed=st.integers(0, 100))
def test_receptive_fields_and_dropped_frames_are_what_gradients_say(network, seed):
    layers, shape = network
    layers = [layer for layer in layers if isinstance(layer, shapes.Conv | shapes.Pool)]
    # Sums of ones: every input that is read changes the output. Pools become averages.
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
        modules.append(module)
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
        # Strides may leave gaps inside; the ends are exact unless a border cuts them.
        assert set(hit) <= set(inside)
        if hit and inside and centre >= reach and centre + reach <= shape[1 + axis] - 1:
            assert (hit[0], hit[-1]) == (inside[0], inside[-1])
    first = steps[0]
    if isinstance(first.layer, shapes.Conv):
        spread = [first.layer.stride, first.layer.dilation]
        flat = [max(v) if isinstance(v, tuple) else v for v in spread]
        kernel = first.layer.kernel
        if flat[0] > (min(kernel) if isinstance(kernel, tuple) else kernel) or flat[1] > 1:
            return  # windows with gaps leave more unread than the end
    elif first.layer.stride and first.layer.stride > 2:
        return
    ones = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(modules[0](ones).sum(), ones)
    for axis, dropped in enumerate(first.dropped):
        lines = gradient.transpose(1, 2 + axis)[0].flatten(1).sum(1)
        unread = next((i for i, v in enumerate(lines.flip(0)) if v > 0), len(lines))
        assert unread == dropped


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


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([shapes.Pool(4)] * 3, ValueError, r"layer 3, Pool.* on 3×1×4×4: .*at most 1 .*got 4"),
        ([shapes.Linear(3)], ValueError, "layer 1, Linear.*put a Flatten before"),
        ([shapes.Conv(2, (3, 3))], ValueError, r"layer 1, Conv.*kernel must have 3 numbers"),
        ([shapes.Flatten(), shapes.Pool(2)], ValueError, "layer 2, Pool.* on 245760.*slide"),
        ([shapes.Conv(2, 3, padding=-1)], ValueError, "layer 1, .*padding must be at least 0"),
        ([shapes.Conv(0, 3)], ValueError, "layer 1, .*out_channels must be at least 1"),
        ([shapes.Conv(2, 3, stride=0)], ValueError, "layer 1, .*stride must be at least 1"),
        ([shapes.Conv(2, 2.5)], TypeError, "layer 1, .*kernel must be made of whole numbers"),
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
