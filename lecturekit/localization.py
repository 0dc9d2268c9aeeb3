"""From scores in time to segments: what temporal localization does after its network.

A network gives scores at moments of a film: one row of scores for each sliding window, or for
each place in time of its features. What stands here is the rest: when a window's scores hold,
which neighbouring moments make one segment, and which of several segments stays.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lecturekit import checks, metrics

STAMPS = ("start", "centre", "end")
"""Where in a window its scores can be written down; only the centre is right."""


class Detection(NamedTuple):
    """One answer: what, the half-open interval in seconds, and how sure."""

    label: int
    start_sec: float
    stop_sec: float
    score: float


def stamp_times(
    num_windows: int, window_frames: int, stride_frames: int, fps: float, stamp: str = "centre"
) -> np.ndarray:
    """The moments at which sliding windows' scores are written down.

    A window says what happens in all of its frames, so that its scores belong to its centre. The
    start, which is the place of a window in a loop, is half a window early.

    Args:
        num_windows: N; window k has the frames from k·stride on.
        window_frames: frames in a window.
        stride_frames: frames from one window's start to the next one's.
        fps: frames per second.
        stamp: "start", "centre" or "end".

    Returns:
        ``(N,)``, in seconds from the film's start.

    >>> stamp_times(3, window_frames=16, stride_frames=4, fps=8)
    array([1. , 1.5, 2. ])
    """
    checks.integer("num_windows", num_windows, 0)
    checks.integer("window_frames", window_frames, 1)
    checks.integer("stride_frames", stride_frames, 1)
    checks.number("fps", fps, above=0)
    checks.one_of("stamp", stamp, STAMPS)
    inside = {"start": 0, "centre": window_frames / 2, "end": window_frames}[stamp]
    return (np.arange(num_windows) * stride_frames + inside) / fps


def segments_from_scores(
    scores: np.ndarray,
    times_sec: np.ndarray,
    threshold: float,
    *,
    step_sec: float,
    duration_sec: float,
    width_sec: float | None = None,
) -> list[Detection]:
    """Segments of each class, from its scores in time.

    Args:
        scores: ``(N, K)``, a row for each moment.
        times_sec: ``(N,)``, the moments, rising.
        threshold: a moment counts for a class whose score is at least this.
        step_sec: from one moment to the next.
        duration_sec: of the film; no segment passes its ends.
        width_sec: None joins neighbouring moments that count into one segment, which reaches half
            a step beyond its first and last and has their mean score. A number makes of each
            moment a segment of its own, so wide and centred on it; they overlap: see
            :func:`suppress`.

    Returns:
        Class by class, in order of time.

    Raises:
        ValueError: the shapes do not fit, or a number is out of range.

    >>> scores = np.array([[0.1], [0.9], [0.7], [0.2], [0.8]])
    >>> found = segments_from_scores(scores, np.arange(5.0), 0.5, step_sec=1, duration_sec=4)
    >>> [(segment.start_sec, segment.stop_sec) for segment in found]
    [(0.5, 2.5), (3.5, 4.0)]
    """
    scores, times = np.asarray(scores, np.float64), np.asarray(times_sec, np.float64)
    checks.number("duration_sec", duration_sec, above=0)
    checks.number("step_sec", step_sec, above=0)
    if scores.ndim != 2 or times.shape != scores.shape[:1]:
        raise ValueError(
            f"times_sec: expected one for each row of scores (N, K), got {times.shape} and "
            f"{scores.shape}"
        )
    if width_sec is not None:
        checks.number("width_sec", width_sec, above=0)
    reach = (step_sec if width_sec is None else width_sec) / 2
    found = []
    for label, of_class in enumerate(scores.T):
        for first, last in _stretches(of_class >= threshold, joined=width_sec is None):
            start = max(float(times[first]) - reach, 0.0)
            stop = min(float(times[last]) + reach, float(duration_sec))
            found.append(Detection(label, start, stop, _mean(of_class[first : last + 1])))
    return found


def suppress(detections: Sequence[Detection], tiou: float) -> list[Detection]:
    """What is left when of overlapping detections of one class the best stays.

    Detections of different classes never drop each other: two things can happen at once.

    Args:
        detections: of one film, in any order; of equal scores the one listed first is the better.
        tiou: two that overlap by more than this temporal intersection over union are doubles.

    Returns:
        The best first.
    """
    kept = []
    for label in {detection.label: None for detection in detections}:
        which = [k for k, detection in enumerate(detections) if detection.label == label]
        times = np.array([detections[k][1:3] for k in which])
        scores = np.array([detections[k].score for k in which])
        kept += [which[k] for k in metrics.nms_1d(times, scores, tiou)]
    return [detections[k] for k in sorted(kept, key=lambda k: (-detections[k].score, k))]


def _stretches(counts: np.ndarray, *, joined: bool) -> list[tuple[int, int]]:
    """First and last moment of each run of moments that count, or of each by itself."""
    if not joined:
        return [(int(k), int(k)) for k in np.flatnonzero(counts)]
    edges = np.flatnonzero(np.diff(np.r_[False, counts, False]))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]


def _mean(scores: np.ndarray) -> float:
    # Added one by one, so that an explorer's page gets the same number to the last digit.
    return float(np.add.accumulate(scores)[-1] / len(scores))
