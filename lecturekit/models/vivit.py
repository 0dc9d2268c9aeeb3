"""ViViT, a transformer over tubelets, with four ways to let them look at each other.

After Arnab et al., "ViViT: A Video Vision Transformer", ICCV 2021, Sec. 3.3: all tubelets look at
all ("joint"); places of one frame first, then one token for each frame ("factorised encoder"); in
every block places of one frame, then frames at one place ("factorised self-attention"); or half of
the heads for the one and half for the other ("factorised dot-product").
"""

from dataclasses import dataclass, replace

import torch
from einops import rearrange, reduce
from torch import nn

from lecturekit import checks
from lecturekit.models.attention import (
    EPS,
    MLP,
    Attention,
    Block,
    Grid,
    Positions,
    Tubelets,
    attend,
    both,
    both_sides,
    check_size,
    grid_of,
    initialise,
    through,
)

SCHEMES = (
    "joint", "factorised encoder", "factorised self-attention", "factorised dot-product"
)  # fmt: skip
"""The paper's models 1 to 4."""

POOLS = ("cls", "mean")
"""What is scored: a token of its own that looks at all others, or the mean of all tokens."""


@dataclass(frozen=True)
class ViViTConfig:
    """Size of a ViViT, and who looks at whom.

    Attributes:
        frames: T of a clip.
        size: height and width of a clip in pixels, or one number for both.
        tubelet: frames, rows and columns that become one token.
        width: D, numbers in a token.
        depth: blocks; of the factorised encoder, those within a frame.
        heads: of each attention.
        hidden: numbers between the two layers of an MLP.
        attention: of ``SCHEMES``.
        pool: of ``POOLS``. A CLS token stands in no frame and at no place: where blocks go by
            frame and place there is none (the paper's Sec. 3.3).
        positions: False leaves the tokens without.
        position_std: spread of the positions' numbers before training.
        stem: channels of 3×3×3 convolutions before the tubelets, none as published.
        temporal_depth: blocks between frames, of the factorised encoder alone.
    """

    frames: int
    size: int | tuple[int, int]
    tubelet: Grid
    width: int
    depth: int
    heads: int
    hidden: int
    attention: str = "joint"
    pool: str = "cls"
    positions: bool = True
    position_std: float = 0.02
    stem: tuple[int, ...] = ()
    temporal_depth: int = 4

    def __post_init__(self) -> None:
        checks.one_of("attention", self.attention, SCHEMES)
        by_frame_and_place = self.attention in SCHEMES[2:]
        checks.one_of("pool", self.pool, POOLS[1:] if by_frame_and_place else POOLS)
        grid_of(self.frames, both_sides(self.size), self.tubelet)

    @property
    def grid(self) -> Grid:
        """Tokens along time, rows and columns."""
        return grid_of(self.frames, both_sides(self.size), self.tubelet)


VIVIT_B = ViViTConfig(32, 224, (2, 16, 16), width=768, depth=12, heads=12, hidden=3072)
"""ViViT-B/16x2: 16 × 14 × 14 tubelets and CLS, 3,137 tokens."""

TINY = ViViTConfig(
    16, 32, (4, 8, 8), width=64, depth=3, heads=4, hidden=128, pool="mean", position_std=1.0
)
"""The same network at a size that trains on two CPU cores: 4 × 4 × 4 tubelets.

In the few hundred steps that a chapter has, positions that start at 0.02 hardly grow beside tokens
whose numbers have a spread near 1.
"""


