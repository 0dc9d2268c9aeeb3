"""What the parts of chapter 11's benchmark share: settings, one training, one network's answers.

All settings are the chapter's own.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from lecturekit import metrics, training
from lecturekit.data import Mapped
from lecturekit.models import fusion
from lecturekit.puppets import PuppetClips

SIZE, LONG, SHORT, CLASSES = 32, 32, 8, 12
TRAIN, TEST, VIEWS, EPOCHS, BATCH = 960, 600, 10, 6, 16
FIRSTS = np.linspace(0, LONG - SHORT, VIEWS).round().astype(int)
MIDDLE = 4


def settings(epochs: int, films: str) -> None:
    """Print what a run was made with."""
    recipe = f"AdamW, one cycle, {epochs} epochs, batches of {BATCH}"
    print(f"SlowFusion({CLASSES}, num_frames={SHORT}), {recipe}; {SIZE} px; {films}", flush=True)


def of_one_network() -> str:
    """The films behind `answers`, for `settings`."""
    return f"{TRAIN} films of {LONG} frames, {TEST} to test, {VIEWS} views from {FIRSTS.tolist()}"


def trained(clips: Dataset, seed: int, epochs: int) -> fusion.SlowFusion:
    torch.manual_seed(seed)
    model = fusion.SlowFusion(CLASSES, num_frames=SHORT)
    training.fit(model, clips, epochs=epochs, batch_size=BATCH, seed=seed)
    return model.cpu().eval()


@torch.inference_mode()
def scores_of(model: fusion.SlowFusion, clips: torch.Tensor) -> np.ndarray:
    return torch.cat([model(some) for some in clips.split(100)]).double().numpy()


def top_1(scores: np.ndarray, labels: np.ndarray) -> float:
    return 100 * metrics.topk_accuracy(scores, labels)


class Tested(NamedTuple):
    """Whole films ``(TEST, 3, LONG, H, W)``, their labels and the cue that tells each."""

    clips: torch.Tensor
    labels: np.ndarray
    cues: np.ndarray


@cache
def tested() -> Tested:
    films = PuppetClips("test", TEST, num_frames=LONG, size=SIZE)
    labels = films.labels.numpy()
    cues = np.array([films.groups[films.classes[label]] for label in labels])
    return Tested(films.inputs(list(range(TEST))), labels, cues)


@cache
def learned_from() -> PuppetClips:
    return PuppetClips("train", TRAIN, num_frames=LONG, size=SIZE)


@cache
def network(seed: int, still: bool = False) -> fusion.SlowFusion:
    """Trained on a clip from a random place of each film; on its first frame alone, held."""
    places = torch.Generator().manual_seed(seed)

    def somewhere(film: torch.Tensor) -> torch.Tensor:
        first = torch.randint(LONG - SHORT + 1, (1,), generator=places).item()
        return clip_at(film, first, still)

    return trained(Mapped(learned_from(), somewhere), seed, EPOCHS)


def clip_at(films: torch.Tensor, first: int, still: bool = False) -> torch.Tensor:
    """SHORT frames of films ``(…, 3, T, H, W)`` from this one on, or this one all the time."""
    frames = torch.arange(SHORT) * (not still) + first
    return films[..., frames, :, :]


@cache
def answers(seed: int) -> np.ndarray:
    """Of a network trained with this seed: logits ``(TEST, VIEWS, CLASSES)``."""
    films = tested().clips
    return np.stack([scores_of(network(seed), clip_at(films, first)) for first in FIRSTS], 1)


def of_views(views: np.ndarray, *which: int) -> np.ndarray:
    """The mean of these views' probabilities; of all, if none is named."""
    return metrics.multi_view(views[:, list(which) or slice(None)])


def spread(number: int) -> np.ndarray:
    """Which of the views are taken if only so many are: evenly, the first and last among them."""
    return np.linspace(0, VIEWS - 1, number).round().astype(int)
