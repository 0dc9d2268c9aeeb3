"""Trains the eight networks of the explorer "the sealed model", and writes their answers.

Each network is trained once, with one seed, on the same puppet clips, and asked about the same test
clips, as they are and under each probe. What is stored are answers, and the weights of the smallest
network alone: the explorer shows which changes of a clip a network cannot see, and that follows
from how it is built. Accuracies are of single trainings; no ranking follows.

    python benchmarks/sealed.py            # some minutes on one core
"""

import argparse
import datetime
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset

from lecturekit import training
from lecturekit.explorers.the_sealed_model import networks, probing, stored
from lecturekit.ops import count_parameters
from lecturekit.puppets import CUES, PuppetClips

CLIPS, TEST_CLIPS = 1440, 240
TEST_SEED, SHUFFLE_SEED = 113, 0
BATCH = 32


class Recipe(NamedTuple):
    """How one network is trained."""

    epochs: int
    max_lr: float


CONVOLUTIONS = Recipe(6, 5e-3)
RECIPES = {
    "slow alone": Recipe(6, 1e-2),
    "tokens of one frame": Recipe(10, 2e-3),
    "tokens of two frames": Recipe(10, 2e-3),
}


def trained(name: str, train: PuppetClips, seed: int, made: dict[str, nn.Module]) -> nn.Module:
    """A suspect after its training; the inflated one is made of the one-frame network's weights."""
    if name == "inflated":
        return networks.inflated(made["one frame"].stream)
    torch.manual_seed(seed)
    network, clips = networks.SUSPECTS[name].make(), train
    learner = network
    if isinstance(network, networks.FlowStream):  # its flow is computed once, not in each epoch
        stacks = networks.flow_stacks(train.inputs(list(range(len(train)))))
        learner, clips = network.stream, TensorDataset(stacks, train.labels)
    recipe = RECIPES.get(name, CONVOLUTIONS)._asdict()
    training.fit(learner, clips, batch_size=BATCH, seed=seed, **recipe)
    return stored.in_half_precision(network) if name == "one frame" else network


def in_batches(network: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    """The network in eval mode, a batch at a time."""
    network.eval()
    return lambda clips: torch.cat([network(some) for some in clips.split(48)])


def figures_of(clips: PuppetClips) -> torch.Tensor:
    """Where the puppets are: bool ``(N, T, H, W)``."""
    return torch.from_numpy(np.stack([clips.figure(index) for index in range(len(clips))]))


def accuracies(answers: np.ndarray, test: PuppetClips) -> dict[str, float]:
    """Of all clips, and by cue."""
    right = answers == test.labels.numpy()
    cues = np.array([test.groups[test.classes[label]] for label in test.labels])
    found = {"all": right.mean(), **{cue: right[cues == cue].mean() for cue in CUES}}
    return {name: round(float(share), 4) for name, share in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--clips", type=int, default=CLIPS)
    parser.add_argument("--folder", type=Path, default=stored.ANSWERS.parent)
    given = parser.parse_args()
    options = {"num_frames": networks.FRAMES, "size": networks.SIZE_PX}
    train = PuppetClips("train", given.clips, seed=given.seed, **options)
    test = PuppetClips("test", TEST_CLIPS, seed=TEST_SEED, **options)
    clips, figures = test.inputs(list(range(len(test)))), figures_of(test)
    made, about, answers, numbers = {}, {}, [], []
    for name in networks.SUSPECTS:
        start = time.perf_counter()
        made[name] = trained(name, train, given.seed, made)
        seconds = time.perf_counter() - start
        scores = probing.all_scores(in_batches(made[name]), clips, figures, SHUFFLE_SEED)
        answers.append([scores[asked].argmax(1).numpy() for asked in stored.ASKED])
        numbers.append(list(probing.differences(scores).values()))
        recipe = None if name == "inflated" else RECIPES.get(name, CONVOLUTIONS)._asdict()
        about[name] = {
            "weights": count_parameters(made[name]),
            "trained": recipe or "as the 2D network of one frame",
            "seconds": round(seconds),
            "accuracy": accuracies(answers[-1][0], test),
        }
        print(f"{name:22s}", about[name], flush=True)
    change, apart = np.moveaxis(np.array(numbers, np.float32), -1, 0)
    found = stored.Stored(
        np.array(answers, np.uint8), test.labels.numpy().astype(np.uint8), change, apart
    )
    same = change < probing.ROUNDING
    about = {
        "script": "benchmarks/sealed.py",
        "date": datetime.date.today().isoformat(),
        "seed": given.seed,
        "train clips": given.clips,
        "batch": BATCH,
        "test seed": TEST_SEED,
        "test clips": TEST_CLIPS,
        "seed of shuffles": SHUFFLE_SEED,
        "largest change called rounding": float(f"{change[same].max():.2g}"),
        "smallest change not called so": float(f"{change[~same].min():.2g}"),
        "networks": about,
    }
    stored.save(found, made["one frame"].stream, about, given.folder)


if __name__ == "__main__":
    main()
