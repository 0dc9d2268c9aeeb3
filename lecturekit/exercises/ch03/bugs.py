"""The mix-up of clips in a batch: to mend, and to hide."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.exercises.values import as_torch, same

from .nets import NETS_AND_CLIPS, drawn_clips, features, seeded_net


def _mean_features(net: nn.Module, clips: Any) -> torch.Tensor:
    return torch.stack([features(net, clips, t) for t in range(clips.shape[2])]).mean(0)


def _mixed_features(net: nn.Module, clips: Any) -> torch.Tensor:
    """The exercise's broken function: joined as (t b), cut as (b t)."""
    features = net(as_torch(clips).permute(2, 0, 1, 3, 4).flatten(0, 1)).mean((2, 3))
    return features.unflatten(0, (len(clips), -1)).mean(1)


LATE_FEATURES = Exercise(
    name="late_features",
    kind="debug",
    library="torch",
    cases=[
        (seeded_net(0), drawn_clips((1, 3, 4, 6, 8), 3)),
        *NETS_AND_CLIPS,
        (seeded_net(2), drawn_clips((4, 3, 4, 5, 6), 4)),
    ],
    properties=[
        Property("shape (B, F)", lambda got, net, x: got.shape == (len(x), 5)),
        Property(
            "each clip's features are the average over its own frames",
            lambda got, net, x: same(got, _mean_features(net, x)),
        ),
    ],
    misconceptions=[
        Misconception(
            _mixed_features,
            "in which order do the pictures lie, and in which order does the last line cut them? "
            "Both must say the same.",
        ),
        Misconception(
            lambda net, x: (
                net(x.permute(2, 0, 1, 3, 4).flatten(0, 1))
                .mean((2, 3))
                .unflatten(0, (-1, len(x)))
                .mean(1)
            ),
            "the cut is right now: (t b). So the first axis is time, and you averaged over clips.",
        ),
        Misconception(
            lambda net, x: (
                net(x.transpose(1, 2).flatten(0, 1)).mean((2, 3)).unflatten(0, (-1, len(x))).mean(0)
            ),
            "you changed both lines: now the pictures lie as (b t) and are cut as (t b).",
        ),
        Misconception(
            lambda net, x: (
                net(x.reshape(-1, *x.shape[1:2], *x.shape[3:]))
                .mean((2, 3))
                .unflatten(0, (len(x), -1))
                .mean(1)
            ),
            "that is bug 1: reshape moves no axis, and takes one colour of three frames for three "
            "colours of one.",
        ),
        Misconception(
            lambda net, x: (
                net(x.transpose(1, 2).flatten(0, 1)).mean((2, 3)).mean(0).expand(len(x), -1)
            ),
            "that averages over all clips: every clip gets the same features.",
        ),
        Misconception(
            lambda net, x: net(x.mean(2)).mean((2, 3)),
            "you averaged the frames before the net. The net is not linear: an average of pictures "
            "gives other features than the average of their features.",
        ),
    ],
)


def _agrees(clips: np.ndarray) -> bool:
    """Whether the broken function is right on this batch, whatever the net."""
    nets = [seeded_net(seed) for seed in (5, 6, 7)]
    clips = np.asarray(clips, np.float64)
    return all(same(_mixed_features(net, clips), _mean_features(net, clips)) for net in nets)


def _two_batches(got: Sequence[np.ndarray], clip: np.ndarray) -> bool:
    return len(got) == 2 and all(
        batch.shape == (2, *clip.shape) and same(batch[0], clip) for batch in got
    )


def _paired_with(*others: Callable[[np.ndarray], np.ndarray]) -> Callable[..., tuple]:
    return lambda clip: tuple(
        np.stack([np.asarray(clip), np.asarray(other(np.asarray(clip)))]) for other in others
    )


AGREE_AND_DIFFER = Exercise(
    name="agree_and_differ",
    kind="experiment",
    cases=[(drawn_clips((3, frames, 4, 5), frames),) for frames in (4, 6)],
    properties=[
        Property("two batches (2, 3, T, H, W), each with the clip in first place", _two_batches),
        Property(
            "on the first batch the broken function is right", lambda got, clip: _agrees(got[0])
        ),
        Property(
            "on the second batch it is wrong", lambda got, clip: not _agrees(got[1])
        ),
    ],
    misconceptions=[
        Misconception(
            _paired_with(lambda clip: clip, lambda clip: clip + 1),
            "two equal clips do not hide it: the first output averages the first half of both, and "
            "counts each of these frames twice. Which second clip brings the other half?",
            symptom=lambda got, clip: same(got[0][0], got[0][1]),
        ),
        Misconception(
            _paired_with(lambda clip: clip + 1, lambda clip: clip[:, ::-1]),
            "the two batches are the other way round: the one that hides the bug comes first.",
        ),
        Misconception(
            lambda clip: (clip[None], _paired_with(lambda c: c + 1)(clip)[0]),
            "one clip alone hides the bug, as the page shows. Find a batch of two that does.",
            symptom=lambda got, clip: len(got[0]) == 1,
        ),
        Misconception(
            _paired_with(lambda clip: 0 * clip, lambda clip: clip + 1),
            "each output is an average of half of the frames of both clips. Which second clip "
            "makes up for the missing half?",
        ),
        Misconception(
            _paired_with(lambda clip: np.roll(clip, 1, 1), lambda clip: clip + 1),
            "right: the same frames in another order. But not in any order: the first output takes "
            "the first half of both clips, and must find every frame once.",
        ),
        Misconception(
            _paired_with(lambda clip: clip[:, ::-1], lambda clip: clip[:, ::-1]),
            "the first batch is right. The second must show the bug: take a second clip that has "
            "other frames.",
        ),
    ],
)  # fmt: skip
