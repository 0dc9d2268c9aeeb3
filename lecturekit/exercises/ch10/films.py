"""Segments from stored scores of windows: more mAP at 0.7, and the network stays as it is."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lecturekit import localization, metrics, puppets
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


def _number(action: Any) -> int:
    """An action's number, from its number or its name."""
    return puppets.UNTRIMMED.index(action) if isinstance(action, str) else int(action)


def _rows(got: Any) -> Rows:
    """Predictions as tuples of plain numbers, whatever holds them; actions come as they like."""
    return tuple(
        (int(film), _number(label), float(start), float(stop), float(score))
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


def _longer(got: Any, scores: np.ndarray, seconds: float) -> float:
    """What mAP at the last of ``TIOUS`` gains if each segment is so much longer at both ends."""
    rows = tuple(
        # A short one keeps a moment.
        (film, label, *((a - seconds, b + seconds) if b - a > -2 * seconds else (a, b)), score)
        for film, label, a, b, score in _rows(got)
    )
    return _maps(rows, len(scores))[-1] - maps(got, scores)[-1]


def _places(got: Any) -> set[tuple[float, ...]]:
    """The segments without their scores, to a millisecond."""
    return {(film, label, round(a, 3), round(b, 3)) for film, label, a, b, _ in _rows(got)}


def _prefers_the_inner(got: Any) -> bool:
    """Whether many segments lie within another of their action, and most of these score higher."""
    rows = _rows(got)
    alike: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for film, label, *segment in rows:
        alike.setdefault((film, label), []).append(tuple(segment))
    higher = [
        inner[2] > outer[2]
        for segments in alike.values()
        for inner in segments
        for outer in segments
        if outer[0] <= inner[0] and inner[1] <= outer[1] and outer[:2] != inner[:2]
    ]
    return len(higher) > len(rows) / 4 and np.mean(higher) > 0.8


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


def _widened(scores: np.ndarray, times: np.ndarray) -> list[Any]:
    return [(k, a - 0.5, b + 0.5, p) for k, a, b, p in runs(scores, times)]


def _narrowed(scores: np.ndarray, times: np.ndarray) -> list[Any]:
    return [(k, a + 0.3, b - 0.3, p) for k, a, b, p in runs(scores, times) if b - a > 0.7]


def _each_window(scores: np.ndarray, times: np.ndarray) -> list[Any]:
    return [
        (k, times[i] - 0.5, times[i] + 0.5, scores[i, k])
        for i in range(0, len(times), WINDOW)
        for k in range(scores.shape[1])
    ]


def _inner_first(scores: np.ndarray, times: np.ndarray) -> list[Any]:
    """Segments at several thresholds; of an action's doubles the highest mean stays."""
    kept = []
    rows = [row for t in (0.1, 0.3, 0.5, 0.7, 0.9) for row in runs(scores, times, t)]
    for action in range(scores.shape[1]):
        of_action = [row for row in rows if row[0] == action]
        where = np.array([row[1:3] for row in of_action]).reshape(-1, 2)
        best = metrics.nms_1d(where, np.array([row[3] for row in of_action]), 0.5)
        kept += [of_action[i] for i in best]
    return kept


def _measured(got: Any, scores: np.ndarray, _: np.ndarray) -> str:
    reached, wanted = maps(got, scores)[-1], base(len(scores))[-1] + GAIN
    return f"on the {len(scores)} films an mAP of {reached:.3f} at 0.7, wanted {wanted:.3f}"


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
    measured=_measured,
    misconceptions=[
        Misconception(
            lambda scores, times: [(f, k + 1, *row) for f, k, *row in page(scores, times)],
            "an action is a number from 0 to 4 or a name: " + ", ".join(puppets.UNTRIMMED) + ".",
            lambda got, *_: not {row[1] for row in got} <= {*range(5), *puppets.UNTRIMMED},
        ),
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
            per_film(_widened),
            "a quarter of a second shorter at both ends, your segments would be better by far. "
            "What makes them long? Added seconds do, and so does a mean over many windows: it "
            "smears each edge. Which way to smooth leaves an edge where it is?",
            lambda got, scores, _: _longer(got, scores, -0.25) > 0.1,
        ),
        Misconception(
            per_film(_narrowed),
            "a quarter of a second longer at both ends, your segments would be better by far. "
            "What do you cut off?",
            lambda got, scores, _: _longer(got, scores, 0.25) > 0.1,
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
            per_film(_each_window),
            "all segments have the same length. Actions have not: what joins neighbours into one?",
            lambda got, *_: len({round(b - a, 3) for *_, a, b, _ in _rows(got)}) == 1,
        ),
        Misconception(
            per_film(_inner_first),
            "where one of your segments lies within another, the shorter has mostly the higher "
            "score: a mean is highest where the run is narrowest. So of each action the narrowest "
            "comes first. What besides the mean speaks for a segment?",
            lambda got, *_: _prefers_the_inner(got),
        ),
        Misconception(
            per_film(lambda scores, times: runs(scores, times, 0.1)),
            "much more is found at 0.3, but little of that is left at 0.7: right actions, whose "
            "boundaries lie too far out. A low threshold does that, and so does an order in which "
            "the longest of several candidates wins.",
            lambda got, scores, _: _gains(got, scores)[0] > _gains(got, scores)[-1] + 0.08,
        ),
        Misconception(
            per_film(lambda scores, times: [(*r[:3], r[2] - r[1]) for r in runs(scores, times)]),
            "the segments are the page's own, only their scores are new. A better order helps, but "
            "an action that is broken in two stays broken: mend the segments, too.",
            lambda got, scores, times: _places(got) == _places(page(scores, times)),
        ),
        Misconception(
            per_film(lambda scores, times: [r for r in runs(scores, times) if r[2] - r[1] >= 1.5]),
            "your segments are the page's, without some. What is not in the list is missed for "
            "good; with a low score it costs AP little. And an action that is broken in two stays "
            "broken: mend the segments, too.",
            lambda got, scores, times: _places(got) < _places(page(scores, times)),
        ),
        Misconception(
            per_film(lambda scores, times: runs(scores, times, 0.4)),
            "better than the page's way, but not by enough on both groups. Short bursts, holes, "
            "weak but right segments, short ones with a high score: mend a second thing, too.",
            lambda got, scores, _: 0 < _gains(got, scores)[-1] < GAIN,
        ),
        Misconception(
            per_film(lambda s, times: [(*r[:3], 1 - r[3]) for r in runs(s, times, 0.4)]),
            "at 0.7 that is no better than the page's way, or hardly. Draw the scores of one "
            "action in some films and your segments below them: what was one action, and what did "
            "you make of it?",
            lambda got, scores, _: _is_plausible(got, scores) and _gains(got, scores)[-1] < GAIN,
        ),
    ],
)
