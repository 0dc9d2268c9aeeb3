"""What is reported of many runs, and what a leaderboard shows."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from lecturekit.exercises import Claim, Exercise, Judgement, Misconception, Property


@lru_cache(maxsize=1)
def _cases() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Validation and test accuracies ``(methods, checkpoints)`` on which all slips show."""
    rng, found = np.random.default_rng(5), []
    while len(found) < 4:
        shape = (3 + len(found) % 3, 4 + len(found))
        mean = rng.normal(70, 1.5, (shape[0], 1))
        held, test = (np.round(mean + rng.normal(0, 1.5, shape), 2) for _ in range(2))
        answers = {slip(held, test) for slip in (_right, *_SLIPS)}
        if len(answers) == 1 + len(_SLIPS):
            found.append((held, test))
    return tuple(found)


def _choosing(by: str, among: str, told: str) -> Callable[..., tuple[int, float]]:
    """Of each method the checkpoint best in ``by``, the method best in ``among``; its ``told``."""

    def report(held: np.ndarray, test: np.ndarray) -> tuple[int, float]:
        films = {"held": held, "test": test}
        checkpoints = films[by].argmax(1)
        method = int(films[among][np.arange(len(held)), checkpoints].argmax())
        return method, float(films[told][method, checkpoints[method]])

    return report


_right = _choosing("held", "held", "test")
_as_it_is = _choosing("test", "held", "held")
_held_number = _choosing("held", "held", "held")
_method_by_test = _choosing("held", "test", "test")
_checkpoint_by_test = _choosing("test", "held", "test")
_all_by_test = _choosing("test", "test", "test")


def _mean_of_checkpoints(held: np.ndarray, test: np.ndarray) -> tuple[int, float]:
    method = int(held.max(1).argmax())
    return method, round(float(test[method].mean()), 6)


_SLIPS = (
    _as_it_is, _held_number, _method_by_test, _checkpoint_by_test, _all_by_test,
    _mean_of_checkpoints,
)  # fmt: skip


def _known(slip: Callable[..., tuple[int, float]], hint: str) -> Misconception:
    return Misconception(lambda held, test: slip(np.asarray(held), np.asarray(test)), hint)


REPORT = Exercise(
    name="report",
    kind="debug",
    cases=lambda: list(_cases()),
    properties=[
        Property(
            "two things: the method's number and an accuracy",
            lambda got, *_: len(got) == 2 and int(got[0]) == got[0],
        ),
        Property(
            "the method that validation prefers",
            lambda got, held, test: got[0] == _right(held, test)[0],
        ),
        Property(
            "the test accuracy of the checkpoint that validation prefers",
            lambda got, held, test: abs(got[1] - _right(held, test)[1]) < 1e-6,
        ),
    ],
    misconceptions=[
        _known(_as_it_is, "this is the code as it was: the test films choose, and the films that "
               "are reported chose too."),
        _known(_held_number, "the number that you report is of the films that chose: it is lucky. "
               "Report the test's."),
        _known(_method_by_test, "the checkpoints are right, and then the test films choose among "
               "the methods. That is a choice as well."),
        _known(_checkpoint_by_test, "the test films choose the checkpoint: of each method its "
               "luckiest."),
        _known(_all_by_test, "the test films choose everything, and are reported: the winner's "
               "curse, twice."),
        _known(_mean_of_checkpoints, "the mean over checkpoints is not what you would hand over. "
               "It is one checkpoint, chosen by validation."),
    ],
)  # fmt: skip


JUDGED = Judgement(
    name="judged",
    claims={
        "a": Claim(
            False,
            "200 · 3 = 600 G for a film of Q, 60 · 30 = 1,800 G for one of P.",
            "costs of one view. How many views has each?",
        ),
        "b": Claim(
            False,
            "Q saw ImageNet-21K first, other frames and other views. Of its lead no one knows how "
            "much is the architecture's.",
            "in how many things do the two rows differ?",
        ),
        "c": Claim(
            False,
            "they were tested on other films. Half a point between two sets says nothing.",
            "on which films is each number?",
        ),
        "d": Claim(
            True,
            "1,800 over 250 is 7.2, and 78.0 − 77.5 is 0.5; split, pretraining and what is counted "
            "are the same. Views differ, and are in the cost.",
            "work out all views of both, and compare split and pretraining.",
        ),
        "e": Claim(
            False,
            "its views are not said. Not said is not the same.",
            "what does a film of T cost? Which factor is missing?",
        ),
        "f": Claim(
            True,
            "250 G multiply–adds for a film, 1,000 G in a second at best.",
            "work out all views of R. Is a bound from below claimed, or a time?",
        ),
        "g": Claim(
            False,
            "fewer operations bound the seconds from below. Bytes, small layers and copies may "
            "take longer: measure.",
            "is there a second anywhere in the table?",
        ),
        "h": Claim(
            False,
            "79.6 is the best of five. Its mean, 78.2, is below Q's one number, and how far Q's "
            "seeds spread is not said.",
            "of how many runs is each number, and which of them?",
        ),
        "i": Claim(
            True,
            "9 M · 4 bytes = 36 MB. The next smallest has 34 M, 136 MB.",
            "four bytes a weight: how large is each?",
        ),
    },
)
