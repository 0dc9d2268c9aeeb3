"""The loop that trains: which gradients a step takes."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.exercises.values import as_torch, same

RATE, CLASSES = 0.5, 3


class Batches(list):
    """Pairs of clips and labels; a verdict shows them in short."""

    def __repr__(self) -> str:
        return f"{len(self)} batches of {len(self[0][1])} clips"


class SmallMemory(nn.Module):
    """Scores of clips (N, 2, 3, 4, 4) from a network that takes few clips at a time."""

    def __init__(self, most: int, seed: int) -> None:
        super().__init__()
        self.most = most
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.net = nn.Sequential(
                nn.Conv3d(2, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(16, CLASSES)
            ).double()

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores ``(N, CLASSES)``."""
        if len(clips) > self.most:
            raise MemoryError(f"{len(clips)} clips; the memory holds {self.most}")
        return self.net(clips)


def _drawn_batches(sizes: Iterable[int], seed: int) -> Batches:
    rng = torch.Generator().manual_seed(seed)
    return Batches(
        (
            torch.randn(size, 2, 3, 4, 4, generator=rng, dtype=torch.float64),
            torch.randint(CLASSES, (size,), generator=rng),
        )
        for size in sizes
    )


def _whole(net: SmallMemory, batches: Any, parts: int) -> torch.Tensor:
    """One step for each whole batch, the memory as large as it must be."""
    net.most = max(len(labels) for _, labels in batches)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    for clips, labels in as_torch(batches):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(clips), labels).backward()
        optimizer.step()
    return nn.utils.parameters_to_vector(net.parameters()).detach()


Share = Callable[[torch.Tensor, torch.Tensor, int], float]


def _trainer(
    *, clear: str = "batch", step: str = "batch", share: Share = lambda theirs, labels, parts: 1
) -> Callable[..., torch.Tensor]:
    """A student's loop: when gradients are cleared, when a step is taken, what a part counts.

    ``clear`` is "batch", "part" or "never"; ``step`` is "batch", "part" or "end".
    """

    def train(net: nn.Module, batches: Batches, parts: int) -> torch.Tensor:
        optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
        for clips, labels in batches:
            if clear == "batch":
                optimizer.zero_grad()
            for some, theirs in zip(clips.chunk(parts), labels.chunk(parts), strict=True):
                if clear == "part":
                    optimizer.zero_grad()
                loss = nn.functional.cross_entropy(net(some), theirs)
                (loss * share(theirs, labels, parts)).backward()
                if step == "part":
                    optimizer.step()
            if step == "batch":
                optimizer.step()
        if step == "end":
            optimizer.step()
        return nn.utils.parameters_to_vector(net.parameters()).detach()

    return train


def _share_of_batch(theirs: torch.Tensor, labels: torch.Tensor, parts: int) -> float:
    return len(theirs) / len(labels)


TRAIN_IN_PARTS = Exercise(
    name="train_in_parts",
    kind="debug",
    library="torch",
    cases=[
        (SmallMemory(6, 0), _drawn_batches((6, 6), 1), 1),
        (SmallMemory(4, 1), _drawn_batches((8, 8, 8), 2), 2),
        # 10 clips in 4 parts are 3, 3, 3 and 1.
        (SmallMemory(3, 2), _drawn_batches((10, 10), 3), 4),
    ],
    properties=[
        Property(
            "the weights of one step for each whole batch",
            lambda got, *case: same(got, _whole(*case)),
        ),
    ],
    misconceptions=[
        Misconception(
            _trainer(clear="part"),
            "the gradients are cleared before each part: the step sees those of the last part "
            "alone. Where must they be cleared, so that the parts add up?",
        ),
        Misconception(
            _trainer(clear="part", share=_share_of_batch),
            "a part counts as it should now. But the gradients are cleared before each part: the "
            "step sees those of the last part alone.",
        ),
        Misconception(
            _trainer(),
            "the parts add up now. But cross-entropy is an average: two averages of halves add up "
            "to twice the average of the whole.",
        ),
        Misconception(
            _trainer(share=lambda theirs, labels, parts: 1 / parts),
            "right where all parts are equally long. Ten clips in four parts are 3, 3, 3 and 1: "
            "how much does each part count?",
        ),
        Misconception(
            _trainer(clear="never"),
            "the gradients of the batches before are added as well. `backward` adds: when must the "
            "old gradients go, and when must they stay?",
        ),
        Misconception(
            _trainer(clear="never", share=_share_of_batch),
            "a part counts as it should now. But the gradients of the batches before are added as "
            "well: when must they go?",
        ),
        Misconception(
            _trainer(clear="part", step="part"),
            "that takes a step for each part: more steps than batches, each from a smaller batch. "
            "The step waits until every part has been through.",
        ),
        Misconception(
            _trainer(step="part", share=_share_of_batch),
            "a part counts as it should now. But the step must wait until every part of the batch "
            "has been through.",
        ),
        Misconception(
            _trainer(clear="never", step="end", share=_share_of_batch),
            "a part counts as it should. But that is one step for all batches together, at the "
            "end: each batch takes a step of its own.",
        ),
        Misconception(
            _trainer(clear="never", step="end"),
            "that is one step for all batches together, at the end: each batch takes a step of "
            "its own.",
        ),
        Misconception(
            lambda net, batches, parts: _trainer()(net, batches, 1),
            "the whole batch does not fit into the memory; that is why there are parts.",
        ),
    ],
)
