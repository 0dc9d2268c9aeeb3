"""The eight networks of "the sealed model", each known by what it cannot see.

Each is a network of this book, in a size that learns on a CPU; ``SUSPECTS`` says what it reads, and
which changes of a clip it cannot see, with any weights. ``tests/explorers`` tries that with random
weights, and on the answers that ``benchmarks/sealed.py`` stored of trained ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from einops import rearrange
from torch import nn

from lecturekit import flow, puppets
from lecturekit.models import fusion, inflation, slowfast, two_stream, vivit

FRAMES, SIZE_PX, CLASSES = 16, 32, len(puppets.ACTIONS)
_ALPHA = 4  # of Slow: frames 0, 4, 8 and 12
_EDGE_PX = 15
"""More than three rounds of Farnebäck's window of 7 px carry a fault, too little for a pyramid."""


@dataclass(frozen=True)
class Suspect:
    """One kind of network.

    Attributes:
        title: its name on the page.
        chapter: where it is built.
        section: of that chapter: where it is shown what the network can see.
        reads: what it takes from a clip, in a sentence.
        make: builds it untrained, for clips of ``FRAMES`` and ``SIZE_PX``.
        blind: the probes under which it gives the scores that it gave before, and why.
        one_answer: the probes under which it gives all clips the same scores, and why.
    """

    title: str
    chapter: int
    section: str
    reads: str
    make: Callable[[], nn.Module]
    blind: Mapping[str, str] = field(default_factory=dict)
    one_answer: Mapping[str, str] = field(default_factory=dict)


def picture_network() -> nn.Module:
    """A 2D network that takes one frame: chapter 3's backbone, an average, a linear layer."""
    return two_stream.Stream(two_stream.TINY, 3, CLASSES)


def one_frame() -> nn.Module:
    """The 2D network on the middle frame."""
    return two_stream.OneFrame(picture_network())


def inflated(network: nn.Module | None = None) -> nn.Module:
    """The 2D network inflated and not trained since: three equal taps, end frames repeated."""
    network = network or picture_network()
    layers = nn.Sequential(network.features, network.classifier)
    return inflation.inflate_network(layers, times=3, edges="repeat")


def flow_stacks(clips: torch.Tensor) -> torch.Tensor:
    """Flow of clips ``(B, 3, T, H, W)`` as stacks ``(B, 2 (T - 1), H, W)``, from -1 to 1.

    Chapter 6's stack, but for the border: between equal frames OpenCV's Farnebäck finds motion
    there, up to half a pixel in one of these clips. With the edges repeated, and what was added cut
    off again, it finds exactly none.
    """
    stacks = []
    for film in frames_of(clips):
        fields = np.stack([_field(a.tobytes(), b.tobytes(), a.shape) for a, b in pairwise(film)])
        fields -= np.median(fields, (1, 2), keepdims=True)  # the camera's motion
        stacks.append(flow.stack_flow(fields.clip(-1, 1)))
    return torch.from_numpy(np.stack(stacks)).to(clips)


@lru_cache(FRAMES)  # a clip that stands still has one pair of frames, 15 times
def _field(first: bytes, second: bytes, shape: tuple[int, ...]) -> np.ndarray:
    frames = (np.frombuffer(frame, np.uint8).reshape(shape) for frame in (first, second))
    edges = ((_EDGE_PX, _EDGE_PX), (_EDGE_PX, _EDGE_PX), (0, 0))
    field = flow.farneback(*(np.pad(frame, edges, "edge") for frame in frames), winsize=7)
    return field[_EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX]


def frames_of(clips: torch.Tensor) -> np.ndarray:
    """The frames that clip tensors were made of: uint8 ``(B, T, H, W, 3)``."""
    pixels = clips.cpu().mul(puppets.STD).add(puppets.MEAN).mul(255).round().clamp(0, 255)
    return rearrange(pixels, "b c t h w -> b t h w c").to(torch.uint8).numpy()


class FlowStream(nn.Module):
    """The temporal stream of a two-stream network, together with the flow that it reads."""

    def __init__(self, stream: nn.Module | None = None) -> None:
        super().__init__()
        self.stream = stream or two_stream.Stream(two_stream.TINY, 2 * (FRAMES - 1), CLASSES)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(B, K)`` of clips ``(B, 3, T, H, W)``."""
        return self.stream(flow_stacks(clips))


def _transformer(frames_in_a_token: int) -> nn.Module:
    tubelet = (frames_in_a_token, 16, 16)
    config = replace(vivit.TINY, tubelet=tubelet, positions=False)
    return vivit.ViViT(config, CLASSES)


_ORDERS = ("reverse", "shuffle", "double speed", "halves")
"""Probes that bring the clip's own frames into another order."""

_AVERAGE = "Proof: an average has no memory of order"
_LADDER = "The order ladder"

_MEAN = "the mean of its frames does not depend on their order"
_SET = "without positions attention sees a set, and each token lies in one frame"
_STILL = "between equal frames nothing moves: it reads zeros, whatever the picture"

SUSPECTS = {
    "one frame": Suspect(
        "One frame",
        3,
        _AVERAGE,
        "Reads frame 8, the middle one, and no other.",
        one_frame,
        blind={
            "freeze": "the frozen clip has the same frame 8",
            "held": "frame 8 is even and stays where it is",
        },
    ),
    "late fusion": Suspect(
        "Late fusion",
        3,
        _AVERAGE,
        "Reads each frame by itself, averages what it found, then scores the average.",
        lambda: fusion.LateFusion(CLASSES, FRAMES),
        blind={
            **dict.fromkeys(_ORDERS, _MEAN),
            "stills": "scores of a mean are the mean of the scores: it is the mean of its stills",
        },
    ),
    "3D CNN": Suspect(
        "3D CNN",
        4,
        "A kernel that sees change",
        "Slides learned kernels over space and time; each layer halves time.",
        lambda: fusion.SlowFusion(CLASSES, FRAMES),
    ),
    "flow stream": Suspect(
        "Flow stream",
        6,
        "What the temporal stream sees, and why",
        "Reads 15 fields of optical flow and no picture.",
        FlowStream,
        one_answer={"freeze": _STILL, "stills": _STILL},
    ),
    "inflated": Suspect(
        "Inflated 2D network",
        7,
        "The blindness theorem",
        "A 2D network whose kernels are repeated in time, three equal taps; not trained since.",
        inflated,
        blind={
            "reverse": "equal taps, stride 1 in time and an average at the end: the reversed clip "
            "shows its kernels the same frames"
        },
    ),
    "slow alone": Suspect(
        "Slow alone",
        8,
        "What one clock cannot see",
        "SlowFast’s slow pathway by itself: reads frames 0, 4, 8 and 12.",
        lambda: slowfast.SlowOnly(replace(slowfast.TINY, alpha=_ALPHA), CLASSES),
        blind={"held": "its frames 0, 4, 8 and 12 are even and stay where they are"},
    ),
    "tokens of one frame": Suspect(
        "Transformer, tokens of one frame",
        9,
        _LADDER,
        "All patches of all frames look at each other; none knows its time or place.",
        lambda: _transformer(1),
        blind=dict.fromkeys(_ORDERS, _SET),
    ),
    "tokens of two frames": Suspect(
        "Transformer, tokens of two frames",
        9,
        _LADDER,
        "The same, but a token holds its patch in two frames.",
        lambda: _transformer(2),
        blind={"halves": "four whole tokens change places with four, and none is changed"},
    ),
}
"""By name, in the order of the chapters."""
