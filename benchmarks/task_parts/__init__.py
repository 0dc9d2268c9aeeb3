"""What the parts of chapter 10's benchmark share: films, windows of them, the trunk.

All settings here are the chapter's own, but for the number of test films, which is larger.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch import nn

from lecturekit import puppets, training
from lecturekit.labelled import Labelled
from lecturekit.models import heads
from lecturekit.puppets import PuppetVideo

ACTIONS = puppets.UNTRIMMED
"""What is looked for; label 5 is a window in which nothing happens."""
SIZE, FPS, WINDOW = 32, 8, 8
TRAIN, TEST = 200, 100
TIOUS = (0.3, 0.5, 0.7)


@cache
def films(split: str, number: int) -> list[PuppetVideo]:
    """Untrimmed films of 12 seconds."""
    return puppets.untrimmed_films(split, number, fps=FPS, size=SIZE)


def clips_of(some: Sequence[PuppetVideo]) -> torch.Tensor:
    """Clip tensors ``(N, 3, T, H, W)``."""
    return puppets.clip_tensor(np.stack([film.frames for film in some]))


def segments_of(film: PuppetVideo) -> list[tuple[int, float, float]]:
    """(label, start_sec, stop_sec) of what happens."""
    return [
        (ACTIONS.index(action), start / film.fps, stop / film.fps)
        for action, start, stop, _ in film.segments
    ]


def truths_of(some: Sequence[PuppetVideo]) -> list[tuple[int, int, float, float]]:
    """(video, label, start_sec, stop_sec), as `metrics.temporal_map` takes them."""
    return [(n, *segment) for n, film in enumerate(some) for segment in segments_of(film)]


class Windows(Labelled):
    """Windows of a second whose label nobody would dispute.

    A window has an action's label if three quarters of its frames or more show it, and the label
    behind the last where none does; others are left out. Of those without an action every second
    one is left out: there are more of them than of all actions.
    """

    def __init__(self, some: Sequence[PuppetVideo], stride: int = 4) -> None:
        found, labels = [], []
        for film in some:
            label_of = np.full(len(film.frames), len(ACTIONS))
            for segment in film.segments:
                label_of[segment.start_frames : segment.stop_frames] = ACTIONS.index(segment.action)
            for start in range(0, len(film.frames) - WINDOW + 1, stride):
                counts = np.bincount(label_of[start : start + WINDOW], minlength=len(ACTIONS) + 1)
                label = int(counts[:-1].argmax())
                if counts[-1] == WINDOW:
                    label = len(ACTIONS)
                    if start // stride % 2:
                        continue
                elif counts[label] < 0.75 * WINDOW:
                    continue
                found.append(film.frames[start : start + WINDOW])
                labels.append(label)
        super().__init__(torch.tensor(labels), (*ACTIONS, "nothing"), {})
        self._frames = np.stack(found)

    def inputs(self, indices: list[int]) -> torch.Tensor:
        """Clip tensors ``(N, 3, WINDOW, H, W)``."""
        return puppets.clip_tensor(self._frames[indices])


@cache
def network(seed: int) -> heads.OnTrunk:
    """The trunk, trained to tell windows apart; its head knows the actions and "nothing".

    A seed sets the first weights and the order of the windows; the films stay the same.
    """
    torch.manual_seed(seed)
    trunk = heads.Trunk()
    model = heads.OnTrunk(trunk, heads.ClassificationHead(trunk.channels, len(ACTIONS) + 1))
    model = model.to(memory_format=torch.channels_last_3d)
    training.fit(model, Windows(films("train", TRAIN)), epochs=4, max_lr=1e-2, seed=seed)
    return model.eval()


@torch.no_grad()
def features_of(trunk: nn.Module, some: Sequence[PuppetVideo]) -> torch.Tensor:
    """Frozen features of films of one length, averaged over places: ``(N, C, T', 1, 1)``."""
    trunk.eval()
    batches = [some[n : n + 20] for n in range(0, len(some), 20)]
    return torch.cat([trunk(clips_of(batch)).mean((3, 4), keepdim=True) for batch in batches])
