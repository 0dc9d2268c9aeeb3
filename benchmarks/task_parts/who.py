"""Who and where: one answer for each box against one for the film."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from by_cue import Table
from torch import nn

from lecturekit import metrics, puppets, training
from lecturekit.models import heads, roi
from lecturekit.puppets import PuppetVideo

from . import ACTIONS, SIZE, clips_of, network

TRAIN, TEST = 200, 200
HEAD = {"epochs": 30, "max_lr": 2e-2}
WORDS = tuple(sorted({word for action in ACTIONS for word in action.split()} - {"a"}))
"""The labels: a figure has two or more of them."""
SAYS = torch.tensor([[float(word in action.split()) for word in WORDS] for action in ACTIONS])
SHIFTS_PX = (2, 4, 8)


def duets(split: str, number: int, *, swap: bool = False) -> list[PuppetVideo]:
    """Clips of two puppets."""
    return puppets.duets(split, number, size=SIZE, actions=ACTIONS, swap=swap)


@torch.no_grad()
def maps_of(trunk: heads.Trunk, clips: torch.Tensor) -> torch.Tensor:
    """Frozen features, averaged over time: ``(N, C, 1, H', W')``."""
    trunk.eval()
    return torch.cat([trunk(batch).mean(2, keepdim=True) for batch in clips.split(50)])


def actions_of(some: Sequence[PuppetVideo]) -> torch.Tensor:
    """The action of each figure, ``(N, 2)``, the left one's first."""
    return torch.tensor([[ACTIONS.index(one.action) for one in film.segments] for film in some])


def boxes_of(some: Sequence[PuppetVideo]) -> torch.Tensor:
    """The boxes of the middle frame, ``(N, 2, 4)``: one frame is labelled, many are read."""
    return torch.from_numpy(np.stack([film.boxes[len(film.boxes) // 2] for film in some]))


def judged(scores: torch.Tensor, actions: torch.Tensor) -> tuple[float, float, float]:
    """mAP over words; the share of actions right; who is rated higher for a word that is one's own.

    Args:
        scores: logits ``(N, 2, words)``.
        actions: ``(N, 2)``.
    """
    labels = SAYS[actions]
    precision = metrics.mean_average_precision(
        scores.flatten(0, 1).double().numpy(), labels.flatten(0, 1).numpy()
    )
    # An action's words must be there and the others not: how probable that is.
    fits = nn.functional.logsigmoid(scores) @ SAYS.T + nn.functional.logsigmoid(-scores) @ (
        1 - SAYS.T
    )
    right = (fits.argmax(2) == actions).float().mean().item()
    apart = labels[:, 0] - labels[:, 1]
    leads = ((scores[:, 0] - scores[:, 1]) * apart)[apart != 0]
    return precision, right, ((leads > 0).float() + (leads == 0) / 2).mean().item()


class Both:
    """A head that reads boxes and one that reads all of the film, on one trunk at rest."""

    def __init__(self, seed: int, train: Sequence[PuppetVideo]) -> None:
        self.trunk = network(seed).trunk
        features, boxes = maps_of(self.trunk, clips_of(train)), boxes_of(train)
        labels = SAYS[actions_of(train)]
        torch.manual_seed(seed)
        self.boxed = roi.RoIHead(
            self.trunk.channels,
            len(WORDS),
            start_px=self.trunk.start[1],
            jump_px=self.trunk.jump[1],
        )
        self.pooled = heads.ClassificationHead(self.trunk.channels, len(WORDS))
        settings = {**HEAD, "seed": seed, "loss": heads.multi_label_loss}
        items = [
            ((maps, of_film), wanted)
            for maps, of_film, wanted in zip(features, boxes, labels, strict=True)
        ]
        training.fit(self.boxed, items, **settings)
        # Of the film: what anyone in it does.
        training.fit(self.pooled, list(zip(features, labels.amax(1), strict=True)), **settings)

    @torch.no_grad()
    def box_scores(self, features: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
        """``(N, 2, words)``."""
        return self.boxed(features, boxes).unflatten(0, (-1, 2))

    @torch.no_grad()
    def film_scores(self, features: torch.Tensor) -> torch.Tensor:
        """The same for both figures: ``(N, 2, words)``."""
        return self.pooled(features)[:, None].expand(-1, 2, -1)


def wrapped(trunk: heads.Trunk) -> heads.Trunk:
    """The same weights, but beyond an edge the picture goes on at the opposite one."""
    trunk = copy.deepcopy(trunk)
    for layer in trunk.modules():
        if isinstance(layer, nn.Conv3d):
            layer.padding_mode = "circular"
    return trunk


def show(seeds: int) -> None:
    train, test = duets("train", TRAIN), duets("test", TEST)
    swapped = duets("test", TEST, swap=True)
    answers = Table("each figure", ("mAP of words", "action right", "who of the two"), digits=3)
    moves = Table("how far a probability moves", ("pooled", "in a box"), digits=3)
    for seed in range(seeds):
        one_seed(Both(seed, train), test, swapped, answers, moves)
    for table in (answers, moves):
        table.show()
    answers.difference("box, its own", "pooled")


def one_seed(
    both: Both, test: list[PuppetVideo], swapped: list[PuppetVideo], answers: Table, moves: Table
) -> None:
    clips, boxes, actions = clips_of(test), boxes_of(test), actions_of(test)
    features = maps_of(both.trunk, clips)
    other, other_boxes = maps_of(both.trunk, clips_of(swapped)), boxes_of(swapped)
    answers.add("pooled", *judged(both.film_scores(features), actions))
    answers.add("box, its own", *judged(both.box_scores(features, boxes), actions))
    answers.add(
        "box, actions exchanged", *judged(both.box_scores(other, other_boxes), actions.flip(1))
    )
    for shift in SHIFTS_PX:
        aside = boxes + torch.tensor([shift, 0, shift, 0])
        answers.add(
            f"box {shift} px to the right", *judged(both.box_scores(features, aside), actions)
        )
    wider = (boxes + torch.tensor([-4, -4, 4, 4])).clamp(0, SIZE)
    answers.add("box 4 px wider on each side", *judged(both.box_scores(features, wider), actions))
    whole = torch.tensor([0.0, 0, SIZE, SIZE]).expand_as(boxes)
    answers.add("box: the whole frame", *judged(both.box_scores(features, whole), actions))

    exchanged = clips.roll(SIZE // 2, 4)  # the two halves of the picture
    round_trunk = wrapped(both.trunk)
    for name, one, two, with_boxes in (
        ("the two exchange what they do", features, other, (boxes, other_boxes)),
        ("the halves exchange places", features, maps_of(both.trunk, exchanged), (boxes, boxes)),
        (
            "the same, edges wrapped around",
            maps_of(round_trunk, clips),
            maps_of(round_trunk, exchanged),
            (boxes, boxes),
        ),
        ("another film", features, features.roll(1, 0), (boxes, boxes.roll(1, 0))),
    ):
        pooled = [both.film_scores(maps).sigmoid() for maps in (one, two)]
        boxed = [
            both.box_scores(maps, where).sigmoid()
            for maps, where in zip((one, two), with_boxes, strict=True)
        ]
        moves.add(name, *((a - b).abs().mean().item() for a, b in (pooled, boxed)))
