"""What layers do to sizes: parameters, multiply–adds and receptive fields follow from a list."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .memory import whole_numbers
from .windows import Reach, Window


@dataclass(frozen=True)
class Conv:
    """A convolution; one number for all axes it slides over, or one for each."""

    out_channels: int
    kernel: int | tuple[int, ...]
    stride: int | tuple[int, ...] = 1
    padding: int | tuple[int, ...] = 0
    dilation: int | tuple[int, ...] = 1
    bias: bool = True


@dataclass(frozen=True)
class Pool:
    """A pooling, of any kind; its stride is its kernel unless told. It keeps the channels.

    With ``ceil_mode`` a last window may reach over the border, if it starts inside: Caffe's rule,
    and torch's under the same name.
    """

    kernel: int | tuple[int, ...]
    stride: int | tuple[int, ...] | None = None
    padding: int | tuple[int, ...] = 0
    ceil_mode: bool = False


@dataclass(frozen=True)
class Flatten:
    """All numbers in one row."""


@dataclass(frozen=True)
class Linear:
    """Each output a weighted sum of all inputs, which must be flat."""

    out_features: int
    bias: bool = True


Layer = Conv | Pool | Flatten | Linear


class Step(NamedTuple):
    """What one layer does. The last six are per axis it slides over: (t, h, w) or (h, w).

    Attributes:
        layer: the layer.
        in_shape: before it, channels first.
        out_shape: after it.
        parameters: its weights and biases.
        macs: its multiply–adds for one input; adding the bias is not counted.
        receptive_field: how many frames or pixels the network's input has from the first to the
            last that can change one of the layer's outputs. After Flatten, that of one number in
            the row; Linear mixes them all. (At a border part of it lies in the padding.)
        inputs_seen: how many of these can change the output: fewer than ``receptive_field`` where
            a stride longer than its kernel, or a dilation, leaves holes.
        jump: how many frames or pixels lie between the fields of neighbouring outputs.
        start: where the field of the first output has its centre; frame 0 has its centre at 0.
        unread: which frames, rows or columns of the layer's own input no window reads, counted
            from 0. (Of the input itself: padding that is not read is no loss.)
        dropped: how many of the unread ones stand at the end.
    """

    layer: Layer
    in_shape: tuple[int, ...]
    out_shape: tuple[int, ...]
    parameters: int
    macs: int
    receptive_field: tuple[int, ...]
    inputs_seen: tuple[int, ...]
    jump: tuple[int, ...]
    start: tuple[float, ...]
    unread: tuple[tuple[int, ...], ...]
    dropped: tuple[int, ...]


def walk(layers: Iterable[Layer], input_shape: Sequence[int]) -> tuple[Step, ...]:
    """Follow one input through a list of layers.

    Args:
        layers: `Conv`, `Pool`, `Flatten` and `Linear` in order.
        input_shape: `(C, T, H, W)` or `(C, H, W)`, or any number of axes; no batch.

    Raises:
        ValueError, TypeError: a layer cannot be applied to what reaches it; the message names the
            layer, counted from 1, and the sizes.
    """
    shape = whole_numbers("input_shape", input_shape, at_least=1)
    if not shape:
        raise ValueError("input_shape must have at least one number, the channels, got ()")
    reach = (Reach(),) * (len(shape) - 1)
    steps = []
    for number, layer in enumerate(layers, 1):
        try:
            step, reach = _step(layer, shape, reach)
        except (ValueError, TypeError) as error:
            where = f"layer {number}, {layer}, on {_times(shape)}"
            raise type(error)(f"{where}: {error}") from None
        steps.append(step)
        shape = step.out_shape
    return tuple(steps)


def trace(layers: Iterable[Layer], input_shape: Sequence[int]) -> str:
    """The walk as a table to print, which says where frames or pixels are not read.

    "3×5 in 3×9" under "sees": three frames and, with holes between them, five of nine rows.
    """
    steps = walk(layers, input_shape)
    rows = [("layer", "output", "parameters", "multiply–adds", "sees", "")]
    rows.append(("input", _times(input_shape), "", "", "", ""))
    for step in steps:
        lost = _lost(step)
        note = f"← {lost}" if lost else ""
        counts = f"{step.parameters:,}", f"{step.macs:,}"
        seen = _times(step.receptive_field) if step.dropped else "all"
        if step.dropped and step.inputs_seen != step.receptive_field:
            seen = f"{_times(step.inputs_seen)} in {seen}"
        rows.append((_name(step), _times(step.out_shape), *counts, seen, note))
    total = f"{sum(s.parameters for s in steps):,}", f"{sum(s.macs for s in steps):,}"
    rows.append(("total", "", *total, "", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    lines = [
        f"{name:{widths[0]}s}  {out:>{widths[1]}s}  {count:>{widths[2]}s}  {macs:>{widths[3]}s}  "
        f"{seen:>{widths[4]}s}  {note}".rstrip()
        for name, out, count, macs, seen, note in rows
    ]
    return "\n".join(lines)


def _step(
    layer: Layer, shape: tuple[int, ...], reach: tuple[Reach, ...]
) -> tuple[Step, tuple[Reach, ...]]:
    channels, *sizes = shape
    axes = len(sizes)
    if isinstance(layer, Flatten):
        return _made(layer, shape, (math.prod(shape),), reach, ((),) * axes, (0,) * axes), reach
    if isinstance(layer, Linear):
        if sizes:
            raise ValueError("expected one row of numbers; put a Flatten before it")
        (features,) = whole_numbers("out_features", [layer.out_features], at_least=1)
        weights = channels * features
        counts = {"weights": weights, "biases": features * layer.bias, "macs": weights}
        return _made(layer, shape, (features,), reach, (), (), **counts), reach
    if not isinstance(layer, Conv | Pool):
        raise TypeError("expected Conv, Pool, Flatten or Linear")
    if not sizes:
        raise ValueError("expected axes to slide over, after the channels; there are none")
    windows = _windows(layer, sizes)
    filters, weights = channels, 0
    if isinstance(layer, Conv):
        (filters,) = whole_numbers("out_channels", [layer.out_channels], at_least=1)
        weights = channels * filters * math.prod(window.kernel for window in windows)
    out = tuple(window.places for window in windows)
    reach = tuple(r.through(window) for r, window in zip(reach, windows, strict=True))
    step = _made(
        layer,
        shape,
        (filters, *out),
        reach,
        tuple(window.unread for window in windows),
        tuple(window.dropped for window in windows),
        weights=weights,
        biases=filters if isinstance(layer, Conv) and layer.bias else 0,
        macs=weights * math.prod(out),
    )
    return step, reach


def _made(
    layer: Layer,
    in_shape: tuple[int, ...],
    out_shape: tuple[int, ...],
    reach: tuple[Reach, ...],
    unread: tuple[tuple[int, ...], ...],
    dropped: tuple[int, ...],
    *,
    weights: int = 0,
    biases: int = 0,
    macs: int = 0,
) -> Step:
    return Step(
        layer=layer,
        in_shape=in_shape,
        out_shape=out_shape,
        parameters=weights + biases,
        macs=macs,
        receptive_field=tuple(r.span for r in reach),
        inputs_seen=tuple(len(r.offsets) for r in reach),
        jump=tuple(r.jump for r in reach),
        start=tuple(r.start for r in reach),
        unread=unread,
        dropped=dropped,
    )


def _windows(layer: Conv | Pool, sizes: list[int]) -> list[Window]:
    axes = len(sizes)
    kernel = _per_axis("kernel", layer.kernel, axes)
    if isinstance(layer, Pool) and layer.stride is None:
        stride = kernel
    else:
        stride = _per_axis("stride", layer.stride, axes)
    padding = _per_axis("padding", layer.padding, axes)
    ceil_mode = isinstance(layer, Pool) and layer.ceil_mode
    dilation = (1,) * axes
    if isinstance(layer, Conv):
        dilation = _per_axis("dilation", layer.dilation, axes)
    elif any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"padding must be at most half of the kernel {kernel}, got {padding}")
    along = zip(sizes, kernel, stride, padding, dilation, strict=True)
    return [Window(*numbers, ceil_mode) for numbers in along]


def _lost(step: Step) -> str:
    """What of a layer's input no window reads, in words."""
    names = ("frame", "row", "column")[-len(step.dropped) :] if step.dropped else ()
    ends, holes = [], []
    for name, size, unread, dropped in zip(
        names, step.in_shape[1:], step.unread, step.dropped, strict=True
    ):
        if len(unread) > dropped:
            shown = ", ".join(map(str, unread[:3])) + (", …" if len(unread) > 3 else "")
            holes.append(f"{len(unread)} of {size} {name}s ({shown})")
        elif dropped:
            ends.append(f"the last {name}" if dropped == 1 else f"the last {dropped} {name}s")
    parts = [f"drops {', '.join(ends)}"] if ends else []
    return "; ".join(parts + ([f"never reads {', '.join(holes)}"] if holes else []))


def _per_axis(name: str, value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    values = value if isinstance(value, tuple | list) else (value,) * axes
    numbers = whole_numbers(name, values, at_least=0 if name == "padding" else 1)
    if len(numbers) != axes:
        raise ValueError(f"{name} must have {axes} numbers, one for each axis, got {numbers}")
    return numbers


def _name(step: Step) -> str:
    kind = type(step.layer).__name__
    if isinstance(step.layer, Conv | Pool):
        return f"{kind} {_times(_per_axis('kernel', step.layer.kernel, len(step.dropped)))}"
    return kind


def _times(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))
