"""Checks of chapter 3, temporal fusion."""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import torch
from torch import nn

from lecturekit.exercises import Claim, Derivation, Exercise, Judgement, Misconception, Property
from lecturekit.exercises.values import as_torch, same

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


def _seeded_net(seed: int) -> nn.Module:
    """A picture network (N, 3, H, W) → (N, 4, h, w) that is not linear, and has no batch norm."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU()).double()


def _drawn_clips(shape: Sequence[int], seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


_NETS_AND_CLIPS = [
    (_seeded_net(0), _drawn_clips((2, 3, 5, 6, 8), 1)),
    (_seeded_net(1), _drawn_clips((3, 3, 4, 7, 6), 2)),
]


def _features(net: nn.Module, clips: Any, t: int) -> torch.Tensor:
    """What the net says of frame ``t`` of each clip, averaged over places: (B, F)."""
    return net(as_torch(clips)[:, :, t]).mean((2, 3))


FIRST_AND_LAST = Exercise(
    name="first_and_last",
    cases=_NETS_AND_CLIPS,
    library="torch",
    properties=[
        Property("shape (B, 2 F)", lambda got, net, x: got.shape == (len(x), 8)),
        Property(
            "the first F numbers are the first frame's features",
            lambda got, net, x: same(got[:, :4], _features(net, x, 0)),
        ),
        Property(
            "the other F are the last frame's",
            lambda got, net, x: same(got[:, 4:], _features(net, x, -1)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda net, x: (_features(net, x, 0) + _features(net, x, -1)) / 2,
            "you averaged the two, and so forgot which was first. Put them side by side.",
        ),
        Misconception(
            lambda net, x: torch.cat([_features(net, x, 0), _features(net, x, -1)]),
            "side by side means along the features, axis 1. You put them below each other, as if "
            "there were twice as many clips.",
        ),
        Misconception(
            lambda net, x: torch.cat([_features(net, x, -1), _features(net, x, 0)], 1),
            "the two halves are the other way round.",
        ),
        Misconception(
            lambda net, x: torch.cat([net(x[:, :, 0]), net(x[:, :, -1])], 1),
            "those are maps. As in all four families, average them over places: (B, F) a frame.",
        ),
        Misconception(
            lambda net, x: torch.stack([_features(net, x, 0), _features(net, x, -1)], 1),
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


BLIND_ACCURACY = Derivation(
    name="blind_accuracy",
    answer=(0.25, 0.425),
    statement="the reverse of a clip gets the same answer, so 25 of 100 are right there, and "
    "60 + 25 of all 200",
    slips=[
        (
            (0.6, 0.6),
            "the scores of a clip and of its reverse are the same, but the labels are not: what "
            "is right for one is wrong for the other.",
        ),
        (
            (0.4, 0.5),
            "what is not called 'sit down' is not yet called 'stand up': 15 clips are called "
            "something else, and that is wrong in both halves.",
        ),
        (
            (0.25, 0.5),
            "one half is the most that is possible. The 15 clips that are called something else "
            "are lost for both halves.",
        ),
        (
            (0.5, 0.55),
            "one half is a bound for the whole pair. How the 100 reversed clips are called is "
            "known: as the clips that they are the reverse of.",
        ),
        ((0.25, 0.85), "a share of all clips: divide by 200."),
        ((25, 42.5), "shares are asked for, from 0 to 1."),
        ((0.15, 0.375), "those 15 are called something else: they are right in neither half."),
        ((0.6, 0.425), "the whole is right. Which of the answers are right on the reversed clips?"),
    ],
)


_RNG = np.random.default_rng(0)
_SCORES = [
    (_RNG.normal(size=(40, 6)), _RNG.integers(0, 6, 40)),
    (_RNG.normal(size=(25, 12)).astype(np.float32), _RNG.integers(0, 12, 25)),
    (np.array([[5.0, 0, 0, 1], [5.0, 0, 1, 0]]), np.array([3, 2])),
    # A network that gives all classes one score has told nothing apart.
    (np.zeros((6, 4)), np.array([0, 1, 2, 3, 0, 2])),
]


def _own_and_partner(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(len(labels))
    return scores[rows, labels], scores[rows, labels ^ 1]


def _inside_pair(scores: np.ndarray, labels: np.ndarray) -> float:
    own, partner = _own_and_partner(scores, labels)
    return float(np.mean(own > partner))


def _ties_right(scores: np.ndarray, labels: np.ndarray) -> float:
    own, partner = _own_and_partner(scores, labels)
    return float(np.mean(own >= partner))


def _larger_of_two(scores: np.ndarray, labels: np.ndarray) -> float:
    pairs = scores.reshape(len(scores), -1, 2)[np.arange(len(labels)), labels // 2]
    return float(np.mean(pairs.argmax(1) == labels % 2))


def _of_those_found(scores: np.ndarray, labels: np.ndarray) -> float:
    answers = scores.argmax(1)
    found = answers // 2 == labels // 2
    return float((answers == labels).sum() / max(found.sum(), 1))


WITHIN_PAIR_ACCURACY = Exercise(
    name="within_pair_accuracy",
    cases=_SCORES,
    properties=[
        Property("a share from 0 to 1", lambda got, *_: 0 <= float(got) <= 1),
        Property(
            "a clip counts if its class scores higher than its partner",
            lambda got, scores, labels: abs(float(got) - _inside_pair(scores, labels)) < 1e-6,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda scores, labels: float((scores.argmax(1) == labels).mean()),
            "that is the usual accuracy, over all classes. Here only the pair's two compete.",
        ),
        Misconception(
            lambda scores, labels: float(
                (scores[np.arange(len(labels)), labels]
                 > scores[np.arange(len(labels)), (labels + 1) % scores.shape[1]]).mean()
            ),
            "you compared with the class that comes next. The pairs are (0, 1), (2, 3), …: the "
            "partner of 1 is 0.",
        ),
        Misconception(
            lambda scores, labels: float((scores.argmax(1) // 2 == labels // 2).mean()),
            "that asks whether the pair was found. The question is which of the two it was.",
        ),
        Misconception(
            _ties_right,
            "a tie tells nothing apart. With >=, a network that gives every class the same score "
            "would be right always.",
        ),
        Misconception(
            _larger_of_two,
            "argmax takes the first of two equal scores: a tie counts as right for every even "
            "label. It is to count as wrong.",
        ),
        Misconception(
            _of_those_found,
            "you left out the clips whose highest score lies outside the pair. Every clip counts; "
            "only the two scores are compared.",
        ),
        Misconception(
            lambda scores, labels: 1 - _ties_right(scores, labels),
            "that is the share of clips whose partner scores higher.",
        ),
    ],
)  # fmt: skip


def _mean(frames: np.ndarray) -> np.ndarray:
    return frames.mean(0)


def _largest(frames: np.ndarray) -> np.ndarray:
    return frames.max(0)


def _spread(frames: np.ndarray) -> np.ndarray:
    return frames.std(0)


def _last(frames: np.ndarray) -> np.ndarray:
    return frames[-1]


def _middle(frames: np.ndarray) -> np.ndarray:
    return frames[len(frames) // 2]


def _both_ways(frames: np.ndarray) -> np.ndarray:
    return abs(np.diff(frames, axis=0)).sum(0)


def _around(frames: np.ndarray) -> np.ndarray:
    return abs(frames - np.roll(frames, 1, axis=0)).mean(0)


def _half_difference(frames: np.ndarray) -> np.ndarray:
    return frames[: len(frames) // 2].mean(0) - frames[-(len(frames) // 2) :].mean(0)


def _blind_to_one(order: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """A pooling that this one order leaves as it is, with what repeating it gives, and no other."""

    def pool(frames: np.ndarray) -> np.ndarray:
        place, weights, total = np.arange(len(order)), np.arange(1, len(order) + 1), 0.0
        for _ in range(12):  # every order of four frames returns after 1, 2, 3 or 4 steps
            total = total + (weights @ frames[place]) ** 3
            place = place[list(order)]
        return total

    return pool


_BLIND = (_mean, _largest, _spread)
_NOT_BLIND = (_last, _middle, _both_ways, _around, _half_difference)
_FIVE, _FOUR = (np.random.default_rng(1).normal(size=(frames, 3)) for frames in (5, 4))


def _one_other_order(change: Callable[[np.ndarray], np.ndarray]) -> Callable[..., bool]:
    return lambda pool, frames: bool(np.allclose(pool(change(frames)), pool(frames)))


IS_ORDER_BLIND = Exercise(
    name="is_order_blind",
    library="numpy",
    cases=[(pool, _FIVE) for pool in (*_BLIND, *_NOT_BLIND)]
    # Whoever tries a single order is caught, whichever it is.
    + [(_blind_to_one(order), _FOUR) for order in list(permutations(range(4)))[1:]],
    properties=[
        Property("True or False", lambda got, *_: isinstance(got, bool | np.bool_)),
        Property(
            "True for the poolings that no new order of frames changes, and only for them",
            lambda got, pool, frames: bool(got) == (pool in _BLIND),
        ),
    ],
    misconceptions=[
        Misconception(
            _one_other_order(lambda frames: frames[::-1]),
            "you tried one other order, the reverse. The middle frame, and the sum of the changes, "
            "survive that and not a shuffle.",
        ),
        Misconception(
            _one_other_order(lambda frames: np.roll(frames, 1, 0)),
            "you rolled the frames. What compares each frame with the one before, around the "
            "circle, survives every roll and not a shuffle.",
        ),
        Misconception(
            _one_other_order(lambda frames: np.random.default_rng(0).permutation(frames)),
            "one shuffle is not enough: for each single order there is a pooling that survives "
            "it and is not blind. Try all of them; the clips are short.",
        ),
        Misconception(
            _one_other_order(lambda frames: frames[:, ::-1]),
            "you moved the features, not the frames. Frames are the first axis.",
        ),
        Misconception(
            lambda pool, frames: all(
                np.array_equal(pool(frames[list(order)]), pool(frames))
                for order in permutations(range(len(frames)))
            ),
            "a sum in another order may differ in its last digit: compare with np.allclose.",
        ),
        Misconception(
            _one_other_order(lambda frames: frames),
            "that is True for every pool: the frames in their own order always agree. All orders "
            "must, not one of them.",
        ),
    ],
)


def _mean_features(net: nn.Module, clips: Any) -> torch.Tensor:
    return torch.stack([_features(net, clips, t) for t in range(clips.shape[2])]).mean(0)


def _mixed_features(net: nn.Module, clips: Any) -> torch.Tensor:
    """The exercise's broken function: joined as (t b), cut as (b t)."""
    features = net(as_torch(clips).permute(2, 0, 1, 3, 4).flatten(0, 1)).mean((2, 3))
    return features.unflatten(0, (len(clips), -1)).mean(1)


