"""A data set seen through a function: mirrored, delayed, cut, with its halves swapped."""

from collections.abc import Callable

import torch

from lecturekit.labelled import Labelled


class Mapped(Labelled):
    """A data set whose tensors go through a function, anew each time they are shown.

    So a function that draws at random shows another version of a clip in each epoch.

    Args:
        dataset: what to change.
        function: takes the tensor of one item, gives the tensor shown instead.
        relabel: takes a label, gives the label shown instead, where the change makes one class
            another: mirrored, a walk to the left is a walk to the right. Called once an item.

    Attributes:
        labels: int64 tensor ``(N,)``, as shown.
        classes, groups: as of ``dataset``.

    >>> from lecturekit.puppets import PuppetClips
    >>> clips = PuppetClips("test", 4, num_frames=8, size=16)
    >>> last = Mapped(clips, lambda clip: clip[:, -2:])
    >>> tuple(last[0][0].shape)
    (3, 2, 16, 16)
    """

    def __init__(
        self,
        dataset: Labelled,
        function: Callable[[torch.Tensor], torch.Tensor],
        relabel: Callable[[int], int] = int,
    ) -> None:
        labels = torch.tensor([relabel(label) for label in dataset.labels.tolist()])
        super().__init__(labels, dataset.classes, dataset.groups)
        self._dataset, self._function = dataset, function

    def inputs(self, indices: list[int]) -> list[torch.Tensor]:
        """See :class:`lecturekit.labelled.Labelled`."""
        return [self._function(tensor) for tensor in self._dataset.inputs(indices)]
