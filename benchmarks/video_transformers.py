"""Chapter 9's small video transformers over several seeds: accuracy by cue, paired differences.

Six parts; `--part` runs one of them. "networks": two sizes of tubelets, a convolutional stem and
chapter 3's 3D network, for about the same time; then what one of them attends to. "longer": two of
them on more clips. "rung": the chapter's own short run, tokens of one frame with and without
positions. "ladder": what tokens of one, two and four frames tell of time, without positions and
with. "schemes": who looks at whom. "behind a stem": the same with a stem before the tubelets. A row
of differences is taken seed by seed: a seed sets the first weights and the order of the clips; the
clips stay the same.

Recipes were chosen on other seeds and other clips: rates from 1e-3 to 4e-3, stems of two and three
layers, and how large the position table starts, which mattered more than the rest. With the usual
spread of 0.02 positions are drowned by the pixels' part of a token, which is about 1, for as long
as these trainings last; with a spread of 1 they are not. "rung" and "ladder" have both.
"""

import argparse
import time
from dataclasses import dataclass, replace

import attention_maps
import torch
from by_cue import ByCue, Table
from torch import nn

from lecturekit import evaluation, training
from lecturekit.models.fusion import SlowFusion
from lecturekit.models.timesformer import TINY as TIMESFORMER
from lecturekit.models.timesformer import TimeSformer, TimeSformerConfig
from lecturekit.models.tiny import STEM, vivit_config
from lecturekit.models.vivit import SCHEMES, TINY, ViViT, ViViTConfig
from lecturekit.ops import count_parameters
from lecturekit.puppets import ACTIONS, CUES, PuppetClips

FRAMES, SIZE = 16, 32
RATE = 2e-3


@dataclass(frozen=True)
class Run:
    """A network and how it is trained; without a config it is chapter 3's 3D network."""

    config: ViViTConfig | TimeSformerConfig | None
    epochs: int
    max_lr: float = RATE

    def make(self, num_classes: int, seed: int) -> nn.Module:
        torch.manual_seed(seed)
        match self.config:
            case ViViTConfig():
                model = ViViT(self.config, num_classes)
            case TimeSformerConfig():
                model = TimeSformer(self.config, num_classes)
            case None:
                model = SlowFusion(num_classes, FRAMES)
        return model.to(memory_format=torch.channels_last_3d)


@dataclass(frozen=True)
class Part:
    """Runs by name, the pairs of names whose difference is printed, and the clips of all runs."""

    title: str
    runs: dict[str, Run]
    differences: tuple[tuple[str, str], ...]
    clips: tuple[int, int] = (1620, 1200)
    frames: int = FRAMES
    classes: tuple[str, ...] = tuple(ACTIONS)

    def data(self) -> list[PuppetClips]:
        options = {"num_frames": self.frames, "size": SIZE, "classes": self.classes}
        splits = zip(("train", "test"), self.clips, strict=True)
        return [PuppetClips(split, number, **options) for split, number in splits]


# So many epochs that each takes about as long as the others on an idle core; "ms" is printed.
NETWORKS = Part(
    "about the same time",
    {
        "tubelet 2×8×8": Run(replace(TINY, tubelet=(2, 8, 8)), epochs=3),
        "tubelet 4×8×8": Run(TINY, epochs=6),
        "stem, then 4×8×8": Run(replace(TINY, stem=STEM), epochs=5),
        "3D CNN": Run(None, epochs=10, max_lr=5e-3),
    },
    (
        ("tubelet 4×8×8", "tubelet 2×8×8"),
        ("stem, then 4×8×8", "tubelet 4×8×8"),
        ("3D CNN", "stem, then 4×8×8"),
    ),
    clips=(2400, 1200),
)


def _rung(frames: int, positions: bool, std: float = TINY.position_std) -> Run:
    config = replace(TINY, tubelet=(frames, 16, 16), positions=positions, position_std=std)
    return Run(config, epochs=6)


LONGER = replace(
    NETWORKS,
    title="more clips",
    runs={name: NETWORKS.runs[name] for name in ("tubelet 4×8×8", "stem, then 4×8×8")},
    differences=NETWORKS.differences[1:2],
    clips=(4000, 1200),
)


# The chapter's own run: short clips, and the classes that are each other's reversals.
_SHORT = replace(TINY, frames=8, tubelet=(1, 16, 16))
RUNG = Part(
    "tokens of one frame, direction alone, as in the chapter",
    {
        "no positions": Run(replace(_SHORT, positions=False), epochs=8),
        "positions of 0.02": Run(replace(_SHORT, position_std=0.02), epochs=8),
        "positions of 1": Run(_SHORT, epochs=8),
    },
    (("positions of 0.02", "no positions"), ("positions of 1", "positions of 0.02")),
    clips=(640, 400),
    frames=8,
    classes=("walk left", "walk right", "sit down", "stand up"),
)


