"""End-point error and time of several methods on real frames moved by known fields.

The chapter asserts bounds around a few of these; this says what they are.
"""

import argparse
import time
from collections.abc import Callable

import cv2
import numpy as np

from lecturekit import assets, video
from lecturekit.flow import (
    GroundTruth,
    angular_error,
    endpoint_error,
    farneback,
    farneback_from_scratch,
    horn_schunck,
    lucas_kanade,
    moving_layer,
    rotation,
    shear,
    translation,
    zoom,
)


def dis(preset: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """OpenCV's dense inverse search (Kroeger et al. 2016) with one of its presets."""

    def run(prev: np.ndarray, next: np.ndarray) -> np.ndarray:
        pair = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (prev, next)]
        return cv2.DISOpticalFlow_create(preset).calc(*pair, None)

    return run


METHODS = {
    "Farnebäck": farneback,
    "from scratch": farneback_from_scratch,
    "Lucas-Kanade": lucas_kanade,
    "Horn-Schunck": horn_schunck,
    "DIS fast": dis(cv2.DISOPTICAL_FLOW_PRESET_FAST),
    "DIS medium": dis(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM),
}
KINDS: dict[str, Callable[[np.ndarray], GroundTruth]] = {
    "translation (2.3, -1.6)": lambda frame: translation(frame, 2.3, -1.6),
    "translation (11.5, 6.2)": lambda frame: translation(frame, 11.5, 6.2),
    "rotation by 2 degrees": lambda frame: rotation(frame, 2),
    "zoom by 1.03": lambda frame: zoom(frame, 1.03),
    "shear by 0.03": lambda frame: shear(frame, 0.03),
    "moving layer (4.5, 1.5)": lambda frame: moving_layer(frame, 4.5, 1.5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", choices=list(assets.FILMS), default="bikes")
    parser.add_argument("--frames", type=int, nargs="+", default=[60, 110, 165, 220])
    parser.add_argument("--runs", type=int, default=5, help="timed runs; the fastest counts")
    parser.add_argument("--threads", type=int, default=1, help="OpenCV's")
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    frames = video.read_frames(assets.path(options.film), options.frames)
    print(f"{options.film}, frames {options.frames}: mean end-point error in px (angle in degrees)")
    print(f"{'ground truth':24s} {'no motion':>10s}" + "".join(f"{name:>17s}" for name in METHODS))
    for kind, make in KINDS.items():
        rows = [_errors(make(frame)) for frame in frames]
        still, *cells = np.mean(rows, 0)
        print(
            f"{kind:24s} {still[0]:10.3f}" + "".join(f"{e:9.3f} ({a:5.2f})" for e, a in cells),
            flush=True,
        )
    pair = video.read_frames(assets.path(options.film), [options.frames[0], options.frames[0] + 1])
    print(f"\nseconds for {pair.shape[2]} x {pair.shape[1]}, fastest of {options.runs}")
    seconds = {name: _seconds(method, pair, options.runs) for name, method in METHODS.items()}
    for name, value in seconds.items():
        print(f"{name:24s} {value:7.3f}  {value / seconds['Farnebäck']:5.1f} x OpenCV's Farnebäck")


def _errors(truth: GroundTruth) -> list[tuple[float, float]]:
    """End-point and angular error, of no motion and of each method."""
    found = [method(truth.prev, truth.next) for method in METHODS.values()]
    return [
        (endpoint_error(f, truth.flow, truth.valid), angular_error(f, truth.flow, truth.valid))
        for f in [np.zeros_like(truth.flow), *found]
    ]


def _seconds(method: Callable, pair: np.ndarray, runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        method(*pair)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
