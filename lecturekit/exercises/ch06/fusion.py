"""Exercises on fusion: of many streams, what they do together, fitted on which clips."""

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.exercises.values import same

_RNG = np.random.default_rng(0)


def _softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("m,mnk->nk", np.asarray(weights) / np.sum(weights), values)


# Rows in which one stream is sure and another is not, so that the orders of operations differ.
_SPATIAL = [[9.0, 6.5, 0], [0.2, 0.1, 0], [3, 1, 2], [0, 4, 1]]
_TEMPORAL = [[0.5, 0, 1.6], [1, 2.5, 0], [0, 0.7, 8], [2.2, 0, 1]]
_SOUND = [[0.0, 2, 1], [3, 0, 0.5], [0.1, 0.2, 0], [1, 1.5, 2.5]]
_FUSED = [
    (np.array([_SPATIAL, _TEMPORAL]), np.array([1, 1.5])),
    (np.array([_SPATIAL, _TEMPORAL, _SOUND]), np.array([0.2, 0.5, 0.3])),
    (np.array([_TEMPORAL, _SOUND, _SPATIAL]), np.array([2.0, 0.0, 1.0])),
    # What a network without normalisation may give: no power of e is that large.
    (np.array([[[900.0, 901.5]], [[-900.0, -899.0]]]), np.array([1.0, 3.0])),
]

FUSE = Exercise(
    name="fuse",
    cases=_FUSED,
    properties=[
        Property("shape (N, K)", lambda got, scores, _: got.shape == scores.shape[1:]),
        Property(
            "each clip's numbers are probabilities: they sum to one",
            lambda got, *_: same(got.sum(1), np.ones(len(got))) and (got >= 0).all(),
        ),
        Property(
            "the weighted mean of the streams' probabilities, each stream by its share of the "
            "weights",
            lambda got, scores, weights: same(got, _mean(_softmax(scores), weights), atol=1e-4),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda scores, weights: _mean(scores, weights),
            "these are averaged scores (logits), without a softmax: the network with the larger "
            "numbers decides.",
        ),
        Misconception(
            lambda scores, weights: np.einsum("m,mnk->nk", weights, scores),
            "these are summed scores (logits), without a softmax: the network with the larger "
            "numbers decides.",
        ),
        Misconception(
            lambda scores, weights: _softmax(_mean(scores, weights)),
            "first the softmax of each stream, then the mean. In the other order the network "
            "with the larger numbers decides.",
        ),
        Misconception(
            lambda scores, weights: _softmax(np.einsum("m,mnk->nk", weights, scores)),
            "first the softmax of each stream, then the sum. In the other order the network with "
            "the larger numbers decides.",
        ),
        Misconception(
            lambda scores, weights: np.einsum("m,mnk->nk", weights, _softmax(scores)),
            "weights may be 1 and 1.5: then your rows sum to 2.5. Divide by the weights' sum.",
        ),
        Misconception(
            lambda scores, weights: np.einsum("m,mnk->nk", weights, _softmax(scores)) / len(scores),
            "divide by the sum of the weights, not by the number of streams.",
        ),
        Misconception(
            lambda scores, weights: _softmax(np.einsum("m,mnk->nk", weights, _softmax(scores))),
            "a second softmax makes the rows sum to one, but it changes the probabilities. Divide "
            "by the weights' sum.",
        ),
        Misconception(
            lambda scores, weights: _softmax(scores).mean(0),
            "every stream has the same say here. Where do the weights come in?",
        ),
        Misconception(
            lambda scores, weights: _mean(_softmax(scores, 1), weights),
            "your softmax runs over the clips. Each clip's own row must sum to one.",
        ),
        Misconception(
            lambda scores, weights: _mean(_softmax(scores, 0), weights),
            "your softmax runs over the streams. It belongs to the classes of one clip.",
        ),
        Misconception(
            lambda scores, weights: _mean(_naive_softmax(scores), weights),
            "powers of e have become infinite, or all zero. Subtract each row's own maximum first: "
            "the softmax stays the same.",
            lambda got, *_: not np.isfinite(got).all(),
        ),
    ],
)  # fmt: skip


