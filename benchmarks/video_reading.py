"""Time to read a random clip of 8 frames, stride 4, of the real films: lecturekit and its peers.

    python benchmarks/video_reading.py [--clips 12] [--repeats 7] [--seed 0]

Each read opens the film, decodes the clip and ends with a uint8 RGB array (8, H, W, 3). All readers
read the same clips in one run, taking turns; the time of a clip is the best of its repeats, which
is what a busy machine disturbs least, and the table gives the mean over clips, beside the mean CPU
time of all threads. Before that, each reader's pixels are compared with plain decoding from the
first frame. A peer that is not installed is reported as missing; `pip install decord torchcodec`
brings them (torchcodec also needs FFmpeg's shared libraries and a torch that it was built for).
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version

import av
import cv2
import numpy as np

from lecturekit import assets, video
from lecturekit.video import index

FILMS = ("bikes", "bigbuckbunny", "carphone")
CLIP_FRAMES, STRIDE = 8, 4
ALLOWED_RATIO = 1.1

Reader = Callable[[str, list[int]], np.ndarray]


def read_lecturekit(path: str, indices: list[int]) -> np.ndarray:
    return video.read_frames(path, indices)


def read_lecturekit_first_time(path: str, indices: list[int]) -> np.ndarray:
    index.scan.cache_clear()
    return video.read_frames(path, indices)


def read_opencv(path: str, indices: list[int]) -> np.ndarray:
    capture = cv2.VideoCapture(path)
    capture.set(cv2.CAP_PROP_POS_FRAMES, indices[0])
    frames, wanted = [], set(indices)
    for k in range(indices[0], indices[-1] + 1):
        capture.grab()
        if k in wanted:
            frames.append(cv2.cvtColor(capture.retrieve()[1], cv2.COLOR_BGR2RGB))
    capture.release()
    return np.stack(frames)


def read_pyav(path: str, indices: list[int]) -> np.ndarray:
    """What PyAV's own recipes do: seek by the nominal rate, keep frames by their time."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
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


def peers() -> tuple[dict[str, Reader], list[str]]:
    """Readers to compare with, by name, and the names of those that cannot be imported."""
    readers: dict[str, Reader] = {
        f"OpenCV {cv2.__version__}": read_opencv,
        f"PyAV {av.__version__}": read_pyav,
    }
    missing = []
    try:
        import decord

        readers[f"decord {version('decord')}"] = lambda path, indices: (
            decord.VideoReader(path).get_batch(indices).asnumpy()
        )
    except (ImportError, OSError, RuntimeError) as error:
        missing.append(f"decord ({type(error).__name__})")
    try:
        from torchcodec.decoders import VideoDecoder

        for name, options in {
            "": {},
            " approximate, all threads": {"seek_mode": "approximate", "num_ffmpeg_threads": 0},
        }.items():
            readers[f"torchcodec {version('torchcodec')}{name}"] = (
                lambda path, indices, options=options: (
                    VideoDecoder(path, dimension_order="NHWC", **options)
                    .get_frames_at(indices)
                    .data.numpy()
                )
            )
    except (ImportError, OSError, RuntimeError) as error:
        missing.append(f"torchcodec ({type(error).__name__})")
    return readers, missing


def plain_decoding(path: str) -> np.ndarray:
    with av.open(path) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


def pixel_report(reader: Reader, path: str, clips: list[list[int]], film: np.ndarray) -> str:
    worst = 0
    for indices in clips:
        clip = reader(path, indices)
        if clip.shape != film[indices].shape:
            return f"shape {clip.shape}"
        worst = max(worst, int(cv2.absdiff(clip, film[indices]).max()))
    return "same" if worst == 0 else f"off by up to {worst}"


def timed(reader: Reader, path: str, indices: list[int]) -> tuple[float, float]:
    """Wall and CPU seconds of one read."""
    start_sec, start_cpu_sec = time.perf_counter(), time.process_time()
    reader(path, indices)
    return time.perf_counter() - start_sec, time.process_time() - start_cpu_sec


def measure(
    film_name: str, readers: dict[str, Reader], num_clips: int, repeats: int, seed: int
) -> float:
    """Print the table of one film; return lecturekit's time over the fastest peer's."""
    path = str(assets.path(film_name))
    film = plain_decoding(path)
    last_start = len(film) - 1 - (CLIP_FRAMES - 1) * STRIDE
    starts = np.random.default_rng(seed).integers(0, last_start, num_clips, endpoint=True)
    clips = [(int(start) + np.arange(CLIP_FRAMES) * STRIDE).tolist() for start in starts]
    pixels = {name: pixel_report(reader, path, clips, film) for name, reader in readers.items()}
    best_sec = {name: np.full((num_clips, 2), np.inf) for name in readers}
    order = list(readers)
    for _ in range(repeats):
        for clip, indices in enumerate(clips):
            order.append(order.pop(0))
            for name in order:
                seconds = timed(readers[name], path, indices)
                best_sec[name][clip] = np.minimum(best_sec[name][clip], seconds)
    mean_sec = {name: seconds.mean(axis=0) for name, seconds in best_sec.items()}
    fastest_sec = min(sec[0] for name, sec in mean_sec.items() if not name.startswith("lecturekit"))
    print(f"\n{film_name}: {film.shape[0]} frames of {film.shape[2]}x{film.shape[1]}")
    print(f"{'reader':45} {'ms':>7} {'CPU ms':>7} {'to fastest peer':>16}  pixels")
    for name, (sec, cpu_sec) in sorted(mean_sec.items(), key=lambda item: item[1][0]):
        print(
            f"{name:45} {sec * 1e3:7.1f} {cpu_sec * 1e3:7.1f} {sec / fastest_sec:15.2f}x"
            f"  {pixels[name]}"
        )
    return mean_sec["lecturekit"][0] / fastest_sec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", type=int, default=12, help="clips per film")
    parser.add_argument("--repeats", type=int, default=7, help="reads of each clip by each reader")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    others, missing = peers()
    readers = {
        "lecturekit": read_lecturekit,
        "lecturekit, film never seen before": read_lecturekit_first_time,
        **others,
    }
    print(
        f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, ", end=""
    )
    print(f"best of {args.repeats} reads of each of {args.clips} clips per film")
    print(f"missing: {', '.join(missing) or 'none'}")
    ratios = {n: measure(n, readers, args.clips, args.repeats, args.seed) for n in FILMS}
    print()
    for name, ratio in ratios.items():
        verdict = "within" if ratio <= ALLOWED_RATIO else "OUTSIDE"
        print(f"{name:15} {ratio:.2f}x the fastest peer: {verdict} {ALLOWED_RATIO}x")


if __name__ == "__main__":
    main()
