"""The four families of chapter 3 on the puppet world, over several seeds: accuracy by cue.

The chapter asserts intervals around its one run; this says how far the runs spread.
"""

import argparse
import time

import numpy as np
import torch

from lecturekit import training
from lecturekit.models.fusion import FAMILIES
from lecturekit.puppets import CUES, PuppetClips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=1800)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--width", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--families", nargs="+", default=list(FAMILIES))
    options = parser.parse_args()
    start = time.perf_counter()
    train = PuppetClips("train", options.clips, size=options.size)
    test = PuppetClips("test", 600, size=options.size)
    drawn = (options.clips + 600) / (time.perf_counter() - start)
    print(f"{drawn:.0f} clips/s drawn (16 x {options.size} x {options.size}, one core)")
    print(f"{'family':14s} {'all':>14s} " + " ".join(f"{cue:>14s}" for cue in CUES) + "  seconds")
    for name in options.families:
        rows, seconds = [], []
        for seed in range(options.seeds):
            torch.manual_seed(seed)
            model = FAMILIES[name](12, width=options.width)
            result = training.fit(model, train, test, epochs=options.epochs, seed=seed)
            rows.append([result.test.accuracy, *result.test.per_cue.values()])
            seconds.append(result.seconds)
        low, mean, high = np.min(rows, 0), np.mean(rows, 0), np.max(rows, 0)
        cells = [f"{m:.2f} {a:.2f}…{b:.2f}" for a, m, b in zip(low, mean, high, strict=True)]
        print(
            f"{name:14s} {' '.join(f'{c:>14s}' for c in cells)}  {np.mean(seconds):7.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
