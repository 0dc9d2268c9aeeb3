"""The networks against torchvision's published shapes and, where it is installed, torchvision."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from lecturekit import evaluation, training
from lecturekit.models import convnets

NAMES = ("r3d_18", "mc3_18", "r2plus1d_18")


def bn(name, n):
    shapes = {f"{name}.{k}": (n,) for k in ("weight", "bias", "running_mean", "running_var")}
    return shapes | {f"{name}.num_batches_tracked": ()}


def published_shapes(name):
    """Keys and shapes of torchvision's checkpoint, written out from its published layout."""
    table = {}

    def conv(key, a, b, time, side):
        table[f"{key}.weight"] = (b, a, time, side, side)

    def convolution(key, a, b, middle, kind):
        if kind == "2+1":
            conv(f"{key}.0", a, middle, 1, 3)
            table.update(bn(f"{key}.1", middle))
            conv(f"{key}.3", middle, b, 3, 1)
        else:
            conv(key, a, b, 3 if kind == "3" else 1, 3)

    if name == "r2plus1d_18":
        conv("stem.0", 3, 45, 1, 7)
        table.update(bn("stem.1", 45))
        conv("stem.3", 45, 64, 3, 1)
        table.update(bn("stem.4", 64))
    else:
        conv("stem.0", 3, 64, 3, 7)
        table.update(bn("stem.1", 64))
    # The widths between the two halves, from the published tensors.
    middles = {(64, 64): 144, (64, 128): 230, (128, 128): 288, (128, 256): 460, (256, 256): 576,
               (256, 512): 921, (512, 512): 1152}  # fmt: skip
    a = 64
    for stage, b in enumerate((64, 128, 256, 512), 1):
        kind = {"r3d_18": "3", "r2plus1d_18": "2+1"}.get(name, "3" if stage == 1 else "2")
        for block in range(2):
            key = f"layer{stage}.{block}"
            convolution(f"{key}.conv1.0", a, b, middles[a, b], kind)
            table.update(bn(f"{key}.conv1.1", b))
            convolution(f"{key}.conv2.0", b, b, middles[a, b], kind)
            table.update(bn(f"{key}.conv2.1", b))
            if a != b:
                conv(f"{key}.downsample.0", a, b, 1, 1)
                table.update(bn(f"{key}.downsample.1", b))
            a = b
    return table | {"fc.weight": (400, 512), "fc.bias": (400,)}


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_of_torchvisions_keys_and_shapes_loads_strictly(name):
    shapes = published_shapes(name)
    saved = {key: torch.empty(shape, device="meta") for key, shape in shapes.items()}
    with torch.device("meta"):
        model = getattr(convnets, name)()
    model.load_state_dict(saved, strict=True, assign=True)
    assert {key: tuple(value.shape) for key, value in model.state_dict().items()} == shapes


def test_c3ds_last_maps_are_4_by_4():
    with torch.device("meta"):
        model = convnets.c3d(101)
        assert model.features(torch.zeros(2, 3, 16, 112, 112)).shape == (2, 512, 1, 4, 4)


# The poolings of the authors' network (kernel and stride in time, rows, columns).
C3D_POOLINGS = [(1, 2, 2), *[(2, 2, 2)] * 4]


