"""What the shape walk's page is given: layers as JSON, the stacks to start from, the limits.

A layer's JSON is ``{"kind", "channels", "kernel": [t, s], "stride", "padding", "bias"}``, as far as
its kind has them; s stands for height and width, which the page does not tell apart.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lecturekit import shapes
from lecturekit.models.convnets import middle_channels

LIMITS = {
    "layers": 12,
    "kernel": 7,
    "stride": 4,
    "padding": 4,
    "channels": 512,
    "features": 4096,
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
        {"name": name, "input": list(shape), "layers": to_json(stack)}
        for name, shape, stack in stacks
    ]


def checked_input(shape: Sequence[int]) -> tuple[int, ...]:
    """(C, T, H, W), if the page can show it."""
    most = LIMITS["input"]
    if len(shape) != 4 or not all(map(_is_whole, shape, [1] * 4, most)):
        raise ValueError(
            f"input_shape must be whole numbers (C, T, H, W), from 1 to {tuple(most)}; "
            f"got {shape!r}"
        )
    return tuple(map(int, shape))


def _is_whole(value: Any, least: int, most: int) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and least <= value <= most


def to_json(layers: Sequence[shapes.Layer | dict[str, Any]]) -> list[dict[str, Any]]:
    """Layers, or their JSON, as JSON that the page can show.

    Raises:
        TypeError: one is no layer.
        ValueError: there are too many, or a number is outside ``LIMITS``.
    """
    if len(layers) > LIMITS["layers"]:
        raise ValueError(f"layers must be at most {LIMITS['layers']}, got {len(layers)}")
    return [_json(number, layer) for number, layer in enumerate(layers, 1)]


def _json(number: int, layer: shapes.Layer | dict[str, Any]) -> dict[str, Any]:
    if isinstance(layer, dict):
        try:
            layer = to_layer(layer)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"layer {number} is not a layer's JSON: {layer!r} ({error})") from None
    where = f"layer {number} ({type(layer).__name__})"
    match layer:
        case shapes.Flatten():
            return {"kind": "flatten"}
        case shapes.Linear(features, bias):
            channels = _number(where, "out_features", features, 1, LIMITS["features"])
            return {"kind": "linear", "channels": channels, "bias": bool(bias)}
        case shapes.Pool(kernel, stride, padding, ceil_mode):
            if ceil_mode:
                raise ValueError(f"{where}: ceil_mode must be False, the page always rounds down")
            # A pooling may step by its own kernel, however long.
            window = _window(where, kernel, stride or kernel, LIMITS["kernel"], padding)
            return {"kind": "pool", **window}
        case shapes.Conv(channels, kernel, stride, padding, dilation, bias):
            if dilation not in (1, (1, 1, 1)):
                raise ValueError(f"{where}: dilation must be 1, the page has none; got {dilation}")
            channels = _number(where, "out_channels", channels, 1, LIMITS["channels"])
            window = _window(where, kernel, stride, LIMITS["stride"], padding)
            return {"kind": "conv", "channels": channels, **window, "bias": bool(bias)}
    raise TypeError(
        f"layer {number} must be Conv, Pool, Flatten or Linear of lecturekit.shapes, "
        f"got {type(layer).__name__}"
    )


def _window(where: str, kernel: Any, stride: Any, longest: int, padding: Any) -> dict[str, Any]:
    return {
        "kernel": _pair(where, "kernel", kernel, 1, LIMITS["kernel"]),
        "stride": _pair(where, "stride", stride, 1, longest),
        "padding": _pair(where, "padding", padding, 0, LIMITS["padding"]),
    }


def _pair(where: str, field: str, value: Any, least: int, most: int) -> list[int]:
    """[time, space]."""
    axes = tuple(value) if isinstance(value, tuple | list) else (value,) * 3
    if len(axes) != 3 or axes[1] != axes[2]:
        raise ValueError(
            f"{where}: {field} must be one number or (t, s, s), the same for height and width; "
            f"got {value!r}"
        )
    return [_number(where, field, number, least, most) for number in axes[:2]]


def _number(where: str, field: str, value: Any, least: int, most: int) -> int:
    if not _is_whole(value, least, most):
        raise ValueError(
            f"{where}: {field} must be a whole number from {least} to {most}, got {value!r}"
        )
    return int(value)


def to_layer(item: dict[str, Any]) -> shapes.Layer:
    """The layer that a JSON stands for."""
    kind = item["kind"]
    if kind == "flatten":
        return shapes.Flatten()
    if kind == "linear":
        return shapes.Linear(item["channels"], bias=item["bias"])
    if kind not in ("conv", "pool"):
        raise ValueError(f"kind must be conv, pool, flatten or linear, got {kind!r}")
    window = {
        field: (t, s, s) for field in ("kernel", "stride", "padding") for t, s in [item[field]]
    }
    if kind == "pool":
        return shapes.Pool(**window)
    return shapes.Conv(item["channels"], **window, bias=item["bias"])
