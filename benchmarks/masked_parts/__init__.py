"""What the parts of the benchmark share: clips, learning from masked ones, a probe, a copy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import torch
from einops import rearrange
from torch import nn
from torch.nn import functional

from lecturekit import assets, evaluation, puppets, video
from lecturekit.data import Mapped
from lecturekit.labelled import Labelled
from lecturekit.models.masking import make_mask
from lecturekit.puppets import PuppetClips

SIZE, FRAMES = 32, 16
# Clips without labels, of a seed that no labelled clips have; and clips to test on.
UNLABELLED, UNLABELLED_SEED, TEST = 4000, 1000, 600
CLASSES = tuple(puppets.ACTIONS)


# Clips


@cache
def unlabelled() -> PuppetClips:
    return PuppetClips("train", UNLABELLED, size=SIZE, seed=UNLABELLED_SEED)


@cache
def test_clips() -> PuppetClips:
    return PuppetClips("test", TEST, size=SIZE)


def all_of(data: PuppetClips) -> torch.Tensor:
    return data.inputs(list(range(len(data))))


def real_clips(split: str, number: int, seed: int = 0) -> dict[str, torch.Tensor]:
    """Squares cut at random from real footage, ``(number, 3, 16, 32, 32)`` around zero, by film.

    To learn from: the first 60 % of each film's frames; the rest is for the test.
    """
    generator, clips = np.random.default_rng(seed), {}
    for film in ("bikes", "carphone"):
        frames = video.read_frames(assets.path(film))
        border = int(0.6 * len(frames))
        frames = frames[:border] if split == "train" else frames[border:]
        cut = np.stack([one_square(frames, generator) for _ in range(number)])
        pixels = rearrange(torch.from_numpy(cut), "b t h w c -> b c t h w").float() / 255
        clips[film] = (pixels - puppets.MEAN) / puppets.STD
    return clips


def one_square(frames: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    height, width = frames.shape[1:3]
    side = int(height * generator.uniform(0.5, 1))
    t, y, x = (
        generator.integers(whole - part + 1)
        for whole, part in ((len(frames), FRAMES), (height, side), (width, side))
    )
    square = frames[t : t + FRAMES, y : y + side, x : x + side]
    return np.stack([cv2.resize(f, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for f in square])


def figures(split: str, number: int, seed: int) -> torch.Tensor:
    """Where the figure is in the clips of `PuppetClips`: bool ``(number, 1, 16, 32, 32)``."""
    names, seen = list(puppets.ACTIONS), []
    for i in range(number):
        # The draws of `PuppetClips`, made again: its clips do not keep the figure.
        rng = np.random.default_rng([seed, ("train", "test").index(split), i])
        scene = puppets.perform(names[i % len(names)], split, rng, FRAMES, SIZE)
        seen.append(torch.from_numpy(puppets.true_flow(*scene, SIZE)[1]))
    return torch.stack(seen)[:, None]


# Learning


LossOf = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Recipe:
    """How a masked network learns: AdamW, a rate that rises for a tenth of the steps and falls."""

    kind: str
    share: float
    steps: int
    peak: float
    batch: int = 32
    weight_decay: float = 0.05


def learn(
    model: nn.Module,
    clips: torch.Tensor | PuppetClips,
    recipe: Recipe,
    seed: int,
    loss_of: LossOf = nn.Module.__call__,
    after: Callable[[], None] = lambda: None,
) -> list[float]:
    """Train on clips without labels; the loss of each step.

    Args:
        model: takes (clips, mask), gives its loss.
        clips: made ready, or a data set that makes them ready.
        recipe: the masks, and how long.
        seed: of masks and order.
        loss_of: from (model, clips, mask); the model's own unless told.
        after: done after each step.
    """
    generator = torch.Generator().manual_seed(seed)
    learns = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        learns, betas=(0.9, 0.95), weight_decay=recipe.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.peak, recipe.steps, pct_start=0.1, cycle_momentum=False
    )
    grid = model.encoder.config.grid
    losses = []
    for indices in drawn(len(clips), recipe, generator):
        batch = clips[indices] if torch.is_tensor(clips) else clips.inputs(indices)
        mask = make_mask(recipe.kind, len(batch), grid, recipe.share, generator)
        loss = loss_of(model, batch, mask)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        after()
        losses.append(loss.item())
    return losses


def drawn(number: int, recipe: Recipe, generator: torch.Generator) -> Iterator[list[int]]:
    """The clips of each step: all of them in a new order, then again, in whole batches."""
    order = []
    for _ in range(recipe.steps):
        if len(order) < recipe.batch:
            order = torch.randperm(number, generator=generator).tolist()
        yield order[: recipe.batch]
        order = order[recipe.batch :]


# Reading

Encoder = Callable[[torch.Tensor], torch.Tensor]
"""Clips to tokens ``(B, N, D)``."""


class Features(Labelled):
    """The mean of an encoder's tokens for each clip, computed once."""

    def __init__(self, encoder: Encoder, data: PuppetClips) -> None:
        super().__init__(data.labels, data.classes, data.groups)
        with torch.no_grad():
            vectors = [encoder(part).mean(1) for part in all_of(data).split(100)]
        self.vectors = torch.cat(vectors)

    def inputs(self, indices: list[int]) -> torch.Tensor:
        return self.vectors[indices]


def probe(
    train: Features, test: Features, number: int, *, standardise: bool = True
) -> evaluation.Evaluation:
    """What the best linear layer reads from an encoder that stays as it is.

    Args:
        train: features that the layer learns from, with a little decay of its weights.
        test: of other clips.
        number: of each class, of ``train`` the first.
        standardise: bring each of its numbers to mean 0 and spread 1 over the clips learned from.
    """
    vectors, labels = (of[: number * len(CLASSES)] for of in (train.vectors, train.labels))
    mean = vectors.mean(0)
    std = vectors.std(0) + 1e-6 if standardise else 1
    torch.manual_seed(0)
    layer = nn.Linear(len(mean), len(CLASSES))
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        error = functional.cross_entropy(layer((vectors - mean) / std), labels)
        error = error + 1e-3 * layer.weight.square().sum()
        error.backward()
        return error

    optimizer.step(loss)
    return evaluation.evaluate(layer, Mapped(test, lambda vector: (vector - mean) / std))
