"""Say it: who reads features in order and who averages them; what in a sentence goes wrong."""

from collections.abc import Callable, Sequence

import torch
from by_cue import Table
from torch import nn

from lecturekit import metrics, training
from lecturekit.models import captioner, heads
from lecturekit.puppets import PuppetVideo

from . import TEST, clips_of, features_of, films, network

TRAIN, BEAMS = 400, 4
LEARN = {"epochs": 15, "batch_size": 32, "max_lr": 1e-2}
KINDS = ("right", "order", "number", "speed", "direction", "action")
"""What a sentence is: right; wrong in the order alone; with one part too few or too many; or with
as many parts, the first of which that is wrong is wrong in this."""


def by_seconds(trunk: heads.Trunk) -> nn.Sequential:
    """The trunk, and its four features of each second averaged to one state."""
    return nn.Sequential(trunk, nn.AvgPool3d((4, 1, 1)))


def parts(sentence: str) -> list[str]:
    """What is done, in the sentence's order."""
    return sentence.lower().strip(".").removeprefix("a puppet ").split(", then ")


def kind_of(said: str, true: str) -> str:
    """One of ``KINDS``."""
    found, wanted = parts(said), parts(true)
    if found == wanted:
        return "right"
    if sorted(found) == sorted(wanted):
        return "order"
    if len(found) != len(wanted):
        return "number"
    one, other = next((a, b) for a, b in zip(found, wanted, strict=True) if a != b)
    if one.split()[:1] != other.split()[:1]:
        return "action"
    return "speed" if "waves" in one else "direction"


class Told:
    """A captioner on features of films, and the words it knows."""

    def __init__(self, seed: int, features: torch.Tensor, sentences: list[str], pool: str) -> None:
        self.words = captioner.Vocabulary.of(sentences)
        torch.manual_seed(seed)
        config = captioner.CaptionerConfig(pool=pool)
        self.model = captioner.Captioner(features.shape[1], len(self.words), config)
        tokens = self.words.encode(sentences)
        items = [((of_film, said), said) for of_film, said in zip(features, tokens, strict=True)]
        training.fit(self.model, items, **LEARN, seed=seed, loss=captioner.caption_loss)

    def says(self, features: torch.Tensor) -> list[str]:
        """Greedily, word by word."""
        return [self.words.decode(one.tokens) for one in captioner.greedy(self.model, features)]

    def searches(self, features: torch.Tensor) -> list[str]:
        """The best that a beam finds."""
        found = captioner.beam_search(self.model, features, BEAMS)
        return [self.words.decode(best.tokens) for best, *_ in found]


def scored(said: Sequence[str], true: Sequence[str]) -> tuple[float, float, float]:
    """The share of sentences that are right; BLEU; CIDEr."""
    true = [sentence.lower() for sentence in true]
    references = [[sentence] for sentence in true]
    right = sum(a == b for a, b in zip(said, true, strict=True)) / len(true)
    return right, metrics.bleu(said, references), metrics.cider(said, references)


@torch.no_grad()
def shuffled(told: Told, trunk: nn.Module, some: list[PuppetVideo]) -> tuple[float, float]:
    """The share of sentences that stay if a film's features are shuffled, or its frames are."""
    generator = torch.Generator().manual_seed(0)
    features, clips = features_of(trunk, some), clips_of(some)
    before = told.says(features)
    orders = [torch.randperm(features.shape[2], generator=generator) for _ in some]
    mixed = torch.stack([one[:, order] for one, order in zip(features, orders, strict=True)])
    orders = [torch.randperm(clips.shape[2], generator=generator) for _ in some]
    frames = [
        trunk(one[None, :, order]).mean((3, 4), keepdim=True)
        for one, order in zip(clips, orders, strict=True)
    ]
    after = told.says(mixed), told.says(torch.cat(frames))
    return tuple(sum(a == b for a, b in zip(before, one, strict=True)) / len(some) for one in after)


def show(seeds: int) -> None:
    train, test = films("train", TRAIN), films("test", TEST)
    true = [film.caption for film in test]
    results = Table("sentences", ("right", "BLEU", "CIDEr"), digits=3)
    kinds, same = Table("share", KINDS), Table("stay the same", ("features mixed", "frames mixed"))

    def keep(name: str, said: list[str]) -> None:
        results.add(name, *scored(said, true))
        found = [kind_of(a, b) for a, b in zip(said, true, strict=True)]
        kinds.add(name, *(found.count(kind) / len(found) for kind in KINDS))

    for seed in range(seeds):
        one_seed(seed, train, test, keep, same)
    for table in (results, kinds, same):
        table.show()
    print("\npaired differences: mean over seeds (lowest…highest)")
    for name, other in (
        ("gru", "attention"),
        ("attention", "mean"),
        ("gru, beam", "gru"),
    ):
        results.difference(name, other)


def one_seed(
    seed: int,
    train: list[PuppetVideo],
    test: list[PuppetVideo],
    keep: Callable[[str, list[str]], None],
    same: Table,
) -> None:
    trunk = by_seconds(network(seed).trunk)
    features, of_test = features_of(trunk, train), features_of(trunk, test)
    for pool in captioner.POOLS:
        told = Told(seed, features, [film.caption for film in train], pool)
        said = told.says(of_test)
        keep(pool, said)
        same.add(pool, *shuffled(told, trunk, test))
        right = scored(said, [film.caption for film in test])[0]
        print(f"seed {seed}: {pool} {right:.3f}", flush=True)
    keep("gru, beam", told.searches(of_test))
