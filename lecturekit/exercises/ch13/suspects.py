"""A probe to be invented, and four sealed networks to be named."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from lecturekit.exercises import Exercise, Misconception, Property
from lecturekit.models import fusion, slowfast, vivit

FRAMES, SIZE, CLASSES = 16, 32, 12
ROUNDING, SIGHT = 1e-4, 1e-3
"""Shares of the largest score: no more than the first is rounding, more than the second is none."""

_KINDS: dict[str, Callable[[], nn.Module]] = {
    "one frame": lambda: fusion.SingleFrame(CLASSES),
    "late fusion": lambda: fusion.LateFusion(CLASSES),
    "slow alone": lambda: slowfast.SlowOnly(replace(slowfast.TINY, alpha=4), CLASSES),
    "tokens of two frames": lambda: vivit.ViViT(
        replace(vivit.TINY, tubelet=(2, 16, 16), positions=False), CLASSES
    ),
}


class Sealed(nn.Module):
    """A network that does not say what it is."""

    def __init__(self, network: nn.Module, name: str) -> None:
        super().__init__()
        self._inside, self._name = network, name

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Scores of clips."""
        return self._inside(clips)

    def __repr__(self) -> str:
        return "sealed"


def sealed_networks(seed: int) -> tuple[tuple[nn.Module, ...], torch.Tensor]:
    """Four untrained networks in a random order, and clips to ask them about.

    Args:
        seed: of weights, order and clips.

    Returns:
        The networks, in testing mode, and noise ``(4, 3, 16, 32, 32)``.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        networks = {name: make().eval().requires_grad_(False) for name, make in _KINDS.items()}
        order = torch.randperm(len(networks)).tolist()
        clips = torch.randn(4, 3, FRAMES, SIZE, SIZE)
    names = list(networks)
    return tuple(Sealed(networks[names[k]], names[k]) for k in order), clips


@lru_cache(maxsize=1)
def _witnesses() -> dict[str, nn.Module]:
    """Who must not see the probe, and who must."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        networks = {name: _KINDS[name]() for name in ("tokens of two frames", "slow alone")}
        networks["3D CNN"] = fusion.SlowFusion(CLASSES)
    return {name: network.eval() for name, network in networks.items()}


def _moved(name: str, got: Any, clips: np.ndarray) -> float:
    """By how much the scores change, as a share of the largest."""
    network = _witnesses()[name]
    with torch.inference_mode():
        before, after = (network(torch.as_tensor(np.array(x, np.float32))) for x in (clips, got))
    return float((after - before).abs().max() / before.abs().max())


def _noise() -> list[tuple[torch.Tensor]]:
    draws = torch.Generator().manual_seed(8)
    return [(torch.randn(2, 3, FRAMES, SIZE, SIZE, generator=draws),) for _ in range(2)]


def _reordered(*order: int) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda clips: clips[:, :, list(order)]


_HALVES = _reordered(*range(8, 16), *range(8))
_ODD = _reordered(0, 3, 2, 1, *range(4, 16))


