"""What cannot tell an order of frames from another."""

from collections.abc import Callable
from itertools import permutations

import numpy as np

from lecturekit.exercises import Derivation, Exercise, Misconception, Property

BLIND_ACCURACY = Derivation(
    name="blind_accuracy",
    answer=(0.25, 0.425),
    statement="the reverse of a clip gets the same answer, so 25 of 100 are right there, and "
    "60 + 25 of all 200",
    slips=[
        (
            (0.6, 0.6),
            "the scores of a clip and of its reverse are the same, but the labels are not: what "
            "is right for one is wrong for the other.",
        ),
        (
            (0.4, 0.5),
            "what is not called 'sit down' is not yet called 'stand up': 15 clips are called "
            "something else, and that is wrong in both halves.",
        ),
        (
            (0.25, 0.5),
            "one half is the most that is possible. The 15 clips that are called something else "
            "are lost for both halves.",
        ),
        (
            (0.5, 0.55),
            "one half is a bound for the whole pair. How the 100 reversed clips are called is "
            "known: as the clips that they are the reverse of.",
        ),
        ((0.25, 0.85), "a share of all clips: divide by 200."),
        ((25, 42.5), "shares are asked for, from 0 to 1."),
        ((0.15, 0.375), "those 15 are called something else: they are right in neither half."),
        ((0.6, 0.425), "the whole is right. Which of the answers are right on the reversed clips?"),
    ],
)


def _mean(frames: np.ndarray) -> np.ndarray:
    return frames.mean(0)


def _largest(frames: np.ndarray) -> np.ndarray:
    return frames.max(0)


def _spread(frames: np.ndarray) -> np.ndarray:
    return frames.std(0)


def _last(frames: np.ndarray) -> np.ndarray:
    return frames[-1]


def _middle(frames: np.ndarray) -> np.ndarray:
    return frames[len(frames) // 2]


def _both_ways(frames: np.ndarray) -> np.ndarray:
    return abs(np.diff(frames, axis=0)).sum(0)


def _around(frames: np.ndarray) -> np.ndarray:
    return abs(frames - np.roll(frames, 1, axis=0)).mean(0)


def _half_difference(frames: np.ndarray) -> np.ndarray:
    return frames[: len(frames) // 2].mean(0) - frames[-(len(frames) // 2) :].mean(0)


def _blind_to_one(order: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """A pooling that this one order leaves as it is, with what repeating it gives, and no other."""

    def pool(frames: np.ndarray) -> np.ndarray:
        place, weights, total = np.arange(len(order)), np.arange(1, len(order) + 1), 0.0
        for _ in range(12):  # every order of four frames returns after 1, 2, 3 or 4 steps
            total = total + (weights @ frames[place]) ** 3
            place = place[list(order)]
        return total

    return pool


_BLIND = (_mean, _largest, _spread)
_NOT_BLIND = (_last, _middle, _both_ways, _around, _half_difference)
_FIVE, _FOUR = (np.random.default_rng(1).normal(size=(frames, 3)) for frames in (5, 4))


def _one_other_order(change: Callable[[np.ndarray], np.ndarray]) -> Callable[..., bool]:
    return lambda pool, frames: bool(np.allclose(pool(change(frames)), pool(frames)))


IS_ORDER_BLIND = Exercise(
    name="is_order_blind",
    library="numpy",
    cases=[(pool, _FIVE) for pool in (*_BLIND, *_NOT_BLIND)]
    # Whoever tries a single order is caught, whichever it is.
    + [(_blind_to_one(order), _FOUR) for order in list(permutations(range(4)))[1:]],
    properties=[
        Property("True or False", lambda got, *_: isinstance(got, bool | np.bool_)),
        Property(
            "True for the poolings that no new order of frames changes, and only for them",
            lambda got, pool, frames: bool(got) == (pool in _BLIND),
        ),
    ],
    misconceptions=[
        Misconception(
            _one_other_order(lambda frames: frames[::-1]),
            "you tried one other order, the reverse. The middle frame, and the sum of the changes, "
            "survive that and not a shuffle.",
        ),
        Misconception(
            _one_other_order(lambda frames: np.roll(frames, 1, 0)),
            "you rolled the frames. What compares each frame with the one before, around the "
            "circle, survives every roll and not a shuffle.",
        ),
        Misconception(
            _one_other_order(lambda frames: np.random.default_rng(0).permutation(frames)),
            "one shuffle is not enough: for each single order there is a pooling that survives "
            "it and is not blind. Try all of them; the clips are short.",
        ),
        Misconception(
            _one_other_order(lambda frames: frames[:, ::-1]),
            "you moved the features, not the frames. Frames are the first axis.",
        ),
        Misconception(
            lambda pool, frames: all(
                np.array_equal(pool(frames[list(order)]), pool(frames))
                for order in permutations(range(len(frames)))
            ),
            "a sum in another order may differ in its last digit: compare with np.allclose.",
        ),
        Misconception(
            _one_other_order(lambda frames: frames),
            "that is True for every pool: the frames in their own order always agree. All orders "
            "must, not one of them.",
        ),
    ],
)
