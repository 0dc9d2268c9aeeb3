"""Chapter 4's checks: right answers in several styles, and wrong ones with the hint they need."""

import itertools
import math

import numpy as np
import pytest
import torch
from einops import rearrange
from torch.nn import functional

from lecturekit.exercises import ch04

# ---- right answers --------------------------------------------------------------------------


def outputs(n, k, s):
    return (n - k) // s + 1


def lost_forwards(frames, layers):
    field, jump, n = 1, 1, frames
    for kernel, stride in layers:
        n, field, jump = outputs(n, kernel, stride), field + (kernel - 1) * jump, jump * stride
    return frames - ((n - 1) * jump + field)


def lost_backwards(frames, layers):
    n = frames
    for kernel, stride in layers:
        n = outputs(n, kernel, stride)
    last = n - 1
    for kernel, stride in reversed(layers):
        last = last * stride + kernel - 1
    return np.int64(frames - 1 - last)


def slide_loops(cube, kernel, stride):
    kt, kh, kw = kernel.shape
    T, H, W = (outputs(n, k, stride) for n, k in zip(cube.shape, kernel.shape, strict=True))
    out = torch.zeros(T, H, W)
    for t in range(T):
        for i in range(H):
            for j in range(W):
                a, b, c = t * stride, i * stride, j * stride
                out[t, i, j] = (cube[a : a + kt, b : b + kh, c : c + kw] * kernel).sum()
    return out


def slide_numpy(cube, kernel, stride):
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(cube), np.shape(kernel))
    return np.einsum("tijabc,abc->tij", windows, np.asarray(kernel))[::stride, ::stride, ::stride]


def lay_out_torch(clip, kernel):
    kt, kh, kw = kernel
    windows = clip.unfold(1, kt, 1).unfold(2, kh, 1).unfold(3, kw, 1)
    return rearrange(windows, "c t i j kt kh kw -> (c kt kh kw) (t i j)")


def lay_out_numpy(clip, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(clip), kernel, axis=(1, 2, 3))
    windows = windows.transpose(0, 4, 5, 6, 1, 2, 3)
    return windows.reshape(len(clip) * math.prod(kernel), -1).astype(np.float64)


def lay_out_loops(clip, kernel):
    kt, kh, kw = kernel
    _, T, H, W = clip.shape
    columns = [
        clip[:, t : t + kt, i : i + kh, j : j + kw].reshape(-1)
        for t in range(T - kt + 1)
        for i in range(H - kh + 1)
        for j in range(W - kw + 1)
    ]
    return torch.stack(list(map(torch.as_tensor, columns)), 1)


def width_by_trying(c, f, stride):
    width = 1
    while (width + 1) * (9 * c * stride + 3 * f) <= 27 * c * f:
        width += 1
    return float(width)


def blob(vy, vx, frames=5, reach=8, soft=1.5, still=False):
    t = np.arange(frames)[:, None, None] - frames // 2
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    apart = ((y - vy * t) ** 2 + (x - vx * t) ** 2) / soft**2
    kernel = (1 - apart / 2) * np.exp(-apart / 2)
    return kernel if still else kernel - kernel.mean(0)


def dot(vy, vx):
    kernel = torch.zeros(5, 9, 9, dtype=torch.float64)
    for t in range(-2, 3):
        kernel[t + 2, 4 + vy * t, 4 + vx * t] = 1
    return kernel - kernel.mean(0, keepdim=True)


