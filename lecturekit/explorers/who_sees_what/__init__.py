"""Who sees what: which frames and pixels reach a unit, and which classes a network can tell apart.

The reader picks a family of :mod:`lecturekit.models.fusion`, a layer and one of its units; the
part of a real clip that reaches the unit is outlined in its frames. Below, for any two classes, the
answers of two trained families are counted. The front end computes a unit's field, and the interval
of an accuracy, by itself. ``tests/explorers/test_who_sees_what_model.py`` holds the layers that are
sent to measured gradients; ``tests/site/explorers/test_who_sees_what.py`` holds the fields that are
drawn to those layers, and the interval to SciPy.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
import traitlets
from numpy.typing import NDArray

from lecturekit import checks, evaluation, shapes
from lecturekit.explorers import Explorer, setting
from lecturekit.explorers.kit import answers, sheets
from lecturekit.models import fusion

MAX_FRAMES, MAX_PX = 32, 128
MAX_CLIP_BYTES = 60_000

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
    groups = traitlets.Dict(help="Of each class the cue that tells it from its partner.").tag(
        sync=True
    )
    confusions = traitlets.Dict(help="Of each evaluation its counts: true, then predicted.").tag(
        sync=True
    )

    family = traitlets.Enum(tuple(fusion.FAMILIES), "3D CNN").tag(sync=True)
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
        _check_frames(clip_frames)
        first = _first_of(evaluations)
        names = list(evaluations)
        usual = [name for name in ("late fusion", "3D CNN") if name in names]
        size = clip_frames.shape[:3]
        sheet = sheets.jpeg_sheet("clip_frames", clip_frames, max_bytes=MAX_CLIP_BYTES)
        super().__init__(
            clip=sheet.jpeg,
            columns=sheet.columns,
            size=list(size),
            credit=credit,
            families=[_family(name, *size) for name in fusion.FAMILIES],
            classes=list(first.classes),
            groups=dict(first.groups),
            confusions={name: one.confusion.tolist() for name, one in evaluations.items()},
            label=label,
            description=description or _describe(size, names),
            pair=list(first.classes[:2] if pair is None else pair),
            shown=usual if len(usual) == 2 else [names[0], names[-1]],
        )
        self.t, self.y, self.x = (size // 2 for size in self.output_size)

    @property
    def output_size(self) -> tuple[int, int, int]:
        """(T, H, W) of what the chosen layer of the chosen family gives."""
        steps = next(one["steps"] for one in self.families if one["name"] == self.family)
        return tuple(steps[self.layer - 1]["out"])

    @traitlets.validate("t", "y", "x")
    def _validate_place(self, proposal: dict[str, Any]) -> int:
        axis = proposal["trait"].name
        size = self.output_size["tyx".index(axis)]
        return setting(axis, proposal["value"], 0, size - 1)

    @traitlets.validate("pair", "shown")
    def _validate_two(self, proposal: dict[str, Any]) -> list[str]:
        trait, value = proposal["trait"].name, proposal["value"]
        known = self.classes if trait == "pair" else list(self.confusions)
        twice = trait == "pair" and value[:1] == value[1:]
        if len(value) != 2 or twice or any(name not in known for name in value):
            two = "two different ones" if trait == "pair" else "two"
            raise traitlets.TraitError(f"{trait}: expected {two} of {known}, got {value!r}")
        return value

    @traitlets.observe("family", "layer")
    def _stay_inside(self, change: dict[str, Any]) -> None:
        for axis, size in zip("tyx", self.output_size, strict=True):
            setattr(self, axis, min(getattr(self, axis), size - 1))


def _family(name: str, frames: int, height: int, width: int) -> dict[str, Any]:
    """A family's layers, followed through the clip; and what to say of it."""
    with torch.device("meta"):  # nothing is drawn at random: only its layers are asked for
        network = fusion.FAMILIES[name](num_classes=2, num_frames=frames)
    alone = name == "single frame"
    middle = frames // 2
    clip = (3, 1 if alone else frames, height, width)
    last = shapes.walk(network.layers(), clip)[-1].out_shape[1:]
    steps = shapes.walk([*network.layers(), shapes.Pool(last)], clip)
    return {
        "name": name,
        "about": _about(name, middle),
        "average": _average(name, middle, last, min(steps[-2].receptive_field[0], frames)),
        "steps": [
            {
                "out": list(step.out_shape[1:]),
                "field": list(step.receptive_field),
                "jump": list(step.jump),
                "start": [step.start[0] + middle * alone, *step.start[1:]],
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


def _check_frames(frames: NDArray[np.uint8]) -> None:
    count, height, width, _ = checks.frames("clip_frames", frames).shape
    if not 2 <= count <= MAX_FRAMES or max(height, width) > MAX_PX:
        raise ValueError(
            f"clip_frames: expected 2 to {MAX_FRAMES} frames of at most {MAX_PX} × {MAX_PX} px, "
            f"got {count} of {height} × {width}"
        )


def _first_of(evaluations: Mapping[str, evaluation.Evaluation]) -> evaluation.Evaluation:
    named = isinstance(evaluations, Mapping) and all(isinstance(key, str) for key in evaluations)
    if not named or not evaluations:
        raise TypeError(f"evaluations: expected Evaluations by name, got {evaluations!r}")
    return answers.on_one_test({f"evaluations[{n!r}]": one for n, one in evaluations.items()})


def _describe(size: tuple[int, ...], names: list[str]) -> str:
    frames, height, width = size
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
        "interval, the network cannot be told from one that guesses."
    )
