"""Trains the network whose rebuilt clips the explorer "the mask" shows, and writes its weights.

One network serves all masks: each batch draws a kind and a share. It learns from puppets and from
squares of real footage, none of which the explorer shows. It is one training, made to be looked at;
what masks leave to copy, and what pretraining is good for, `masked.py` measures over seeds.

    python benchmarks/the_mask.py            # some minutes on one core
"""

import argparse
import json
import time

import numpy as np
import torch
from masked_parts import Recipe, all_of, learn, real_clips, unlabelled

from lecturekit import files
from lecturekit.explorers.the_mask import network
from lecturekit.models.masking import MASKS, make_mask
from lecturekit.models.videomae import VideoMAEPretrain
from lecturekit.ops import count_parameters

STEPS, PEAK = 4000, 2e-3
REAL_CLIPS = 600  # of each film


def trained(seed: int, steps: int) -> tuple[VideoMAEPretrain, float]:
    """The network, and its loss over the last tenth of the steps."""
    clips = torch.cat([all_of(unlabelled()), *real_clips("train", REAL_CLIPS, seed).values()])
    torch.manual_seed(seed)
    model = VideoMAEPretrain(network.CONFIG)
    generator = torch.Generator().manual_seed(seed)

    def loss_of(model: VideoMAEPretrain, batch: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        kind, share = (
            choices[int(torch.randint(len(choices), (), generator=generator))]
            for choices in (MASKS, network.SHARES)
        )
        return model(batch, make_mask(kind, len(batch), network.CONFIG.grid, share, generator))

    # The recipe's own masks are not used: `loss_of` draws others.
    losses = learn(model, clips, Recipe("random", 0.75, steps, PEAK), seed, loss_of)
    return model.eval(), float(np.mean(losses[-steps // 10 :]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    start = time.perf_counter()
    model, loss = trained(given.seed, given.steps)
    arrays = {name: value.numpy().astype(np.float16) for name, value in model.state_dict().items()}
    with files.written_whole(network.WEIGHTS) as partial:
        np.savez(partial, **arrays)
    about = {
        "script": "benchmarks/the_mask.py",
        "weights": count_parameters(model),
        "seed": given.seed,
        "steps": given.steps,
        "batch": Recipe("random", 0.75, given.steps, PEAK).batch,
        "puppet clips": len(unlabelled()),
        "real clips": {"bikes": REAL_CLIPS, "carphone": REAL_CLIPS},
        "loss at the end": round(loss, 4),
        "seconds": round(time.perf_counter() - start),
    }
    with files.written_whole(network.ABOUT) as partial:
        partial.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(about, indent=1))


if __name__ == "__main__":
    main()
