"""The shape walk: a stack of layers to edit, and one kernel sliding through a cube of numbers.

The reader changes kernel, stride, padding and channels of each layer and sees output shapes,
parameters, multiply–adds and receptive fields move; a layer that cannot be is explained. Below, one
output voxel of a small 3D convolution is lit together with the inputs it reads and their sum.
The front end repeats the arithmetic of :mod:`lecturekit.shapes` so that it also works with no
kernel behind it; ``tests/site/explorers/test_shape_walk.py`` holds the two equal.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from lecturekit import checks, shapes
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.shape_walk.layers import LECTURE, LIMITS, presets, to_json, to_layer

# Along each axis of the cube and of the kernel; a sum of 27 products has at most four digits.
_MAX_CUBE, _MAX_WEIGHTS = 7, 3
_MAX_VALUE, _MAX_WEIGHT = 20, 5

KERNELS: dict[str, tuple[NDArray[np.int_], int, str]] = {
    "mean": (
        np.ones((3, 3, 3), int),
        27,
        "The mean of 27 numbers: it smooths along t, y and x.",
    ),
    "temporal derivative": (
        np.broadcast_to(np.array([-1, 0, 1])[:, None, None], (3, 3, 3)),
        1,
        "The next frame’s block minus the previous frame’s: 0 where nothing changes in time.",
    ),
    "spatial edge": (
        np.broadcast_to(np.array([-1, 0, 1]), (3, 3, 3)),
        1,
        "The right column minus the left one, in all three frames: 0 where rows are flat.",
    ),
}
"""Name to (weights (t, h, w), what their sum is divided by, what it finds)."""


class ShapeWalk(Explorer):
    """Layers to edit, with everything that follows from them; and a kernel sliding through a cube.

    Args:
        layers: at most 12 of ``shapes.Conv``, ``Pool``, ``Flatten`` and ``Linear``; kernel, stride
            and padding must be the same for height and width, and a convolution not dilated.
            Layers that do not fit each other are welcome: the page explains them.
        input_shape: (C, T, H, W), at most (16, 64, 224, 224).
        cube: whole numbers from -20 to 20, (T, H, W), each axis at most 7; by default a bright
            square that moves right by one pixel a frame.
        kernel: a name in ``KERNELS``, or whole numbers from -5 to 5, (t, h, w), each at most 3.
        padding: 0 or 1, zeros around the cube.
        label: accessible name.
        description: text equivalent; by default one is written.

    Raises:
        TypeError: a layer is of another kind, or numbers are not whole.
        ValueError: a layer, the input shape, cube or kernel is outside what the page can show.
        traitlets.TraitError: kernel or padding is not one of the choices, or the kernel has no
            room in the cube.

    Example:
        >>> explorer = ShapeWalk()
        >>> explorer.walk()[-1].out_shape
        (10,)
        >>> explorer.num_frames = 16
        >>> explorer.walk()[1].out_shape
        (12, 4, 16, 16)
    """

    name: ClassVar[str] = "shape_walk"

    layers = traitlets.List(help="The stack; layer objects or their JSON may be assigned.").tag(
        sync=True
    )
    input_channels = traitlets.Int(min=1, max=LIMITS["input"][0]).tag(sync=True)
    num_frames = traitlets.Int(min=1, max=LIMITS["input"][1]).tag(sync=True)
    height = traitlets.Int(min=1, max=LIMITS["input"][2]).tag(sync=True)
    width = traitlets.Int(min=1, max=LIMITS["input"][3]).tag(sync=True)
    presets = traitlets.List(help="Stacks to start from: name, input shape, layers.").tag(sync=True)
    limits = traitlets.Dict(LIMITS, help="The most that the reader may choose.").tag(sync=True)

    cube = traitlets.List(help="Whole numbers, t by y by x.").tag(sync=True)
    kernels = traitlets.List(help="Kernels to choose from: name, weights, divisor, about.").tag(
        sync=True
    )
    kernel = traitlets.Unicode(help="The name of the one that slides.").tag(sync=True)
    padding = traitlets.Int(0, min=0, max=1, help="Zeros around the cube.").tag(sync=True)
    t = traitlets.Int(0, help="The output voxel that is lit.").tag(sync=True)
    y = traitlets.Int(0).tag(sync=True)
    x = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        layers: Sequence[shapes.Layer] = LECTURE,
        input_shape: Sequence[int] = (3, 20, 64, 64),
        *,
        cube: ArrayLike | None = None,
        kernel: str | ArrayLike = "temporal derivative",
        padding: int = 0,
        label: str = "The shape walk: layers to edit, and a kernel sliding through a cube",
        description: str | None = None,
    ) -> None:
        channels, frames, height, width = _checked_input(input_shape)
        block = _checked_block(
            "cube", _moving_square() if cube is None else cube, _MAX_CUBE, _MAX_VALUE
        )
        choices = dict(KERNELS)
        if not isinstance(kernel, str):
            weights = _checked_block("kernel", kernel, _MAX_WEIGHTS, _MAX_WEIGHT)
            kernel = "the given one"
            choices[kernel] = (weights, 1, "")
        super().__init__(
            layers=to_json(layers),
            input_channels=channels,
            num_frames=frames,
            height=height,
            width=width,
            presets=presets(),
            cube=block.tolist(),
            kernels=[
                {"name": name, "weights": weights.tolist(), "divisor": divisor, "about": about}
                for name, (weights, divisor, about) in choices.items()
            ],
            kernel=kernel,
            padding=padding,
            label=label,
            description=description or _describe(block.shape),
        )
        self.t, self.y, self.x = (size // 2 for size in self.output_size)

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """(C, T, H, W) of what enters the first layer."""
        return (self.input_channels, self.num_frames, self.height, self.width)

    @property
    def output_size(self) -> tuple[int, int, int]:
        """(T, H, W) of what the small kernel gives in the cube."""
        return self._places(self.kernel, self.padding)

    def _places(self, kernel: str, padding: int) -> tuple[int, int, int]:
        """How many the kernel has along each axis of the cube: below 1 where it has no room."""
        window = np.shape(next(k["weights"] for k in self.kernels if k["name"] == kernel))
        sizes = zip(np.shape(self.cube), window, strict=True)
        return tuple(size + 2 * padding - taps + 1 for size, taps in sizes)

    def stack(self) -> tuple[shapes.Layer, ...]:
        """The layers as they now stand, as objects of :mod:`lecturekit.shapes`."""
        return tuple(map(to_layer, self.layers))

    def walk(self) -> tuple[shapes.Step, ...]:
        """What :func:`lecturekit.shapes.walk` computes for the layers as they now stand.

        Raises:
            ValueError: a layer is impossible; the message names it.
        """
        return shapes.walk(self.stack(), self.input_shape)

    @traitlets.validate("layers")
    def _validate_layers(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        with trait_errors():
            return to_json(proposal["value"])

    @traitlets.validate("kernel", "padding")
    def _validate_window(self, proposal: dict[str, Any]) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        window = {"kernel": self.kernel, "padding": self.padding, name: value}
        names = [kernel["name"] for kernel in self.kernels]
        if window["kernel"] not in names:
            raise traitlets.TraitError(
                f"kernel: expected one of {', '.join(names)}, got {window['kernel']!r}"
            )
        if min(self._places(**window)) < 1:
            raise traitlets.TraitError(
                f"kernel: expected one with room in a cube of {np.shape(self.cube)} with padding "
                f"{window['padding']}, got {window['kernel']!r}"
            )
        return value

    @traitlets.validate("t", "y", "x")
    def _validate_position(self, proposal: dict[str, Any]) -> int:
        axis = proposal["trait"].name
        size = self.output_size["tyx".index(axis)]
        return setting(axis, proposal["value"], 0, size - 1)

    @traitlets.observe("padding", "kernel")
    def _stay_inside(self, change: dict[str, Any]) -> None:
        for axis, size in zip("tyx", self.output_size, strict=True):
            setattr(self, axis, max(0, min(getattr(self, axis), size - 1)))


def _moving_square() -> NDArray[np.int_]:
    """5×6×6: a square of 2×2 nines on ones, one pixel further right in each frame."""
    cube = np.ones((5, 6, 6), int)
    for t, frame in enumerate(cube):
        frame[2:4, t : t + 2] = 9
    return cube


def _checked_input(shape: Sequence[int]) -> tuple[int, ...]:
    most = LIMITS["input"]
    sizes = checks.integers("input_shape", shape, 1)
    if len(sizes) != 4 or any(size > limit for size, limit in zip(sizes, most, strict=True)):
        raise ValueError(f"input_shape: expected (C, T, H, W) up to {tuple(most)}, got {sizes}")
    return sizes


def _checked_block(argument: str, values: ArrayLike, longest: int, largest: int) -> np.ndarray:
    block = np.asarray(values)
    expected = f"{argument}: expected whole numbers from -{largest} to {largest}"
    if not np.issubdtype(block.dtype, np.integer):
        raise TypeError(f"{expected}, got {block.dtype}")
    if block.ndim != 3 or not 1 <= min(block.shape) <= max(block.shape) <= longest:
        raise ValueError(
            f"{argument}: expected three axes (t, h, w), each from 1 to {longest}, "
            f"got {block.shape}"
        )
    if block.min() < -largest or block.max() > largest:
        raise ValueError(f"{expected}, got {block.min()} to {block.max()}")
    return block


def _describe(cube: tuple[int, ...]) -> str:
    frames, rows, columns = cube
    return (
        "Two views. First, a list of layers. Each has its output drawn as a block: wide, high, as "
        "deep as it has frames, with a bar below for its channels. The wire box in a block is the "
        "window of the next layer; the filled box in the input is all that one unit of the opened "
        "layer sees. Beside a block stand its shape, c × t × h × w, its parameters, multiply–adds "
        "and receptive field, and what no window reads. A layer that cannot be says why, and the "
        f"layers after it wait. Second, a cube of {frames} frames of {rows} by {columns} numbers "
        "and a kernel that slides through it. The numbers it reads for one output are lit; their "
        "products with the kernel’s weights, and the sum, are written out."
    )
