"""VideoMAE: hide most of a clip, rebuild it from the rest, keep the encoder.

After Tong et al., "VideoMAE", NeurIPS 2022. A clip is cut into N patches of a few frames each
(tubelets), those of the first frames first ("time-major"). In pretraining a mask hides most of
them: the encoder sees the others only, and a narrower decoder says what the hidden ones look like.
The classifier is the same encoder with all patches visible, their mean, and a linear layer.

Masks, and cutting clips into patches, are in `masking`.
"""

from dataclasses import dataclass, replace
from math import prod

import torch
from torch import nn
from torch.nn import functional

from lecturekit.models.attention import (
    EPS,
    Block,
    Grid,
    Tubelets,
    both_sides,
    check_size,
    grid_of,
    initialise,
    stretched,
    through,
)
from lecturekit.models.masking import checked, normalise, patches_of, take


@dataclass(frozen=True)
class VideoMAEConfig:
    """What is cut, and the sizes of encoder and decoder.

    Attributes:
        frames: per clip.
        size: rows and columns in pixels, or one number for both.
        tubelet: frames, rows and columns of a patch.
        width: numbers per token in the encoder.
        depth: its blocks.
        heads: of each attention.
        hidden: width inside each block's MLP.
        decoder_width, decoder_depth, decoder_heads, decoder_hidden: the same of the decoder.
        encoder_norm: a layer norm between encoder and decoder. The published files of the
            pretraining have one, transformers' class by itself has not.
        mean, std: per channel, with which the clips were normalised; the loss undoes it.
    """

    frames: int = 16
    size: int | tuple[int, int] = 224
    tubelet: Grid = (2, 16, 16)
    width: int = 768
    depth: int = 12
    heads: int = 12
    hidden: int = 3072
    decoder_width: int = 384
    decoder_depth: int = 4
    decoder_heads: int = 6
    decoder_hidden: int = 1536
    encoder_norm: bool = False
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    @property
    def grid(self) -> Grid:
        """Patches in time, rows and columns."""
        return grid_of(self.frames, both_sides(self.size), self.tubelet)

    @property
    def patches(self) -> int:
        """N, of a clip."""
        return prod(self.grid)

    @property
    def numbers(self) -> int:
        """Numbers in a patch."""
        return 3 * prod(self.tubelet)


VIDEOMAE_B = VideoMAEConfig()
"""The published ViT-B: 8 × 14 × 14 patches."""

TINY = VideoMAEConfig(
    size=32,
    tubelet=(2, 8, 8),
    width=64,
    depth=3,
    heads=4,
    hidden=128,
    decoder_width=32,
    decoder_depth=1,
    decoder_heads=4,
    decoder_hidden=64,
    mean=(0.45, 0.45, 0.45),
    std=(0.225, 0.225, 0.225),
)
"""For the puppets' clips, which have a mean and std of their own: 8 × 4 × 4 patches."""


def sinusoids(positions: int, width: int) -> torch.Tensor:
    """Waves of rising length, sine and cosine by turns: ``(positions, width)``.

    The position is the patch's number in the row of all N, as in the original: time, row and
    column have no waves of their own.
    """
    position = torch.arange(positions, dtype=torch.double)[:, None]
    pair = torch.arange(width) // 2
    angle = position / 10000 ** (2 * pair / width)
    return torch.where(torch.arange(width) % 2 == 0, angle.sin(), angle.cos()).float()


class Sinusoids(nn.Module):
    """Fixed positions: nothing to learn, nothing in a checkpoint.

    Args:
        grid: of patches.
        width: of the tokens.
    """

    def __init__(self, grid: Grid, width: int) -> None:
        super().__init__()
        self.grid = grid
        self.register_buffer("table", sinusoids(prod(grid), width), persistent=False)

    def resize(self, grid: Grid) -> None:
        """The same waves on another grid: between the known places each axis is interpolated."""
        table = sinusoids(prod(self.grid), self.table.shape[1])
        self.table = stretched(table, self.grid, grid).to(self.table)


class Encoder(nn.Module):
    """Clips to tokens: of all patches, or of the visible ones alone."""

    def __init__(self, config: VideoMAEConfig) -> None:
        super().__init__()
        self.config = config
        self.tubelets = Tubelets(config.tubelet, config.width)
        self.positions = Sinusoids(config.grid, config.width)
        self.blocks = nn.ModuleList(
            Block(config.width, config.heads, config.hidden, "qv") for _ in range(config.depth)
        )

    def forward(
        self, clips: torch.Tensor, mask: torch.Tensor | None = None, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, list[torch.Tensor]]:
        """Tokens ``(B, visible, width)`` of clips ``(B, 3, T, H, W)``, before any last norm.

        Args:
            clips: normalised.
            mask: ``(B, N)``. What it hides is taken out before the first block, and costs nothing.
            return_attention: the weights of each layer too, ``(B, heads, visible, visible)``.
        """
        check_size(clips, self.config.frames, both_sides(self.config.size))
        tokens = self.tubelets(clips) + self.positions.table
        if mask is not None:
            tokens = take(tokens, ~checked(mask, tokens))
        tokens, attentions = through(self.blocks, tokens, return_attention)
        return (tokens, attentions) if return_attention else tokens

    def resize(self, frames: int, size: int | tuple[int, int]) -> None:
        """Take clips of another length or size from now on; no weight changes."""
        config = replace(self.config, frames=frames, size=size)
        self.positions.resize(config.grid)
        self.config = config


