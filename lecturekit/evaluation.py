"""What a network answers on a data set, and how often it is right: in all, by class, by group.

Two steps, kept apart. :func:`outputs` runs a network over a data set and knows nothing of what its
numbers mean. :class:`Evaluation` knows: one class a clip. Another kind of answer (several labels a
clip, one for each frame, a sentence) is another class beside it, made from the same outputs and
named after what it measures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from lecturekit import runtime
from lecturekit.metrics import topk_accuracy


@dataclass(frozen=True)
class Evaluation:
    """A network's answers on a data set.

    Attributes:
        scores: float32 ``(N, K)``, before the softmax.
        labels: int64 ``(N,)``.
        classes: K names; "0", "1", … where the data set has none.
        groups: class → the group whose accuracy is wanted as well, such as the cue that tells a
            puppet's action from its partner's. Not every class needs a group.
    """

    scores: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    groups: Mapping[str, str]

    @property
    def accuracy(self) -> float:
        """Share of clips whose class has the highest score."""
        return topk_accuracy(self.scores, self.labels)

    @property
    def confusion(self) -> np.ndarray:
        """Counts ``(K, K)``: row, the true class; column, the predicted one."""
        counts = np.zeros((len(self.classes), len(self.classes)), np.int64)
        np.add.at(counts, (self.labels, self.scores.argmax(1)), 1)
        return counts

    @property
    def per_class(self) -> dict[str, float]:
        """Accuracy on the clips of each class that occurs."""
        occurring = [(i, name) for i, name in enumerate(self.classes) if (self.labels == i).any()]
        return {name: self._accuracy_where(self.labels == i) for i, name in occurring}

    @property
    def per_group(self) -> dict[str, float]:
        """Accuracy on the clips of each group of classes."""
        of_clip = np.array([self.groups.get(name, "") for name in self.classes])[self.labels]
        order = dict.fromkeys(self.groups.values())
        return {g: self._accuracy_where(of_clip == g) for g in order if (of_clip == g).any()}

    def _accuracy_where(self, which: np.ndarray) -> float:
        return topk_accuracy(self.scores[which], self.labels[which])


def evaluate(model: nn.Module, dataset: Dataset, *, batch_size: int = 64) -> Evaluation:
    """A network's scores on a data set, dropout off, where the network's parameters are.

    Args:
        model: takes clips ``(B, C, T, H, W)``, gives scores ``(B, K)``; left in the mode it was in.
        dataset: items (clip ``(C, T, H, W)``, label); with ``classes`` and ``groups``, or without.
        batch_size: clips at a time.

    Raises:
        ValueError: the data set is empty, or a label or the scores' shape does not fit.
    """
    if len(dataset) == 0:
        raise ValueError("dataset: expected at least one clip, got none")
    batches = outputs(model, dataset, batch_size)
    for step, (scores, labels) in enumerate(batches):
        check_scores(scores, labels, f"step {step}")
    scores, labels = (torch.cat(parts).numpy() for parts in zip(*batches, strict=True))
    classes = getattr(dataset, "classes", None) or map(str, range(scores.shape[1]))
    return Evaluation(scores, labels, tuple(classes), dict(getattr(dataset, "groups", {})))


def outputs(model: nn.Module, dataset: Dataset, batch_size: int) -> list[tuple[torch.Tensor, Any]]:
    """Batch by batch, what a network gives, float32 on the CPU, and what the data set holds."""
    device = next((p.device for p in model.parameters()), runtime.device())
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return [
                (model(clips.to(device)).float().cpu(), targets)
                for clips, targets in DataLoader(dataset, batch_size)
            ]
    finally:
        model.train(was_training)


def check_scores(scores: torch.Tensor, labels: torch.Tensor, where: str) -> None:
    """That a batch's scores are ``(B, K)`` and its labels are among the K."""
    if scores.ndim != 2 or len(scores) != len(labels):
        raise ValueError(
            f"{where}: expected scores of shape ({len(labels)}, classes) from the model, "
            f"got {tuple(scores.shape)}"
        )
    wrong = labels[(labels < 0) | (labels >= scores.shape[1])]
    if len(wrong):
        raise ValueError(
            f"{where}: expected labels from 0 to {scores.shape[1] - 1}, the model gives "
            f"{scores.shape[1]} scores; got label {wrong[0].item()}"
        )
