"""Layers as the page has them: their fields in :mod:`lecturekit.shapes`, as JSON.

A layer is ``{"kind": "Conv", "out_channels": 12, "kernel": [3, 3, 3], …}``. Its windows have three
numbers, (t, h, w); the last two are the same, as the page does not tell height and width apart.
"""

from collections.abc import Sequence
from typing import Any

from lecturekit import checks, shapes
from lecturekit.models.convnets import middle_channels

LIMITS = {
    "layers": 12,
    "kernel": 7,
    "stride": 4,
    "padding": 4,
    "out_channels": 512,
    "out_features": 4096,
    "input": [16, 64, 224, 224],  # c t h w: all numbers stay exact in JavaScript
}
"""The most that the page lets its reader choose, and that it can show."""

LECTURE: tuple[shapes.Layer, ...] = (
    shapes.Conv(12, 3, padding=1),
    shapes.Pool(4),
    shapes.Conv(24, 3, padding=1),
    shapes.Pool((2, 4, 4)),
    shapes.Flatten(),
    shapes.Linear(10),
)
"""The lecture's walkthrough, for an input of 3×20×64×64."""

_KINDS = {kind.__name__: kind for kind in (shapes.Conv, shapes.Pool, shapes.Flatten, shapes.Linear)}


def presets() -> list[dict[str, Any]]:
    """Stacks to start from, as JSON: name, input shape (c, t, h, w), layers."""
    conv, pool = shapes.Conv, shapes.Pool
    film = (3, 20, 64, 64)
    flat = {"kernel": (1, 3, 3), "padding": (0, 1, 1)}
    long = {"kernel": (3, 1, 1), "padding": (1, 0, 0)}
    head = (shapes.Flatten(), shapes.Linear(10))
    stacks = [
        ("the lecture’s walkthrough", film, LECTURE),
        (
            "the same in 2D: no kernel looks along time",
            film,
            (conv(12, **flat), pool((1, 4, 4)), conv(24, **flat), pool((1, 4, 4)), *head),
        ),
        (
            "the same in (2+1)D: space, then time",
            film,
            (
                *(conv(middle_channels(3, 12), **flat), conv(12, **long), pool(4)),
                *(conv(middle_channels(12, 24), **flat), conv(24, **long), pool((2, 4, 4))),
                *head,
            ),
        ),
        (
            # Tran et al. 2015, section 3.3: all kernels 3×3×3, the first pooling spares time.
            "C3D’s first layers",
            (3, 16, 112, 112),
            (
                *(conv(64, 3, padding=1), pool((1, 2, 2)), conv(128, 3, padding=1), pool(2)),
                *(conv(256, 3, padding=1), conv(256, 3, padding=1), pool(2)),
            ),
        ),
    ]
    return [
        {"name": name, "input_shape": list(shape), "layers": to_json(stack)}
        for name, shape, stack in stacks
    ]


def to_json(layers: Sequence[shapes.Layer | dict[str, Any]]) -> list[dict[str, Any]]:
    """Layers, or their JSON, as JSON that the page can show.

    Raises:
        ValueError, TypeError: there are too many, one is no layer, or one has what the page
            cannot show; the message names the layer, counted from 1, and the field.
    """
    checks.integer("len(layers)", len(layers), 0, LIMITS["layers"])
    shown = []
    for number, layer in enumerate(layers, 1):
        try:
            shown.append(_fields(to_layer(layer) if isinstance(layer, dict) else layer))
        except (TypeError, ValueError) as error:
            raise type(error)(f"layer {number}, {layer}: {error}") from None
    return shown


def to_layer(fields: dict[str, Any]) -> shapes.Layer:
    """The layer that a JSON stands for."""
    kind = checks.one_of("kind", fields.get("kind"), tuple(_KINDS))
    values = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in fields.items()
        if key != "kind"
    }
    return _KINDS[kind](**values)


def _fields(layer: shapes.Layer) -> dict[str, Any]:
    match layer:
        case shapes.Conv(filters, kernel, stride, padding, dilation, bias):
            if dilation not in (1, (1, 1, 1)):
                raise ValueError(f"dilation: expected 1, the page has no other, got {dilation}")
            window = _window(kernel, stride, padding, LIMITS["stride"])
            fields = {"out_channels": _size("out_channels", filters), **window, "bias": bool(bias)}
        case shapes.Pool(kernel, stride, padding, ceil_mode):
            if ceil_mode:
                raise ValueError("ceil_mode: expected False, the page rounds down, got True")
            # A pooling may step by its own kernel, however long.
            stride = kernel if stride is None else stride
            fields = _window(kernel, stride, padding, LIMITS["kernel"])
        case shapes.Flatten():
            fields = {}
        case shapes.Linear(features, bias):
            fields = {"out_features": _size("out_features", features), "bias": bool(bias)}
        case _:
            kinds = ", ".join(_KINDS)
            raise TypeError(f"expected one of lecturekit.shapes' {kinds}, got a {type(layer)}")
    return {"kind": type(layer).__name__, **fields}


def _size(field: str, value: int) -> int:
    return checks.integer(field, value, 1, LIMITS[field])


def _window(kernel: Any, stride: Any, padding: Any, longest: int) -> dict[str, list[int]]:
    return {
        "kernel": _axes("kernel", kernel, 1, LIMITS["kernel"]),
        "stride": _axes("stride", stride, 1, longest),
        "padding": _axes("padding", padding, 0, LIMITS["padding"]),
    }


def _axes(field: str, value: Any, least: int, most: int) -> list[int]:
    axes = value if isinstance(value, tuple | list) else (value,) * 3
    if len(axes) != 3 or axes[1] != axes[2]:
        raise ValueError(
            f"{field}: expected one number or (t, s, s), the same for height and width, "
            f"got {value!r}"
        )
    return [checks.integer(field, number, least, most) for number in axes]
