"""Clips that stand still: what a set's labels ask for beside a single frame."""

import numpy as np
from by_cue import Table

from lecturekit import puppets

from . import (
    EPOCHS,
    FIRSTS,
    MIDDLE,
    answers,
    clip_at,
    network,
    of_one_network,
    scores_of,
    settings,
    tested,
    top_1,
)


def by_cue(scores: np.ndarray) -> list[float]:
    labels, cues = tested().labels, tested().cues
    asked = [cues == cue for cue in puppets.CUES]
    return [top_1(scores, labels), *(top_1(scores[those], labels[those]) for those in asked)]


def show(seeds: int) -> None:
    """The middle view as it is, and its first frame held; a network that has seen only such."""
    settings(EPOCHS, of_one_network())
    results = Table("% right of the middle view", ("all", *puppets.CUES), digits=1)
    held = clip_at(tested().clips, FIRSTS[MIDDLE], still=True)
    for seed in range(seeds):
        results.add("moving", *by_cue(answers(seed)[:, MIDDLE]))
        results.add("standing still", *by_cue(scores_of(network(seed), held)))
        results.add("trained on stills", *by_cue(scores_of(network(seed, still=True), held)))
    results.show()
    print("\npaired differences")
    for name, other in (
        ("moving", "standing still"),
        ("moving", "trained on stills"),
        ("trained on stills", "standing still"),
    ):
        results.difference(name, other)
