"""EfficientNet-Lite0: its real weights on real frames, its padding, and what its file must hold."""

from dataclasses import replace

import pytest
import torch
from networks_2d import gap, still
from torch import nn
from torch.nn import functional

from lecturekit import assets, ops, video
from lecturekit.models import PUBLISHED, efficientnet_lite
from lecturekit.models.efficientnet_lite import CLASSES, MEAN, STD
from lecturekit.models.inflation import inflate_network
from lecturekit.models.parts import same_padding


@pytest.fixture(scope="module")
def network():
    return efficientnet_lite.pretrained()


def pictures(film, moments, mean=MEAN, std=STD):
    """Frames at 224 px, normalised: ``(N, 3, 224, 224)``."""
    frames = torch.from_numpy(video.read_frames(assets.path(film), moments, size=(224, 224)))
    mean, std = (torch.tensor(one).view(3, 1, 1) for one in (mean, std))
    return (frames.permute(0, 3, 1, 2) / 255 - mean) / std


def best(scores, count):
    return [[CLASSES[i] for i in one] for one in scores.topk(count).indices.tolist()]


def where_spatial(name, layer):
    """Three frames for the kernels that see more than one place."""
    return 3 if layer.kernel_size[0] > 1 else 1


@torch.no_grad()
def test_it_knows_what_is_in_real_frames(network):
    firsts = best(network(pictures("bikes", [70, 90, 130, 245])), 1)
    assert firsts == [["cab"], ["streetcar"], ["streetcar"], ["mountain bike"]]
    for names in best(network(pictures("carphone", [0, 30, 60])), 3):
        assert names[0] == "bow tie"
        assert set(names) == {"bow tie", "suit", "Windsor tie"}


@torch.no_grad()
def test_inflated_it_says_the_same_of_a_still_clip(network):
    seen = pictures("bikes", [70, 130])
    expected = network(seen)
    for how in ops.INFLATIONS:
        clips = inflate_network(network, where_spatial, how, edges="repeat")(still(seen, 4))
        assert gap(clips, expected) < 1e-4
        assert gap(clips.softmax(1), expected.softmax(1)) < 1e-5
    zeros = inflate_network(network, where_spatial)(still(seen, 4))
    assert gap(zeros, expected) > 1


@torch.no_grad()
def test_it_was_trained_on_frames_normalised_so(network):
    """Its first batch norm remembers what came in: ImageNet's own mean and std do not fit it."""

    def misfit(mean, std):
        seen = torch.cat([pictures(film, range(0, 120, 40), mean, std) for film in assets.FILMS])
        variance = network.stem.conv(functional.pad(seen, (0, 1, 0, 1))).var((0, 2, 3))
        remembered = network.stem.norm.running_var
        alive = remembered > 1e-3
        return (variance / remembered)[alive].log().median().abs().item()

    imagenet = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    assert misfit(MEAN, STD) < 0.7 < misfit(*imagenet)


@torch.no_grad()
def test_padding_on_both_sides_is_another_network(network, monkeypatch):
    seen = pictures("bikes", range(0, 250, 25))
    expected = network(seen)
    monkeypatch.setattr(
        efficientnet_lite, "same_padding", lambda size, kernel, stride: (kernel // 2,) * 2
    )
    other = network(seen)
    assert gap(other, expected) > 1
    assert (other.argmax(1) != expected.argmax(1)).float().mean() >= 0.5


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "before", "after"),
    [(224, 3, 2, 0, 1), (224, 5, 2, 1, 2), (7, 3, 2, 1, 1), (7, 5, 2, 2, 2), (6, 3, 3, 0, 0),
     (8, 3, 3, 0, 1), (4, 1, 2, 0, 0)],
)  # fmt: skip
def test_the_odd_pixel_lies_behind(size, kernel, stride, before, after):
    layer = efficientnet_lite.ConvNorm(2, 3, kernel, stride, relu=False).eval()
    layer.norm = nn.Identity()
    x = torch.randn(2, 2, size, size + 1)
    assert same_padding(size, kernel, stride) == (before, after)
    across = same_padding(size + 1, kernel, stride)
    padded = functional.pad(x, (*across, before, after))
    expected = functional.conv2d(padded, layer.conv.weight, stride=stride)
    assert torch.equal(layer(x), expected)
    assert expected.shape[2] == -(-size // stride)


def test_the_published_size(network):
    assert ops.count_parameters(network) == PUBLISHED["efficientnet_lite0"].parameters
    assert not any(module.training for module in network.modules())
    assert network.features(torch.zeros(1, 3, 225, 256)).shape == (1, 1280, 8, 8)
    assert efficientnet_lite.efficientnet_lite0(5)(torch.zeros(2, 3, 64, 64)).shape == (2, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights: weights.pop("_blocks.3._bn1.running_var"), "depthwise.norm.running_var"),
        (lambda weights: weights.update({"_fc.scale": torch.ones(1)}), "classifier.scale"),
        (lambda weights: weights.update({"_fc.bias": torch.ones(9)}), r"classifier\.bias"),
    ],
)
def test_every_key_must_fit(change, message, tmp_path, monkeypatch):
    weights = torch.load(assets.path("efficientnet-lite0"), weights_only=True)
    change(weights)
    torch.save(weights, tmp_path / "changed.pth")
    monkeypatch.setattr(assets, "path", lambda name: tmp_path / "changed.pth")
    with pytest.raises(RuntimeError, match=message):
        efficientnet_lite.pretrained()


def test_another_file_is_not_opened(monkeypatch):
    asset = replace(assets.WEIGHTS["efficientnet-lite0"], sha256="0" * 64)
    monkeypatch.setitem(assets.ASSETS, "efficientnet-lite0", asset)
    assets.path.cache_clear()
    with pytest.raises(ValueError, match="expected SHA-256 0000"):
        efficientnet_lite.pretrained()


@pytest.mark.parametrize("size", [224, 189, (225, 160)])
@torch.no_grad()
def test_it_is_the_reference(network, size):
    reference = pytest.importorskip("efficientnet_lite_pytorch")
    peer = reference.EfficientNet.from_name("efficientnet-lite0", image_size=size).eval()
    peer.load_state_dict(torch.load(assets.path("efficientnet-lite0"), weights_only=True))
    seen = torch.randn(2, 3, *(size if isinstance(size, tuple) else (size, size)))
    assert gap(network(seen), peer(seen)) == 0


def test_the_names_are_torchvisions():
    names = pytest.importorskip("torchvision.models._meta")._IMAGENET_CATEGORIES
    assert {i: names[i] for i in CLASSES} == CLASSES
