"""Axes by name, and how far apart neighbours lie in flat memory."""

import math
from collections.abc import Sequence

from lecturekit import checks

AXES = {"b": "batch", "c": "channels", "t": "time", "h": "height", "w": "width"}


def parse_layout(layout: str) -> tuple[str, ...]:
    """The axis names of a layout, in order.

    >>> parse_layout("t h w c")
    ('t', 'h', 'w', 'c')

    Raises:
        ValueError: no axis, an unknown one, or one twice.
    """
    axes = tuple(layout.split())
    if not axes or not set(axes) <= set(AXES) or len(set(axes)) < len(axes):
        raise ValueError(
            f"layout: expected different axes of {', '.join(AXES)}, spaces between them, "
            f"got {layout!r}"
        )
    return axes


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """How many elements one step along each axis skips, when the last axis varies fastest.

    The stride of an axis is the product of all the sizes after it. As in torch, a size of 0
    counts as 1 in that product.

    >>> contiguous_strides((8, 3, 4, 5))
    (60, 20, 5, 1)
    """
    sizes = checks.integers("shape", shape, 0)
    return tuple(math.prod(max(size, 1) for size in sizes[i + 1 :]) for i in range(len(sizes)))
