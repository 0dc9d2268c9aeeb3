"""Writes the scores that chapter 10's experiment turns into segments.

The chapter's window classifier, one training (seed 0), slides over untrimmed films that the chapter
does not show. Stored are the probabilities of the five actions, and what is true.

    python benchmarks/exercise_windows.py            # a minute on one core
"""

import numpy as np
import torch
from task_parts import FPS, SIZE, WINDOW, network, segments_of

from lecturekit import puppets
from lecturekit.exercises.ch10 import films as exercise

FILMS, SEED = exercise.GROUPS[-1].stop, 10


def main() -> None:
    """Train, slide, and write."""
    held = puppets.untrimmed_films("test", FILMS, seed=SEED, fps=FPS, size=SIZE)
    model, scores = network(0).cpu(), []
    for film in held:
        starts = range(len(film.frames) - WINDOW + 1)
        windows = np.stack([film.frames[k : k + WINDOW] for k in starts])
        with torch.inference_mode():
            scores.append(model(puppets.clip_tensor(windows)).softmax(1)[:, :-1].numpy())
    truths = [
        (number, label, start * FPS, stop * FPS)
        for number, film in enumerate(held)
        for label, start, stop in segments_of(film)
    ]
    np.savez_compressed(
        exercise.STORED,
        scores=np.round(np.stack(scores) * 255).astype(np.uint8),
        truths=np.array(truths).astype(np.uint8),
    )
    print(f"{exercise.STORED}: {FILMS} films, {exercise.STORED.stat().st_size / 1000:.0f} kB")
    for number, (of_group, _) in exercise.groups().items():
        of_page = exercise.base(len(of_group))
        print(f"{number} films, the page's way:", *(f"{value:.3f}" for value in of_page))


if __name__ == "__main__":
    main()
