import pytest
import torch

from lecturekit.models import heads, roi

FEATURES = torch.arange(140.0).remainder(11).reshape(2, 2, 5, 7) + torch.arange(7) * 0.25
"""Two pictures, two channels, 5 × 7 features."""

BOXES = torch.tensor([
    [0, 1, 2, 5, 4.5], [1, -3, -2, 2.2, 3.1], [1, 0.5, 0.5, 0.9, 0.7], [0, 2, 3, 2, 3],
    [0, 5, 3, 20, 9], [0, 20, 30, 25, 33],
])  # fmt: skip
"""Inside; over the corner; smaller than a feature; empty; over the other corner; far outside."""

# What torchvision 0.29.1 gives for FEATURES and BOXES in float64, output size (2, 3), scale 0.9, by
# (aligned, sampling_ratio): channel 1 of the boxes above; then the gradient of channel 0 of
# picture 1, 5 × 7, of the sum of all outputs times 0, 1, 2, 3, 4, 0, 1, …
TORCHVISION = {
    (True, -1): (
        [6.454531, 6.112031, 7.496875, 3.778125, 4.908594, 5.3, 0, 1, 2.291667, 0, 2.64, 5.98175,
         6.0125, 6.1625, 6.3125, 5.6725, 5.8225, 5.9725, *[0] * 6, 3.2435, *[0] * 11],
        [12.861775, 2.646633, 0.078675, 0, 0, 0, 0, 1.171725, 0.6597, 0.039825, 0, 0, 0, 0,
         0.4165, 0.427, 0.0315, *[0] * 18],
    ),
    (True, 2): (
        [6.454531, 6.112031, 7.496875, 3.778125, 4.908594, 5.3, 0, 1.5, 3.4375, 0, 2.684687,
         6.067103, 5.99, 6.1275, 6.2775, 5.685, 5.8225, 5.9725, *[5.825] * 6, 2.785156, *[0] * 11],
        [13.252281, 3.118625, 0.109406, 0, 0, 0, 0, 1.19155, 0.644462, 0.038363, 0, 0, 0, 0,
         0.426169, 0.436912, 0.032231, *[0] * 18],
    ),
    (False, -1): (
        [5.425, 6.925, 8.425, 6.2875, 4.03375, 3.925, 0, 3.8625, 4.85, 0, 5.47125, 5.616642,
         3.970833, 4.3875, 4.804167, 4.170833, 4.5875, 4.380833, 3.658333, 4.075, 4.491667,
         6.608333, 5.54, 4.306667, 3.08, *[0] * 11],
        [2.60625, 2.568908, 0.851508, 0, 0, 0, 0, 2.415437, 8.389929, 1.392133, 0, 0, 0, 0,
         0.667042, 1.898408, 0.46955, 0, 0, 0, 0, 0.159604, 0.167754, 0.080142, *[0] * 11],
    ),
    (False, 2): (
        [5.425, 6.925, 8.425, 6.2875, 4.03375, 3.925, 0, 3.009375, 3.75, 0, 5.326875, 5.424944,
         3.970833, 4.3875, 4.804167, 4.170833, 4.550833, 4.380833, 4.060521, 4.36375, 4.642917,
         6.484583, 5.54, 4.306667, 2.640625, *[0] * 11],
        [2.1275, 2.1975, 0.675, 0, 0, 0, 0, 2.393776, 8.28338, 1.419719, 0, 0, 0, 0,
         0.694177, 1.896419, 0.488154, 0, 0, 0, 0, 0.127047, 0.133534, 0.063794, *[0] * 11],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("aligned", "sampling_ratio"), TORCHVISION)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_torchvisions_numbers(aligned, sampling_ratio, dtype):
    features = FEATURES.to(dtype, copy=True).requires_grad_()
    found = roi.roi_align(features, BOXES, (2, 3), 0.9, sampling_ratio, aligned)
    assert found.dtype == dtype
    assert found.shape == (6, 2, 2, 3)
    (found * torch.arange(found.numel()).reshape(found.shape).remainder(5)).sum().backward()
    values, gradients = TORCHVISION[aligned, sampling_ratio]
    tolerance = 1e-5 if dtype == torch.float32 else 6e-7  # six digits are written down
    assert found[:, 1].flatten().tolist() == pytest.approx(values, abs=tolerance)
    assert features.grad[1, 0].flatten().tolist() == pytest.approx(gradients, abs=2 * tolerance)


@pytest.mark.parametrize("sampling_ratio", [-1, 1, 2, 3])
@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_torchvision_live(dtype, tolerance, aligned, sampling_ratio):
    ops = pytest.importorskip("torchvision.ops")
    draw = torch.Generator().manual_seed(0)
    for scale, size in ((1.0, (3, 2)), (1 / 8, (1, 4)), (0.3, (7, 7))):
        ours = torch.randn(3, 4, 7, 11, generator=draw, dtype=dtype).requires_grad_()
        theirs = ours.detach().clone().requires_grad_()
        boxes = []
        for number in (9, 0, 14):
            corners = torch.rand(number, 2, 2, generator=draw, dtype=dtype) * 30 - 8
            boxes.append(torch.cat([corners.amin(1), corners.amax(1)], 1) / scale)
        edges = [[2, 3, 2, 3], [0, 0, 11, 7], [-1, -1, 12, 8], [-9, 2, 30, 2], [-1, -1, -1, -1]]
        boxes[0][:5] = torch.tensor(edges, dtype=dtype) / scale
        if sampling_ratio > 0:  # torchvision cannot have these otherwise: it ends with an error
            boxes[2][:4] = boxes[2][:4, [2, 3, 0, 1]]
        arguments = (boxes, size, scale, sampling_ratio, aligned)
        found, expected = roi.roi_align(ours, *arguments), ops.roi_align(theirs, *arguments)
        assert (found - expected).abs().max() < tolerance
        mix = torch.randn(found.shape, generator=draw, dtype=dtype)
        for out in (found, expected):
            (out * mix).sum().backward()
        # Points outside gather in the corners: sums of hundreds of terms.
        most = tolerance * theirs.grad.abs().max().clamp(min=1)
        assert (ours.grad - theirs.grad).abs().max() < most


def test_by_hand():
    """Feature i is worth i, so that a bin is worth the place of its centre, less half a feature."""
    ramp = torch.arange(8.0).expand(1, 1, 3, 8)
    box = torch.tensor([[2.0, 0, 6, 3]])
    for points in (-1, 1, 4):
        assert roi.roi_align(ramp, [box], (1, 2), 1.0, points).flatten().tolist() == [2.5, 4.5]
    assert roi.roi_align(ramp, [8 * box], (1, 2), 1 / 8).flatten().tolist() == [2.5, 4.5]
    assert roi.roi_align(ramp, [box], (1, 2), aligned=False).flatten().tolist() == [3, 5]


def test_boxes_in_one_tensor_are_the_list():
    listed = [BOXES[BOXES[:, 0] == picture, 1:] for picture in (0, 1)]
    numbered = torch.cat([BOXES[BOXES[:, 0] == picture] for picture in (0, 1)])
    assert torch.equal(
        roi.roi_align(FEATURES, listed, 2, 0.9), roi.roi_align(FEATURES, numbered, 2, 0.9)
    )


def test_no_box_at_all_and_boxes_that_are_none():
    none = [torch.zeros(0, 4)] * 2
    assert roi.roi_align(FEATURES, none, (2, 3)).shape == (0, 2, 2, 3)
    assert roi.roi_align(FEATURES, torch.zeros(0, 5), 3).shape == (0, 2, 3, 3)
    backwards = [torch.tensor([[5.0, 4, 1, 1]]), torch.zeros(0, 4)]
    assert roi.roi_align(FEATURES, backwards, 2).abs().max() == 0
    for points in (-1, 2):
        for aligned in (True, False):
            found = roi.roi_align(FEATURES, backwards, 2, 1.0, points, aligned)
            assert torch.isfinite(found).all()


def test_boxes_get_no_gradient():
    boxes = torch.tensor([[1.0, 1, 4, 3]], requires_grad=True)
    features = FEATURES[:1].clone().requires_grad_()
    roi.roi_align(features, [boxes], 2).sum().backward()
    assert boxes.grad is None
    assert features.grad.sum() == pytest.approx(2 * 4)  # each bin is a mean: its weights sum to 1


@pytest.mark.parametrize(("change", "message"), [
    ({"features": FEATURES[0]}, r"features: expected shape \(N, C, H, W\), got \(2, 5, 7\)"),
    ({"boxes": [BOXES[:, 1:]]}, "boxes: expected a tensor for each of 2 pictures, got 1"),
    ({"boxes": [BOXES, BOXES]}, r"boxes: expected \(n, 4\) of each picture, got .*6, 5"),
    ({"boxes": BOXES[:, 1:]}, r"boxes: expected a list .* one tensor \(n, 5\).*got \(6, 4\)"),
    ({"boxes": BOXES + 1}, "boxes: expected pictures from 0 to 1, got 2"),
    ({"boxes": BOXES * torch.tensor([1, 1, 1, torch.nan, 1])}, "boxes: expected finite numbers"),
    ({"output_size": (0, 2)}, "output_size: expected at least 1, got 0"),
    ({"spatial_scale": 0}, "spatial_scale: expected a finite number above 0"),
    ({"sampling_ratio": 0}, "sampling_ratio: expected a positive number of points, or -1, got 0"),
])  # fmt: skip
def test_what_does_not_fit_is_named(change, message):
    arguments = {"features": FEATURES, "boxes": BOXES, "output_size": 2} | change
    with pytest.raises(ValueError, match=message):
        roi.roi_align(**arguments)


def head(**options):
    torch.manual_seed(0)
    return roi.RoIHead(48, 5, **options)


def test_the_head_looks_where_the_trunk_saw():
    """A bin's centre lies on the feature whose field has its centre there."""
    trunk = heads.Trunk()
    model = head(start_px=trunk.start[1], jump_px=trunk.jump[1], size=(1, 1))
    place = torch.zeros(1, 48, 1, 6, 6)
    place[:, :, :, 3, 2] = 1  # its field: around pixel row 24, column 16
    x, y = trunk.start[2] + 2 * trunk.jump[2] + 0.5, trunk.start[1] + 3 * trunk.jump[1] + 0.5
    box = torch.tensor([[x - 2, y - 2, x + 2, y + 2]])
    pixel = torch.zeros(1, 3, 9, 48, 48)
    pixel[..., int(y), int(x)] = 1
    assert (trunk.eval()(pixel) - trunk(0 * pixel)).abs().sum(1)[0, 2].argmax() == 3 * 6 + 2
    moved = [
        (model(place, [box + torch.tensor([[dx, dy] * 2])]) - model.linear.bias).abs().sum()
        for dx, dy in ((0, 0), (-3, 0), (3, 0), (0, -3), (0, 3))
    ]
    assert moved[0] > max(moved[1:])
    # Alike on all sides: it is the centre.
    assert torch.allclose(torch.stack(moved[1:]), moved[1])


def test_the_head_averages_over_time_first_or_last():
    features = torch.rand(2, 48, 3, 6, 5)
    boxes = [torch.tensor([[3.0, 4, 20, 40], [0, 0, 9, 9]]), torch.tensor([[20.0, 2, 36, 44]])]
    model = head()
    of_each = [
        roi.roi_align(
            features[:, :, t], [b + model.shift_px for b in boxes], model.size, 1 / model.jump_px
        )
        for t in range(3)
    ]
    expected = model.linear(torch.stack(of_each).mean(0).amax((2, 3)))
    found = model(features, boxes)
    assert found.shape == (3, 5)
    assert torch.allclose(found, expected, atol=1e-6)


def test_the_head_takes_a_batch_of_boxes_and_no_box():
    features, model = torch.rand(2, 48, 3, 6, 6), head()
    boxes = torch.tensor([[[0.0, 0, 20, 40], [24, 0, 44, 40]], [[1, 2, 9, 9], [5, 5, 48, 48]]])
    assert torch.equal(model(features, boxes), model(features, list(boxes)))
    assert model(features, [torch.zeros(0, 4)] * 2).shape == (0, 5)
    with pytest.raises(ValueError, match=r"features: expected shape \(B, 48, T', H', W'\)"):
        model(features[:, :, 0], boxes)


def test_swapped_features_swap_the_boxes_scores():
    """What a score pooled over all places cannot notice."""
    left, right = torch.rand(1, 48, 2, 6, 3), torch.rand(1, 48, 2, 6, 3)
    here, there = torch.cat([left, right], 4), torch.cat([right, left], 4)
    # Bins of these boxes read columns of their own half alone: nothing between the halves.
    model = head(start_px=3.5)  # cells side by side
    boxes = [torch.tensor([[4.0, 0, 20, 48], [28, 0, 44, 48]])]
    assert torch.allclose(model(here, boxes), model(there, boxes).flip(0), atol=1e-6)
    assert not torch.allclose(model(here, boxes), model(there, boxes), atol=1e-2)
    pooled = heads.ClassificationHead(48, 5)
    assert torch.allclose(pooled(here), pooled(there), atol=1e-6)
