"""MViT: a pyramid in a transformer. Many thin tokens at first, few thick ones at the end.

After Fan et al., "Multiscale Vision Transformers", ICCV 2021. As in a CNN, channels double where
the grid of tokens gets coarser (Sec. 3.2). What makes it coarser is the attention itself: it pools
its queries, and a block gives as many tokens as there are queries. Keys and values are pooled too,
further than the queries, and that is what makes attention over many tokens affordable (Sec. 3.1).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil, prod
from typing import NamedTuple

import torch
from einops import rearrange, repeat
from torch import nn
from torch.nn import functional

from lecturekit import checks
from lecturekit.models.attention import EPS, Grid, attend, both_sides, check_size, stretched

QUERY_STRIDE: Grid = (1, 2, 2)
"""In the first block of each stage but the first: from there on, a quarter of the tokens."""


@dataclass(frozen=True)
class MViTConfig:
    """A pyramid.

    Attributes:
        frames: of a clip.
        size: rows and columns of a clip, or one number for both, in px.
        cube_stride: frames, rows and columns between the first tokens. Each sees a cube of pixels
            that reaches up to the middle of the next one's: 2 · stride − 1 along each axis.
        width: channels of the first stage; each stage has twice as many as the one before.
        heads: of the first stage; doubled likewise, so that a head keeps its channels.
        blocks: of each stage.
        kv_stride: frames, rows and columns between the places at which the first stage looks for
            keys and values. Later stages halve it in rows and columns, as the queries have halved
            their grid, until it is 1. (A stage's first block still gets the finer grid of the
            stage before: it has four times the keys.)
        dropout: before the scores.
        position_std: spread of the positions' numbers before training.
    """

    frames: int = 16
    size: int | tuple[int, int] = 224
    cube_stride: Grid = (2, 4, 4)
    width: int = 96
    heads: int = 1
    blocks: tuple[int, ...] = (1, 2, 11, 2)
    kv_stride: Grid = (1, 8, 8)
    dropout: float = 0.5
    position_std: float = 0.02

    def __post_init__(self) -> None:
        for field in ("frames", "width", "heads"):
            checks.integer(field, getattr(self, field), 1)
        if len(checks.integers("size", both_sides(self.size), 1)) != 2:
            raise ValueError(f"size: expected one number or rows and columns, got {self.size}")
        if not checks.integers("blocks", self.blocks, 1):
            raise ValueError("blocks: expected a number for each stage, got none")
        for field in ("cube_stride", "kv_stride"):
            if len(checks.integers(field, value := getattr(self, field), 1)) != 3:
                raise ValueError(f"{field}: expected frames, rows and columns, got {value}")
        if self.width % self.heads:
            raise ValueError(
                f"heads: expected a number that divides width = {self.width}, got {self.heads}"
            )

    @property
    def cube(self) -> Grid:
        """Frames, rows and columns of pixels that become one of the first tokens."""
        return tuple(2 * stride - 1 for stride in self.cube_stride)

    @property
    def grid(self) -> Grid:
        """The first stage's places."""
        return strided((self.frames, *both_sides(self.size)), self.cube_stride)


MVIT_B_16X4 = MViTConfig()
"""16 frames, 4 frames of film apart; MViTv1-B."""

TINY = MViTConfig(
    size=32,
    cube_stride=(4, 4, 4),
    width=16,
    blocks=(1, 1, 1),
    kv_stride=(1, 4, 4),
    dropout=0.0,
    position_std=0.5,
)
"""For clips of 16 frames and 32 px. Trains on two CPU cores in seconds."""


class Level(NamedTuple):
    """What one block is given and gives: ``channels`` go in, ``out_channels`` come out."""

    stage: int
    channels: int
    out_channels: int
    heads: int
    query_stride: Grid
    kv_stride: Grid


