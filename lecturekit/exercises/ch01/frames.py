"""Frames made ready for a network."""

import numpy as np
import torch

from lecturekit.exercises import Exercise, Misconception, Property, same


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
            symptom=lambda got, f: got.shape[-1] == 2,
        ),
        Misconception(
            lambda frames: frames[1:].astype(np.float32) - frames[:1],
            "you compared with the first frame each time. Asked is the change from one frame to "
            "the next.",
            symptom=lambda got, f: same(got[-len(f) + 1 :], f[1:].astype(int) - f[:1]),
        ),
        Misconception(
            lambda frames: np.diff(frames.astype(np.float32), axis=0) / 255,
            "the values are right up to a factor of 255: grey values were asked for.",
        ),
        Misconception(
            lambda frames: np.diff(frames.astype(int), axis=0),
            "the values are right; the statement asks for float32.",
            symptom=lambda got, f: same(got, np.diff(f.astype(int), axis=0)),
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
            "the 3 stands under t: shapes are matched from the right. Count how many axes follow "
            "c, or give all five.",
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
            lambda clips, mean, std: (
                (clips.transpose(1, 2) - mean.reshape(3, 1, 1)) / std.reshape(3, 1, 1)
            ),
            "normalised rightly, but time and channels are still swapped: swap them back.",
            symptom=lambda got, *case: same(got.swapaxes(1, 2), _normalised(*case), rtol=1e-4),
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
