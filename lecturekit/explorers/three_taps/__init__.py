"""Three taps: a network for pictures, inflated along time, and what its taps decide.

Each layer is a 2D filter and a ReLU. Inflated, a layer first mixes each frame with its neighbours:
w₋₁ of the frame before, w₀ of the frame itself, w₊₁ of the frame after. On a film that stands
still the answers stay if the taps sum to 1 (Carreira and Zisserman 2017, section 2.4); after an
average over time the film and its reverse answer alike if the taps are symmetric. The front end
repeats the arithmetic of :func:`feature_maps` and :meth:`ThreeTaps.answers` so that it also works
with no kernel; ``tests/site/explorers/test_three_taps.py`` holds the two equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lecturekit import checks
from lecturekit.explorers import Explorer, setting
from lecturekit.images import correlate, grey

PRESETS = {
    "mean": (1 / 3, 1 / 3, 1 / 3),
    "centre": (0.0, 1.0, 0.0),
    "last": (0.0, 0.0, 1.0),
    "undivided": (1.0, 1.0, 1.0),
    "2, −3, 2": (2.0, -3.0, 2.0),
}
PADDINGS = ("zeros", "repeat")
CLIPS = ("still", "forwards", "backwards")
FRAMES, STILL_FRAME = 8, 4
MAX_TAP, MAX_DEPTH = 3, 4
MIN_SIDE_PX, MAX_SIDE_PX = 8, 96
ROUNDING = 1e-9
"""What is closer than this counts as equal: far above rounding, far below any effect."""

_NUMPY_PADS = {"zeros": "constant", "repeat": "edge", "joined": "wrap"}
_SLOPE = np.array([-1.0, 0.0, 1.0])
_SMOOTH = np.array([0.25, 0.5, 0.25])


@dataclass(frozen=True)
class Answers:
    """What the inflated network gives, in parts of the 2D network's mean answer on the clip."""

    errors: tuple[float, ...]  # of each frame: mean distance to what the 2D network gives on it
    gap: float  # mean distance of the clip's answer to its reverse's, both averaged over time
    joined: float  # the same if after the last frame came the first: what no end frame explains


def feature_maps(
    clip: NDArray[np.float64], taps: Sequence[float], depth: int, padding: str
) -> NDArray[np.float64]:
    """What the last layer of the inflated network gives.

    Args:
        clip: grey values (T, H, W).
        taps: of the frame before, the frame itself, the frame after.
        depth: number of layers.
        padding: what lies before and after the clip in each layer: "zeros", "repeat" (the end
            frame again) or "joined" (the other end).

    Returns:
        Maps (T, H, W), none below 0.
    """
    maps = clip
    for layer in range(depth):
        padded = np.pad(maps, ((1, 1), (0, 0), (0, 0)), mode=_NUMPY_PADS[padding])
        mixed = sum(tap * padded[k : k + len(maps)] for k, tap in enumerate(taps))
        maps = _layer(mixed, layer)
    return maps


def picture_maps(pictures: NDArray[np.float64], depth: int) -> NDArray[np.float64]:
    """What the last layer of the 2D network gives on each picture by itself; (N, H, W) both."""
    for layer in range(depth):
        pictures = _layer(pictures, layer)
    return pictures


def _layer(pictures: NDArray[np.float64], layer: int) -> NDArray[np.float64]:
    """The first layer finds edges, dark on their left; all others smooth. Borders are repeated."""
    across = _SMOOTH if layer else _SLOPE
    return np.maximum(correlate(correlate(pictures, across, 2), _SMOOTH, 1), 0)


