"""One training loop for the whole book, the one that chapter 3 builds.

From the inside out: a loss says how wrong the scores of a batch are, an optimizer changes the
weights against its gradient, a schedule says by how much, and an epoch is one pass over the
clips, in whole batches. What is not the loop stands apart: half precision on a GPU in
:mod:`lecturekit.precision`, what it takes to continue a run that was killed in
:mod:`lecturekit.resuming`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from lecturekit import runtime
from lecturekit.checks import integer
from lecturekit.evaluation import Evaluation, check_scores, evaluate
from lecturekit.precision import MixedPrecision
from lecturekit.resuming import Checkpoint

Loss = Callable[[Any, Any], torch.Tensor]
"""From what a network gives for a batch, and the batch's targets, to one number."""


class Epoch(NamedTuple):
    """Mean loss and accuracy while training, and the learning rate of the epoch's last step.

    With a loss of the caller's own there is no accuracy: None.
    """

    loss: float
    accuracy: float | None
    learning_rate: float


@dataclass(frozen=True)
class Result:
    """What :func:`fit` did: its epochs, the test (if any), and how long training took."""

    history: tuple[Epoch, ...]
    test: Evaluation | None
    seconds: float
    clips_per_sec: float


def fit(
    model: nn.Module,
    train_set: Dataset,
    test_set: Dataset | None = None,
    *,
    epochs: int,
    batch_size: int = 32,
    max_lr: float = 5e-3,
    weight_decay: float = 0.01,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    loss: Loss | None = None,
) -> Result:
    """Train a network in place, a classifier unless told; same seed, same result on one machine.

    Clips are shown in a new order each epoch, in whole batches: what is left over waits for
    another epoch. The learning rate rises to its peak and falls to nothing (one-cycle; Smith and
    Topin 2017), weights decay as in AdamW (Loshchilov and Hutter 2019). As torch's ``OneCycleLR``
    does unless told, the schedule moves AdamW's first momentum too: from 0.95 to 0.85 at the peak,
    and back.

    Args:
        model: takes clips ``(B, C, T, H, W)``, gives scores ``(B, K)``; moved to
            ``runtime.device()``. On a GPU it runs in mixed precision.
        train_set: items (clip ``(C, T, H, W)``, label). No clip is flipped or cropped here:
            mirrored, a walk to the left is a walk to the right.
        test_set: evaluated at the end; with attributes ``classes`` and ``groups`` where it has
            them.
        epochs: passes over the clips.
        batch_size: clips per step; all of them if there are fewer.
        max_lr: peak of the learning rate.
        weight_decay: per unit of learning rate.
        seed: of the order of clips and of dropout; the caller's generators stay untouched.
        checkpoint: a file to continue from if it exists, and to write after each epoch. The
            result is that of one uninterrupted run.
        loss: takes what the model gives and the targets, gives the mean loss of the batch; the
            cross entropy of scores and labels unless told. With a loss an item is (input, target)
            of any kind; a target, and the input of a model that takes several arguments, may be a
            tuple of tensors.

    Raises:
        ValueError: the training set is empty, a label or the scores' shape does not fit, the
            checkpoint is of another run, or a test set comes with a loss of its own.
        FloatingPointError: the loss is not finite; the message says at which step.
    """
    if len(train_set) == 0:
        raise ValueError("train_set: expected at least one clip, got none")
    if loss is not None and test_set is not None:
        raise ValueError("test_set: expected none with a loss: it is evaluated as a classifier's")
    integer("epochs", epochs, 1)
    batch_size = min(integer("batch_size", batch_size, 1), len(train_set))
    device = runtime.device()
    order = torch.Generator().manual_seed(seed)
    batches = DataLoader(train_set, batch_size, shuffle=True, drop_last=True, generator=order)
    steps = len(batches)
    optimizer = torch.optim.AdamW(model.to(device).parameters(), weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr, total_steps=epochs * steps)
    learning = (model, optimizer, schedule, MixedPrecision(device))
    settings = {"epochs": epochs, "batch_size": batch_size, "max_lr": max_lr, "seed": seed}
    settings |= {"weight_decay": weight_decay, "num_clips": len(train_set)}
    saved = Checkpoint(checkpoint, settings, learning, order)
    start = time.perf_counter()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        history = [Epoch(*numbers) for numbers in saved.load()]
        first = len(history)
        bar = runtime.progress(total=epochs * steps, initial=first * steps, leave=False)
        for epoch in range(first, epochs):
            history.append(_one_epoch(_SoFar(epoch, bar), batches, loss, *learning))
            saved.save(history)
        bar.close()
    seconds = time.perf_counter() - start
    test = None if test_set is None else evaluate(model, test_set)
    shown = (epochs - first) * steps * batch_size
    return Result(tuple(history), test, seconds, shown / seconds)


def _one_epoch(
    so_far: "_SoFar",
    batches: DataLoader,
    loss: Loss | None,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    precision: MixedPrecision,
) -> Epoch:
    """One pass over the clips, in whole batches: for each a step of optimizer and schedule."""
    model.train()
    for batch in batches:
        inputs, targets = _moved(batch)
        with precision.forward():
            outputs = model(*inputs) if isinstance(inputs, list) else model(inputs)
            if loss is None:
                check_scores(outputs, targets, so_far.where)
                error = nn.functional.cross_entropy(outputs, targets)
            else:
                error = loss(outputs, targets)
        rate = schedule.get_last_lr()[0]
        _check_finite(error, so_far.where, rate)
        optimizer.zero_grad()
        precision.backward(error)
        precision.step(optimizer)
        schedule.step()
        so_far.add(error, outputs.argmax(1) == targets if loss is None else None)
    return Epoch(so_far.loss, so_far.accuracy, rate)


def _moved(batch: Any) -> Any:
    """Tensors, or lists and named tuples of them, on the device where training runs."""
    if isinstance(batch, torch.Tensor):
        return batch.to(runtime.device())
    moved = [_moved(part) for part in batch]
    return type(batch)(*moved) if hasattr(batch, "_fields") else moved


def _check_finite(loss: torch.Tensor, where: str, rate: float) -> None:
    if not torch.isfinite(loss):
        raise FloatingPointError(
            f"{where}: expected a finite loss, got {loss.item()} at learning rate {rate:.2g}"
        )


class _SoFar:
    """Mean loss and accuracy of the running epoch, as its bar shows them."""

    def __init__(self, epoch: int, bar: tqdm) -> None:
        self._epoch, self._bar = epoch, bar
        self._steps, self._total_loss, self._right, self._clips = 0, 0.0, 0, 0

    @property
    def where(self) -> str:
        """The place in the run, for an error."""
        return f"epoch {self._epoch}, step {self._steps}"

    @property
    def loss(self) -> float:
        return self._total_loss / self._steps

    @property
    def accuracy(self) -> float | None:
        return self._right / self._clips if self._clips else None

    def add(self, loss: torch.Tensor, right: torch.Tensor | None) -> None:
        """Count one batch: its loss, and which clips were right, if that can be said."""
        self._steps += 1
        self._total_loss += loss.item()
        shown = {"loss": f"{self.loss:.3f}"}
        if right is not None:
            self._right += right.sum().item()
            self._clips += len(right)
            shown["accuracy"] = f"{self.accuracy:.2f}"
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()
