"""Networks and clips that several checks draw."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from lecturekit.exercises.values import as_torch


def seeded_net(seed: int) -> nn.Module:
    """A picture network (N, 3, H, W) → (N, 5, h, w) that is not linear, and has no batch norm."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU()).double()


def drawn_clips(shape: Sequence[int], seed: int) -> torch.Tensor:
    """Noise as clips, in double precision: the same for the same seed."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


NETS_AND_CLIPS = [
    (seeded_net(0), drawn_clips((2, 3, 5, 6, 8), 1)),
    (seeded_net(1), drawn_clips((3, 3, 4, 7, 6), 2)),
]


def features(net: nn.Module, clips: Any, t: int) -> torch.Tensor:
    """What the net says of frame ``t`` of each clip, averaged over places: (B, F)."""
    return net(as_torch(clips)[:, :, t]).mean((2, 3))
