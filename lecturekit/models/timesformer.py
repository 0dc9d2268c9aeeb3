"""TimeSformer: every token looks along time, then within its frame ("divided"), and two more ways.

After Bertasius et al., "Is Space-Time Attention All You Need for Video Understanding?", ICML 2021,
Sec. 3: a picture's transformer over patches of single frames, to which time is added. "joint" lets
all look at all, "space" keeps each frame to itself. Of the paper's five schemes these are the ones
that its authors published weights or code of.
"""

from dataclasses import dataclass, replace

import torch
from einops import rearrange, reduce, repeat
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
    both,
    both_sides,
    check_size,
    grid_of,
    initialise,
    through,
)

ATTENTIONS = ("divided", "joint", "space")
"""Who looks at whom."""


@dataclass(frozen=True)
class TimeSformerConfig:
    """Size of a TimeSformer, and who looks at whom.

    Attributes:
        frames: T of a clip.
        size: height and width of a clip in pixels, or one number for both.
        tubelet: frames, rows and columns that become one token; one frame as published.
        width: D, numbers in a token.
        depth: blocks.
        heads: of each attention.
        hidden: numbers between the two layers of an MLP.
        attention: of ``ATTENTIONS``.
        position_std: spread of the positions' numbers before training.
        stem: channels of 3×3×3 convolutions before the tokens, none as published.
    """

    frames: int
    size: int | tuple[int, int]
    tubelet: Grid
    width: int
    depth: int
    heads: int
    hidden: int
    attention: str = "divided"
    position_std: float = 0.02
    stem: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        checks.one_of("attention", self.attention, ATTENTIONS)
        grid_of(self.frames, both_sides(self.size), self.tubelet)

    @property
    def grid(self) -> Grid:
        """Tokens along time, rows and columns."""
        return grid_of(self.frames, both_sides(self.size), self.tubelet)


TIMESFORMER_B = TimeSformerConfig(8, 224, (1, 16, 16), width=768, depth=12, heads=12, hidden=3072)
"""8 × 14 × 14 patches and CLS, 1,569 tokens."""

TINY = TimeSformerConfig(
    16, 32, (4, 8, 8), width=64, depth=3, heads=4, hidden=128, position_std=1.0
)
"""The same network at a size that trains on two CPU cores, the tubelets those of `vivit.TINY`."""


