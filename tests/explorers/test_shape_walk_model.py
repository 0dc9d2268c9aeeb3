"""The shape walk without a browser: what it refuses, and what it hands to the page."""

import json

import numpy as np
import pytest
import traitlets

from lecturekit import shapes
from lecturekit.explorers.shape_walk import KERNELS, LECTURE, ShapeWalk
from lecturekit.shapes import Conv, Flatten, Linear, Pool


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Conv(12, (3, 3, 5))], r"layer 1, Conv.*: kernel: .*same for height and width, .*3, 3, 5"),
        ([Pool(2), Conv(12, 8)], "layer 2, Conv.*: kernel: expected 1 to 7, got 8"),
        ([Conv(12, 3, stride=5)], "stride: expected 1 to 4, got 5"),
        ([Conv(12, 3, padding=5)], "padding: expected 0 to 4, got 5"),
        ([Conv(513, 3)], "out_channels: expected 1 to 512, got 513"),
        ([Conv(12, 3.0)], "kernel: expected a whole number, got 3.0"),
        ([Conv(12, 3, dilation=2)], "layer 1, Conv.*: dilation: expected 1, .*got 2"),
        ([Pool(2, ceil_mode=True)], "layer 1, Pool.*: ceil_mode: expected False"),
        ([Flatten(), Linear(4097)], "layer 2, Linear.*: out_features: expected 1 to 4096, got 409"),
        ([Flatten()] * 13, r"len\(layers\): expected 0 to 12, got 13"),
        (
            [Flatten(), "Linear"],
            "layer 2, Linear: expected one of lecturekit.shapes' Conv, .*'str'",
        ),
        ([{"kind": "Conv", "out_channels": 3}], "layer 1, {.*missing.*'kernel'"),
        ([{"kind": "Norm"}], "layer 1, {.*: kind: expected one of 'Conv', .*got 'Norm'"),
    ],
)
def test_layers_the_page_cannot_show_are_refused(layers, words):
    with pytest.raises((ValueError, TypeError), match=words):
        ShapeWalk(layers)
    explorer = ShapeWalk()
    with pytest.raises(traitlets.TraitError, match=words):
        explorer.layers = layers
    assert explorer.stack() == ShapeWalk().stack(), "what stood there stays"


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"input_shape": (3, 20, 64)}, ValueError, r"input_shape: expected \(C, T, H, W\)"),
        ({"input_shape": (3, 20, 64, 0)}, ValueError, "input_shape: expected at least 1, got 0"),
        ({"input_shape": (17, 9, 9, 9)}, ValueError, r"up to \(16, 64, 224, 224\), got \(17"),
        ({"input_shape": (3, 2.0, 9, 9)}, TypeError, "input_shape: .*whole number, got 2.0"),
        ({"cube": np.ones((3, 4, 5))}, TypeError, "cube: expected whole numbers.*float64"),
        ({"cube": np.ones((4, 5), int)}, ValueError, r"cube: expected three axes.*\(4, 5\)"),
        ({"cube": np.ones((3, 4, 8), int)}, ValueError, r"cube: .*from 1 to 7, got \(3, 4, 8\)"),
        ({"cube": np.full((3, 4, 5), 21)}, ValueError, "from -20 to 20, got 21 to 21"),
        ({"cube": np.full((3, 4, 5), -128, np.int8)}, ValueError, "got -128 to -128"),
        ({"kernel": np.ones((1, 4, 1), int)}, ValueError, "kernel: .*from 1 to 3"),
        ({"kernel": "gaussian"}, traitlets.TraitError, "kernel: expected one of mean, .*gaussian"),
        ({"cube": np.ones((2, 4, 5), int)}, traitlets.TraitError, r"kernel: .*room.*\(2, 4, 5\)"),
        ({"padding": 2}, traitlets.TraitError, "padding"),
    ],
)
def test_input_cube_and_kernel_are_checked(options, error, words):
    with pytest.raises(error, match=words):
        ShapeWalk(**options)


