"""What every data set of this book is: tensors with labels, the labels' names, and their groups."""

from collections.abc import Mapping, Sequence

import torch
from torch.utils.data import Dataset


class Labelled(Dataset):
    """A data set of (tensor, label) that hands out one item, or a whole batch at once.

    A subclass says how its tensors are made, in :meth:`inputs`.

    Attributes:
        labels: int64 tensor ``(N,)``.
        classes: names by label.
        groups: class → the group whose accuracy is wanted as well.
    """

    def __init__(
        self, labels: torch.Tensor, classes: Sequence[str], groups: Mapping[str, str]
    ) -> None:
        self.labels, self.classes, self.groups = labels, tuple(classes), dict(groups)

    def inputs(self, indices: list[int]) -> Sequence[torch.Tensor]:
        """The tensors of these items."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[torch.Tensor, int]]:
        # What a DataLoader calls for a batch: a network's input is made for all of it in one go.
        indices = list(indices)
        return list(zip(self.inputs(indices), self.labels[indices].tolist(), strict=True))