class ThreeTaps(Explorer):
    """Three taps on sliders, and what the inflated network makes of a film.

    Args:
        frames: uint8 RGB (8, H, W, 3), sides of 8 to 96 px. Shown in grey; the still clip is the
            fifth of them, eight times.
        label: what the film shows, in a few words.
        credit: the line to print under it.
        taps: w₋₁, w₀, w₊₁, each from −3 to 3.
        locked: whether the sum stays 1: who moves one tap then moves the others.
        depth: number of layers, 1 to 4.
        padding: in time, "zeros" or "repeat".
        clip: "still", "forwards" or "backwards".

    Raises:
        TypeError, ValueError: the frames are none of that kind, or one has no edge to be found.
        traitlets.TraitError: a setting is not one of the choices.

    Example:
        >>> ramp = np.arange(0, 80, 8, np.uint8)[None, None, :, None] * np.ones((8, 8, 1, 3), "u1")
        >>> explorer = ThreeTaps(ramp, label="a ramp", depth=2, padding="repeat")
        >>> explorer.locked, explorer.taps = False, (1, 1, 1)
        >>> [round(error, 6) for error in explorer.answers().errors[:2]]  # 3 × 3 − 1
        [8.0, 8.0]
    """

    name: ClassVar[str] = "three_taps"

    greys = traitlets.Bytes(help="Grey values, frame by frame, row by row.").tag(sync=True)
    height_px = traitlets.Int().tag(sync=True)
    width_px = traitlets.Int().tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)
    presets = traitlets.List([[n, list(t)] for n, t in PRESETS.items()]).tag(sync=True)
    limits = traitlets.Dict({"tap": MAX_TAP, "depth": MAX_DEPTH}).tag(sync=True)

    taps = traitlets.List(PRESETS["mean"], help="w₋₁, w₀, w₊₁").tag(sync=True)
    locked = traitlets.Bool(True, help="Whether the taps' sum stays 1.").tag(sync=True)
    depth = traitlets.Int(3, help="Layers.").tag(sync=True)
    padding = traitlets.Enum(PADDINGS, "zeros").tag(sync=True)
    clip = traitlets.Enum(CLIPS, "still").tag(sync=True)
    keeps = traitlets.List(help="Guess: the presets that keep a still clip.").tag(sync=True)
    sees = traitlets.List(help="Guess: the presets that can see order.").tag(sync=True)
    revealed = traitlets.Bool(False, help="Whether the answer is shown.").tag(sync=True)

    def __init__(
        self,
        frames: NDArray[np.uint8],
        *,
        label: str,
        credit: str = "",
        taps: Sequence[float] = PRESETS["mean"],
        locked: bool = True,
        depth: int = 3,
        padding: str = "zeros",
        clip: str = "still",
    ) -> None:
        checks.frames("frames", frames)
        checks.shape("frames", frames, f"{FRAMES} H W 3")
        height_px, width_px = frames.shape[1:3]
        checks.integer("height of frames", height_px, MIN_SIDE_PX, MAX_SIDE_PX)
        checks.integer("width of frames", width_px, MIN_SIDE_PX, MAX_SIDE_PX)
        self._greys = np.stack([grey("frames", frame) for frame in frames]).astype(np.uint8)
        # Errors are parts of the 2D network's answer: it must be something.
        blank = ~picture_maps(self._greys / 255, 1).any((1, 2))
        if blank.any():
            expected = "an edge in each, dark on its left"
            raise ValueError(f"frames: expected {expected}, got none in frame {blank.argmax()}")
        super().__init__(
            greys=self._greys.tobytes(),
            height_px=height_px,
            width_px=width_px,
            label=label,
            credit=credit,
            description=_describe(label),
            taps=taps,
            locked=locked,
            depth=depth,
            padding=padding,
            clip=clip,
        )

    def frames(self) -> NDArray[np.float64]:
        """The present clip, grey values from 0 to 1 (8, H, W)."""
        order = np.arange(FRAMES)
        if self.clip == "still":
            order = np.full(FRAMES, STILL_FRAME)
        return self._greys[order[::-1] if self.clip == "backwards" else order] / 255

    def answers(self) -> Answers:
        """What the network gives on the present clip with the present taps."""
        clip = self.frames()
        pictures = picture_maps(clip, self.depth)
        level = pictures.mean()

        def gap(padding: str) -> float:
            there, back = (
                feature_maps(order, self.taps, self.depth, padding).mean(0)
                for order in (clip, clip[::-1])
            )
            return float(np.abs(there - back).mean() / level)

        maps = feature_maps(clip, self.taps, self.depth, self.padding)
        errors = np.abs(maps - pictures).mean((1, 2)) / level
        return Answers(tuple(errors.tolist()), gap(self.padding), gap("joined"))

    @traitlets.validate("taps")
    def _validate_taps(self, proposal: dict[str, Any]) -> list[float]:
        taps = proposal["value"]
        if len(taps) != 3 or not all(isinstance(w, Real) and abs(w) <= MAX_TAP for w in taps):
            expected = f"3 numbers from {-MAX_TAP} to {MAX_TAP}"
            raise traitlets.TraitError(f"taps: expected {expected}, got {taps}")
        self._check_sum("taps", taps)
        return [float(tap) for tap in taps]

    @traitlets.validate("locked")
    def _validate_locked(self, proposal: dict[str, Any]) -> bool:
        if proposal["value"]:
            self._check_sum("locked", self.taps)
        return proposal["value"]

    def _check_sum(self, argument: str, taps: Sequence[float]) -> None:
        if (argument == "locked" or self.locked) and abs(sum(taps) - 1) > ROUNDING:
            raise traitlets.TraitError(
                f"{argument}: expected taps that sum to 1 while locked is True, got {list(taps)}"
            )

    @traitlets.validate("depth")
    def _validate_depth(self, proposal: dict[str, Any]) -> int:
        return setting("depth", proposal["value"], 1, MAX_DEPTH)

    @traitlets.validate("keeps", "sees")
    def _validate_guess(self, proposal: dict[str, Any]) -> list[str]:
        if unknown := [name for name in proposal["value"] if name not in PRESETS]:
            raise traitlets.TraitError(
                f"{proposal['trait'].name}: expected names of presets "
                f"({'; '.join(PRESETS)}), got {unknown[0]!r}"
            )
        return proposal["value"]


def _describe(label: str) -> str:
    return (
        f"{label}: eight frames in grey. A network for pictures finds edges in each frame, smooths "
        "them in further layers, and has a ReLU after each layer. Inflated, each layer first mixes "
        "a frame with its neighbours by three taps: of the frame before, of the frame itself, of "
        "the frame after. For each frame two feature maps are shown, the 2D network’s and the "
        "inflated network’s, with a bar for how far they are apart. If the taps sum to 1, a film "
        "that stands still keeps its maps, through every layer; with zeros before and after the "
        "film, the end frames do not, one more on each side for each layer, unless the outer taps "
        "are zero. Two more bars show how far the answers to the film and to its reverse are apart "
        "after an average over time. With symmetric taps that gap is zero on any film. The preset "
        "“last” has a gap, but one that vanishes when the film’s ends are joined: it only moves "
        "the film by a frame in each layer, so that other end frames are left out."
    )
