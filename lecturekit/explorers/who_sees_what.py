"""Who sees what: which frames and pixels reach a unit, and which classes a network can tell apart.

The reader picks a family of :mod:`lecturekit.models.fusion`, a layer and one of its units; the
part of a real clip that reaches the unit is outlined in its frames. Below, for any two classes, the
answers of two trained families are counted. The front end computes a unit's field, and the interval
of an accuracy, by itself; ``tests/site/test_who_sees_what.py`` holds the first to
:func:`lecturekit.shapes.walk` and to measured gradients, the second to SciPy.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lecturekit import evaluation, shapes
from lecturekit.explorers import Explorer
from lecturekit.explorers.pictures import jpeg_sheet
from lecturekit.models import fusion

MAX_FRAMES, MAX_PX = 32, 128
MAX_CLIP_BYTES = 60_000
_SHEET_COLUMNS = 8

LAYERS = 4
"""Three convolutions, and the average over what is left."""


class WhoSeesWhat(Explorer):
    """What reaches a unit of the four families, and what they confuse.

    Args:
        clip_frames: uint8 RGB (T, H, W, 3), a clip as the networks get it: 2 to 32 frames of at
            most 128 × 128 px.
        evaluations: of each network that was tested, by name, its answers on one test set.
        pair: the two classes to begin with; by default the first two.
        label: accessible name.
        credit: the line to print under the clip.
        description: text equivalent; by default one is written.

    Raises:
        TypeError, ValueError: an argument is none of the above; the message names it.

    Attributes:
        family, layer, t, y, x: the unit that is looked at; layer 4 is the average.
        pair: the two classes that are compared.
        shown: the two evaluations that are compared, by name.
    """

    name: ClassVar[str] = "who_sees_what"
    parts: ClassVar[tuple[str, ...]] = ("who_sees_what_reach.js", "who_sees_what_pair.js")

    clip = traitlets.Bytes(help="All frames in one JPEG, each from a multiple of 16 px.").tag(
        sync=True
    )
    columns = traitlets.Int(help="Frames in one row of the JPEG.").tag(sync=True)
    size = traitlets.List(help="(T, H, W) of the clip.").tag(sync=True)
    credit = traitlets.Unicode(help="Printed under the clip.").tag(sync=True)
    families = traitlets.List(help="Name, words, and of each layer out, field, jump, start.").tag(
        sync=True
    )
    classes = traitlets.List(help="Names by label.").tag(sync=True)
    cue_of = traitlets.Dict(help="Of each class the cue that tells it from its partner.").tag(
        sync=True
    )
    confusions = traitlets.Dict(help="Of each evaluation its counts: true, then predicted.").tag(
        sync=True
    )

    family = traitlets.Unicode("3D CNN").tag(sync=True)
    layer = traitlets.Int(2, min=1, max=LAYERS).tag(sync=True)
    t = traitlets.Int(0, min=0, help="The unit's place in the layer's output.").tag(sync=True)
    y = traitlets.Int(0, min=0).tag(sync=True)
    x = traitlets.Int(0, min=0).tag(sync=True)
    pair = traitlets.List(help="Two names of classes.").tag(sync=True)
    shown = traitlets.List(help="Two names of evaluations.").tag(sync=True)

    def __init__(
        self,
        clip_frames: NDArray[np.uint8],
        *,
        evaluations: Mapping[str, evaluation.Evaluation],
        pair: Sequence[str] | None = None,
        label: str = "Who sees what: the part of a clip that reaches a unit, and what is confused",
        credit: str = "",
        description: str | None = None,
    ) -> None:
        frames = _checked_frames(clip_frames)
        first = _checked_evaluations(evaluations)
        names = list(evaluations)
        usual = [name for name in ("late fusion", "3D CNN") if name in names]
        super().__init__(
            clip=jpeg_sheet(
                "clip_frames", frames, columns=_SHEET_COLUMNS, max_bytes=MAX_CLIP_BYTES
            ),
            columns=_SHEET_COLUMNS,
            size=list(frames.shape[:3]),
            credit=credit,
            families=[_family(name, *frames.shape[:3]) for name in fusion.FAMILIES],
            classes=list(first.classes),
            cue_of=dict(first.groups),
            confusions={name: one.confusion.tolist() for name, one in evaluations.items()},
            label=label,
            description=description or _describe(frames.shape, names),
            pair=list(first.classes[:2] if pair is None else pair),
            shown=usual if len(usual) == 2 else [names[0], names[-1]],
        )
        self.t, self.y, self.x = (size // 2 for size in self.output_size)

    @property
    def output_size(self) -> tuple[int, int, int]:
        """(T, H, W) of what the chosen layer of the chosen family gives."""
        steps = next(one["steps"] for one in self.families if one["name"] == self.family)
        return tuple(steps[self.layer - 1]["out"])

    @traitlets.validate("family")
    def _validate_family(self, proposal: dict[str, Any]) -> str:
        names = list(fusion.FAMILIES)
        if proposal["value"] not in names:
            raise traitlets.TraitError(f"family must be one of {names}; got {proposal['value']!r}")
        return proposal["value"]

    @traitlets.validate("t", "y", "x")
    def _validate_place(self, proposal: dict[str, Any]) -> int:
        axis = proposal["trait"].name
        size = dict(zip("tyx", self.output_size, strict=True))[axis]
        if proposal["value"] >= size:
            raise traitlets.TraitError(
                f"{axis} must be from 0 to {size - 1}: layer {self.layer} of {self.family} has "
                f"{size} along it; got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.validate("pair", "shown")
    def _validate_two(self, proposal: dict[str, Any]) -> list[str]:
        trait, value = proposal["trait"].name, proposal["value"]
        known = self.classes if trait == "pair" else list(self.confusions)
        if len(value) != 2 or any(name not in known for name in value):
            raise traitlets.TraitError(f"{trait} must be two of {known}; got {value!r}")
        if trait == "pair" and value[0] == value[1]:
            raise traitlets.TraitError(f"pair must be two different classes; got {value!r}")
        return value

    @traitlets.observe("family", "layer")
    def _stay_inside(self, change: dict[str, Any]) -> None:
        for axis, size in zip("tyx", self.output_size, strict=True):
            setattr(self, axis, min(getattr(self, axis), size - 1))


def _family(name: str, frames: int, height: int, width: int) -> dict[str, Any]:
    """A family's layers as 3D convolutions, followed through the clip; and what to say of it."""
    in_time, num_frames = {"3D CNN": (3, 2, 1), "early fusion": (frames, 1, 0)}.get(name), frames
    if name == "single frame":
        num_frames = 1
    layers: list[shapes.Layer] = []
    for depth in range(LAYERS - 1):
        # Early fusion's first convolution takes all frames as channels: a kernel as long as the
        # clip. After it there is one moment left.
        met = name == "early fusion" and depth > 0
        kernel, stride, padding = (1, 1, 0) if in_time is None or met else in_time
        layers.append(shapes.Conv(1, (kernel, 3, 3), (stride, 2, 2), (padding, 1, 1)))
    last = shapes.walk(layers, (1, num_frames, height, width))[-1].out_shape[1:]
    steps = shapes.walk([*layers, shapes.Pool(last)], (1, num_frames, height, width))
    middle = frames // 2
    shift = middle if name == "single frame" else 0
    return {
        "name": name,
        "about": _about(name, middle),
        "average": _average(name, middle, last, min(steps[-2].receptive_field[0], frames)),
        "steps": [
            {
                "out": list(step.out_shape[1:]),
                "field": list(step.receptive_field),
                "jump": list(step.jump),
                "start": [step.start[0] + shift, *step.start[1:]],
            }
            for step in steps
        ],
    }


