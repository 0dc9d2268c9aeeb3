"""Filters in 3D that know what a 2D filter knows, and that know a change."""

from collections.abc import Callable

import numpy as np
import torch

from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.exercises.values import same


def _random(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _repeated(weight: np.ndarray, time: int, divisor: float = 1) -> np.ndarray:
    return np.stack([weight / divisor] * time, 2)


def _layer(
    divide_weight: Callable[[np.ndarray, int], float],
    divide_bias: Callable[[np.ndarray, int], float] = lambda weight, time: 1,
) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """An inflated layer by what its weights and its bias are divided by, given (weight, time)."""

    def answer(weight: torch.Tensor, bias: torch.Tensor, time: int) -> tuple:
        weight, bias = weight.numpy(), bias.numpy()
        return (
            _repeated(weight, time, divide_weight(weight, time)),
            bias / divide_bias(weight, time),
        )

    return answer


def _keeps_weight(got: tuple, weight: np.ndarray, _: np.ndarray, time: int) -> bool:
    return same(got[0].sum(2), weight, atol=1e-5)


def _keeps_bias(got: tuple, _: np.ndarray, bias: np.ndarray, time: int) -> bool:
    return same(got[1], bias)


def _width(weight: np.ndarray, time: int) -> int:
    return weight.shape[-1]


INFLATE_LAYER = Exercise(
    name="inflate_layer",
    kind="debug",
    library="torch",
    # The first two are the page's network. Rows, columns and frames differ after that.
    cases=[
        (_random(0, 4, 2, 3, 3), _random(1, 4), 3),
        (_random(2, 5, 4, 1, 1), _random(3, 5), 3),
        (_random(4, 2, 3, 3, 2), _random(5, 2), 5),
        (_random(6, 3, 1, 5, 7), _random(7, 3), 1),
    ],
    properties=[
        Property(
            "weights (F, C, time, kh, kw) and a bias (F,)",
            lambda got, weight, bias, time: (
                got[0].shape == (*weight.shape[:2], time, *weight.shape[2:])
                and got[1].shape == bias.shape
            ),
        ),
        Property("on a still clip the weights add up to what the 2D ones say", _keeps_weight),
        Property("on a still clip the bias adds what the 2D one adds", _keeps_bias),
    ],
    misconceptions=[
        Misconception(
            _layer(_width, _width),
            "still the broken one. Count what a 1 × 1 layer with three frames adds up, weights "
            "first, then the bias.",
        ),
        Misconception(
            _layer(_width),
            "the bias is right. The weights are still divided by the columns of the filter: right "
            "by luck where those are as many as the frames.",
        ),
        Misconception(
            _layer(lambda weight, time: weight.shape[-2]),
            "the bias is right. The weights are divided by the rows of the filter: what they must "
            "share among is the frames of the kernel.",
        ),
        Misconception(
            _layer(lambda weight, time: time, lambda weight, time: time),
            "the weights are right. The bias is added once, not once for each frame of the kernel: "
            "does it need a share?",
        ),
        Misconception(
            _layer(lambda weight, time: time, _width),
            "the weights are right. The bias is still divided by the columns of the filter.",
        ),
        Misconception(
            _layer(lambda weight, time: time, lambda weight, time: 1 / time),
            "the weights are right. Why should the bias grow? It is added once.",
        ),
        Misconception(
            _layer(lambda weight, time: 1),
            "the bias is right. The weights are not divided at all now: each frame of the kernel "
            "adds the whole answer.",
        ),
        Misconception(
            _layer(lambda weight, time: 3),
            "the bias is right. A kernel need not have three frames: divide by as many as it has.",
        ),
        Misconception(
            _layer(lambda weight, time: time * weight.shape[2] * weight.shape[3]),
            "the bias is right. Rows and columns were there before: only what is new, the frames, "
            "must share the weights.",
        ),
        Misconception(
            lambda weight, bias, time: (torch.stack([weight / time] * time, -1), bias),
            "time comes before rows and columns: (F, C, time, kh, kw).",
            symptom=lambda got, weight, _, time: got[0].shape == (*weight.shape, time),
        ),
    ],
)  # fmt: skip


def _change(weight: np.ndarray, taps: tuple[float, ...]) -> np.ndarray:
    return np.stack([tap * np.asarray(weight) for tap in taps], 2)


def _joined(
    change: tuple[float, ...], start: tuple[float, ...] = (1 / 3, 1 / 3, 1 / 3)
) -> Callable[[np.ndarray], np.ndarray]:
    return lambda weight: np.concatenate([_change(weight, start), _change(weight, change)])


def _halves(got: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return got[: len(weight)], got[len(weight) :]


def _starts_right(got: np.ndarray, weight: np.ndarray) -> bool:
    return same(_halves(got, weight)[0].sum(2), weight, atol=1e-5)


def _changes_right(got: np.ndarray, weight: np.ndarray) -> bool:
    return same(_halves(got, weight)[1], _change(weight, (-1, 0, 1)))


def _only_changes_by(*taps: float) -> Callable[[np.ndarray, np.ndarray], bool]:
    """Whether the first half is right and the second has these taps."""

    def symptom(got: np.ndarray, weight: np.ndarray) -> bool:
        return _starts_right(got, weight) and same(
            _halves(got, weight)[1], _change(weight, taps), atol=1e-5
        )

    return symptom


def _changing(taps: tuple[float, ...], hint: str) -> Misconception:
    return Misconception(_joined(taps), hint, _only_changes_by(*taps))


WITH_CHANGE = Exercise(
    name="with_change",
    cases=[
        (_random(10, 4, 3, 5, 2),),
        (_random(11, 2, 1, 3, 4),),
        (_random(12, 3, 2, 1, 3),),
    ],
    properties=[
        Property(
            "shape (2 F, C, 3, kh, kw)",
            lambda got, weight: (
                got.shape == (2 * len(weight), weight.shape[1], 3, *weight.shape[2:])
            ),
        ),
        Property("the first F filters say of a still clip what the 2D ones say", _starts_right),
        Property(
            "the other F: what the 2D ones say of the next frame, less what they say of the "
            "previous one",
            _changes_right,
        ),
    ],
    misconceptions=[
        _changing((1, 0, -1), "the sign: the next frame meets the last tap, and it counts plus."),
        _changing(
            (-0.5, 0, 0.5),
            "the change is halved. Asked for is the difference of two answers, undivided.",
        ),
        _changing(
            (-1 / 3, 0, 1 / 3),
            "the change is a third of what is asked for: a difference of two answers needs no "
            "divisor.",
        ),
        _changing(
            (-1, 1, 0),
            "that is this frame less the previous one. Asked for is the next less the previous.",
        ),
        _changing(
            (0, -1, 1),
            "that is the next frame less this one. Asked for is the next less the previous.",
        ),
        _changing(
            (-1, 2, -1),
            "silent on a still clip, but the same forwards and backwards: the next frame must "
            "count plus and the previous one minus.",
        ),
        Misconception(
            _joined((-1, 0, 1), (1, 1, 1)),
            "the change is right. The first F filters say three times too much of a still clip.",
            symptom=lambda got, weight: (
                _changes_right(got, weight)
                and same(_halves(got, weight)[0].sum(2), 3 * weight, atol=1e-4)
            ),
        ),
        Misconception(
            lambda weight: np.roll(_joined((-1, 0, 1))(weight), len(weight), 0),
            "the two halves have changed places: what stays right on a still clip comes first.",
            symptom=lambda got, weight: (
                _starts_right(np.roll(got, len(weight), 0), weight)
                and _changes_right(np.roll(got, len(weight), 0), weight)
            ),
        ),
        Misconception(
            lambda weight: np.stack(
                [_change(weight, (1 / 3, 1 / 3, 1 / 3)), _change(weight, (-1, 0, 1))], 1
            ).reshape(-1, weight.shape[1], 3, *weight.shape[2:]),
            "the two kinds alternate. All F that stay right on a still clip come first.",
            symptom=lambda got, weight: (
                same(got[0::2].sum(2), weight, atol=1e-5)
                and same(got[1::2], _change(weight, (-1, 0, 1)))
            ),
        ),
        Misconception(
            lambda weight: np.concatenate(
                [_change(weight, (0, 1, 0)), _change(weight, (-1, 0, 1))], 1
            ),
            "you joined them along the channels. Filters are axis 0.",
            symptom=lambda got, weight: (
                got.shape == (len(weight), 2 * weight.shape[1], 3, *weight.shape[2:])
            ),
        ),
        Misconception(
            lambda weight: np.moveaxis(_joined((-1, 0, 1))(weight), 2, -1),
            "time comes before rows and columns: (2 F, C, 3, kh, kw).",
            symptom=lambda got, weight: (
                got.shape == (2 * len(weight), *weight.shape[1:], 3)
            ),
        ),
        Misconception(
            lambda weight: np.concatenate([_change(weight, (0, 1, 0))] * 2),
            "the other F filters say the same as the first F. They must be silent on a still clip.",
            symptom=lambda got, weight: (
                _starts_right(got, weight) and same(_halves(got, weight)[1].sum(2), weight)
            ),
        ),
    ],
)  # fmt: skip
