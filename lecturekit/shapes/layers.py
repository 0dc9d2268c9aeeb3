"""What layers do to sizes: parameters, multiply–adds and receptive fields follow from a list."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lecturekit import checks

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
    shape = checks.integers("input_shape", input_shape, 1)
    if not shape:
        raise ValueError("input_shape: expected at least one number, the channels, got none")
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
    windows: list[Window] = []
    weights, bias = 0, False
    match layer:
        case Conv(filters, bias=bias):
            windows = _windows(layer, sizes)
            out = (checks.integer("out_channels", filters, 1), *(w.places for w in windows))
            weights = channels * filters * math.prod(window.kernel for window in windows)
        case Pool():
            windows = _windows(layer, sizes)
            out = (channels, *(window.places for window in windows))
        case Flatten():
            out = (math.prod(shape),)
        case Linear(features, bias):
            if sizes:
                raise ValueError("expected one row of numbers; put a Flatten before it")
            out = (checks.integer("out_features", features, 1),)
            weights = channels * features
        case _:
            raise TypeError("expected Conv, Pool, Flatten or Linear")
    if windows:
        reach = tuple(r.through(window) for r, window in zip(reach, windows, strict=True))
    step = Step(
        layer=layer,
        in_shape=shape,
        out_shape=out,
        parameters=weights + out[0] * bias,
        macs=weights * math.prod(out[1:]),
        receptive_field=tuple(r.span for r in reach),
        inputs_seen=tuple(len(r.offsets) for r in reach),
        jump=tuple(r.jump for r in reach),
        start=tuple(r.start for r in reach),
        unread=tuple(w.unread for w in windows) or ((),) * len(sizes),
        dropped=tuple(w.dropped for w in windows) or (0,) * len(sizes),
    )
    return step, reach


def _windows(layer: Conv | Pool, sizes: list[int]) -> list[Window]:
    axes = len(sizes)
    if not axes:
        raise ValueError("expected axes to slide over, after the channels; there are none")
    kernel = _per_axis("kernel", layer.kernel, axes)
    stride = kernel if layer.stride is None else _per_axis("stride", layer.stride, axes)
    padding = _per_axis("padding", layer.padding, axes)
    dilation = _per_axis("dilation", getattr(layer, "dilation", 1), axes)
    if isinstance(layer, Pool) and any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"padding: expected at most half of the kernel {kernel}, got {padding}")
    along = zip(sizes, kernel, stride, padding, dilation, strict=True)
    return [Window(*numbers, getattr(layer, "ceil_mode", False)) for numbers in along]


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
    if len(values) != axes:
        raise ValueError(f"{name}: expected {axes} numbers, one for each axis, got {values}")
    return checks.integers(name, values, 0 if name == "padding" else 1)


def _name(step: Step) -> str:
    kind = type(step.layer).__name__
    if isinstance(step.layer, Conv | Pool):
        return f"{kind} {_times(_per_axis('kernel', step.layer.kernel, len(step.dropped)))}"
    return kind


def _times(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))
