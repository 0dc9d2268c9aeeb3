"""What an inflated network is made of, what it leaves alone, and what is refused by name."""

import copy

import pytest
import torch
from networks_2d import (
    EXACT,
    NETWORKS,
    ResNet,
    all_windows,
    build,
    gap,
    moving,
    picture,
    randomised,
    still,
)
from torch import nn

from lecturekit import ops
from lecturekit.models import inflation, parts
from lecturekit.models.inflation import inflate_network

each_network = pytest.mark.parametrize("name", NETWORKS)
each_how = pytest.mark.parametrize("how", ops.INFLATIONS)


@each_how
@pytest.mark.parametrize("edges", inflation.EDGES)
@pytest.mark.parametrize(("time", "frames"), [(1, 7), (2, 4), (3, 7), (4, 4), (5, 7)])
@torch.no_grad()
def test_maps_keep_time_but_for_an_even_kernel(time, frames, edges, how):
    network = randomised(parts.Backbone(nn.Conv2d, 3, 4))
    seen = picture()
    maps = inflate_network(network, time, how, edges)(still(seen, 7))
    assert maps.shape == (2, 16, frames, 5, 5)
    if edges == "repeat" or how == "centre":
        assert gap(maps, network(seen)[:, :, None].expand_as(maps)) < EXACT


@torch.no_grad()
def test_times_of_each_layer():
    asked = {}

    def times(name, layer):
        asked[name] = layer
        return {"conv1": 5, "maxpool": 3, "layer2.0.conv2": 3}.get(name, 1)

    network = build("ResNet")
    video = inflate_network(network, times, edges="repeat")
    windows = {n: m for n, m in network.named_modules() if type(m) in (nn.Conv2d, nn.MaxPool2d)}
    assert asked.keys() == windows.keys()
    assert all(type(asked[name]) is type(layer) for name, layer in windows.items())
    kernels = {n: m.weight.shape[2] for n, m in video.named_modules() if isinstance(m, nn.Conv3d)}
    assert {n: k for n, k in kernels.items() if k > 1} == {"conv1": 5, "layer2.0.conv2": 3}
    assert video.maxpool.kernel_size == (3, 3, 3)
    assert video.maxpool.stride == (1, 2, 2)
    # No temporal kernel, no padding in time: the layer is torch's own.
    assert type(video.layer1[0].conv1) is nn.Conv3d
    assert inflate_network(network, 3).maxpool.kernel_size == (1, 3, 3)


@pytest.mark.parametrize(
    ("pooling", "over"), [(nn.MaxPool2d(3, 2, 1), "amax"), (nn.AvgPool2d(3, 2, 1), "mean")]
)
def test_a_pooling_takes_neighbouring_frames_if_told(pooling, over):
    clips = moving()
    per_frame = torch.stack([pooling(frame) for frame in clips.unbind(2)], 2)
    assert torch.equal(inflate_network(pooling, 3)(clips), per_frame)
    repeated = torch.cat([per_frame[:, :, :1], per_frame, per_frame[:, :, -1:]], 2)
    expected = getattr(repeated.unfold(2, 3, 1), over)(-1)
    assert gap(inflate_network(pooling, all_windows, edges="repeat")(clips), expected) < EXACT


@each_network
def test_the_network_is_left_as_it_was_and_shares_nothing(name):
    network = build(name).train()
    parameters = list(network.parameters())
    parameters[0].requires_grad_(False)
    next(m for m in network.modules() if isinstance(m, nn.BatchNorm2d)).eval()
    before = copy.deepcopy(network.state_dict())
    state = torch.get_rng_state()
    video = inflate_network(network, 3)
    assert torch.equal(torch.get_rng_state(), state)

    assert not any(isinstance(m, (nn.Conv3d, nn.BatchNorm3d)) for m in network.modules())
    assert [p.requires_grad for p in video.parameters()] == [p.requires_grad for p in parameters]
    modes = [{n: m.training for n, m in one.named_modules()} for one in (network, video)]
    assert modes[0] == modes[1]
    assert len(set(modes[0].values())) == 2
    assert list(video.state_dict()) == list(before)
    for tensor in [*video.parameters(), *video.buffers()]:
        tensor.data.add_(1)
    video(moving()).sum().backward()
    assert all(p.grad is None for p in parameters)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_dtype_and_a_layer_that_is_used_twice():
    conv = nn.Conv2d(3, 3, 3, padding=1)
    video = inflate_network(nn.Sequential(conv, nn.ReLU(), nn.Sequential(conv)).half(), 3)
    assert video[0] is video[2][0]
    assert {p.dtype for p in video.parameters()} == {torch.float16}


def test_a_single_layer_is_a_network():
    conv = nn.Conv2d(3, 4, (2, 3), bias=False)
    video = inflate_network(conv, 3, "last")
    assert torch.equal(video.weight, ops.inflate(conv.weight, 3, "last"))


def test_the_copy_learns():
    video = inflate_network(build("ResNet"), all_windows, edges="repeat").train()
    video(moving()).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in video.parameters())


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.scale = nn.Parameter(torch.ones(1))


class Same(nn.Conv2d):
    """A convolution whose forward pass is its own."""


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (nn.LayerNorm(4), TypeError, "expected Conv2d, .*, or a module of such, got LayerNorm"),
        (nn.Conv3d(3, 4, 3), TypeError, "got Conv3d"),
        (nn.Sequential(nn.BatchNorm1d(4)), TypeError, "got BatchNorm1d"),
        (nn.MultiheadAttention(4, 2), TypeError, "got MultiheadAttention"),
        (Same(3, 4, 3), TypeError, "got Same"),
        (Scaled(), TypeError, "got Scaled"),
        (nn.Flatten(2), TypeError, r"expected Flatten\(\) of all axes, got Flatten"),
        (nn.Conv2d(3, 4, 3, padding="same"), ValueError, "padding of zeros, in numbers"),
        (nn.Conv2d(3, 4, 3, padding_mode="circular"), ValueError, "padding of zeros"),
    ],
)
def test_a_layer_that_is_not_known_is_refused_by_name(layer, error, message):
    network = ResNet()
    network.layer2[0].norm = layer
    before = [type(module) for module in network.modules()]
    with pytest.raises(error, match=rf"layer2\.0\.norm(\.0)?: .*{message}"):
        inflate_network(network, 3)
    assert [type(module) for module in network.modules()] == before
    with pytest.raises(error, match=r"^(network|0): "):
        inflate_network(layer, 3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"times": 0}, ValueError, "times: expected at least 1, got 0"),
        ({"times": 1.0}, TypeError, "times: expected a whole number, got 1.0"),
        ({"times": lambda n, m: 0}, ValueError, r"times\('conv1', …\): expected at least 1, got 0"),
        ({"times": 3, "how": "sum"}, ValueError, "how: expected one of 'mean', .*got 'sum'"),
        ({"times": 3, "edges": "wrap"}, ValueError, "edges: expected one of 'zeros', .*got 'wrap'"),
    ],
)
def test_what_cannot_be_asked_for_is_named(options, error, message):
    with pytest.raises(error, match=message):
        inflate_network(ResNet(), **options)