def _naive_softmax(scores: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(scores)
        return powers / powers.sum(-1, keepdims=True)


def _wrong(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Bool (M, N): where each stream is wrong."""
    return scores.argmax(-1) != labels


def _drawn_scores(clips: int, strengths: list[float], shared: float) -> tuple:
    """Scores (M, N, K) of streams of different strength that share some of their errors."""
    labels = _RNG.integers(0, 5, clips)
    noise = shared * _RNG.normal(size=(1, clips, 5)) + _RNG.normal(size=(len(strengths), clips, 5))
    return noise + np.array(strengths)[:, None, None] * np.eye(5)[labels], labels


WRONG_TOGETHER = Exercise(
    name="wrong_together",
    cases=[
        _drawn_scores(40, [1.2, 2.0], 1.0),
        _drawn_scores(60, [0.7, 1.4, 0.9], 0.5),
        _drawn_scores(50, [0.5, 0.8, 0.6, 1.0], 1.5),
    ],
    properties=[
        Property("two numbers", lambda got, *_: len(got) == 2),
        Property(
            "first, the share of clips on which every stream is wrong",
            lambda got, scores, labels: same(got[0], _wrong(scores, labels).all(0).mean()),
        ),
        Property(
            "second, that share if the streams erred independently",
            lambda got, scores, labels: same(got[1], _wrong(scores, labels).mean(1).prod()),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda scores, labels: (
                _wrong(scores, labels).mean(1).prod(),
                _wrong(scores, labels).all(0).mean(),
            ),
            "the two numbers have changed places.",
        ),
        Misconception(
            lambda scores, labels: (
                _wrong(scores, labels).any(0).mean(),
                _wrong(scores, labels).mean(1).prod(),
            ),
            "the first counts clips on which at least one stream is wrong. Asked for: all of them.",
            lambda got, scores, labels: same(got[0], _wrong(scores, labels).any(0).mean()),
        ),
        Misconception(
            lambda scores, labels: (
                (~_wrong(scores, labels)).all(0).mean(),
                (~_wrong(scores, labels)).mean(1).prod(),
            ),
            "those are the clips on which every stream is right. Count the errors.",
        ),
        Misconception(
            lambda scores, labels: (
                _wrong(scores, labels).all(0).mean(),
                1 - (~_wrong(scores, labels)).mean(1).prod(),
            ),
            "the second is how often at least one is wrong. All wrong at once: multiply the "
            "shares of errors.",
        ),
        Misconception(
            lambda scores, labels: (
                _wrong(scores, labels).all(0).mean(),
                (~_wrong(scores, labels)).mean(1).prod(),
            ),
            "the second multiplies accuracies: that is all right at once. Multiply the shares of "
            "errors.",
        ),
        Misconception(
            lambda scores, labels: (
                _wrong(scores, labels).all(0).mean(),
                _wrong(scores, labels).mean() ** len(scores),
            ),
            "each stream has its own share of errors: multiply those, not their mean.",
        ),
        Misconception(
            lambda scores, labels: (
                _wrong(scores[:2], labels).all(0).mean(),
                _wrong(scores[:2], labels).mean(1).prod(),
            ),
            "right for two streams. There may be three or more: all of them must be wrong.",
        ),
        Misconception(
            lambda scores, labels: (
                _wrong(scores, labels).all(0).sum(),
                _wrong(scores, labels).mean(1).prod() * len(labels),
            ),
            "those are counts of clips. Asked for are shares.",
        ),
        Misconception(
            lambda scores, labels: (
                (scores.sum(0).argmax(-1) != labels).mean(),
                _wrong(scores, labels).mean(1).prod(),
            ),
            "the first is the error of a fusion. Ask each stream by itself, clip by clip.",
        ),
    ],
)  # fmt: skip

_GRID = np.linspace(0, 1, 21)


def _clip_set(rng: np.random.Generator, clips: int, spatial: tuple, temporal: tuple) -> tuple:
    """Both streams' probabilities, each of a (strength, noise), and the labels."""
    labels = rng.integers(0, 4, clips)
    scores = [
        noise * rng.normal(size=(clips, 4)) + strength * np.eye(4)[labels]
        for strength, noise in (spatial, temporal)
    ]
    return _softmax(scores[0]), _softmax(scores[1]), labels


def _accuracy(
    weight: float, spatial: np.ndarray, temporal: np.ndarray, labels: np.ndarray
) -> float:
    mixed = (1 - weight) * spatial + weight * temporal
    return (mixed.argmax(1) == labels).mean()


def _best(clip_set: tuple) -> float:
    return float(max(_GRID, key=lambda weight: _accuracy(weight, *clip_set)))


# The spatial stream knows its training clips by heart; the test is filmed elsewhere. In the first
# set both streams are as often right on the held-out clips, but the spatial one is surer of itself;
# in the second it only guesses, so that no weight below 1 is best.
_TRAINING, _TEST = ((3, 1), (0.3, 2.5)), ((2.6, 1.2), (1, 1.8))


def _drawn_sets(seed: int) -> list[tuple]:
    rng = np.random.default_rng(seed)
    return [
        tuple(_clip_set(rng, clips, *streams) for streams in (_TRAINING, held, _TEST))
        for clips, held in [(150, ((4, 5), (0.7, 0.8))), (210, ((0, 6), (0.25, 0.1)))]
    ]


# A seed for which the thoughts below lead to different weights.
_SETS = _drawn_sets(24)


def _joined(first: tuple, second: tuple) -> tuple:
    return tuple(np.concatenate(pair) for pair in zip(first, second, strict=True))


FIT_WEIGHT = Exercise(
    name="fit_weight",
    library="numpy",
    cases=_SETS,
    properties=[
        Property("a weight from 0 to 1", lambda got, *_: 0 <= float(got) <= 1),
        Property(
            "no weight is more often right on the clips that a fusion may be fitted on",
            lambda got, _, held, __: (
                _accuracy(float(got), *held) >= max(_accuracy(w, *held) for w in _GRID) - 1e-9
            ),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda training, held, test: _best(test),
            "best on the test clips: then the test measures your choice too, and is no test any "
            "more.",
        ),
        Misconception(
            lambda training, held, test: _best(training),
            "best on the training clips: there the spatial stream is better than it really is. It "
            "has seen them.",
        ),
        Misconception(
            lambda training, held, test: _best(_joined(training, held)),
            "the training clips have a say here, and there a stream that learned them by heart "
            "wins.",
        ),
        Misconception(
            lambda training, held, test: _best(_joined(held, test)),
            "the test clips have a say here: keep them for the one number that you report.",
        ),
        Misconception(
            lambda training, held, test: 1 - _best(held),
            "that is the spatial stream's weight. Asked for is the temporal one's.",
        ),
        Misconception(
            lambda training, held, test: max(_accuracy(w, *held) for w in _GRID),
            "that is the accuracy which the best weight reaches. Asked for is the weight.",
        ),
        Misconception(
            lambda training, held, test: int(20 * _best(held) + 0.5),
            "that is the weight's position in the list. Asked for is the weight.",
            lambda got, *_: float(got) > 1,
        ),
        Misconception(
            lambda training, held, test: 0.5,
            "one half is the plain average. Try them all.",
            lambda got, *_: float(got) == 0.5,
        ),
        Misconception(
            lambda training, held, test: float(
                min(_GRID, key=lambda weight: _accuracy(weight, *held))
            ),
            "that is the worst weight: argmin for argmax?",
        ),
    ],
)  # fmt: skip