def _held(clips: torch.Tensor) -> torch.Tensor:
    return clips[:, :, np.arange(FRAMES) // 2 * 2]


def _sees(name: str) -> Callable[..., bool]:
    return lambda got, clips: _moved(name, got, clips) > SIGHT


def _blind(name: str) -> Callable[..., bool]:
    return lambda got, clips: _moved(name, got, clips) <= ROUNDING


def _how_it_moves(tokens: bool, slow: bool) -> Callable[..., bool]:
    """The symptom: who of the two that must be blind sees the change."""
    return lambda got, clips: (
        _sees("tokens of two frames")(got, clips) == tokens
        and _sees("slow alone")(got, clips) == slow
    )


PROBE = Exercise(
    name="probe",
    kind="experiment",
    cases=_noise,
    library="torch",
    properties=[
        Property(
            "clips of the shape that they had",
            lambda got, clips: np.shape(got) == clips.shape,
        ),
        Property("the 3D CNN sees the change", _sees("3D CNN")),
        Property(
            "the transformer on tokens of two frames cannot see it", _blind("tokens of two frames")
        ),
        Property("Slow alone cannot see it", _blind("slow alone")),
    ],
    misconceptions=[
        Misconception(
            lambda clips: clips.clone(),
            "nothing has changed that a 3D CNN could see.",
            lambda got, clips: not _sees("3D CNN")(got, clips),
        ),
        Misconception(
            _HALVES,
            "the tokens stay whole: good. But Slow now reads others. Which frames must stay where "
            "they are?",
            _how_it_moves(tokens=False, slow=True),
        ),
        Misconception(
            _ODD,
            "Slow reads what it read: good. But a token of two frames has another frame in it. "
            "What may move together?",
            _how_it_moves(tokens=True, slow=False),
        ),
        Misconception(
            lambda clips: clips.flip(2),
            "both see it. Begin with one: which frames does Slow read, and which two frames share "
            "a token?",
            _how_it_moves(tokens=True, slow=True),
        ),
    ],
    measured=lambda got, clips: ", ".join(
        f"{name} {_moved(name, got, clips):.0e}" for name in _witnesses()
    ),
)


def _same(network: nn.Module, clips: torch.Tensor, changed: torch.Tensor) -> bool:
    with torch.no_grad():
        before, after = network(clips), network(changed)
    return bool((after - before).abs().max() <= ROUNDING * before.abs().max())


def _same_answers(network: nn.Module, clips: torch.Tensor, changed: torch.Tensor) -> bool:
    return torch.equal(network(clips).argmax(1), network(changed).argmax(1))


def _same_bits(network: nn.Module, clips: torch.Tensor, changed: torch.Tensor) -> bool:
    return torch.equal(network(clips), network(changed))


def _frozen(clips: torch.Tensor) -> torch.Tensor:
    return clips[:, :, [FRAMES // 2] * FRAMES]


def _detective(
    same: Callable[..., bool] = _same, first: str = "one frame"
) -> Callable[..., list[str]]:
    """The right detective, with another way to do one thing."""

    def names(networks: tuple[nn.Module, ...], clips: torch.Tensor) -> list[str]:
        found = []
        for network in networks:
            if same(network, clips, clips.flip(2)):
                found.append("late fusion")
                continue
            blind = {
                "one frame": same(network, clips, _frozen(clips)),
                "slow alone": same(network, clips, _held(clips)),
            }
            tried = sorted(blind, key=lambda name: name != first)
            found.append(next((name for name in tried if blind[name]), "tokens of two frames"))
        return found

    return names


def _halves_for_late(networks: tuple[nn.Module, ...], clips: torch.Tensor) -> list[str]:
    """Exchanged halves for a reversal: two of the four are blind to them."""
    right = _detective()(networks, clips)
    return [
        "late fusion" if _same(network, clips, _HALVES(clips)) else name
        for network, name in zip(networks, right, strict=True)
    ]


def _called(name: str, said: str) -> Callable[..., bool]:
    """The symptom: a network of this name is called so."""
    return lambda got, networks, _: any(
        network._name == name and one == said for network, one in zip(networks, got, strict=True)
    )


NAMES = Exercise(
    name="names",
    cases=lambda: [sealed_networks(seed) for seed in (101, 102, 103)],
    library="torch",
    properties=[
        Property(
            "four names, of those in the text",
            lambda got, *_: len(got) == 4 and set(got) <= set(_KINDS),
        ),
        Property(
            "the name of each network",
            lambda got, networks, _: list(got) == [network._name for network in networks],
        ),
    ],
    misconceptions=[
        Misconception(
            _detective(first="slow alone"),
            "one frame is called Slow alone: frame 8 is even, so it too is blind where odd frames "
            "are replaced. Ask first what only one frame is blind to; it reads frame 8.",
            _called("one frame", "slow alone"),
        ),
        Misconception(
            _detective(_same_answers),
            "you compare answers. Untrained networks call nearly every clip the same: compare "
            "scores.",
        ),
        Misconception(
            _detective(_same_bits),
            "late fusion seems to see the order: do you compare to the last bit? Leave room for "
            "rounding.",
            _called("late fusion", "tokens of two frames"),
        ),
        Misconception(
            _halves_for_late,
            "a transformer on tokens of two frames is called late fusion: it, too, is blind where "
            "whole tokens change places. Which change is inside a token?",
            _called("tokens of two frames", "late fusion"),
        ),
    ],
)
