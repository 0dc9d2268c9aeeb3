"""MViT, against both its peers' published layouts and, where they are installed, the peers."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from mvit_layout import published_shapes
from torch import nn
from torch.overrides import TorchFunctionMode

from lecturekit import checkpoints, evaluation, facts, ops, training
from lecturekit.models import mvit
from lecturekit.models.mvit import MVIT_B_16X4, TINY, MViT
from lecturekit.models.mvit_costs import costs

FORMATS = ("torchvision", "pytorchvideo")
UNEVEN = replace(TINY, frames=11, size=(37, 50), kv_stride=(2, 3, 5), blocks=(2, 1, 2), heads=2)
"""No stride divides its sizes, and all its axes differ."""


def uneven_clips(batch=2):
    return torch.randn(batch, 3, 11, 37, 50)


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_a_peers_keys_and_shapes_is_this_network(format):
    shapes = published_shapes(format)
    with torch.device("meta"):
        model = mvit.mvit_v1_b()
        saved = {key: torch.empty(shape) for key, shape in shapes.items()}
    checkpoints.load_published(model, saved, format)
    assert sum(math.prod(shape) for shape in shapes.values()) == 36_610_672
    for key in list(shapes)[:: len(shapes) // 9]:
        with pytest.raises(checkpoints.CheckpointError, match=f"{key}: .* no key"):
            checkpoints.load_published(model, {k: saved[k] for k in saved if k != key}, format)


def test_queries_keys_and_values_are_put_together_in_this_order():
    shapes = published_shapes("pytorchvideo")
    saved = {key: torch.zeros(shape) for key, shape in shapes.items()}
    for number, part in enumerate("qkv"):
        saved[f"blocks.3.attn.{part}.weight"] += number + 1
        saved[f"blocks.3.attn.{part}.bias"] -= number + 1
    model = mvit.mvit_v1_b()
    checkpoints.load_published(model, saved, "pytorchvideo")
    qkv = model.blocks[3].attention.qkv
    assert qkv.weight[:, 0].tolist() == [1.0] * 384 + [2.0] * 384 + [3.0] * 384
    assert torch.equal(qkv.bias, -qkv.weight[:, 0])


def test_every_norm_has_the_eps_of_the_published_weights():
    with torch.device("meta"):
        norms = [m for m in mvit.mvit_v1_b().modules() if isinstance(m, nn.LayerNorm)]
    assert len(norms) == 2 * 16 + 2 * 16 + 3 + 1
    assert {norm.eps for norm in norms} == {1e-6}


def peer(format, frames, size):
    """A peer in eval mode, its norms' weights and its tables far from where they start."""
    torch.manual_seed(0)
    if format == "torchvision":
        models = pytest.importorskip("torchvision.models.video.mvit")
        network = models.mvit_v1_b()
        grid = (frames // 2, size[0] // 4, size[1] // 4)
        network.pos_encoding = models.PositionalEncoding(96, grid[1:], grid[0], False)
    else:
        hub = pytest.importorskip("pytorchvideo.models.hub.vision_transformers")
        config = hub.mvit_video_base_config | {"spatial_size": size, "temporal_size": frames}
        network = hub.create_multiscale_vision_transformers(**config)
        for module in network.modules():
            if isinstance(module, nn.LayerNorm):  # here the peers differ
                module.eps = 1e-6
    with torch.no_grad():
        for key, tensor in network.named_parameters():
            if "norm" in key or "pos_e" in key or "position" in key:
                tensor += 0.3 * torch.randn_like(tensor)
    return network.eval()


class Softmaxes(TorchFunctionMode):
    """Keeps what every ``softmax`` method gives: neither peer gives its attention."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func is torch.Tensor.softmax:
            self.kept.append(out)
        return out


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("frames", "size"), [(16, (224, 224)), (6, (72, 104))])
def test_a_peer_says_the_same_and_attends_the_same(format, frames, size):
    theirs = peer(format, frames, size)
    model = MViT(replace(MVIT_B_16X4, frames=frames, size=size), 400).eval()
    checkpoints.load_published(model, theirs.state_dict(), format)
    x = torch.randn(1, 3, frames, *size)
    with torch.no_grad():
        with Softmaxes() as softmaxes:
            scores = theirs(x)
        ours, attentions = model(x, return_attention=True)
        fused = model(x)
    assert scores.std() > 0.1
    assert (fused - scores).abs().max() / max(1, scores.std()) <= 1e-4
    assert (ours - scores).abs().max() / max(1, scores.std()) <= 1e-4
    assert len(attentions) == 16
    for mine, other in zip(attentions, softmaxes.kept, strict=True):
        assert torch.allclose(mine, other, atol=1e-5)


@pytest.mark.parametrize("format", FORMATS)
def test_a_peer_learns_the_same(format):
    theirs = peer(format, 6, (72, 104))
    model = MViT(replace(MVIT_B_16X4, frames=6, size=(72, 104)), 400).eval()
    checkpoints.load_published(model, theirs.state_dict(), format)
    x = torch.randn(2, 3, 6, 72, 104)
    for network in (theirs, model):
        network(x).square().mean().backward()
    gradients = {key: weight.grad for key, weight in theirs.named_parameters()}
    other = MViT(model.config, 400)
    checkpoints.load_published(other, gradients, format)
    for (key, weight), expected in zip(model.named_parameters(), other.parameters(), strict=True):
        if key.endswith("pool_k.norm.bias"):
            # What is added to all keys changes no row of the attention: rounding alone is left.
            assert max(weight.grad.abs().max(), expected.abs().max()) < 1e-8
            continue
        assert expected.abs().max() > 1e-8, key
        assert (weight.grad - expected).abs().max() <= 1e-3 * expected.abs().max(), key


@pytest.mark.parametrize("config", [MVIT_B_16X4, TINY, UNEVEN])
def test_the_table_counts_what_the_network_does(config):
    with torch.device("meta"):
        model = MViT(config, 7).eval()
        x = torch.zeros(1, 3, config.frames, *mvit.both_sides(config.size))
        _, attentions = model(x, return_attention=True)
        counted = ops.count_macs(model, x)
    rows = costs(config, 7)
    assert sum(row.macs for row in rows) == counted
    blocks = rows[1:-1]
    for row, before, attention in zip(blocks, rows, attentions, strict=False):
        assert attention.shape == (1, row.heads, row.queries, row.keys)
        assert row.tokens == before.queries
        products = attention.numel() * 2 * model.blocks[blocks.index(row)].attention.out.in_features
        assert row.attention_macs == products // row.heads
    assert len(attentions) == len(blocks) == sum(config.blocks)
    assert [row.channels for row in blocks] == [
        block.mlp[-1].out_features for block in model.blocks
    ]


def test_pytorchvideo_counts_five_operations_for_each_number_out_of_a_norm():
    with torch.device("meta"):
        model = mvit.mvit_v1_b().eval()
    normed = []
    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            module.register_forward_hook(lambda *call: normed.append(call[2].numel()))
    model(torch.zeros(1, 3, 16, 224, 224, device="meta"))
    giga = (sum(row.macs for row in costs(MVIT_B_16X4)) + 5 * sum(normed)) / 1e9
    assert f"{giga:.2f}" == facts.get("mvit-b-16x4-pytorchvideo-gflops").value


def test_the_published_pyramid():
    """Table 2 of the paper: its stages' channels, and their grids of tokens."""
    last = {row.name[:7]: row for row in costs(MVIT_B_16X4)[1:-1]}
    assert {name: row.grid for name, row in last.items()} == {
        "stage 1": (8, 56, 56), "stage 2": (8, 28, 28), "stage 3": (8, 14, 14), "stage 4": (8, 7, 7)
    }  # fmt: skip
    assert [row.heads for row in last.values()] == [1, 2, 4, 8]
    assert [row.keys for row in last.values()] == [393] * 4
    assert [block.attention.qkv.in_features for block in mvit.mvit_v1_b().blocks][::5] == [
        96, 384, 384, 768
    ]  # fmt: skip


@pytest.mark.parametrize("config", [TINY, UNEVEN])
def test_attention_is_given_and_changes_no_score(config):
    torch.manual_seed(0)
    model = MViT(config, 5).eval()
    x = torch.randn(2, 3, config.frames, *mvit.both_sides(config.size))
    scores, attentions = model(x, return_attention=True)
    assert torch.allclose(scores, model(x), atol=1e-6)
    for attention in attentions:
        assert torch.allclose(attention.sum(-1), torch.ones(()), atol=1e-5)
        assert attention.min() >= 0


def test_tokens_lie_on_the_grid_by_frame_row_and_column_and_cls_lies_nowhere():
    grid = (3, 4, 5)
    tokens = torch.arange(2.0 * 2 * 61 * 7).reshape(2, 2, 61, 7)
    assert torch.equal(mvit.on_grid(tokens, grid, lambda x: x), tokens)
    picked = mvit.on_grid(tokens, grid, lambda x: x[:, :, 1:, ::3, 1:4:2])
    rows = [0] + [1 + 20 * t + 5 * h + w for t in (1, 2) for h in (0, 3) for w in (1, 3)]
    assert torch.equal(picked, tokens[:, :, rows])
    shapes = []
    mvit.on_grid(tokens, grid, lambda x: shapes.append(x.shape) or x)
    assert shapes == [(4, 7, *grid)]


def test_pooling_is_a_convolution_of_each_channel_and_a_norm():
    torch.manual_seed(0)
    pool = mvit.Pool(4, (2, 1, 3))
    nn.init.normal_(pool.norm.weight)
    tokens = torch.randn(1, 1, 1 + 60, 4)
    out = pool(tokens, (3, 4, 5))
    maps = tokens[0, 0, 1:].T.reshape(1, 4, 3, 4, 5)
    by_channel = [
        ops.conv3d_loops(maps[:, [c]], pool.conv.weight[[c]], stride=(2, 1, 3), padding=1)
        for c in range(4)
    ]
    places = torch.cat(by_channel, 1).flatten(2)[0].T
    assert torch.allclose(out[0, 0], pool.norm(torch.cat([tokens[0, 0, :1], places])), atol=1e-5)


def test_a_head_pools_as_its_neighbour_does():
    pool = mvit.Pool(4, (1, 2, 2))
    head = torch.randn(2, 1, 1 + 60, 4)
    both = pool(torch.cat([head, head.flip(0)], 1), (3, 4, 5))
    assert torch.allclose(both[:, 0], both[:, 1].flip(0), atol=1e-6)


def test_the_shortcut_keeps_the_largest_of_a_neighbourhood():
    level = mvit.Level(1, 4, 4, 1, (1, 2, 2), (1, 1, 1))
    tokens = torch.randn(2, 1 + 60, 4)
    out = mvit.Block(level).shortcut(tokens, (3, 4, 5))
    maps = tokens[:, 1:].reshape(2, 3, 4, 5, 4)
    assert torch.equal(out[:, 0], tokens[:, 0])
    expected = torch.stack(
        [
            maps[:, t, max(2 * h - 1, 0) : 2 * h + 2, max(2 * w - 1, 0) : 2 * w + 2].amax((1, 2))
            for t in range(3)
            for h in range(2)
            for w in range(3)
        ],
        1,
    )
    assert torch.equal(out[:, 1:], expected)


def test_positions_are_of_a_frame_and_of_a_place_in_it():
    positions = mvit.Positions(2, (3, 4, 5))
    for table in positions.parameters():
        nn.init.normal_(table)
    tokens = positions(torch.zeros(2, 2, 3, 4, 5))
    for t, h, w in ((0, 0, 0), (2, 1, 3), (1, 3, 4)):
        expected = positions.time[t] + positions.space[5 * h + w]
        assert torch.equal(tokens[1, 1 + 20 * t + 5 * h + w], expected)
    assert torch.equal(tokens[1, 0], positions.cls + positions.of_cls)


def test_clips_of_another_size_are_refused_until_the_tables_fit():
    torch.manual_seed(0)
    model = MViT(replace(TINY, cube_stride=(2, 4, 4)), 5).eval()
    for shape in ((1, 3, 8, 32, 32), (1, 3, 16, 32, 48), (1, 3, 16, 48, 32)):
        with pytest.raises(ValueError, match=r"^clips: expected .*resize"):
            model(torch.zeros(shape))
    before = {name: p.clone() for name, p in model.named_parameters()}
    model.resize(16, 32)
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())
    with torch.no_grad():
        model.positions.time[:] = torch.arange(8.0)[:, None]
        columns = torch.arange(8.0).repeat(8)
        model.positions.space[:] = columns[:, None]
    model.resize(8, (24, 64))
    time, space = model.positions.time, model.positions.space
    # Half as many frames: each stands between two that were.
    assert torch.allclose(time[:, 0], torch.tensor([0.5, 2.5, 4.5, 6.5]))
    assert space.shape == (6 * 16, TINY.width)
    rows = space.reshape(6, 16, -1)
    assert torch.allclose(rows[0], rows[5])
    assert torch.allclose(rows[0, 1:-1, 0].diff(), torch.tensor(0.5))
    assert model(torch.randn(2, 3, 8, 24, 64)).shape == (2, 5)
    assert (model.config.frames, model.config.size) == (8, (24, 64))
    with pytest.raises(ValueError, match=r"resize"):
        model(torch.zeros(1, 3, 16, 32, 32))


