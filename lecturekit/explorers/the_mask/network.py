"""The network that rebuilds what "the mask" shows: a tiny VideoMAE, trained ahead.

``benchmarks/the_mask.py`` trained it on puppets and on squares of real footage, kind and share of
the mask drawn anew for each batch, and wrote ``weights.npz`` and ``about.json``.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from lecturekit.models import videomae

CONFIG = replace(videomae.TINY, decoder_width=64, decoder_depth=2, decoder_hidden=128)
"""A decoder twice as wide and as deep as `videomae.TINY` has: pictures are what is asked of it."""

SHARES = (0.5, 0.75, 0.875)
"""Of the patches that are hidden; each a whole number of places, of patches and of steps."""

_FOLDER = Path(__file__).parent
WEIGHTS, ABOUT = _FOLDER / "weights.npz", _FOLDER / "about.json"


@cache
def load() -> videomae.VideoMAEPretrain:
    """The trained network, in eval mode."""
    model = videomae.VideoMAEPretrain(CONFIG)
    with np.load(WEIGHTS) as arrays:
        model.load_state_dict({name: torch.from_numpy(arrays[name]).float() for name in arrays})
    return model.eval()


def about() -> dict[str, object]:
    """Seed, steps, clips and loss of the training."""
    return json.loads(ABOUT.read_text(encoding="utf-8"))
