"""The few checks of arguments that several rooms need, in one wording.

They stand at public doors only, where a reader's own values come in; behind a door the code
trusts what it was handed. Each names the argument, what was expected and what came.
"""

import math
import operator
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import numpy as np


def integer(argument: str, value: Any, least: float, most: float = math.inf) -> int:
    """A whole number from ``least`` to ``most``: numpy's too, but neither True nor 8.0."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        whole = operator.index(value)
    except TypeError:
        raise TypeError(f"{argument}: expected a whole number, got {value!r}") from None
    if not least <= whole <= most:
        raise ValueError(f"{argument}: expected {_range(least, most)}, got {whole}")
    return whole


def integers(argument: str, values: Iterable[Any], least: float = -math.inf) -> tuple[int, ...]:
    """Whole numbers, each at least ``least``, of any sign unless told."""
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes)):
        raise TypeError(f"{argument}: expected whole numbers, got {values!r}")
    return tuple(integer(argument, value, least) for value in values)


def number(argument: str, value: Any, above: float, most: float = math.inf) -> float:
    """A finite number above ``above`` and at most ``most``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{argument}: expected a number, got {value!r}")
    if not (above < value <= most and math.isfinite(value)):
        end = "" if most == math.inf else f" and at most {most:g}"
        raise ValueError(f"{argument}: expected a finite number above {above:g}{end}, got {value}")
    return float(value)


def one_of(argument: str, value: Any, choices: Sequence[Any]) -> Any:
    """One of the choices."""
    if value not in choices:
        raise ValueError(
            f"{argument}: expected one of {', '.join(map(repr, choices))}, got {value!r}"
        )
    return value


def frames(argument: str, value: Any, shape: str = "T H W 3") -> np.ndarray:
    """Frames as this library has them: uint8 RGB, no axis empty.

    Args:
        argument: its name, for the error.
        value: the array.
        shape: its axes by name, the colours last: "H W 3" is one frame, "N T H W 3" many clips.
    """
    axes = shape.split()
    expected = f"{argument}: expected uint8 RGB of shape ({', '.join(axes)}), no axis empty"
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{expected}, got {type(value).__name__}")
    if value.dtype != np.uint8:
        raise TypeError(f"{expected}, got {value.dtype}")
    if value.ndim != len(axes) or value.shape[-1] != 3 or value.size == 0:
        raise ValueError(f"{expected}, got {value.shape}")
    return value


def shape(argument: str, value: Any, axes: str) -> None:
    """An array or tensor of this shape.

    Args:
        argument: its name, for the error.
        value: what has a ``shape``.
        axes: the sizes in order, each a number, or a name where any size but 0 will do: "B 3 H W".
    """
    expected, got = axes.split(), tuple(value.shape)
    fits = len(got) == len(expected) and all(
        str(size) == axis if axis.isdecimal() else size > 0
        for size, axis in zip(got, expected, strict=True)
    )
    if not fits:
        comma = "," if len(expected) == 1 else ""
        raise ValueError(f"{argument}: expected shape ({', '.join(expected)}{comma}), got {got}")


def generator(argument: str, value: Any) -> np.random.Generator:
    """A source of random numbers, handed in by who wants to repeat the draw."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{argument}: expected numpy.random.default_rng(seed), got {value!r}")
    return value


def _range(least: float, most: float) -> str:
    return f"at least {least}" if most == math.inf else f"{least} to {most}"
