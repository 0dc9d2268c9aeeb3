"""Chapter 6's streams and fusions on the puppet world, over several seeds: accuracy by cue.

The chapter asserts intervals around its one run; this says how far the runs spread. The learned
weight and the SVM are fitted on clips that neither stream was trained on.
"""

import argparse
import time
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from lecturekit import training
from lecturekit.flow.clips import FlowClips
from lecturekit.models.two_stream import TINY, OneFrame, Stream, cross_modality_init
from lecturekit.puppets import CUES, PuppetClips
from lecturekit.training import Evaluation


def probabilities(evaluation: Evaluation) -> np.ndarray:
    return torch.from_numpy(evaluation.scores).softmax(1).numpy()


def fused(seen: Evaluation, moved: Evaluation, weight: float = 0.5) -> Evaluation:
    mean = (1 - weight) * probabilities(seen) + weight * probabilities(moved)
    return replace(seen, scores=mean)


def features(seen: Evaluation, moved: Evaluation) -> torch.Tensor:
    parts = [probabilities(e) for e in (seen, moved)]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=1620)
    parser.add_argument("--test-clips", type=int, default=600)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--winsize", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    train = PuppetClips("train", options.clips, size=options.size)
    held = PuppetClips("train", 480, size=options.size, seed=1)
    test = PuppetClips("test", options.test_clips, size=options.size)
    settings = {"winsize": options.winsize, "bound_px": options.size / 32}
    start = time.perf_counter()
    flows = [FlowClips(clips, **settings) for clips in (train, held, test)]
    fields = 15 * sum(map(len, flows))
    print(f"{fields / (time.perf_counter() - start):.0f} flow fields/s")
    by_camera = {
        f"temporal, {camera}": [FlowClips(c, camera=camera, **settings) for c in (train, test)]
        for camera in ("mean", "keep")
    }
    rows: dict[str, list[list[float]]] = {}
    seconds: dict[str, list[float]] = {}

    def keep(name: str, result: Evaluation) -> None:
        rows.setdefault(name, []).append([result.accuracy, *result.per_cue.values()])

    def fit(name: str, model: nn.Module, data: list, seed: int) -> Evaluation:
        result = training.fit(model, *data, epochs=options.epochs, seed=seed)
        keep(name, result.test)
        seconds.setdefault(name, []).append(result.seconds)
        return result.test

    def temporal_stream(seed: int) -> Stream:
        torch.manual_seed(seed)
        return Stream(TINY, 30, 12)

    oracles = []
    for seed in range(options.seeds):
        torch.manual_seed(seed)
        spatial = OneFrame(Stream(TINY, 3, 12))
        seen = fit("spatial", spatial, [train, test], seed)
        temporal = temporal_stream(seed)
        moved = fit("temporal, median", temporal, [flows[0], flows[2]], seed)
        for name, data in by_camera.items():
            fit(name, temporal_stream(seed), data, seed)
        started = temporal_stream(seed)
        weights = spatial.stream.state_dict()
        weights["features.0.weight"] = cross_modality_init(weights["features.0.weight"], 30)
        started.load_state_dict(weights)
        fit("cross-modality start", started, [flows[0], flows[2]], seed)
        keep("average", fused(seen, moved))
        keep("average of scores", replace(seen, scores=seen.scores + moved.scores))
        held_seen, held_moved = (
            training.evaluate(spatial, held),
            training.evaluate(temporal, flows[1]),
        )
        best = max(np.linspace(0, 1, 21), key=lambda w: fused(held_seen, held_moved, w).accuracy)
        keep("learned weight", fused(seen, moved, best))
        linear = svm(features(held_seen, held_moved), held_seen.labels)
        keep("SVM", replace(seen, scores=linear(features(seen, moved)).detach().numpy()))
        right = [e.scores.argmax(1) == e.labels for e in (seen, moved)]
        oracles.append((right[0] | right[1]).mean())
    print(f"{'':22s} {'all':>16s} " + " ".join(f"{cue:>14s}" for cue in CUES) + "  seconds")
    for name, runs in rows.items():
        low, mean, high = np.min(runs, 0), np.mean(runs, 0), np.max(runs, 0)
        cells = [f"{m:.2f} {a:.2f}…{b:.2f}" for a, m, b in zip(low, mean, high, strict=True)]
        cells[0] = (
            f"{mean[0]:.3f} ± {np.std(runs, 0, ddof=1)[0]:.3f}" if len(runs) > 1 else cells[0]
        )
        taken = f"{np.mean(seconds[name]):7.1f}" if name in seconds else ""
        print(f"{name:22s} {cells[0]:>16s} {' '.join(f'{c:>14s}' for c in cells[1:])}  {taken}")
    low, mean, high = np.min(oracles), np.mean(oracles), np.max(oracles)
    print(f"{'oracle':22s} {mean:.3f} {low:.3f}…{high:.3f}")


if __name__ == "__main__":
    main()
