"""What the parts of chapter 11's benchmark share: settings, one training, one network's answers.

All settings are the chapter's own.
"""

from functools import cache

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


@cache
def tested() -> tuple[torch.Tensor, np.ndarray]:
    """Whole films, and their labels."""
    films = PuppetClips("test", TEST, num_frames=LONG, size=SIZE)
    return films.inputs(list(range(TEST))), films.labels.numpy()


@cache
def learned_from() -> PuppetClips:
    return PuppetClips("train", TRAIN, num_frames=LONG, size=SIZE)


@cache
def answers(seed: int) -> np.ndarray:
    """Of a network trained with this seed: logits ``(TEST, VIEWS, CLASSES)``."""
    places = torch.Generator().manual_seed(seed)

    def somewhere(film: torch.Tensor) -> torch.Tensor:
        first = torch.randint(LONG - SHORT + 1, (1,), generator=places).item()
        return film[:, first : first + SHORT]

    model = trained(Mapped(learned_from(), somewhere), seed, EPOCHS)
    films = tested()[0]
    return np.stack([scores_of(model, films[:, :, f : f + SHORT]) for f in FIRSTS], 1)


def of_views(views: np.ndarray, *which: int) -> np.ndarray:
    """The mean of these views' probabilities; of all, if none is named."""
    return metrics.multi_view(views[:, list(which) or slice(None)])


def spread(number: int) -> np.ndarray:
    """Which of the views are taken if only so many are: evenly, the first and last among them."""
    return np.linspace(0, VIEWS - 1, number).round().astype(int)
