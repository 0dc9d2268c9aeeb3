"""Many segments of one film, with labels: an NMS to mend."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lecturekit import metrics
from lecturekit.exercises import Exercise, Misconception, Property

Case = tuple[Any, ...]


def drawn(seed: int, number: int, labels: int, tiou: float) -> Case:
    """Segments that often overlap, of many lengths; no two scores are equal."""
    rng = np.random.default_rng(seed)
    starts = rng.uniform(0, 8, number)
    segments = np.stack([starts, starts + rng.uniform(1, 4, number)], 1)
    scores = rng.permutation(number) / number + 0.01
    return segments, rng.integers(0, labels, number), scores, tiou


def _given(rows: Sequence[tuple[float, float, int, float]], tiou: float) -> Case:
    table = np.array(rows, float).reshape(-1, 4)
    return table[:, :2], table[:, 2].astype(int), table[:, 3], tiou


def _cleaned_cases() -> list[Case]:
    return [
        # Two actions at once; the doubles of each stand between those of the other.
        _given([(0, 4, 0, 0.9), (0.5, 4, 1, 0.8), (0.2, 4, 0, 0.7), (0.4, 4.2, 1, 0.6)], 0.5),
        # One action, three times: the double of the first comes after the second.
        _given([(0, 4, 2, 0.3), (6, 9, 2, 0.6), (0.5, 4, 2, 0.9), (6, 9.2, 2, 0.5)], 0.5),
        # Each overlaps the next one by 3 of 5: the middle one is dropped, and drops nothing.
        _given([(0, 4, 0, 0.9), (1, 5, 0, 0.8), (2, 6, 0, 0.7), (3, 7, 0, 0.6)], 0.5),
        # By exactly the threshold, 4 of 8.
        _given([(0, 6, 1, 0.9), (2, 8, 1, 0.8), (2, 8, 0, 0.7)], 0.5),
        drawn(0, 14, 3, 0.3),
        drawn(1, 12, 2, 0.6),
        # They touch, and overlap by nothing at all.
        _given([(0, 2, 0, 0.4), (2, 5, 0, 0.8), (5, 6, 0, 0.6), (5.5, 7, 0, 0.7)], 0),
        _given([(1, 2, 4, 0.5)], 0.5),
        _given([], 0.5),
    ]


def _way(
    *,
    by_label: bool = True,
    against: str = "kept",
    strictly: bool = True,
    order: Callable[[np.ndarray], np.ndarray] = lambda scores: np.argsort(-scores),
) -> Callable[..., list[int]]:
    """An NMS with its three lines right or wrong.

    Args:
        by_label: only segments of the same label drop each other.
        against: "kept", all of them; "last", of them the last alone; "better", dropped or not.
        strictly: what overlaps by exactly the threshold stays.
        order: who comes first.
    """

    def cleaned(segments: Any, labels: Any, scores: Any, tiou: float) -> list[int]:
        segments, labels = np.asarray(segments), np.asarray(labels)
        overlap = metrics.temporal_iou(segments, segments) if len(segments) else None
        kept: list[int] = []
        seen: list[int] = []
        for i in order(np.asarray(scores)).tolist():
            rivals = {"kept": kept, "last": kept[-1:], "better": seen}[against]
            over = [
                overlap[i, k] > tiou or (not strictly and overlap[i, k] == tiou)
                for k in rivals
                if not by_label or labels[i] == labels[k]
            ]
            seen.append(i)
            if not any(over):
                kept.append(i)
        return kept

    return cleaned


_right = _way()


def _by_class(segments: Any, labels: Any, scores: Any, tiou: float) -> list[int]:
    """Right ones, class by class."""
    kept = _right(segments, labels, scores, tiou)
    return sorted(kept, key=lambda i: int(labels[i]))


def _best_of_each(segments: Any, labels: Any, scores: Any, tiou: float) -> list[int]:
    """Of each label the best one, best first."""
    labels, first = np.asarray(labels), {}
    for i in np.argsort(-np.asarray(scores)).tolist():
        first.setdefault(int(labels[i]), i)
    return list(first.values())


def _numbered_in_class(segments: Any, labels: Any, scores: Any, tiou: float) -> list[int]:
    """Each class's own numbers, from 0."""
    segments, labels, scores = map(np.asarray, (segments, labels, scores))
    return [
        i
        for label in sorted(set(labels.tolist()))
        for i in metrics.nms_1d(segments[labels == label], scores[labels == label], tiou).tolist()
    ]


