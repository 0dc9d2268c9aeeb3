"""What a metric is given, as arrays: checked here once, trusted behind it."""

from typing import Any

import numpy as np


def numbers(argument: str, value: Any) -> np.ndarray:
    """Real numbers as float64, none of them NaN."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{argument}: expected an array, got rows of unequal length") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{argument}: expected numbers, got {array.dtype}")
    if np.isnan(array).any():
        raise ValueError(f"{argument}: expected numbers, got NaN{_first(np.isnan(array))}")
    return array.astype(np.float64)


def finite(argument: str, value: Any) -> np.ndarray:
    """Numbers, none of them infinite."""
    array = numbers(argument, value)
    if not np.isfinite(array).all():
        place = _first(np.isinf(array))
        raise ValueError(f"{argument}: expected finite numbers, got infinity{place}")
    return array


def _first(bad: np.ndarray) -> str:
    """Where the first is, for an error."""
    index = ", ".join(map(str, np.argwhere(bad)[0]))
    return f" at [{index}]" if index else ""


def scores_of(extents: np.ndarray, value: Any) -> np.ndarray:
    """``scores``: one number for each extent."""
    scores = numbers("scores", value)
    if scores.shape != extents.shape[:1]:
        expected = f"({len(extents)},), one for each row"
        raise ValueError(f"scores: expected shape {expected}, got {scores.shape}")
    return scores


def zeros_and_ones(argument: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Which are positive, bool, from 0 and 1 of any number type."""
    array = np.asarray(value)
    if array.shape != shape:
        raise ValueError(f"{argument}: expected shape {shape}, as scores, got {array.shape}")
    if array.dtype == bool:
        return array
    other = np.setdiff1d(numbers(argument, array), [0, 1])
    if len(other):
        raise ValueError(f"{argument}: expected 0 or 1, got {other[0]:g} among them")
    return array == 1


def extents(argument: str, value: Any, names: str) -> np.ndarray:
    """Segments or boxes, ``(N, 2D)`` or a single one ``(2D,)``: D starts, then D stops.

    Args:
        argument: its name, for the error.
        value: the array; an empty list is none.
        names: of the coordinates, "start stop" or "x0 y0 x1 y1".
    """
    array = finite(argument, value)
    columns = names.split()
    if array.shape == (0,):
        array = array.reshape(0, len(columns))
    if array.ndim not in (1, 2) or array.shape[-1] != len(columns):
        expected = f"rows of ({', '.join(columns)})"
        raise ValueError(f"{argument}: expected {expected}, got shape {array.shape}")
    half = len(columns) // 2
    backward = array[..., half:] < array[..., :half]
    if backward.any():
        row, axis = np.argwhere(np.atleast_2d(backward))[0]
        low, high = np.atleast_2d(array)[row, [axis, axis + half]]
        place = f" in row {row}" if array.ndim == 2 else ""
        raise ValueError(
            f"{argument}: expected {columns[axis]} ≤ {columns[axis + half]}, "
            f"got {low:g} and {high:g}{place}"
        )
    return array


def share(argument: str, value: Any) -> float:
    """A number from 0 to 1."""
    number = finite(argument, value)
    if number.ndim or not 0 <= number <= 1:
        raise ValueError(f"{argument}: expected a number from 0 to 1, got {value!r}")
    return float(number)
