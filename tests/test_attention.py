"""The parts that video transformers share, against torch's own attention and against plain sums."""

import math

import pytest
import torch
from einops import rearrange
from torch import nn
from torch.nn import functional

from lecturekit import ops
from lecturekit.models import attention
from lecturekit.models.attention import (
    Attention,
    Block,
    Positions,
    Tubelets,
    attend,
    grid_of,
    stretched,
)

WIDTH, HEADS, TOKENS = 12, 3, 7


def tokens(seed=0):
    return torch.randn(2, TOKENS, WIDTH, generator=torch.Generator().manual_seed(seed))


def masks():
    generator = torch.Generator().manual_seed(2)
    for shape in ((TOKENS, TOKENS), (HEADS, TOKENS, TOKENS)):
        mask = torch.rand(shape, generator=generator) < 0.5
        yield mask | torch.eye(TOKENS, dtype=torch.bool)


MASKS = [None, *masks()]


@pytest.mark.parametrize("mask", MASKS, ids=["none", "all heads", "by head"])
def test_torchs_own_attention_says_the_same(mask):
    torch.manual_seed(0)
    ours, theirs = Attention(WIDTH, HEADS), nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    ours, theirs = ours.double(), theirs.double()
    for mine, other in (
        (ours.qkv.weight, theirs.in_proj_weight), (ours.qkv.bias, theirs.in_proj_bias),
        (ours.out.weight, theirs.out_proj.weight), (ours.out.bias, theirs.out_proj.bias),
    ):  # fmt: skip
        nn.init.normal_(other)
        mine.data.copy_(other.data)
    x = tokens().double()
    hidden = None if mask is None else ~mask  # True means the opposite there
    if hidden is not None and hidden.ndim == 3:
        hidden = hidden.repeat(len(x), 1, 1)
    expected, weights = theirs(x, x, x, attn_mask=hidden, average_attn_weights=False)
    got, looked = ours(x, mask, return_attention=True)
    assert (got - expected).abs().max() < 1e-12
    assert (looked - weights).abs().max() < 1e-12
    assert (ours(x, mask) - expected).abs().max() < 1e-12


def test_torchs_own_block_says_the_same():
    torch.manual_seed(0)
    theirs = nn.TransformerEncoderLayer(
        WIDTH, HEADS, 20, 0.0, "gelu", attention.EPS, batch_first=True, norm_first=True
    )
    for parameter in theirs.parameters():
        nn.init.normal_(parameter, std=0.5)
    ours = Block(WIDTH, HEADS, 20)
    order = (
        "self_attn.in_proj_",
        "self_attn.out_proj.",
        "linear1.",
        "linear2.",
        "norm1.",
        "norm2.",
    )
    mine = ("attention.qkv.", "attention.out.", "mlp.expand.", "mlp.shrink.", "norm_1.", "norm_2.")
    names = dict(zip(order, mine, strict=True))
    state = {}
    for key, value in theirs.state_dict().items():
        prefix = next(prefix for prefix in order if key.startswith(prefix))
        state[key.replace(prefix, names[prefix])] = value
    ours.load_state_dict(state)
    x = tokens()
    assert (ours(x) - theirs(x)).abs().max() < 1e-4


def test_by_hand_the_weights_are_of_the_scaled_products():
    # Products of 2 and 0, divided by √4: e and 1.
    queries = torch.tensor([[[[2.0, 0, 0, 0]]]])
    keys = torch.tensor([[[[1.0, 0, 0, 0], [0, 5, 0, 0]]]])
    means, weights = attend(queries, keys, torch.eye(2)[None, None], return_attention=True)
    first = math.e / (math.e + 1)
    assert weights.flatten().tolist() == pytest.approx([first, 1 - first])
    assert means.flatten().tolist() == pytest.approx([first, 1 - first])


@pytest.mark.parametrize("mask", MASKS, ids=["none", "all heads", "by head"])
@pytest.mark.parametrize("bias", attention.BIASES)
def test_to_ask_for_the_weights_changes_no_token(mask, bias):
    layer = Attention(WIDTH, HEADS, bias).double()
    x = tokens().double()
    alone, (beside, weights) = layer(x, mask), layer(x, mask, return_attention=True)
    assert (alone - beside).abs().max() < 1e-12
    assert weights.shape == (2, HEADS, TOKENS, TOKENS)
    assert (weights.sum(-1) - 1).abs().max() < 1e-12
    if mask is not None:
        assert weights[:, ~mask.expand(HEADS, TOKENS, TOKENS)].abs().max() == 0


def test_the_fused_kernel_runs_unless_weights_are_asked_for(monkeypatch):
    calls = []
    kernel = functional.scaled_dot_product_attention

    def counted(*arguments, **options):
        calls.append(1)
        return kernel(*arguments, **options)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", counted)
    layer = Attention(WIDTH, HEADS)
    layer(tokens())
    assert len(calls) == 1
    layer(tokens(), return_attention=True)
    assert len(calls) == 1


