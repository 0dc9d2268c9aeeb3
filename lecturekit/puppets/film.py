"""Long, untrimmed films of puppets, with everything in them known exactly."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lecturekit import checks

from .clips import ACTIONS
from .figure import PEOPLE, build, held_colour, person
from .kinematics import JOINTS, Performance, rest
from .stage import Split, draw_stage, render, true_flow

IDLE = "idle"
"""A segment in which the puppet stands still; it has no caption and is no class."""


class Segment(NamedTuple):
    """One action of a film: what, and the half-open interval of its frames."""

    action: str
    start_frames: int
    stop_frames: int


class PuppetVideo(NamedTuple):
    """A film and the truth about it.

    Attributes:
        frames: uint8 RGB ``(T, H, W, 3)``.
        fps: frames per second.
        segments: what happens when, in order; idle stretches are left out.
        boxes: float32 ``(T, 4)``: x0, y0, x1, y1 in pixels, half open, around the pixels of the
            figure and what it holds.
        flow: float32 ``(T − 1, H, W, 2)``: (dx, dy) in pixels from each frame to the next.
        figure: bool ``(T, H, W)``: the pixels of the figure and what it holds.
        captions: one sentence for each segment.
    """

    frames: np.ndarray
    fps: float
    segments: tuple[Segment, ...]
    boxes: np.ndarray
    flow: np.ndarray
    figure: np.ndarray
    captions: tuple[str, ...]


_CAPTIONS = {
    "hold a balloon": "A puppet holds a balloon.",
    "hold an umbrella": "A puppet holds an umbrella.",
    "walk left": "A puppet walks to the left.",
    "walk right": "A puppet walks to the right.",
    "sit down": "A puppet sits down on a stool.",
    "stand up": "A puppet stands up from a stool.",
    "wave slowly": "A puppet waves slowly.",
    "wave fast": "A puppet waves fast.",
    "walk": "A puppet walks on a treadmill.",
    "run": "A puppet runs on a treadmill.",
    "jump then wave": "A puppet jumps, then waves with both arms.",
    "wave then jump": "A puppet waves with both arms, then jumps.",
}

_CLIP_SEC = 2.0
"""A clip of 16 frames stands for two seconds: what "slow" and "fast" mean in films."""


def puppet_video(
    script: Sequence[tuple[str, float]],
    *,
    fps: float = 8.0,
    size: int = 96,
    split: Split = "train",
    seed: int = 0,
) -> PuppetVideo:
    """Film a puppet that follows a script.

    Args:
        script: (action, seconds) in order; actions of ``ACTIONS``, or "idle": keep still. Who
            sits stays seated until "stand up". A "walk left" or "walk right" takes about two
            seconds; more makes it slower.
        fps: frames per second.
        size: height and width, in pixels.
        split: whose people and backgrounds.
        seed: of everything that the script leaves open.

    Returns:
        Frames, segments, boxes, flow, figure masks and captions.

    Raises:
        ValueError: the script is empty, has an unknown action, a segment shorter than a frame,
            or two different things to hold, or asks of a seated puppet what it cannot do.
        TypeError: ``fps`` is no number, or ``size`` or ``seed`` no whole one.

    >>> film = puppet_video([("idle", 1), ("walk right", 2), ("wave fast", 2)])
    >>> film.segments[0]
    Segment(action='walk right', start_frames=8, stop_frames=24)
    """
    checks.number("fps", fps, above=0)
    checks.integer("size", size, 16)
    checks.one_of("split", split, tuple(PEOPLE))
    checks.integer("seed", seed, 0)
    rng = np.random.default_rng([seed, 2 + list(PEOPLE).index(split)])
    plan = _plan(script, fps)
    acts = _perform(plan, fps, rng)
    act = _join(acts)
    num_frames = len(act.motion)
    stage = draw_stage(rng, split, num_frames, size, num_frames / fps / _CLIP_SEC)
    who = person(int(rng.choice(PEOPLE[split])))
    parts = build(who, act, rng.uniform(0.62, 0.74), stage.ground, held_colour(rng, act.held))
    flow, figure = true_flow(stage, parts, size)
    segments = tuple(segment for segment in plan if segment.action != IDLE)
    return PuppetVideo(
        frames=render(stage, parts, size),
        fps=float(fps),
        segments=segments,
        boxes=np.stack([_box(mask) for mask in figure]),
        flow=flow,
        figure=figure,
        captions=tuple(_CAPTIONS[segment.action] for segment in segments),
    )


def _plan(script: Sequence[tuple[str, float]], fps: float) -> list[Segment]:
    """The script in frames, checked."""
    if not script:
        raise ValueError("script: expected at least one (action, seconds), got none")
    plan, seconds_so_far, seated, held = [], 0.0, False, set()
    for number, (action, seconds) in enumerate(script):
        where = f"script[{number}]"
        checks.one_of(where, action, (*ACTIONS, IDLE))
        if action != IDLE:
            must_sit = action == "stand up"
            if seated != must_sit and not (number == 0 and must_sit):
                now = "seated" if seated else "standing"
                raise ValueError(f"{where}: {action!r} cannot follow, the puppet is {now}")
            seated = action == "sit down"
            held |= {action} & {"hold a balloon", "hold an umbrella"}
        if len(held) > 1:
            raise ValueError(f"{where}: expected one thing to hold in a film, got a second")
        start = round(seconds_so_far * fps)
        seconds_so_far += seconds
        stop = round(seconds_so_far * fps)
        if not stop > start:
            raise ValueError(f"{where}: expected a frame or more ({1 / fps:g} s), got {seconds} s")
        plan.append(Segment(action, start, stop))
    return plan


def _perform(plan: list[Segment], fps: float, rng: np.random.Generator) -> list[Performance]:
    """One performance for each segment, each beginning where the last one ended."""
    acts: list[Performance] = []
    for action, start, stop in plan:
        length = stop - start
        if action == IDLE:
            act = _still(acts[-1] if acts else None, length)
        elif ACTIONS[action][0] == "speed":
            act = ACTIONS[action][1](rng, length, length=length / fps / _CLIP_SEC)
        else:
            act = ACTIONS[action][1](rng, length)
        if acts:
            act = _moved(act, acts[-1].motion[-1, _X] - act.motion[0, _X])
            if action == "stand up":  # from the stool it sits on
                stool = next(f for f in acts[-1].furniture if f[0] == "stool")
                act = replace(act, facing=np.full(length, stool[2]), furniture=(stool,))
        acts.append(act)
    # All of the way into the frame: shorten the walks if need be.
    x = np.concatenate([act.motion[:, _X] for act in acts])
    scale = min(1.0, 0.7 / max(np.ptp(x), 1e-9))
    shift = rng.uniform(0.14 - scale * x.min(), 0.86 - scale * x.max())
    return [_moved(act, shift, scale) for act in acts]


_X = JOINTS.index("x")


def _still(last: Performance | None, length: int) -> Performance:
    if last is None:
        return Performance(rest(length, 0.5), np.ones(length, int), np.full(length, 0.25))
    return Performance(
        np.repeat(last.motion[-1:], length, 0),
        np.repeat(last.facing[-1:], length),
        np.repeat(last.frontal[-1:], length),
        last.furniture,
    )


def _moved(act: Performance, shift: float, scale: float = 1.0) -> Performance:
    motion = act.motion.copy()
    motion[:, _X] = scale * motion[:, _X] + shift
    furniture = tuple((kind, scale * x + shift, facing) for kind, x, facing in act.furniture)
    return replace(act, motion=motion, furniture=furniture)


def _join(acts: list[Performance]) -> Performance:
    """One performance; joint angles pass from one action to the next within four frames."""
    motion = np.concatenate([act.motion for act in acts])
    for cut in np.cumsum([len(act.motion) for act in acts])[:-1]:
        first, last = max(cut - 3, 0), min(cut + 2, len(motion) - 1)
        share = np.linspace(0, 1, last - first + 1)[:, None]
        x = motion[first : last + 1, _X].copy()
        motion[first : last + 1] = (1 - share) * motion[first] + share * motion[last]
        motion[first : last + 1, _X] = x
    none = [np.zeros(len(act.motion), bool) if act.holding is None else act.holding for act in acts]
    return Performance(
        motion=motion,
        facing=np.concatenate([act.facing for act in acts]),
        frontal=np.concatenate([act.frontal for act in acts]),
        furniture=tuple(dict.fromkeys(f for act in acts for f in act.furniture)),
        held=next((act.held for act in acts if act.held), ""),
        holding=np.concatenate(none),
    )


def _box(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)
