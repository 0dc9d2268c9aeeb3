"""What the families feed to a network, and which frames reach a unit."""

import numpy as np
import torch

from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.exercises.values import same

from .nets import NETS_AND_CLIPS, features

# Every element different and every axis of another length: a swapped axis is seen.
_CLIPS = [
    torch.arange(2 * 3 * 4 * 5 * 6, dtype=torch.float32).reshape(2, 3, 4, 5, 6),
    torch.arange(1 * 3 * 7 * 2 * 5, dtype=torch.float32).reshape(1, 3, 7, 2, 5),
]


STACK_FRAMES = Exercise(
    name="stack_frames",
    cases=[(clip,) for clip in _CLIPS],
    properties=[
        Property(
            "shape (B, T·C, H, W)",
            lambda got, x: got.shape == (len(x), x.shape[1] * x.shape[2], *x.shape[3:]),
        ),
        Property(
            "channel 3t + c is colour c of frame t",
            lambda got, x: all(
                np.array_equal(got[:, 3 * t + c], x[:, c, t])
                for t in range(x.shape[2])
                for c in range(3)
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda x: x.reshape(len(x), -1, *x.shape[3:]),
            "your channels lie in the order (c t): all frames of red, then of green, then of blue, "
            "as in early_fusion above. Asked for is frame by frame.",
        ),
        Misconception(
            lambda x: x.swapaxes(1, 2).reshape(-1, 3, *x.shape[3:]),
            "that makes every frame a picture of its own, which is late fusion's input.",
        ),
        Misconception(
            lambda x: x.swapaxes(1, 2),
            "the axes are in the right order, b t c h w, but there are still five: merge t and c.",
        ),
        Misconception(
            lambda x: np.asarray(x)[:, :, ::-1].swapaxes(1, 2).reshape(len(x), -1, *x.shape[3:]),
            "the last frame comes first: channels 0 to 2 are to be those of frame 0.",
        ),
    ],
)


FIRST_AND_LAST = Exercise(
    name="first_and_last",
    cases=NETS_AND_CLIPS,
    library="torch",
    properties=[
        Property("shape (B, 2 F)", lambda got, net, x: got.shape == (len(x), 10)),
        Property(
            "the first F numbers are the first frame's features",
            lambda got, net, x: same(got[:, :5], features(net, x, 0)),
        ),
        Property(
            "the other F are the last frame's",
            lambda got, net, x: same(got[:, 5:], features(net, x, -1)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda net, x: (features(net, x, 0) + features(net, x, -1)) / 2,
            "you averaged the two, and so forgot which was first. Put them side by side.",
        ),
        Misconception(
            lambda net, x: torch.cat([features(net, x, 0), features(net, x, -1)]),
            "side by side means along the features, axis 1. You put them below each other, as if "
            "there were twice as many clips.",
        ),
        Misconception(
            lambda net, x: torch.cat([features(net, x, -1), features(net, x, 0)], 1),
            "the two halves are the other way round.",
        ),
        Misconception(
            lambda net, x: torch.cat([net(x[:, :, 0]), net(x[:, :, -1])], 1),
            "those are maps. As in all four families, average them over places: (B, F) a frame.",
        ),
        Misconception(
            lambda net, x: torch.stack([features(net, x, 0), features(net, x, -1)], 1),
            "a stack has a new axis, (B, 2, F). Join the two along the one they have.",
        ),
        Misconception(
            lambda net, x: net(torch.cat([x[:, :, 0], x[:, :, -1]], 1)),
            "`net` takes pictures of three channels, (B, 3, H, W), and a frame of the clips is "
            "clips[:, :, t]. The frames meet only after the net.",
        ),
    ],
)


def _reach(kernels: list[int], strides: list[int]) -> int:
    """By tracing back: which inputs can one output of the last layer touch?"""
    reached = {0}
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        reached = {stride * i + k for i in reached for k in range(kernel)}
    return max(reached) - min(reached) + 1


def _grown(
    kernels: list[int],
    strides: list[int],
    *,
    own: bool = False,
    last: bool = False,
    minus: int = 1,
    start: int = 1,
) -> int:
    """The formula with one slip in it."""
    frames, step = start, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        before, step = step, stride if last else step * stride
        frames += (kernel - minus) * (step if own else before)
    return frames


FRAMES_SEEN = Exercise(
    name="frames_seen",
    kind="derive",
    cases=[
        ([3], [1]),
        ([3, 3], [1, 1]),
        ([3, 3, 3], [2, 2, 2]),
        ([5, 3, 1], [1, 2, 2]),
        ([1, 1], [1, 1]),
        ([3, 2, 3], [1, 2, 1]),
        ([3, 3, 3, 3], [2, 3, 1, 1]),
    ],
    properties=[
        Property(
            "one frame if no kernel is longer than one", lambda got, k, s: got == 1 or max(k) > 1
        ),
        Property(
            "as many frames as tracing back from one output finds",
            lambda got, k, s: got == _reach(k, s),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda k, s: sum(k) - len(k) + 1,
            "right while all strides are 1. After a stride of 2, one step is two frames wide.",
        ),
        Misconception(
            lambda k, s: sum(k), "neighbouring windows overlap: a layer adds k − 1, not k."
        ),
        Misconception(
            lambda k, s: int(np.prod(k)),
            "windows overlap. Only with a stride equal to the kernel do they multiply.",
        ),
        Misconception(
            lambda k, s: _grown(k, s, own=True),
            "a layer's own stride widens the steps of the layers after it, not its own window.",
        ),
        Misconception(
            lambda k, s: _grown(k, s, last=True),
            "the step is the product of all strides before the layer, not the last one alone.",
        ),
        Misconception(
            lambda k, s: _grown(k, s, minus=0),
            "the step is right, but a layer adds (k − 1) steps: its windows overlap.",
        ),
        Misconception(
            lambda k, s: _grown(k, s, start=0),
            "one frame too few: before any layer, a unit is a frame and sees itself.",
        ),
        Misconception(
            lambda k, s: _grown(k[::-1], s[::-1]),
            "you began with the last layer. Going forwards, the first layer's steps are one frame.",
        ),
    ],
)
