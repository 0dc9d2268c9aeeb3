"""Clips per second of a data loader with 0, 1 and 2 workers: lecturekit's, a floor, pytorchvideo's.

    python benchmarks/loading.py [--clips 16] [--repeats 7] [--films bikes …] [--seed 0]

A clip is 8 frames, stride 4, from a random place of a real film, as float32 in 0 … 1; an epoch is
so many of each film, in batches of 4. All have workers that live on and take turns epoch by epoch,
so that what disturbs a busy machine disturbs all. The best of the repeats counts, which it disturbs
least; beside it stands the median, with the extremes, of the ratios of epochs side by side. The
first epoch of each, in which workers start and films are scanned, is shown apart.

The floor is what a loader of this kind cannot be faster than by much: it was told the frames, and
PyAV opens the film, seeks to the keyframe before, decodes, and keeps those frames. It checks
nothing and knows films of constant rate only. Its frames are compared with lecturekit's first.
pytorchvideo reads a clip of as many seconds from a place of its own choice and keeps every fourth
frame. It is reported as missing where it is not installed; `pip install pytorchvideo torchvision`
brings it. torchvision itself has read no films since its release 0.26.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from importlib.metadata import version
from typing import Any

import av
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info

from lecturekit import assets, video
from lecturekit.datasets import ClipDataset, ClipLoader, RandomClip, Record, unit_clip

CLIP_FRAMES, STRIDE, BATCH = 8, 4, 4
ALLOWED_RATIO = 1.1

Epochs = Callable[[int], Iterable[Any]]
"""From the number of an epoch to its batches."""


class Kept:
    """A sampler that keeps what it drew, to tell the floor."""

    def __init__(self) -> None:
        self.indices = np.empty(0, np.int64)

    def __call__(self, video_frames: int, generator: np.random.Generator) -> np.ndarray:
        self.indices = RandomClip(CLIP_FRAMES, STRIDE)(video_frames, generator)
        return self.indices


class Floor(Dataset):
    """The clips of a `ClipDataset` in one epoch, frames told beforehand, by plain PyAV."""

    def __init__(self, plan: list[tuple[str, list[int]]]) -> None:
        self._plan = plan

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return unit_clip(read_pyav(*self._plan[index])), 0


def read_pyav(path: str, indices: list[int]) -> np.ndarray:
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        # A worker for each core: more threads would only fight.
        stream.thread_count = 1 if get_worker_info() else 0
        ticks = 1 / (stream.average_rate * stream.time_base)
        wanted = {round(k * ticks) for k in indices}
        container.seek(round(indices[0] * ticks), stream=stream)
        frames = []
        for frame in container.decode(stream):
            if frame.pts in wanted:
                frames.append(frame.to_ndarray(format="rgb24"))
                if len(frames) == len(indices):
                    break
        return np.stack(frames)


def plan_of(records: list[Record], seed: int) -> list[tuple[str, list[int]]]:
    """The frames that lecturekit reads in epoch 0, after the floor's were compared with them."""
    sampler = Kept()
    dataset = ClipDataset(records, sampler, torch.from_numpy, seed=seed)
    plan = []
    for index, record in enumerate(records):
        frames = dataset[index][0].numpy()
        plan.append((str(record.path), sampler.indices.tolist()))
        if not np.array_equal(read_pyav(*plan[-1]), frames):
            raise SystemExit(f"{record.path}: PyAV's frames differ from lecturekit's")
    return plan


def pytorchvideo_epochs(records: list[Record], workers: int) -> Epochs:
    """pytorchvideo's own data set, as its tutorials use it."""
    from pytorchvideo.data import LabeledVideoDataset, make_clip_sampler

    fps = {video.timing(record.path).fps for record in records}
    sampler = make_clip_sampler("random", Fraction(CLIP_FRAMES * STRIDE) / Fraction(fps.pop()))
    dataset = LabeledVideoDataset(
        [(str(record.path), {"label": 0}) for record in records],
        sampler,
        transform=lambda clip: (clip["video"][:, ::STRIDE][:, :CLIP_FRAMES] / 255, clip["label"]),
        decode_audio=False,
    )
    loader = DataLoader(dataset, BATCH, num_workers=workers, persistent_workers=workers > 0)
    return lambda number: loader


