"""In how many frames a clip that stands still gives what its picture gave."""

from collections.abc import Callable

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property

Taps = tuple[float, ...]


def _measured(frames: int, taps: Taps, depth: int) -> int:
    """By doing it: what each layer makes of frames that all hold 1."""
    edge = len(taps) // 2
    answers = np.ones(frames)
    for _ in range(depth):
        answers = np.correlate(np.pad(answers, edge), taps, "valid")
    return int(np.isclose(answers, 1).sum())


def _reaches(taps: Taps) -> tuple[int, int]:
    """How many frames back and how many ahead the outermost taps that are not zero read."""
    read = np.flatnonzero(taps) - len(taps) // 2
    return max(0, -read[0]), max(0, read[-1])


def _less(wrong: Callable[[Taps, int], int]) -> Callable[[int, Taps, int], int]:
    """All frames but the wrong ones, and never fewer than none."""
    return lambda frames, taps, depth: max(0, frames - int(wrong(taps, depth)))


_MEAN = (1 / 3, 1 / 3, 1 / 3)

FRAMES_RIGHT = Exercise(
    name="frames_right",
    kind="derive",
    cases=[
        (8, _MEAN, 3),
        (16, (0, 1, 0), 4),
        (12, (0, 0, 1), 3),
        (13, (1, 0, 0), 3),
        (20, (0.2, 0.2, 0.2, 0.2, 0.2), 2),
        (20, (0, 0.5, 0.5), 5),
        (11, (0.5, 0, 0.5), 3),
        (24, (0, 0.25, 0.5, 0.25, 0), 3),
        (18, (0.5, 0.25, 0.25, 0, 0), 4),
        (30, (0.25, 0.25, 0.25, 0.25, 0), 3),
        (8, _MEAN, 6),
        (9, (1,), 5),
    ],
    properties=[
        Property("0 or more", lambda got, *_: got >= 0),
        Property(
            "the frames in which the last layer is right, counted by running the layers",
            lambda got, *case: got == _measured(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            _less(lambda taps, depth: 2 * depth * (len(taps) // 2)),
            "a tap of zero reads nothing, so a frame past the end does it no harm. How far do the "
            "others reach, on each side?",
        ),
        Misconception(
            _less(lambda taps, depth: 2 * (len(taps) // 2)),
            "that is one layer. The next one reads frames that are wrong already.",
        ),
        Misconception(
            _less(lambda taps, depth: sum(_reaches(taps))),
            "that is one layer, and right for it. The next one reads frames that are wrong "
            "already.",
        ),
        Misconception(
            _less(lambda taps, depth: depth * (len(taps) // 2)),
            "count both ends of the clip, each with the taps that read past it.",
        ),
        Misconception(
            _less(lambda taps, depth: depth * max(_reaches(taps))),
            "zeros lie before the clip and behind it: taps that reach both ways lose frames at "
            "both ends.",
        ),
        Misconception(
            _less(lambda taps, depth: 2 * depth * max(_reaches(taps))),
            "the two ends differ: how far back do the taps reach, and how far ahead?",
        ),
        Misconception(
            _less(lambda taps, depth: depth * (np.count_nonzero(taps) - 1)),
            "how many taps there are does not say how far they reach: a single one that looks "
            "ahead meets the zeros, too.",
        ),
        Misconception(
            _less(lambda taps, depth: depth * np.ptp(np.flatnonzero(taps))),
            "that is how far apart the taps are. What counts is how far they lie from the frame "
            "itself, on each side.",
        ),
        Misconception(
            _less(lambda taps, depth: depth * _reaches(taps)[0]),
            "that is one end of the clip. What do the taps that look ahead read at the other?",
        ),
        Misconception(
            _less(lambda taps, depth: depth * sum(_reaches(taps)) + 1),
            "one too few: a window of f frames fits into T frames at T − f + 1 places.",
        ),
        Misconception(
            lambda frames, taps, depth: frames - depth * sum(_reaches(taps)),
            "right, but for deep networks on short clips: fewer than no frame cannot be right.",
        ),
        Misconception(
            lambda frames, taps, depth: frames - _measured(frames, taps, depth),
            "those are the frames that are wrong. Asked for are the others.",
        ),
        Misconception(
            lambda frames, taps, depth: frames,
            "the theorem asks that every tap meets a frame. At the ends of the clip some meet a "
            "zero.",
        ),
    ],
)  # fmt: skip
