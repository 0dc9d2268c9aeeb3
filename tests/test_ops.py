import time

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from lecturekit import ops

triples = st.tuples(*[st.integers(1, 3)] * 3)


@st.composite
def convolutions(draw):
    kernel, stride, padding = (
        draw(triples),
        draw(triples),
        draw(st.tuples(*[st.integers(0, 2)] * 3)),
    )
    sizes = tuple(draw(st.integers(k, k + 4)) for k in kernel)
    batch, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))

    def random(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    bias = random(filters) if draw(st.booleans()) else None
    return (
        random(batch, channels, *sizes),
        random(filters, channels, *kernel),
        bias,
        stride,
        padding,
    )


@pytest.mark.parametrize("convolve", [ops.conv3d_loops, ops.conv3d_unfold])
@settings(deadline=None, max_examples=60)
@given(arguments=convolutions())
def test_it_is_torchs_convolution(convolve, arguments):
    expected = functional.conv3d(*arguments)
    assert torch.allclose(convolve(*arguments), expected, rtol=0, atol=1e-10)
    assert convolve(*arguments).shape == expected.shape


@pytest.mark.parametrize("convolve", [ops.conv3d_loops, ops.conv3d_unfold])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), ((1, 2, 3), (2, 0, 1))])
def test_one_number_means_all_axes(convolve, stride, padding):
    x = torch.randn(2, 3, 5, 6, 7, dtype=torch.float64)
    weight = torch.randn(4, 3, 2, 3, 1, dtype=torch.float64)
    expected = functional.conv3d(x, weight, None, stride, padding)
    assert torch.allclose(convolve(x, weight, stride=stride, padding=padding), expected)


def test_the_gradient_is_torchs_too():
    weight = torch.randn(4, 3, 3, 2, 3, dtype=torch.float64, requires_grad=True)
    x = torch.randn(2, 3, 5, 6, 7, dtype=torch.float64, requires_grad=True)
    ours = torch.autograd.grad(ops.conv3d_unfold(x, weight, padding=1).square().sum(), (x, weight))
    torchs = torch.autograd.grad(
        functional.conv3d(x, weight, padding=1).square().sum(), (x, weight)
    )
    for a, b in zip(ours, torchs, strict=True):
        assert torch.allclose(a, b)


def test_unfolding_is_not_slow():
    x, weight = torch.randn(1, 12, 20, 64, 64), torch.randn(24, 12, 3, 3, 3)

    def best(run):
        taken = []
        for _ in range(7):
            start = time.perf_counter()
            run(x, weight, None, 1, 1)
            taken.append(time.perf_counter() - start)
        return min(taken)

    assert best(ops.conv3d_unfold) < 3 * best(functional.conv3d)


