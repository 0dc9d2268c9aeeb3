"""Soft-NMS: what overlaps gets a lower score instead of being dropped."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lecturekit import metrics
from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.exercises.ch10.segments import Case, drawn


def _soft_cases() -> list[Case]:
    # The first two: lowered by the best, the second falls behind the third.
    rows = [
        ([(0, 4), (0.5, 4.2), (3.6, 6.5)], [0.9, 0.85, 0.6], 0.5),
        ([(5, 7), (0, 4), (0.2, 4.1), (3.5, 6), (0.1, 3.9)], [0.5, 0.8, 0.79, 0.6, 0.7], 0.3),
        ([(0, 1), (1, 2), (4, 5)], [0.2, 0.9, 0.4], 0.5),
        ([(2, 5)], [0.7], 0.5),
        ([], [], 0.5),
    ]
    many = [drawn(seed, number, 1, 0) for seed, number in ((5, 9), (6, 12))]
    return [
        *((np.array(s, float).reshape(-1, 2), np.array(p, float), sigma) for s, p, sigma in rows),
        *((s, p, sigma) for (s, _, p, _), sigma in zip(many, (0.5, 1.5), strict=True)),
    ]


def _factor(tiou: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-(tiou**2) / sigma)


def _soft(
    factor: Callable[..., Any] = _factor, *, reorder: bool = True, whom: str = "left"
) -> Callable[..., np.ndarray]:
    """Soft-NMS with its lines right or wrong.

    Args:
        factor: what a score is multiplied by.
        reorder: the best of those left is sought anew each time.
        whom: whose scores are lowered: those of what is "left", of all "others", or of what is
            left and of the segment "itself".
    """

    def soft_nms(segments: Any, scores: Any, sigma: float) -> np.ndarray:
        scores = np.array(scores, float)
        left, first = list(range(len(scores))), scores.copy()
        while left:
            best = max(left, key=lambda i: scores[i] if reorder else first[i])
            left.remove(best)
            others = [i for i in range(len(scores)) if i != best]
            which = {"left": left, "others": others, "itself": [*left, best]}[whom]
            if which:
                overlap = metrics.temporal_iou(np.asarray(segments), np.asarray(segments))[best]
                scores[which] *= factor(overlap[which], sigma)
        return scores

    return soft_nms


_right_soft = _soft()


def _by_the_best_alone(segments: Any, scores: Any, sigma: float) -> np.ndarray:
    scores = np.array(scores, float)
    if len(scores) > 1:
        best = int(scores.argmax())
        overlap = metrics.temporal_iou(np.asarray(segments), np.asarray(segments))[best]
        scores *= np.where(np.arange(len(scores)) == best, 1, _factor(overlap, sigma))
    return scores


def _in_place(segments: Any, scores: Any, sigma: float) -> Any:
    lowered = _right_soft(segments, scores, sigma)
    for i, score in enumerate(lowered):
        scores[i] = score
    return scores


SOFT_NMS = Exercise(
    name="soft_nms",
    cases=_soft_cases,
    properties=[
        Property("a score for each segment", lambda got, s, p, _: np.shape(got) == p.shape),
        Property(
            "the best of those left is taken as it is, the others are lowered, and so on",
            lambda got, *case: np.allclose(
                np.asarray(got, float), _right_soft(*case), rtol=1e-4, atol=1e-6
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            _soft(reorder=False),
            "you go by the scores as they were at first. Lowered, the second can fall behind the "
            "third: look for the best of those left each time anew.",
        ),
        Misconception(
            _soft(whom="others"),
            "every segment lowers every other one, also those that are taken already. A score is "
            "final once its segment is taken.",
        ),
        Misconception(
            _soft(whom="itself"),
            "the one that is taken is lowered by itself: its tIoU with itself is 1.",
        ),
        Misconception(
            _by_the_best_alone,
            "only the best one lowers the others. Then the best of those left does, and so on.",
        ),
        Misconception(
            _soft(lambda tiou, sigma: np.exp(-tiou / sigma)),
            "the tIoU stands squared in the exponent.",
        ),
        Misconception(
            _soft(lambda tiou, sigma: np.exp(-((tiou / sigma) ** 2))),
            "tIoU squared over sigma. You squared sigma, too.",
        ),
        Misconception(
            _soft(lambda tiou, sigma: np.exp(-(tiou**2) / (2 * sigma**2))),
            "tIoU squared over sigma, as the page has it, not over twice its square.",
        ),
        Misconception(
            _soft(lambda tiou, sigma: 1 - np.exp(-(tiou**2) / sigma)),
            "turned round: what does not overlap at all must keep its score, so its factor is 1.",
        ),
        Misconception(
            _soft(lambda tiou, _: 1 - tiou),
            "a factor of 1 − tIoU is another soft NMS, the linear one. Asked for is the "
            "exponential.",
        ),
        Misconception(
            _soft(lambda tiou, _: 1.0 * (tiou <= 0.5)),
            "that is NMS itself: what overlaps gets 0. Soft means: a smaller score.",
        ),
        Misconception(
            lambda *case: np.sort(_right_soft(*case))[::-1],
            "the right scores, but sorted. Asked for: in the order in which the segments came.",
        ),
        Misconception(
            _in_place,
            "right, but you have written into `scores`. Whoever called it has lost the old ones: "
            "work on a copy.",
        ),
    ],
)