def levels(config: MViTConfig) -> Iterator[Level]:
    """A config's blocks in order."""
    for stage, blocks in enumerate(config.blocks):
        more = 2**stage
        channels, heads = config.width * more, config.heads * more
        frames, *places = config.kv_stride
        kv_stride = (frames, *(max(stride // more, 1) for stride in places))
        for block in range(blocks):
            starts, ends = stage > 0 and block == 0, block == blocks - 1
            # A stage's last block already gives the next one its channels.
            wider = 2 if ends and stage < len(config.blocks) - 1 else 1
            stride = QUERY_STRIDE if starts else (1, 1, 1)
            yield Level(stage, channels, channels * wider, heads, stride, kv_stride)


def strided(grid: Grid, stride: Grid) -> Grid:
    """The grid behind a stride: the kernels here are padded so that every stride begins at 0.

    >>> strided((8, 56, 56), (1, 8, 8))
    (8, 7, 7)
    """
    return tuple(ceil(n / s) for n, s in zip(grid, stride, strict=True))


def on_grid(
    tokens: torch.Tensor, grid: Grid, layer: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """Lay tokens out in time and space, apply a layer, and put them in a row again.

    The class token has no place in the grid; it stays as it is.

    Args:
        tokens: ``(B, heads, 1 + N, d)``, the class token first.
        grid: of the N others.
        layer: takes ``(B · heads, d, T, H, W)``: the same for all heads.
    """
    t, h, w = grid
    cls, places = tokens[:, :, :1], tokens[:, :, 1:]
    # A token's numbers stay side by side ("channels last"): convolutions on a CPU are faster so.
    places = rearrange(places, "b a (t h w) d -> (b a) t h w d", t=t, h=h, w=w)
    maps = layer(rearrange(places, "n t h w d -> n d t h w"))
    places = rearrange(maps, "(b a) d t h w -> b a (t h w) d", b=len(tokens))
    return torch.cat([cls, places], 2)


class Pool(nn.Module):
    """Queries, keys or values on a coarser grid: one small convolution per channel, then a norm.

    The norm has the eps of all others here. In torchvision it does too; pytorchvideo has 1e-5 here
    and only here, as its ``MultiScaleBlock`` hands its attention torch's own ``nn.LayerNorm``.

    Args:
        channels: of a head; the heads share the weights.
        stride: (1, 1, 1) keeps the grid.
    """

    def __init__(self, channels: int, stride: Grid) -> None:
        super().__init__()
        self.conv = nn.Conv3d(channels, channels, 3, stride, padding=1, groups=channels, bias=False)
        self.norm = nn.LayerNorm(channels, EPS)

    def forward(self, tokens: torch.Tensor, grid: Grid) -> torch.Tensor:
        """``(B, heads, 1 + N, d)`` to ``(B, heads, 1 + N', d)``."""
        return self.norm(on_grid(tokens, grid, self.conv))


class PoolingAttention(nn.Module):
    """Attention in which the tokens that ask, and those that answer, are pooled first.

    Queries are pooled only where the grid gets coarser, keys and values always (Sec. 3.1).
    """

    def __init__(self, level: Level) -> None:
        super().__init__()
        self.heads = level.heads
        self.qkv = nn.Linear(level.channels, 3 * level.channels)
        channels = level.channels // level.heads
        pooled = prod(level.query_stride) > 1
        self.pool_q = Pool(channels, level.query_stride) if pooled else None
        self.pool_k = Pool(channels, level.kv_stride)
        self.pool_v = Pool(channels, level.kv_stride)
        self.out = nn.Linear(level.channels, level.channels)

    def forward(
        self, tokens: torch.Tensor, grid: Grid, return_attention: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Tokens ``(B, 1 + N, C)`` to ``(B, Nq, C)``; attention ``(B, heads, Nq, Nk)`` if asked."""
        q, k, v = rearrange(self.qkv(tokens), "b n (qkv a d) -> qkv b a n d", qkv=3, a=self.heads)
        if self.pool_q is not None:
            q = self.pool_q(q, grid)
        k, v = self.pool_k(k, grid), self.pool_v(v, grid)
        means, attention = attend(q, k, v, return_attention=return_attention)
        return self.out(rearrange(means, "b a n d -> b n (a d)")), attention


class Block(nn.Module):
    """Pooling attention, then an MLP; the shortcuts around them keep up.

    Where attention pools its queries, a max pooling strides the shortcut; where the MLP gives more
    channels, a linear layer widens the other one, from the normalised tokens.
    """

    def __init__(self, level: Level) -> None:
        super().__init__()
        self.stride = level.query_stride
        self.norm_1 = nn.LayerNorm(level.channels, EPS)
        self.attention = PoolingAttention(level)
        self.norm_2 = nn.LayerNorm(level.channels, EPS)
        hidden = 4 * level.channels
        self.mlp = nn.Sequential(
            nn.Linear(level.channels, hidden), nn.GELU(), nn.Linear(hidden, level.out_channels)
        )
        widens = level.out_channels != level.channels
        self.widen = nn.Linear(level.channels, level.out_channels) if widens else None

    def forward(
        self, tokens: torch.Tensor, grid: Grid, return_attention: bool = False
    ) -> tuple[torch.Tensor, Grid, torch.Tensor | None]:
        """Tokens ``(B, 1 + N, C)`` to ``(B, Nq, C')``, their grid, and the attention if asked."""
        mixed, attention = self.attention(self.norm_1(tokens), grid, return_attention)
        tokens = self.shortcut(tokens, grid) + mixed
        normed = self.norm_2(tokens)
        straight = tokens if self.widen is None else self.widen(normed)
        return straight + self.mlp(normed), strided(grid, self.stride), attention

    def shortcut(self, tokens: torch.Tensor, grid: Grid) -> torch.Tensor:
        """The tokens on the queries' grid: the largest of each neighbourhood."""
        if prod(self.stride) == 1:
            return tokens
        kernel = tuple(stride + 1 if stride > 1 else 1 for stride in self.stride)
        padding = tuple(k // 2 for k in kernel)
        return on_grid(
            tokens[:, None], grid, lambda x: functional.max_pool3d(x, kernel, self.stride, padding)
        )[:, 0]


class Positions(nn.Module):
    """Which token stands where: one table for the frame, one for the place in it; and the CLS.

    Apart they hold T + H · W rows, together they would hold T · H · W (Table 1 of the paper's
    supplement compares them).
    """

    def __init__(self, width: int, grid: Grid) -> None:
        super().__init__()
        self.cls = nn.Parameter(torch.empty(width))
        self.of_cls = nn.Parameter(torch.empty(width))
        self.time = nn.Parameter(torch.empty(grid[0], width))
        self.space = nn.Parameter(torch.empty(grid[1] * grid[2], width))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps ``(B, C, T, H, W)`` to tokens ``(B, 1 + T·H·W, C)``, the class token first."""
        places = rearrange(maps, "b c t h w -> b t (h w) c") + self.time[:, None] + self.space
        cls = repeat(self.cls + self.of_cls, "c -> b 1 c", b=len(maps))
        return torch.cat([cls, places.flatten(1, 2)], 1)

    def resize(self, old: Grid, new: Grid) -> None:
        """Make both tables fit another grid; they are new parameters."""
        with torch.no_grad():
            time = stretched(self.time, (old[0], 1, 1), (new[0], 1, 1))
            space = stretched(self.space, (1, *old[1:]), (1, *new[1:]))
        self.time, self.space = nn.Parameter(time), nn.Parameter(space)


class MViT(nn.Module):
    """Cubes to tokens, the pyramid, and scores from the class token.

    The paper trains with stochastic depth; there is none here.

    Args:
        config: ``MVIT_B_16X4``, ``TINY``, or ``dataclasses.replace`` of one.
        num_classes: K.
    """

    def __init__(self, config: MViTConfig, num_classes: int) -> None:
        super().__init__()
        self.config = config
        self.cubes = nn.Conv3d(
            3, config.width, config.cube, config.cube_stride, tuple(k // 2 for k in config.cube)
        )
        self.positions = Positions(config.width, config.grid)
        self.blocks = nn.ModuleList(map(Block, levels(config)))
        channels = self.blocks[-1].mlp[-1].out_features
        self.norm = nn.LayerNorm(channels, EPS)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                # Not the paper's normal numbers of spread 0.02, too small a start for few channels.
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        for table in self.positions.parameters():
            nn.init.trunc_normal_(table, std=config.position_std)

    def forward(
        self, clips: torch.Tensor, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, list[torch.Tensor]]:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``.

        Args:
            clips: of the config's frames and size.
            return_attention: give each block's attention too, ``(B, heads, Nq, Nk)``, rows summing
                to 1. Row and column 0 are the class token's. As keys are pooled, a column is no
                patch but a neighbourhood.

        Raises:
            ValueError: clips of another shape.
        """
        check_size(clips, self.config.frames, both_sides(self.config.size))
        tokens, grid, attentions = self.positions(self.cubes(clips)), self.config.grid, []
        for block in self.blocks:
            tokens, grid, attention = block(tokens, grid, return_attention)
            attentions.append(attention)
        scores = self.head(self.dropout(self.norm(tokens[:, 0])))
        return (scores, attentions) if return_attention else scores

    def resize(self, frames: int, size: int | tuple[int, int]) -> None:
        """Take clips of another length or size: the tables of positions are interpolated.

        Do it before an optimizer is made: the tables are new parameters.
        """
        config = replace(self.config, frames=frames, size=size)
        self.positions.resize(self.config.grid, config.grid)
        self.config = config


def mvit_v1_b(num_classes: int = 400) -> MViT:
    """MViTv1-B 16×4: 36.6 million parameters for 400 classes; 16 frames of 224 px."""
    return MViT(MVIT_B_16X4, num_classes)
