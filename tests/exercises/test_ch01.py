"""Chapter 1: answers that students give, right in several styles and wrong in plausible ways."""

import numpy as np
import pytest
import torch
from einops import rearrange

from lecturekit.exercises import ch01


def address_by_products(layout, t, y, x, c, sizes):
    where = {"t": t, "h": y, "w": x, "c": c}
    total = 0
    for k, axis in enumerate(layout):
        step = 1
        for later in layout[k + 1 :]:
            step *= sizes[later]
        total += where[axis] * step
    return total


def address_by_array(layout, t, y, x, c, sizes):
    cube = np.arange(np.prod([sizes[a] for a in layout])).reshape([sizes[a] for a in layout])
    return cube[tuple({"t": t, "h": y, "w": x, "c": c}[a] for a in layout)]


def channels_torch(frames):
    return torch.as_tensor(frames).permute(3, 0, 1, 2).float() / 255


def channels_loop(frames):
    out = np.empty((3, *frames.shape[:3]), np.float32)
    for c in range(3):
        out[c] = np.asarray(frames)[..., c] / 255.0
    return out


def difference_torch(frames):
    x = torch.as_tensor(frames).to(torch.float32)
    return x[1:] - x[:-1]


def difference_loop(frames):
    x = np.asarray(frames).astype(np.float32)
    return np.stack([x[t + 1] - x[t] for t in range(len(x) - 1)])


def normalise_batch_norm(clips, mean, std):
    return torch.nn.functional.batch_norm(clips, mean, std**2, eps=0)


def normalise_loop(clips, mean, std):
    out = clips.clone()
    for c in range(3):
        out[:, c] = (clips[:, c] - mean[c]) / std[c]
    return out