def _about(name: str, middle: int) -> str:
    return {
        "single frame": f"The network is given frame {middle} alone (in training, a random one). "
        "No layer gets the others back.",
        "early fusion": "The first layer has weights of its own for each frame, so every unit sees "
        "all frames from the start. Deeper layers only widen the picture.",
        "late fusion": "Each frame goes through the network by itself: t says which. Deeper layers "
        "widen the picture, never the time.",
        "3D CNN": "Kernels slide over time as well. Deeper layers see more frames and more of the "
        "picture.",
    }[name]


def _average(name: str, middle: int, last: tuple[int, ...], field: int) -> str:
    """What the average loses: over ``last`` moments, rows and columns; one saw ``field`` frames."""
    places = f"{last[1]} × {last[2]} places"
    moments, first = (
        (f"{last[0]} moments", "which moment came first, and ") if last[0] > 1 else ("1 moment", "")
    )
    return {
        "single frame": f"The average runs over {places} of frame {middle}. Lost: where in the "
        "picture. The other frames were lost before the first layer.",
        "early fusion": f"The average runs over {places}, not over time. The frames met in layer "
        "1, each with its own weights, so their order is kept. Lost: where in the picture.",
        "late fusion": f"The average runs over {last[0]} frames and {places}. A sum is the same in "
        "any order. Lost: the order of the frames, and where in the picture.",
        "3D CNN": f"The average runs over {moments} and {places}. One moment has seen up to "
        f"{field} frames, with other weights for earlier and later ones: order is kept inside it. "
        f"Lost: {first}where in the picture.",
    }[name]


