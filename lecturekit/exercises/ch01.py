"""Checks of chapter 1, video tensors."""

import numpy as np
import torch

from lecturekit.exercises import (
    Claim,
    Derivation,
    Exercise,
    Judgement,
    Misconception,
    Property,
    same,
)

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
        ("wtch", 1, 2, 3, 1, _SIZES),
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
        Misconception(
            lambda layout, t, y, x, c, sizes: sum(
                dict(zip("thwc", (t, y, x, c), strict=True))[axis]
                * int(np.prod([sizes[a] for a in layout[k:]]))
                for k, axis in enumerate(layout)
            ),
            "a stride is the product of the sizes after its axis; yours has the axis's own size in "
            "it as well.",
        ),
        Misconception(
            lambda layout, t, y, x, c, sizes: int(
                np.ravel_multi_index(
                    [index % sizes[axis] for index, axis in zip((t, y, x, c), layout, strict=True)],
                    [sizes[axis] for axis in layout],
                )
            ),
            "t, y, x and c come in this order whatever the layout is. Find out first which index "
            "belongs to which letter.",
        ),
    ],
)

MOVES_BYTES = Judgement(
    name="moves_bytes",
    claims={
        "a": Claim(
            False,
            "the stride of t doubles; the first byte stays.",
            "which strides would describe every second frame? Are they whole numbers?",
        ),
        "b": Claim(
            True,
            "a list may hold any frames, so NumPy always copies for it.",
            "[::2] is a rule with one stride. What could the list have been instead?",
        ),
        "c": Claim(
            False,
            "NumPy takes a stride of −1.",
            "a stride is a whole number, and the statement does not say that it is positive.",
        ),
        "d": Claim(
            False,
            "the same strides in another order.",
            "compare with the output of the cell that prints the strides of four layouts.",
        ),
        "e": Claim(
            True,
            "red, green, red, …: one stride cannot run through a whole colour and then start the "
            "next.",
            "all numbers in one row, colour after colour: would one stride do? Try .view(-1), "
            "which refuses to copy.",
        ),
        "f": Claim(
            False,
            "it is contiguous already: contiguous() gives it back as it is.",
            "what is left to do for a tensor that is contiguous already?",
        ),
        "g": Claim(
            False,
            "only axes change place, as in permute.",
            "einops does here what permute does. What did permute move?",
        ),
        "h": Claim(
            False,
            "of one colour, t, h and w follow each other at a stride of 3: one stride does.",
            "write down the strides after the permute. Can t, h and w be walked through in steps "
            "of one size?",
        ),
    },
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
        Misconception(
            lambda gb, t, h, w: int(gb * 2**30 // (t * h * w * 12)),
            "that counts 2³⁰ bytes, which is a gibibyte. Here a gigabyte is 10⁹ bytes.",
        ),
        Misconception(
            lambda gb, t, h, w: int(gb * 1e9 // (t * h * w * 24)),
            "eight bytes are a float64. A float32 takes four.",
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
        Property("values from 0 to 1", lambda got, f: got.min() >= 0 and got.max() <= 1),
        Property("the value of each pixel, divided by 255, at its own place", _right_values),
        Property("float32", lambda got, f: got.dtype == np.float32),
    ],
    misconceptions=[
        Misconception(
            lambda frames: frames.reshape(3, *frames.shape[:3]).astype(np.float32) / 255,
            "the shape is right and the film is shuffled: reshape re-reads memory, it does not "
            "move axes. Use transpose.",
            symptom=lambda got, f: same(got.ravel(), (f / 255).ravel()),
        ),
        Misconception(
            lambda frames: frames.transpose(0, 3, 1, 2).astype(np.float32) / 255,
            "time and channels are swapped: this is (T, 3, H, W).",
            symptom=lambda got, f: got.shape == (len(f), 3, *f.shape[1:3]),
        ),
        Misconception(
            lambda frames: frames.transpose(3, 0, 2, 1).astype(np.float32) / 255,
            "rows and columns are swapped: this is (3, T, W, H).",
            symptom=lambda got, f: same(got, f.transpose(3, 0, 2, 1) / 255),
        ),
        Misconception(
            lambda frames: (frames // 255).transpose(3, 0, 1, 2).astype(np.float32),
            "almost everything is 0: // divides whole numbers. Go to float first.",
        ),
        Misconception(
            lambda frames: frames.transpose(3, 0, 1, 2).astype(np.float32),
            "still 0 to 255: divide by 255.",
            symptom=lambda got, f: got.max() > 1,
        ),
        Misconception(
            lambda frames: frames.transpose(3, 0, 1, 2) / 256,
            "the brightest value is 255, not 256: white must become 1.",
        ),
        Misconception(
            lambda frames: frames.transpose(3, 0, 1, 2) / 255,
            "float64: NumPy divides bytes into doubles, twice the memory. Go to float32 first.",
            symptom=lambda got, f: got.dtype == np.float64 and _right_values(got, f),
        ),
    ],
)

FRAME_DIFFERENCES = Exercise(
    name="frame_differences",
    cases=[(_film(2, 3, 4, 5),), (_film(3, 2, 2, 7),), (_film(4, 5, 3, 2),)],
    properties=[
        Property("one frame fewer", lambda got, f: got.shape == (len(f) - 1, *f.shape[1:])),
        Property(
            "adding the differences to the first frame gives the last",
            lambda got, f: same(f[0] + got.sum(axis=0), f[-1]),
        ),
        Property(
            "each is the next frame minus this one",
            lambda got, f: same(got, np.diff(f.astype(int), axis=0)),
        ),
        Property("float32", lambda got, f: got.dtype == np.float32),
    ],
    misconceptions=[
        Misconception(
            lambda frames: (frames[1:] - frames[:-1]).astype(np.float32),
            "bytes wrap: 3 − 4 became 255. Go to float before you subtract, not after.",
            symptom=lambda got, f: got.min() >= 0 and same(got % 256, np.diff(f, axis=0)),
        ),
        Misconception(
            lambda frames: frames[:-1].astype(np.float32) - frames[1:],
            "the sign is turned round: this is the present frame minus the next.",
            symptom=lambda got, f: same(-got, np.diff(f.astype(int), axis=0)),
        ),
        Misconception(
            lambda frames: np.abs(np.diff(frames.astype(np.float32), axis=0)),
            "the sign is gone: brighter and darker look alike, and the direction of the motion "
            "is lost with them.",
        ),
        Misconception(
            lambda frames: np.diff(frames.astype(np.float32), axis=-1),
            "np.diff takes the last axis where you name none: you subtracted colours. Time is "
            "axis 0.",
            symptom=lambda got, f: got.shape[0] == len(f),
        ),
        Misconception(
            lambda frames: np.diff(frames.astype(np.float32), axis=0) / 255,
            "the values are right up to a factor of 255: grey levels were asked for.",
        ),
        Misconception(
            lambda frames: np.diff(frames.astype(int), axis=0),
            "the values are right; the statement asks for float32.",
            symptom=lambda got, f: same(got, np.diff(f.astype(int), axis=0)),
        ),
    ],
)

SLOPE = Derivation(
    name="slope",
    answer=(1.5, 37.5, 6.0),
    statement="45 columns in 30 rows, 25 rows a second, 4 frames a row",
    slips=[
        (
            (30 / 45, 30 / 45 * 25, 30 / 45 * 4),
            "you divided rows by columns. Speed is columns (px) over rows (frames).",
        ),
        (
            (45 / 31, 45 / 31 * 25, 45 / 31 * 4),
            "from row 10 to row 40 are 30 steps; 31 is the number of rows.",
        ),
        (
            (1.5, 1.5 / 25, 6.0),
            "a second has 25 frames, so the way in a second is longer, not shorter.",
        ),
        (
            (1.5, 37.5, 1.5 / 4),
            "a row of the new slice is four frames later than the last: the way is longer.",
        ),
        (
            (1.5, 37.5, 1.5),
            "the thing moves on while frames are left out. How far in four frames?",
        ),
        (
            (85 / 40, 85 / 40 * 25, 85 / 40 * 4),
            "that is the place of the end. Speed is the change of place over the change of time.",
        ),
    ],
)


def _flat_film(frames: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Clips, and a mean and std for each channel that all differ."""
    rng = torch.Generator().manual_seed(seed)
    clips = torch.rand(2, 3, frames, 4, 5, generator=rng)
    return clips, torch.tensor([0.2, 0.5, 0.7]), torch.tensor([0.1, 0.3, 0.6])


def _normalised(clips: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    return np.stack([(clips[:, c] - mean[c]) / std[c] for c in range(3)], axis=1)


NORMALISE = Exercise(
    name="normalise",
    kind="debug",
    cases=[_flat_film(3, 0), _flat_film(3, 1), _flat_film(16, 2), _flat_film(1, 3)],
    properties=[
        Property("the shape of the clips", lambda got, clips, *_: got.shape == clips.shape),
        Property(
            "each channel less its own mean, divided by its own std",
            lambda got, *case: same(got, _normalised(*case), rtol=1e-4),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda clips, mean, std: (clips - mean.reshape(1, 3, 1, 1)) / std.reshape(1, 3, 1, 1),
            "four axes line up with c, t, h, w: the 3 stands under t again. Count from the right, "
            "or give all five.",
        ),
        Misconception(
            lambda clips, mean, std: (
                ((clips - mean.reshape(3, 1, 1, 1, 1)) / std.reshape(3, 1, 1, 1, 1))
                if len(clips) == 3
                else (clips[:1] - mean.reshape(3, 1, 1, 1, 1)) / std.reshape(3, 1, 1, 1, 1)
            ),
            "now the 3 stands under the batch. Which axis, counted from the right, is c?",
            symptom=lambda got, clips, *_: len(got) != len(clips),
        ),
        Misconception(
            lambda clips, mean, std: (clips - mean.mean()) / std.mean(),
            "one mean for all channels: nothing raises, and the colours are not centred.",
        ),
        Misconception(
            lambda clips, mean, std: clips - mean.reshape(3, 1, 1, 1),
            "the mean is taken off; the division is missing.",
        ),
        Misconception(
            lambda clips, mean, std: clips - mean.reshape(3, 1, 1, 1) / std.reshape(3, 1, 1, 1),
            "brackets: / binds closer than −.",
        ),
        Misconception(
            lambda clips, mean, std: (clips - mean.reshape(3, 1, 1, 1)) * std.reshape(3, 1, 1, 1),
            "divide by the standard deviation, do not multiply.",
        ),
    ],
)

_SPEED, _SPEEDS, _ROWS = 2, np.arange(-16, 17) / 2, 12


def _variation(row: np.ndarray, speed: float) -> float:
    """How much the row, sliding at 2 px per frame, changes along a line of this speed."""
    row = np.asarray(row, dtype=float)
    slide = [np.roll(row, _SPEED * t) for t in range(_ROWS)]
    inside = np.arange(120, len(row) - 120)
    at = np.arange(len(row))
    lines = [np.interp(inside + speed * t, at, moved) for t, moved in enumerate(slide)]
    return float(np.stack(lines).var(axis=0).mean())


def _has_a_double(row: np.ndarray) -> bool:
    true = _variation(row, _SPEED)
    others = [_variation(row, speed) for speed in _SPEEDS if abs(speed - _SPEED) >= 1]
    return min(others) <= true + 1e-3 * float(np.var(row))


DECEIVING_ROW = Exercise(
    name="deceiving_row",
    kind="experiment",
    cases=[(320,), (401,)],
    properties=[
        Property("shape (width,)", lambda got, width: got.shape == (width,)),
        Property(
            "values in 0…1 with a standard deviation of at least 0.2",
            lambda got, width: got.min() >= 0 and got.max() <= 1 and got.std() >= 0.2,
        ),
        Property(
            "another speed from −8 to 8 leaves no more variation than the true 2 px per frame",
            lambda got, width: _has_a_double(got),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda width: np.full(width, 0.5),
            "without contrast every speed fits, and there is nothing to see. Keep a pattern.",
            symptom=lambda got, width: got.ndim == 1 and got.std() < 0.01,
        ),
        Misconception(
            lambda width: np.random.default_rng(0).random(width),
            "no two parts of a random row are alike, so only the true speed fits. What kind of "
            "row is like itself a few pixels further on?",
        ),
        Misconception(
            lambda width: 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(width) / 40),
            "the row repeats, but only after more pixels than the search goes. Its double lies "
            "outside −8…8 px per frame.",
            symptom=lambda got, width: _period(got) > 10,
        ),
        Misconception(
            lambda width: np.linspace(0, 1, width),
            "a ramp is nowhere like itself: followed at a wrong speed it grows brighter or darker "
            "from row to row.",
            symptom=lambda got, width: bool((np.diff(got) > 0).all() or (np.diff(got) < 0).all()),
        ),
        Misconception(
            lambda width: (np.arange(width) >= width // 2).astype(float),
            "away from the edge there is nothing to follow, but the edge itself tells its speed.",
        ),
    ],
)


def _period(row: np.ndarray) -> int:
    """Pixels after which the row repeats; 0 if it does not."""
    shifts = range(1, len(row) // 2)
    return next((p for p in shifts if same(row[p:], row[:-p], atol=1e-3)), 0)


EXERCISES = [
    ADDRESS,
    MOVES_BYTES,
    CLIPS_THAT_FIT,
    TO_CHANNELS_FIRST,
    FRAME_DIFFERENCES,
    SLOPE,
    NORMALISE,
    DECEIVING_ROW,
]
