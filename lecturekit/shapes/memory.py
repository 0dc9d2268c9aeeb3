"""Axes by name, and where an element lies in flat memory."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    import torch

AXES = {"b": "batch", "c": "channels", "t": "time", "h": "height", "w": "width"}

Array = TypeVar("Array", np.ndarray, "torch.Tensor")


def parse_layout(layout: str) -> tuple[str, ...]:
    """The axis names of a layout, in order.

    >>> parse_layout("t h w c")
    ('t', 'h', 'w', 'c')
    """
    if not isinstance(layout, str):
        raise TypeError(f"layout must be a str such as 't h w c', got {layout!r}")
    axes = tuple(layout.split())
    if not axes:
        raise ValueError(f"layout must name at least one axis, got {layout!r}")
    for axis in axes:
        if axis not in AXES:
            raise ValueError(
                f"layout {layout!r} has an unknown axis {axis!r}; "
                f"the axes are {', '.join(AXES)}, with spaces between them"
            )
        if axes.count(axis) > 1:
            raise ValueError(f"layout {layout!r} has axis {axis!r} {axes.count(axis)} times")
    return axes


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """How many elements one step along each axis skips, when the last axis varies fastest.

    The stride of an axis is the product of all the sizes after it. As in torch, a size of 0
    counts as 1 in that product.

    >>> contiguous_strides((8, 3, 4, 5))
    (60, 20, 5, 1)
    """
    sizes = whole_numbers("shape", shape, at_least=0)
    return tuple(math.prod(max(size, 1) for size in sizes[i + 1 :]) for i in range(len(sizes)))


def flat_offset(index: Sequence[int], strides: Sequence[int], storage_offset: int = 0) -> int:
    """Where element `index` lies in flat memory: storage_offset + sum of index * stride.

    `strides` are in elements, and may be 0 (an expanded axis) or negative (a flipped numpy
    array). The index counts from 0; as the shape is not known here, it is not checked against
    it, and -1 is refused.

    >>> flat_offset((2, 1, 0, 3), (60, 20, 5, 1))
    143
    """
    index = whole_numbers("index", index, at_least=0)
    strides = whole_numbers("strides", strides)
    (offset,) = whole_numbers("storage_offset", [storage_offset], at_least=0)
    if len(index) != len(strides):
        raise ValueError(
            f"index must have one number for each of the {len(strides)} strides, got {len(index)}"
        )
    return offset + sum(i * stride for i, stride in zip(index, strides, strict=True))


def unravel(offset: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index of the element at `offset` of a contiguous tensor: `flat_offset` undone.

    >>> unravel(143, (8, 3, 4, 5))
    (2, 1, 0, 3)
    """
    sizes = whole_numbers("shape", shape, at_least=0)
    (remaining,) = whole_numbers("offset", [offset], at_least=0)
    if remaining >= math.prod(sizes):
        raise ValueError(
            f"offset must be below {math.prod(sizes)}, the elements of shape {sizes}, got {offset}"
        )
    index = []
    for stride in contiguous_strides(sizes):
        step, remaining = divmod(remaining, stride)
        index.append(step)
    return tuple(index)


def relayout(array: Array, from_layout: str, to_layout: str) -> Array:
    """The same elements with the axes in another order: a view, no element is copied.

    A numpy array gives a numpy view, a torch tensor a torch view; in general it is no longer
    contiguous. If only `to_layout` has "b", an axis of size 1 is added: one clip becomes a
    batch of one. No other axis can be added, and none can be dropped.

    >>> relayout(np.zeros((8, 4, 5, 3)), "t h w c", "b c t h w").shape
    (1, 3, 8, 4, 5)
    """
    source, target = parse_layout(from_layout), parse_layout(to_layout)
    if array.ndim != len(source):
        raise ValueError(
            f"from_layout {from_layout!r} has {len(source)} axes, the array has {array.ndim}: "
            f"shape {tuple(array.shape)}"
        )
    if "b" in target and "b" not in source:
        source, array = ("b", *source), array[None]
    if set(source) != set(target):
        raise ValueError(
            f"to_layout must have the same axes as from_layout {from_layout!r} "
            f"(and may add 'b'), got {to_layout!r}"
        )
    order = [source.index(axis) for axis in target]
    return array.transpose(order) if isinstance(array, np.ndarray) else array.permute(order)


def whole_numbers(
    name: str, values: Iterable[int], *, at_least: int | None = None
) -> tuple[int, ...]:
    """`values` as Python ints; True, 8.0 and "8" are refused, numpy's integers are not."""
    try:
        values = tuple(values)
        if any(isinstance(value, (bool, np.bool_)) for value in values):
            raise TypeError
        numbers = tuple(operator.index(value) for value in values)
    except TypeError:
        raise TypeError(f"{name} must be made of whole numbers, got {values!r}") from None
    if at_least is not None and any(number < at_least for number in numbers):
        raise ValueError(f"{name} must be at least {at_least} everywhere, got {numbers}")
    return numbers
