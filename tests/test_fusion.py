from itertools import permutations

import numpy as np
import pytest
import torch
from einops import rearrange
from torch import nn

from lecturekit import ops, shapes
from lecturekit.models import fusion

FRAMES, CLASSES = 5, 7


ALL = fusion.FAMILIES | fusion.RELATIVES


@pytest.fixture(params=list(ALL))
def model(request):
    torch.manual_seed(0)
    return ALL[request.param](CLASSES, num_frames=FRAMES, width=4).double()


def clips(batch=2, frames=FRAMES):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(batch, 3, frames, 20, 26, generator=generator, dtype=torch.float64)


def test_scores_of_each_clip_do_not_depend_on_the_others(model):
    x, model = clips(3), model.eval()
    scores = model(x)
    assert scores.shape == (3, CLASSES)
    for one, score in zip(x, scores, strict=True):
        assert torch.allclose(model(one[None])[0], score)


@pytest.mark.parametrize("name", ALL)
def test_only_late_fusion_is_blind_to_order(name):
    torch.manual_seed(0)
    model = ALL[name](CLASSES, num_frames=4, width=4).double().eval()
    x = clips(frames=4)
    orders = [model(x[:, :, list(order)]) for order in permutations(range(4))]
    blind = all(torch.allclose(scores, orders[0], atol=1e-12) for scores in orders)
    assert blind == (name == "late fusion")


def test_late_fusion_is_the_mean_of_its_frames():
    model, x = fusion.LateFusion(CLASSES, FRAMES, 4).double().eval(), clips()
    each = [model.head(model.backbone(x[:, :, t]).mean((2, 3))) for t in range(FRAMES)]
    assert torch.allclose(model(x), torch.stack(each).mean(0))


def test_single_frame_sees_the_middle_one_and_any_while_training():
    model, x = fusion.SingleFrame(CLASSES, FRAMES, 4).double(), clips(64)
    x.requires_grad_()
    model.eval()(x).sum().backward()
    assert x.grad.abs().sum((0, 1, 3, 4)).nonzero().flatten().tolist() == [FRAMES // 2]
    x.grad = None
    model.train()(x).square().sum().backward()
    seen = x.grad.abs().sum((1, 3, 4)) > 0
    assert (seen.sum(1) == 1).all()
    assert seen.any(0).all()


def test_early_fusion_pays_for_frames_with_weights_and_late_fusion_does_not():
    def weights(name, frames):
        return sum(p.numel() for p in ALL[name](CLASSES, frames, 4).parameters())

    assert weights("early fusion", 8) - weights("early fusion", 4) == 4 * 3 * 4 * 9
    for name in ALL.keys() - {"early fusion"}:
        assert weights(name, 8) == weights(name, 4)


def test_the_families_share_one_backbone():
    weights = {
        name: [tuple(m.weight.shape) for m in make(CLASSES, FRAMES, 4).modules()
               if isinstance(m, nn.Conv2d | nn.Conv3d)]
        for name, make in fusion.FAMILIES.items()
    }  # fmt: skip
    assert (
        weights["single frame"]
        == weights["late fusion"]
        == [(4, 3, 3, 3), (8, 4, 3, 3), (16, 8, 3, 3)]
    )
    assert weights["early fusion"] == [(4, 3 * FRAMES, 3, 3), (8, 4, 3, 3), (16, 8, 3, 3)]
    assert weights["3D CNN"] == [(4, 3, 3, 3, 3), (8, 4, 3, 3, 3), (16, 8, 3, 3, 3)]


@pytest.mark.parametrize("shape", [(2, 5, 3, 20, 20), (3, 5, 20, 20), (2, 3, 6, 20, 20)])
def test_other_shapes_are_refused(model, shape):
    with pytest.raises(ValueError, match=r"expected shape \(B, 3, 5, H, W\), got"):
        model(torch.zeros(shape, dtype=torch.float64))


def test_the_shift_borrows_from_the_frame_before_and_from_the_frame_after():
    frames = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])[None]
    assert fusion.shift_in_time(frames, share=4).tolist() == [
        [[0, 6, 3, 4], [1, 10, 7, 8], [5, 0, 11, 12]]
    ]


