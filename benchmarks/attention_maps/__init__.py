"""What a small ViViT looks at, against where the figure is and what its answer hangs on.

A token's weight is the share of attention that it gets, mean over queries: in the last block, and
by rollout (Abnar and Zuidema, ACL 2020) through all of them. Its gradient is the length of the
gradient of the true class's score with respect to it. Tokens are deleted before the first block.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from by_cue import Table
from einops import rearrange, reduce

from lecturekit.models.vivit import ViViT
from lecturekit.puppets import ACTIONS, MEAN, STD, perform, render, true_flow

SCENES, DELETED = 480, 16
MAPS = ("last block", "rollout", "gradient")
ON_FIGURE = ("area", *MAPS)
WITHOUT = (
    "none", "random", *(f"{which} {name}" for name in MAPS for which in ("most", "least")), "figure"
)  # fmt: skip


class Scenes(NamedTuple):
    """Clips ``(N, 3, T, H, W)``, labels, and the figure's pixels, bool ``(N, T, H, W)``."""

    clips: torch.Tensor
    labels: torch.Tensor
    figure: torch.Tensor


@cache
def scenes(frames: int, size: int) -> Scenes:
    """Test scenes with their figure's mask, drawn from seeds that no data set of clips uses."""
    names = list(ACTIONS)
    films, figures = [], []
    for i in range(SCENES):
        scene = perform(names[i % len(names)], "test", np.random.default_rng([9, i]), frames, size)
        films.append(render(*scene, size))
        figures.append(true_flow(*scene, size)[1])
    clips = rearrange(torch.from_numpy(np.stack(films)), "n t h w c -> n c t h w")
    clips = (clips.float() / 255 - MEAN) / STD
    labels = torch.arange(SCENES) % len(names)
    return Scenes(clips, labels, torch.from_numpy(np.stack(figures)))


def tables() -> tuple[Table, Table]:
    """To be filled by `measure`: shares on the figure, and accuracy without some tokens."""
    return (
        Table("share on the figure", ON_FIGURE),
        Table(f"accuracy, {DELETED} tokens deleted", WITHOUT),
    )


def measure(name: str, model: ViViT, on_figure: Table, without: Table) -> None:
    """Add a row of a trained network, joint attention and mean pooling, to both tables."""
    model.eval()
    config = model.config
    clips, labels, figure = scenes(config.frames, config.size)
    t, h, w = config.tubelet
    share = reduce(figure.float(), "n (t dt) (h dh) (w dw) -> n (t h w)", "mean", dt=t, dh=h, dw=w)
    with torch.no_grad():
        tokens = model.encoder.embed(model.tubelets(clips))
    maps = weights(model, tokens, labels)
    on_figure.add(name, *(float((m * share).sum(1).mean()) for m in (_even(share), *maps.values())))
    chance = torch.rand(share.shape, generator=torch.Generator().manual_seed(0))
    orders = {"random": chance, "figure": share}
    orders |= {f"most {kind}": m for kind, m in maps.items()}
    orders |= {f"least {kind}": -m for kind, m in maps.items()}
    kept = {"none": torch.arange(tokens.shape[1]).expand(len(tokens), -1)}
    kept |= {which: m.argsort(1, descending=True)[:, DELETED:] for which, m in orders.items()}
    without.add(name, *(accuracy(model, tokens, kept[which], labels) for which in WITHOUT))


def weights(model: ViViT, tokens: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
    """``MAPS`` by name, each ``(B, N)`` with rows that sum to 1."""
    tokens = tokens.clone().requires_grad_()
    features, _ = model.encoder.read(tokens)
    scores = model.head(features)
    scores.gather(1, labels[:, None]).sum().backward()
    gradient = tokens.grad.norm(dim=-1)
    with torch.no_grad():
        _, attentions = model.encoder.read(tokens, return_attention=True)
        layers = [layer.mean(1) for layer in attentions]
        rollout = torch.eye(tokens.shape[1])
        for layer in layers:
            # Half of a token comes past the attention: each block adds to what was there.
            rollout = (layer + torch.eye(tokens.shape[1])) / 2 @ rollout
    found = (layers[-1].mean(1), rollout.mean(1), gradient / gradient.sum(1, keepdim=True))
    return dict(zip(MAPS, found, strict=True))


@torch.no_grad()
def accuracy(model: ViViT, tokens: torch.Tensor, kept: torch.Tensor, labels: torch.Tensor) -> float:
    """With the tokens ``kept``, their numbers ``(B, n)``, alone."""
    tokens = tokens.gather(1, kept[..., None].expand(-1, -1, tokens.shape[-1]))
    scores = model.head(model.encoder.read(tokens)[0])
    return float((scores.argmax(1) == labels).float().mean())


def _even(share: torch.Tensor) -> torch.Tensor:
    return torch.full_like(share, 1 / share.shape[1])
