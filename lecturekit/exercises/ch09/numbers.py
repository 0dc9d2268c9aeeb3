"""Attention by hand, and what its weights take up."""

from lecturekit.exercises import Derivation

_VALUES = (40, 14, 7, 0)


def _mean(weights: tuple[float, ...], values: tuple[float, ...] = _VALUES) -> float:
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)


def _three(weights: tuple[float, ...]) -> tuple[float, float, float]:
    """The answer, of weights in any unit: of token 0, the output, the output without token 0."""
    return weights[0] / sum(weights), _mean(weights), _mean(weights[1:], _VALUES[1:])


_RIGHT = _three((8, 4, 2, 1))

MIXED = Derivation(
    name="mixed",
    answer=_RIGHT,
    statement="the weights are 8 : 4 : 2 : 1, and without token 0 they are 4 : 2 : 1",
    slips=[
        (
            _three((64, 16, 4, 1)),
            "the products are not divided by √d yet. d is 4.",
        ),
        (
            _three((8**0.5, 2, 2**0.5, 1)),
            "divide by √d, not by d.",
        ),
        (
            (1, _mean((2, 1, 0, -1)), _mean((2, 1, 0, -1))),
            "those are shares of the scores. Weights are shares of e to the power of the scores; "
            "a score below zero has a weight, too.",
        ),
        (
            (_RIGHT[0], _RIGHT[1], 70 / 15),
            "the third: what is left of the weights must sum to 1 again. A forbidden key is taken "
            "out before the softmax.",
        ),
        (
            (_RIGHT[0], _RIGHT[1], _mean((2, 4, 2, 1))),
            "the third: a score of 0 is no weight of 0, for e⁰ = 1. Which score has the weight 0?",
        ),
        (
            (_RIGHT[0], _RIGHT[1], _RIGHT[1]),
            "the third: without token 0 its share goes to the others, and so the output moves.",
        ),
        (
            (_RIGHT[0], 390, 70),
            "the weights sum to 1: divide by the sum of 8 : 4 : 2 : 1, and of what is left of it.",
        ),
        (
            (1, _mean((2, 1, 0, -1)), 14),
            "those are shares of the scores: the softmax takes e to the power of each first.",
        ),
        (
            (*_RIGHT[:2], 7),
            "the third: that is the plain mean of the others. The query still looks for something.",
        ),
        (
            (4, *_RIGHT[1:]),
            "the first: a share, over the sum of all.",
        ),
        (
            (100 * _RIGHT[0], *_RIGHT[1:]),
            "the first: a share of 1, not of 100.",
        ),
        (
            (8, *_RIGHT[1:]),
            "the first: 8 is its part. Of how many parts in all?",
        ),
        (
            _three((8, 4, 2, 0)),
            "the last key's score is below zero. Its weight is not: e to any power is above zero.",
        ),
    ],
)  # fmt: skip

_MOMENTS, _PLACES, _HEADS, _BLOCKS, _BATCH = 12, 16 * 20, 16, 24, 4
_TOKENS = _MOMENTS * _PLACES
_COPIES = _HEADS * _BLOCKS * _BATCH
_FROM = 8


def _gb(weights: float, copies: float = _COPIES, bytes_each: float = 2) -> float:
    return weights * copies * bytes_each / 1e9


def _four(
    moments: int = _MOMENTS, places: int = _PLACES, cls: int = 0, **how: float
) -> tuple[float, ...]:
    """The answer of somebody who counts so."""
    tokens = moments * places
    return tokens + cls, _gb((tokens + cls) ** 2, **how), _gb(tokens * (moments + places), **how), 8


_N, _JOINT, _DIVIDED, _ = _four()

