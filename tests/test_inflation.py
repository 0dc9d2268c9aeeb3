"""The theorems of inflation: a still clip gives what its picture gave; no average sees order."""

import pytest
import torch
from networks_2d import (
    EXACT,
    FRAMES,
    NETWORKS,
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
from lecturekit.models import fusion, inflation, parts
from lecturekit.models.inflation import inflate_network

each_network = pytest.mark.parametrize("name", NETWORKS)
each_how = pytest.mark.parametrize("how", ops.INFLATIONS)


@each_how
@each_network
@pytest.mark.parametrize("times", [3, 5, all_windows], ids=["3", "5", "poolings too"])
@torch.no_grad()
def test_a_still_clip_gives_what_its_picture_gave(name, how, times):
    network, seen = build(name), picture()
    video = inflate_network(network, times, how, edges="repeat")
    assert gap(video(still(seen)), network(seen)) < EXACT


@each_how
@each_network
@torch.no_grad()
def test_so_it_does_in_every_layer_and_every_frame(name, how):
    network, seen = build(name), picture()
    video = inflate_network(network, all_windows, how, edges="repeat")
    expected, given = outputs_of(network, seen), outputs_of(video, still(seen))
    assert expected.keys() == given.keys()
    assert len(expected) >= 6
    for layer, of_picture in expected.items():
        of_clip = given[layer]
        if of_clip.dim() == 5 and of_picture.dim() == 4:
            of_picture = of_picture[:, :, None].expand_as(of_clip)
        assert gap(of_clip, of_picture) < EXACT, layer


def outputs_of(network, x):
    """What each leaf gave. Copied: an in-place ReLU would write over it."""
    kept = {}
    hooks = [
        module.register_forward_hook(
            lambda _m, _i, out, name=name: kept.update({name: out.clone()})
        )
        for name, module in network.named_modules()
        if not any(True for _ in module.children())
    ]
    network(x)
    for hook in hooks:
        hook.remove()
    return kept


@each_network
@torch.no_grad()
def test_centre_taps_read_no_zeros(name):
    network, seen = build(name), picture()
    assert gap(inflate_network(network, 3, "centre")(still(seen)), network(seen)) < EXACT


@torch.no_grad()
def test_centre_taps_are_late_fusion():
    torch.manual_seed(0)
    late = randomised(fusion.LateFusion(4, FRAMES, width=4))
    video = inflate_network(late.backbone, 3, "centre")
    clips = moving()
    assert gap(late.head(video(clips).mean((2, 3, 4))), late(clips)) < EXACT


@pytest.mark.parametrize(("how", "wrong"), [("mean", [0, 1, 2, 6, 7, 8]), ("last", [6, 7, 8])])
@torch.no_grad()
def test_zeros_past_the_edges_reach_one_frame_further_with_each_layer(how, wrong):
    torch.manual_seed(0)
    network, seen = randomised(parts.Backbone(nn.Conv2d, 3, 4)), picture()
    video = inflate_network(network, 3, how)
    error = (video(still(seen, 9)) - network(seen)[:, :, None]).abs().amax((0, 1, 3, 4))
    assert (error > 1e-3).nonzero().flatten().tolist() == wrong
    assert error[[t for t in range(9) if t not in wrong]].max() < EXACT


@torch.no_grad()
def test_a_still_clip_keeps_the_batchs_statistics_too():
    network, seen = build("ResNet").train(), picture()
    video = inflate_network(network, 3, edges="repeat")
    assert gap(video(still(seen)), network(seen)) < 1e-10  # variances may be small: rounding grows
    assert gap(video.bn1.running_mean, network.bn1.running_mean) < EXACT


@each_network
@pytest.mark.parametrize("edges", inflation.EDGES)
@pytest.mark.parametrize("times", [3, 5, all_windows], ids=["3", "5", "poolings too"])
@torch.no_grad()
def test_symmetric_taps_and_an_average_over_time_are_blind_to_order(name, edges, times):
    network, clips = build(name), moving()
    mean, centre = (inflate_network(network, times, how, edges) for how in ("mean", "centre"))
    assert gap(mean(clips), mean(clips.flip(2))) < EXACT
    assert gap(centre(clips), centre(clips.flip(2))) < EXACT
    assert gap(mean(clips), mean(moving())) > 1e-3  # blind to order, not to frames


@each_network
@pytest.mark.parametrize("edges", inflation.EDGES)
@torch.no_grad()
def test_one_layer_of_last_taps_sees_order(name, edges):
    network, clips = build(name), moving()
    first = next(n for n, module in network.named_modules() if isinstance(module, nn.Conv2d))
    video = inflate_network(network, lambda n, layer: 3 if n == first else 1, "last", edges)
    assert gap(video(clips), video(clips.flip(2))) > 1e-3


@torch.no_grad()
def test_torchvisions_resnet_50():
    torchvision = pytest.importorskip("torchvision")
    torch.manual_seed(0)
    network = randomised(torchvision.models.resnet50(num_classes=9))
    seen, clips = (torch.randn(1, 3, *t, 64, 64, dtype=torch.float64) for t in ((), (4,)))
    video = inflate_network(
        network, lambda name, layer: 3 if ".conv1" in name else 1, edges="repeat"
    )
    expected = network(seen)
    assert gap(video(still(seen, 4)), expected) < EXACT * max(1, expected.abs().max().item())
    assert video(clips).shape == (1, 9)
