"""Segments from stored scores of windows: more mAP at 0.7, and the network stays as it is."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lecturekit import localization, metrics
from lecturekit.exercises import Exercise, Misconception, Property

Rows = tuple[tuple[int, int, float, float, float], ...]

STORED = Path(__file__).with_name("windows.npz")
"""Written by ``benchmarks/exercise_windows.py``: ``scores`` uint8 (films, windows, actions), 255
times the probability; ``truths`` uint8 rows (film, action, start, stop), in frames."""

FPS, WINDOW, SECONDS = 8, 8, 12
TIOUS = (0.3, 0.5, 0.7)
GAIN = 0.08
"""What mAP at 0.7 must rise by, in each group of films."""

GROUPS = (slice(0, 90), slice(90, 160))


@lru_cache(maxsize=1)
def groups() -> dict[int, tuple[np.ndarray, list[tuple[int, int, float, float]]]]:
    """By the number of films: scores (films, windows, actions), and truths in seconds."""
    with np.load(STORED) as stored:
        scores, truths = stored["scores"], stored["truths"].astype(int).tolist()
    found = {}
    for which in GROUPS:
        of_group = [
            (film - which.start, label, start / FPS, stop / FPS)
            for film, label, start, stop in truths
            if which.start <= film < which.stop
        ]
        found[len(scores[which])] = (scores[which] / np.float32(255), of_group)
    return found


def _cases() -> list[tuple[np.ndarray, np.ndarray]]:
    some = [scores for scores, _ in groups().values()]
    times = (np.arange(some[0].shape[1]) + WINDOW / 2) / FPS
    return [(scores, times) for scores in some]


def _rows(got: Any) -> Rows:
    """Predictions as tuples of plain numbers, whatever holds them."""
    return tuple(
        (int(film), int(label), float(start), float(stop), float(score))
        for film, label, start, stop, score in got
    )


@lru_cache(maxsize=256)
def _maps(rows: Rows, films: int) -> tuple[float, ...]:
    return tuple(metrics.temporal_map(rows, groups()[films][1], TIOUS).values())


def maps(got: Any, scores: np.ndarray) -> tuple[float, ...]:
    """MAP at each of ``TIOUS``."""
    return _maps(_rows(got), len(scores))


def _moved(got: Any, seconds: float) -> Rows:
    return tuple((f, k, a + seconds, b + seconds, p) for f, k, a, b, p in _rows(got))


def per_film(
    segments: Callable[[np.ndarray, np.ndarray], Sequence[Sequence[float]]],
) -> Callable[..., list[tuple[Any, ...]]]:
    """An answer that treats each film by itself; remembered, as each check asks for it again."""

    @lru_cache(maxsize=4)
    def of_group(films: int) -> list[tuple[Any, ...]]:
        scores, times = groups()[films][0], _cases()[0][1]
        return [(n, *row) for n, film in enumerate(scores) for row in segments(film, times)]

    return lambda scores, times: list(of_group(len(scores)))


def runs(scores: np.ndarray, times: np.ndarray, threshold: float = 0.5) -> list[Any]:
    """The page's way: neighbours over a threshold, with their mean score."""
    return localization.segments_from_scores(
        scores, times, threshold, step_sec=1 / FPS, duration_sec=SECONDS
    )


page = per_film(runs)


@lru_cache(maxsize=2)
def base(films: int) -> tuple[float, ...]:
    """MAP of the page's way, on the group of so many films."""
    scores, times = next(case for case in _cases() if len(case[0]) == films)
    return maps(page(scores, times), scores)


