"""How a puppet moves: joint angles over time, one function for each pair of classes.

A motion is a float64 array ``(T, len(JOINTS))``, sampled at the middles of T equal slices of the
clip, so that reading it backwards samples the same instants: ``motion[::-1]`` *is* the action
played in reverse. Angles are in radians from straight down, positive towards the side the puppet
faces; lengths are in puppet heights, except ``x``, which is in frame widths.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

JOINTS = (
    "x",  # where the hips are, 0 at the left edge, 1 at the right
    "lift",  # how far the lower foot is off the ground
    "lean",  # of the torso
    "near_shoulder",
    "near_elbow",  # bends the forearm forwards
    "far_shoulder",
    "far_elbow",
    "near_hip",
    "near_knee",  # bends the shank backwards
    "far_hip",
    "far_knee",
)
TAU = 2 * np.pi


@dataclass(frozen=True)
class Performance:
    """What a puppet does in T frames, before it is put on a stage.

    Attributes:
        motion: ``(T, len(JOINTS))``.
        facing: ``(T,)``: +1 to the right, −1 to the left.
        frontal: ``(T,)``: how far apart shoulders and hips are seen: 1 from the front, 0 in
            profile.
        furniture: what stands on the stage: (kind, x in frame widths, facing).
        held: "balloon", "umbrella" or "".
        holding: ``(T,)`` bool: when it holds that.
    """

    motion: np.ndarray
    facing: np.ndarray
    frontal: np.ndarray
    furniture: tuple[tuple[str, float, int], ...] = ()
    held: str = ""
    holding: np.ndarray | None = None


def times(num_frames: int) -> np.ndarray:
    """The instants of the frames, 0 at the clip's start, 1 at its end: ``(k + 1/2) / T``."""
    return (np.arange(num_frames) + 0.5) / num_frames


def rest(num_frames: int, x: float | np.ndarray) -> np.ndarray:
    """Standing still at ``x``, the arms hanging."""
    motion = np.zeros((num_frames, len(JOINTS)))
    _set(motion, x=x, near_shoulder=0.12, far_shoulder=-0.12, near_elbow=0.15, far_elbow=-0.1)
    return motion


def walk_right(rng: np.random.Generator, num_frames: int) -> Performance:
    """Walk to the right; half of the puppets face left and walk backwards.

    A walk to the left is this one in reverse. Were every walker to face the way it goes, one
    frame would tell left from right: that is why half of them do not.
    """
    u = times(num_frames)
    middle, distance = rng.uniform(0.36, 0.64), rng.uniform(0.24, 0.42)
    facing = _either(rng)
    steps = distance / rng.uniform(0.3, 0.38)
    motion = _gait(num_frames, rng.uniform() + facing * steps * u, rng.uniform(0.5, 0.65))
    _set(motion, x=middle + distance * (u - 0.5))
    return _performance(motion, facing, 0.25)


def sit_down(rng: np.random.Generator, num_frames: int) -> Performance:
    """Sit down on a stool. To stand up is this in reverse."""
    duration = rng.uniform(0.3, 0.5)
    start = rng.uniform(0.1, 0.9 - duration)
    down = _ease((times(num_frames) - start) / duration)
    facing, seat = _either(rng), rng.uniform(0.3, 0.7)
    motion = rest(num_frames, seat + facing * 0.09 * (1 - down))
    bow = np.sin(np.pi * down)
    thigh = down * rng.uniform(1.35, 1.5)
    for side, more in (("near", 0.0), ("far", -0.08)):
        _set(motion, **{f"{side}_hip": thigh + more, f"{side}_knee": down * (thigh + more)})
    _set(motion, lean=0.1 * down + 0.55 * bow)
    _set(motion, near_shoulder=0.1 + 0.5 * down + 0.4 * bow, near_elbow=0.2 + 0.6 * down)
    _set(motion, far_shoulder=0.0 + 0.55 * down + 0.4 * bow, far_elbow=0.2 + 0.6 * down)
    return _performance(motion, facing, 0.25, furniture=(("stool", seat, facing),))


def wave(rng: np.random.Generator, num_frames: int, cycles: float) -> Performance:
    """Wave with one raised arm, ``cycles`` times to and fro."""
    x = rng.uniform(0.28, 0.72)
    motion = rest(num_frames, x)
    swing = np.sin(TAU * (rng.uniform() + cycles * times(num_frames)))
    size = rng.uniform(0.6, 0.8)
    _set(motion, near_shoulder=rng.uniform(1.8, 2.1) + 0.55 * size * swing)
    _set(motion, near_elbow=0.6 + size * swing)
    return _performance(motion, _either(rng), 1.0)