def test_keys_without_a_bias():
    part, whole = Attention(WIDTH, HEADS, "qv"), Attention(WIDTH, HEADS)
    assert ops.count_parameters(whole) - ops.count_parameters(part) == WIDTH
    nn.init.normal_(part.q_bias)
    nn.init.normal_(part.v_bias)
    whole.qkv.weight.data.copy_(part.qkv.weight)
    whole.qkv.bias.data.copy_(torch.cat([part.q_bias, torch.zeros(WIDTH), part.v_bias]))
    whole.out.load_state_dict(part.out.state_dict())
    assert torch.equal(part(tokens()), whole(tokens()))


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match=r"width: expected a multiple of heads = 5, got 12"):
        Attention(12, 5)
    with pytest.raises(ValueError, match=r"bias: expected one of 'qkv', 'qv', got 'none'"):
        Attention(12, 3, "none")
    layer = Attention(WIDTH, HEADS)
    for wrong, got in (
        (torch.ones(TOKENS, TOKENS), r"float32 \(7, 7\)"),
        (torch.ones(1, TOKENS, dtype=torch.bool), r"bool \(1, 7\)"),
        (torch.ones(2, TOKENS, TOKENS, dtype=torch.bool), r"bool \(2, 7, 7\)"),
    ):
        with pytest.raises(ValueError, match=rf"mask: expected bool \(7, 7\) or .* got {got}"):
            layer(tokens(), wrong)


def test_a_set_of_tokens_has_no_order():
    block = Block(WIDTH, HEADS, 20).double()
    x, order = tokens().double(), torch.randperm(TOKENS)
    assert (block(x)[:, order] - block(x[:, order])).abs().max() < 1e-12


def test_a_tubelet_is_a_box_and_a_matrix():
    layer = Tubelets((2, 3, 5), WIDTH).double()
    clips = torch.randn(2, 3, 6, 6, 20, dtype=torch.double)
    boxes = rearrange(clips, "b c (t i) (h j) (w k) -> b (t h w) (c i j k)", i=2, j=3, k=5)
    expected = boxes @ layer.project.weight.flatten(1).T + layer.project.bias
    assert (layer(clips) - expected).abs().max() < 1e-12


@pytest.mark.parametrize(
    ("tubelet", "stem", "strides", "kernel"),
    [
        ((2, 8, 8), (4, 5, 6), [(2, 2, 2), (1, 2, 2), (1, 2, 2)], (1, 1, 1)),
        ((4, 8, 16), (4, 5), [(2, 2, 2), (2, 2, 2)], (1, 2, 4)),
        ((3, 6, 10), (4, 5), [(1, 2, 2), (1, 1, 1)], (3, 3, 5)),
    ],
)
def test_a_stem_halves_what_is_still_to_shrink(tubelet, stem, strides, kernel):
    layer = Tubelets(tubelet, WIDTH, stem).eval()
    assert [block[0].stride for block in layer.stem] == strides
    assert layer.project.kernel_size == layer.project.stride == kernel
    frames, rows, columns = tubelet
    out = layer(torch.randn(2, 3, 2 * frames, 3 * rows, columns))
    assert out.shape == (2, 2 * 3, WIDTH)


def test_windows_of_a_stem_overlap():
    def reach(stem):
        layer = Tubelets((2, 4, 4), 1, stem).eval()
        model = lambda x: rearrange(layer(x), "b n d -> b d n")  # noqa: E731
        return ops.receptive_field(model, torch.randn(1, 3, 6, 12, 12), (0, 0, 13)) > 0

    assert reach(()).sum() == 2 * 4 * 4
    assert reach((2, 2)).sum() > 2 * 4 * 4


def test_positions_stretch_along_their_own_axes():
    grid, new = (2, 3, 4), (4, 5, 6)
    t, h, w = torch.meshgrid(*map(torch.arange, grid), indexing="ij")
    table = torch.stack([t, 10 * h, 100 * w], -1).flatten(0, 2).float()
    out = stretched(table, grid, new).view(*new, 3)
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        assert out[..., axis].std(others).max() < 1e-4
        assert out[..., axis].amax().item() == pytest.approx(10**axis * (grid[axis] - 1))
    # Two become four: the ends keep theirs, those between are a quarter of the way from it.
    assert out[:, 0, 0, 0].tolist() == pytest.approx([0, 0.25, 0.75, 1])


@pytest.mark.parametrize("cls", [True, False])
def test_positions_are_resized_on_request(cls):
    positions = Positions((2, 3, 4), WIDTH, cls)
    before = positions.table.detach().clone()
    positions.resize((2, 3, 4))
    assert (positions.table - before).abs().max() < 1e-6
    positions.resize((3, 3, 5))
    assert positions.table.shape == (1, cls + 45, WIDTH)
    assert isinstance(positions.table, nn.Parameter)
    assert torch.equal(positions.table[:, :cls], before[:, :cls])


def test_each_of_the_three_matrices_starts_as_one():
    torch.manual_seed(0)
    block = Block(48, 4, 96)
    attention.initialise(block)
    for matrix in block.attention.qkv.weight.chunk(3):
        assert matrix.abs().max().item() == pytest.approx(math.sqrt(6 / (48 + 48)), rel=0.02)
    assert block.mlp.expand.weight.abs().max().item() == pytest.approx(
        math.sqrt(6 / (48 + 96)), rel=0.02
    )
    assert all(not p.any() for k, p in block.named_parameters() if k.endswith("bias"))


def test_a_clip_that_is_no_whole_number_of_tubelets_is_named():
    assert grid_of(6, (8, 20), (2, 4, 5)) == (3, 2, 4)
    for clip in ((7, (8, 20)), (6, (9, 20)), (6, (8, 21)), (0, (8, 20))):
        with pytest.raises(ValueError, match=r"frames, size: expected a whole number of tubelets"):
            grid_of(*clip, (2, 4, 5))
