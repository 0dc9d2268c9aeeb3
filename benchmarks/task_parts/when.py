"""When: windows and their stamps, the dense head on a trunk at rest and on one that learns."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from by_cue import Table
from torch.utils.data import Dataset

from lecturekit import localization, metrics, puppets, training
from lecturekit.metrics import temporal
from lecturekit.models import heads, moments
from lecturekit.puppets import PuppetVideo

from . import (
    ACTIONS,
    FPS,
    TEST,
    TIOUS,
    TRAIN,
    WINDOW,
    clips_of,
    features_of,
    films,
    network,
    segments_of,
    truths_of,
)

Found = list[tuple[int, int, float, float, float]]
"""(video, label, start_sec, stop_sec, score)."""

THRESHOLD, SUPPRESS = 0.5, 0.3
HEAD = {"epochs": 25, "batch_size": 16, "max_lr": 1e-2}
# Five passes over the films cost what the trunk's four over the windows do.
TOGETHER = {"epochs": 5, "batch_size": 8, "max_lr": 5e-3}
ANEW = {"epochs": 10, "batch_size": 8, "max_lr": 1e-2}


@torch.no_grad()
def window_scores(model: heads.OnTrunk, film: PuppetVideo) -> np.ndarray:
    """Probabilities ``(T − 7, 5)`` of the actions in each window of a second."""
    model.eval()
    windows = clips_of([film])[0].unfold(1, WINDOW, 1).permute(1, 0, 4, 2, 3)
    return model(windows).softmax(1)[:, :-1].double().numpy()


def from_windows(scores: Sequence[np.ndarray], stamp: str) -> Found:
    """Windows at or above the threshold, joined."""
    found = []
    for video, of_film in enumerate(scores):
        times = localization.stamp_times(len(of_film), WINDOW, 1, FPS, stamp)
        length = (len(of_film) + WINDOW - 1) / FPS
        segments = localization.segments_from_scores(
            of_film, times, THRESHOLD, step_sec=1 / FPS, duration_sec=length
        )
        found += [(video, *segment) for segment in segments]
    return found


class WithTargets(Dataset):
    """Films as clips, with what the dense head should say of them."""

    def __init__(self, some: Sequence[PuppetVideo], targets: Sequence[moments.Targets]) -> None:
        self._films, self._targets = some, targets

    def __len__(self) -> int:
        return len(self._films)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, moments.Targets]:
        return puppets.clip_tensor(self._films[index].frames), self._targets[index]


def targets_of(trunk: heads.Trunk, some: Sequence[PuppetVideo]) -> list[moments.Targets]:
    """What the dense head should say of films."""
    times = [trunk.moments_sec(len(film.frames), FPS) for film in some]
    return [
        moments.moment_targets(seconds, segments_of(film), len(ACTIONS))
        for seconds, film in zip(times, some, strict=True)
    ]


@torch.no_grad()
def from_moments(trunk: heads.Trunk, head: moments.MomentHead, some: list[PuppetVideo]) -> Found:
    """What the dense head finds."""
    said = head.eval()(features_of(trunk, some))
    found = []
    for video, film in enumerate(some):
        length = len(film.frames) / FPS
        seconds = trunk.moments_sec(len(film.frames), FPS)
        all_of_film = moments.decode(
            said.scores[video], said.distances[video], seconds, length_sec=length
        )
        found += [(video, *one) for one in localization.suppress(all_of_film, SUPPRESS)]
    return found


def dense(seed: int, train: list[PuppetVideo], test: list[PuppetVideo]) -> dict[str, Found]:
    """The head on the windows' trunk, which rests; both together from there; both from nothing."""
    trunk = network(seed).trunk
    targets = targets_of(trunk, train)
    torch.manual_seed(seed)
    head = moments.MomentHead(trunk.channels, len(ACTIONS))
    new = heads.OnTrunk(heads.Trunk(), copy.deepcopy(head))
    items = list(zip(features_of(trunk, train), targets, strict=True))
    training.fit(head, items, **HEAD, seed=seed, loss=moments.moment_loss)
    found = {"head, trunk at rest": from_moments(trunk, head, test)}
    tuned = copy.deepcopy(heads.OnTrunk(trunk, head))
    for name, model, settings in (
        ("head, trunk learns on", tuned, TOGETHER),
        ("head, all from nothing", new, ANEW),
    ):
        model = model.to(memory_format=torch.channels_last_3d)
        learn = WithTargets(train, targets)
        training.fit(model, learn, **settings, seed=seed, loss=moments.moment_loss)
        found[name] = from_moments(model.trunk, model.head, test)
    return found


def show(seeds: int) -> None:
    """AP of each; what the best predictions are, as many as there are truths."""
    train, test = films("train", TRAIN), films("test", TEST)
    truths = truths_of(test)
    show_rule(truths)
    results = Table("temporal mAP", [f"at {tiou}" for tiou in TIOUS], digits=3)
    errors = {
        tiou: Table(f"of the {len(truths)} best, at {tiou}", temporal.ERRORS) for tiou in TIOUS[1:]
    }
    for seed in range(seeds):
        scores = [window_scores(network(seed), film) for film in test]
        found = {f"windows, {stamp}": from_windows(scores, stamp) for stamp in localization.STAMPS}
        found |= dense(seed, train, test)
        for name, predictions in found.items():
            row = metrics.temporal_map(predictions, truths, TIOUS)
            results.add(name, *row.values())
            print(
                f"seed {seed}: {name} " + " ".join(f"{ap:.3f}" for ap in row.values()), flush=True
            )
            best = sorted(predictions, key=lambda one: -one[-1])[: len(truths)]
            for tiou, table in errors.items():
                kinds = metrics.sort_errors(best, truths, tiou)
                table.add(name, *(kinds.count(kind) / len(best) for kind in temporal.ERRORS))
    results.show()
    print("\npaired differences: mean over seeds (lowest…highest)")
    for name, other in (
        ("windows, start", "windows, centre"),
        ("windows, end", "windows, centre"),
        ("head, trunk at rest", "windows, centre"),
        ("head, trunk learns on", "head, trunk at rest"),
        ("head, trunk learns on", "head, all from nothing"),
    ):
        results.difference(name, other)
    for table in errors.values():
        table.show()


def show_rule(truths: Sequence[tuple[int, int, float, float]]) -> None:
    """A found segment of length L, right but d early, has tIoU (L − d) / (L + d)."""
    lengths = np.array([stop - start for *_, start, stop in truths])
    early = WINDOW / FPS / 2
    for tiou in TIOUS:
        shortest = early * (1 + tiou) / (1 - tiou)
        share = np.mean(lengths < shortest)
        print(
            f"{early} s early: lost at {tiou} below {shortest:.2f} s: {share:.0%} of {len(truths)}"
        )