def walk_on_treadmill(rng: np.random.Generator, num_frames: int, cycles: float) -> Performance:
    """Step on the spot, ``cycles`` double steps in the clip: few is a walk, many a run.

    Walk and run share their poses, so that nothing but speed tells them apart.
    """
    x, facing = rng.uniform(0.32, 0.68), _either(rng)
    motion = _gait(num_frames, rng.uniform() + cycles * times(num_frames), rng.uniform(0.5, 0.65))
    _set(motion, x=x)
    return _performance(motion, facing, 0.25, furniture=(("treadmill", x, facing),))


def jump_then_wave(rng: np.random.Generator, num_frames: int) -> Performance:
    """Jump once, then wave with both arms. "Wave then jump" is this in reverse."""
    u = times(num_frames)
    switch = rng.uniform(0.4, 0.6)
    motion = rest(num_frames, rng.uniform(0.28, 0.72))
    v = np.clip(u / switch, 0, 1)  # the jump's own time: crouch, fly, crouch
    flying = np.clip((v - 0.3) / 0.4, 0, 1)
    crouch = np.sin(np.pi * np.clip(v / 0.3, 0, 1)) + np.sin(np.pi * np.clip((v - 0.7) / 0.3, 0, 1))
    bend = rng.uniform(0.55, 0.8) * crouch
    _set(motion, lift=rng.uniform(0.16, 0.26) * 4 * flying * (1 - flying))
    for side, sign in (("near", 1), ("far", -1)):
        _set(motion, **{f"{side}_hip": sign * bend, f"{side}_knee": sign * 2 * bend})
    w = np.clip((u - switch) / (1 - switch), 0, 1)  # the wave's own time: arms up, swing, down
    raised = _ease(np.minimum(w, 1 - w) / 0.15)
    swing = np.sin(TAU * (rng.uniform() + rng.uniform(1.5, 2.5) * w)) * raised
    for side, sign in (("near", 1), ("far", -1)):
        upper = 0.12 + raised * rng.uniform(1.7, 2.0) + 0.15 * swing
        _set(motion, **{f"{side}_shoulder": sign * upper})
        _set(motion, **{f"{side}_elbow": sign * (0.12 + 0.5 * raised + 0.5 * swing)})
    return _performance(motion, _either(rng), 1.0)


def hold(rng: np.random.Generator, num_frames: int, prop: str) -> Performance:
    """Stand and hold up a balloon or an umbrella, swaying."""
    motion = rest(num_frames, rng.uniform(0.28, 0.72))
    sway = np.sin(TAU * (rng.uniform() + rng.uniform(0.5, 1.5) * times(num_frames)))
    _set(motion, lean=0.06 * sway, near_shoulder=0.75 + 0.08 * sway, near_elbow=0.95)
    holding = np.ones(num_frames, bool)
    return _performance(motion, _either(rng), 0.7, held=prop, holding=holding)


def _gait(num_frames: int, turns: np.ndarray, stride: float) -> np.ndarray:
    """A walking cycle; ``turns`` counts double steps, ``stride`` is the legs' swing (radians)."""
    motion = rest(num_frames, 0.5)
    for side, phase in (("near", TAU * turns), ("far", TAU * turns + np.pi)):
        # The knee bends while the leg swings forwards, not while it carries.
        _set(motion, **{f"{side}_hip": stride * np.sin(phase) + 0.08})
        _set(motion, **{f"{side}_knee": 0.12 + 0.9 * np.maximum(np.cos(phase), 0) ** 2})
        _set(motion, **{f"{side}_shoulder": -0.9 * stride * np.sin(phase)})
        _set(motion, **{f"{side}_elbow": 0.45 - 0.2 * np.sin(phase)})
    _set(motion, lean=0.06)
    return motion


def _performance(motion: np.ndarray, facing: int, frontal: float, **more: Any) -> Performance:
    return Performance(motion, np.full(len(motion), facing), np.full(len(motion), frontal), **more)


def _set(motion: np.ndarray, **angles: float | np.ndarray) -> None:
    for joint, value in angles.items():
        motion[:, JOINTS.index(joint)] = value


def _ease(u: np.ndarray) -> np.ndarray:
    u = np.clip(u, 0, 1)
    return u * u * (3 - 2 * u)


def _either(rng: np.random.Generator) -> int:
    return 1 if rng.integers(2) else -1