class Divided(nn.Module):
    """A block with two attentions: between frames at one place, then within a frame.

    In two steps any place of any frame reaches any other. CLS is of no place, so it has no part in
    the first; in the second each frame gets a copy, and what the copies saw is averaged.
    """

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm_time = nn.LayerNorm(width, EPS)
        self.time = Attention(width, heads)
        self.time_dense = nn.Linear(width, width)
        self.norm_space = nn.LayerNorm(width, EPS)
        self.space = Attention(width, heads)
        self.norm_mlp = nn.LayerNorm(width, EPS)
        self.mlp = MLP(width, hidden)

    def forward(
        self, tokens: torch.Tensor, frames: int, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Tokens ``(B, 1 + T·S, D)``; the attentions are a pair (time, space).

        Args:
            tokens: CLS, then the places of all frames, time-major.
            frames: T.
            return_attention: ``(B·S, heads, T, T)`` and ``(B·T, heads, 1 + S, 1 + S)`` too.
        """
        cls, places = tokens[:, :1], tokens[:, 1:]
        # What is folded into the batch cannot be looked across.
        folded = rearrange(self.norm_time(places), "b (t s) d -> (b s) t d", t=frames)
        seen, in_time = both(self.time(folded, return_attention=return_attention))
        seen = rearrange(seen, "(b s) t d -> b (t s) d", b=len(tokens))
        places = places + self.time_dense(seen)

        copies = repeat(cls, "b 1 d -> (b t) 1 d", t=frames)
        folded = torch.cat([copies, rearrange(places, "b (t s) d -> (b t) s d", t=frames)], 1)
        seen, in_space = both(self.space(self.norm_space(folded), None, return_attention))
        cls = cls + reduce(seen[:, :1], "(b t) 1 d -> b 1 d", "mean", t=frames)
        places = places + rearrange(seen[:, 1:], "(b t) s d -> b (t s) d", t=frames)

        tokens = torch.cat([cls, places], 1)
        tokens = tokens + self.mlp(self.norm_mlp(tokens))
        return (tokens, (in_time, in_space)) if return_attention else tokens


class TimeSformer(nn.Module):
    """Patches, positions in space and in time, blocks, and a linear layer on CLS.

    Args:
        config: ``TIMESFORMER_B``, ``TINY``, or ``dataclasses.replace`` of one.
        num_classes: K.
    """

    def __init__(self, config: TimeSformerConfig, num_classes: int) -> None:
        super().__init__()
        self.config = config
        width, (frames, *places) = config.width, config.grid
        self.tubelets = Tubelets(config.tubelet, width, config.stem)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.space_positions = Positions((1, *places), width, True, config.position_std)
        self.time_positions = None
        if config.attention != "space":
            self.time_positions = Positions((frames, 1, 1), width, False, config.position_std)
        kind = Divided if config.attention == "divided" else Block
        self.blocks = nn.ModuleList(
            kind(width, config.heads, config.hidden) for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(width, EPS)
        self.head = nn.Linear(width, num_classes)
        initialise(self)
        if config.attention == "divided":
            # As published: at first only one block mixes frames, so that weights of a picture's
            # transformer begin nearly as what they were.
            for block in self.blocks[1:]:
                nn.init.zeros_(block.time_dense.weight)
                nn.init.zeros_(block.time_dense.bias)

    def forward(
        self, clips: torch.Tensor, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, tuple]:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``.

        T and S are the tokens along time and in a frame; tokens are CLS, then time-major.

        Args:
            clips: as large as ``config`` says.
            return_attention: a pair (scores, attentions) instead. Attentions are by block:
                "divided": pairs (time ``(B·S, heads, T, T)``, without CLS; space
                ``(B·T, heads, 1 + S, 1 + S)``). "joint": ``(B, heads, 1 + T·S, 1 + T·S)``.
                "space": ``(B·T, heads, 1 + S, 1 + S)``; its scores are the mean of the frames'.

        Raises:
            ValueError: not clips of three channels, or of another size.
        """
        config = self.config
        check_size(clips, config.frames, both_sides(config.size))
        how = {"frames": config.grid[0]} if config.attention == "divided" else {}
        tokens, attentions = through(self.blocks, self.embed(clips), return_attention, **how)
        scores = self.head(self.norm(tokens[:, 0]))
        if config.attention == "space":
            scores = reduce(scores, "(b t) k -> b k", "mean", t=config.grid[0])
        return (scores, tuple(attentions)) if return_attention else scores

    def embed(self, clips: torch.Tensor) -> torch.Tensor:
        """Tokens ``(B, 1 + T·S, D)``; for "space" each frame's by itself, ``(B·T, 1 + S, D)``."""
        frames = self.config.grid[0]
        tokens = rearrange(self.tubelets(clips), "b (t s) d -> (b t) s d", t=frames)
        tokens = torch.cat([self.cls.expand(len(tokens), -1, -1), tokens], 1)
        tokens = self.space_positions(tokens)
        if self.time_positions is None:
            return tokens
        tokens = rearrange(tokens, "(b t) s d -> b t s d", t=frames)
        cls = tokens[:, 0, :1]  # every frame's is the same
        places = rearrange(tokens[:, :, 1:], "b t s d -> b s t d")
        return torch.cat([cls, rearrange(self.time_positions(places), "b s t d -> b (t s) d")], 1)

    def resize(self, frames: int, size: int | tuple[int, int]) -> None:
        """Make the positions fit clips of another size; they are interpolated.

        They are new parameters: make an optimizer afterwards, not before.

        Raises:
            ValueError: not a whole number of tubelets.
        """
        config = replace(self.config, frames=frames, size=size)
        frames, *places = config.grid
        self.space_positions.resize((1, *places))
        if self.time_positions is not None:
            self.time_positions.resize((frames, 1, 1))
        self.config = config


def timesformer_b(num_classes: int = 400, attention: str = "divided") -> TimeSformer:
    """TimeSformer of 8 frames of 224 × 224: 121.57 million parameters with divided attention.

    Raises:
        ValueError: ``attention`` is none of ``ATTENTIONS``.
    """
    return TimeSformer(replace(TIMESFORMER_B, attention=attention), num_classes)
