"""Long, untrimmed films of one puppet or two, with everything in them known exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lecturekit import checks

from . import words
from .clips import ACTIONS
from .figure import PEOPLE, SHIRTS, Parts, Person, build, held_colour, person, together
from .kinematics import Performance, rest
from .places import X, across, in_half, moved
from .stage import Split, Stage, draw_stage, render, true_flow, true_masks

IDLE = "idle"
"""A segment in which the puppet stands still; it has no caption and is no class."""

Script = Sequence[tuple[str, float]]
"""What a puppet does: (action or "idle", seconds), in order."""


class Segment(NamedTuple):
    """One action of a film: what, the half-open interval of its frames, and by which figure."""

    action: str
    start_frames: int
    stop_frames: int
    figure: int = 0


@dataclass(frozen=True, eq=False)
class PuppetVideo:
    """A film of F figures, one or two, and the truth about it.

    Of two figures the first has the left half of the picture, the second the right half. Neither
    ever covers the other, nor the other's stool or treadmill: a box is around the whole figure,
    but for what the edge of the picture cuts off.

    Attributes:
        frames: uint8 RGB ``(T, H, W, 3)``.
        fps: frames per second.
        segments: what happens when, by start, then by figure; idle stretches are left out.
        shirts: of each figure the colour of its shirt, by name; no two are the same.
        scene: what was drawn, as :func:`render` and :func:`true_flow` take it.
    """

    frames: np.ndarray = field(repr=False)
    fps: float
    segments: tuple[Segment, ...]
    shirts: tuple[str, ...]
    scene: tuple[Stage, Parts] = field(repr=False)

    # What costs time is computed when it is first asked for.

    @cached_property
    def figures(self) -> np.ndarray:
        """The pixels of each figure and what it holds: bool ``(T, F, H, W)``."""
        return true_masks(*self.scene, self.frames.shape[1])

    @cached_property
    def boxes(self) -> np.ndarray:
        """Around the pixels of each figure and what it holds: float32 ``(T, F, 4)``.

        x0, y0, x1, y1 in pixels, half open.
        """
        return np.stack([[_box(mask) for mask in masks] for masks in self.figures])

    @property
    def figure(self) -> np.ndarray:
        """The pixels of any figure and what it holds: bool ``(T, H, W)``."""
        return self.figures.any(1)

    @cached_property
    def flow(self) -> np.ndarray:
        """From each frame to the next, (dx, dy) in pixels: float32 ``(T − 1, H, W, 2)``."""
        return true_flow(*self.scene, self.frames.shape[1])[0]

    @property
    def captions(self) -> tuple[str, ...]:
        """One sentence for each segment."""
        return tuple(
            words.sentence([words.clause(words.name(self.shirts, s.figure), [s.action])])
            for s in self.segments
        )

    @property
    def caption(self) -> str:
        """One sentence for the film, with all that each figure does."""
        return words.sentence(
            [
                words.clause(
                    words.name(self.shirts, figure),
                    [s.action for s in self.segments if s.figure == figure],
                )
                for figure in range(len(self.shirts))
            ]
        )


_CLIP_SEC = 2.0
"""A clip of 16 frames stands for two seconds: what "slow" and "fast" mean in films."""


def puppet_video(
    script: Script,
    partner: Script | None = None,
    *,
    fps: float = 8.0,
    size: int = 96,
    split: Split = "train",
    seed: int = 0,
) -> PuppetVideo:
    """Film a puppet that follows a script, or two puppets that follow one each.

    Args:
        script: (action, seconds) in order; actions of ``ACTIONS``, or "idle": keep still. Who
            sits stays seated until "stand up". A "walk left" or "walk right" takes about two
            seconds; more makes it slower.
        partner: the script of a second puppet, in the same film: the first then has the left
            half of the picture and the second the right half. Whose script is shorter keeps
            still until the end.
        fps: frames per second.
        size: height and width, in pixels.
        split: whose people and backgrounds.
        seed: of everything that the scripts leave open. The people, their places and the stage
            of two puppets do not depend on what they do.

    Returns:
        Frames, segments, boxes, flow, figure masks and captions.

    Raises:
        ValueError: a script is empty, has an unknown action, a segment shorter than a frame,
            or two different things to hold, or asks of a seated puppet what it cannot do.
        TypeError: ``fps`` is no number, or ``size`` or ``seed`` no whole one.

    >>> film = puppet_video([("idle", 1), ("walk right", 2), ("wave fast", 2)])
    >>> film.segments[0]
    Segment(action='walk right', start_frames=8, stop_frames=24, figure=0)
    >>> puppet_video([("wave fast", 2)], [("walk left", 2)]).caption
    'The one in white waves fast, the one in red walks to the left.'
    """
    checks.number("fps", fps, above=0)
    checks.integer("size", size, 16)
    checks.one_of("split", split, tuple(PEOPLE))
    checks.integer("seed", seed, 0)
    key = [seed, 2 + list(PEOPLE).index(split)]
    rng = np.random.default_rng(key)
    plans, chances = [_plan(script, fps)], [rng]
    if partner is not None:
        plans.append(_plan(partner, fps, "partner", 1))
        chances = [np.random.default_rng([*key, 1 + figure]) for figure in range(2)]
    return shoot(plans, chances, rng, fps=fps, size=size, split=split)


def shoot(
    plans: list[list[Segment]],
    chances: list[np.random.Generator],
    rng: np.random.Generator,
    *,
    fps: float,
    size: int,
    split: Split,
) -> PuppetVideo:
    """Film one or two puppets.

    Args:
        plans: of each figure its segments without a gap, idle ones included.
        chances: of each figure where the chance in its performance comes from.
        rng: the chance in all else: the stage, the people and their places.
        fps: frames per second.
        size: height and width, in pixels.
        split: whose people and backgrounds.
    """
    plans = _equally_long(plans)
    acts = [_join(_perform(plan, fps, chance)) for plan, chance in zip(plans, chances, strict=True)]
    alone = len(plans) == 1
    if alone:
        acts = [across(acts[0], rng)]
    num_frames = len(acts[0].motion)
    stage = draw_stage(rng, split, num_frames, size, num_frames / fps / _CLIP_SEC)
    # Two are smaller than one, so that there is room for both.
    people = _people(rng, split, len(plans))
    heights = [rng.uniform(*((0.62, 0.74) if alone else (0.44, 0.52))) for _ in people]
    if not alone:
        for half, who in enumerate(people):
            place = rng.uniform(0.2, 0.3) + half / 2
            acts[half], heights[half] = in_half(who, acts[half], heights[half], half, place)
    parts = together(
        [
            build(who, act, height, stage.ground, held_colour(chance, act.held))
            for who, act, height, chance in zip(people, acts, heights, chances, strict=True)
        ]
    )
    names = {colour: name for name, colour in SHIRTS.items()}
    segments = (segment for plan in plans for segment in plan if segment.action != IDLE)
    return PuppetVideo(
        frames=render(stage, parts, size),
        fps=float(fps),
        segments=tuple(sorted(segments, key=lambda s: (s.start_frames, s.figure))),
        shirts=tuple(names[who.shirt] for who in people),
        scene=(stage, parts),
    )


def _people(rng: np.random.Generator, split: Split, number: int) -> list[Person]:
    """People of the split in shirts of different colours."""
    people: list[Person] = []
    for _ in range(number):
        worn = {who.shirt for who in people}
        people.append(
            person(int(rng.choice([n for n in PEOPLE[split] if person(n).shirt not in worn])))
        )
    return people


def _plan(script: Script, fps: float, argument: str = "script", figure: int = 0) -> list[Segment]:
    """The script in frames, checked."""
    if not script:
        raise ValueError(f"{argument}: expected at least one (action, seconds), got none")
    plan, seconds_so_far, seated, held = [], 0.0, False, set()
    for number, (action, seconds) in enumerate(script):
        where = f"{argument}[{number}]"
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
        plan.append(Segment(action, start, stop, figure))
    return plan


def _equally_long(plans: list[list[Segment]]) -> list[list[Segment]]:
    """The plans, the shorter of them idle until the longest ends."""
    end = max(plan[-1].stop_frames for plan in plans)
    return [
        plan
        if plan[-1].stop_frames == end
        else [*plan, Segment(IDLE, plan[-1].stop_frames, end, plan[-1].figure)]
        for plan in plans
    ]


def _perform(plan: list[Segment], fps: float, rng: np.random.Generator) -> list[Performance]:
    """One performance for each segment, each beginning where the last one ended."""
    acts: list[Performance] = []
    for action, start, stop, _ in plan:
        length = stop - start
        if action == IDLE:
            act = _still(acts[-1] if acts else None, length)
        elif ACTIONS[action][0] == "speed":
            act = ACTIONS[action][1](rng, length, length=length / fps / _CLIP_SEC)
        else:
            act = ACTIONS[action][1](rng, length)
        if acts:
            act = moved(act, acts[-1].motion[-1, X] - act.motion[0, X])
            if action == "stand up":  # from the stool it sits on
                stool = next(f for f in acts[-1].furniture if f[0] == "stool")
                act = replace(act, facing=np.full(length, stool[2]), furniture=(stool,))
        acts.append(act)
    return acts


def _still(last: Performance | None, length: int) -> Performance:
    if last is None:
        return Performance(rest(length, 0.5), np.ones(length, int), np.full(length, 0.25))
    return Performance(
        np.repeat(last.motion[-1:], length, 0),
        np.repeat(last.facing[-1:], length),
        np.repeat(last.frontal[-1:], length),
        last.furniture,
    )


def _join(acts: list[Performance]) -> Performance:
    """One performance; joint angles pass from one action to the next within four frames."""
    motion = np.concatenate([act.motion for act in acts])
    for cut in np.cumsum([len(act.motion) for act in acts])[:-1]:
        first, last = max(cut - 3, 0), min(cut + 2, len(motion) - 1)
        share = np.linspace(0, 1, last - first + 1)[:, None]
        x = motion[first : last + 1, X].copy()
        motion[first : last + 1] = (1 - share) * motion[first] + share * motion[last]
        motion[first : last + 1, X] = x
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
