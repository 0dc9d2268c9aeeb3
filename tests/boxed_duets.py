"""Films of two puppets and a network with made-up weights: no training, always the same."""

from functools import cache

import torch

from lecturekit import puppets
from lecturekit.models import heads, roi

CLASSES = ("hold", "balloon", "walk", "left", "right", "wave", "slowly", "fast")


@cache
def films(swap=False, size=32):
    """Three films as they are or with the two puppets' actions exchanged."""
    return tuple(puppets.duets("test", 3, size=size, seed=1, actions=puppets.UNTRIMMED, swap=swap))


@cache
def network():
    """Trunk and two heads, with weights large enough that every box has its own scores."""
    torch.manual_seed(0)
    trunk = heads.Trunk()
    boxed = roi.RoIHead(48, len(CLASSES), start_px=trunk.start[1], jump_px=trunk.jump[1])
    pooled = heads.ClassificationHead(48, len(CLASSES))
    with torch.no_grad():
        for head in (boxed, pooled):
            head.linear.weight *= 20
    return trunk, boxed, pooled
