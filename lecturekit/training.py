"""One training loop for the whole book: AdamW, one-cycle, seeded, resumable."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from lecturekit import runtime
from lecturekit.evaluation import Evaluation, check_scores, evaluate


class Epoch(NamedTuple):
    """Mean loss and accuracy while training, and the learning rate of the epoch's last step."""

    loss: float
    accuracy: float
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
) -> Result:
    """Train a classifier in place; same seed, same result on the same machine.

    Clips are shown in a new order each epoch, in whole batches: what is left over waits for
    another epoch. The learning rate rises to its peak and falls to nothing (one-cycle; Smith and
    Topin 2017), weights decay as in AdamW (Loshchilov and Hutter 2019).

    Args:
        model: takes clips ``(B, C, T, H, W)``, gives scores ``(B, K)``; moved to
            ``runtime.device()``. On a GPU it runs in mixed precision.
        train_set: items (clip ``(C, T, H, W)``, label). No clip is flipped or cropped here:
            mirrored, a walk to the left is a walk to the right.
        test_set: evaluated at the end; with attributes ``classes`` and ``groups`` where it has
            them.
        epochs: times each clip is shown.
        batch_size: clips per step; all of them if there are fewer.
        max_lr: peak of the learning rate.
        weight_decay: per unit of learning rate.
        seed: of the order of clips and of dropout; the caller's generators stay untouched.
        checkpoint: a file to continue from if it exists, and to write after each epoch. The
            result is that of one uninterrupted run.

    Raises:
        ValueError: the training set is empty, a label or the scores' shape does not fit, or the
            checkpoint is of another run.
        FloatingPointError: the loss is not finite; the message says at which step.
    """
    if len(train_set) == 0:
        raise ValueError("train_set: expected at least one clip, got none")
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs, batch_size: expected 1 or more, got {epochs}, {batch_size}")
    device = runtime.device()
    order = torch.Generator().manual_seed(seed)
    batch_size = min(batch_size, len(train_set))
    loader = DataLoader(train_set, batch_size, shuffle=True, drop_last=True, generator=order)
    model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr, total_steps=epochs * len(loader)
    )
    half = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")
    history: list[Epoch] = []
    run = {"epochs": epochs, "batch_size": batch_size, "max_lr": max_lr, "seed": seed}
    run |= {"weight_decay": weight_decay, "num_clips": len(train_set)}
    kept = (model, optimizer, schedule, half)
    start = time.perf_counter()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if checkpoint and Path(checkpoint).exists():
            history = _resume(Path(checkpoint), run, kept, order)
        resumed = len(history)
        model.train()
        steps = len(loader)
        bar = runtime.progress(total=epochs * steps, initial=resumed * steps, leave=False)
        for epoch in range(resumed, epochs):
            total_loss, num_right = 0.0, 0
            for step, (clips, labels) in enumerate(loader):
                clips, labels = clips.to(device), labels.to(device)
                with torch.autocast(device.type, torch.float16, enabled=half.is_enabled()):
                    scores = model(clips)
                    check_scores(scores, labels, f"epoch {epoch}, step {step}")
                    loss = nn.functional.cross_entropy(scores, labels)
                rate = schedule.get_last_lr()[0]
                if not torch.isfinite(loss):
                    raise FloatingPointError(
                        f"epoch {epoch}, step {step}: expected a finite loss, got {loss.item()} "
                        f"at learning rate {rate:.2g}"
                    )
                optimizer.zero_grad()
                half.scale(loss).backward()
                half.step(optimizer)
                half.update()
                schedule.step()
                total_loss += loss.item()
                num_right += (scores.argmax(1) == labels).sum().item()
                accuracy = num_right / ((step + 1) * batch_size)
                bar.set_postfix(loss=f"{total_loss / (step + 1):.3f}", accuracy=f"{accuracy:.2f}")
                bar.update()
            history.append(Epoch(total_loss / len(loader), accuracy, rate))
            if checkpoint:
                _save(Path(checkpoint), run, kept, order, history)
        bar.close()
    seconds = time.perf_counter() - start
    shown = (epochs - resumed) * len(loader) * batch_size
    test = None if test_set is None else evaluate(model, test_set)
    return Result(tuple(history), test, seconds, shown / seconds)


def _save(path: Path, run: dict, kept: tuple, order: torch.Generator, history: list[Epoch]) -> None:
    state = {
        "run": run,
        "kept": [part.state_dict() for part in kept],
        "history": [tuple(epoch) for epoch in history],
        "order": order.get_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }
    # Written whole or not at all: a run killed here continues from the epoch before.
    partial = path.with_name(path.name + ".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def _resume(path: Path, run: dict, kept: tuple, order: torch.Generator) -> list[Epoch]:
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["run"] != run:
        raise ValueError(f"checkpoint {path}: expected one of {run}, got one of {state['run']}")
    for part, saved in zip(kept, state["kept"], strict=True):
        part.load_state_dict(saved)
    order.set_state(state["order"])
    torch.set_rng_state(state["torch"])
    if state["cuda"]:
        torch.cuda.set_rng_state_all(state["cuda"])
    return [Epoch(*epoch) for epoch in state["history"]]
