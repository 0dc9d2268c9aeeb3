"""Throughput of ``python -m lecturekit.extraction flow`` on the real films, one worker and two.

    python benchmarks/flow_extraction.py [--repeats 3]

A run is timed from the command to its end: start-up, decoding, flow, writing, forcing to the disk.
Its peer is what one would write by hand: the same films read and resized alike, OpenCV's flow in a
loop, nothing written; on one thread, and on as many as OpenCV takes. All take turns; the best of
the repeats counts, which is what a busy machine disturbs least. Then what the files weigh, and the
time to read ten neighbouring fields from a random place in each.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from lecturekit import assets, video
from lecturekit.extraction import read_extracted, read_record

FILMS = ("bikes", "bigbuckbunny", "carphone")
HEIGHT = 256


def extract(films: Path, num_workers: int) -> None:
    """One run of the command, into a folder of its own."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "lecturekit.extraction", "flow", films, out]
        command += ["--height", str(HEIGHT), "--workers", str(num_workers)]
        subprocess.run(command, check=True, capture_output=True)


def loop(films: Path, num_threads: int) -> None:
    """OpenCV's flow of each film, thrown away."""
    cv2.setNumThreads(num_threads)
    for path in sorted(films.iterdir()):
        info = video.probe(path)
        scale = min(1, HEIGHT / min(info.height, info.width))
        size = round(info.height * scale), round(info.width * scale)
        frames = video.read_frames(path, size=size)
        previous = cv2.cvtColor(frames[0], cv2.COLOR_RGB2GRAY)
        for frame in frames[1:]:
            grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
            cv2.calcOpticalFlowFarneback(previous, grey, None, 0.5, 3, 15, 3, 5, 1.1, 0)
            previous = grey


def seconds(work: Callable[[], None]) -> np.ndarray:
    """By the clock, and of all cores together: (wall, CPU)."""
    start_sec, before = time.perf_counter(), os.times()
    work()
    return np.array([time.perf_counter() - start_sec, sum(os.times()[:4]) - sum(before[:4])])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, OpenCV {cv2.__version__}, ", end="")
    print(f"shorter side at most {HEIGHT} px, best of {repeats}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        films, out = Path(folder) / "films", Path(folder) / "flow"
        films.mkdir()
        for name in FILMS:
            (films / f"{name}.mp4").symlink_to(assets.path(name))
        num_fields = sum(video.probe(path).num_frames - 1 for path in films.iterdir())
        runs = {
            "lecturekit.extraction, one worker": lambda: extract(films, 1),
            "lecturekit.extraction, two workers": lambda: extract(films, 2),
            "OpenCV in a loop, one thread": lambda: loop(films, 1),
            "OpenCV in a loop, its own threads": lambda: loop(films, -1),
        }
        best_sec = dict.fromkeys(runs, np.array([np.inf, np.inf]))
        for _ in range(repeats):
            for name, work in runs.items():
                best_sec[name] = np.minimum(best_sec[name], seconds(work))
        print(f"\n{num_fields} fields of {len(FILMS)} films")
        for name, (sec, cpu_sec) in best_sec.items():
            each = cpu_sec / num_fields * 1e3
            print(f"{name:36} {num_fields / sec:6.1f} frames/s, {each:5.1f} ms of CPU per frame")

        subprocess.run(
            [sys.executable, "-m", "lecturekit.extraction", "flow", films, out],
            check=True,
            capture_output=True,
        )
        random = np.random.default_rng(0)
        print(
            f"\n{'film':14} {'size':>9} {'MB':>6} {'of raw':>7} {'ten fields':>11} {'cut off':>8}"
        )
        for path in sorted(out.iterdir()):
            record = read_record(path)
            raw = record.num_fields * record.height_px * record.width_px * 2
            starts = random.integers(0, record.num_fields - 10, 10)
            reads = [
                min(
                    seconds(lambda p=path, s=s: read_extracted(p, range(s, s + 10)))[0]
                    for _ in range(3)
                )
                for s in starts
            ]
            print(
                f"{path.name.partition('.')[0]:14} {record.width_px:>5}x{record.height_px} "
                f"{path.stat().st_size / 1e6:6.1f} {path.stat().st_size / raw:7.2f} "
                f"{np.mean(reads) * 1e3:8.1f} ms {record.clipped_share:8.2%}"
            )


if __name__ == "__main__":
    main()
