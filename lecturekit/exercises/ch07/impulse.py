"""A layer's temporal kernel, found by asking the layer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.exercises.values import same

# No palindrome, no tap of zero, no sum of zero or one; each with its bias.
_HIDDEN = [
    ((0.7, -1.2, 0.4), 0.6),
    ((-0.3, 0.9, 1.1, -0.8, 0.5), -1.7),
    ((1.3, 0.2, -0.6, 0.35, -1.1, 0.9, 0.45), 0.25),
]


def _layer(taps: tuple[float, ...], bias: float) -> Callable[[Any], Any]:
    kernel = torch.tensor(taps, dtype=torch.float64)[None, None, :, None, None]
    edge = (len(taps) // 2, 0, 0)

    def layer(clip: Any) -> Any:
        """Answers to a clip (1, 1, T, 1, 1), in its library and precision."""
        given = torch.as_tensor(clip)
        if given.ndim != 5 or given.shape[:2] != (1, 1) or given.shape[3:] != (1, 1):
            raise ValueError(f"clip: expected (1, 1, T, 1, 1), got {tuple(given.shape)}")
        with torch.no_grad():
            answers = functional.conv3d(given.double(), kernel, padding=edge) + bias
        answers = answers.to(given.dtype if given.is_floating_point() else torch.float64)
        return answers if isinstance(clip, torch.Tensor) else answers.numpy()

    return layer


_CASES = [(_layer(*hidden), len(hidden[0])) for hidden in _HIDDEN]
_TAPS = {layer: np.array(taps) for (layer, _), (taps, _) in zip(_CASES, _HIDDEN, strict=True)}


def _of(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, float)[None, None, :, None, None]


def _asked(layer: Callable, values: np.ndarray) -> np.ndarray:
    return layer(_of(values))[0, 0, :, 0, 0]


def _impulse(length: int, at: int) -> np.ndarray:
    return np.eye(length)[at]


def _bias(layer: Callable) -> float:
    return float(_asked(layer, np.zeros(1))[0])


TEMPORAL_KERNEL = Exercise(
    name="temporal_kernel",
    kind="experiment",
    cases=_CASES,
    properties=[
        Property(
            "`length` numbers, no further axes", lambda got, _, length: np.shape(got) == (length,)
        ),
        Property(
            "the layer's own taps, that for the earliest frame first",
            lambda got, layer, _: same(got, _TAPS[layer]),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda layer, n: _asked(layer, _impulse(n, n // 2)) - _bias(layer),
            "backwards: the first frame that answers to an impulse is one that lies *before* it, "
            "so that the impulse meets the frame's last tap.",
        ),
        Misconception(
            lambda layer, n: _asked(layer, _impulse(n, n // 2))[::-1],
            "the order is right, but every tap is off by the same number. What does the layer say "
            "to a clip of zeros?",
        ),
        Misconception(
            lambda layer, n: _asked(layer, _impulse(n, n // 2)),
            "two things are missing. What does the layer say to a clip of zeros? And which of its "
            "taps does an impulse meet from the frame before it?",
        ),
        Misconception(
            lambda layer, n: (_asked(layer, _impulse(n, n - 1)) - _bias(layer))[::-1],
            "part of the answer lies past the end of your clip: put the impulse where every tap "
            "can meet it.",
            symptom=lambda got, layer, n: (np.asarray(got) == 0).sum() >= n // 2,
        ),
        Misconception(
            lambda layer, n: (_asked(layer, _impulse(n, 0)) - _bias(layer))[::-1],
            "part of the answer lies before your clip begins: put the impulse where every tap can "
            "meet it.",
        ),
        Misconception(
            lambda layer, n: _asked(layer, np.ones(n)) - _bias(layer),
            "to a clip of ones the taps answer together: you see their sums. Let one frame differ "
            "from the others.",
        ),
        Misconception(
            lambda layer, n: _asked(layer, np.ones(n)),
            "to a clip of ones the taps answer together, and the bias with them. Let one frame "
            "differ from the others.",
        ),
        Misconception(
            lambda layer, n: _of(_TAPS[layer]),
            "these are the taps, but with the axes of a clip: give `length` numbers.",
            symptom=lambda got, layer, _: same(np.ravel(got), _TAPS[layer]),
        ),
        Misconception(
            lambda layer, n: _TAPS[layer] / _TAPS[layer].sum(),
            "nothing says that these taps sum to one: do not divide them.",
            symptom=lambda got, layer, _: same(
                np.asarray(got) * _TAPS[layer].sum(), _TAPS[layer], atol=1e-5
            ),
        ),
    ],
)  # fmt: skip
