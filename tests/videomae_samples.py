"""A small VideoMAE no two of whose sizes are alike, and clips and masks for one."""

import torch

from lecturekit.models.attention import both_sides
from lecturekit.models.masking import make_mask
from lecturekit.models.videomae import VideoMAEConfig

ODD = VideoMAEConfig(
    frames=6,
    size=(12, 20),
    tubelet=(2, 3, 5),
    width=24,
    depth=2,
    heads=3,
    hidden=40,
    decoder_width=16,
    decoder_depth=2,
    decoder_heads=2,
    decoder_hidden=20,
)
"""3 × 4 × 4 patches; no size is another's."""


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def clips_for(config, batch=2):
    return torch.randn(batch, 3, config.frames, *both_sides(config.size), generator=generator())


def mask_for(config, batch=2, kind="random", share=0.75):
    return make_mask(kind, batch, config.grid, share, generator())
