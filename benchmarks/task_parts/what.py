"""What: a film's class from several windows, and films with several labels."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from by_cue import Table
from torch.nn import functional

from lecturekit import metrics, puppets, training
from lecturekit.models import heads
from lecturekit.puppets import PuppetVideo

from . import ACTIONS, FPS, SIZE, TEST, TRAIN, WINDOW, clips_of, features_of, films, network

VIEWS, SINGLE = 5, 200
EPOCHS = {"epochs": 25, "batch_size": 16, "max_lr": 1e-2}


@cache
def trimmed() -> list[PuppetVideo]:
    """Test films of six seconds that show one action all the time."""
    return [_acted([(_action(n), 6.0)], n) for n in range(SINGLE)]


@cache
def mostly_still() -> list[PuppetVideo]:
    """Test films of eight seconds with one action of two seconds somewhere."""
    made = []
    for n in range(SINGLE):
        before = round(np.random.default_rng(n).uniform(0.5, 5.5) * FPS) / FPS
        script = [("idle", before), (_action(n), 2.0), ("idle", 6 - before)]
        made.append(_acted(script, 1000 + n))
    return made


def _action(number: int) -> str:
    return ACTIONS[number % len(ACTIONS)]


def _acted(script: Sequence[tuple[str, float]], seed: int) -> PuppetVideo:
    return puppets.puppet_video(script, fps=FPS, size=SIZE, split="test", seed=seed)


@torch.no_grad()
def views_of(model: heads.OnTrunk, some: Sequence[PuppetVideo]) -> np.ndarray:
    """Scores ``(N, VIEWS, 6)`` of windows spread evenly over films of one length."""
    model.eval()
    clips = clips_of(some)
    starts = np.linspace(0, clips.shape[2] - WINDOW, VIEWS).round().astype(int)
    scores = [model(clips[:, :, start : start + WINDOW]) for start in starts]
    return torch.stack(scores, 1).double().numpy()


def show_views(seeds: int) -> None:
    """One window; the mean of five windows' probabilities, or logits, of all six classes; the mean
    of probabilities among the actions, as of a network that has no class for nothing."""
    columns = ("one window", "probabilities", "logits", "no 'nothing'")
    results = Table(f"films right, {VIEWS} windows", columns, digits=3)
    for seed in range(seeds):
        for name, some in (("one action, 6 s", trimmed()), ("2 s of 8", mostly_still())):
            views = views_of(network(seed), some)
            truth = np.arange(SINGLE) % len(ACTIONS)
            answers = (
                metrics.multi_view(views, how="probabilities")[:, :-1],
                metrics.multi_view(views, how="scores")[:, :-1],
                metrics.multi_view(views[:, :, :-1], how="probabilities"),
            )
            single = np.mean(views[:, :, :-1].argmax(2) == truth[:, None])
            shares = [float(np.mean(answer.argmax(1) == truth)) for answer in answers]
            results.add(name, single, *shares)
    results.show()
    how = Table("probabilities −", ("logits", "no 'nothing'"), digits=3)
    for name, rows in results.rows.items():
        for _, together, logits, alone in rows:
            how.add(name, together - logits, together - alone)
    how.show()


def labels_of(some: Sequence[PuppetVideo]) -> torch.Tensor:
    """``(N, 5)``: 1 for each action of a film."""
    labels = torch.zeros(len(some), len(ACTIONS))
    for row, film in zip(labels, some, strict=True):
        row[[ACTIONS.index(segment.action) for segment in film.segments]] = 1
    return labels


def shared_softmax(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy of a softmax, the probability shared among a film's labels."""
    return functional.cross_entropy(scores, labels / labels.sum(1, keepdim=True))


def show_labels(seeds: int) -> None:
    """Softmax against sigmoid where a film has one, two or three labels."""
    train, test = films("train", TRAIN), films("test", TEST)
    columns = ("mAP", "set right at 0.5", "at its own", "its own")
    results = Table("films with several actions", columns, digits=3)
    for seed in range(seeds):
        of_train, of_test = (features_of(network(seed).trunk, some) for some in (train, test))
        wanted, true = labels_of(train), labels_of(test).numpy()
        for name, loss in (("softmax", shared_softmax), ("sigmoid", heads.multi_label_loss)):
            torch.manual_seed(seed)
            head = heads.ClassificationHead(of_train.shape[1], len(ACTIONS))
            items = list(zip(of_train, wanted, strict=True))
            training.fit(head, items, **EPOCHS, seed=seed, loss=loss)
            chances = [_chances(head, features, name) for features in (of_train, of_test)]
            # A threshold is chosen on the films that the head has learned from.
            own = max(np.arange(0.05, 1, 0.05), key=lambda t: _sets(chances[0], wanted.numpy(), t))
            shares = [_sets(chances[1], true, threshold) for threshold in (0.5, own)]
            results.add(name, metrics.mean_average_precision(chances[1], true), *shares, own)
    results.show()
    results.difference("sigmoid", "softmax")


@torch.no_grad()
def _chances(head: torch.nn.Module, features: torch.Tensor, name: str) -> np.ndarray:
    scores = head(features)
    return (scores.softmax(1) if name == "softmax" else scores.sigmoid()).double().numpy()


def _sets(chances: np.ndarray, labels: np.ndarray, threshold: float) -> float:
    """The share of films whose labels are exactly those at or above the threshold."""
    return float(np.mean(((chances >= threshold) == labels).all(1)))


def show(seeds: int) -> None:
    show_views(seeds)
    show_labels(seeds)
