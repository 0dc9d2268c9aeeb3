"""Checks of chapter 1, video tensors."""

import numpy as np

from lecturekit.exercises import Exercise, Misconception, Property, same

_SIZES = {"t": 8, "h": 4, "w": 5, "c": 3}


def _offset(layout: str, t: int, y: int, x: int, c: int, sizes: dict[str, int]) -> int:
    index = dict(zip("thwc", (t, y, x, c), strict=True))
    shape = [sizes[axis] for axis in layout]
    return int(np.ravel_multi_index([index[axis] for axis in layout], shape))


ADDRESS = Exercise(
    name="address",
    cases=[
        ("thwc", 2, 1, 3, 0, _SIZES),
        ("cthw", 2, 1, 3, 1, _SIZES),
        ("tchw", 7, 3, 4, 2, _SIZES),
        ("thwc", 0, 0, 1, 0, _SIZES),
        ("cthw", 0, 0, 0, 2, {"t": 2, "h": 3, "w": 7, "c": 4}),
    ],
    properties=[
        Property("a whole number", lambda got, *_: int(got) == got),
        Property(
            "element [index] of the packed tensor lies there",
            lambda got, *case: got == _offset(*case),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda layout, t, y, x, c, sizes: _offset("thwc", t, y, x, c, sizes),
            "this is right for thwc only. The stride of an axis depends on which axes come "
            "after it in the layout.",
        ),
        Misconception(
            lambda layout, t, y, x, c, sizes: _offset(layout[::-1], t, y, x, c, sizes),
            "you multiplied by the sizes before each axis. One step jumps over everything packed "
            "inside it: the sizes after it.",
        ),
        Misconception(
            lambda layout, t, y, x, c, sizes: 1 + _offset(layout, t, y, x, c, sizes),
            "one too far: the first element lies at offset 0.",
        ),
    ],
)


def _film(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8)


def _right_values(got: np.ndarray, frames: np.ndarray) -> bool:
    return same(got, np.moveaxis(frames, -1, 0) / 255)


TO_CHANNELS_FIRST = Exercise(
    name="to_channels_first",
    cases=[(_film(0, 2, 4, 5),), (_film(1, 7, 3, 2),), (np.full((2, 4, 5, 3), 255, np.uint8),)],
    properties=[
        Property("shape (3, T, H, W)", lambda got, f: got.shape == (3, *f.shape[:3])),
        Property("float32", lambda got, f: got.dtype == np.float32),
        Property("values from 0 to 1", lambda got, f: got.min() >= 0 and got.max() <= 1),
        Property("the value of each pixel, divided by 255, at its own place", _right_values),
    ],
    misconceptions=[
        Misconception(
            lambda frames: frames.reshape(3, *frames.shape[:3]).astype(np.float32) / 255,
            "the shape is right and the film is shuffled: reshape re-reads memory, it does not "
            "move axes. Use transpose.",
        ),
        Misconception(
            lambda frames: frames.transpose(0, 3, 1, 2).astype(np.float32) / 255,
            "time and channels are swapped: this is (T, 3, H, W).",
        ),
        Misconception(
            lambda frames: (frames // 255).transpose(3, 0, 1, 2).astype(np.float32),
            "almost everything is 0: // divides whole numbers. Go to float first.",
        ),
        Misconception(
            lambda frames: frames.transpose(3, 0, 1, 2).astype(np.float32),
            "still 0 to 255: divide by 255.",
        ),
        Misconception(
            lambda frames: frames.transpose(3, 0, 1, 2) / 255,
            "float64: NumPy divides bytes into doubles, twice the memory. Go to float32 first.",
        ),
    ],
)

FRAME_DIFFERENCES = Exercise(
    name="frame_differences",
    cases=[(_film(2, 3, 4, 5),), (_film(3, 2, 2, 7),), (_film(4, 5, 3, 2),)],
    properties=[
        Property("one frame fewer", lambda got, f: got.shape == (len(f) - 1, *f.shape[1:])),
        Property("a float type", lambda got, f: np.issubdtype(got.dtype, np.floating)),
        Property(
            "adding the differences to the first frame gives the last",
            lambda got, f: same(f[0] + got.sum(axis=0), f[-1]),
        ),
        Property(
            "each is the next frame minus this one",
            lambda got, f: same(got, np.diff(f.astype(int), axis=0)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda frames: (frames[1:] - frames[:-1]).astype(np.float32),
            "bytes wrap: 3 − 4 became 255. Go to float before you subtract, not after.",
        ),
        Misconception(
            lambda frames: frames[:-1].astype(np.float32) - frames[1:],
            "the sign is turned round: this is the present frame minus the next.",
        ),
        Misconception(
            lambda frames: np.abs(np.diff(frames.astype(np.float32), axis=0)),
            "the sign is gone: brighter and darker look alike, and the direction of the motion "
            "is lost with them.",
        ),
    ],
)


def _whole_clips(gigabytes: float, num_frames: int, height: int, width: int) -> int:
    return int(gigabytes * 1e9 // (num_frames * height * width * 3 * 4))


CLIPS_THAT_FIT = Exercise(
    name="clips_that_fit",
    cases=[(16, 16, 224, 224), (1, 8, 112, 112), (0.5, 32, 256, 340), (0.001, 64, 224, 224)],
    properties=[
        Property("a whole number", lambda got, *_: int(got) == got),
        Property("that many fit", lambda got, gb, t, h, w: got * t * h * w * 12 <= gb * 1e9),
        Property(
            "one more does not fit", lambda got, gb, t, h, w: (got + 1) * t * h * w * 12 > gb * 1e9
        ),
    ],
    misconceptions=[
        Misconception(
            lambda gb, t, h, w: int(gb * 1e9 // (t * h * w * 4)),
            "three times too many: a pixel is three numbers.",
        ),
        Misconception(
            lambda gb, t, h, w: int(gb * 1e9 // (t * h * w * 3)),
            "four times too many: a float32 takes four bytes.",
        ),
        Misconception(
            lambda gb, t, h, w: _whole_clips(gb, t, h, w) + 1,
            "one too many: round down. A clip that fits by half does not fit.",
        ),
        Misconception(
            lambda gb, t, h, w: gb * 1e9 / (t * h * w * 12),
            "whole clips only: round down.",
        ),
    ],
)

EXERCISES = [ADDRESS, TO_CHANNELS_FIRST, FRAME_DIFFERENCES, CLIPS_THAT_FIT]