class SpaceThenTime(nn.Module):
    """A block with two attentions: within a frame, then between frames at one place (model 3)."""

    def __init__(self, width: int, heads: int, hidden: int, gelu: str) -> None:
        super().__init__()
        self.norm_space = nn.LayerNorm(width, EPS)
        self.space = Attention(width, heads)
        self.norm_time = nn.LayerNorm(width, EPS)
        self.time = Attention(width, heads)
        self.norm_mlp = nn.LayerNorm(width, EPS)
        self.mlp = MLP(width, hidden, gelu)

    def forward(
        self, tokens: torch.Tensor, frames: int, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Tokens ``(B, N, D)``; the attentions are a pair (space, time).

        Args:
            tokens: ``(B, T·S, D)``, time-major.
            frames: T.
            return_attention: ``(B·T, heads, S, S)`` and ``(B·S, heads, T, T)`` too.
        """
        # What is folded into the batch cannot be looked across.
        folded = rearrange(self.norm_space(tokens), "b (t s) d -> (b t) s d", t=frames)
        seen, in_space = both(self.space(folded, return_attention=return_attention))
        tokens = tokens + rearrange(seen, "(b t) s d -> b (t s) d", t=frames)
        folded = rearrange(self.norm_time(tokens), "b (t s) d -> (b s) t d", t=frames)
        seen, in_time = both(self.time(folded, return_attention=return_attention))
        tokens = tokens + rearrange(seen, "(b s) t d -> b (t s) d", b=len(tokens))
        tokens = tokens + self.mlp(self.norm_mlp(tokens))
        return (tokens, (in_space, in_time)) if return_attention else tokens


class SpaceBesideTime(Attention):
    """Half of the heads look within a frame, half between frames at one place (model 4)."""

    def forward(
        self, tokens: torch.Tensor, frames: int, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """As `SpaceThenTime.forward`, each attention of half the heads."""
        qkv = torch.stack(self.project(tokens))
        space, time = qkv.chunk(2, dim=2)
        space = rearrange(space, "three b h (t s) c -> three (b t) h s c", t=frames)
        time = rearrange(time, "three b h (t s) c -> three (b s) h t c", t=frames)
        space, in_space = attend(*space, return_attention=return_attention)
        time, in_time = attend(*time, return_attention=return_attention)
        space = rearrange(space, "(b t) h s c -> b (t s) (h c)", t=frames)
        time = rearrange(time, "(b s) h t c -> b (t s) (h c)", b=len(tokens))
        tokens = self.out(torch.cat([space, time], -1))
        return (tokens, (in_space, in_time)) if return_attention else tokens


class FactorisedDotProduct(Block):
    """A block whose attention is `SpaceBesideTime`: not one parameter more than a plain one."""

    def __init__(self, width: int, heads: int, hidden: int, gelu: str) -> None:
        super().__init__(width, heads, hidden, gelu=gelu)
        self.attention = SpaceBesideTime(width, heads)

    def forward(
        self, tokens: torch.Tensor, frames: int, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """As `SpaceThenTime.forward`, each attention of half the heads."""
        seen, weights = both(self.attention(self.norm_1(tokens), frames, return_attention))
        tokens = tokens + seen
        tokens = tokens + self.mlp(self.norm_2(tokens))
        return (tokens, weights) if return_attention else tokens


class Encoder(nn.Module):
    """Tokens to one vector: positions, blocks, a layer norm, and CLS or the mean.

    Args:
        config: of the network.
        grid: of the tokens that come in.
        depth: blocks.
    """

    def __init__(self, config: ViViTConfig, grid: Grid, depth: int) -> None:
        super().__init__()
        width = config.width
        self.cls = nn.Parameter(torch.zeros(1, 1, width)) if config.pool == "cls" else None
        self.positions = None
        if config.positions:
            cls = self.cls is not None
            self.positions = Positions(grid, width, cls, config.position_std)
        # ViViT was trained with the approximation of GELU that was JAX's own.
        kind = BLOCKS.get(config.attention, Block)
        self.blocks = nn.ModuleList(
            kind(width, config.heads, config.hidden, gelu="tanh") for _ in range(depth)
        )
        self.norm = nn.LayerNorm(width, EPS)

    def forward(
        self, tokens: torch.Tensor, return_attention: bool = False, **how: int
    ) -> tuple[torch.Tensor, list]:
        """Vectors ``(B, D)`` of tokens ``(B, N, D)``, and the attentions by block.

        Args:
            tokens: ``(B, N, D)``.
            return_attention: otherwise the list is empty.
            how: what the blocks are told beside.
        """
        return self.read(self.embed(tokens), return_attention, **how)

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """CLS in front, and positions added, where the network has them."""
        if self.cls is not None:
            tokens = torch.cat([self.cls.expand(len(tokens), -1, -1), tokens], 1)
        if self.positions is not None:
            tokens = self.positions(tokens)
        return tokens

    def read(
        self, tokens: torch.Tensor, return_attention: bool = False, **how: int
    ) -> tuple[torch.Tensor, list]:
        """As `forward`, of tokens that `embed` gave: some may have been left out since."""
        tokens, attentions = through(self.blocks, tokens, return_attention, **how)
        if self.cls is not None:
            return self.norm(tokens[:, 0]), attentions  # the others are not looked at again
        return reduce(self.norm(tokens), "b n d -> b d", "mean"), attentions

    def resize(self, grid: Grid) -> None:
        """Make the positions fit another grid."""
        if self.positions is not None:
            self.positions.resize(grid)


BLOCKS = {SCHEMES[2]: SpaceThenTime, SCHEMES[3]: FactorisedDotProduct}
"""Of the schemes that go by frame and place in every block."""


class FactorisedEncoder(nn.Module):
    """One encoder makes each frame's tokens one token, a second makes those one (model 2)."""

    def __init__(self, config: ViViTConfig) -> None:
        super().__init__()
        frames, *places = config.grid
        self.space = Encoder(config, (1, *places), config.depth)
        self.time = Encoder(config, (frames, 1, 1), config.temporal_depth)

    def forward(
        self, tokens: torch.Tensor, return_attention: bool, frames: int
    ) -> tuple[torch.Tensor, list]:
        """As `Encoder.forward`: first the attentions ``(B·T, …)`` in space, then those in time."""
        tokens = rearrange(tokens, "b (t s) d -> (b t) s d", t=frames)
        tokens, in_space = self.space(tokens, return_attention)
        tokens = rearrange(tokens, "(b t) d -> b t d", t=frames)
        tokens, in_time = self.time(tokens, return_attention)
        return tokens, in_space + in_time

    def resize(self, grid: Grid) -> None:
        """Make the positions of both fit another grid."""
        frames, *places = grid
        self.space.resize((1, *places))
        self.time.resize((frames, 1, 1))


class ViViT(nn.Module):
    """Tubelets, an encoder, a linear layer.

    Args:
        config: ``VIVIT_B``, ``TINY``, or ``dataclasses.replace`` of one.
        num_classes: K.
    """

    def __init__(self, config: ViViTConfig, num_classes: int) -> None:
        super().__init__()
        self.config = config
        self.tubelets = Tubelets(config.tubelet, config.width, config.stem)
        if config.attention == "factorised encoder":
            self.encoder = FactorisedEncoder(config)
        else:
            self.encoder = Encoder(config, config.grid, config.depth)
        self.head = nn.Linear(config.width, num_classes)
        initialise(self)

    def forward(
        self, clips: torch.Tensor, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, tuple]:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``.

        T, S and N are the tokens along time, in a frame, and in all; one more where there is CLS,
        which is the first. Tokens are time-major.

        Args:
            clips: as large as ``config`` says.
            return_attention: a pair (scores, attentions) instead. Attentions are by block:
                "joint": ``(B, heads, N, N)``. "factorised encoder": ``depth`` of
                ``(B·T, heads, S, S)``, then ``temporal_depth`` of ``(B, heads, T, T)``.
                "factorised self-attention": pairs (space ``(B·T, heads, S, S)``, time
                ``(B·S, heads, T, T)``). "factorised dot-product": the same pairs, each of half the
                heads.

        Raises:
            ValueError: not clips of three channels, or of another size.
        """
        config = self.config
        check_size(clips, config.frames, both_sides(config.size))
        how = {} if config.attention == "joint" else {"frames": config.grid[0]}
        features, attentions = self.encoder(self.tubelets(clips), return_attention, **how)
        scores = self.head(features)
        return (scores, tuple(attentions)) if return_attention else scores

    def resize(self, frames: int, size: int | tuple[int, int]) -> None:
        """Make the positions fit clips of another size; they are interpolated.

        They are new parameters: make an optimizer afterwards, not before.

        Raises:
            ValueError: not a whole number of tubelets.
        """
        config = replace(self.config, frames=frames, size=size)
        self.encoder.resize(config.grid)
        self.config = config


def vivit_b(num_classes: int = 400, attention: str = "joint") -> ViViT:
    """ViViT-B/16x2 of 32 frames of 224 × 224: 88.95 million parameters with joint attention.

    Raises:
        ValueError: ``attention`` is none of ``SCHEMES``.
    """
    pool = "mean" if attention in BLOCKS else "cls"
    return ViViT(replace(VIVIT_B, attention=attention, pool=pool), num_classes)