def contestants(
    records: list[Record], plan: list[tuple[str, list[int]]], workers: int, seed: int
) -> dict[str, Epochs]:
    floor = DataLoader(Floor(plan), BATCH, num_workers=workers, persistent_workers=workers > 0)
    dataset = ClipDataset(records, RandomClip(CLIP_FRAMES, STRIDE), seed=seed)
    loader = ClipLoader(dataset, BATCH, num_workers=workers)
    epochs: dict[str, Epochs] = {
        # Epoch 0 each time: the frames that the floor was told.
        "lecturekit": lambda number: loader.epoch(0),
        "PyAV, the floor": lambda number: floor,
    }
    try:
        epochs[f"pytorchvideo {version('pytorchvideo')}"] = pytorchvideo_epochs(records, workers)
    except ImportError as error:
        print(f"missing: pytorchvideo ({error})")
    return epochs


def seconds(batches: Iterable[Any], num_clips: int) -> float:
    """The time of an epoch, all of whose clips came."""
    start_sec = time.perf_counter()
    came = sum(len(clips) for clips, _ in batches)
    if came != num_clips:
        raise SystemExit(f"expected {num_clips} clips, got {came}")
    return time.perf_counter() - start_sec


def measure(film: str, workers: int, num_clips: int, repeats: int, seed: int) -> float:
    """Print the rows of a film and number of workers; return lecturekit's time over the floor's."""
    records = [Record(assets.path(film), 0)] * num_clips
    epochs = contestants(records, plan_of(records, seed), workers, seed)
    first_sec = {name: seconds(epoch(0), num_clips) for name, epoch in epochs.items()}
    taken_sec: dict[str, list[float]] = {name: [] for name in epochs}
    for order in turns(list(epochs), repeats):
        for name in order:
            taken_sec[name].append(seconds(epochs[name](0), num_clips))
    floor_sec = np.array(taken_sec["PyAV, the floor"])
    for name, taken in taken_sec.items():
        ratios = np.array(taken) / floor_sec
        print(
            f"{film:13} {workers:7} {name:20} {num_clips / min(taken):8.1f} "
            f"{num_clips / first_sec[name]:8.1f} {min(taken) / floor_sec.min():9.2f}x "
            f"{np.median(ratios):8.2f}x ({ratios.min():.2f} to {ratios.max():.2f})"
        )
    return float(min(taken_sec["lecturekit"]) / floor_sec.min())


def turns(names: list[str], repeats: int) -> Iterator[list[str]]:
    """Another one begins each time."""
    for repeat in range(repeats):
        at = repeat % len(names)
        yield names[at:] + names[:at]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", type=int, default=16, help="clips of a film in an epoch")
    parser.add_argument("--repeats", type=int, default=7, help="epochs of each that are timed")
    parser.add_argument("--films", nargs="+", default=["bikes", "bigbuckbunny", "carphone"])
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, "
        f"torch {torch.__version__}, PyAV {av.__version__}; {args.clips} clips an epoch, "
        f"{args.repeats} epochs"
    )
    print(f"{'':13} {'':7} {'':20} {'clips per second':>17} {'time over the floor':>20}")
    columns = f"{'best':>8} {'first':>8} {'best':>10} {'median (extremes)':>10}"
    print(f"{'film':13} {'workers':7} {'loader':20} {columns}")
    ratios = {
        (film, workers): measure(film, workers, args.clips, args.repeats, args.seed)
        for film in args.films
        for workers in (0, 1, 2)
    }
    print()
    for (film, workers), ratio in ratios.items():
        verdict = "within" if ratio <= ALLOWED_RATIO else "OUTSIDE"
        print(f"{film:13} {workers} workers {ratio:.2f}x the floor: {verdict} {ALLOWED_RATIO}x")


if __name__ == "__main__":
    main()
