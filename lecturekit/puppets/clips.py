"""Short labelled clips, made in pairs of classes that one cue tells apart."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from einops import rearrange

from lecturekit import checks, runtime
from lecturekit.labelled import Labelled

from . import kinematics
from .figure import PEOPLE, Parts, build, held_colour, person
from .kinematics import Performance
from .stage import Split, Stage, draw_stage, render, true_masks

CUES = ("appearance", "direction", "speed", "order")
"""What tells the two classes of a pair apart."""

MEAN, STD = 0.45, 0.225
"""Clips are (pixel / 255 − MEAN) / STD, the usual numbers of Kinetics models."""

Act = Callable[..., Performance]


def _reversed(act: Act) -> Act:
    def backwards(rng: np.random.Generator, num_frames: int) -> Performance:
        forwards = act(rng, num_frames)
        return replace(forwards, motion=forwards.motion[::-1])

    return backwards


def _fast(act: Callable[..., Performance]) -> Act:
    # Three or five cycles against one: in 8, 16 or 32 frames an odd number of cycles visits the
    # same phases as one cycle does, in another order. No frame, and no set of frames, is faster.
    def fast(rng: np.random.Generator, num_frames: int, length: float = 1.0) -> Performance:
        return act(rng, num_frames, cycles=length * (3 + 2 * int(rng.integers(2))))

    return fast


def _slow(act: Callable[..., Performance]) -> Act:
    def slow(rng: np.random.Generator, num_frames: int, length: float = 1.0) -> Performance:
        rng.integers(2)  # so that a slow and a fast clip of one seed differ in speed only
        return act(rng, num_frames, cycles=length)

    return slow


ACTIONS: dict[str, tuple[str, Act]] = {
    "hold a balloon": ("appearance", partial(kinematics.hold, prop="balloon")),
    "hold an umbrella": ("appearance", partial(kinematics.hold, prop="umbrella")),
    "walk left": ("direction", _reversed(kinematics.walk_right)),
    "walk right": ("direction", kinematics.walk_right),
    "sit down": ("direction", kinematics.sit_down),
    "stand up": ("direction", _reversed(kinematics.sit_down)),
    "wave slowly": ("speed", _slow(kinematics.wave)),
    "wave fast": ("speed", _fast(kinematics.wave)),
    "walk": ("speed", _slow(kinematics.walk_on_treadmill)),
    "run": ("speed", _fast(kinematics.walk_on_treadmill)),
    "jump then wave": ("order", kinematics.jump_then_wave),
    "wave then jump": ("order", _reversed(kinematics.jump_then_wave)),
}
"""Of each class its cue and how it is acted. The two of a pair stand side by side."""


def perform(
    action: str, split: Split, rng: np.random.Generator, num_frames: int, size: int
) -> tuple[Stage, Parts]:
    """Draw a clip of an action at random: its stage and its figure, ready to be rendered."""
    act = ACTIONS[action][1](rng, num_frames)
    who = person(int(rng.choice(PEOPLE[split])))
    height = rng.uniform(0.62, 0.74)
    colour = held_colour(rng, act.held)
    stage = draw_stage(rng, split, num_frames, size)
    return stage, build(who, act, height, stage.ground, colour)


def clip_tensor(frames: np.ndarray) -> torch.Tensor:
    """What networks read: uint8 frames ``(…, T, H, W, 3)`` as float32 ``(…, 3, T, H, W)``.

    The values are (pixel / 255 − ``MEAN``) / ``STD``.
    """
    clips = rearrange(torch.from_numpy(frames), "... t h w c -> ... c t h w")
    return clips.float().div_(255).sub_(MEAN).div_(STD)


class PuppetClips(Labelled):
    """Labelled clips of puppets over real backgrounds, drawn when the data set is made.

    An item is (clip tensor float32 ``(C, T, H, W)`` around zero, label).

    Clip i shows class ``i % len(classes)`` and depends on ``split``, ``seed`` and i alone: a
    longer data set begins with the clips of a shorter one. Training and test clips share neither
    people nor backgrounds nor random draws. Figures are drawn in integers, the same on every
    machine; the backgrounds' colours are FFmpeg's, which may round by a level on another processor.

    Args:
        split: "train" or "test".
        num_clips: how many.
        num_frames: T. With 8, 16 or 32 slow and fast clips show exactly the same poses.
        size: height and width, in pixels.
        seed: of the whole data set.
        classes: names from ``ACTIONS``, in the order of the labels; all unless told.

    Attributes:
        classes: names by label; the two of a pair stand side by side.
        groups: of each class the one cue that tells it from its partner, of ``CUES``.
        labels: int64 tensor ``(num_clips,)``.

    Raises:
        ValueError, TypeError: an argument is none of the above; the message says which.
    """

    def __init__(
        self,
        split: Split,
        num_clips: int,
        *,
        num_frames: int = 16,
        size: int = 48,
        seed: int = 0,
        classes: Sequence[str] | None = None,
    ) -> None:
        checks.one_of("split", split, tuple(PEOPLE))
        checks.integer("num_clips", num_clips, 1)
        checks.integer("num_frames", num_frames, 1)
        checks.integer("size", size, 16)
        checks.integer("seed", seed, 0)
        classes = tuple(ACTIONS if classes is None else classes)
        for name in classes:
            checks.one_of("classes", name, tuple(ACTIONS))
        if not classes or len(set(classes)) < len(classes):
            raise ValueError(f"classes: expected different names, at least one, got {classes!r}")
        groups = {name: ACTIONS[name][0] for name in classes}
        super().__init__(torch.arange(num_clips) % len(classes), classes, groups)
        self._frames = np.empty((num_clips, num_frames, size, size, 3), np.uint8)
        self._key = (seed, split)
        # The bar appears where it takes longer than two seconds.
        for i in runtime.progress(
            range(num_clips), desc=f"puppets ({split})", unit="clip", delay=2, leave=False
        ):
            self._frames[i] = render(*self._scene(i), size)

    def inputs(self, indices: list[int]) -> torch.Tensor:
        """Clip tensors ``(N, C, T, H, W)``, float32 around zero."""
        return clip_tensor(self._frames[indices])

    def frames(self, index: int) -> np.ndarray:
        """The clip as a frame array: uint8 RGB ``(T, H, W, 3)``."""
        return self._frames[index].copy()

    def figure(self, index: int) -> np.ndarray:
        """The pixels of the puppet and what it holds: bool ``(T, H, W)``, drawn anew."""
        return true_masks(*self._scene(index), self._frames.shape[2])[:, 0]

    def _scene(self, index: int) -> tuple[Stage, Parts]:
        """Stage and figure of a clip, from chance that is the clip's own."""
        i, (seed, split) = range(len(self))[index], self._key
        rng = np.random.default_rng([seed, list(PEOPLE).index(split), i])
        num_frames, size = self._frames.shape[1:3]
        return perform(self.classes[i % len(self.classes)], split, rng, num_frames, size)