def test_the_shift_is_free_and_lets_a_unit_see_five_frames():
    late, shifted = (make(CLASSES, 9, 4).double().eval() for make in
                     (fusion.LateFusion, fusion.ShiftFusion))  # fmt: skip
    assert ops.count_parameters(late) == ops.count_parameters(shifted)
    assert ops.count_macs(late, clips(frames=9)) == ops.count_macs(shifted, clips(frames=9))
    seen = {}

    def last_maps(model):
        def run(x):
            maps = []
            hook = model.backbone[-1].register_forward_hook(lambda *args: maps.append(args[-1]))
            model.features(x)
            hook.remove()
            return maps[0]

        return run

    for name, model in (("late", late), ("shifted", shifted)):
        reached = sum(
            ops.receptive_field(last_maps(model), clips(1, 9), (4, channel, 1, 1))
            for channel in range(16)
        )
        seen[name] = reached.sum((1, 2)).nonzero().flatten().tolist()
    assert seen == {"late": [4], "shifted": [2, 3, 4, 5, 6]}


def test_the_recurrent_network_reads_the_features_of_single_frames_in_order():
    model, x = fusion.RecurrentFusion(CLASSES, FRAMES, 4).double().eval(), clips()
    each = [model.backbone(x[:, :, t]).mean((2, 3)) for t in range(FRAMES)]
    state = None
    for features in each:
        _, state = model.lstm(features[:, None], state)
    assert torch.allclose(model(x), model.head(state[0][0]))


@pytest.mark.parametrize("name", ALL)
def test_layers_say_which_part_of_the_clip_each_unit_sees(name):
    """Measured by gradients: all weights 1 and no ReLU, so that nothing cancels or is hidden."""
    net = ALL[name](CLASSES, FRAMES, 4).double().eval()
    for depth, block in enumerate(net.backbone):
        net.backbone[depth] = block[0]
        nn.init.ones_(block[0].weight)
    last = []
    net.backbone[-1].register_forward_hook(lambda *arguments: last.append(arguments[-1]))

    def maps(x):
        net.features(x)
        out = last.pop()
        return out if out.ndim == 5 else rearrange(out, "t c h w -> 1 c t h w")

    size = (FRAMES, 18, 26)
    alone = name == "single frame"
    step = shapes.walk(net.layers(), (3, 1 if alone else FRAMES, *size[1:]))[-1]
    x = torch.zeros(1, 3, *size, dtype=torch.float64)
    assert maps(x).shape[1:] == step.out_shape
    start = (step.start[0] + FRAMES // 2 * alone, *step.start[1:])
    for place in np.ndindex(step.out_shape[1:]):
        expected = torch.ones(size, dtype=torch.bool)
        for axis, centre in enumerate(np.add(start, np.multiply(step.jump, place))):
            away = (torch.arange(size[axis]) - centre).abs()
            inside = away <= (step.receptive_field[axis] - 1) / 2
            expected &= inside.reshape([-1 if i == axis else 1 for i in range(3)])
        assert torch.equal(ops.receptive_field(maps, x, (0, 0, *place)) > 0, expected), place


@pytest.mark.parametrize("name", fusion.FAMILIES)
def test_layers_have_the_backbones_weights(name):
    net = fusion.FAMILIES[name](CLASSES, FRAMES, 4)
    steps = shapes.walk(net.layers(), (3, 1 if name == "single frame" else FRAMES, 20, 26))
    convs = [m for m in net.backbone.modules() if isinstance(m, nn.Conv2d | nn.Conv3d)]
    assert [step.parameters for step in steps] == [ops.count_parameters(conv) for conv in convs]
