"""Chapter 7's start from pictures with the chapter's own settings, over several seeds.

A 2D network learns from stills of the puppet world. Its weights, made 3D in three ways, start
chapter 3's 3D network on few clips; another starts from nothing. All take the same number of
steps. A row of differences is taken seed by seed: a seed draws the clips to learn from, and sets
the first weights (those of the new head are the same in all) and the order of the clips.

The settings are those that train the network from nothing best among those tried, on another seed
and other clips. What stands here for the other networks was not chosen for them.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from by_cue import ByCue, Table
from einops import rearrange
from torch import nn
from torch.utils.data import DataLoader

from lecturekit import evaluation, training
from lecturekit.data import FlowClips, Mapped
from lecturekit.labelled import Labelled
from lecturekit.models.fusion import SingleFrame, SlowFusion
from lecturekit.models.parts import Backbone
from lecturekit.models.two_stream import cross_modality_init
from lecturekit.ops import INFLATIONS, count_macs, inflate
from lecturekit.puppets import PuppetClips

# The chapter's settings on a CPU.
SIZE, FRAMES, WIDTH = 32, 16, 12
# A still shows one moment of a clip: four moments of each clip, one of them in an epoch.
STILLS, MOMENTS, STILL_EPOCHS, STILL_SEED = 2400, 4, 10, 1000
PER_CLASS = (5, 20, 80)
BATCH, STEPS, PEAK = 30, 160, 1e-2
# A linear layer on fixed features bears a higher rate.
HEAD_PEAK = 5e-2
NOTHING, FROZEN = "from nothing", "frozen"
# Asked besides: does the result hang on the rate, on the halving of time, on the number of steps?
LOWER_PEAK = 2e-3
KEEPS_TIME_AT = 20
LONGER_AT, LONGER = 80, 3
# Two streams: flow as chapter 6 computes it, as a clip of two channels.
FLOW_AT = (5, 20)
FLOW = {"winsize": 7, "bound_px": 1.0}


def still_label(label: int) -> int:
    """What a still can tell: what is held, and of the other classes the pair."""
    return label if label < 2 else label // 2 + 1


class Features(Labelled):
    """What a network whose weights stay as they are says of each clip, computed once."""

    def __init__(self, network: SlowFusion, data: PuppetClips) -> None:
        super().__init__(data.labels, data.classes, data.groups)
        network.eval()
        with torch.no_grad():
            self.vectors = torch.cat(
                [network.features(clips) for clips, _ in DataLoader(data, batch_size=60)]
            )

    def inputs(self, indices: list[int]) -> torch.Tensor:
        return self.vectors[indices]


def picture_network(seed: int, train: Mapped, test: Mapped) -> tuple[SingleFrame, float]:
    """A 2D network that has learned from stills, and its accuracy on other stills."""
    torch.manual_seed(seed)
    network = SingleFrame(1 + still_label(11), MOMENTS, WIDTH)
    result = training.fit(network, train, test, epochs=STILL_EPOCHS, seed=seed)
    return network, result.test.accuracy


def video_network(
    seed: int, picture: SingleFrame | None = None, how: str = "mean", *, stride: int = 2
) -> SlowFusion:
    """Chapter 3's 3D network, from nothing or from a 2D network's weights."""
    torch.manual_seed(seed)
    network = SlowFusion(12, FRAMES, WIDTH)
    for convolution, *_ in network.backbone:
        convolution.stride = (stride, *convolution.stride[1:])
    if picture is not None:
        network.backbone.load_state_dict(inflated(picture.backbone.state_dict(), how))
    return network


def inflated(weights: dict[str, torch.Tensor], how: str) -> dict[str, torch.Tensor]:
    return {key: inflate(w, 3, how) if w.ndim == 4 else w for key, w in weights.items()}


class FlowNetwork(nn.Module):
    """The same 3D network for clips of flow ``(B, 2, T, H, W)``."""

    def __init__(self, seed: int, picture: SingleFrame | None = None) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.backbone, self.head = Backbone(nn.Conv3d, 2, WIDTH), nn.Linear(4 * WIDTH, 12)
        if picture is not None:
            weights = picture.backbone.state_dict()
            first = next(iter(weights))
            weights[first] = cross_modality_init(weights[first], 2)
            self.backbone.load_state_dict(inflated(weights, "mean"))

    def forward(self, flows: torch.Tensor) -> torch.Tensor:
        return self.head(self.backbone(flows).mean((2, 3, 4)))


def as_film(stack: torch.Tensor) -> torch.Tensor:
    return rearrange(stack, "(l d) h w -> d l h w", d=2)


def averaged(seen: evaluation.Evaluation, moved: evaluation.Evaluation) -> evaluation.Evaluation:
    """The mean of two streams' probabilities."""
    both = [torch.from_numpy(result.scores).softmax(1).numpy() for result in (seen, moved)]
    return replace(seen, scores=sum(both) / 2)