def test_a_kernel_keeps_its_room():
    explorer = ShapeWalk(cube=np.ones((2, 4, 5), int), kernel=np.ones((2, 2, 2), int))
    with pytest.raises(traitlets.TraitError, match="padding 0, got 'mean'"):
        explorer.kernel = "mean"
    explorer.padding = 1
    explorer.kernel = "mean"
    with pytest.raises(traitlets.TraitError, match="padding 0, got 'mean'"):
        explorer.padding = 0
    assert explorer.output_size == (2, 4, 5)


def test_layers_survive_the_way_to_the_page_and_back():
    layers = (
        Conv(12, (3, 5, 5), stride=(1, 2, 2), padding=(1, 2, 2), bias=False),
        Pool((1, 2, 2)),
        Pool(3, stride=2, padding=1),
        Flatten(),
        Linear(7, bias=False),
    )
    explorer = ShapeWalk(layers, (3, 20, 33, 47))
    explorer.layers = json.loads(json.dumps(explorer.layers))
    for step, want in zip(explorer.walk(), shapes.walk(layers, (3, 20, 33, 47)), strict=True):
        assert step[1:] == want[1:], "all but the layer, whose windows are written out"


def test_python_s_walk_follows_the_traits():
    explorer = ShapeWalk()
    assert [step.out_shape for step in explorer.walk()] == [
        (12, 20, 64, 64), (12, 5, 16, 16), (24, 5, 16, 16), (24, 2, 4, 4), (768,), (10,)
    ]  # fmt: skip
    explorer.height, explorer.num_frames = 32, 8
    assert explorer.walk()[3].out_shape == (24, 1, 2, 4)
    explorer.layers = [Conv(5, 3), *LECTURE[4:]]
    assert explorer.walk()[-2].out_shape == (5 * 6 * 30 * 62,)


def test_presets_can_all_be_walked_and_the_pair_costs_what_the_layer_costs():
    explorer = ShapeWalk()
    outputs, weights = {}, {}
    for preset in explorer.presets:
        explorer.layers = preset["layers"]
        steps = shapes.walk(explorer.stack(), preset["input_shape"])
        outputs[preset["name"]] = [step.out_shape for step in steps]
        weights[preset["name"]] = sum(
            step.parameters - step.layer.out_channels
            for step in steps
            if isinstance(step.layer, Conv)
        )
    lecture, flat, pair, c3d = outputs
    assert {shape[1] for shape in outputs[flat] if len(shape) > 1} == {20}, "time is never touched"
    assert outputs[pair][-3:] == outputs[lecture][-3:]
    assert 0.95 * weights[lecture] < weights[pair] <= weights[lecture]
    assert outputs[c3d][-1] == (256, 4, 14, 14)


def test_the_voxel_stays_inside_the_output():
    explorer = ShapeWalk(cube=np.ones((3, 4, 5), int), padding=1)
    assert explorer.output_size == (3, 4, 5)
    explorer.t, explorer.y, explorer.x = 2, 3, 4
    with pytest.raises(traitlets.TraitError, match="x: expected 0 to 4, got 5"):
        explorer.x = 5
    explorer.padding = 0
    assert (explorer.t, explorer.y, explorer.x) == (0, 1, 2)


def test_a_kernel_of_one_s_own_joins_the_choices():
    explorer = ShapeWalk(kernel=np.array([[[1, -2]]]))
    assert [kernel["name"] for kernel in explorer.kernels] == [*KERNELS, "the given one"]
    assert explorer.output_size == (5, 6, 5)
    explorer.kernel = "mean"
    assert explorer.output_size == (3, 4, 4)


def test_the_page_stays_light():
    # Beside the script that all explorers share.
    assert len(ShapeWalk().markup()) < 8_000


def test_what_the_page_is_given_is_json():
    assert json.loads(json.dumps(ShapeWalk().state())) == ShapeWalk().state()
