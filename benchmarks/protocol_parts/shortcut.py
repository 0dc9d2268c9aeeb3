"""A background for each class in training; then the puppet out, and backgrounds exchanged."""

from dataclasses import replace

import numpy as np
import torch
from by_cue import Table
from torch.utils.data import TensorDataset

from lecturekit import puppets

from . import CLASSES, SHORT, SIZE, scores_of, settings, top_1, trained

TRAIN, TEST, EPOCHS = 480, 240, 5


class World:
    """Films of 8 frames, before a background for each class or before any."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        lots = [np.random.default_rng([11 + seed, k]) for k in range(CLASSES)]
        self.homes = [
            puppets.stage.draw_stage(one, "train", SHORT, SIZE).background for one in lots
        ]

    def film(self, i: int, split: str, place: int | None, puppet: bool) -> np.ndarray:
        """Of class i % 12, at home in the class so many further; anywhere, if None."""
        draws = np.random.default_rng([7 + self.seed, split == "test", i])
        name = list(puppets.ACTIONS)[i % CLASSES]
        stage, parts = puppets.perform(name, split, draws, SHORT, SIZE)
        if place is not None:
            stage = replace(stage, background=self.homes[(i + place) % CLASSES])
        if not puppet:
            parts = replace(parts, seen=np.zeros_like(parts.seen))
        return puppets.render(stage, parts, SIZE)

    def clips(
        self, number: int, split: str, place: int | None = 0, puppet: bool = True
    ) -> tuple[torch.Tensor, torch.Tensor]:
        films = [self.film(i, split, place, puppet) for i in range(number)]
        return puppets.clip_tensor(np.stack(films)), torch.arange(number) % CLASSES


def show(seeds: int) -> None:
    films = f"{TRAIN} clips, {TEST} to test, {CLASSES} backgrounds drawn anew for each seed"
    settings(EPOCHS, films)
    columns = ("as trained", "puppet out", "another's place", "place's action")
    results = Table("% right", columns, digits=1)
    for seed in range(seeds):
        world = World(seed)
        away = CLASSES // 2
        probes = [world.clips(TEST, "test", *how) for how in ((0, True), (0, False), (away, True))]
        for name, place in (("a background for each class", 0), ("any background", None)):
            clips = TensorDataset(*world.clips(TRAIN, "train", place))
            model = trained(clips, seed, EPOCHS)
            said = [scores_of(model, shown) for shown, _ in probes]
            labels = probes[0][1].numpy()
            numbers = [top_1(scores, labels) for scores in said]
            results.add(name, *numbers, top_1(said[-1], (labels + away) % CLASSES))
            print(f"seed {seed}: {name}", *(f"{n:.0f}" for n in numbers), flush=True)
    results.show()
    lost = Table("as trained − another's place", ("right",), digits=1)
    for name, rows in results.rows.items():
        for at_home, _, away_from_home, _ in rows:
            lost.add(name, at_home - away_from_home)
    lost.show()
    print("\npaired differences")
    results.difference("a background for each class", "any background")
