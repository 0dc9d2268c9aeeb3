"""Films to ask more of than a class: untrimmed ones, and short ones of two puppets."""

from collections.abc import Sequence

import numpy as np

from lecturekit import checks, runtime

from .clips import ACTIONS
from .figure import PEOPLE
from .film import IDLE, PuppetVideo, Segment, shoot
from .stage import Split

UNTRIMMED = ("hold a balloon", "walk left", "walk right", "wave slowly", "wave fast")
"""Actions whose start and end can be seen, and which a second of them tells apart."""

_IDLE_SEC, _ACTION_SEC = (1.0, 3.0), (1.5, 4.0)


def untrimmed_films(
    split: Split,
    num_films: int,
    *,
    seed: int = 0,
    seconds: float = 12.0,
    fps: float = 8.0,
    size: int = 48,
    actions: Sequence[str] = UNTRIMMED,
) -> list[PuppetVideo]:
    """Films of one puppet that acts now and then, and keeps still before, between and after.

    Actions last 1.5 to 4 seconds, idle stretches a second or longer; no action comes twice in a
    row where there is a choice. Film i depends on
    ``split``, ``seed`` and i alone: a longer list begins with the films of a shorter one. Training
    and test films share neither people nor backgrounds nor random draws.

    Args:
        split: "train" or "test".
        num_films: how many.
        seed: of all films.
        seconds: of each film, 8 or more: there is always time for one action.
        fps: frames per second.
        size: height and width, in pixels.
        actions: what the puppet may do. "sit down" and "stand up" come together: who sits must
            get up. Of what is held a film has one thing at most.

    Raises:
        ValueError, TypeError: an argument is none of the above; the message says which.
    """
    checks.number("seconds", seconds, above=0)
    checks.number("fps", fps, above=0)
    if seconds < 8:
        raise ValueError(f"seconds: expected at least 8, got {seconds}")
    actions = _chosen(actions, 1)
    if ("sit down" in actions) != ("stand up" in actions):
        raise ValueError(f"actions: expected 'sit down' and 'stand up' together, got {actions!r}")
    films = []
    for rng, _ in _draws(split, num_films, seed, size, 4):
        plan = _random_plan(rng, round(seconds * fps), fps, actions)
        films.append(shoot([plan], [rng], rng, fps=fps, size=size, split=split))
    return films


def duets(
    split: Split,
    num_films: int,
    *,
    seed: int = 0,
    num_frames: int = 16,
    size: int = 48,
    actions: Sequence[str] | None = None,
    swap: bool = False,
) -> list[PuppetVideo]:
    """Short films of two puppets, each of which does one thing all the time.

    Like the clips of ``PuppetClips`` they stand for two seconds, whatever ``num_frames`` is. A
    film's two segments are the left puppet's and the right one's; their actions differ. Film i
    depends on ``split``, ``seed`` and i alone: a longer list begins with the films of a shorter
    one. Training and test films share neither people nor backgrounds nor random draws.

    Args:
        split: "train" or "test".
        num_films: how many.
        seed: of all films.
        num_frames: T.
        size: height and width, in pixels.
        actions: what a puppet may do, two or more; all of ``ACTIONS`` unless told.
        swap: exchange what the two do. Film i shows the same people in the same places (as far
            as what they do fits there) of the same stage as without, and the same two
            performances, each by the other puppet.

    Raises:
        ValueError, TypeError: an argument is none of the above; the message says which.
    """
    checks.integer("num_frames", num_frames, 1)
    actions = _chosen(ACTIONS if actions is None else actions, 2)
    films = []
    for rng, key in _draws(split, num_films, seed, size, 6):
        pair = rng.choice(len(actions), 2, replace=False).tolist()
        # An action takes its chance along: who performs it changes nothing in how.
        acts = [(actions[n], np.random.default_rng([*key, 1 + k])) for k, n in enumerate(pair)]
        if swap:
            acts.reverse()
        plans = [[Segment(acts[k][0], 0, num_frames, k)] for k in range(2)]
        chances = [chance for _, chance in acts]
        films.append(shoot(plans, chances, rng, fps=num_frames / 2, size=size, split=split))
    return films


def _chosen(actions: Sequence[str], least: int) -> tuple[str, ...]:
    """The actions, checked: known, different, and enough."""
    actions = tuple(actions)
    for name in actions:
        checks.one_of("actions", name, tuple(ACTIONS))
    if len(set(actions)) < max(len(actions), least):
        raise ValueError(f"actions: expected different names, at least {least}, got {actions!r}")
    return actions


def _draws(
    split: Split, num_films: int, seed: int, size: int, first: int
) -> list[tuple[np.random.Generator, list[int]]]:
    """Of each film its own chance, and the key of that; the other arguments checked.

    ``first`` keeps the draws of one kind of film from another's, as the split does.
    """
    checks.one_of("split", split, tuple(PEOPLE))
    checks.integer("num_films", num_films, 1)
    checks.integer("seed", seed, 0)
    checks.integer("size", size, 16)
    keys = [[seed, first + list(PEOPLE).index(split), i] for i in range(num_films)]
    # The bar appears where it takes longer than two seconds.
    return runtime.progress(
        [(np.random.default_rng(key), key) for key in keys],
        desc=f"films ({split})", unit="film", delay=2, leave=False,
    )  # fmt: skip


def _random_plan(
    rng: np.random.Generator, num_frames: int, fps: float, actions: tuple[str, ...]
) -> list[Segment]:
    """Idle stretches and actions in turn, as many as there is time for."""
    plan, now, last, held = [], 0, "", ""
    while True:
        start = now + max(1, round(rng.uniform(*_IDLE_SEC) * fps))
        stop = start + max(1, round(rng.uniform(*_ACTION_SEC) * fps))
        if stop + max(1, round(_IDLE_SEC[0] * fps)) > num_frames:
            return [*plan, Segment(IDLE, now, num_frames)]
        seated = last == "sit down"
        possible = [
            name
            for name in actions
            if (name == "stand up") == seated and not (held and "hold" in name and name != held)
        ]
        others = [name for name in possible if name != last] or possible
        last = others[rng.integers(len(others))]
        held = last if "hold" in last else held
        plan += [Segment(IDLE, now, start), Segment(last, start, stop)]
        now = stop
