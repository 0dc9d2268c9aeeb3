"""Convolutions as loops, and as one product of matrices."""

import math

import numpy as np
import torch
from torch.nn import functional

from lecturekit.exercises import Exercise, Misconception, Property


def _random(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _slid(cube: torch.Tensor, kernel: torch.Tensor, stride: int, window: object) -> torch.Tensor:
    """The stub's loops, with another way to cut the window out at place ``at`` along an axis."""
    sizes = [(n - k) // stride + 1 for n, k in zip(cube.shape, kernel.shape, strict=True)]
    out = torch.zeros(sizes, dtype=cube.dtype)
    for place in np.ndindex(*sizes):
        cut = tuple(
            window(at, k, stride, axis)
            for axis, (at, k) in enumerate(zip(place, kernel.shape, strict=True))
        )
        out[place] = (cube[cut] * kernel).sum()
    return out


def _loops(window: object) -> object:
    return lambda cube, kernel, stride: _slid(cube, kernel, stride, window)


def _strided_by_torch(cube: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    film, weight = (torch.as_tensor(x)[None, None] for x in (cube, kernel))
    return functional.conv3d(film, weight, stride=stride)[0, 0].numpy()


def _is_strided(got: np.ndarray, *case: object) -> bool:
    wanted = _strided_by_torch(*case)
    return got.shape == wanted.shape and np.allclose(got, wanted, atol=1e-4)


STRIDED = Exercise(
    name="strided",
    kind="debug",
    cases=[
        (_random(3, 5, 6, 8), _random(4, 2, 3, 2), 1),
        (_random(5, 7, 8, 9), _random(6, 2, 2, 3), 2),
        (_random(7, 8, 7, 10), _random(8, 3, 1, 2), 3),
    ],
    properties=[Property("torch's convolution with that stride", _is_strided)],
    misconceptions=[
        Misconception(
            _loops(lambda at, k, s, axis: slice(at, at + k)),
            "where does the window of the second place begin? Print the slices for stride 2.",
        ),
        Misconception(
            _loops(lambda at, k, s, axis: slice(at * s, at * s + k) if axis == 0
                   else slice(at, at + k)),
            "time is mended; rows and columns step as well.",
        ),
        Misconception(
            _loops(lambda at, k, s, axis: slice(at, at + k) if axis == 0
                   else slice(at * s, at * s + k)),
            "rows and columns are mended; time steps as well.",
        ),
        Misconception(
            _loops(lambda at, k, s, axis: slice(at, at + k * s, s)),
            "you spread the window's own pixels: that is dilation. A stride moves whole windows.",
        ),
        Misconception(
            lambda cube, kernel, stride: _strided_by_torch(cube, kernel.flip(0, 1, 2), stride),
            "you flipped the kernel: a network's convolution does not.",
        ),
        Misconception(
            lambda cube, kernel, stride: _slid(
                cube, kernel, 1, lambda at, k, s, axis: slice(at, at + k)
            ),
            "these are the answers with stride 1: all places, not every second or third.",
        ),
        Misconception(
            lambda cube, kernel, stride: _strided_by_torch(cube, kernel, 1)[::stride],
            "every axis skips windows, not time alone.",
        ),
    ],
)  # fmt: skip


def _windows(clip: torch.Tensor, kernel: tuple[int, int, int]) -> torch.Tensor:
    """(C, t, i, j, kt, kh, kw)."""
    kt, kh, kw = kernel
    return torch.as_tensor(clip).unfold(1, kt, 1).unfold(2, kh, 1).unfold(3, kw, 1)


def _laid_out(order: tuple[int, ...], kernel_axes: int = 4) -> object:
    """The windows as a matrix, their seven axes in another order."""

    def answer(clip: torch.Tensor, kernel: tuple[int, int, int]) -> torch.Tensor:
        moved = _windows(clip, kernel).permute(order)
        return moved.flatten(kernel_axes).flatten(0, kernel_axes - 1)

    return answer


_ROWS_THEN_PLACES = (0, 4, 5, 6, 1, 2, 3)


def _product(got: np.ndarray, clip: np.ndarray, kernel: tuple[int, int, int]) -> bool:
    weight = _random(9, 4, len(clip), *kernel)
    wanted = functional.conv3d(torch.as_tensor(clip)[None], weight)[0]
    return np.allclose(weight.flatten(1).numpy() @ got, wanted.flatten(1).numpy(), atol=1e-4)


def _matrix_shape(clip: np.ndarray, kernel: tuple[int, int, int]) -> tuple[int, int]:
    places = [n - k + 1 for n, k in zip(clip.shape[1:], kernel, strict=True)]
    return len(clip) * math.prod(kernel), math.prod(places)


def _same_rows(got: np.ndarray, clip: np.ndarray, kernel: tuple[int, int, int]) -> bool:
    """The right rows, in another order."""
    wanted = _laid_out(_ROWS_THEN_PLACES)(clip, kernel).numpy()
    return got.shape == wanted.shape and np.allclose(*(np.sort(x, axis=0) for x in (got, wanted)))


def _same_columns(got: np.ndarray, clip: np.ndarray, kernel: tuple[int, int, int]) -> bool:
    """The right columns, in another order."""
    wanted = _laid_out(_ROWS_THEN_PLACES)(clip, kernel).numpy()
    return got.shape == wanted.shape and np.allclose(*(np.sort(x, axis=1) for x in (got, wanted)))


LAY_OUT = Exercise(
    name="lay_out",
    cases=[
        (_random(10, 3, 4, 6, 5), (2, 3, 2)),
        (_random(11, 2, 5, 4, 7), (3, 1, 2)),
        (_random(12, 1, 3, 5, 4), (1, 2, 3)),
    ],
    properties=[
        Property(
            "a row for each weight of a filter, a column for each window",
            lambda got, *case: got.shape == _matrix_shape(*case),
        ),
        Property("weight.flatten(1) @ matrix is the convolution", _product),
    ],
    misconceptions=[
        Misconception(
            _laid_out((1, 2, 3, 0, 4, 5, 6), 3),
            "a window is a column of the matrix, not a row: transpose it.",
            symptom=lambda got, *case: got.shape == _matrix_shape(*case)[::-1],
        ),
        Misconception(
            lambda clip, kernel: _windows(clip, kernel).reshape(
                _matrix_shape(clip, kernel)
            ),
            "the shape is right, but no axis was moved, so numbers of different windows share a "
            "column. Bring the kernel's axes before the places first.",
        ),
        Misconception(
            _laid_out((4, 5, 6, 0, 1, 2, 3)),
            "the rows are right and their order is not: weight.flatten(1) runs over channels "
            "slowest, then the kernel's frames, rows and columns.",
            symptom=_same_rows,
        ),
        Misconception(
            _laid_out((0, 4, 5, 6, 2, 3, 1)),
            "the columns are right and their order is not: frames slowest, then rows, columns.",
            symptom=_same_columns,
        ),
        Misconception(
            lambda clip, kernel: _laid_out(_ROWS_THEN_PLACES)(clip, kernel)[
                : math.prod(kernel)
            ],
            "that is one channel. A window reaches through all channels.",
            symptom=lambda got, clip, kernel: len(clip) > 1 and len(got) == math.prod(kernel),
        ),
        Misconception(
            lambda clip, kernel: _laid_out(_ROWS_THEN_PLACES)(clip, (1, *kernel[1:])),
            "these windows are one frame long: the kernel has kt frames.",
        ),
        Misconception(
            lambda clip, kernel: _laid_out(_ROWS_THEN_PLACES)(
                clip, (kernel[0], kernel[2], kernel[1])
            ),
            "rows and columns of the kernel are exchanged: `kernel` is (kt, kh, kw).",
        ),
    ],
)  # fmt: skip
