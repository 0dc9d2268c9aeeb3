"""Which action a clip shows once the clip is changed: reversed, mirrored, shuffled and so on."""

from collections.abc import Sequence

import torch

from lecturekit import checks

from .clips import ACTIONS

_PARTNER = {
    **dict(zip(list(ACTIONS)[::2], list(ACTIONS)[1::2], strict=True)),
    **dict(zip(list(ACTIONS)[1::2], list(ACTIONS)[::2], strict=True)),
}

_WALKS = ("walk left", "walk right")

_EXCHANGED = {
    "reverse": {name for name, (cue, _) in ACTIONS.items() if cue in ("direction", "order")},
    "mirror": set(_WALKS),
}
"""Actions that become their partner's. Every other one is drawn facing either side."""

_LOST = {
    # Of a shuffled or frozen clip only what is held can still be said.
    "shuffle": {"direction", "speed", "order"},
    "freeze": {"direction", "speed", "order"},
    # One cycle becomes two, which is neither slow nor fast; "jump, wave, jump, wave" is both.
    "double speed": {"speed", "order"},
}
"""Cues whose actions no longer have a class."""

_CHANGES = ("reverse", "shuffle", "freeze", "double speed", "mirror", "blank background")


def labels_after(
    labels: Sequence[int] | torch.Tensor, classes: Sequence[str]
) -> dict[str, torch.Tensor]:
    """Of each of :mod:`lecturekit.probes`' interventions the labels that clips have after it.

    Exact by how actions are made: "walk left" *is* "walk right" in reverse, and its mirror image.
    A walk or run on a treadmill, in reverse, keeps its class because it keeps its pace, though it
    now goes backwards, which no clip of its class does.

    Args:
        labels: ``(N,)``, numbers of ``classes``.
        classes: names of actions, as of a :class:`PuppetClips`.

    Returns:
        intervention → int64 ``(N,)``; −1 where no class is right any more.
    """
    names = [checks.one_of("classes", name, tuple(ACTIONS)) for name in classes]
    table = {
        change: torch.tensor([_number(_after(change, name), names) for name in names])
        for change in _CHANGES
    }
    labels = torch.as_tensor(labels)
    return {change: after[labels] for change, after in table.items()}


def _after(change: str, name: str) -> str:
    """The action that is seen after a change, or "" if it is none."""
    if ACTIONS[name][0] in _LOST.get(change, ()):
        return ""
    return _PARTNER[name] if name in _EXCHANGED.get(change, ()) else name


def _number(name: str, names: list[str]) -> int:
    return names.index(name) if name in names else -1
