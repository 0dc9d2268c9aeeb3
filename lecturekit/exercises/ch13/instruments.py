"""A judge of blindness to be built, and a mirror to be mended."""

import copy
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from lecturekit.exercises import Exercise, Misconception, Property, same
from lecturekit.models import fusion

Change = Callable[[torch.Tensor], torch.Tensor]


def backwards(clips: torch.Tensor) -> torch.Tensor:
    """The last frame first."""
    return clips.flip(2)


def frozen(clips: torch.Tensor) -> torch.Tensor:
    """The middle frame, as often as there are frames."""
    return clips[:, :, [clips.shape[2] // 2]].expand_as(clips)


def sides_changed(clips: torch.Tensor) -> torch.Tensor:
    """Left for right."""
    return clips.flip(4)


class Louder(nn.Module):
    """A network whose scores are multiplied by a number."""

    def __init__(self, network: nn.Module, factor: float) -> None:
        super().__init__()
        self.network, self.factor = network, factor

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores of clips."""
        return self.factor * self.network(clips)


@lru_cache(maxsize=1)
def _judged() -> list[tuple[nn.Module, Change, torch.Tensor]]:
    """Blind and not; scores that are large, tiny, hardly moved; one network left in training."""
    with torch.random.fork_rng():
        torch.manual_seed(13)
        clips = torch.randn(6, 3, 16, 16, 16)
        late, conv = fusion.LateFusion(5).eval(), fusion.SlowFusion(5).eval()
        single = fusion.SingleFrame(5).train()
    return [
        (late, backwards, clips),
        (Louder(late, 1e6).eval(), backwards, clips),
        (Louder(conv, 1e-6).eval(), backwards, clips),
        (_Certain(conv).eval(), backwards, clips),
        (single, frozen, clips),
        (late, sides_changed, clips),
    ]


class _Certain(nn.Module):
    """A network whose first class is far ahead, always."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("lead", torch.tensor([10.0, 0, 0, 0, 0]))

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores of clips."""
        return self.network(clips) + self.lead


def _scores(
    network: nn.Module, change: Change, clips: Any, *, mode: str = "eval", double: bool = True
) -> tuple[torch.Tensor, torch.Tensor]:
    """Before and after, by a copy."""
    network, clips = copy.deepcopy(network), torch.as_tensor(clips)
    if mode == "eval":
        network.eval()
    if double:
        network, clips = network.double(), clips.double()
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        return network(clips), network(change(clips))


def _right(network: nn.Module, change: Change, clips: Any) -> bool:
    before, after = _scores(network, change, clips)
    return bool((after - before).abs().max() <= 1e-9 * before.abs().max())


def _by_answers(network: nn.Module, change: Change, clips: Any) -> bool:
    before, after = _scores(network, change, clips)
    return bool((before.argmax(1) == after.argmax(1)).all())


def _to_the_bit(network: nn.Module, change: Change, clips: Any) -> bool:
    return torch.equal(*_scores(network, change, clips, double=False))


def _absolute(network: nn.Module, change: Change, clips: Any) -> bool:
    before, after = _scores(network, change, clips, double=False)
    return bool((after - before).abs().max() < 1e-5)


def _as_it_stands(network: nn.Module, change: Change, clips: Any) -> bool:
    before, after = _scores(network, change, clips, mode="as it is", double=False)
    return bool((after - before).abs().max() <= 1e-5 * before.abs().max())


CANNOT_SEE = Exercise(
    name="cannot_see",
    cases=_judged,
    library="torch",
    properties=[
        Property(
            "True or False",
            lambda got, *_: np.shape(got) == () and np.asarray(got).dtype == bool,
        ),
        Property(
            "True where the scores stay the same but for rounding, False where they do not",
            lambda got, *case: bool(got) == _right(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            _by_answers,
            "you compare answers. A network that is very sure of one class keeps it, whatever it "
            "sees: compare its scores.",
        ),
        Misconception(
            _to_the_bit,
            "you compare to the last bit. A sum in another order is rounded in another way, and "
            "that is no sight.",
        ),
        Misconception(
            _absolute,
            "your limit is one number for all networks. Scores may be a million or a millionth: "
            "measure the change against their size.",
        ),
        Misconception(
            _as_it_stands,
            "one of the networks is in training mode, where it draws its frame at random. Its "
            "answers differ by themselves.",
        ),
        Misconception(
            lambda *case: not _right(*case),
            "the other way round: True where it *cannot* see the change.",
        ),
    ],
)


Labelled = tuple[torch.Tensor, torch.Tensor]


def _films() -> list[tuple[torch.Tensor, torch.Tensor, list[tuple[int, int]]]]:
    draws = torch.Generator().manual_seed(5)
    return [
        (torch.randn(6, 3, 2, 4, 5, generator=draws), torch.tensor([2, 3, 0, 1, 3, 2]), [(2, 3)]),
        (
            torch.randn(7, 3, 3, 5, 4, generator=draws),
            torch.tensor([4, 0, 5, 1, 3, 4, 2]),
            [(0, 1), (5, 4)],
        ),
        (torch.randn(2, 3, 1, 2, 2, generator=draws), torch.tensor([7, 8]), []),
    ]


def _swapped(labels: Any, pairs: list[tuple[int, int]]) -> torch.Tensor:
    labels = torch.as_tensor(labels)
    new = labels.clone()
    for a, b in pairs:
        new[labels == a], new[labels == b] = b, a
    return new


def _one_by_one(labels: torch.Tensor, pairs: list[tuple[int, int]]) -> torch.Tensor:
    new = labels.clone()
    for a, b in pairs:
        new[new == a] = b
        new[new == b] = a
    return new


def _one_way(labels: torch.Tensor, pairs: list[tuple[int, int]]) -> torch.Tensor:
    new = labels.clone()
    for a, b in pairs:
        new[labels == a] = b
    return new


MIRRORED = Exercise(
    name="mirrored",
    kind="debug",
    cases=_films,
    library="torch",
    properties=[
        Property("clips and labels: two tensors", lambda got, *_: len(got) == 2),
        Property(
            "clips with left and right exchanged",
            lambda got, clips, *_: same(got[0], np.flip(clips, 4)),
        ),
        Property(
            "labels with the two of each pair exchanged, all others as they are",
            lambda got, _, labels, pairs: same(got[1], _swapped(labels, pairs)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda clips, labels, pairs: (clips.flip(3), _one_by_one(labels, pairs)),
            "the code as it was. Which axis of `b c t h w` goes from left to right? And what is "
            "left of the labels `a` after the first of the two lines in the loop?",
        ),
        Misconception(
            lambda clips, labels, pairs: (clips.flip(4), _one_by_one(labels, pairs)),
            "the clips are right. The second line in the loop also catches what the first one has "
            "just made `b`: both classes end as `a`.",
        ),
        Misconception(
            lambda clips, labels, pairs: (clips.flip(3), _swapped(labels, pairs)),
            "the labels are right. The clips stand on their heads: rows are turned round, not "
            "columns.",
        ),
        Misconception(
            lambda clips, labels, pairs: (clips.flip(2), _swapped(labels, pairs)),
            "the labels are right. The clips run backwards: that is the axis of time.",
        ),
        Misconception(
            lambda clips, labels, pairs: (clips.flip(4), _one_way(labels, pairs)),
            "the clips are right. `a` becomes `b`, and `b` should become `a` as well.",
        ),
        Misconception(
            lambda clips, labels, pairs: (clips.flip(4), labels),
            "the clips are right. A mirrored walk to the left *is* a walk to the right: the labels "
            "change with it.",
        ),
    ],
)