RIGHT = [
    (ch04.FOUR_SUMS, (5, 4, 0, 3)),
    (ch04.FOUR_SUMS, [5.0, 4.0, 0.0, 3.0]),
    (ch04.FOUR_SUMS, np.float32([5, 4, 0, 3])),
    (ch04.STILL_WEIGHT, lambda w: w.sum(2)),
    (ch04.STILL_WEIGHT, lambda w: np.sum(np.asarray(w, np.float64), axis=2)),
    (ch04.STILL_WEIGHT, lambda w: torch.einsum("fcthw->fchw", w)),
    (ch04.STILL_WEIGHT, lambda w: sum(w[:, :, t] for t in range(w.shape[2]))),
    (
        ch04.COUNT_LAYER,
        lambda c, f, k, n, bias: (
            f * (c * math.prod(k) + bias),
            c * f * math.prod(k) * math.prod(n),
        ),
    ),
    (
        ch04.COUNT_LAYER,
        lambda c, f, k, n, bias: np.array(
            [c * f * np.prod(k) + (f if bias else 0), c * f * np.prod(k) * np.prod(n)]
        ),
    ),
    (ch04.LOST_FRAMES, lost_forwards),
    (ch04.LOST_FRAMES, lost_backwards),
    (ch04.STRIDED, slide_loops),
    (ch04.STRIDED, slide_numpy),
    (ch04.STRIDED, lambda x, k, s: functional.conv3d(x[None, None], k[None, None], stride=s)[0, 0]),
    (ch04.LAY_OUT, lay_out_torch),
    (ch04.LAY_OUT, lay_out_numpy),
    (ch04.LAY_OUT, lay_out_loops),
    (ch04.FAIR_WIDTH, lambda c, f, s: 27 * c * f // (9 * c * s + 3 * f)),
    (ch04.FAIR_WIDTH, lambda c, f, s: math.floor(9 * c * f / (3 * c * s + f))),
    (ch04.FAIR_WIDTH, width_by_trying),
    (ch04.VELOCITY_KERNEL, blob),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: torch.from_numpy(blob(vy, vx, frames=7)).float()),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: 100 * blob(vy, vx, soft=1.0)),
    (ch04.VELOCITY_KERNEL, dot),
    (ch04.SUPPORTED, dict.fromkeys("acde", False) | dict.fromkeys("bf", True)),
]


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right(exercise, answer):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✓"), verdict


# ---- wrong answers --------------------------------------------------------------------------


def counted(parameters, work):
    return lambda c, f, k, n, bias: (
        parameters(c, f, math.prod(k), bias),
        work(c, f, math.prod(k), math.prod(n)),
    )


def right_parameters(c, f, k, bias):
    return c * f * k + bias * f


def right_work(c, f, k, n):
    return c * f * k * n


def one_short(frames, layers):
    n = frames
    for kernel, stride in layers:
        n = (n - kernel + 1) // stride
    last = n - 1
    for kernel, stride in reversed(layers):
        last = last * stride + kernel - 1
    return frames - 1 - last


def as_poolings(frames, layers):
    n, step = frames, 1
    for kernel, stride in layers:
        n, step = outputs(n, kernel, stride), step * stride
    return frames - n * step


def remainders(frames, layers):
    lost = 0
    for kernel, stride in layers:
        lost += (frames - kernel) % stride
        frames = outputs(frames, kernel, stride)
    return lost


def slide(cube, kernel, stride, window):
    """The loops of a convolution over another idea of where its window lies."""
    T, H, W = (outputs(n, k, stride) for n, k in zip(cube.shape, kernel.shape, strict=True))
    out = torch.zeros(T, H, W)
    for t, i, j in itertools.product(range(T), range(H), range(W)):
        out[t, i, j] = (cube[window(t, i, j)] * kernel).sum()
    return out


def broken_loops(cube, kernel, stride):
    kt, kh, kw = kernel.shape
    return slide(cube, kernel, stride, lambda t, i, j: np.s_[t : t + kt, i : i + kh, j : j + kw])


def dilated(cube, kernel, stride):
    kt, kh, kw = kernel.shape

    def window(t, i, j):
        a, b, c = t * stride, i * stride, j * stride
        return np.s_[a : a + kt * stride : stride, b : b + kh, c : c + kw]

    return slide(cube, kernel, stride, window)


def windows_of(clip, kernel):
    kt, kh, kw = kernel
    return torch.as_tensor(clip).unfold(1, kt, 1).unfold(2, kh, 1).unfold(3, kw, 1)


def with_pattern(pattern):
    return lambda clip, kernel: rearrange(windows_of(clip, kernel), pattern)


def static_blob(vy, vx):
    return blob(0, 0)


JUDGED = dict.fromkeys("acde", False) | dict.fromkeys("bf", True)