class Decoder(nn.Module):
    """What the hidden patches are, told from the visible ones' tokens.

    Args:
        config: its ``decoder_`` fields.
        numbers: how many it says of each hidden patch.
    """

    def __init__(self, config: VideoMAEConfig, numbers: int) -> None:
        super().__init__()
        width = config.decoder_width
        self.narrow = nn.Linear(config.width, width, bias=False)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = Sinusoids(config.grid, width)
        self.blocks = nn.ModuleList(
            Block(width, config.decoder_heads, config.decoder_hidden, "qv")
            for _ in range(config.decoder_depth)
        )
        self.norm = nn.LayerNorm(width, EPS)
        self.head = nn.Linear(width, numbers)
        nn.init.trunc_normal_(self.mask_token, std=0.02)
        for layer in (self.narrow, self.head):
            nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Of each hidden patch so many numbers: ``(B, hidden, numbers)``.

        Args:
            tokens: of the visible patches, ``(B, visible, width)``.
            mask: ``(B, N)``.
        """
        positions = self.positions.table.expand(len(tokens), -1, -1)
        mask = checked(mask, positions)
        # The same token for all that is hidden: only its position says which patch is asked for.
        hidden = self.mask_token + take(positions, mask)
        visible = self.narrow(tokens) + take(positions, ~mask)
        tokens, _ = through(self.blocks, torch.cat([visible, hidden], 1), False)
        return self.head(self.norm(tokens[:, visible.shape[1] :]))


class VideoMAEPretrain(nn.Module):
    """Encoder and decoder, and how far the decoder is from the hidden patches."""

    def __init__(self, config: VideoMAEConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.norm = nn.LayerNorm(config.width, EPS) if config.encoder_norm else nn.Identity()
        self.decoder = Decoder(config, config.numbers)
        for name in ("mean", "std"):
            colour = torch.tensor(getattr(config, name)).view(3, 1, 1, 1)
            self.register_buffer(name, colour, persistent=False)
        initialise(self)

    def forward(self, clips: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The loss: the mean squared error on hidden patches, in normalised pixels.

        About 1 for who says 0 everywhere. What the clips look like where they are visible is
        neither asked for nor counted.

        Args:
            clips: ``(B, 3, T, H, W)``, normalised by the config's mean and std.
            mask: bool ``(B, N)``, True where hidden, equally many in each clip.

        Raises:
            ValueError: a mask of another type, length or batch, or with unequal counts; clips of
                another size.
        """
        rebuilt = self.rebuild(clips, mask)
        return functional.mse_loss(rebuilt, self.targets(clips, mask))

    def rebuild(self, clips: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What the network says of the hidden patches: ``(B, hidden, numbers)``, normalised.

        `fill` makes pictures of them.
        """
        return self.decoder(self.norm(self.encoder(clips, mask)), mask)

    def targets(self, clips: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What it should say: the true hidden patches, normalised."""
        patches = patches_of(self.pixels(clips), self.encoder.config.tubelet)
        return normalise(take(patches, checked(mask, patches)))[0]

    def pixels(self, clips: torch.Tensor) -> torch.Tensor:
        """Normalised clips as they were, between 0 and 1."""
        return clips * self.std + self.mean

    def resize(self, frames: int, size: int | tuple[int, int]) -> None:
        """Take clips of another length or size from now on; no weight changes."""
        self.encoder.resize(frames, size)
        self.decoder.positions.resize(self.encoder.config.grid)


class VideoMAE(nn.Module):
    """The classifier: all patches are visible, the tokens' mean is scored.

    After pretraining: ``model.encoder.load_state_dict(pretrain.encoder.state_dict())``.

    Args:
        config: its ``decoder_`` fields, ``encoder_norm``, ``mean`` and ``std`` play no part.
        num_classes: scores.
    """

    def __init__(self, config: VideoMAEConfig, num_classes: int) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.norm = nn.LayerNorm(config.width, EPS)
        self.head = nn.Linear(config.width, num_classes)
        initialise(self)

    def forward(
        self, clips: torch.Tensor, return_attention: bool = False
    ) -> torch.Tensor | tuple[torch.Tensor, list[torch.Tensor]]:
        """Scores ``(B, num_classes)`` of normalised clips ``(B, 3, T, H, W)``.

        With ``return_attention``, also one tensor per layer, ``(B, heads, N, N)``: row i says how
        the patch i shares out its attention, and sums to 1.
        """
        seen = self.encoder(clips, return_attention=return_attention)
        tokens, attentions = seen if return_attention else (seen, None)
        scores = self.head(self.norm(tokens.mean(1)))
        return (scores, attentions) if return_attention else scores

    def resize(self, frames: int, size: int | tuple[int, int]) -> None:
        """Take clips of another length or size from now on; no weight changes."""
        self.encoder.resize(frames, size)


def videomae_b(num_classes: int = 400) -> VideoMAE:
    """As published, for 16 frames of 224 × 224 pixels."""
    return VideoMAE(VIDEOMAE_B, num_classes)


def videomae_b_pretrain(encoder_norm: bool = False) -> VideoMAEPretrain:
    """As in transformers, or with the norm that its published files have (1,536 numbers more)."""
    return VideoMAEPretrain(replace(VIDEOMAE_B, encoder_norm=encoder_norm))
