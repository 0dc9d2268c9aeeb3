"""The same answers as sentences: CIDEr and BLEU of all films, of fewer, of one."""

from functools import cache

import numpy as np
from by_cue import Table

from lecturekit import metrics, puppets

from . import CLASSES, EPOCHS, SIZE, TEST, answers, of_one_network, of_views, settings, tested

PART = 60


@cache
def sentences() -> np.ndarray:
    """Of each class one, in lower case and without its full stop."""
    films = [puppets.puppet_video([(name, 1.0)], size=SIZE) for name in puppets.ACTIONS]
    return np.array([film.caption.lower().strip(".") for film in films])


def scored(said: np.ndarray, true: np.ndarray) -> tuple[float, float, float]:
    """Share of sentences right in percent; 100 × BLEU; CIDEr, of 10."""
    references = [[sentence] for sentence in true]
    right = 100 * float(np.mean(said == true))
    return right, 100 * metrics.bleu(list(said), references), metrics.cider(list(said), references)


def show(seeds: int) -> None:
    """A classifier's answers as sentences: nothing is trained for it."""
    settings(EPOCHS, of_one_network())
    labels = tested().labels
    results = Table("the same answers", ("right", "BLEU", "CIDEr"), digits=1)
    for seed in range(seeds):
        said, true = sentences()[of_views(answers(seed)).argmax(1)], sentences()[labels]
        lots = np.random.default_rng(seed).permutation(TEST)
        parts = {
            "all films": [np.arange(TEST)],
            f"{PART} films": np.array_split(lots, TEST // PART),
            "12 films, a class each": np.argsort(labels, kind="stable").reshape(12, -1).T,
            "2 films": lots.reshape(-1, 2),
            "one film": lots[:, None],
            "the films of one class": [np.flatnonzero(labels == k) for k in range(CLASSES)],
        }
        for name, some in parts.items():
            rows = [scored(said[films], true[films]) for films in some]
            results.add(f"{name} (mean of {len(rows)})", *np.mean(rows, 0))
        capital = np.array([sentence.capitalize() for sentence in said])
        results.add("all films, answers begin 'A'", *scored(capital, true))
    print("\nsentences:", *sentences(), sep="\n  ")
    results.show()
    print("\npaired differences")
    whole, *others = results.rows
    for name in others:
        results.difference(name, whole)
