"""Chapter 6's streams and fusions with the chapter's own settings, over several seeds.

The chapter asserts intervals around its one run. This says how far runs spread, and compares what
shares a seed: a row of differences is taken seed by seed. A seed sets the first weights and the
order of the clips; the clips themselves stay the same. The learned weight and the SVM are fitted
on held-out clips, which neither stream was trained on, unless a row says otherwise.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np
import torch
from by_cue import ByCue, Table
from einops import rearrange
from torch import nn
from torch.utils.data import Dataset

from lecturekit import evaluation, training
from lecturekit.data import FlowClips, Mapped
from lecturekit.evaluation import Evaluation
from lecturekit.models.two_stream import (
    TINY,
    OneFrame,
    Stream,
    StreamConfig,
    cross_modality_init,
)
from lecturekit.puppets import PuppetClips

# The chapter's settings on a CPU.
SIZE, EPOCHS, NUM_FLOWS = 32, 6, 15
FLOW = {"winsize": 7, "bound_px": 1.0}
PAIR = ("hold a balloon", "hold an umbrella")
SPEED_CLIPS = {"train": 900, "test": 400}
# The same stream, but each place of its last map has a weight of its own.
NO_AVERAGE = replace(TINY, size=SIZE)
COMPARED = (
    ("spatial, all frames", "spatial"),
    ("average", "temporal"),
    ("average of two temporal", "temporal"),
    ("average of scores", "average"),
    ("learned weight", "average"),
    ("SVM, held out", "average"),
    ("SVM, training", "SVM, held out"),
    ("temporal, keep", "temporal"),
    ("temporal, mean", "temporal"),
    ("temporal, mean", "temporal, keep"),
    ("no average, mean", "no average, median"),
    ("from colour, half", "temporal, half"),
    ("from colour", "temporal"),
)


def mean_speed(stack: torch.Tensor) -> torch.Tensor:
    """A clip as one picture: how fast every pixel of a stack moves, averaged over the clip."""
    vectors = rearrange(stack, "(l d) h w -> l d h w", d=2)
    return torch.linalg.norm(vectors, dim=1).mean(0, keepdim=True)


def probabilities(result: Evaluation) -> np.ndarray:
    return torch.from_numpy(result.scores).softmax(1).numpy()


def fused(seen: Evaluation, moved: Evaluation, weight: float = 0.5) -> Evaluation:
    mean = (1 - weight) * probabilities(seen) + weight * probabilities(moved)
    return replace(seen, scores=mean)


def features(seen: Evaluation, moved: Evaluation) -> torch.Tensor:
    parts = [probabilities(result) for result in (seen, moved)]
    unit = [p / np.linalg.norm(p, axis=1, keepdims=True) for p in parts]
    return torch.from_numpy(np.concatenate(unit, 1)).float()


def svm(x: torch.Tensor, labels: np.ndarray, cost: float = 10.0, steps: int = 300) -> nn.Linear:
    """Crammer and Singer's multi-class linear SVM."""
    true = nn.functional.one_hot(torch.from_numpy(labels)).float()
    linear = nn.Linear(x.shape[1], true.shape[1])
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    optimizer = torch.optim.Adam(linear.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        scores = linear(x)
        hinge = (scores + 1 - true).amax(1) - (scores * true).sum(1)
        loss = hinge.mean() + linear.weight.square().sum() / (2 * cost * len(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return linear


def by_svm(fitted_on: tuple, asked: tuple) -> Evaluation:
    linear = svm(features(*fitted_on), fitted_on[0].labels)
    return replace(asked[0], scores=linear(features(*asked)).detach().numpy())


def many_frames(spatial: OneFrame, clips: PuppetClips) -> Evaluation:
    """The spatial stream shown every frame of a clip, its probabilities averaged."""
    spatial.eval()
    stacked = torch.stack([clips[i][0] for i in range(len(clips))])
    with torch.inference_mode():
        frames = [spatial.stream(frame).softmax(1) for frame in stacked.unbind(2)]
    scores = torch.stack(frames).mean(0).numpy()
    return Evaluation(scores, np.asarray(clips.labels), clips.classes, dict(clips.groups))


@dataclass
class Data:
    """The chapter's clips, made once for all seeds."""

    train: PuppetClips
    held: PuppetClips
    test: PuppetClips
    flow: dict[str, list[FlowClips]]  # by what is subtracted: training clips, test clips
    flow_held: FlowClips
    speed: list[Mapped]  # of the two classes that differ in what is held

    @classmethod
    def make(cls) -> "Data":
        train, test = PuppetClips("train", 1620, size=SIZE), PuppetClips("test", 600, size=SIZE)
        held = PuppetClips("train", 480, size=SIZE, seed=1)
        flow = {
            camera: [FlowClips(clips, camera=camera, **FLOW) for clips in (train, test)]
            for camera in ("median", "mean", "keep")
        }
        few = [PuppetClips(part, n, size=SIZE, classes=PAIR) for part, n in SPEED_CLIPS.items()]
        speed = [Mapped(FlowClips(clips, **FLOW), mean_speed) for clips in few]
        return cls(train, held, test, flow, FlowClips(held, **FLOW), speed)


def fit(
    model: nn.Module, data: list[Dataset], seed: int, epochs: int = EPOCHS
) -> tuple[nn.Module, Evaluation]:
    return model, training.fit(model, *data, epochs=epochs, seed=seed).test


def stream(seed: int, channels: int = 2 * NUM_FLOWS, config: StreamConfig = TINY) -> Stream:
    torch.manual_seed(seed)
    return Stream(config, channels, 2 if channels == 1 else 12)


def from_colour(spatial: Stream) -> Stream:
    """A temporal stream that starts from a spatial one's weights."""
    network = stream(0)
    weights = spatial.state_dict()
    first = weights["features.0.weight"]
    network.load_state_dict(
        {**weights, "features.0.weight": cross_modality_init(first, 2 * NUM_FLOWS)}
    )
    return network


def together(a: Evaluation, b: Evaluation) -> tuple[float, float, float]:
    """Shares of clips: one of both right; both wrong; both wrong if they erred independently."""
    wrong = [result.scores.argmax(1) != result.labels for result in (a, b)]
    both = (wrong[0] & wrong[1]).mean()
    return 1 - both, both, wrong[0].mean() * wrong[1].mean()


def run(seed: int, data: Data, results: ByCue, counts: Table) -> None:
    """Train and fuse everything with one seed."""
    median = data.flow["median"]
    spatial, seen = fit(OneFrame(stream(seed, 3)), [data.train, data.test], seed)
    temporal, moved = fit(stream(seed), median, seed)
    results.keep("spatial", seen)
    results.keep("spatial, all frames", many_frames(spatial, data.test))
    results.keep("temporal", moved)
    for camera in ("mean", "keep"):
        results.keep(f"temporal, {camera}", fit(stream(seed), data.flow[camera], seed)[1])
    for camera in ("median", "mean"):
        network = stream(seed, config=NO_AVERAGE)
        results.keep(f"no average, {camera}", fit(network, data.flow[camera], seed)[1])
    half = EPOCHS // 2
    results.keep("temporal, half", fit(stream(seed), median, seed, half)[1])
    results.keep("from colour, half", fit(from_colour(spatial.stream), median, seed, half)[1])
    results.keep("from colour", fit(from_colour(spatial.stream), median, seed)[1])

    other = fit(stream(100 + seed), median, 100 + seed)[1]
    results.keep("average", fused(seen, moved))
    results.keep("average of two temporal", fused(moved, other))
    results.keep("average of scores", replace(seen, scores=seen.scores + moved.scores))
    held = evaluation.evaluate(spatial, data.held), evaluation.evaluate(temporal, data.flow_held)
    known = evaluation.evaluate(spatial, data.train), evaluation.evaluate(temporal, median[0])
    best = max(np.linspace(0, 1, 21), key=lambda weight: fused(*held, weight).accuracy)
    results.keep("learned weight", fused(seen, moved, best))
    results.keep("SVM, held out", by_svm(held, (seen, moved)))
    results.keep("SVM, training", by_svm(known, (seen, moved)))
    counts.add("spatial and temporal", *together(seen, moved))
    counts.add("two temporal", *together(moved, other))
    counts.add("training accuracy", known[0].accuracy, known[1].accuracy, best)
    counts.add("mean speed alone", fit(stream(seed, 1), data.speed, seed, 2 * EPOCHS)[1].accuracy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    data = Data.make()
    results = ByCue(data.test.classes, digits=3)
    counts = Table(
        "shares; accuracies in training",
        ("one right", "both wrong", "both, if independent"),
        digits=3,
    )
    for seed in range(seeds):
        run(seed, data, results, counts)
        print(f"seed {seed} done", flush=True)
    results.accuracies.show()
    print("\npaired differences: mean over seeds (lowest…highest)")
    for name, other in COMPARED:
        results.accuracies.difference(name, other)
    counts.show()
    print("(of training accuracy: spatial, temporal, and the weight learned)")


if __name__ == "__main__":
    main()
