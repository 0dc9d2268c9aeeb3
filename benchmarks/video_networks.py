"""The video networks of chapters 7, 8, 9 and 14 against their peers: same weights, one process.

Peers: pytorchvideo for the ResNet-50s, torchvision and pytorchvideo for MViT, transformers for the
other transformers, and for I3D the port piergiaj/pytorch-i3d, if its file ``pytorch_i3d.py`` is on
the path. Printed for each: the largest difference of the scores in eval mode over their spread; the
seconds of a forward pass in eval mode, and of forward and backward in training (in turn, medians);
and the bytes that training keeps in between, weights and the clip aside.
"""

import argparse
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from side_by_side import kept_bytes, medians, step
from torch import nn

from lecturekit.checkpoints import load_published
from lecturekit.models import PUBLISHED


@dataclass(frozen=True)
class Peer:
    """Another library's network.

    Attributes:
        clip: frames, rows, columns: sizes that no stride divides where a network takes any.
        make: builds it; its library may not be installed.
        call: scores ``(B, K)`` from the network and clips.
    """

    clip: tuple[int, int, int]
    make: Callable[[], nn.Module]
    call: Callable[[nn.Module, torch.Tensor], torch.Tensor] = lambda network, clips: network(clips)


def from_library(module: str, name: str, **options: object) -> nn.Module:
    """A network by the name of its class or function."""
    return getattr(importlib.import_module(module), name)(**options)


def from_transformers(family: str) -> nn.Module:
    """As its configuration is unless told, with a head for 400 classes."""
    library = importlib.import_module("transformers")
    config = getattr(library, f"{family}Config")(num_labels=400)
    return getattr(library, f"{family}ForVideoClassification")(config)


def mvit_of_pytorchvideo() -> nn.Module:
    """With the eps that torchvision has, and that the weights were trained with."""
    network = from_library("pytorchvideo.models.hub", "mvit_base_16x4", pretrained=False)
    for module in network.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = 1e-6
    return network


def resnet50(name: str, clip: tuple[int, int, int]) -> Peer:
    """One that takes clips alone."""
    return Peer(clip, partial(from_library, "pytorchvideo.models.hub", name, pretrained=False))


def transformer(family: str, frames: int) -> Peer:
    """One that takes the frames before the colours."""
    return Peer(
        (frames, 224, 224),
        partial(from_transformers, family),
        lambda network, clips: network(clips.transpose(1, 2)).logits,
    )


PEERS = {
    "c2d_r50": {"pytorchvideo": resnet50("c2d_r50", (8, 193, 227))},
    "i3d_r50": {"pytorchvideo": resnet50("i3d_r50", (8, 193, 227))},
    "slow_r50": {"pytorchvideo": resnet50("slow_r50", (8, 193, 227))},
    "slowfast_r50": {
        "pytorchvideo": Peer(
            (32, 193, 227),
            partial(from_library, "pytorchvideo.models.hub", "slowfast_r50", pretrained=False),
            lambda network, clips: network([clips[:, :, ::4], clips]),
        )
    },
    "i3d_inception": {
        "piergiaj": Peer(
            (17, 193, 227),
            partial(from_library, "pytorch_i3d", "InceptionI3d", num_classes=400),
            lambda network, clips: network(clips).flatten(2).mean(2),  # it leaves that to others
        )
    },
    "vivit_b": {"transformers": transformer("Vivit", 32)},
    "timesformer_b": {"transformers": transformer("Timesformer", 8)},
    "videomae_b": {"transformers": transformer("VideoMAE", 16)},
    "mvit_v1_b": {
        "torchvision": Peer(
            (16, 224, 224),
            # In training it would leave out blocks at random, which ours has not.
            partial(
                from_library,
                "torchvision.models.video",
                "mvit_v1_b",
                stochastic_depth_prob=0.0,
            ),
        ),
        "pytorchvideo": Peer((16, 224, 224), mvit_of_pytorchvideo),
    },
}
"""By our network, then by the format of its weights."""


class OnClips(nn.Module):
    """A peer that takes what ours takes; its norms made unequal."""

    def __init__(self, peer: Peer) -> None:
        super().__init__()
        self.network, self.call = peer.make(), peer.call
        for module in self.network.modules():
            if isinstance(module, (nn.BatchNorm3d, nn.LayerNorm)):
                nn.init.uniform_(module.weight, 0.5, 1)
            if isinstance(module, nn.BatchNorm3d):
                nn.init.uniform_(module.running_mean, -0.2, 0.2)
                nn.init.uniform_(module.running_var, 0.5, 1.5)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return self.call(self.network, clips)


def scores_of(model: nn.Module, clips: torch.Tensor) -> torch.Tensor:
    """As when a trained network is used."""
    with torch.no_grad():
        return model(clips)


def compare(name: str, format: str, repeats: int) -> None:
    """One line of the table."""
    torch.manual_seed(0)
    peer = PEERS[name][format]
    theirs, ours = OnClips(peer), PUBLISHED[name].make()
    load_published(ours, theirs.network.state_dict(), format)
    clips = torch.randn(1, 3, *peer.clip)
    models = {"ours": ours.eval(), "theirs": theirs.eval()}
    scores = {library: scores_of(model, clips) for library, model in models.items()}
    difference = (scores["ours"] - scores["theirs"]).abs().max() / max(1, scores["theirs"].std())
    # The pass just made was the first, which allocates.
    used = medians({k: partial(scores_of, model, clips) for k, model in models.items()}, repeats)
    kept = {
        library: kept_bytes(partial(model.train(), clips), model, [clips]) / 2**20
        for library, model in models.items()
    }
    steps = {library: partial(step, model, clips) for library, model in models.items()}
    medians(steps, 1)
    trained = medians(steps, repeats)
    pairs = ((used, "7.2f"), (trained, "7.2f"), (kept, "8.1f"))
    print(
        f"{name:13s} {format:12s} {'×'.join(map(str, peer.clip)):>10s} {difference:8.1e}",
        *(
            f"{pair['ours']:{form}} {pair['theirs']:{form}} {pair['ours'] / pair['theirs']:6.3f}"
            for pair, form in pairs
        ),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(PEERS), help=", ".join(PEERS))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads", file=sys.stderr)
    print(f"{'':38s}{'largest':>8s} {'forward in s':>22s} {'training step in s':>22s}"
          f" {'kept in MiB':>24s}")  # fmt: skip
    print(f"{'network':13s} {'peer':12s} {'clip':>10s} {'apart':>8s}"
          + f" {'ours':>7s} {'theirs':>7s} {'ratio':>6s}" * 2
          + f" {'ours':>8s} {'theirs':>8s} {'ratio':>6s}")  # fmt: skip
    for name in options.names:
        for format in PEERS[name]:
            try:
                compare(name, format, options.repeats)
            except ImportError as missing:
                print(f"{name:13s} {format:12s} nothing to compare with: {missing}")


if __name__ == "__main__":
    main()