# Places of 16×16 pixels: then tokens of one frame are as few as 64.
LADDER = Part(
    "tokens of a few frames of 16×16 pixels",
    {
        "1 frame, no positions": _rung(1, False),
        "2 frames, no positions": _rung(2, False),
        "4 frames, no positions": _rung(4, False),
        "1 frame, positions": _rung(1, True),
        "4 frames, positions": _rung(4, True),
        "1 frame, positions of 0.02": _rung(1, True, std=0.02),
        "4 frames, positions of 0.02": _rung(4, True, std=0.02),
    },
    (
        ("2 frames, no positions", "1 frame, no positions"),
        ("4 frames, no positions", "2 frames, no positions"),
        ("1 frame, positions", "1 frame, no positions"),
        ("4 frames, positions", "4 frames, no positions"),
        ("1 frame, positions", "1 frame, positions of 0.02"),
        ("4 frames, positions", "4 frames, positions of 0.02"),
    ),
)


def _schemes(title: str, stem: tuple[int, ...]) -> Part:
    runs = {}
    for scheme in SCHEMES:
        runs[scheme] = Run(vivit_config(scheme, stem), epochs=5)
    for scheme in ("divided", "space"):
        runs[scheme] = Run(replace(TIMESFORMER, attention=scheme, stem=stem), epochs=5)
    return Part(title, runs, tuple((scheme, "joint") for scheme in runs if scheme != "joint"))


PARTS = {
    "networks": NETWORKS,
    "longer": LONGER,
    "rung": RUNG,
    "ladder": LADDER,
    "schemes": _schemes("who looks at whom, tubelets as they are", ()),
    "behind a stem": _schemes("who looks at whom, behind a stem", STEM),
}
# Whose attention is measured, of the first part.
LOOKED_AT = "tubelet 4×8×8"


def right_in_pair(result: evaluation.Evaluation) -> list[float]:
    """By cue, of the answers inside the true pair the share that is right: chance is 0.5."""
    right, inside = dict.fromkeys(result.per_group, 0), dict.fromkeys(result.per_group, 0)
    for k in range(0, len(result.classes), 2):
        pair = result.confusion[k : k + 2, k : k + 2]
        cue = result.groups[result.classes[k]]
        right[cue] += pair.trace()
        inside[cue] += pair.sum()
    return [float(right[cue] / max(inside[cue], 1)) for cue in right]


def step_seconds(model: nn.Module, clips: torch.Tensor, repeats: int = 5) -> float:
    """Of one training step, the least of some: other work on the machine can only add to it."""
    optimizer = torch.optim.AdamW(model.parameters())
    labels = torch.zeros(len(clips), dtype=torch.int64)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        loss = nn.functional.cross_entropy(model(clips), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def show_costs(part: Part) -> None:
    heads = ("weights", "ms a step", "steps", "seconds")
    print(f"\n{part.title}\n{'':36s}" + "".join(f"{head:>12s}" for head in heads))
    clips = torch.randn(32, 3, part.frames, SIZE, SIZE)
    for name, run in part.runs.items():
        model = run.make(len(part.classes), seed=0)
        steps, seconds = run.epochs * (part.clips[0] // 32), step_seconds(model, clips)
        print(
            f"{name:36s}{count_parameters(model):12,}{1000 * seconds:12.0f}{steps:12d}"
            f"{steps * seconds:12.0f}",
            flush=True,
        )


class Results:
    """What came out of a part: accuracies, choices inside the pairs, and what is attended to."""

    def __init__(self, part: Part) -> None:
        cues = [cue for cue in CUES if cue in {ACTIONS[name][0] for name in part.classes}]
        self.by_cue = ByCue(part.classes)
        self.inside = Table("share right of answers in the pair", cues)
        self.maps = attention_maps.tables()

    def show(self, part: Part) -> None:
        for table in (self.by_cue.accuracies, self.inside):
            table.show()
            print("\npaired differences: mean over seeds (lowest…highest)")
            for pair in part.differences:
                table.difference(*pair)
        for table in self.maps:
            if table.rows:
                table.show()


def one_seed(seed: int, part: Part, data: list[PuppetClips], results: Results) -> None:
    """Train and test every network of a part."""
    train, test = data
    for name, run in part.runs.items():
        model = run.make(len(part.classes), seed)
        fit = training.fit(model, train, epochs=run.epochs, max_lr=run.max_lr, seed=seed)
        result = results.by_cue.keep(name, evaluation.evaluate(model, test))
        inside = right_in_pair(result)
        results.inside.add(name, *inside)
        if part is NETWORKS and name == LOOKED_AT:
            attention_maps.measure(name, model, *results.maps)
        numbers = zip(result.per_group.items(), inside, strict=True)
        by_cue = ", ".join(f"{cue} {share:.2f} ({right:.2f})" for (cue, share), right in numbers)
        print(
            f"seed {seed}: {name} {result.accuracy:.3f}; by cue (in its pair): {by_cue}; "
            f"{fit.history[-1].accuracy:.3f} in training, {fit.seconds:.1f} s",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--part", choices=tuple(PARTS), help="one part; all unless told")
    asked = parser.parse_args()
    for name in [asked.part] if asked.part else PARTS:
        part = PARTS[name]
        show_costs(part)
        data, results = part.data(), Results(part)
        for seed in range(asked.seeds):
            one_seed(seed, part, data, results)
        results.show(part)


if __name__ == "__main__":
    main()