def smoothed(scores: np.ndarray, over: int, how: Callable = np.mean) -> np.ndarray:
    """Along time, over an odd number of windows; the first and last stand for what is beyond."""
    wide = np.pad(scores, ((over // 2, over // 2), (0, 0)), mode="edge")
    return how(np.lib.stride_tricks.sliding_window_view(wide, over, 0), -1)


def _many_thresholds(scores: np.ndarray, times: np.ndarray) -> list[Any]:
    """Segments at each of several thresholds, all of them: nothing is suppressed."""
    return [
        row for threshold in (0.2, 0.3, 0.4, 0.5, 0.6) for row in runs(scores, times, threshold)
    ]


def _gains(got: Any, scores: np.ndarray) -> np.ndarray:
    return np.subtract(maps(got, scores), base(len(scores)))


def _is_plausible(got: Any, scores: np.ndarray) -> bool:
    rows = _rows(got)
    return all(
        0 <= film < len(scores) and 0 <= label < 5 and a < b for film, label, a, b, _ in rows
    )


def _doubles(got: Any, scores: np.ndarray) -> float:
    """The share of predictions that are doubles."""
    kinds = metrics.sort_errors(_rows(got), groups()[len(scores)][1], 0.5)
    return kinds.count("double") / max(len(kinds), 1)


def _stamped(seconds: float) -> Callable[[np.ndarray, np.ndarray], list[Any]]:
    return lambda scores, times: runs(scores, times + seconds)


def _rescored(scores: np.ndarray, times: np.ndarray) -> list[Any]:
    return [(k, a, b, 1.0) for k, a, b, _ in runs(scores, times, 0.3)]


def _in_frames(scores: np.ndarray, times: np.ndarray) -> list[Any]:
    return [(k, a * FPS, b * FPS, p) for k, a, b, p in runs(scores, times)]


REFINE = Exercise(
    name="refine",
    kind="experiment",
    library="numpy",
    cases=_cases,
    properties=[
        Property(
            "rows (film, action, start, stop, score), numbers from 0, seconds, start before stop",
            lambda got, scores, _: _is_plausible(got, scores),
        ),
        Property(
            f"at a tIoU of 0.7 an mAP at least {GAIN} above the page's, on both groups of films",
            lambda got, scores, _: bool(_gains(got, scores)[-1] >= GAIN),
        ),
    ],
    misconceptions=[
        Misconception(
            page,
            "that is the page's way itself. Look at the scores of some films: what lies between "
            "two runs of one action, and which runs are too short to be one?",
        ),
        Misconception(
            per_film(_stamped(-0.5)),
            "moved half a second later, your segments would be better by far. `times` are the "
            "windows' centres already.",
            lambda got, scores, _: (
                _maps(_moved(got, 0.5), len(scores))[-1] > maps(got, scores)[-1] + 0.1
            ),
        ),
        Misconception(
            per_film(_stamped(0.5)),
            "moved half a second earlier, your segments would be better by far. `times` are the "
            "windows' centres already.",
            lambda got, scores, _: (
                _maps(_moved(got, -0.5), len(scores))[-1] > maps(got, scores)[-1] + 0.1
            ),
        ),
        Misconception(
            per_film(_in_frames),
            "some segments end long after the film, which has 12 seconds. Are those frames?",
            lambda got, *_: max(row[3] for row in _rows(got)) > SECONDS + 1,
        ),
        Misconception(
            lambda scores, times: [(0, *row[1:]) for row in page(scores, times)],
            "all segments are of film 0. A row begins with the number of its film.",
            lambda got, *_: {row[0] for row in _rows(got)} == {0},
        ),
        Misconception(
            per_film(_rescored),
            "all have the same score, so AP cannot put the sure ones first.",
            lambda got, *_: len({row[-1] for row in _rows(got)}) == 1,
        ),
        Misconception(
            per_film(_many_thresholds),
            "many predictions are doubles. Of several segments of one action only one may stay: "
            "NMS.",
            lambda got, scores, _: _doubles(got, scores) > 0.25,
        ),
        Misconception(
            per_film(lambda scores, times: runs(scores, times, 0.8)),
            "fewer segments, and a lower mAP at each tIoU. A weak segment at the end of the list "
            "costs AP little; what is not in the list is missed for good.",
            lambda got, scores, times: (
                len(got) < len(page(scores, times)) and _gains(got, scores).max() < 0
            ),
        ),
        Misconception(
            per_film(lambda scores, times: runs(smoothed(scores, 15), times, 0.25)),
            "more is found at 0.3, but at 0.7 the gain is lost: the boundaries are worse. A mean "
            "over many windows smears each edge. Which way to smooth leaves an edge where it is?",
            lambda got, scores, _: _gains(got, scores)[0] > _gains(got, scores)[-1] + 0.08,
        ),
        Misconception(
            per_film(lambda scores, times: runs(scores, times, 0.4)),
            "better than the page's way, but not by enough on both groups. Short bursts, holes, "
            "weak but right segments, short ones with a high score: mend a second thing, too.",
            lambda got, scores, _: 0 < _gains(got, scores)[-1] < GAIN,
        ),
    ],
)
