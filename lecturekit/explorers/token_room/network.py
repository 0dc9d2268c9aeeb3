"""The token room's network: one set of weights, and six schemes of who may look at whom.

64 tokens, four moments of 4 × 4 places; four layers of four heads. A scheme is a mask for each
layer and head and nothing else, so whoever changes the scheme changes only who looks at whom.
``network.js`` computes the same. ``benchmarks/token_room.py`` trained it, a scheme drawn anew for
each batch, and wrote ``weights.npz`` and ``about.json`` (seed, settings, accuracy by scheme).

The schemes after Arnab et al., "ViViT", ICCV 2021, Sec. 3.3 (its models 1, which is "joint", to
4), and Bertasius et al., "Is Space-Time Attention All You Need for Video Understanding?", ICML
2021, Sec. 3 ("space", "joint", "divided"). There, a block of model 3 or of divided attention has
two attentions with weights of their own; here two layers stand for such a block. Model 2 there
makes one token of each moment before time is mixed; here its tokens stay, and average at the end.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lecturekit import checks
from lecturekit.models import attention
from lecturekit.puppets import ACTIONS

FRAMES, SIZE_PX, TUBELET = 16, 32, (4, 8, 8)
GRID = attention.grid_of(FRAMES, (SIZE_PX, SIZE_PX), TUBELET)
TOKENS = 64
WIDTH, HIDDEN, HEADS = 48, 96, 4

LOOKS = {
    "space": ("space", "space", "space", "space"),
    "joint": ("joint", "joint", "joint", "joint"),
    "model 2": ("space", "space", "space", "time"),
    "model 3": ("space", "time", "space", "time"),
    "model 4": ("halves", "halves", "halves", "halves"),
    "divided": ("time", "space", "time", "space"),
}
"""Of each scheme, layer by layer, where a token looks: at its moment ("space"), at its place in
all moments ("time"), at all ("joint"), or half of the heads in space and half in time."""

SCHEMES = tuple(LOOKS)
LAYERS = 4

_FOLDER = Path(__file__).parent
WEIGHTS, ABOUT = _FOLDER / "weights.npz", _FOLDER / "about.json"


class TokenNetwork(nn.Module):
    """Clips ``(B, 3, 16, 32, 32)`` to scores ``(B, 12)``, for the classes of the puppet world.

    Args:
        scheme: of ``SCHEMES``; it can be changed at any time.

    Raises:
        ValueError: there is no such scheme.
    """

    def __init__(self, scheme: str) -> None:
        super().__init__()
        self.scheme = checks.one_of("scheme", scheme, SCHEMES)
        self.embed = attention.Tubelets(TUBELET, WIDTH)
        # Of the spread of the tokens: a table of 0.02, as is usual, is drowned by them at first.
        self.positions = attention.Positions(GRID, WIDTH, cls=False, std=1.0)
        blocks = (attention.Block(WIDTH, HEADS, HIDDEN) for _ in range(LAYERS))
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(WIDTH, attention.EPS)
        self.head = nn.Linear(WIDTH, len(ACTIONS))
        attention.initialise(self)

    def forward(
        self,
        clips: torch.Tensor,
        keep: torch.Tensor | None = None,
        return_attention: bool = False,
    ) -> torch.Tensor | tuple[torch.Tensor, list[torch.Tensor]]:
        """Scores ``(B, 12)`` and, if asked for, of each layer ``(B, heads, N, N)``.

        Args:
            clips: as the puppet world gives them, around zero.
            keep: int64 ``(N,)``, the tokens that are there; all of them unless told. The others
                are taken out before the first layer: nobody sees them, no average counts them.
            return_attention: rows are queries, columns keys, both in the order of ``keep``.
        """
        keep = torch.arange(TOKENS) if keep is None else keep
        keep = keep.to(clips.device)
        tokens = self.positions(self.embed(clips))[:, keep]
        looks = masks(self.scheme).to(clips.device)[:, :, keep][..., keep]
        attentions = []
        for block, look in zip(self.blocks, looks, strict=True):
            tokens, weights = attention.both(block(tokens, look, return_attention))
            attentions.append(weights)
        scores = self.head(self.norm(tokens).mean(1))
        return (scores, attentions) if return_attention else scores


@cache
def masks(scheme: str) -> torch.Tensor:
    """Bool ``(layers, heads, 64, 64)``, True where a query (row) may look at a key (column)."""
    checks.one_of("scheme", scheme, SCHEMES)
    place = torch.arange(TOKENS)
    moment = place // (GRID[1] * GRID[2])
    place = place % (GRID[1] * GRID[2])
    space, time = (where[:, None] == where for where in (moment, place))
    kinds = {
        "space": space.expand(HEADS, -1, -1),
        "time": time.expand(HEADS, -1, -1),
        "joint": torch.ones_like(space).expand(HEADS, -1, -1),
        "halves": torch.stack([space] * (HEADS // 2) + [time] * (HEADS // 2)),
    }
    return torch.stack([kinds[kind] for kind in LOOKS[scheme]])


def load(scheme: str = "joint") -> TokenNetwork:
    """The trained network, ready to answer: in eval mode, its weights float32.

    Raises:
        ValueError: there is no such scheme.
    """
    network = TokenNetwork(scheme)
    arrays = {name: torch.from_numpy(array).float() for name, array in weights().items()}
    network.load_state_dict(arrays, strict=True)
    return network.eval()


@cache
def weights() -> dict[str, np.ndarray]:
    """The stored weights, float16, by name, in the order of the network's ``state_dict``."""
    with np.load(WEIGHTS) as file:
        return {name: file[name] for name in file.files}


@cache
def about() -> dict[str, object]:
    """How it was trained: seed and settings; its accuracy by scheme, of all clips and by cue."""
    return json.loads(ABOUT.read_text(encoding="utf-8"))