# An answer and how its hint begins; None where no hint is promised, only that it is wrong.
WRONG = [
    (ch04.FOUR_SUMS, (3, 1, -1, -1), None),
    (ch04.FOUR_SUMS, (5, 4, 3, 0), None),
    (ch04.FOUR_SUMS, (5, 0, 4, 3), "right numbers, another order"),
    (ch04.FOUR_SUMS, (1, 0, 0, 0), "you used the first frame alone"),
    (ch04.FOUR_SUMS, (4, 4, 0, 3), None),
    (ch04.FOUR_SUMS, (9, 6, 0, 7), "one weight is negative"),
    (ch04.STILL_WEIGHT, lambda w: w.mean(2), "that is the mean"),
    (ch04.STILL_WEIGHT, lambda w: w[:, :, -1], "that is one of the kernel's frames"),
    (ch04.STILL_WEIGHT, lambda w: w[:, :, w.shape[2] // 2], "that is one of the kernel's frames"),
    (ch04.STILL_WEIGHT, lambda w: w.sum(1), "you summed over the channels"),
    (ch04.STILL_WEIGHT, lambda w: np.mean(np.asarray(w), axis=1), "you summed over the channels"),
    (ch04.STILL_WEIGHT, lambda w: w.sum(0), "you summed over the filters"),
    (ch04.STILL_WEIGHT, lambda w: w.sum(3), "you summed over the columns"),
    (ch04.STILL_WEIGHT, lambda w: w.sum(2, keepdim=True), "keep no axis of length one"),
    (ch04.STILL_WEIGHT, lambda w: w.abs().sum(2), None),
    (
        ch04.COUNT_LAYER,
        counted(lambda c, f, k, bias: c * f * k + f, right_work),
        "you count a bias where",
    ),
    (ch04.COUNT_LAYER, counted(lambda c, f, k, bias: c * f * k, right_work), "where there is a"),
    (ch04.COUNT_LAYER, counted(lambda c, f, k, bias: f * k + bias * f, right_work), "each filter"),
    (
        ch04.COUNT_LAYER,
        counted(right_parameters, lambda c, f, k, n: c * f * k),
        "that is the work at one place",
    ),
    (
        ch04.COUNT_LAYER,
        counted(right_parameters, lambda c, f, k, n: 2 * c * f * k * n),
        "you count multiplications and additions apart",
    ),
    (
        ch04.COUNT_LAYER,
        counted(lambda c, f, k, bias: c * f * k + f, lambda c, f, k, n: f * k * n),
        "you count a bias where",
    ),
    (
        ch04.COUNT_LAYER,
        lambda c, f, k, n, bias: (
            right_parameters(c, f, math.prod(k), bias),
            right_parameters(c, f, math.prod(k), bias) * math.prod(n),
        ),
        "adding the bias multiplies nothing",
    ),
    (
        ch04.COUNT_LAYER,
        counted(right_parameters, lambda c, f, k, n: c * k * n),
        "the work of one filter",
    ),
    (
        ch04.COUNT_LAYER,
        lambda c, f, k, n, bias: (
            c * f * k[0] ** 3 + bias * f,
            c * f * math.prod(k) * math.prod(n),
        ),
        None,
    ),
    (
        ch04.COUNT_LAYER,
        lambda c, f, k, n, bias: right_parameters(c, f, math.prod(k), bias),
        "two counts are asked for",
    ),
    (ch04.LOST_FRAMES, remainders, "a position of a later layer"),
    (ch04.LOST_FRAMES, as_poolings, "strides alone"),
    (ch04.LOST_FRAMES, one_short, "a window fits at one place more"),
    (ch04.LOST_FRAMES, lambda n, layers: (n - layers[0][0]) % layers[0][1], "later layers"),
    (ch04.LOST_FRAMES, lambda n, layers: n % math.prod(s for _, s in layers), None),
    (ch04.LOST_FRAMES, lambda n, layers: lost_forwards(n, layers) + 1, "one too many"),
    (ch04.STRIDED, broken_loops, "where does the window of the second place begin"),
    (ch04.STRIDED, dilated, None),
    (
        ch04.STRIDED,
        lambda x, k, s: functional.conv3d(x[None, None], k[None, None], dilation=1)[0, 0],
        "these are the answers with stride 1",
    ),
    (
        ch04.STRIDED,
        lambda x, k, s: slide_loops(x, k, 1)[::s],
        "every axis skips windows",
    ),
    (
        ch04.STRIDED,
        lambda x, k, s: slide_loops(x, k.flip(0, 1, 2), s),
        "you flipped the kernel",
    ),
    (
        ch04.LAY_OUT,
        with_pattern("c t i j kt kh kw -> (kt kh kw c) (t i j)"),
        "the rows are right and their order is not",
    ),
    (
        ch04.LAY_OUT,
        with_pattern("c t i j kt kh kw -> (t i j) (c kt kh kw)"),
        "a window is a column",
    ),
    (
        ch04.LAY_OUT,
        with_pattern("c t i j kt kh kw -> (t i j) (kt kh kw c)"),
        "a window is a column",
    ),
    (
        ch04.LAY_OUT,
        with_pattern("c t i j kt kh kw -> (c kt kh kw) (i j t)"),
        "the columns are right and their order is not",
    ),
    (
        ch04.LAY_OUT,
        lambda clip, kernel: windows_of(clip, kernel).reshape(len(clip) * math.prod(kernel), -1),
        "the shape is right, but no axis was moved",
    ),
    (
        ch04.LAY_OUT,
        lambda clip, kernel: lay_out_torch(torch.as_tensor(clip)[:1], kernel),
        "that is one channel",
    ),
    (
        ch04.LAY_OUT,
        lambda clip, kernel: lay_out_torch(
            torch.as_tensor(clip), (kernel[0], kernel[2], kernel[1])
        ),
        "rows and columns of the kernel",
    ),
    (ch04.FAIR_WIDTH, lambda c, f, s: 27 * c * f // (9 * c + 3 * f), "that width makes"),
    (ch04.FAIR_WIDTH, lambda c, f, s: 27 * c * f // (9 * c + 3 * f * s), "the factor stands"),
    (ch04.FAIR_WIDTH, lambda c, f, s: 27 * c * f // (9 * c * s**2 + 3 * f), "the spatial half"),
    (ch04.FAIR_WIDTH, lambda c, f, s: 27 * c * f // (9 * c * s**3 + 3 * f), "the spatial half"),
    (ch04.FAIR_WIDTH, lambda c, f, s: round(27 * c * f / (9 * c * s + 3 * f)), "round down"),
    (ch04.FAIR_WIDTH, lambda c, f, s: math.ceil(27 * c * f / (9 * c * s + 3 * f)), "rounded up"),
    (ch04.FAIR_WIDTH, lambda c, f, s: 27 * c * f / (9 * c * s + 3 * f), "channels come whole"),
    (ch04.FAIR_WIDTH, lambda c, f, s: f, None),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: blob(vy, vx, still=True), "it answers to standing"),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: blob(vx, vy), "rows and columns are exchanged"),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: blob(-vy, -vx), "it answers most to the opposite"),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: torch.as_tensor(dot(-vy, -vx)), "it answers most to the"),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: blob(0, vx), "it moves along the columns alone"),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: blob(vy, vx, frames=3), "the right velocity answers"),
    (ch04.VELOCITY_KERNEL, static_blob, "the kernel does not move"),
    (ch04.VELOCITY_KERNEL, lambda vy, vx: blob(vy, vx, still=True)[:, 8:9], None),
    (
        ch04.VELOCITY_KERNEL,
        lambda vy, vx: blob(vy, vx, still=True) - blob(vy, vx, still=True).mean(),
        "it answers to standing",
    ),
    *((ch04.SUPPORTED, JUDGED | {k: not JUDGED[k]}, None) for k in JUDGED),
]


@pytest.mark.parametrize(("exercise", "answer", "hint"), WRONG)
def test_wrong(exercise, answer, hint):
    verdict = exercise.verdict(answer)
    assert verdict.startswith("✗"), verdict
    if hint:
        assert f"Hint: {hint}" in verdict, verdict


def test_the_numbers_by_hand_are_torchs():
    film, kernel = (torch.tensor(x)[None, None].double() for x in (FILM, KERNEL))
    assert functional.conv3d(film, kernel).flatten().tolist() == list(ch04.FOUR_SUMS.answer)


FILM = [[[3, 1, 0], [0, 2, 1], [1, 0, 2]], [[0, 1, 2], [2, 0, 1], [0, 1, 3]]]
KERNEL = [[[1, 0], [0, -1]], [[0, 2], [1, 0]]]
