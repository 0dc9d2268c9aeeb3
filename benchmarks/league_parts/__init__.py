"""What the league's parts share: clips, rates, what a step costs, and how seconds become steps."""

import json
import statistics
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.data import Dataset, Subset

from lecturekit import files, training
from lecturekit.labelled import Labelled
from lecturekit.models import TINY, fusion, tiny
from lecturekit.puppets import PuppetClips

BATCH = 32
BUDGETS_SEC = (9, 3)
SWEEP_SEC = 6
FACTOR = 2.5
RATES = (2e-3, 5e-3, 1.25e-2)
SWEEP_SEED = 100
TRAIN, TEST, HELD = 2400, 1200, 480
FLOW_SHARE = 1 / 2
"""Of the seconds of the two streams, what computing flow may take."""
PICTURES_SHARE = 1 / 3
"""Of the seconds of the inflated network, what its 2D network is trained for."""


@cache
def clips(which: str) -> PuppetClips:
    """ "train": the usual ones. "test": of a seed that no chapter uses. "held": like "train", for
    choosing rates: new draws, but the same people and backgrounds."""
    split, number, seed = {
        "train": ("train", TRAIN, 0),
        "test": ("test", TEST, 12),
        "held": ("train", HELD, 1),
    }[which]
    return PuppetClips(split, number, num_frames=tiny.FRAMES, size=tiny.SIZE, seed=seed)


def passes(data: Dataset, number: int) -> Subset:
    """So many clips: all of them, again and again, the last time some."""
    return Subset(data, [i % len(data) for i in range(number)])


class WithFlow(Labelled):
    """The first clips with their flow, computed when this is made and kept in half precision."""

    def __init__(self, data: PuppetClips, number: int) -> None:
        super().__init__(data.labels[:number], data.classes, data.groups)
        self.data = data
        parts = [list(range(i, min(i + BATCH, number))) for i in range(0, number, BATCH)]
        self.stacks = torch.cat([tiny.flow_stacks(data.inputs(part)).half() for part in parts])

    def inputs(self, indices: list[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Pairs (clip, stack)."""
        return list(zip(self.data.inputs(indices), self.stacks[indices].float(), strict=True))


def learn(model: nn.Module, data: Dataset, steps: int, max_lr: float, seed: int) -> None:
    """So many steps of one cycle, as `training.fit` does it."""
    shown = passes(data, BATCH * steps)
    loss = nn.functional.cross_entropy if isinstance(data, WithFlow) else None
    training.fit(model, shown, epochs=1, batch_size=BATCH, max_lr=max_lr, seed=seed, loss=loss)


class Costs(NamedTuple):
    """Processor seconds of one thread.

    Attributes:
        steps: of a training step by name; of two streams with the flow at hand, of the inflated
            network after its 2D one.
        flow: of one clip's flow.
    """

    steps: dict[str, float]
    flow: float


def cpu_seconds(work: Callable[[], object]) -> float:
    """What other programs take meanwhile is not counted, but a shared cache makes all slower."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measured(rounds: int = 7, steps: int = 3) -> Costs:
    """Batches made, forward, backward, optimizer; families in turn, the median of the rounds."""
    few = PuppetClips("train", BATCH, num_frames=tiny.FRAMES, size=tiny.SIZE)
    taken: dict[str, list[float]] = {name: [] for name in TINY}
    flow = []
    for _ in range(rounds):
        for name, one in TINY.items():
            model, data = one.make(len(few.classes)), few
            if name == "two_streams":
                made: list[WithFlow] = []
                flow.append(cpu_seconds(lambda made=made: made.append(WithFlow(few, BATCH))))
                data = made[0]
            seconds = cpu_seconds(lambda m=model, d=data: learn(m, d, steps, 1e-3, seed=0))
            taken[name].append(seconds / steps)
    return Costs(
        {name: statistics.median(seconds) for name, seconds in taken.items()},
        statistics.median(flow) / BATCH,
    )


def costs(folder: Path) -> Costs:
    """Measured once and kept: all runs of a league have the same number of steps."""
    file = folder / "costs.json"
    if not file.exists():
        write(file, measured()._asdict())
    return Costs(**json.loads(file.read_text(encoding="utf-8")))


class Plan(NamedTuple):
    """How a family spends its seconds."""

    steps: int
    flow_clips: int = 0
    picture_steps: int = 0


def plan(name: str, seconds: float, cost: Costs) -> Plan:
    """Whole steps, as many as fit, and at least one."""
    number = pictures = 0
    left = seconds
    if name == "two_streams":
        number = max(min(int(FLOW_SHARE * seconds / cost.flow), TRAIN), BATCH)
        left -= number * cost.flow
    if name == "inflated":
        pictures = max(int(PICTURES_SHARE * seconds / cost.steps["one_frame"]), 1)
        left -= pictures * cost.steps["one_frame"]
    return Plan(max(int(left / cost.steps[name]), 1), number, pictures)


def trained(name: str, todo: Plan, max_lr: float, seed: int) -> nn.Module:
    """A family's network, trained as planned."""
    data, classes = clips("train"), len(clips("train").classes)
    torch.manual_seed(seed)
    if todo.flow_clips:
        data = WithFlow(data, todo.flow_clips)
    if todo.picture_steps:
        pictures = fusion.SingleFrame(classes, tiny.FRAMES)
        learn(pictures, data, todo.picture_steps, max_lr, seed)
        model = tiny.inflated(pictures).to(memory_format=TINY[name].layout)
    else:
        model = TINY[name].make(classes)
    learn(model, data, todo.steps, max_lr, seed)
    return model


def write(file: Path, content: object) -> None:
    """As JSON, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with files.written_whole(file) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
