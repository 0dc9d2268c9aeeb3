"""What the stride, the length and the views of a clip do to accuracy, over seeds (chapter 2).

The 3D network of chapter 3 learns from clips of puppet films, as in the chapter: same films, same
epochs. Accuracies are read by cue; differences are paired: two tests of one network, or two
networks of one seed.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import torch

from lecturekit import evaluation, sampling, training
from lecturekit.data import Mapped
from lecturekit.models.fusion import SlowFusion
from lecturekit.puppets import CUES, PuppetClips

FILM_FRAMES = 32
SAMPLINGS = [(8, 1), (8, 2), (8, 4), (4, 8), (16, 2)]
TRAINED_AT = (8, 4)
VIEWS = (1, 3, 10)


def clips_of(
    films: PuppetClips, num_frames: int, stride: int, starts: Sequence[int], seed: int = 0
) -> Mapped:
    """Of each film one clip of T frames, from one of the starts, drawn anew for each item."""
    offsets, drawing = sampling.strided_indices(num_frames, stride), np.random.default_rng(seed)
    return Mapped(films, lambda film: film[:, drawing.choice(starts) + offsets])


def places(num_frames: int, stride: int) -> list[int]:
    """All starts from which a clip lies inside a film."""
    return list(range(FILM_FRAMES - sampling.clip_span_frames(num_frames, stride).span_frames + 1))


def trained(films: PuppetClips, num_frames: int, stride: int, epochs: int, seed: int) -> SlowFusion:
    """A network that has learned from one random clip of each film in each epoch."""
    torch.manual_seed(seed)
    net = SlowFusion(12, num_frames=num_frames, width=12)
    clips = clips_of(films, num_frames, stride, places(num_frames, stride), seed)
    training.fit(net, clips, epochs=epochs, seed=seed)
    return net


def accuracies(
    net: SlowFusion, films: PuppetClips, num_frames: int, stride: int, views: int = 1
) -> list[float]:
    """All, then by cue: probabilities averaged over clips that start evenly along the films."""
    net.num_frames = num_frames
    if views == 1:
        starts = [sampling.center_start(FILM_FRAMES, num_frames, stride)]
    else:
        starts = np.linspace(0, places(num_frames, stride)[-1], views).round().astype(int)
    probabilities = 0
    for start in starts:
        found = evaluation.evaluate(net, clips_of(films, num_frames, stride, [start]))
        probabilities = probabilities + torch.softmax(torch.tensor(found.scores), 1).numpy()
    mean = evaluation.Evaluation(probabilities, found.labels, found.classes, found.groups)
    return [mean.accuracy, *mean.per_group.values()]


def show(title: str, rows: dict[str, list[list[float]]]) -> None:
    """Mean and range over the seeds, in percent; the columns are all clips, then each cue."""
    print(f"\n{title}")
    print(f"{'':22s}" + "".join(f"{name:>18s}" for name in ("all", *CUES)))
    for name, by_seed in rows.items():
        low, mean, high = (100 * f(by_seed, axis=0) for f in (np.min, np.mean, np.max))
        cells = [f"{m:.0f} ({a:.0f}…{b:.0f})" for a, m, b in zip(low, mean, high, strict=True)]
        print(f"{name:22s}" + "".join(f"{cell:>18s}" for cell in cells), flush=True)


def less(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    """Paired differences, seed by seed."""
    return (np.array(a) - np.array(b)).tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--films", type=int, default=720)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    train = PuppetClips("train", options.films, num_frames=FILM_FRAMES, size=options.size)
    test = PuppetClips("test", 360, num_frames=FILM_FRAMES, size=options.size)
    nets = {
        (t, tau, seed): trained(train, t, tau, options.epochs, seed)
        for t, tau in SAMPLINGS
        for seed in range(options.seeds)
    }

    def over_seeds(learned: tuple[int, int], asked: tuple[int, int], views: int = 1) -> list:
        seeds = range(options.seeds)
        return [accuracies(nets[*learned, seed], test, *asked, views) for seed in seeds]

    own = {f"{t} × {tau}": over_seeds((t, tau), (t, tau)) for t, tau in SAMPLINGS}
    show("Trained and tested with the same T × τ, one centre clip", own)
    t, tau = TRAINED_AT
    others = [(8, 1), (8, 2), (8, 3), (8, 4), (4, 8), (16, 2)]
    asked = {f"{a} × {b}": over_seeds(TRAINED_AT, (a, b)) for a, b in others}
    show(f"Trained with {t} × {tau}, tested with another, one centre clip", asked)
    same = asked[f"{t} × {tau}"]
    change = {name: less(rows, same) for name, rows in asked.items() if rows is not same}
    show(f"The same, less what it has at {t} × {tau} (paired)", change)
    for learned in [(8, 1), (8, 2), (8, 4)]:
        seen = {f"{v} views": over_seeds(learned, learned, v) for v in VIEWS}
        seen |= {f"{v} views less 1": less(seen[f"{v} views"], seen["1 views"]) for v in VIEWS[1:]}
        show(f"Trained and tested with {learned[0]} × {learned[1]}, views averaged", seen)


if __name__ == "__main__":
    main()
