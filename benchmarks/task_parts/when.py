"""When: windows and their stamps, and the dense head on the same trunk; their errors sorted."""

from collections.abc import Sequence

import numpy as np
import torch
from by_cue import Table

from lecturekit import localization, metrics, training
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


def at_rest(seed: int, train: list[PuppetVideo]) -> heads.OnTrunk:
    """The windows' trunk, and a dense head that has learned on its features."""
    trunk = network(seed).trunk
    torch.manual_seed(seed)
    head = moments.MomentHead(trunk.channels, len(ACTIONS))
    items = list(zip(features_of(trunk, train), targets_of(trunk, train), strict=True))
    training.fit(head, items, **HEAD, seed=seed, loss=moments.moment_loss)
    return heads.OnTrunk(trunk, head)


class Results:
    """AP at three overlaps, and what the best predictions are, as many as there are truths."""

    def __init__(self, truths: Sequence[tuple[int, int, float, float]]) -> None:
        self.truths = truths
        self.precision = Table("temporal mAP", [f"at {tiou}" for tiou in TIOUS], digits=3)
        self.errors = {
            tiou: Table(f"of the {len(truths)} best, at {tiou}", metrics.ERRORS)
            for tiou in TIOUS[1:]
        }

    def keep(self, seed: int, name: str, found: Found) -> None:
        row = metrics.temporal_map(found, self.truths, TIOUS)
        self.precision.add(name, *row.values())
        print(f"seed {seed}: {name} " + " ".join(f"{ap:.3f}" for ap in row.values()), flush=True)
        best = sorted(found, key=lambda one: -one[-1])[: len(self.truths)]
        for tiou, table in self.errors.items():
            kinds = metrics.sort_errors(best, self.truths, tiou)
            table.add(name, *(kinds.count(kind) / len(best) for kind in metrics.ERRORS))

    def show(self, differences: Sequence[tuple[str, str]]) -> None:
        self.precision.show()
        print("\npaired differences: mean over seeds (lowest…highest)")
        for pair in differences:
            self.precision.difference(*pair)
        for table in self.errors.values():
            table.show()


def show(seeds: int) -> None:
    """Windows by their stamps, and the dense head on the same trunk."""
    train, test = films("train", TRAIN), films("test", TEST)
    results = Results(truths_of(test))
    show_rule(results.truths)
    for seed in range(seeds):
        scores = [window_scores(network(seed), film) for film in test]
        for stamp in localization.STAMPS:
            results.keep(seed, f"windows, {stamp}", from_windows(scores, stamp))
        model = at_rest(seed, train)
        results.keep(seed, "dense head", from_moments(model.trunk, model.head, test))
    results.show(
        (
            ("windows, start", "windows, centre"),
            ("windows, end", "windows, centre"),
            ("dense head", "windows, centre"),
        )
    )


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
