"""Chapter 3's networks with the chapter's own settings, over several seeds: accuracy by cue.

The chapter asserts intervals around its one run. This says how far runs spread, and compares what
shares a seed: a row of differences is taken seed by seed. A seed sets the first weights, the order
of the clips and the delays drawn for them; the clips themselves stay the same.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from by_cue import ByCue
from torch import nn

from lecturekit import evaluation, training
from lecturekit.data import Mapped
from lecturekit.labelled import Labelled
from lecturekit.models.fusion import FAMILIES, RELATIVES, SingleFrame
from lecturekit.ops import count_parameters
from lecturekit.puppets import PuppetClips

# The chapter's settings on a CPU.
CLIPS, SIZE, WIDTH, EPOCHS, FRAMES = 1620, 32, 12, 5, 16
MAX_DELAY = 4
# A 3D network of this width has about as many weights as early fusion.
NARROW = 8
DELAYED = ("early fusion", "3D CNN")


class LastFrame(SingleFrame):
    """The last frame of each clip, in training and in testing."""

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        return self.backbone(clips[:, :, -1]).mean((2, 3))


def delayed(clip: torch.Tensor, delay: int) -> torch.Tensor:
    """The clip, its first frame held for ``delay`` frames more; its end is cut off."""
    return clip[:, (torch.arange(FRAMES) - delay).clamp(min=0)]


def at_random(clip: torch.Tensor) -> torch.Tensor:
    return delayed(clip, int(torch.randint(MAX_DELAY + 1, ())))


class HalvesSwapped(Labelled):
    """The two halves of every other clip of each class change places: no moment tells the order."""

    def __init__(self, data: PuppetClips) -> None:
        super().__init__(data.labels, data.classes, data.groups)
        self.data = data

    def inputs(self, indices: list[int]) -> list[torch.Tensor]:
        """Every other round of the classes is swapped."""
        rounds = [index // len(self.classes) for index in indices]
        return [
            clip.roll(FRAMES // 2, dims=1) if r % 2 else clip
            for r, clip in zip(rounds, self.data.inputs(indices), strict=True)
        ]


def one_seed(seed: int, train: PuppetClips, test: PuppetClips, results: ByCue) -> dict[str, float]:
    """Train and test every network of the chapter; gives the 3D network's accuracy, mirrored."""

    def fitted(
        make: Callable[..., nn.Module], name: str, data: Labelled = train, width: int = WIDTH
    ) -> nn.Module:
        torch.manual_seed(seed)
        model = make(12, FRAMES, width)
        result = training.fit(model, data, test, epochs=EPOCHS, seed=seed)
        results.keep(name, result.test)
        print(
            f"seed {seed}: {name}, {count_parameters(model):,} weights, {result.seconds:.1f} s",
            flush=True,
        )
        return model

    models = {name: fitted(make, name) for name, make in (FAMILIES | RELATIVES).items()}
    fitted(FAMILIES["3D CNN"], f"3D CNN, width {NARROW}", width=NARROW)
    models |= {
        f"{name}, random delays": fitted(
            FAMILIES[name], f"{name}, random delays", Mapped(train, at_random)
        )
        for name in DELAYED
    }
    for name in (name for name in models if name.startswith(DELAYED)):
        late = Mapped(test, lambda clip: delayed(clip, MAX_DELAY))
        results.keep(f"{name}: {MAX_DELAY} late", evaluation.evaluate(models[name], late))
    fitted(LastFrame, "last frame")
    results.keep(
        "3D CNN: halves swapped", evaluation.evaluate(models["3D CNN"], HalvesSwapped(test))
    )
    mirrored = Mapped(test, lambda clip: clip.flip(-1))
    return evaluation.evaluate(models["3D CNN"], mirrored).per_class


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    start = time.perf_counter()
    train, test = PuppetClips("train", CLIPS, size=SIZE), PuppetClips("test", 600, size=SIZE)
    drawn = (CLIPS + 600) / (time.perf_counter() - start)
    print(f"{drawn:.0f} clips/s drawn ({FRAMES} x {SIZE} x {SIZE}, one core)", flush=True)
    results = ByCue(test.classes)
    mirrored = [one_seed(seed, train, test, results) for seed in seeds]
    table = results.accuracies
    table.show()
    print("\npaired differences: mean over seeds (lowest…highest)")
    table.difference("3D CNN", "early fusion")
    table.difference(f"3D CNN, width {NARROW}", "early fusion")
    table.difference("early fusion", "late fusion")
    table.difference("late fusion", "single frame")
    for name in RELATIVES:
        table.difference(name, "late fusion")
        table.difference("3D CNN", name)
    for name in DELAYED:
        table.difference(f"{name}: {MAX_DELAY} late", name)
        table.difference(f"{name}, random delays: {MAX_DELAY} late", f"{name}: {MAX_DELAY} late")
        table.difference(f"{name}, random delays", name)
    results.pairs.show()
    print("\n3D CNN on mirrored clips: accuracy, mean (lowest…highest)")
    for name in ("walk left", "walk right", "sit down", "stand up"):
        found = [per_class[name] for per_class in mirrored]
        print(f"{name:36s}{np.mean(found):.2f} ({min(found):.2f}…{max(found):.2f})")


if __name__ == "__main__":
    main()
