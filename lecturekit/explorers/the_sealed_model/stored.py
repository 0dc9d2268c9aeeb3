"""What the eight networks answered, as ``benchmarks/sealed.py`` stored it.

The weights of one network are stored too, the smallest: with them a test asks it again, and the
inflated one that is made of it.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lecturekit import checks, files
from lecturekit.explorers.the_sealed_model.networks import CLASSES, SUSPECTS, picture_network
from lecturekit.explorers.the_sealed_model.probing import BEFORE, PROBES, outcome

ASKED = (BEFORE, *PROBES)
"""What each network was asked about."""

_FOLDER = Path(__file__).parent
ANSWERS, WEIGHTS, ABOUT = (
    _FOLDER / name for name in ("answers.npz", "one_frame.npz", "about.json")
)


@dataclass(frozen=True)
class Stored:
    """Answers of ``SUSPECTS``, in their order, to N test clips.

    Attributes:
        answers: uint8 ``(networks, ASKED, N)``: the class of the highest score.
        labels: uint8 ``(N,)``.
        change: float32 ``(networks, PROBES)``: the largest change of a score, as a share of the
            network's largest score.
        apart: the same shape: how far apart two clips' scores are under the probe, as that share.

    Raises:
        TypeError, ValueError: arrays of other shapes, or a class that is none.
    """

    answers: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    change: NDArray[np.float32]
    apart: NDArray[np.float32]

    def __post_init__(self) -> None:
        clips = len(self.labels)
        checks.shape("answers", self.answers, f"{len(SUSPECTS)} {len(ASKED)} {clips}")
        for name in ("change", "apart"):
            checks.shape(name, getattr(self, name), f"{len(SUSPECTS)} {len(PROBES)}")
        for name in ("answers", "labels"):
            checks.integer(f"largest of {name}", int(getattr(self, name).max()), 0, CLASSES - 1)

    def outcomes(self) -> dict[str, dict[str, str]]:
        """Of each network, what its scores said of each probe: "same", "one" or "other"."""
        return {
            name: {
                probe: outcome(float(change), float(apart))
                for probe, change, apart in zip(PROBES, *numbers, strict=True)
            }
            for name, *numbers in zip(SUSPECTS, self.change, self.apart, strict=True)
        }


def in_half_precision(network: nn.Module) -> nn.Module:
    """The network with its numbers rounded to float16, as they are stored."""
    rounded = {
        name: value.half().to(value.dtype) if value.is_floating_point() else value
        for name, value in network.state_dict().items()
    }
    network.load_state_dict(rounded)
    return network


def save(stored: Stored, network: nn.Module, about: dict[str, Any], folder: Path = _FOLDER) -> None:
    """Write the answers, the weights of the picture network, and what they were made with."""
    weights = {
        name: value.numpy().astype(np.float16) for name, value in network.state_dict().items()
    }
    with files.written_whole(folder / WEIGHTS.name) as partial:
        np.savez_compressed(partial, **weights)
    with files.written_whole(folder / ANSWERS.name) as partial:
        np.savez_compressed(partial, **vars(stored))
    with files.written_whole(folder / ABOUT.name) as partial:
        partial.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


@cache
def load(folder: Path = _FOLDER) -> Stored:
    """The stored answers."""
    with np.load(folder / ANSWERS.name) as arrays:
        return Stored(**arrays)


def load_picture_network() -> nn.Module:
    """The trained 2D network behind "one frame" and "inflated", in eval mode."""
    network = picture_network()
    with np.load(WEIGHTS) as arrays:
        network.load_state_dict({name: torch.from_numpy(arrays[name]).float() for name in arrays})
    return network.eval()


def about() -> dict[str, Any]:
    """Date, settings, seeds and accuracies of the trainings."""
    return json.loads(ABOUT.read_text(encoding="utf-8"))
