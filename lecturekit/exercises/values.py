"""What a check does with values of any kind: compare them, copy them, print them in short."""

import copy
from typing import Any

import numpy as np
import torch

# float32, which a right answer may be computed in, keeps about seven digits.
RELATIVE, ABSOLUTE = 1e-5, 1e-6


def same(a: Any, b: Any, *, rtol: float = RELATIVE, atol: float = ABSOLUTE) -> bool:
    """Equal in shape and, to float32's accuracy, in value.

    Arrays, tensors, numbers and nested sequences are taken alike; NaN equals NaN.
    """
    a, b = as_numpy(a), as_numpy(b)
    if _holds_arrays(a) and _holds_arrays(b):
        # Their shapes may differ, so that they make no array together.
        return len(a) == len(b) and all(
            same(x, y, rtol=rtol, atol=atol) for x, y in zip(a, b, strict=True)
        )
    try:
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or (a.dtype.kind == "b") != (b.dtype.kind == "b"):
            return False
        if a.dtype.kind in "OSU" or b.dtype.kind in "OSU":
            return bool(np.all(a == b))
        # Most arrays compared are copies that nobody wrote into, and `allclose` takes ten times as
        # long to say so.
        return np.array_equal(a, b) or bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True))
    except (TypeError, ValueError):
        return False


def _holds_arrays(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(
        isinstance(item, np.ndarray) or _holds_arrays(item) for item in value
    )


def as_numpy(value: Any) -> Any:
    """The value with each tensor in it as an array; sequences keep their type."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    return _inside(value, as_numpy)


def as_torch(value: Any) -> Any:
    """The value with each array in it as a tensor; sequences keep their type."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy())
    return _inside(value, as_torch)


def _inside(value: Any, convert: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(convert(item) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(convert(item) for item in value)
    if isinstance(value, dict):
        return {key: convert(item) for key, item in value.items()}
    return value


def is_array(value: Any) -> bool:
    """Whether the value is an array of NumPy or a tensor of torch."""
    return isinstance(value, np.ndarray | torch.Tensor)


def copies(case: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments that an attempt may write into, or draw from, without spoiling the next check."""
    return copy.deepcopy(case)


def changed(before: tuple[Any, ...], after: tuple[Any, ...]) -> int | None:
    """Position of the first argument whose arrays an attempt has written into."""
    for position, (old, new) in enumerate(zip(before, after, strict=True)):
        if isinstance(old, list | dict) or is_array(old):
            try:
                equal = same(old, new, rtol=0, atol=0)
            except Exception:
                equal = True
            if not equal and _comparable(old):
                return position
    return None


def _comparable(value: Any) -> bool:
    """Whether a copy of the value equals it: not so for a network, or a generator."""
    return same(value, copy.deepcopy(value), rtol=0, atol=0)


def shown(case: tuple[Any, ...]) -> str:
    """Arguments as they would be written in a call, each in short."""
    return f"({', '.join(brief(value) for value in case)})"


def brief(value: Any) -> str:
    """A value in at most 60 characters; large arrays by type and shape."""
    shape = getattr(value, "shape", None)
    if shape is not None and np.prod(shape) > 8:
        dtype = str(value.dtype).removeprefix("torch.")
        return f"<{dtype} {'×'.join(str(size) for size in shape)}>"
    if isinstance(value, np.random.Generator):
        return "generator"
    if isinstance(value, np.generic):
        value = value.item()
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "…"
