"""Checks of chapter 2, clip sampling."""

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property


def _last_frame_of_last_clip(starts: int, num_frames: int, stride: int) -> int:
    return (starts - 1) + (num_frames - 1) * stride


COUNT_STARTS = Exercise(
    name="count_starts",
    cases=[(250, 8, 4), (30, 8, 4), (29, 8, 4), (20, 8, 4), (100, 16, 1), (5, 1, 7)],
    properties=[
        Property("a whole number, 0 or more", lambda got, *_: int(got) == got and got >= 0),
        Property(
            "0 only where the video is shorter than the span",
            lambda got, v, t, tau: (got == 0) == (v < (t - 1) * tau + 1),
        ),
        Property(
            "the clip from the last start ends on the video's last frame",
            lambda got, v, t, tau: got == 0 or _last_frame_of_last_clip(got, t, tau) == v - 1,
        ),
    ],
    misconceptions=[
        Misconception(
            lambda v, t, tau: max(v - t * tau + 1, 0),
            "you took the coverage, T × τ. The file only has to hold the span, (T − 1) × τ + 1.",
        ),
        Misconception(
            lambda v, t, tau: max(v - ((t - 1) * tau + 1), 0),
            "one short: V − span is the last start, and start 0 counts too.",
        ),
        Misconception(
            lambda v, t, tau: v - ((t - 1) * tau + 1) + 1,
            "right for long videos. A video shorter than the span has no start, not a negative "
            "number of them.",
        ),
        Misconception(
            lambda v, t, tau: v // (t * tau),
            "that is how many clips fit side by side. Clips from different starts may overlap.",
        ),
    ],
)


def _on_screen(got: np.ndarray, indices: np.ndarray, source_fps: int, target_fps: int) -> bool:
    # Frame g is on screen from g / target_fps up to (g + 1) / target_fps; the moments are
    # indices / source_fps. Multiplied out: whole numbers, no rounding.
    got, moments = np.asarray(got) * source_fps, np.asarray(indices) * target_fps
    return bool(np.all((got <= moments) & (moments < got + source_fps)))


_CLIP = 8 * np.arange(8)

SAME_MOMENTS = Exercise(
    name="same_moments",
    cases=[
        (_CLIP, 30, 25),
        (_CLIP, 25, 60),
        (3 + 4 * np.arange(5), 60, 24),
        (np.arange(7), 30, 30),
    ],
    properties=[
        Property("as many frames as before", lambda got, i, *_: np.shape(got) == np.shape(i)),
        Property("whole numbers", lambda got, *_: np.all(np.asarray(got) == np.floor(got))),
        Property("each frame is on screen at the old frame's moment", _on_screen),
    ],
    misconceptions=[
        Misconception(
            lambda indices, source_fps, target_fps: indices,
            "the same numbers are other moments: frame 30 is second 1.0 at 30 fps and second 1.2 "
            "at 25 fps.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: indices * source_fps // target_fps,
            "the ratio is upside down. Frames to seconds: divide by source_fps. Seconds to "
            "frames: multiply by target_fps.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: np.rint(indices * target_fps / source_fps),
            "rounded to the nearest frame: half of these have not been shown yet. A frame stays "
            "on screen until the next one, so round down.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: indices * target_fps / source_fps,
            "the place is right, but a frame index is a whole number. Round down.",
        ),
    ],
)


def _fold(turns_per_sec: float, repeat: float) -> float:
    """Into [-repeat / 2, repeat / 2)."""
    return (turns_per_sec + repeat / 2) % repeat - repeat / 2


def _whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6


APPARENT_TURNS = Exercise(
    name="apparent_turns",
    cases=[
        (1.0, 5, 25, 1),
        (4.5, 5, 25, 1),
        (1.0, 5, 25, 4),
        (0.25, 3, 30, 8),
        (2.0, 4, 24, 2),
        (-1.5, 4, 24, 2),
    ],
    properties=[
        Property(
            "at most half a spoke gap from one frame of the clip to the next",
            lambda got, f, n, fps, tau: abs(got) <= fps / tau / n / 2 + 1e-6,
        ),
        Property(
            "a whole number of spoke gaps per frame of the clip away from the true speed",
            lambda got, f, n, fps, tau: _whole((f - got) / (fps / tau / n)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda f, spokes, fps, stride: _fold(f, fps / spokes),
            "the clip does not show every frame: it shows fps / stride of them in a second.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: _fold(f, fps / stride),
            "you waited for a full turn. The wheel looks the same after 1 / spokes of a turn.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: f % (fps / stride / spokes),
            "never negative, so never backwards. Fold into −half … +half, not 0 … whole.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: abs(_fold(f, fps / stride / spokes)),
            "the speed is right, the direction is lost: keep the sign.",
        ),
    ],
)


def _coordinates(num_frames: int, height: int, width: int) -> np.ndarray:
    """Frames whose three channels say where a pixel came from: its y, its x, its frame."""
    t, y, x = np.indices((num_frames, height, width))
    return np.stack([y, x, t], axis=-1).astype(np.uint8)


def _same_place(got: np.ndarray, *_: object) -> bool:
    return bool(np.all(got[..., :2] == got[0, ..., :2]))


def _uncut_pixels(got: np.ndarray, *_: object) -> bool:
    corner = got[:, :1, :1].astype(int)
    step = np.moveaxis(np.indices(got.shape[1:3]), 0, -1)
    return bool(np.all(got[..., :2] - corner[..., :2] == step)) and _frames_in_order(got)


def _frames_in_order(got: np.ndarray) -> bool:
    """Whether the third channel still counts the frames: 0, 1, 2, …"""
    return bool(np.all(got[..., 2] == np.arange(len(got))[:, None, None]))


def _fresh_per_frame(frames: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    cut = []
    for frame in frames:
        y = generator.integers(frame.shape[0] - size + 1)
        x = generator.integers(frame.shape[1] - size + 1)
        cut.append(frame[y : y + size, x : x + size])
    return np.stack(cut)


def _swapped(frames: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    y = generator.integers(frames.shape[2] - size + 1)
    x = generator.integers(frames.shape[1] - size + 1)
    return frames[:, y : y + size, x : x + size]


def _cuts_time(frames: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    y = generator.integers(frames.shape[1] - size + 1)
    x = generator.integers(frames.shape[2] - size + 1)
    return frames[y : y + size, x : x + size]


CROP_ONCE = Exercise(
    name="crop_once",
    cases=[
        (_coordinates(num_frames, height, width), size, np.random.default_rng(seed))
        for seed, (num_frames, height, width, size) in enumerate(
            [(8, 12, 40, 9), (5, 40, 12, 9), (6, 16, 31, 16), (4, 20, 33, 7)]
        )
    ],
    properties=[
        Property(
            "shape (T, size, size, 3)",
            lambda got, frames, size, _: got.shape == (len(frames), size, size, 3),
        ),
        Property("every frame is cut at the same place", _same_place),
        Property("pixels keep their neighbours, frames their order", _uncut_pixels),
    ],
    misconceptions=[
        Misconception(
            _fresh_per_frame,
            "each frame draws its own place, so a still picture jumps. Draw once, before the "
            "frames.",
        ),
        Misconception(
            _swapped,
            "height and width are swapped: y runs over axis 1 of (T, H, W, 3), x over axis 2.",
        ),
        Misconception(
            _cuts_time,
            "the first axis is time: you cut frames and rows. Leave axis 0 whole, frames[:, y…, "
            "x…].",
        ),
    ],
)

EXERCISES = [COUNT_STARTS, SAME_MOMENTS, APPARENT_TURNS, CROP_ONCE]
