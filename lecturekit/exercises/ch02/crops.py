"""Chapter 2's exercise on cropping, and the generator that checks where the places come from."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property


def _coordinates(clips: int, num_frames: int, height: int, width: int) -> np.ndarray:
    """Clips whose three channels say where a pixel came from: its y, its x, its clip and frame."""
    b, t, y, x = np.indices((clips, num_frames, height, width))
    return np.stack([y, x, b * num_frames + t], axis=-1).astype(np.int16)


def _corners(got: np.ndarray) -> np.ndarray:
    """Where the first pixel of each frame was: (B, T, 2), y and x."""
    return got[:, :, 0, 0, :2]


def _uncut_pixels(got: np.ndarray, clips: np.ndarray, *_: object) -> bool:
    inside = np.moveaxis(np.indices(got.shape[2:4]), 0, -1)
    in_place = np.all(got[..., :2] - _corners(got)[:, :, None, None] == inside)
    in_order = np.all(got[..., 2] == clips[:, :, :1, :1, 2])
    return bool(in_place and in_order)


MANY = 300  # clips: enough that each of some twenty places is drawn, but for one time in a million


def _all_places(got: np.ndarray, clips: np.ndarray, size: int, generator: Any) -> bool:
    if len(clips) < MANY:
        return True
    height, width = clips.shape[2:4]
    places = (height - size + 1) * (width - size + 1)
    return len(_places(got)) == places


def _from_the_generator(got: np.ndarray, clips: np.ndarray, size: int, generator: Any) -> bool:
    if not isinstance(generator, _Pinned):
        return True
    room = np.array(clips.shape[2:4]) - size
    wanted = room if generator.share else np.zeros(2)
    return bool(np.all(_corners(got) == wanted))


class _Pinned(np.random.Generator):
    """A generator that always draws the first, or always the last, of what it is asked for.

    Whoever draws from it cuts the first place, or the last one; whoever draws from elsewhere, or
    stops short of the last place, does not.
    """

    def __init__(self, share: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.share = share

    def __deepcopy__(self, _: dict) -> "_Pinned":
        return _Pinned(self.share)

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        return self.share if size is None else np.full(size, self.share)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        return low + (np.asarray(high) - low) * self.random(size)

    def integers(
        self,
        low: Any,
        high: Any = None,
        size: Any = None,
        dtype: Any = np.int64,
        endpoint: bool = False,
    ) -> Any:
        low, high = (0, low) if high is None else (low, high)
        count = np.asarray(high) - low + endpoint
        if np.any(count <= 0):
            raise ValueError("low >= high")
        drawn = (low + np.floor(count * self.random(size))).astype(np.int64)
        return int(drawn) if drawn.ndim == 0 else drawn

    def choice(self, a: Any, size: Any = None, *_: Any, **__: Any) -> Any:
        values = np.arange(a) if np.ndim(a) == 0 else np.asarray(a)
        return values[self.integers(len(values), size=size)]


def _cropper(corner_of: Callable[..., Any], *, anew: str = "clip") -> Callable[..., np.ndarray]:
    """A crop of each clip, by a rule for the corner, asked anew per clip, frame or batch."""

    def crop(clips: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
        height, width = clips.shape[2:4]
        corner = corner_of(generator, height - size, width - size)
        cut = []
        for clip in clips:
            if anew == "clip":
                corner = corner_of(generator, height - size, width - size)
            frames = []
            for frame in clip:
                if anew == "frame":
                    corner = corner_of(generator, height - size, width - size)
                y, x = corner
                frames.append(frame[y : y + size, x : x + size])
            cut.append(np.stack(frames))
        return np.stack(cut)

    return crop


def _draw(generator: np.random.Generator, *room: int) -> list[int]:
    return [int(generator.integers(most + 1)) for most in room]


def _one_number(generator: np.random.Generator, *room: int) -> tuple[int, int]:
    number = int(generator.integers(min(room) + 1))
    return number, number


def _trembles(got: np.ndarray, *_: object) -> bool:
    corners = _corners(got)
    return bool(np.any(corners != corners[:, :1]))


def _places(got: np.ndarray) -> set[tuple[int, int]]:
    return {tuple(corner) for corner in _corners(got)[:, 0].tolist()}


# Symptoms, asked of every wrong result. What a pinned generator gives fits most of them.


def _fresh_per_frame(got: np.ndarray, clips: np.ndarray, size: int, generator: Any) -> bool:
    return isinstance(generator, _Pinned) or _trembles(got)


def _one_for_all(got: np.ndarray, clips: np.ndarray, size: int, generator: Any) -> bool:
    return isinstance(generator, _Pinned) or (not _trembles(got) and len(_places(got)) == 1)


def _on_a_line(got: np.ndarray, clips: np.ndarray, size: int, generator: Any) -> bool:
    height, width = clips.shape[2:4]
    most = (height - size) + (width - size) + 1
    return isinstance(generator, _Pinned) or 1 < len(_places(got)) <= most


def _never_last(got: np.ndarray, clips: np.ndarray, size: int, generator: Any) -> bool:
    room = np.array(clips.shape[2:4]) - size
    return not _trembles(got) and bool(np.all(_corners(got).max((0, 1)) < room))


def _pinned_only(got: np.ndarray, clips: np.ndarray, size: int, generator: Any) -> bool:
    return isinstance(generator, _Pinned) and not _trembles(got)


CROP_ONCE = Exercise(
    name="crop_once",
    kind="debug",
    library="numpy",
    cases=lambda: [
        (_coordinates(MANY, 3, 8, 11), 6, np.random.default_rng(0)),
        (_coordinates(MANY, 2, 11, 8), 7, np.random.default_rng(1)),
        (_coordinates(4, 3, 7, 9), 7, np.random.default_rng(2)),
        (_coordinates(3, 4, 8, 12), 5, _Pinned(0.0)),
        (_coordinates(3, 4, 8, 12), 5, _Pinned(1 - 1e-9)),
    ],
    properties=[
        Property(
            "shape (B, T, size, size, 3)",
            lambda got, clips, size, _: np.shape(got) == (*clips.shape[:2], size, size, 3),
        ),
        Property(
            "every frame of a clip is cut at the same place",
            lambda got, *_: not _trembles(got),
        ),
        Property("pixels keep their neighbours, frames their order", _uncut_pixels),
        Property("over many clips every place that fits occurs", _all_places),
        Property("the places are drawn from `generator`, first to last", _from_the_generator),
    ],
    misconceptions=[
        Misconception(
            lambda clips, size, generator: _cropper(_draw)(clips, size, np.random.default_rng(5)),
            "the places are drawn, but not from `generator`: whoever seeds it gets other crops "
            "than they asked for.",
            symptom=_pinned_only,
        ),
        Misconception(
            _cropper(_draw, anew="frame"),
            "each frame draws its own place, so a still picture trembles. Draw once for each "
            "clip, before its frames.",
            symptom=_fresh_per_frame,
        ),
        Misconception(
            _cropper(lambda g, *room: (0, 0)),
            "always the same corner: nothing trembles, and nothing is random.",
        ),
        Misconception(
            _cropper(lambda g, *room: (room[0] // 2, room[1] // 2)),
            "always the centre. That is for testing; training draws a place.",
        ),
        Misconception(
            _cropper(_draw, anew="batch"),
            "one place for the whole batch. Each clip draws its own.",
            symptom=_one_for_all,
        ),
        Misconception(
            _cropper(_one_number),
            "one number for both axes: only squares on a diagonal occur. Draw y and x.",
            symptom=_on_a_line,
        ),
        Misconception(
            _cropper(lambda g, *room: [int(g.integers(max(most, 1))) for most in room]),
            "the clip stands still now, but one fault is left: `integers(n)` stops before n. With "
            "room 3 there are four places, 0 to 3.",
            symptom=_never_last,
        ),
    ],
)
