from itertools import permutations

import pytest
import torch
from torch import nn

from lecturekit import ops
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
    shapes = {
        name: [tuple(m.weight.shape) for m in make(CLASSES, FRAMES, 4).modules()
               if isinstance(m, nn.Conv2d | nn.Conv3d)]
        for name, make in fusion.FAMILIES.items()
    }  # fmt: skip
    assert (
        shapes["single frame"]
        == shapes["late fusion"]
        == [(4, 3, 3, 3), (8, 4, 3, 3), (16, 8, 3, 3)]
    )
    assert shapes["early fusion"] == [(4, 3 * FRAMES, 3, 3), (8, 4, 3, 3), (16, 8, 3, 3)]
    assert shapes["3D CNN"] == [(4, 3, 3, 3, 3), (8, 4, 3, 3, 3), (16, 8, 3, 3, 3)]


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
