"""Reading accuracy by cue, and taking one cue away."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lecturekit.exercises import Claim, Exercise, Judgement, Misconception, Property

_RNG = np.random.default_rng(0)
_SCORES = [
    (_RNG.normal(size=(40, 6)), _RNG.integers(0, 6, 40)),
    (_RNG.normal(size=(25, 12)).astype(np.float32), _RNG.integers(0, 12, 25)),
    (np.array([[5.0, 0, 0, 1], [5.0, 0, 1, 0]]), np.array([3, 2])),
    # A network that gives all classes one score has told nothing apart.
    (np.zeros((6, 4)), np.array([0, 1, 2, 3, 0, 2])),
]


def _own_and_partner(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(len(labels))
    return scores[rows, labels], scores[rows, labels ^ 1]


def _inside_pair(scores: np.ndarray, labels: np.ndarray) -> float:
    own, partner = _own_and_partner(scores, labels)
    return float(np.mean(own > partner))


def _ties_right(scores: np.ndarray, labels: np.ndarray) -> float:
    own, partner = _own_and_partner(scores, labels)
    return float(np.mean(own >= partner))


def _larger_of_two(scores: np.ndarray, labels: np.ndarray) -> float:
    pairs = scores.reshape(len(scores), -1, 2)[np.arange(len(labels)), labels // 2]
    return float(np.mean(pairs.argmax(1) == labels % 2))


def _of_those_found(scores: np.ndarray, labels: np.ndarray) -> float:
    answers = scores.argmax(1)
    found = answers // 2 == labels // 2
    return float((answers == labels).sum() / max(found.sum(), 1))


WITHIN_PAIR_ACCURACY = Exercise(
    name="within_pair_accuracy",
    cases=_SCORES,
    properties=[
        Property("a share from 0 to 1", lambda got, *_: 0 <= float(got) <= 1),
        Property(
            "a clip counts if its class scores higher than its partner",
            lambda got, scores, labels: abs(float(got) - _inside_pair(scores, labels)) < 1e-6,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda scores, labels: float((scores.argmax(1) == labels).mean()),
            "that is the usual accuracy, over all classes. Here only the pair's two compete.",
        ),
        Misconception(
            lambda scores, labels: float(
                (scores[np.arange(len(labels)), labels]
                 > scores[np.arange(len(labels)), (labels + 1) % scores.shape[1]]).mean()
            ),
            "you compared with the class that comes next. The pairs are (0, 1), (2, 3), …: the "
            "partner of 1 is 0.",
        ),
        Misconception(
            lambda scores, labels: float((scores.argmax(1) // 2 == labels // 2).mean()),
            "that asks whether the pair was found. The question is which of the two it was.",
        ),
        Misconception(
            _ties_right,
            "a tie tells nothing apart. With >=, a network that gives every class the same score "
            "would be right always.",
        ),
        Misconception(
            _larger_of_two,
            "argmax takes the first of two equal scores: a tie counts as right for every even "
            "label. It is to count as wrong.",
        ),
        Misconception(
            _of_those_found,
            "you left out the clips whose highest score lies outside the pair. Every clip counts; "
            "only the two scores are compared.",
        ),
        Misconception(
            lambda scores, labels: 1 - _ties_right(scores, labels),
            "that is the share of clips whose partner scores higher.",
        ),
    ],
)  # fmt: skip


def _numbered_clips() -> list[tuple[np.ndarray, np.random.Generator]]:
    """Clips whose frames all differ, so that each can be recognised: (clips, generator)."""
    rng = np.random.default_rng(7)
    # Seeds whose first draws differ: a single draw for all clips does not come out the same twice.
    return [
        (rng.integers(0, 256, (240, frames, 3, 4, 3)).astype(np.uint8), np.random.default_rng(seed))
        for frames, seed in ((8, 2), (12, 1))
    ]


def _shown(got: np.ndarray, clips: np.ndarray) -> np.ndarray:
    """Which frame of its clip each frame is: (N, T), −1 where it is none."""
    found = (np.asarray(got)[:, :, None] == clips[:, None]).all((3, 4, 5))
    return np.where(found.any(2), found.argmax(2), -1)


def _goes_forward(got: np.ndarray, clips: np.ndarray, _: Any) -> bool:
    # Half of the frames in their order are enough, and one step back for a cut.
    steps = np.diff(_shown(got, clips), axis=1)
    enough = (steps > 0).sum(1) >= clips.shape[1] // 2 - 1
    return bool((enough & ((steps < 0).sum(1) <= 1)).all())


def _untellable(got: np.ndarray, clips: np.ndarray, _: Any) -> bool:
    # With 240 clips a share of one half is met to 0.13 in four standard deviations.
    from_first_half = _shown(got, clips) < clips.shape[1] // 2
    return bool((abs(from_first_half.mean(0) - 0.5) < 0.13).all())


def _first_half_first(got: np.ndarray, clips: np.ndarray, _: Any) -> bool:
    share = (_shown(got, clips) < clips.shape[1] // 2).mean(0)
    return bool(share[0] > 0.6 and share[-1] < 0.4)


def _each(change: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """``change(clip, rng)`` done to each clip."""
    return lambda clips, rng: np.stack([change(clip, rng) for clip in np.asarray(clips)])


FORGET_ORDER = Exercise(
    name="forget_order",
    kind="experiment",
    library="numpy",
    cases=_numbered_clips,
    properties=[
        Property("the shape of `clips`", lambda got, clips, _: got.shape == clips.shape),
        Property(
            "every frame is a frame of its clip, unchanged",
            lambda got, clips, _: (_shown(got, clips) >= 0).all(),
        ),
        Property("time goes forward, with at most one step back", _goes_forward),
        Property(
            "at every moment, a frame of the first half in about one half of the clips", _untellable
        ),
    ],
    misconceptions=[
        Misconception(
            lambda clips, rng: clips,
            "nothing has changed: the first half comes first in every clip.",
        ),
        Misconception(
            lambda clips, rng: 255 - clips,
            "some of your pictures are no frames of the clip. Only choose which one stands where.",
            symptom=lambda got, clips, _: (_shown(got, clips) < 0).any(),
        ),
        Misconception(
            _each(lambda clip, rng: clip[::-1] if rng.integers(2) else clip),
            "reversed, 'walk left' is 'walk right': that destroys the direction too.",
            symptom=lambda got, clips, _: (np.diff(_shown(got, clips)) < 0).all(1).any(),
        ),
        Misconception(
            _each(lambda clip, rng: clip[[rng.integers(len(clip))] * len(clip)]),
            "a still picture: the order is gone, and so is the direction.",
            symptom=lambda got, clips, _: (np.diff(_shown(got, clips)) == 0).all(),
        ),
        Misconception(
            _each(lambda clip, rng: rng.permutation(clip)),
            "time runs back more than once: a walk to the right then has steps to the left, and "
            "the direction is spoilt as well. Cut each clip once at most.",
            symptom=lambda got, clips, _: ((np.diff(_shown(got, clips)) < 0).sum(1) > 1).any(),
        ),
        Misconception(
            _each(lambda clip, rng: np.roll(clip, len(clip) // 2, 0)),
            "you always swap the halves. Then the order can still be read, under the other name.",
        ),
        Misconception(
            _each(lambda clip, rng: np.repeat(clip[: len(clip) // 2], 2, 0)),
            "the same half is shown in every clip: a jump means 'jump then wave', a wave the "
            "other. The order can be read from that.",
            symptom=lambda got, clips, _: np.ptp(_shown(got, clips) // (clips.shape[1] // 2)) == 0,
        ),
        Misconception(
            lambda clips, rng: np.roll(clips, rng.integers(2) * (clips.shape[1] // 2), 1),
            "one draw serves all clips. Draw anew for each.",
            symptom=lambda got, clips, _: np.ptp(_shown(got, clips), axis=0).max() == 0,
        ),
        Misconception(
            _each(lambda clip, rng: clip[(np.arange(len(clip)) - rng.integers(5)).clip(0)]),
            "most clips still begin in their first half and end in their second: the order is "
            "moved about, not destroyed.",
            symptom=_first_half_first,
        ),
    ],
)


CLAIMS = Judgement(
    name="claims",
    claims={
        "a": Claim(
            False,
            "it finds the speed pairs (the blocks of the confusion matrix) and cannot choose "
            "inside them.",
            "look at the confusion matrix of late fusion: is a fast wave called a walk, or a "
            "slow wave?",
        ),
        "b": Claim(
            False,
            "the bound holds for any weights, any width and any number of clips.",
            "what did the proof assume about the size of the network?",
        ),
        "c": Claim(
            False,
            "its accuracy in the order pair says that the order is there, in the channels of its "
            "first layer.",
            "read early fusion's accuracy in the order column.",
        ),
        "d": Claim(
            True,
            "attention over time adds about one point on Kinetics-400 and over twenty on "
            "Something-Something V2.",
            "compare what attention over time adds on each of the two data sets.",
        ),
        "e": Claim(
            False,
            "another world, other cues, other networks. (VMZ's table does speak about Kinetics, "
            "and it says so for one ResNet-18.)",
            "which clips was the table of this chapter measured on?",
        ),
        "f": Claim(
            True,
            "where every class differs in appearance, an order-blind network loses nothing by it.",
            "think of a data set in which one frame of each clip gives the class away.",
        ),
    },
)
