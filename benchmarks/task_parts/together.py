"""A trunk that rests beside one that learns on with its head: when, say it, and two puppets."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from by_cue import Table
from torch import nn
from torch.utils.data import Dataset

from lecturekit import metrics, puppets, training
from lecturekit.models import captioner, heads, moments
from lecturekit.puppets import PuppetVideo

from . import TEST, TRAIN, features_of, films, network, truths_of, when
from .say import TRAIN as SENTENCES
from .say import Told, by_seconds, scored
from .who import duets

# Five passes over the films cost what the trunk's four over the windows do.
WHEN = {"epochs": 5, "batch_size": 8, "max_lr": 5e-3}
ANEW = {"epochs": 10, "batch_size": 8, "max_lr": 1e-2}
SAY = {"epochs": 3, "batch_size": 8, "max_lr": 3e-3}
SAY_DUETS = {"epochs": 10, "batch_size": 16, "max_lr": 5e-3}


class Shown(Dataset):
    """Films as clips, with whatever else an item holds."""

    def __init__(self, some: Sequence[PuppetVideo], others: Sequence[Any], *, twice: bool) -> None:
        self._films, self._others, self._twice = some, others, twice

    def __len__(self) -> int:
        return len(self._films)

    def __getitem__(self, index: int) -> tuple:
        clip, other = puppets.clip_tensor(self._films[index].frames), self._others[index]
        # A captioner reads the true sentence, too.
        return ((clip, other), other) if self._twice else (clip, other)


def show_when(seeds: int) -> None:
    """The dense head: on a trunk at rest; both from there; both from nothing."""
    train, test = films("train", TRAIN), films("test", TEST)
    results = when.Results(truths_of(test))
    for seed in range(seeds):
        model = when.at_rest(seed, train)
        results.keep(seed, "trunk at rest", when.from_moments(model.trunk, model.head, test))
        torch.manual_seed(seed)
        new = heads.Trunk()
        new = heads.OnTrunk(new, moments.MomentHead(new.channels, len(when.ACTIONS)))
        items = Shown(train, when.targets_of(model.trunk, train), twice=False)
        for name, start, settings in (
            ("trunk learns on", copy.deepcopy(model), WHEN),
            ("both from nothing", new, ANEW),
        ):
            start = start.to(memory_format=torch.channels_last_3d)
            training.fit(start, items, **settings, seed=seed, loss=moments.moment_loss)
            results.keep(seed, name, when.from_moments(start.trunk, start.head, test))
    results.show((("trunk learns on", "trunk at rest"), ("trunk learns on", "both from nothing")))


def learn_on(
    seed: int, told: Told, trunk: nn.Module, some: list[PuppetVideo], settings: dict[str, Any]
) -> nn.Module:
    """Trunk and captioner learn as one; the captioner changes in place, the trunk is new."""
    model = heads.OnTrunk(copy.deepcopy(trunk), told.model)
    model = model.to(memory_format=torch.channels_last_3d)
    items = Shown(some, told.words.encode([film.caption for film in some]), twice=True)
    training.fit(model, items, **settings, seed=seed, loss=captioner.caption_loss)
    return model.trunk.eval()


def show_say(seeds: int) -> None:
    """Captions of one puppet's films."""
    train, test = films("train", SENTENCES), films("test", TEST)
    true = [film.caption for film in test]
    results = Table("sentences", ("right", "BLEU", "CIDEr"), digits=3)
    for seed in range(seeds):
        trunk = by_seconds(network(seed).trunk)
        told = Told(seed, features_of(trunk, train), [film.caption for film in train], "gru")
        results.add("trunk at rest", *scored(told.says(features_of(trunk, test)), true))
        learned = learn_on(seed, told, trunk, train, SAY)
        results.add("trunk learns on", *scored(told.says(features_of(learned, test)), true))
        rights = [rows[-1][0] for rows in results.rows.values()]
        print(f"seed {seed}: right " + " ".join(f"{right:.3f}" for right in rights), flush=True)
    results.show()
    results.difference("trunk learns on", "trunk at rest")


def claims(sentence: str) -> list[tuple[str, str]]:
    """(colour, what is done) of a sentence about two puppets, in any order."""
    clauses = sentence.lower().strip(".").split(", ")
    words = [clause.removeprefix("the one in ").split(maxsplit=1) for clause in clauses]
    return sorted((one[0], " ".join(one[1:])) for one in words if one)


def of_pairs(said: Sequence[str], true: Sequence[str]) -> tuple[float, float, float, float]:
    """The share of films with both colours right, both actions, who does what; and BLEU."""
    pairs = [(claims(a), claims(b)) for a, b in zip(said, true, strict=True)]
    colours, doings = (
        sum(sorted(one[part] for one in a) == sorted(one[part] for one in b) for a, b in pairs)
        for part in range(2)
    )
    whole = sum(a == b for a, b in pairs)
    bleu = metrics.bleu(said, [[sentence.lower()] for sentence in true])
    return colours / len(pairs), doings / len(pairs), whole / len(pairs), bleu


def show_duets(seeds: int) -> None:
    """Captions of two puppets at once, from features averaged over places."""
    train, test = duets("train", SENTENCES), duets("test", TEST)
    true = [film.caption for film in test]
    results = Table("two puppets", ("colours", "actions", "who does what", "BLEU"), digits=3)
    for seed in range(seeds):
        trunk = by_seconds(network(seed).trunk)
        told = Told(seed, features_of(trunk, train), [film.caption for film in train], "gru")
        results.add("trunk at rest", *of_pairs(told.says(features_of(trunk, test)), true))
        learned = learn_on(seed, told, trunk, train, SAY_DUETS)
        results.add("trunk learns on", *of_pairs(told.says(features_of(learned, test)), true))
    results.show()
    results.difference("trunk learns on", "trunk at rest")


def show(seeds: int) -> None:
    show_duets(seeds)
    show_say(seeds)
    show_when(seeds)