@dataclass
class Few:
    """A few clips of each class, the test clips, and how to learn from the few."""

    train: Labelled
    test: Labelled
    seed: int

    def fit(
        self, network: nn.Module, peak: float = PEAK, steps: int = STEPS
    ) -> evaluation.Evaluation:
        epochs = steps * BATCH // len(self.train)
        settings = {"epochs": epochs, "batch_size": BATCH, "max_lr": peak, "seed": self.seed}
        return training.fit(network, self.train, self.test, **settings).test

    def read_out(self, network: SlowFusion) -> evaluation.Evaluation:
        """Only a new head learns: what the features tell as they are."""
        features = Few(Features(network, self.train), Features(network, self.test), self.seed)
        torch.manual_seed(self.seed)
        return features.fit(nn.Linear(4 * WIDTH, 12), HEAD_PEAK)


def starts(
    picture: SingleFrame, few: Few, stride: int = 2
) -> Iterator[tuple[str, evaluation.Evaluation]]:
    """Every start, with what comes of it."""
    yield NOTHING, few.fit(video_network(few.seed, stride=stride))
    for how in INFLATIONS:
        yield how, few.fit(video_network(few.seed, picture, how, stride=stride))
        yield f"{how}, {FROZEN}", few.read_out(video_network(few.seed, picture, how, stride=stride))


def more_starts(
    number: int, picture: SingleFrame, few: Few
) -> Iterator[tuple[str, evaluation.Evaluation]]:
    """What is asked besides, where it is asked."""
    seed = few.seed
    yield f"{number}, lower peak: mean", few.fit(video_network(seed, picture), LOWER_PEAK)
    if number == KEEPS_TIME_AT:
        for name, result in starts(picture, few, stride=1):
            yield f"{number}, stride 1: {name}", result
    if number == LONGER_AT:
        for name in (NOTHING, "mean", "centre"):
            start = () if name == NOTHING else (picture, name)
            network = video_network(seed, *start)
            yield f"{number}, longer: {name}", few.fit(network, steps=LONGER * STEPS)


def two_streams(
    number: int, picture: SingleFrame, few: Few, colour: dict[str, evaluation.Evaluation]
) -> Iterator[tuple[str, evaluation.Evaluation]]:
    """A network that sees flow, and its fusion with one that sees colour and started alike."""
    clips = [Mapped(FlowClips(data, **FLOW), as_film) for data in (few.train, few.test)]
    for name, start in ((NOTHING, None), ("mean", picture)):
        moved = Few(*clips, few.seed).fit(FlowNetwork(few.seed, start))
        yield f"{number}, flow: {name}", moved
        yield f"{number}, both streams: {name}", averaged(colour[name], moved)
    # The chapter's own pair: colour learned from stills alone.
    yield f"{number}, flow and {FROZEN} colour", averaged(colour[f"mean, {FROZEN}"], moved)


def one_seed(
    seed: int, stills: list[Mapped], test: PuppetClips, results: ByCue, of_stills: Table
) -> None:
    picture, accuracy = picture_network(seed, *stills)
    of_stills.add("stills", accuracy)

    def keep(name: str, result: evaluation.Evaluation) -> None:
        results.keep(name, result)
        print(f"seed {seed}: {name} {result.accuracy:.3f}", flush=True)

    for number in PER_CLASS:
        few = Few(PuppetClips("train", 12 * number, size=SIZE, seed=seed), test, seed)
        colour = {}
        for name, colour[name] in starts(picture, few):
            keep(f"{number} per class: {name}", colour[name])
        for name, result in more_starts(number, picture, few):
            keep(name, result)
        if number in FLOW_AT:
            for name, result in two_streams(number, picture, few, colour):
                keep(name, result)


def compare(table: Table) -> None:
    print("\npaired differences: mean over seeds (lowest…highest)")
    for group in (*(f"{number} per class" for number in PER_CLASS), f"{KEEPS_TIME_AT}, stride 1"):
        for how in INFLATIONS:
            table.difference(f"{group}: {how}", f"{group}: {NOTHING}")
        table.difference(f"{group}: mean, {FROZEN}", f"{group}: {NOTHING}")
        table.difference(f"{group}: mean", f"{group}: mean, {FROZEN}")
        table.difference(f"{group}: centre", f"{group}: mean")
    for number in PER_CLASS:
        table.difference(f"{number}, lower peak: mean", f"{number} per class: {NOTHING}")
    for how in ("mean", "centre"):
        table.difference(f"{LONGER_AT}, longer: {how}", f"{LONGER_AT}, longer: {NOTHING}")
    for number in FLOW_AT:
        for streams in ("flow", "both streams"):
            table.difference(f"{number}, {streams}: mean", f"{number}, {streams}: {NOTHING}")
        table.difference(f"{number}, both streams: mean", f"{number} per class: mean")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    test = PuppetClips("test", 600, size=SIZE)
    stills = [
        Mapped(
            PuppetClips(split, number, num_frames=MOMENTS, size=SIZE, seed=STILL_SEED),
            lambda clip: clip,
            still_label,
        )
        for split, number in (("train", STILLS), ("test", 600))
    ]
    clip = torch.zeros(1, 3, FRAMES, SIZE, SIZE)
    for stride in (2, 1):
        macs = count_macs(video_network(0, stride=stride), clip)
        print(f"stride {stride} in time: {macs:,} multiply–adds a clip", flush=True)
    results, of_stills = ByCue(test.classes), Table("accuracy", ["seven classes"])
    for seed in range(seeds):
        one_seed(seed, stills, test, results, of_stills)
    of_stills.show()
    results.accuracies.show()
    compare(results.accuracies)
    results.pairs.show()


if __name__ == "__main__":
    main()
