"""Trains the network that runs in the explorer "token room", and writes its weights.

One set of weights has to serve six schemes of who may look at whom. It learns the joint scheme
first, then all six, a scheme drawn for each batch: a trial with all from the start stayed at 0.67
of the clips (one run, 4,000 clips × 9, other first weights). In the second part tokens are left
out at random in some batches, so that a deleted token is nothing new to it.

What is written beside the weights is measured with the weights as written (float16), on test clips
of a seed that no setting was chosen on. It is one training: no ranking of the schemes follows.

    python benchmarks/token_room.py            # a few minutes on one core
"""

import argparse
import json

import numpy as np
import torch
from torch import nn

from lecturekit import evaluation, files, training
from lecturekit.explorers.token_room import network
from lecturekit.ops import count_parameters
from lecturekit.puppets import PuppetClips

CLIPS, TEST_CLIPS = 4000, 1200
JOINT = {"epochs": 6, "batch_size": 32, "max_lr": 2e-3}
ALL = {"epochs": 6, "batch_size": 32, "max_lr": 2e-3}
LEFT_OUT = {"share of batches": 0.3, "most tokens": 20}


class AnyScheme(nn.Module):
    """The network as it is trained: each batch draws a scheme, and some leave tokens out."""

    def __init__(self, room: network.TokenNetwork) -> None:
        super().__init__()
        self.room = room

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        self.room.scheme = network.SCHEMES[int(torch.randint(len(network.SCHEMES), ()))]
        keep = torch.arange(network.TOKENS)
        if torch.rand(()) < LEFT_OUT["share of batches"]:
            gone = int(torch.randint(1, LEFT_OUT["most tokens"] + 1, ()))
            keep = torch.randperm(network.TOKENS)[gone:].sort().values
        return self.room(clips, keep)


def trained(seed: int) -> tuple[network.TokenNetwork, float]:
    """The network, and how many seconds it took."""
    clips = PuppetClips("train", CLIPS, num_frames=network.FRAMES, size=network.SIZE_PX, seed=seed)
    torch.manual_seed(seed)
    room = network.TokenNetwork("joint")
    seconds = 0.0
    for model, how in ((room, JOINT), (AnyScheme(room), ALL)):
        result = training.fit(model, clips, seed=seed, **how)
        last = result.history[-1]
        print(
            f"loss {last.loss:.3f}, accuracy {last.accuracy:.3f}, {result.seconds:.0f} s",
            flush=True,
        )
        seconds += result.seconds
    return room, seconds


def measured(seed: int) -> dict[str, dict[str, float]]:
    """Accuracy of the stored weights, of all clips and by cue, for each scheme."""
    test = PuppetClips(
        "test", TEST_CLIPS, num_frames=network.FRAMES, size=network.SIZE_PX, seed=seed
    )
    found = {}
    for scheme in network.SCHEMES:
        result = evaluation.evaluate(network.load(scheme), test)
        numbers = {"all": result.accuracy, **result.per_group}
        found[scheme] = {name: round(number, 4) for name, number in numbers.items()}
        print(f"{scheme:8s}", found[scheme], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--test-seed", type=int, default=109)
    given = parser.parse_args()
    room, seconds = trained(given.seed)
    arrays = {name: value.cpu().numpy() for name, value in room.state_dict().items()}
    with files.written_whole(network.WEIGHTS) as partial:
        np.savez(partial, **{name: array.astype(np.float16) for name, array in arrays.items()})
    network.weights.cache_clear()
    about = {
        "script": "benchmarks/token_room.py",
        "weights": count_parameters(room),
        "seed": given.seed,
        "train clips": CLIPS,
        "joint first": JOINT,
        "then all schemes": ALL,
        "tokens left out": LEFT_OUT,
        "seconds": round(seconds),
        "test seed": given.test_seed,
        "test clips": TEST_CLIPS,
        "accuracy": measured(given.test_seed),
    }
    with files.written_whole(network.ABOUT) as partial:
        partial.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
