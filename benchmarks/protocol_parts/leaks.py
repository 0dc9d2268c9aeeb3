"""Clips of one film on both sides of a split, against films on one side."""

import numpy as np
import torch
from by_cue import Table
from torch.utils.data import TensorDataset

from lecturekit import metrics
from lecturekit.puppets import PuppetClips

from . import LONG, SHORT, SIZE, clip_at, scores_of, settings, tested, top_1, trained

POOL, HELD_FILMS, EPOCHS = 96, 24, 12


class Pool:
    """Clips cut from long films, and which film each is of."""

    def __init__(self, seed: int) -> None:
        pool = PuppetClips("train", POOL, num_frames=LONG, size=SIZE, seed=11 + seed)
        films = pool.inputs(list(range(POOL)))
        self.clips = torch.cat([films[:, :, f : f + SHORT] for f in range(0, LONG, SHORT)])
        self.of_film = np.tile(np.arange(POOL), LONG // SHORT)
        self.labels = pool.labels[self.of_film]

    def splits(self, seed: int) -> dict[str, np.ndarray]:
        """Which clips are held out: any quarter of them, or all of a quarter of the films."""
        drawn = np.random.default_rng(seed).permutation(len(self.clips))[: len(self.clips) // 4]
        return {
            "by clips": np.isin(np.arange(len(self.clips)), drawn),
            "by films": self.of_film >= POOL - HELD_FILMS,
        }

    def nearest(self, held: np.ndarray) -> float:
        """How often the nearest average picture of the other clips has a held clip's label."""
        pictures = self.clips.mean(2).flatten(1)
        found = torch.cdist(pictures[held], pictures[~held]).argmin(1)
        return 100 * (self.labels[~held][found] == self.labels[held]).float().mean().item()


def half_intervals(right: np.ndarray, of_film: np.ndarray) -> list[float]:
    """Half the bootstrap interval of the mean: clips drawn one by one, or all of a film at once."""
    films = [right[of_film == film] for film in np.unique(of_film)]

    def mean_of(drawn: np.ndarray) -> float:
        return float(np.concatenate([films[film] for film in drawn]).mean())

    by_clip = metrics.bootstrap_interval(right)
    by_film = metrics.bootstrap_interval(np.arange(len(films)), mean_of)
    return [(interval.high - interval.low) / 2 for interval in (by_clip, by_film)]


def show(seeds: int) -> None:
    films = f"{POOL} films of {LONG} frames, 4 clips of each, a quarter held out; films drawn anew"
    settings(EPOCHS, f"{films} for each seed")
    columns = ("shared films", "nearest picture", "network", "on new films")
    results = Table("% of held clips right", columns, digits=1)
    gaps = Table("held − new films", ("network",), digits=1)
    widths = Table("± of the network's number", ("clips drawn", "films drawn"), digits=1)
    fresh = clip_at(tested().clips, (LONG - SHORT) // 2)
    for seed in range(seeds):
        pool = Pool(seed)
        for name, held in pool.splits(seed).items():
            shared = len(set(pool.of_film[held]) & set(pool.of_film[~held]))
            learned = TensorDataset(pool.clips[~held], pool.labels[~held])
            model = trained(learned, seed, EPOCHS)
            scores, labels = scores_of(model, pool.clips[held]), pool.labels[held].numpy()
            found = top_1(scores, labels)
            new = top_1(scores_of(model, fresh), tested().labels)
            results.add(name, shared, pool.nearest(held), found, new)
            gaps.add(name, found - new)
            right = 100.0 * (scores.argmax(1) == labels)
            widths.add(name, *half_intervals(right, pool.of_film[held]))
            print(f"seed {seed}: {name} {found:.1f}, on new films {new:.1f}", flush=True)
    results.show()
    gaps.show()
    widths.show()
    print("\npaired differences")
    results.difference("by clips", "by films")
