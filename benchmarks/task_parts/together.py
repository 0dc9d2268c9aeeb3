"""A trunk that rests beside one that learns on with its head: when, say it, and two puppets.

A head that learns on gains from the steps alone. So there is a row in which it takes the same steps
while the trunk rests: the difference is the trunk's.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from by_cue import Table
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


REST, ALONE = "trunk at rest", "the head learns on"
BOTH, NOTHING = "trunk and head learn on", "both from nothing"


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
        results.keep(seed, REST, when.from_moments(model.trunk, model.head, test))
        targets = when.targets_of(model.trunk, train)
        head = copy.deepcopy(model.head)
        features = list(zip(features_of(model.trunk, train), targets, strict=True))
        training.fit(head, features, **WHEN, seed=seed, loss=moments.moment_loss)
        results.keep(seed, ALONE, when.from_moments(model.trunk, head, test))
        torch.manual_seed(seed)
        new = heads.Trunk()
        new = heads.OnTrunk(new, moments.MomentHead(new.channels, len(when.ACTIONS)))
        items = Shown(train, targets, twice=False)
        for name, start, settings in (
            (BOTH, copy.deepcopy(model), WHEN),
            (NOTHING, new, ANEW),
        ):
            start = start.to(memory_format=torch.channels_last_3d)
            training.fit(start, items, **settings, seed=seed, loss=moments.moment_loss)
            results.keep(seed, name, when.from_moments(start.trunk, start.head, test))
    results.show(((ALONE, REST), (BOTH, ALONE), (BOTH, NOTHING)))


def three_ways(
    seed: int,
    films_of: tuple[list[PuppetVideo], list[PuppetVideo]],
    settings: dict[str, Any],
    keep: Callable[[str, list[str]], None],
) -> None:
    """What a captioner says of test films: learned at rest; learned on alone; or with the trunk."""
    train, test = films_of
    trunk = by_seconds(network(seed).trunk)
    features, of_test = features_of(trunk, train), features_of(trunk, test)
    sentences = [film.caption for film in train]
    told = Told(seed, features, sentences, "gru")
    keep(REST, told.says(of_test))
    start, tokens = copy.deepcopy(told.model), told.words.encode(sentences)
    settings = {**settings, "seed": seed, "loss": captioner.caption_loss}
    pairs = zip(features, tokens, strict=True)
    training.fit(told.model, [((maps, said), said) for maps, said in pairs], **settings)
    keep(ALONE, told.says(of_test))
    told.model = start
    model = heads.OnTrunk(copy.deepcopy(trunk), start).to(memory_format=torch.channels_last_3d)
    training.fit(model, Shown(train, tokens, twice=True), **settings)
    keep(BOTH, told.says(features_of(model.trunk, test)))


def show_say(seeds: int) -> None:
    """Captions of one puppet's films."""
    some = films("train", SENTENCES), films("test", TEST)
    true = [film.caption for film in some[1]]
    results = Table("sentences", ("right", "BLEU", "CIDEr"), digits=3)
    for seed in range(seeds):
        three_ways(seed, some, SAY, lambda name, said: results.add(name, *scored(said, true)))
        rights = [rows[-1][0] for rows in results.rows.values()]
        print(f"seed {seed}: right " + " ".join(f"{right:.3f}" for right in rights), flush=True)
    results.show()
    for pair in ((ALONE, REST), (BOTH, ALONE)):
        results.difference(*pair)


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
    some = duets("train", SENTENCES), duets("test", TEST)
    true = [film.caption for film in some[1]]
    results = Table("two puppets", ("colours", "actions", "who does what", "BLEU"), digits=3)
    for seed in range(seeds):
        three_ways(
            seed, some, SAY_DUETS, lambda name, said: results.add(name, *of_pairs(said, true))
        )
    results.show()
    for pair in ((ALONE, REST), (BOTH, ALONE)):
        results.difference(*pair)


def show(seeds: int) -> None:
    show_duets(seeds)
    show_say(seeds)
    show_when(seeds)