LATE_FEATURES = Exercise(
    name="late_features",
    kind="debug",
    library="torch",
    cases=[
        (_seeded_net(0), _drawn_clips((1, 3, 4, 6, 8), 3)),
        *_NETS_AND_CLIPS,
        (_seeded_net(2), _drawn_clips((4, 3, 4, 5, 6), 4)),
    ],
    properties=[
        Property("shape (B, F)", lambda got, net, x: got.shape == (len(x), 4)),
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
    nets = [_seeded_net(seed) for seed in (5, 6, 7)]
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
    cases=[(_drawn_clips((3, frames, 4, 5), frames),) for frames in (4, 6)],
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


def _numbered_clips() -> list[tuple[np.ndarray, np.random.Generator]]:
    """Clips whose frames all differ, so that each can be recognised: (clips, generator)."""
    rng = np.random.default_rng(7)
    # Seeds whose first draws differ: a single draw for all clips does not come out the same twice.
    return [
        (rng.integers(0, 256, (240, frames, 3, 4, 3)).astype(np.uint8), np.random.default_rng(seed))
        for frames, seed in ((8, 2), (12, 1))
    ]


def _shown(got: np.ndarray, clips: np.ndarray) -> np.ndarray:
    """Which frame of its clip each frame is: (N, T), −1 where it is none."""
    found = (np.asarray(got)[:, :, None] == clips[:, None]).all((3, 4, 5))
    return np.where(found.any(2), found.argmax(2), -1)


def _goes_forward(got: np.ndarray, clips: np.ndarray, _: Any) -> bool:
    # Half of the frames in their order are enough, and one step back for a cut.
    steps = np.diff(_shown(got, clips), axis=1)
    enough = (steps > 0).sum(1) >= clips.shape[1] // 2 - 1
    return bool((enough & ((steps < 0).sum(1) <= 1)).all())


def _untellable(got: np.ndarray, clips: np.ndarray, _: Any) -> bool:
    # With 240 clips a share of one half is met to 0.13 in four standard deviations.
    from_first_half = _shown(got, clips) < clips.shape[1] // 2
    return bool((abs(from_first_half.mean(0) - 0.5) < 0.13).all())


def _first_half_first(got: np.ndarray, clips: np.ndarray, _: Any) -> bool:
    share = (_shown(got, clips) < clips.shape[1] // 2).mean(0)
    return bool(share[0] > 0.6 and share[-1] < 0.4)


def _each(change: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """``change(clip, rng)`` done to each clip."""
    return lambda clips, rng: np.stack([change(clip, rng) for clip in np.asarray(clips)])


FORGET_ORDER = Exercise(
    name="forget_order",
    kind="experiment",
    library="numpy",
    cases=_numbered_clips,
    properties=[
        Property("the shape of `clips`", lambda got, clips, _: got.shape == clips.shape),
        Property(
            "every frame is a frame of its clip, unchanged",
            lambda got, clips, _: (_shown(got, clips) >= 0).all(),
        ),
        Property("time goes forward, with at most one step back", _goes_forward),
        Property(
            "at every moment, a frame of the first half in about one half of the clips", _untellable
        ),
    ],
    misconceptions=[
        Misconception(
            lambda clips, rng: clips,
            "nothing has changed: the first half comes first in every clip.",
        ),
        Misconception(
            lambda clips, rng: 255 - clips,
            "some of your pictures are no frames of the clip. Only choose which one stands where.",
            symptom=lambda got, clips, _: (_shown(got, clips) < 0).any(),
        ),
        Misconception(
            _each(lambda clip, rng: clip[::-1] if rng.integers(2) else clip),
            "reversed, 'walk left' is 'walk right': that destroys the direction too.",
            symptom=lambda got, clips, _: (np.diff(_shown(got, clips)) < 0).all(1).any(),
        ),
        Misconception(
            _each(lambda clip, rng: clip[[rng.integers(len(clip))] * len(clip)]),
            "a still picture: the order is gone, and so is the direction.",
            symptom=lambda got, clips, _: (np.diff(_shown(got, clips)) == 0).all(),
        ),
        Misconception(
            _each(lambda clip, rng: rng.permutation(clip)),
            "time runs back more than once: a walk to the right then has steps to the left, and "
            "the direction is spoilt as well. Cut each clip once at most.",
            symptom=lambda got, clips, _: ((np.diff(_shown(got, clips)) < 0).sum(1) > 1).any(),
        ),
        Misconception(
            _each(lambda clip, rng: np.roll(clip, len(clip) // 2, 0)),
            "you always swap the halves. Then the order can still be read, under the other name.",
        ),
        Misconception(
            _each(lambda clip, rng: np.repeat(clip[: len(clip) // 2], 2, 0)),
            "the same half is shown in every clip: a jump means 'jump then wave', a wave the "
            "other. The order can be read from that.",
            symptom=lambda got, clips, _: np.ptp(_shown(got, clips) // (clips.shape[1] // 2)) == 0,
        ),
        Misconception(
            lambda clips, rng: np.roll(clips, rng.integers(2) * (clips.shape[1] // 2), 1),
            "one draw serves all clips. Draw anew for each.",
            symptom=lambda got, clips, _: np.ptp(_shown(got, clips), axis=0).max() == 0,
        ),
        Misconception(
            _each(lambda clip, rng: clip[(np.arange(len(clip)) - rng.integers(5)).clip(0)]),
            "most clips still begin in their first half and end in their second: the order is "
            "moved about, not destroyed.",
            symptom=_first_half_first,
        ),
    ],
)


CLAIMS = Judgement(
    name="claims",
    claims={
        "a": Claim(
            False,
            "it finds the speed pairs (the blocks of the confusion matrix) and cannot choose "
            "inside them.",
            "look at the confusion matrix of late fusion: is a fast wave called a walk, or a "
            "slow wave?",
        ),
        "b": Claim(
            False,
            "the bound holds for any weights, any width and any number of clips.",
            "what did the proof assume about the size of the network?",
        ),
        "c": Claim(
            False,
            "its accuracy in the order pair says that the order is there, in the channels of its "
            "first layer.",
            "read early fusion's accuracy in the order column.",
        ),
        "d": Claim(
            True,
            "attention over time adds about one point on Kinetics-400 and over twenty on "
            "Something-Something V2.",
            "compare what attention over time adds on each of the two data sets.",
        ),
        "e": Claim(
            False,
            "another world, other cues, other networks. (VMZ's table does speak about Kinetics, "
            "and it says so for one ResNet-18.)",
            "which clips was the table of this chapter measured on?",
        ),
        "f": Claim(
            True,
            "where every class differs in appearance, an order-blind network loses nothing by it.",
            "think of a data set in which one frame of each clip gives the class away.",
        ),
    },
)

EXERCISES = [
    STACK_FRAMES,
    FIRST_AND_LAST,
    FRAMES_SEEN,
    BLIND_ACCURACY,
    WITHIN_PAIR_ACCURACY,
    IS_ORDER_BLIND,
    LATE_FEATURES,
    AGREE_AND_DIFFER,
    FORGET_ORDER,
    CLAIMS,
]