@pytest.mark.parametrize("convolve", [ops.conv3d_loops, ops.conv3d_unfold])
@pytest.mark.parametrize(
    ("x", "weight", "options", "message"),
    [
        (
            (3, 5, 6, 7),
            (4, 3, 1, 1, 1),
            {},
            r"x: expected shape \(B, C, T, H, W\), got \(3, 5, 6, 7\)",
        ),
        ((1, 3, 5, 6, 7), (4, 2, 1, 1, 1), {}, r"weight: expected shape \(F, 3, kt, kh, kw\)"),
        ((1, 3, 5, 6, 7), (4, 3, 1, 1), {}, r"weight: .*got \(4, 3, 1, 1\)"),
        ((1, 3, 5, 6, 7), (4, 3, 6, 1, 1), {}, "window of at most 5 .*got 6"),
        (
            (1, 3, 5, 6, 7),
            (4, 3, 1, 1, 1),
            {"bias": torch.zeros(3)},
            r"bias: expected shape \(4,\)",
        ),
        (
            (1, 3, 5, 6, 7),
            (4, 3, 1, 1, 1),
            {"stride": (1, 2)},
            "stride: expected one number or three",
        ),
        ((1, 3, 5, 6, 7), (4, 3, 1, 1, 1), {"stride": 0}, "stride: expected at least 1"),
        ((1, 3, 5, 6, 7), (4, 3, 1, 1, 1), {"padding": -1}, "padding: expected at least 0"),
    ],
)
def test_what_does_not_fit_is_named(convolve, x, weight, options, message):
    with pytest.raises(ValueError, match=message):
        convolve(torch.zeros(x), torch.zeros(weight), **options)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("time", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("shape", [(4, 3, 5, 2), (6, 1, 2, 3)])
def test_inflated_taps(shape, time, dtype):
    weight = torch.randn(shape, dtype=dtype)
    taps = {how: ops.inflate(weight, time, how) for how in ops.INFLATIONS}
    assert torch.equal(taps["mean"], ops.inflate(weight, time))
    assert torch.equal(taps["mean"], torch.stack([weight / time] * time, 2))
    for how, tap in {"centre": time // 2, "last": time - 1}.items():
        assert torch.equal(taps[how][:, :, tap], weight)
        assert taps[how].count_nonzero() == weight.numel()
    for inflated in taps.values():
        assert inflated.shape == (*shape[:2], time, *shape[2:])
        assert inflated.dtype == dtype
        assert inflated.is_contiguous()
        inflated.mul_(2)  # memory of its own, each number once
        assert torch.allclose(inflated.sum(2), 2 * weight)


@pytest.mark.parametrize("how", ops.INFLATIONS)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_an_inflated_filter_gives_a_still_clip_what_it_gave_the_picture(how, groups):
    picture = torch.randn(2, 4, 6, 7, dtype=torch.float64)
    weight = torch.randn(8, 4 // groups, 3, 2, dtype=torch.float64)
    expected = functional.conv2d(picture, weight, groups=groups)
    still = picture[:, :, None].expand(-1, -1, 5, -1, -1)
    given = functional.conv3d(still, ops.inflate(weight, 3, how), groups=groups)
    assert given.shape[2] == 3
    assert torch.allclose(given, expected[:, :, None], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "time", "how", "error", "message"),
    [
        ((4, 3, 5, 2), 3, "middle", ValueError, "how: expected one of 'mean', .* got 'middle'"),
        ((4, 3, 5, 2), 0, "mean", ValueError, "time: expected at least 1, got 0"),
        ((4, 3, 5, 2), 3.0, "mean", TypeError, "time: expected a whole number, got 3.0"),
        ((4, 3, 1, 5, 2), 3, "mean", ValueError, r"weight: expected shape \(F, C, kh, kw\)"),
    ],
)
def test_what_cannot_be_inflated_is_named(shape, time, how, error, message):
    with pytest.raises(error, match=message):
        ops.inflate(torch.zeros(shape), time, how)


def test_counts():
    model = nn.Sequential(nn.Conv3d(3, 4, (1, 2, 3)), nn.Flatten(), nn.Linear(4 * 5 * 5 * 5, 7))
    model[2].bias.requires_grad_(False)
    assert ops.count_parameters(model) == (4 * 3 * 6 + 4) + 500 * 7
    assert ops.count_macs(model, torch.zeros(2, 3, 5, 6, 7)) == 2 * (4 * 125 * 3 * 6 + 500 * 7)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_fused_attention_counts(device):
    def attend(q, k, v):
        return nn.functional.scaled_dot_product_attention(q, k, v)

    sizes = {"q": (2, 3, 10, 8), "k": (2, 3, 7, 8), "v": (2, 3, 7, 8)}
    qkv = [torch.zeros(size, device=device) for size in sizes.values()]
    assert ops.count_macs(attend, *qkv) == 2 * 3 * 10 * 7 * (8 + 8)


def test_the_receptive_field_of_a_known_window():
    model = nn.Conv3d(2, 3, (1, 2, 3), stride=(2, 1, 1))
    seen = ops.receptive_field(model, torch.randn(1, 2, 5, 6, 7), (0, 1, 2, 3, 4)) > 0
    assert seen.nonzero().tolist() == [[4, i, j] for i in (3, 4) for j in (4, 5, 6)]