def caffe_max_pool(x, kernel, padding=(0, 0, 0)):
    """Caffe's rule, stride = kernel: ceil((n + 2p - k) / s) + 1 windows, cut at the borders.

    With padding, a last window that would start beyond the image has no place.
    """
    places = []
    for n, p, k in zip(x.shape, padding, kernel, strict=True):
        count = -(-(n + 2 * p - k) // k) + 1
        places.append(count - 1 if p and (count - 1) * k >= n + p else count)
    out = np.empty(places)
    for place in np.ndindex(*places):
        starts = [i * k - p for i, k, p in zip(place, kernel, padding, strict=True)]
        window = tuple(slice(max(s, 0), s + k) for s, k in zip(starts, kernel, strict=True))
        out[place] = x[window].max()
    return out


def test_caffes_rule_by_hand():
    row = np.array([5.0, 1, 2, 7, 3, 4, 6])[None, None]
    assert caffe_max_pool(row, (1, 1, 2)).tolist() == [[[5, 7, 4, 6]]]
    # Padded by one, as some ports do, the windows start one early: other pairs, other maxima.
    assert caffe_max_pool(row, (1, 1, 2), (0, 0, 1)).tolist() == [[[5, 2, 7, 6]]]


@pytest.mark.parametrize("stage", range(5))
def test_every_pooling_of_c3d_is_caffes(stage):
    with torch.device("meta"):
        pools = [m for m in convnets.c3d().features if isinstance(m, nn.MaxPool3d)]
    assert len(pools) == len(C3D_POOLINGS)
    # Sizes that the kernel divides, and that it does not; the last are those of C3D itself.
    sizes = [(4, 6, 8), (5, 7, 9), (1, 1, 3), (2, 7, 7)]
    for size in sizes:
        x = np.random.default_rng(stage).normal(size=size)
        ours = pools[stage](torch.from_numpy(x)[None])[0].numpy()
        np.testing.assert_array_equal(ours, caffe_max_pool(x, C3D_POOLINGS[stage]), str(size))


def test_a_c3d_whose_sizes_do_not_divide_fits_its_linear_layer():
    small = convnets.C3DConfig((2, 2, 2), (1, 1, 1), 8, (5, 11, 13))
    assert convnets.C3D(small, 3)(torch.zeros(1, 3, 5, 11, 13)).shape == (1, 3)


def test_2plus1d_is_as_large_as_3d():
    for a, b in ((64, 64), (12, 24), (128, 256)):
        split = convnets.Conv2Plus1d(a, b, convnets.middle_channels(a, b))
        weights = sum(m.weight.numel() for m in split if isinstance(m, nn.Conv3d))
        whole = convnets.Conv3d(a, b, 0).weight.numel()
        assert whole - (9 * a + 3 * b) < weights <= whole


def tiny(name, classes=4):
    if name == "c3d":
        small = convnets.C3DConfig((4, 8, 8), (1, 1, 2), 64, (8, 20, 28))
        return convnets.C3D(small, classes)
    config = {"r3d_18": convnets.R3D, "mc3_18": convnets.MC3, "r2plus1d_18": convnets.R2PLUS1D}[
        name
    ]
    return convnets.VideoResNet(replace(config, width=8, blocks=(1, 1, 1, 1)), classes)


@pytest.mark.parametrize("name", [*NAMES, "c3d"])
def test_a_tiny_one_learns(name):
    torch.manual_seed(0)
    clips = torch.randn(16, 3, 8, 20, 28)
    for i, clip in enumerate(clips):
        clip[: i % 4] += 1  # grey, reddish, yellowish, bright: told by any network that can learn
    data = [(clip, i % 4) for i, clip in enumerate(clips)]
    model = tiny(name)
    result = training.fit(model, data, epochs=100, batch_size=8, max_lr=3e-3)
    assert result.history[-1].loss < 0.75 * result.history[0].loss
    assert evaluation.evaluate(model, data).accuracy > 0.9


@pytest.mark.parametrize(("name", "frames"), [("r3d_18", 1), ("mc3_18", 8), ("r2plus1d_18", 1)])
def test_time_is_halved_where_the_convolution_sees_time(name, frames):
    model = tiny(name).eval()
    x = model.stem(torch.zeros(1, 3, 8, 20, 28))
    for stage in (model.layer1, model.layer2, model.layer3, model.layer4):
        x = stage(x)
    assert x.shape == (1, 64, frames, 2, 2)


@pytest.mark.parametrize("name", [*NAMES, "c3d"])
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 8, 3, 20, 28), r"\(B, 3, T, H, W\), got \(2, 8, 3, 20, 28\); these look like"),
        ((3, 8, 20, 28), r"\(B, 3, T, H, W\), got \(3, 8, 20, 28\)$"),
    ],
)
def test_a_wrong_layout_is_named(name, shape, message):
    with pytest.raises(ValueError, match=message):
        tiny(name)(torch.zeros(shape))


def test_c3d_names_the_size_it_was_made_for():
    with pytest.raises(
        ValueError, match=r"expected shape \(B, 3, 8, 20, 28\), got \(1, 3, 8, 28, 20\)"
    ):
        tiny("c3d")(torch.zeros(1, 3, 8, 28, 20))


@pytest.mark.parametrize("name", NAMES)
def test_torchvision_says_the_same(name):
    peers = pytest.importorskip("torchvision.models.video")
    theirs = getattr(peers, name)()
    ours = getattr(convnets, name)()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    x = torch.randn(2, 3, 8, 40, 48)
    for mode in (False, True):
        outputs, gradients = [], []
        for model in (ours.train(mode), theirs.train(mode)):
            model.zero_grad()
            out = model(x)
            out.square().mean().backward()
            outputs.append(out)
            gradients.append(model.stem[0].weight.grad)
        assert torch.allclose(*outputs, atol=1e-5)
        assert torch.allclose(*gradients, rtol=1e-3, atol=1e-5)
