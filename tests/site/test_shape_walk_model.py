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
        ([Conv(12, (3, 3, 5))], r"layer 1 \(Conv\): kernel .*same for height and width.*3, 3, 5"),
        ([Pool(2), Conv(12, 8)], r"layer 2 \(Conv\): kernel .*from 1 to 7, got 8"),
        ([Conv(12, 3, stride=5)], r"stride .*from 1 to 4, got 5"),
        ([Conv(12, 3, padding=5)], r"padding .*from 0 to 4, got 5"),
        ([Conv(513, 3)], r"out_channels .*from 1 to 512, got 513"),
        ([Conv(12, 3, dilation=2)], r"layer 1 \(Conv\): dilation must be 1, .*got 2"),
        ([Pool(2, ceil_mode=True)], r"layer 1 \(Pool\): ceil_mode must be False"),
        ([Flatten(), Linear(4097)], r"layer 2 \(Linear\): out_features .*4096, got 4097"),
        ([Flatten()] * 13, "at most 12, got 13"),
        ([{"kind": "conv", "channels": 3}], "layer 1 is not a layer's JSON"),
        ([{"kind": "norm"}], "conv, pool, flatten or linear, got 'norm'"),
    ],
)
def test_layers_the_page_cannot_show_are_refused(layers, words):
    with pytest.raises(ValueError, match=words):
        ShapeWalk(layers)
    explorer = ShapeWalk()
    with pytest.raises(traitlets.TraitError, match=words):
        explorer.layers = layers
    assert explorer.stack() == ShapeWalk().stack(), "what stood there stays"


def test_what_is_no_layer_is_refused():
    with pytest.raises(TypeError, match=r"layer 2 must be Conv, Pool, Flatten or Linear.*got str"):
        ShapeWalk([Flatten(), "Linear"])


@pytest.mark.parametrize(
    "shape", [(3, 20, 64), (3, 20, 64, 0), (17, 20, 64, 64), (3, 65, 9, 9), (3, 2.0, 9, 9)]
)
def test_input_shapes_are_checked(shape):
    with pytest.raises(ValueError, match=r"input_shape must be whole numbers \(C, T, H, W\)"):
        ShapeWalk(input_shape=shape)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"cube": np.ones((3, 4, 5))}, TypeError, "cube must be made of whole numbers.*float64"),
        ({"cube": np.ones((4, 5), int)}, ValueError, r"cube must have three axes.*\(4, 5\)"),
        ({"cube": np.ones((3, 4, 8), int)}, ValueError, r"cube .*from 1 to 7; got \(3, 4, 8\)"),
        ({"cube": np.full((3, 4, 5), 21)}, ValueError, "from -20 to 20; got 21 to 21"),
        ({"kernel": np.ones((1, 4, 1), int)}, ValueError, "kernel .*from 1 to 3"),
        ({"kernel": "gaussian"}, traitlets.TraitError, "kernel must be one of.*'mean'"),
        (
            {"cube": np.ones((2, 4, 5), int)},
            ValueError,
            r"kernel must fit.*\(2, 4, 5\).*\(0, 2, 3\)",
        ),
        ({"padding": 2}, traitlets.TraitError, "padding"),
    ],
)
def test_cube_and_kernel_are_checked(options, error, words):
    with pytest.raises(error, match=words):
        ShapeWalk(**options)


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
    assert [step.out_shape for step in explorer.walk()] == [
        step.out_shape for step in shapes.walk(layers, (3, 20, 33, 47))
    ]
    parameters = sum(step.parameters for step in explorer.walk())
    assert parameters == sum(step.parameters for step in shapes.walk(layers, (3, 20, 33, 47)))


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
        channels, frames, height, width = preset["input"]
        explorer.input_channels, explorer.num_frames = channels, frames
        explorer.height, explorer.width = height, width
        explorer.layers = [{**layer} for layer in preset["layers"]]
        steps = explorer.walk()
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
    with pytest.raises(traitlets.TraitError, match=r"x must be from 0 to 4.*got 5"):
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
