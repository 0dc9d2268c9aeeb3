"""Decks for the explorer's tests: the chapter's own, and random ones with ties and copies."""

import random

LABEL = "wave"
FILMS = {"street": 12, "kitchen": 12, "empty": 12}
TRUTHS = [
    ("street", LABEL, 2, 6),
    ("street", LABEL, 8, 11),
    ("kitchen", LABEL, 1, 5),
    ("kitchen", LABEL, 7, 10),
]
ANSWERS = [
    ("street", LABEL, 2.5, 6, 0.95),  # right
    ("empty", LABEL, 3, 6, 0.90),  # a film without truth
    ("street", LABEL, 1.5, 5, 0.80),  # a double
    ("kitchen", LABEL, 1, 4, 0.70),  # right
    ("street", LABEL, 9, 12, 0.60),  # right: 0.5 is at the threshold
    ("kitchen", LABEL, 6, 7.5, 0.50),  # overlaps too little
    ("kitchen", LABEL, 7.5, 10.5, 0.30),  # right
]


def random_deck(rng: random.Random):
    """Predictions, truths and films: coarse times and scores, so that overlaps and scores tie."""
    films = dict.fromkeys(("a", "b", "c")[: rng.randint(1, 3)], 10)

    def segment():
        start = rng.randint(0, 16) / 2
        return rng.choice(list(films)), LABEL, start, start + rng.randint(1, 8) / 2

    def inside(row):
        return (*row[:3], min(row[3], 10))

    truths = [inside(segment()) for _ in range(rng.randint(1, 6))]
    answers = []
    for _ in range(rng.randint(1, 10)):
        # Half of them are a truth, moved: else few would be right.
        film, _, start, stop = rng.choice(truths) if rng.random() < 0.5 else segment()
        stop = min(stop + rng.choice((0, 0, 0.5, 1)), 10)
        answers.append((film, LABEL, start, stop, rng.randint(0, 6) / 6))
    return answers, truths, films


def random_cards(rng: random.Random, answers):
    """Other scores, some of them equal, and up to two copies."""
    copies = [rng.randrange(len(answers)) for _ in range(rng.randint(0, 2))]
    return [[k, rng.randint(0, 8) / 8] for k in [*range(len(answers)), *copies]]


def random_settings(rng: random.Random):
    return {
        "tiou": rng.randint(2, 18) / 20,
        "take": rng.choice(("best free", "best only")),
        "doubles": rng.choice(("false", "left out")),
        "empty": rng.choice(("false", "left out")),
    }