def test_axes_in_another_order_are_named():
    with pytest.raises(ValueError, match=r"these look like \(B, T, C, H, W\)"):
        MViT(TINY, 3)(torch.zeros(1, 16, 3, 32, 32))


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("frames", 0, ValueError),
        ("size", (32, 32, 32), ValueError),
        ("size", 0, ValueError),
        ("size", 32.0, TypeError),
        ("blocks", (), ValueError),
        ("blocks", (1, 0), ValueError),
        ("kv_stride", (1, 4), ValueError),
        ("cube_stride", (4, 4), ValueError),
        ("kv_stride", (1, 0, 4), ValueError),
        ("kv_stride", 4, TypeError),
        ("heads", 3, ValueError),
        ("width", 0, ValueError),
    ],
)
def test_a_config_that_cannot_be_is_named(field, value, error):
    with pytest.raises(error, match=f"^{field}: expected .*got"):
        replace(TINY, **{field: value})


def test_a_larger_stride_leaves_fewer_keys_and_the_same_weights():
    configs = [replace(TINY, kv_stride=(1, stride, stride)) for stride in (1, 2, 4, 8)]
    keys = [[row.keys for row in costs(config)[1:-1]] for config in configs]
    assert [k[0] for k in keys] == [1 + 4 * side**2 for side in (8, 4, 2, 1)]
    assert all(sum(fewer) < sum(more) for more, fewer in pairwise(keys))
    assert len({ops.count_parameters(MViT(config, 3)) for config in configs}) == 1


def test_a_tiny_one_learns():
    torch.manual_seed(0)
    config = replace(TINY, frames=4, size=(16, 24), width=8)
    clips = torch.randn(16, 3, 4, 16, 24)
    for i, clip in enumerate(clips):
        clip[: i % 4] += 1  # grey, reddish, yellowish, bright: told by any network that can learn
    data = [(clip, i % 4) for i, clip in enumerate(clips)]
    model = MViT(config, 4)
    training.fit(model, data, epochs=40, batch_size=8, max_lr=3e-3)
    assert evaluation.evaluate(model, data).accuracy > 0.9
