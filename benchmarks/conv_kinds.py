"""2D, 3D and (2+1)D at equal parameters, and the kernels of the walkthrough, over several seeds.

Chapter 4 trains each network once; this says how far the runs spread, with the chapter's own
clips, sizes and epochs. Its intervals and its sentences about seeds come from here.
"""

import argparse

import numpy as np
import torch
from torch import nn

from lecturekit import ops, training
from lecturekit.models import convnets
from lecturekit.models.tiny import SmallConvNet
from lecturekit.puppets import PuppetClips

NAMES = ("walk left", "walk right", "sit down", "stand up", "jump then wave", "wave then jump")
# Name: the convolution, and the width that gives all three about 40,000 parameters.
KINDS = {
    "2D": (convnets.ConvSpace, 21),
    "3D": (convnets.Conv3d, 12),
    "(2+1)D": (convnets.Conv2Plus1d, 12),
}
PARTS = ("mean", "first difference", "second difference")


def make_walkthrough() -> nn.Sequential:
    """The lecture's network, for clips of 20 frames, 32 × 32 px."""
    return nn.Sequential(
        nn.Conv3d(3, 12, 3, padding=1), nn.ReLU(), nn.MaxPool3d(4),
        nn.Conv3d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool3d((2, 4, 4)),
        nn.Flatten(), nn.Linear(24 * 2 * 2 * 2, len(NAMES)),
    )  # fmt: skip


def energy_shares(weight: torch.Tensor) -> np.ndarray:
    """(3, F): shares of each kernel's energy in mean, first and second difference over time."""
    parts = torch.tensor([[1.0, 1, 1], [-1, 0, 1], [1, -2, 1]])
    parts /= parts.norm(dim=1, keepdim=True)
    energy = torch.einsum("pt,fcthw->pfchw", parts, weight).square().sum((2, 3, 4))
    return (energy / energy.sum(0)).numpy()


def compare_kinds(train: PuppetClips, test: PuppetClips, seeds: int, epochs: int) -> None:
    """Accuracy by cue, then what (2+1)D has more than 3D, seed by seed."""
    found: dict[str, list[dict[str, float]]] = {}
    for kind, (conv, width) in KINDS.items():
        found[kind] = []
        for seed in range(seeds):
            torch.manual_seed(seed)
            model = SmallConvNet(conv, width, len(NAMES))
            result = training.fit(model, train, test, epochs=epochs, seed=seed)
            found[kind].append(result.test.per_group)
        for cue in found[kind][0]:
            values = [row[cue] for row in found[kind]]
            print(
                f"{kind:7s}{ops.count_parameters(model):7,d} parameters  {cue:10s}"
                f" {spread(values)}  by seed {listed(values)}",
                flush=True,
            )
    for better, worse in (("3D", "2D"), ("(2+1)D", "3D")):
        for cue in found[better][0]:
            more = [a[cue] - b[cue] for a, b in zip(found[better], found[worse], strict=True)]
            print(f"{better} minus {worse:4s} {cue:10s} {spread(more)}  by seed {listed(more)}")


def read_kernels(train: PuppetClips, test: PuppetClips, seeds: int, epochs: int) -> None:
    """How the first layer's energy in time lies before and after training, seed by seed."""
    print("\nwalkthrough: accuracy, mean shares, and kernels with more than half in one part")
    rows, all_grown = [], []
    for seed in range(seeds):
        torch.manual_seed(seed)
        model = make_walkthrough().to(memory_format=torch.channels_last_3d)
        start = energy_shares(model[0].weight.detach().clone())
        result = training.fit(model, train, test, epochs=epochs, seed=seed)
        trained = energy_shares(model[0].weight.detach().cpu())
        all_grown.append((trained - start).mean(1))
        rows.append(result.test.accuracy)
        cues = " ".join(f"{cue} {value:.2f}" for cue, value in result.test.per_group.items())
        above = [f"{(s > 0.5).sum(1).tolist()}" for s in (start, trained)]
        print(
            f"seed {seed}: {rows[-1]:.2f} ({cues}), shares {listed(start.mean(1))} to "
            f"{listed(trained.mean(1))}, above half {above[0]} to {above[1]}, "
            f"spread of first difference {start[1].std():.3f} to {trained[1].std():.3f}",
            flush=True,
        )
    for part, grown in zip(PARTS, np.transpose(all_grown), strict=True):
        print(f"change of the mean share, {part:18s} {spread(grown)}")


def spread(values: list[float] | np.ndarray) -> str:
    """Mean, and the range over the seeds."""
    return f"{np.mean(values):+.3f} ({np.min(values):+.3f} … {np.max(values):+.3f})"


def listed(values: list[float] | np.ndarray) -> str:
    """Each value, in hundredths."""
    return " ".join(f"{value:+.2f}" for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    clips = {"num_frames": 20, "size": 32, "classes": NAMES}
    train, test = PuppetClips("train", 576, **clips), PuppetClips("test", 360, **clips)
    compare_kinds(train, test, options.seeds, epochs=8)
    read_kernels(train, test, options.seeds, epochs=4)


if __name__ == "__main__":
    main()
