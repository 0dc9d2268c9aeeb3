"""The league's trainings, each kept in a file of its own as soon as it is done."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from league_parts import (
    FACTOR,
    RATES,
    SWEEP_SEC,
    SWEEP_SEED,
    clips,
    costs,
    cpu_seconds,
    plan,
    trained,
    write,
)
from lecturekit.evaluation import evaluate
from lecturekit.models import TINY


@dataclass(frozen=True)
class Run:
    """One training and its test.

    Attributes:
        name: of the family.
        seconds: of the budget.
        max_lr: the peak of the learning rate.
        seed: of first weights and the order of clips.
        asked: "test" or "held".
    """

    name: str
    seconds: float
    max_lr: float
    seed: int
    asked: str

    def file(self, folder: Path) -> Path:
        rate = f"{self.max_lr:g}"
        return folder / f"{self.seconds:g}s" / f"{self.asked}-{self.name}-{rate}-{self.seed}.json"

    def made(self, folder: Path) -> np.ndarray:
        """Which clips were right, bool ``(N,)``; trained unless that was done before."""
        if (hits := self.read(folder)) is not None:
            return hits
        todo = plan(self.name, self.seconds, costs(folder))
        clips("train")  # drawn before the clock runs
        kept: list[nn.Module] = []
        spent = cpu_seconds(lambda: kept.append(trained(self.name, todo, self.max_lr, self.seed)))
        result = evaluate(kept[0], clips(self.asked))
        hits = result.scores.argmax(1) == result.labels
        about = {**todo._asdict(), "spent_sec": round(spent, 2), "right": packed(hits)}
        write(self.file(folder), about)
        print(
            f"{self.seconds:g} s, {self.asked}, seed {self.seed}, rate {self.max_lr:g}: "
            f"{self.name} {hits.mean():.3f}; {todo.steps} steps, {spent:.1f} s of the processor",
            flush=True,
        )
        return hits

    def read(self, folder: Path) -> np.ndarray | None:
        """As `made`, or None where it has not been trained."""
        about = self.about(folder)
        return None if about is None else unpacked(about["right"], len(clips(self.asked)))

    def about(self, folder: Path) -> dict | None:
        """What its file says."""
        file = self.file(folder)
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def packed(hits: np.ndarray) -> str:
    """A bit a clip, as text; the first clip is the first byte's highest bit."""
    return base64.b64encode(np.packbits(hits)).decode()


def unpacked(text: str, number: int) -> np.ndarray:
    """The inverse of `packed`."""
    return np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8), count=number).astype(bool)


def sweep(folder: Path) -> dict[str, dict[float, float]]:
    """By family and rate the accuracy on held-out clips, after a budget of its own."""
    return {name: _swept(name, folder) for name in TINY}


def _swept(name: str, folder: Path) -> dict[float, float]:
    """The usual rates, and on past an end as long as the end is the best."""
    found = {rate: _held(name, rate, folder) for rate in RATES}
    while (best := max(found, key=found.get)) in (min(found), max(found)):
        rate = float(f"{best * (1 / FACTOR if best == min(found) else FACTOR):.4g}")
        found[rate] = _held(name, rate, folder)
    return dict(sorted(found.items()))


def _held(name: str, rate: float, folder: Path) -> float:
    return float(Run(name, SWEEP_SEC, rate, SWEEP_SEED, "held").made(folder).mean())


def rates(folder: Path) -> dict[str, float]:
    """Of each family the rate that was best in the sweep."""
    return {name: max(found, key=found.get) for name, found in sweep(folder).items()}


def league_run(name: str, seconds: float, seed: int, folder: Path) -> Run:
    """The run of a league's table."""
    return Run(name, seconds, rates(folder)[name], seed, "test")
