"""The video networks of chapters 7 and 8 against their peers: same weights, one process.

Peers: pytorchvideo for the ResNet-50s, and for I3D the port piergiaj/pytorch-i3d, if its file
``pytorch_i3d.py`` is on the path. Printed for each: the largest difference of the scores in eval
mode over their spread, the seconds of forward and backward (in turn, medians), and the bytes kept
in between, weights and the clip aside.
"""

import argparse
import importlib
import sys
from collections.abc import Callable
from functools import partial

import torch
from side_by_side import kept_bytes, medians, step
from torch import nn

from lecturekit.checkpoints import load_published
from lecturekit.models import PUBLISHED

CLIPS = {
    "c2d_r50": (8, 193, 227),
    "i3d_r50": (8, 193, 227),
    "slow_r50": (8, 193, 227),
    "slowfast_r50": (32, 193, 227),
    "i3d_inception": (17, 193, 227),
}
"""Frames, rows, columns: sizes that no stride divides, nearly as large as in training."""


def peer(name: str) -> nn.Module:
    """The other library's network, on clips; its batch norms' statistics made unequal."""
    if name == "i3d_inception":
        network = importlib.import_module("pytorch_i3d").InceptionI3d(400)
    else:
        network = getattr(importlib.import_module("pytorchvideo.models.hub"), name)(
            pretrained=False
        )
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            nn.init.uniform_(module.weight, 0.5, 1)
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network


def on_clips(name: str, network: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    """What makes scores ``(B, K)`` of a clip with a peer."""
    if name == "slowfast_r50":
        return lambda clips: network([clips[:, :, ::4], clips])
    if name == "i3d_inception":
        return lambda clips: network(clips).flatten(2).mean(2)  # it leaves the mean to its caller
    return network


class Peer(nn.Module):
    """A peer that takes what ours takes."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.network = peer(name)
        self.call = on_clips(name, self.network)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return self.call(clips)


def compare(name: str, clips: torch.Tensor, repeats: int) -> None:
    """One line of the table."""
    torch.manual_seed(0)
    theirs, ours = Peer(name), PUBLISHED[name].make()
    load_published(ours, theirs.network.state_dict(), PUBLISHED[name].formats[0])
    models = {"ours": ours, "theirs": theirs}
    with torch.no_grad():
        scores = {library: model.eval()(clips) for library, model in models.items()}
    difference = (scores["ours"] - scores["theirs"]).abs().max() / max(1, scores["theirs"].std())
    kept = {
        library: kept_bytes(partial(model.train(), clips), model, [clips]) / 2**20
        for library, model in models.items()
    }
    steps = {library: partial(step, model, clips) for library, model in models.items()}
    medians(steps, 1)  # the first step allocates
    seconds = medians(steps, repeats)
    print(
        f"{name:14s} {'×'.join(map(str, clips.shape[2:])):>11s} {difference:9.1e}"
        f" {seconds['ours']:7.2f} s {seconds['theirs']:7.2f} s"
        f" {seconds['ours'] / seconds['theirs']:6.2f}"
        f" {kept['ours']:7.1f} MiB {kept['theirs']:7.1f} MiB {kept['ours'] / kept['theirs']:7.4f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(CLIPS), help=", ".join(CLIPS))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads", file=sys.stderr)
    print(f"{'':14s} {'clip':>11s} {'largest':>9s} {'ours':>9s} {'theirs':>9s} {'ratio':>6s}"
          f" {'ours':>11s} {'theirs':>11s} {'ratio':>7s}")  # fmt: skip
    for name in options.names:
        try:
            compare(name, torch.randn(1, 3, *CLIPS[name]), options.repeats)
        except ImportError as missing:
            print(f"{name:14s} nothing to compare with: {missing}")


if __name__ == "__main__":
    main()
