"""A league for tests: four cues, six networks that see different ones, five seeds."""

import base64

import numpy as np

from lecturekit.puppets import ACTIONS

# A class of each cue but speed's, which is rarer, so that no two cues weigh the same by chance.
CUES = {"appearance": 72, "direction": 48, "speed": 24, "order": 48}
CLASSES = [
    next(name for name, (cue, *_) in ACTIONS.items() if cue == wanted)
    for wanted in ("appearance", "direction", "order", "speed", "appearance", "direction", "order")
] + [next(name for name, (cue, *_) in ACTIONS.items() if cue == "appearance")]
# By network the true rate of each cue.
RATES = {
    "One frame": (0.97, 0.50, 0.52, 0.50),
    "Late fusion": (0.96, 0.52, 0.62, 0.50),
    "Early fusion": (0.80, 0.70, 0.74, 0.55),
    "3D CNN": (0.84, 0.88, 0.80, 0.62),
    "Two streams": (0.92, 0.94, 0.70, 0.61),
    "Video transformer": (0.72, 0.80, 0.66, 0.93),
}


def cue_of_clips():
    """The name of each clip's cue."""
    count = sum(CUES.values())
    return np.array([ACTIONS[CLASSES[i % len(CLASSES)]][0] for i in range(count)])


def draw(seed=0, seeds=5):
    """Right or wrong ``(families, seeds, clips)``; some clips are hard for all."""
    rng = np.random.default_rng(seed)
    cues, rates = cue_of_clips(), np.array(list(RATES.values()))
    of_clip = rates[:, [list(CUES).index(cue) for cue in cues]]
    hard = rng.random(len(cues)) < 0.1
    own = rng.random((len(RATES), seeds, len(cues)))
    shift = 0.03 * rng.standard_normal((len(RATES), seeds, 1))
    return own < np.where(hard, 0.3, 1.0) * (of_clip[:, None] + shift)


def league(right=None, seeds=5):
    """As ``benchmarks/league.py`` writes one."""
    right = draw(seeds=seeds) if right is None else right
    titles = list(RATES)[: len(right)]
    names = [title.lower().replace(" ", "_") for title in titles]
    packed = {
        name: {"right": [base64.b64encode(np.packbits(row)).decode() for row in of]}
        for name, of in zip(names, right, strict=True)
    }
    return {
        "date": "2026-01-31",
        "seconds": 20,
        "cues": dict(CUES),
        "classes": CLASSES,
        "families": [
            {
                "name": name,
                "title": title,
                "chapter": number + 2,
                "parameters": 10_000 * (number + 1),
            }
            for number, (name, title) in enumerate(zip(names, titles, strict=True))
        ],
        "budgets": [{"seconds": 5, "families": {}}, {"seconds": 20, "families": packed}],
    }