ATTENTION_MEMORY = Derivation(
    name="attention_memory",
    answer=(_N, _JOINT, _DIVIDED, _FROM),
    statement="T = 12, S = 320, N = TS; N² weights, or N(T + S); TS > 2D + T + S from T = 8 on",
    tolerance=(0, 0.0025, 0.0025, 0),  # counts are exact; 3.92 is told from 3.91 and 3.93
    slips=[
        (
            _four(cls=1),
            "there is no CLS here.",
        ),
        (
            (_N, _JOINT, _gb(_N * (_MOMENTS + _PLACES - 1)), _FROM),
            "the third: there are two looks, each with a row of its own, and a token looks at "
            "itself in both: T + S.",
        ),
        (
            (_N, _JOINT, _gb(_N * (_MOMENTS + _PLACES + 1)), _FROM),
            "the third: there is no CLS here.",
        ),
        (
            _four(moments=24),
            "a token is two frames deep: how many moments are 24 frames?",
        ),
        (
            _four(places=16 * 16),
            "256 × 320 pixels: 16 boxes one way, and how many the other?",
        ),
        (
            _four(copies=_BLOCKS * _BATCH),
            "each head has weights of its own.",
        ),
        (
            _four(copies=_HEADS * _BATCH),
            "each block has weights of its own, and training keeps them all.",
        ),
        (
            _four(copies=_HEADS * _BLOCKS),
            "there are four clips in a batch.",
        ),
        (
            _four(copies=_BATCH),
            "each head of each block has weights of its own.",
        ),
        (
            _four(copies=1),
            "that is one head of one block, for one clip. Count them all.",
        ),
        (
            _four(bytes_each=4),
            "in half precision a number takes two bytes.",
        ),
        (
            _four(bytes_each=1),
            "half precision is 16 bits, that is two bytes.",
        ),
        (
            _four(bytes_each=16),
            "16 bits, not 16 bytes.",
        ),
        (
            _four(bytes_each=2e9 / 2**30),
            "a GB is 10⁹ bytes here. You divided by 2³⁰ (that is a GiB).",
        ),
        (
            (_N, _gb(_N * 1024), _DIVIDED, _FROM),
            "the second: weights join tokens with tokens. The width does not come in.",
        ),
        (
            (_N, _gb(_N), _gb(_MOMENTS + _PLACES), _FROM),
            "one weight for each query *and* key: every token has a whole row of them.",
        ),
        (
            (_N, _JOINT, _gb(_MOMENTS**2 + _PLACES**2), _FROM),
            "the third: T² weights at *each* of the S places, S² in *each* of the T moments.",
        ),
        (
            (_N, _JOINT, _gb(_N * _PLACES), _FROM),
            "the third: that is space alone. Divided attention looks along time as well.",
        ),
        (
            (_N, _JOINT, _gb(_N * _MOMENTS), _FROM),
            "the third: that is time alone. Divided attention looks within each moment as well.",
        ),
        (
            (_N, _JOINT, _JOINT / 2, _FROM),
            "the third: divided attention does not share N² out in halves. How long is a row in "
            "time, and how long is one in space?",
        ),
        (
            (_N, _JOINT, _DIVIDED, 7),
            "the fourth: with 7 moments, compare TS with 2D + T + S to the last unit.",
        ),
        (
            (_N, _JOINT, _DIVIDED, 9),
            "the fourth: nine moments was the page's case, with another width and other places.",
        ),
        (
            (_N, _JOINT, _DIVIDED, 2368 / 319),
            "the fourth: a whole number of moments.",
        ),
        (
            (_N, _JOINT, _DIVIDED, 16),
            "the fourth: in moments, not in frames.",
        ),
        (
            (_N, _JOINT, _DIVIDED, 10),
            "the fourth: the page's formula has no TimeSformer's extra layer.",
        ),
        (
            (_N, _JOINT, _DIVIDED, 2),
            "the fourth: D is the whole width, not that of one head.",
        ),
        (
            (_N, _JOINT * 1000, _DIVIDED * 1000, _FROM),
            "those are MB.",
        ),
        (
            (_N, _JOINT, _DIVIDED, 5),
            "the fourth: the second set of linear layers costs another 4ND². In N that is 2D, "
            "not D.",
        ),
    ],
)  # fmt: skip