def _as_mask(segments: Any, labels: Any, scores: Any, tiou: float) -> np.ndarray:
    return np.isin(np.arange(len(labels)), _right(segments, labels, scores, tiou))


def _are(got: Any, wanted: Sequence[int]) -> bool:
    got = np.asarray(got, float)
    return got.shape == (len(wanted),) and got.tolist() == list(wanted)


CLEANED = Exercise(
    name="cleaned",
    kind="debug",
    cases=_cleaned_cases,
    properties=[
        Property(
            "numbers of segments, each at most once",
            lambda got, segments, *_: (
                np.asarray(got).dtype.kind != "b"
                and set(np.asarray(got, float)) <= set(range(len(segments)))
                and len(set(np.asarray(got, float))) == len(got)
            ),
        ),
        Property(
            "what overlaps a kept one of its own label by more than tiou goes, all else stays",
            lambda got, *case: sorted(np.asarray(got)) == sorted(_right(*case)),
        ),
        Property("best first", lambda got, *case: _are(got, _right(*case))),
    ],
    misconceptions=[
        Misconception(
            _way(by_label=False, against="last", strictly=False),
            "all three symptoms are still there. Take the first: whom does a segment have to be "
            "compared with, if another action can happen at the same time?",
        ),
        Misconception(
            _way(against="last", strictly=False),
            "labels are kept apart now. But each segment is compared with one kept segment only, "
            "and one that overlaps by exactly the threshold is dropped.",
        ),
        Misconception(
            _way(by_label=False, strictly=False),
            "doubles are gone. But other actions are still dropped, and so is one that overlaps by "
            "exactly the threshold.",
        ),
        Misconception(
            _way(by_label=False, against="last"),
            "the threshold is right now. The first two symptoms are still there.",
        ),
        Misconception(
            _way(by_label=False),
            "another action at the same time is still dropped. Only segments of one label can be "
            "doubles of each other.",
        ),
        Misconception(
            _way(against="last"),
            "each segment is compared with one kept segment only. Its better double may have been "
            "kept long before.",
        ),
        Misconception(
            _way(strictly=False),
            "what overlaps by exactly the threshold is still dropped.",
        ),
        Misconception(
            _way(against="better"),
            "you compare with all that are better, also with those that were dropped themselves. "
            "Who is gone drops nobody.",
        ),
        Misconception(
            _best_of_each,
            "one segment is left of each label. An action can happen twice: only what overlaps is "
            "a double.",
        ),
        Misconception(
            _by_class,
            "the right ones, but label by label. Asked for: the best first, of all labels.",
            lambda got, *case: (
                sorted(np.asarray(got)) == sorted(_right(*case)) and not _are(got, sorted(got))
            ),
        ),
        Misconception(
            lambda *case: sorted(_right(*case)),
            "the right ones, but in the order given. Asked for: the best first.",
        ),
        Misconception(
            lambda *case: _right(*case)[::-1],
            "the right ones, but the worst first. Asked for: the best first.",
        ),
        Misconception(
            _numbered_in_class,
            "those are numbers within one label. Asked for: numbers in the list of all segments.",
        ),
        Misconception(
            _way(order=np.argsort),
            "the worst comes first, and drops the better ones.",
        ),
        Misconception(
            _as_mask,
            "True or False for each segment. Asked for: the numbers of those that stay, best "
            "first.",
            lambda got, *_: np.asarray(got).dtype.kind == "b",
        ),
        Misconception(
            lambda segments, *case: np.asarray(segments)[_right(segments, *case)],
            "the segments themselves came back. Asked for: their numbers.",
            lambda got, *_: np.asarray(got).ndim == 2,
        ),
    ],
)
