"""Clips of listed films: which frames, decoded, made into a tensor, with what is to be answered."""

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch.utils.data import Dataset

from lecturekit import checks, sampling, video

from .records import Record

Sampler = Callable[[int, np.random.Generator], Iterable[int]]
"""From a number of frames, and a source of chance, to the indices of a clip's frames."""


@dataclass(frozen=True)
class RandomClip:
    """A sampler for training: a clip from anywhere in the film; a short film starts again."""

    num_frames: int
    stride: int

    def __call__(self, video_frames: int, generator: np.random.Generator) -> sampling.Indices:
        """Indices ``(num_frames,)``; the generator is drawn from once."""
        start = sampling.random_start(video_frames, self.num_frames, self.stride, generator)
        indices = sampling.strided_indices(self.num_frames, self.stride, start)
        return sampling.fit(indices, video_frames, "loop")


@dataclass(frozen=True)
class CenterClip:
    """A sampler for testing: the clip in the film's middle; a short film starts again."""

    num_frames: int
    stride: int

    def __call__(self, video_frames: int, generator: np.random.Generator) -> sampling.Indices:
        """Indices ``(num_frames,)``, always the same."""
        start = sampling.center_start(video_frames, self.num_frames, self.stride)
        indices = sampling.strided_indices(self.num_frames, self.stride, start)
        return sampling.fit(indices, video_frames, "loop")


def unit_clip(frames: np.ndarray) -> torch.Tensor:
    """Frames uint8 ``(T, H, W, 3)`` as a clip float32 ``(3, T, H, W)`` from 0 to 1."""
    return rearrange(torch.from_numpy(frames), "t h w c -> c t h w").float().div_(255)


_TINY_FRAMES = 1e-6
"""7/25 s at 25 frames per second is 7.000000000000001 frames: nobody meant an eighth."""


class BrokenFilm(video.VideoError):
    """A film, or the stretch of it that a record names, that does not decode."""


class ClipDataset(Dataset):
    """One clip of each record, decoded when it is asked for.

    An item is (clip, target). Which frames it shows depends on the seed, the epoch and the record's
    place in the list, and on nothing else: workers of a ``DataLoader`` give the same clips, however
    many they are. So does all that ``transform`` draws from torch's own generator.

    A film that does not decode is marked and left out of its batch: see ``broken``. Asked for by
    its index alone, it raises.

    Args:
        records: what a reader gave.
        sampler: takes the number of frames of the film, or of the record's stretch of it, and a
            ``numpy.random.Generator``; gives the indices of the clip's frames, counted from the
            stretch's first.
        transform: takes the frames, uint8 RGB ``(T, H, W, 3)``, gives the clip's tensor.
        target: takes a record, gives what a network is to answer. Unless told: of a label that is
            a number, the number; of a name, its place in ``classes``.
        seed: of all that is drawn.

    Attributes:
        records: as given.
        classes: the labels that occur, in order. Another list may lack some of them: hand both
            the same ``target`` where a network learns from one and is tested by the other.

    Raises:
        ValueError: a record has no single label, and ``target`` is not told.
    """

    def __init__(
        self,
        records: Sequence[Record],
        sampler: Sampler,
        transform: Callable[[np.ndarray], torch.Tensor] = unit_clip,
        *,
        target: Callable[[Record], Any] | None = None,
        seed: int = 0,
    ) -> None:
        self.records, self.seed = records, checks.integer("seed", seed, 0)
        self._sampler, self._transform, self._target = sampler, transform, target
        labels = {record.label for record in records}
        if target is None and None in labels:
            raise ValueError("target: expected a function of a record, as some have no label")
        self.classes = tuple(sorted(labels - {None}))
        self._place = {label: place for place, label in enumerate(self.classes)}
        # Memory that worker processes share: they learn of a new epoch, and tell what is broken.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        self._broken = torch.zeros(len(records), dtype=torch.bool).share_memory_()

    def set_epoch(self, epoch: int) -> None:
        """Draw other clips from here on: those of this epoch, at any time the same."""
        self._epoch.fill_(checks.integer("epoch", epoch, 0))

    @property
    def broken(self) -> tuple[Path, ...]:
        """The films of which a clip did not decode so far, in any worker, each once."""
        marked = zip(self.records, self._broken.tolist(), strict=True)
        return tuple(dict.fromkeys(record.path for record, broken in marked if broken))

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, Any]:
        index = range(len(self))[index]
        record = self.records[index]
        generator = np.random.default_rng([self.seed, int(self._epoch), index])
        try:
            frames = _read(record, self._sampler, generator)
        except BrokenFilm:
            self._broken[index] = True
            raise
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(int(generator.integers(2**62)))
            return self._transform(frames), self._answer(record)

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[torch.Tensor, Any]]:
        # What a DataLoader calls for a batch: the only place where a film can be left out.
        items = []
        for index in indices:
            with suppress(BrokenFilm):
                items.append(self[index])
        return items

    def _answer(self, record: Record) -> Any:
        if self._target is not None:
            return self._target(record)
        return record.label if isinstance(record.label, int) else self._place[record.label]


def _read(record: Record, sampler: Sampler, generator: np.random.Generator) -> np.ndarray:
    """The frames of one clip: uint8 ``(T, H, W, 3)``."""
    try:
        timing = video.timing(record.path)
    except (video.VideoError, OSError) as error:
        raise BrokenFilm(str(error)) from error
    first, stop = _stretch(record, *timing)
    indices = first + np.asarray(sampler(stop - first, generator))
    if indices.min() < first or indices.max() >= stop:
        raise ValueError(
            f"sampler: expected indices from 0 to {stop - first - 1}, "
            f"got {indices.min() - first} to {indices.max() - first}"
        )
    try:
        return video.read_frames(record.path, indices)
    except (video.VideoError, OSError) as error:
        raise BrokenFilm(str(error)) from error


def _stretch(record: Record, num_frames: int, fps: float) -> tuple[int, int]:
    """The record's frames, half open: those that are on screen between its times.

    Frame k is on screen from k / fps to (k + 1) / fps. Of a film of variable rate, fps is the mean.
    """
    first, stop = 0, num_frames
    if record.start_sec is not None:
        first = max(math.floor(record.start_sec * fps + _TINY_FRAMES), 0)
    if record.stop_sec is not None:
        stop = min(math.ceil(record.stop_sec * fps - _TINY_FRAMES), num_frames)
    if first >= stop:
        raise BrokenFilm(
            f"{record.path}: expected frames from {record.start_sec:g} to {record.stop_sec:g} s, "
            f"got a film of {num_frames / fps:g} s"
        )
    return first, stop
