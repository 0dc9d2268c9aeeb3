"""What all video transformers share: attention, a block, tubelets, positions.

Tokens are ``(B, N, D)``: for each clip N vectors of D numbers, time-major where they stand for
places of a clip (all places of the first frames, row by row, then those of the next). Attention
after Vaswani et al., "Attention Is All You Need", NeurIPS 2017, Sec. 3.2; the block with its
layer norms in front after Dosovitskiy et al., "An Image Is Worth 16x16 Words", ICLR 2021, Sec. 3.1;
tubelets after Arnab et al., "ViViT", ICCV 2021, Sec. 3.2.
"""

from collections.abc import Iterable
from math import prod

import torch
from einops import rearrange
from torch import nn
from torch.nn import functional

from lecturekit import checks, shapes
from lecturekit.models import parts

Grid = tuple[int, int, int]
"""Frames, rows and columns: of tokens, or of a clip."""

BIASES = ("qkv", "qv")
"""Which of queries, keys and values have a bias (VideoMAE's keys have none)."""

EPS = 1e-6
"""Of every layer norm here, as published; torch's own default is 1e-5."""


def attend(
    queries: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    mask: torch.Tensor | None = None,
    return_attention: bool = False,
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Each query's mean of the values, weighted by how well their keys match it.

    Without ``return_attention`` torch's fused kernel runs: it goes through the keys in pieces and
    never holds all weights at once, so it has none to return.

    Args:
        queries: ``(B, heads, Nq, C)``.
        keys: ``(B, heads, Nk, C)``.
        values: as ``keys``.
        mask: bool, ``(Nq, Nk)`` or ``(heads, Nq, Nk)``, True where a query (row) may look at a key
            (column). Each row needs one True at least.
        return_attention: the weights too.

    Returns:
        The means ``(B, heads, Nq, C)``, and the weights ``(B, heads, Nq, Nk)`` or None. Each row of
        the weights sums to 1.
    """
    if not return_attention:
        return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask), None
    # A sum of C products of numbers of spread 1 has a spread of √C. Undivided, the softmax would
    # give nearly all to one key from the first step on, and nearly no gradient.
    scores = queries * queries.shape[-1] ** -0.5 @ keys.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)  # exp(-inf) = 0
    weights = scores.softmax(-1)  # over the keys: every query has 1 to give away
    return weights @ values, weights


def both(out: torch.Tensor | tuple) -> tuple:
    """(tokens, weights), the weights None, of what a layer gave: the two, or tokens alone."""
    return out if isinstance(out, tuple) else (out, None)


class Attention(nn.Module):
    """Tokens look at tokens, in several ways ("heads") at once.

    Args:
        width: D of the tokens, a multiple of ``heads``.
        heads: each attends in D / heads numbers of its own.
        bias: of ``BIASES``.
    """

    def __init__(self, width: int, heads: int, bias: str = "qkv") -> None:
        super().__init__()
        checks.integer("heads", heads, 1)
        if width % heads:
            raise ValueError(f"width: expected a multiple of heads = {heads}, got {width}")
        self.heads = heads
        with_keys = checks.one_of("bias", bias, BIASES) == "qkv"
        # One matrix for all three: a single product of matrices is faster than three small ones.
        self.qkv = nn.Linear(width, 3 * width, bias=with_keys)
        if not with_keys:
            self.q_bias = nn.Parameter(torch.zeros(width))
            self.v_bias = nn.Parameter(torch.zeros(width))
        self.out = nn.Linear(width, width)

    def project(self, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Queries, keys and values, each ``(B, heads, N, D / heads)``, of tokens ``(B, N, D)``."""
        bias = self.qkv.bias
        if bias is None:
            bias = torch.cat([self.q_bias, torch.zeros_like(self.q_bias), self.v_bias])
        qkv = functional.linear(tokens, self.qkv.weight, bias)
        return rearrange(qkv, "b n (three h c) -> three b h n c", three=3, h=self.heads).unbind()

    def forward(
        self,
        tokens: torch.Tensor,
        mask: torch.Tensor | None = None,
        return_attention: bool = False,
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Tokens ``(B, N, D)``, and with ``return_attention`` the weights ``(B, heads, N, N)``.

        Args:
            tokens: ``(B, N, D)``.
            mask: as in `attend`; None: all look at all.
            return_attention: the weights too; the tokens are the same but for rounding.

        Raises:
            ValueError: a mask of another shape or type.
        """
        if mask is not None:
            _check_mask(mask, self.heads, tokens.shape[1])
        means, weights = attend(*self.project(tokens), mask, return_attention)
        tokens = self.out(rearrange(means, "b h n c -> b n (h c)"))
        return (tokens, weights) if return_attention else tokens


class MLP(nn.Module):
    """Two layers for each token by itself, with a GELU between (Hendrycks and Gimpel, 2016).

    Args:
        width: D of the tokens.
        hidden: numbers between the layers.
        gelu: "none" for GELU itself, "tanh" for its approximation, which ViViT was trained with.
    """

    def __init__(self, width: int, hidden: int, gelu: str = "none") -> None:
        super().__init__()
        self.expand = nn.Linear(width, hidden)
        self.gelu = nn.GELU(gelu)
        self.shrink = nn.Linear(hidden, width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """``(B, N, D)`` to ``(B, N, D)``."""
        return self.shrink(self.gelu(self.expand(tokens)))


class Block(nn.Module):
    """Attention, which moves between tokens, then an MLP, which stays in each; both are added.

    Args:
        width: D of the tokens.
        heads: of the attention.
        hidden: of the MLP.
        bias: of the attention.
        gelu: of the MLP.
    """

    def __init__(
        self, width: int, heads: int, hidden: int, bias: str = "qkv", gelu: str = "none"
    ) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(width, EPS)
        self.attention = Attention(width, heads, bias)
        self.norm_2 = nn.LayerNorm(width, EPS)
        self.mlp = MLP(width, hidden, gelu)

    def forward(
        self,
        tokens: torch.Tensor,
        mask: torch.Tensor | None = None,
        return_attention: bool = False,
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """As `Attention.forward`."""
        seen, weights = both(self.attention(self.norm_1(tokens), mask, return_attention))
        tokens = tokens + seen
        tokens = tokens + self.mlp(self.norm_2(tokens))
        return (tokens, weights) if return_attention else tokens


def through(
    blocks: Iterable[nn.Module], tokens: torch.Tensor, return_attention: bool, **how: object
) -> tuple[torch.Tensor, list]:
    """Tokens through blocks in turn.

    Args:
        blocks: each called as a `Block` is.
        tokens: of the first.
        return_attention: of all.
        how: what else each block is told.

    Returns:
        The last block's tokens, and what each gave beside them: attention by layer, or nothing.
    """
    attentions = []
    for block in blocks:
        tokens, weights = both(block(tokens, return_attention=return_attention, **how))
        if return_attention:
            attentions.append(weights)
    return tokens, attentions


class Tubelets(nn.Module):
    """Clips to tokens: a clip is cut into boxes, and each becomes D numbers by the same matrix.

    That is a convolution whose kernel is its stride. With a stem, convolutions of 3×3×3 come
    first, and each halves every axis that is still to shrink; their windows overlap, as the boxes
    do not (Xiao et al., "Early Convolutions Help Transformers See Better", NeurIPS 2021).

    Args:
        tubelet: frames, rows and columns that become one token.
        width: D.
        stem: channels of the convolutions before.
    """

    def __init__(self, tubelet: Grid, width: int, stem: tuple[int, ...] = ()) -> None:
        super().__init__()
        channels, left = 3, tubelet
        self.stem = nn.Sequential()
        for more in stem:
            stride = tuple(1 if size % 2 else 2 for size in left)
            layer = shapes.Conv(more, 3, stride=stride, padding=1, bias=False)
            self.stem.append(parts.block(nn.Conv3d, channels, layer))
            channels, left = more, tuple(a // b for a, b in zip(left, stride, strict=True))
        self.project = nn.Conv3d(channels, width, left, left)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Tokens ``(B, N, D)``, time-major, of clips ``(B, 3, T, H, W)``."""
        return rearrange(self.project(self.stem(clips)), "b d t h w -> b (t h w) d")


class Positions(nn.Module):
    """A learned vector for each place, added to its token: without, a set of tokens has no order.

    Args:
        grid: of tokens.
        width: D.
        cls: a row for a CLS token in front.
        std: spread of the numbers it starts with.
    """

    def __init__(self, grid: Grid, width: int, cls: bool, std: float = 0.02) -> None:
        super().__init__()
        self.grid = grid
        self.cls = cls
        self.table = nn.Parameter(torch.empty(1, cls + prod(grid), width))
        nn.init.normal_(self.table, std=std)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """``(B, N, D)`` to ``(B, N, D)``."""
        return tokens + self.table

    @torch.no_grad()
    def resize(self, grid: Grid) -> None:
        """Make the table fit another grid; CLS keeps its row.

        The table is a new parameter. Make an optimizer afterwards, not before.
        """
        cls, places = self.table[0, : self.cls], self.table[0, self.cls :]
        self.table = nn.Parameter(torch.cat([cls, stretched(places, self.grid, grid)])[None])
        self.grid = grid


def stretched(table: torch.Tensor, grid: Grid, new: Grid) -> torch.Tensor:
    """A table ``(N, D)`` of one grid made one of another: each axis interpolated linearly."""
    t, h, w = grid
    places = rearrange(table, "(t h w) d -> 1 d t h w", t=t, h=h, w=w)
    places = functional.interpolate(places, new, mode="trilinear", align_corners=False)
    return rearrange(places, "1 d t h w -> (t h w) d")


def initialise(model: nn.Module) -> None:
    """As ViViT starts: Glorot and Bengio, AISTATS 2010, for matrices and tubelets; biases zero."""
    for module in model.modules():
        match module:
            case Attention():
                for matrix in module.qkv.weight.chunk(3):  # three matrices that lie in one
                    nn.init.xavier_uniform_(matrix)
                if module.qkv.bias is not None:
                    nn.init.zeros_(module.qkv.bias)
                _glorot(module.out)
            case MLP():
                _glorot(module.expand)
                _glorot(module.shrink)
            case Tubelets():
                # A convolution that touches each number once is a matrix from all of a box.
                nn.init.xavier_uniform_(module.project.weight.flatten(1))
                nn.init.zeros_(module.project.bias)


def grid_of(frames: int, size: tuple[int, int], tubelet: Grid) -> Grid:
    """Tokens along time, rows and columns.

    Raises:
        ValueError: a clip that is not a whole number of tubelets.

    >>> grid_of(32, (224, 224), (2, 16, 16))
    (16, 14, 14)
    """
    clip = (frames, *size)
    if any(a < b or a % b for a, b in zip(clip, tubelet, strict=True)):
        raise ValueError(
            f"frames, size: expected a whole number of tubelets of {tubelet} (frames, rows, "
            f"columns), got {clip}"
        )
    return tuple(a // b for a, b in zip(clip, tubelet, strict=True))


def both_sides(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width of ``size``, which is one number for a square."""
    return (size, size) if isinstance(size, int) else size


def check_size(clips: torch.Tensor, frames: int, size: tuple[int, int]) -> None:
    """That clips are as large as a network's positions are for.

    Raises:
        ValueError: they are not; it says what makes them fit.
    """
    parts.check_clips(clips)
    if tuple(clips.shape[2:]) != (frames, *size):
        t, h, w = clips.shape[2:]
        raise ValueError(
            f"clips: expected {frames} frames of {size[0]} × {size[1]} pixels, which the positions "
            f"are for, got {t} frames of {h} × {w}; model.resize({t}, ({h}, {w})) makes others fit"
        )


def _glorot(linear: nn.Linear) -> None:
    nn.init.xavier_uniform_(linear.weight)
    nn.init.zeros_(linear.bias)


def _check_mask(mask: torch.Tensor, heads: int, tokens: int) -> None:
    fits = tuple(mask.shape) in ((tokens, tokens), (heads, tokens, tokens))
    if mask.dtype != torch.bool or not fits:
        raise ValueError(
            f"mask: expected bool ({tokens}, {tokens}) or ({heads}, {tokens}, {tokens}), got "
            f"{str(mask.dtype).removeprefix('torch.')} {tuple(mask.shape)}"
        )
