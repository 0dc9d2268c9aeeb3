"""Clips in batches, decoded by worker processes while the network computes."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, default_collate

from lecturekit import checks

from .clips import ClipDataset


class ClipLoader:
    """Batches of clips and targets; which clips, and their order, no number of workers changes.

    A film that does not decode is left out of its batch, and a batch of nothing else is passed
    over; at the end of the epoch a warning counts those films, which ``dataset.broken`` names.

    Args:
        dataset: the clips.
        batch_size: records in a batch; the last has what is left over.
        num_workers: processes that decode, each in one thread; 0 decodes here, in several. They
            live as long as the loader: what each has learnt of a film serves the next epoch.
        shuffle: whether each epoch has an order of its own; else it is that of the records.
    """

    def __init__(
        self,
        dataset: ClipDataset,
        batch_size: int,
        *,
        num_workers: int = 0,
        shuffle: bool = False,
    ) -> None:
        self.dataset, self._shuffle = dataset, shuffle
        self._order = list(range(len(dataset)))
        self._batches = DataLoader(
            dataset,
            checks.integer("batch_size", batch_size, 1),
            sampler=self._order,
            num_workers=checks.integer("num_workers", num_workers, 0),
            persistent_workers=num_workers > 0,
            collate_fn=_collate,
            generator=torch.Generator(),  # else the caller's is drawn from
        )

    def epoch(self, number: int) -> Iterator[Any]:
        """One pass over the records: ``[clips, targets]`` for each batch."""
        self.dataset.set_epoch(number)
        if self._shuffle:
            generator = np.random.default_rng([self.dataset.seed, number])
            self._order[:] = generator.permutation(len(self._order)).tolist()
        for batch in self._batches:
            if batch is not None:
                yield batch
        if broken := self.dataset.broken:
            num_films = len({record.path for record in self.dataset.records})
            warnings.warn(
                f"{len(broken)} of {num_films} films did not decode, such as {broken[0]}",
                stacklevel=2,
            )


def _collate(items: list[tuple[torch.Tensor, Any]]) -> Any:
    return default_collate(items) if items else None
