"""An exercise on the loss of a multi-class linear SVM."""

from collections.abc import Callable

import numpy as np

from lecturekit.exercises import Derivation

# Three clips of three classes: one far enough ahead, one ahead by too little, one behind.
_SVM_SCORES = np.array([[2.0, 0.4, 0.7], [0.3, 0.7, -0.5], [0.8, 0.5, 0.2]])
_IS_TRUE = np.eye(3)


def _short_of(scores: np.ndarray, bonus: np.ndarray = 1 - _IS_TRUE) -> np.ndarray:
    """How far the true class falls short of each class and its bonus: (clips, classes)."""
    return scores + bonus - (scores * _IS_TRUE).sum(1, keepdims=True)


def _both(loss: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float]:
    """The mean of a loss over the clips: as scored, and with all scores doubled."""
    return tuple(float(loss(factor * _SVM_SCORES).mean()) for factor in (1, 2))


_HINGE = _both(lambda scores: _short_of(scores).max(1))

SVM_LOSS = Derivation(
    name="svm_loss",
    answer=_HINGE,
    statement="(0 + 0.6 + 1.6) / 3, and (0 + 0.2 + 2.2) / 3, as the bonus does not double",
    slips=[
        (
            (_HINGE[0], 2 * _HINGE[0]),
            "the first is right. The bonus of 1 does not double with the scores: work each clip "
            "out anew.",
        ),
        (
            (3 * _HINGE[0], 3 * _HINGE[1]),
            "those are sums over the three clips. Asked for is the mean.",
        ),
        (
            (1.5 * _HINGE[0], 1.5 * _HINGE[1]),
            "you divided by two, the clips that cost something. A clip that costs 0 counts too.",
        ),
        (
            (_HINGE[0], _HINGE[0]),
            "the first is right. But scale matters: the scores double, the bonus of 1 does not.",
        ),
        (
            (_HINGE[1], _HINGE[0]),
            "the two numbers have changed places: the scores as they are come first.",
        ),
        (
            _both(lambda scores: _short_of(scores, np.zeros((3, 3))).max(1)),
            "without the bonus a clip costs nothing as soon as it is right. Wrong classes get 1 "
            "more.",
        ),
        (
            _both(lambda scores: _short_of(scores, np.ones((3, 3))).max(1)),
            "the true class got the bonus, too. Only wrong classes get it.",
        ),
        (
            _both(lambda scores: (_short_of(scores) - 9 * _IS_TRUE).max(1)),
            "a clip that is far enough ahead costs 0, not less: the maximum is over all classes, "
            "the true one among them.",
        ),
        (
            _both(lambda scores: _short_of(scores).clip(0).sum(1)),
            "you added up what each wrong class is ahead by. Only the one that is furthest ahead "
            "counts.",
        ),
        (
            _both(lambda scores: np.logaddexp.reduce(_short_of(scores, np.zeros((3, 3))), 1)),
            "that is the cross-entropy. The hinge loss needs no exponential.",
        ),
    ],
)