def _checked_frames(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shape, dtype = getattr(frames, "shape", None), getattr(frames, "dtype", None)
    if dtype != np.uint8 or len(shape) != 4 or shape[3] != 3 or 0 in shape:
        got = f"{dtype} {shape}" if shape is not None else type(frames).__name__
        raise ValueError(f"clip_frames must be uint8 (T, H, W, 3) RGB, none of them 0; got {got}")
    if not 2 <= shape[0] <= MAX_FRAMES or max(shape[1:3]) > MAX_PX:
        raise ValueError(
            f"clip_frames must be 2 to {MAX_FRAMES} frames of at most {MAX_PX} × {MAX_PX} px; "
            f"got {shape}"
        )
    return np.asarray(frames)


def _checked_evaluations(evaluations: Mapping[str, evaluation.Evaluation]) -> evaluation.Evaluation:
    """The first of them, if they all answer the same test."""
    if not isinstance(evaluations, Mapping) or not evaluations:
        raise TypeError(f"evaluations must map names to evaluation.Evaluation; got {evaluations!r}")
    for name, one in evaluations.items():
        if not isinstance(name, str) or not isinstance(one, evaluation.Evaluation):
            raise TypeError(
                "evaluations must map names to evaluation.Evaluation (the `test` of a result); "
                f"got {name!r}: {type(one).__name__}"
            )
    first_name, first = next(iter(evaluations.items()))
    if len(first.classes) < 2:
        raise ValueError(f"evaluations must have two classes or more; got {first.classes}")
    for name, one in evaluations.items():
        if one.classes != first.classes or not np.array_equal(one.labels, first.labels):
            raise ValueError(
                f"evaluations must be of one test set; {name!r} has other classes or labels than "
                f"{first_name!r}"
            )
    return first


def _describe(shape: tuple[int, ...], names: list[str]) -> str:
    frames, height, width, _ = shape
    return (
        f"Two views. First, a clip of {frames} frames of {height} by {width} pixels. You choose "
        "one of four families of networks, one of its layers, and one unit of that layer's output. "
        "The frames that reach the unit are bright, with a box around the pixels that reach it; "
        "the others are dimmed. A single frame sees one frame, early fusion all of them from its "
        "first layer on, late fusion one frame in each unit until its average mixes them without "
        "order, a 3D CNN more frames with every layer. Second, you choose two classes and two of "
        f"these trained networks: {', '.join(names)}. A table for each counts what it answered on "
        "the test clips of the two classes: the one, the other, or another class. Below it stand "
        "the share of right answers inside the pair and its 95 % interval. If one half lies in the "
        "interval, the network cannot be told from a coin."
    )