RIGHT = [
    (ch01.ADDRESS, address_by_products),
    (ch01.ADDRESS, address_by_array),
    (ch01.CLIPS_THAT_FIT, lambda gb, t, h, w: np.floor(gb * 1e9 / (t * h * w * 3 * 4))),
    (ch01.CLIPS_THAT_FIT, lambda gb, t, h, w: int(gb * 1e9) // (12 * t * h * w)),
    (ch01.TO_CHANNELS_FIRST, channels_torch),
    (ch01.TO_CHANNELS_FIRST, channels_loop),
    (ch01.TO_CHANNELS_FIRST, lambda f: rearrange(f, "t h w c -> c t h w").astype("float32") / 255),
    (ch01.TO_CHANNELS_FIRST, lambda f: np.moveaxis(f / 255, -1, 0).astype(np.float32)),
    (ch01.FRAME_DIFFERENCES, difference_torch),
    (ch01.FRAME_DIFFERENCES, difference_loop),
    (ch01.FRAME_DIFFERENCES, lambda f: np.diff(f.astype(int), axis=0).astype(np.float32)),
    (ch01.NORMALISE, normalise_batch_norm),
    (ch01.NORMALISE, normalise_loop),
    (ch01.NORMALISE, lambda x, m, s: (x - m[:, None, None, None]) / s[:, None, None, None]),
    (ch01.NORMALISE, lambda x, m, s: ((x.transpose(1, -1) - m) / s).transpose(1, -1)),
    (ch01.DECEIVING_ROW, lambda width: np.arange(width) % 2),
    (ch01.DECEIVING_ROW, lambda width: [float(x % 2) for x in range(width)]),
    (ch01.DECEIVING_ROW, lambda width: 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(width) / 5)),
    (ch01.DECEIVING_ROW, lambda width: torch.arange(width) % 4 / 3),
    (ch01.DECEIVING_ROW, lambda width: np.tile([0.0, 1, 1], width)[:width]),
    (ch01.SLOPE, (1.5, 37.5, 6)),
    (ch01.SLOPE, np.array([1.5, 37.5, 6.0])),
]
# With the beginning of the hint that should come, or None where none is owed.
WRONG = [
    (ch01.ADDRESS, lambda layout, t, y, x, c, s: ((t * s["h"] + y) * s["w"] + x) * s["c"] + c,
     "this is right for thwc only"),
    (ch01.ADDRESS, lambda layout, t, y, x, c, s: t + y + x + c, None),
    (ch01.CLIPS_THAT_FIT, lambda gb, t, h, w: gb * 10**9 / (t * h * w * 3 * 4), "whole clips"),
    (ch01.CLIPS_THAT_FIT, lambda gb, t, h, w: int(gb * 1e9 / (t * h * w)), None),
    (ch01.TO_CHANNELS_FIRST, lambda f: torch.as_tensor(f).permute(3, 0, 1, 2).double() / 255,
     "float64"),
    (ch01.TO_CHANNELS_FIRST, lambda f: f.reshape(3, *f.shape[:3]) / 255, "the shape is right and"),
    (ch01.TO_CHANNELS_FIRST, lambda f: f.transpose(0, 3, 1, 2) / 255, "time and channels"),
    (ch01.TO_CHANNELS_FIRST, lambda f: f.T.astype(np.float32) / 255, None),
    (ch01.FRAME_DIFFERENCES, lambda f: f[1:] - f[:-1], "bytes wrap"),
    (ch01.FRAME_DIFFERENCES, lambda f: f[1:].astype(float) - f[:-1], "the values are right; the"),
    (ch01.FRAME_DIFFERENCES, lambda f: f[:-1].astype(int) - f[1:], "the sign is turned"),
    (ch01.NORMALISE, lambda x, m, s: (x - m.view(3, 1, 1)) / s.view(3, 1, 1),
     "the 3 stands under t"),
    (ch01.NORMALISE, lambda x, m, s: (x - x.mean()) / x.std(), None),
    (ch01.NORMALISE, lambda x, m, s: (x - m.view(3, 1, 1, 1)) / s.view(3, 1, 1, 1) ** 2, None),
    (ch01.DECEIVING_ROW, np.zeros, "without contrast"),
    (ch01.DECEIVING_ROW, lambda width: np.arange(width) % 20 / 19, "the row repeats, but"),
    (ch01.DECEIVING_ROW, lambda width: np.random.rand(width).round(), None),
    (ch01.DECEIVING_ROW, lambda width: 255 * (np.arange(width) % 4 > 1), "the stripes are fine"),
    (ch01.FRAME_DIFFERENCES, lambda f: f.astype(np.float32) - f[0], "you compared with the first"),
    (ch01.SLOPE, (1.5, 37.5, 1.5), "the thing moves on"),
    (ch01.SLOPE, (0.667, 16.67, 2.67), "you divided rows"),
    (ch01.MOVES_BYTES, dict.fromkeys("abcdefgh", False), None),
    (ch01.MOVES_BYTES, dict.fromkeys("abcdefgh", True), None),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_a_right_answer_in_any_style_passes(exercise, answer):
    assert exercise.verdict(answer).startswith("✓")


@pytest.mark.parametrize(("exercise", "answer", "hint"), WRONG)
def test_a_wrong_answer_fails_and_gets_its_hint(exercise, answer, hint):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✗")
    if hint:
        assert f"Hint: {hint}" in verdict


def test_an_answer_that_writes_into_the_film_is_noticed():
    def in_place(clips, mean, std):
        clips -= mean.view(3, 1, 1, 1)
        clips /= std.view(3, 1, 1, 1)
        return clips

    assert "wrote into its argument number 1" in ch01.NORMALISE.verdict(in_place)


def test_what_moves_bytes_is_what_torch_and_numpy_do():
    film = np.zeros((8, 4, 5, 3), np.uint8)
    clip = torch.from_numpy(film)
    moved = clip.permute(3, 0, 1, 2)
    results = {
        "a": film[::2],
        "b": film[[0, 2, 4]],
        "c": film[..., ::-1],
        "d": moved.numpy(),
        "e": moved.flatten().numpy(),
        "f": clip.contiguous().numpy(),
        "g": rearrange(clip, "t h w c -> t c h w").numpy(),
        "h": moved.reshape(3, -1).numpy(),
    }
    copied = {key: not np.shares_memory(film, result) for key, result in results.items()}
    assert copied == ch01.MOVES_BYTES.right
