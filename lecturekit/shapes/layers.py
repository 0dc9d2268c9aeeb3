"""What layers do to sizes: parameters, multiply–adds and receptive fields follow from a list."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .memory import whole_numbers


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
    """A pooling, of any kind; its stride is its kernel unless told. It keeps the channels."""

    kernel: int | tuple[int, ...]
    stride: int | tuple[int, ...] | None = None
    padding: int | tuple[int, ...] = 0


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
    """What one layer does. The last four are per axis it slides over: (t, h, w) or (h, w).

    Attributes:
        layer: the layer.
        in_shape: before it, channels first.
        out_shape: after it.
        parameters: its weights and biases.
        macs: its multiply–adds for one input; adding the bias is not counted.
        receptive_field: how many frames or pixels of the network's input can change one of its
            outputs. After Flatten, that of one number in the row; Linear mixes them all.
        jump: how many frames or pixels lie between the fields of neighbouring outputs.
        start: where the field of the first output has its centre; frame 0 has its centre at 0.
        dropped: how many of the last frames, rows or columns of its input no window reads
            (of the input itself: padding that is not read is no loss).
    """

    layer: Layer
    in_shape: tuple[int, ...]
    out_shape: tuple[int, ...]
    parameters: int
    macs: int
    receptive_field: tuple[int, ...]
    jump: tuple[int, ...]
    start: tuple[float, ...]
    dropped: tuple[int, ...]


def conv_output(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """How many places a window has along an axis: convolution and pooling alike.

    floor((size + 2 padding − dilation (kernel − 1) − 1) / stride) + 1 (Dumoulin and Visin 2016,
    "A guide to convolution arithmetic for deep learning", relationships 6 and 15).

    >>> conv_output(64, 3, padding=1), conv_output(5, 2, stride=2)
    (64, 2)

    Raises:
        ValueError: a number is out of range, or the window is longer than the padded axis.
        TypeError: a number is not whole.
    """
    sizes = {"size": size, "kernel": kernel, "stride": stride, "dilation": dilation}
    for name, value in sizes.items():
        whole_numbers(name, [value], at_least=1)
    whole_numbers("padding", [padding], at_least=0)
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(
            f"expected a window of at most {size + 2 * padding} (size {size} + 2 × padding "
            f"{padding}), got {dilation * (kernel - 1) + 1} (kernel {kernel}, dilation {dilation})"
        )
    return room // stride + 1


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
    axes = len(shape) - 1
    field, jump, start = (1,) * axes, (1,) * axes, (0.0,) * axes
    steps = []
    for number, layer in enumerate(layers, 1):
        try:
            step = _step(layer, shape, field, jump, start)
        except (ValueError, TypeError) as error:
            where = f"layer {number}, {layer}, on {_times(shape)}"
            raise type(error)(f"{where}: {error}") from None
        steps.append(step)
        shape, field, jump, start = step.out_shape, step.receptive_field, step.jump, step.start
    return tuple(steps)


def trace(layers: Iterable[Layer], input_shape: Sequence[int]) -> str:
    """The walk as a table to print, which says where frames or pixels are dropped."""
    steps = walk(layers, input_shape)
    rows = [("layer", "output", "parameters", "multiply–adds", "sees", "")]
    rows.append(("input", _times(input_shape), "", "", "", ""))
    for step in steps:
        names = ("frame", "row", "column")[-len(step.dropped) :] if step.dropped else ()
        lost = [
            f"the last {name}" if count == 1 else f"the last {count} {name}s"
            for name, count in zip(names, step.dropped, strict=True)
            if count
        ]
        note = f"← drops {', '.join(lost)}" if lost else ""
        counts = f"{step.parameters:,}", f"{step.macs:,}"
        seen = _times(step.receptive_field) if step.dropped else "all"
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
    layer: Layer,
    shape: tuple[int, ...],
    field: tuple[int, ...],
    jump: tuple[int, ...],
    start: tuple[float, ...],
) -> Step:
    channels, *sizes = shape
    if isinstance(layer, Flatten):
        out, none = (math.prod(shape),), (0,) * len(sizes)
        return Step(layer, shape, out, 0, 0, field, jump, start, none)
    if isinstance(layer, Linear):
        if sizes:
            raise ValueError("expected one row of numbers; put a Flatten before it")
        (features,) = whole_numbers("out_features", [layer.out_features], at_least=1)
        weights = channels * features
        count = weights + features * layer.bias
        return Step(layer, shape, (features,), count, weights, field, jump, start, ())
    if not isinstance(layer, Conv | Pool):
        raise TypeError("expected Conv, Pool, Flatten or Linear")
    if not sizes:
        raise ValueError("expected axes to slide over, after the channels; there are none")
    kernel = _per_axis("kernel", layer.kernel, len(sizes))
    if isinstance(layer, Conv):
        (filters,) = whole_numbers("out_channels", [layer.out_channels], at_least=1)
        stride, dilation = layer.stride, _per_axis("dilation", layer.dilation, len(sizes))
        weights = channels * filters * math.prod(kernel)
    else:
        filters, weights = channels, 0
        stride, dilation = layer.stride or layer.kernel, (1,) * len(sizes)
    stride = _per_axis("stride", stride, len(sizes))
    padding = _per_axis("padding", layer.padding, len(sizes))
    if isinstance(layer, Pool) and any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"padding must be at most half of the kernel {kernel}, got {padding}")
    windows = list(zip(sizes, kernel, stride, padding, dilation, strict=True))
    out = tuple(conv_output(*window) for window in windows)
    spans = [d * (k - 1) + 1 for _, k, _, _, d in windows]
    dropped = tuple(
        max((n + 2 * p - span) % s - p, 0)
        for (n, _, s, p, _), span in zip(windows, spans, strict=True)
    )
    # Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks",
    # equations 1 and 2, unrolled from the input on.
    grown = zip(field, jump, start, spans, padding, strict=True)
    new_field, new_start = zip(
        *((f + (span - 1) * j, s0 + ((span - 1) / 2 - p) * j) for f, j, s0, span, p in grown),
        strict=True,
    )
    biases = filters if isinstance(layer, Conv) and layer.bias else 0
    return Step(
        layer=layer,
        in_shape=shape,
        out_shape=(filters, *out),
        parameters=weights + biases,
        macs=weights * math.prod(out),
        receptive_field=new_field,
        jump=tuple(j * s for j, s in zip(jump, stride, strict=True)),
        start=new_start,
        dropped=dropped,
    )


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
