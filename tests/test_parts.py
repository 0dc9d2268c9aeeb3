import pytest
import torch
from torch import nn

from lecturekit import ops, shapes
from lecturekit.models import convnets, fusion, parts


def test_the_backbone_halves_and_doubles():
    model, x = parts.Backbone(nn.Conv2d, 5, 4), torch.zeros(2, 5, 19, 32)
    sizes = []
    for layer in model:
        x = layer(x)
        sizes.append(tuple(x.shape))
    assert sizes == [(2, 4, 10, 16), (2, 8, 5, 8), (2, 16, 3, 4)]
    assert parts.layers_of(model) == tuple(
        shapes.Conv(n, (3, 3), (2, 2), (1, 1), (1, 1), bias=False) for n in (4, 8, 16)
    )


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (
            nn.Sequential(
                nn.Conv3d(3, 4, (3, 2, 2), (2, 1, 3), (1, 0, 1), (1, 2, 1)),
                nn.Sequential(nn.BatchNorm3d(4), nn.ReLU()),
                nn.AvgPool3d((1, 2, 2), 1, (0, 1, 1)),
                nn.MaxPool3d((1, 2, 3), ceil_mode=True),
                nn.Flatten(),
                nn.Linear(240, 7, bias=False),
            ),
            (3, 5, 10, 30),
        ),
        (
            nn.Sequential(
                nn.Conv2d(2, 5, 3, bias=False), nn.LocalResponseNorm(5), nn.MaxPool2d(2, 3, 1)
            ),
            (2, 11, 16),
        ),
        (
            convnets.C3D(convnets.C3DConfig((2, 3, 4, 5, 6), hidden=8), 5).features,
            (3, 16, 112, 112),
        ),
    ],
)
def test_a_walk_over_a_modules_layers_gives_torchs_sizes_and_counts(module, shape):
    steps = shapes.walk(parts.layers_of(module), shape)
    assert steps[-1].out_shape == tuple(module.eval()(torch.zeros(1, *shape)).shape[1:])
    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm3d)]
    counted = sum(step.parameters for step in steps) + sum(map(ops.count_parameters, norms))
    assert counted == ops.count_parameters(module)
    assert sum(step.macs for step in steps) == ops.count_macs(module, torch.zeros(1, *shape))


@pytest.mark.parametrize(
    ("module", "error", "message"),
    [
        (nn.Sequential(nn.ReLU(), nn.LSTM(3, 4)), TypeError, "module: expected conv.*got LSTM"),
        (nn.Conv2d(4, 4, 3, groups=2), ValueError, "module: expected one group .* got Conv2d"),
        (nn.Conv2d(4, 4, 3, padding="same"), ValueError, "padding in numbers"),
        (nn.MaxPool2d(2, dilation=2), ValueError, "without dilation, got MaxPool2d"),
        (nn.Flatten(2), TypeError, "got Flatten"),
        (fusion.LateFusion(4), TypeError, "got LateFusion"),
    ],
)  # fmt: skip
def test_what_it_cannot_follow_is_named(module, error, message):
    with pytest.raises(error, match=message):
        parts.layers_of(module)


@pytest.mark.parametrize(
    ("shape", "frames", "message"),
    [
        ((2, 1, 8, 20, 20), None, r"clips: expected shape \(B, 3, T, H, W\), got \(2, 1, 8.*\)$"),
        ((2, 8, 3, 20, 20), None, r"got \(2, 8, 3, 20, 20\); these look like \(B, T, C, H, W\)"),
        ((3, 8, 20, 20), None, r"got \(3, 8, 20, 20\)"),
        ((2, 3, 8, 20, 20), 9, r"expected shape \(B, 3, 9, H, W\), got \(2, 3, 8, 20, 20\)"),
    ],
)  # fmt: skip
def test_clips_of_another_shape_are_refused(shape, frames, message):
    parts.check_clips(torch.zeros(2, 3, 8, 20, 20), 8)
    with pytest.raises(ValueError, match=message):
        parts.check_clips(torch.zeros(shape), frames)


def test_clips_of_two_channels_are_told_from_those_of_three():
    parts.check_clips(torch.zeros(2, 2, 8, 20, 20), channels=2)
    with pytest.raises(ValueError, match=r"\(B, 2, T, H, W\), got \(2, 3, 8, 20, 20\)$"):
        parts.check_clips(torch.zeros(2, 3, 8, 20, 20), channels=2)
    with pytest.raises(ValueError, match=r"look like \(B, T, C, H, W\)"):
        parts.check_clips(torch.zeros(2, 8, 2, 20, 20), channels=2)
