"""Chapter 2's exercises on where clips lie in a video."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property


def is_whole(value: Any) -> bool:
    """Whether a number, or every number of an array, is whole; 8.0 is."""
    value = np.asarray(value)
    return value.dtype.kind in "iuf" and bool(np.all(value == np.floor(value)))


def _span(num_frames: int, stride: int) -> int:
    return (num_frames - 1) * stride + 1


def _places(video_frames: int, num_frames: int, stride: int) -> int:
    return video_frames - _span(num_frames, stride) + 1


def _middles(places: int, clips: int) -> np.ndarray:
    edges = np.arange(clips + 1) * places // clips
    return (edges[:-1] + edges[1:]) // 2


def _from_starts(
    starts_of: Callable[..., Any],
) -> Callable[[int, int, int, int], np.ndarray]:
    """An answer to exercise 3 that goes wrong in its starts alone."""

    def answer(video_frames: int, num_frames: int, stride: int, clips: int) -> np.ndarray:
        starts = np.asarray(starts_of(video_frames, num_frames, stride, clips))
        return starts[:, None] + stride * np.arange(num_frames)

    return answer


def _in_the_middle(got: Any, v: int, t: int, tau: int, clips: int) -> bool:
    first = np.asarray(got)[:, 0]
    places = _places(v, t, tau)
    edges = np.arange(clips + 1) * places // clips
    before, after = first - edges[:-1], edges[1:] - 1 - first
    return bool(np.all(np.abs(before - after) <= 1) and np.all(before >= 0))


MIDDLE_CLIPS = Exercise(
    name="middle_clips",
    cases=[(250, 8, 8, 5), (100, 4, 3, 7), (61, 16, 1, 4), (300, 8, 4, 1), (60, 6, 2, 10)],
    properties=[
        Property(
            "frame indices of shape (clips, T)",
            lambda got, v, t, tau, clips: np.shape(got) == (clips, t) and is_whole(got),
        ),
        Property(
            "each clip has the stride",
            lambda got, v, t, tau, clips: bool(np.all(np.diff(got, axis=1) == tau)),
        ),
        Property(
            "no clip leaves the video",
            lambda got, v, *_: np.min(got) >= 0 and np.max(got) < v,
        ),
        Property("each start is the middle of its part of the places", _in_the_middle),
    ],
    misconceptions=[
        Misconception(
            _from_starts(lambda v, t, tau, clips: _middles(v, clips)),
            "you cut the video's frames. Cut the places: a clip that starts late in the video "
            "runs out of it.",
        ),
        Misconception(
            _from_starts(
                lambda v, t, tau, clips: np.linspace(0, _places(v, t, tau) - 1, clips).round()
            ),
            "these are the views of the page: the first clip starts at 0. Here each clip starts "
            "in the middle of its part.",
        ),
        Misconception(
            _from_starts(
                lambda v, t, tau, clips: np.arange(clips) * _places(v, t, tau) // clips,
            ),
            "each clip starts where its part starts. Take the middle of the part.",
        ),
        Misconception(
            _from_starts(lambda v, t, tau, clips: _middles(max(v - t * tau + 1, 1), clips)),
            "you kept the coverage T × τ free at the end. The span is enough, so some places are "
            "missing.",
        ),
        Misconception(
            lambda v, t, tau, clips: _middles(v, clips * t).reshape(clips, t),
            "one frame of each segment: no clip has the stride τ. Place starts, then step by τ.",
        ),
        Misconception(
            lambda v, t, tau, clips: _middles(_places(v, t, tau), clips),
            "these are the starts. For each, give the T frames of its clip.",
        ),
    ],
)


def _reads(starts: Sequence[int], video_frames: int, num_frames: int, stride: int) -> np.ndarray:
    """How often each frame is read if each start is used once."""
    frames = np.add.outer(np.asarray(starts, int), stride * np.arange(num_frames))
    return np.bincount(frames.ravel(), minlength=video_frames)


def _inside(starts: Sequence[int], video_frames: int, num_frames: int, stride: int) -> bool:
    starts = np.asarray(starts)
    fits = starts.ndim == 1 and len(starts) > 0 and is_whole(starts)
    return fits and starts.min() >= 0 and starts.max() + _span(num_frames, stride) <= video_frames


FAIR_STARTS = Exercise(
    name="fair_starts",
    kind="experiment",
    cases=[(256, 8, 8), (60, 4, 5), (128, 8, 4), (96, 16, 1), (30, 1, 3)],
    properties=[
        Property("a list of starts, of clips that lie inside the video", _inside),
        Property(
            "every frame is read",
            lambda got, *case: bool(np.all(_reads(got, *case) > 0)),
        ),
        Property(
            "no frame is read more often than another",
            lambda got, *case: len(set(_reads(got, *case).tolist())) == 1,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda v, t, tau: list(range(v - _span(t, tau) + 1)),
            "these are all places, as on the page: a frame in the middle is read by T of these "
            "clips, the first frame by one.",
        ),
        Misconception(
            lambda v, t, tau: list(range(0, v, t * tau)),
            "clips side by side: no frame is read twice, but those between the strides never. "
            "Which starts would read the frames in between?",
        ),
        Misconception(
            lambda v, t, tau: list(range(tau)),
            "together these clips read the first T × τ frames once each. Do the same for the rest "
            "of the video.",
        ),
        Misconception(
            lambda v, t, tau: list(range(v)),
            "every frame is a start: the last clips leave the video.",
        ),
        Misconception(
            lambda v, t, tau: list(range(0, v - _span(t, tau) + 1, tau)),
            "all starts are multiples of the stride, and so are all frames that are read.",
        ),
    ],
)
