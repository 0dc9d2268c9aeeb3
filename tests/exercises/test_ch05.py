"""Chapter 5's checks: right answers in several styles pass, plausible wrong ones get their hint."""

import cv2
import numpy as np
import pytest
import torch

from lecturekit import flow
from lecturekit.exercises import ch05


def judge(exercise, answer):
    return exercise.verdict(answer)


def rows_and_columns(field, write):
    """A field filled by loops: ``write(out, y, x)``."""
    height, width, _ = field.shape
    out = np.empty((width, height, 2), np.float32)
    for y in range(height):
        for x in range(width):
            write(out, y, x)
    return out


def turned_by_loops(field):
    height = len(field)

    def write(out, y, x):
        dx, dy = field[y, x]
        out[x, height - 1 - y] = -dy, dx

    return rows_and_columns(np.asarray(field), write)


def smaller_by_loops(field, n):
    rows = [
        [field[y : y + n, x : x + n].sum((0, 1)) / n**3 for x in range(0, field.shape[1], n)]
        for y in range(0, field.shape[0], n)
    ]
    return np.array(rows)


def smaller_by_torch(field, n):
    pooled = torch.nn.functional.avg_pool2d(field.permute(2, 0, 1)[None].float(), n)
    return (pooled[0] / n).permute(1, 2, 0)


def light_by_normal_equations(x, y, t):
    m = np.array([x, y, 0 * x - 1])
    return np.linalg.inv(m @ m.T) @ -(m @ t)


def light_by_centring(x, y, t):
    slopes = np.stack([x - x.mean(), y - y.mean()], 1)
    dx, dy = np.linalg.lstsq(slopes, -(t - t.mean()), rcond=None)[0]
    return [dx, dy, t.mean() + dx * x.mean() + dy * y.mean()]


def light_by_torch(x, y, t):
    m = torch.stack([x, y, -torch.ones_like(x)], 1).float()
    return torch.linalg.lstsq(m, -t.float()[:, None]).solution[:, 0]


def shift_by_cramer(before, after):
    _, bx, by, xx, yy, xy = before
    cx, cy = bx - after[1], by - after[2]
    determinant = 4 * xx * yy - xy**2
    return (2 * yy * cx - xy * cy) / determinant, (2 * xx * cy - xy * cx) / determinant


def shift_by_means(before, after):
    a, b = np.asarray(before, np.float32), np.asarray(after, np.float32)
    xx, yy, xy = (a + b)[3:] / 2
    return np.linalg.solve([[xx, xy / 2], [xy / 2, yy]], (a - b)[1:3] / 2)


def follow_by_while(fields, x, y):
    fields = list(fields)
    while fields:
        v = fields.pop(0)[int(np.rint(float(y))), int(np.rint(float(x)))]
        x, y = x + float(v[0]), y + float(v[1])
    return [x, y]


def follow_in_one_array(fields, x, y):
    place = np.array([x, y], np.float32)
    for field in np.asarray(fields):
        column, row = np.round(place).astype(int)
        place = place + field[row, column]
    return place


def round_trip(prev, next):
    there, back = flow.farneback(prev, next), flow.farneback(next, prev)
    home = there + np.stack([cv2.remap(back[..., k], *places(there), 1) for k in (0, 1)], -1)
    return np.hypot(home[..., 0], home[..., 1])


def places(field):
    y, x = np.mgrid[: field.shape[0], : field.shape[1]].astype(np.float32)
    return x + field[..., 0], y + field[..., 1]


def ranked(score):
    rank = np.empty(score.size)
    rank[np.argsort(score, axis=None)] = np.arange(score.size)
    return rank.reshape(score.shape)


def the_larger_rank(prev, next):
    small = flow.structure_tensor_eigenvalues(prev, winsize=11)[..., 1]
    doubt = np.maximum(ranked(-small), ranked(round_trip(prev, next)))
    return doubt > np.quantile(doubt, 0.75)


def an_eighth_of_each(prev, next):
    astray = round_trip(prev, next)
    slope = small_slope(prev)
    return (slope < np.quantile(slope, 0.125)) | (astray > np.quantile(astray, 0.875))


def cone(size):
    y, x = np.mgrid[:size, :size] - size / 2
    return (255 - 255 * np.hypot(x, y) / size / 0.75).clip(0, 255).astype(np.uint8)


def slow_shades(size):
    noise = np.random.default_rng(3).normal(size=(size, size))
    shades = cv2.GaussianBlur(noise, (0, 0), size / 7)
    return cv2.normalize(shades, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def two_waves(size):
    y, x = np.mgrid[:size, :size] * (2 * np.pi / size)
    return (128 + 60 * np.sin(x) + 60 * np.sin(y)).astype(np.uint8)


RIGHT = {
    "normal_flow": [
        lambda x, y, t: np.array([x, y]) * -t / (x * x + y * y),
        lambda x, y, t: [float(v) for v in np.linalg.pinv([[x, y]]) @ [-t]],
        lambda x, y, t: np.linalg.lstsq(np.array([[x, y]]), np.array([-t]))[0],
        lambda x, y, t: torch.tensor([x, y]) * (-t / (x**2 + y**2)),
        lambda x, y, t: (-t / np.hypot(x, y) * x / np.hypot(x, y), -t * y / (x**2 + y**2)),
    ],
    "solve_with_light": [light_by_normal_equations, light_by_centring, light_by_torch],
    "quadratic_shift": [
        shift_by_cramer,
        shift_by_means,
        lambda p, q: torch.linalg.solve(
            torch.tensor([[2 * p[3], p[5]], [p[5], 2 * p[4]]]), p[1:3] - q[1:3]
        ),
    ],
    "turned_flow": [
        turned_by_loops,
        lambda field: np.stack([-field[::-1, :, 1].T, field[::-1, :, 0].T], -1),
        lambda field: torch.stack([-field[..., 1], field[..., 0]], -1).rot90(-1, (0, 1)),
    ],
    "smaller_flow": [smaller_by_loops, smaller_by_torch],
    "follow": [follow_by_while, follow_in_one_array],
    "doubtful": [the_larger_rank, an_eighth_of_each],
    "hard_picture": [cone, slow_shades, two_waves],
}


@pytest.mark.parametrize(
    ("name", "answer"), [(name, answer) for name, answers in RIGHT.items() for answer in answers]
)
def test_a_right_answer_passes_in_any_style(name, answer):
    assert judge(getattr(ch05, name.upper()), answer).startswith("✓")


def broken_follow(fields, x, y):
    column, row = round(x), round(y)
    for field in fields:
        dx, dy = field[column, row]
        x, y = x + dx, y + dy
    return x, y


def follow_swapped(fields, x, y):
    for field in fields:
        dx, dy = field[round(x), round(y)]
        x, y = x + dx, y + dy
    return x, y


def follow_from_the_start(fields, x, y):
    row, column = round(y), round(x)
    for field in fields:
        x, y = x + field[row, column][0], y + field[row, column][1]
    return x, y


def follow_yx(fields, x, y):
    for field in fields:
        dy, dx = field[round(y), round(x)]
        x, y = x + dx, y + dy
    return x, y


def small_slope(prev):
    return flow.structure_tensor_eigenvalues(prev, winsize=15)[..., 1]


def longest(field):
    length = np.hypot(*np.moveaxis(field, -1, 0))
    return length > np.quantile(length, 0.75)


def checkerboard(size):
    return np.where((np.mgrid[:size, :size] // 8).sum(0) % 2, 220, 40).astype(np.uint8)


def an_edge(size):
    return np.where(np.mgrid[:size, :size][1] < size / 2, 40, 220).astype(np.uint8)


def a_faint_cone(size):
    return (cone(size) // 8 + 100).astype(np.uint8)


def a_faint_bowl(size):
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    return (100 * (x**2 + y**2)).astype(np.uint8)


def a_faint_saddle(size):
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    return (128 + 100 * (x**2 - y**2)).astype(np.uint8)


def a_lone_blob(size):
    y, x = np.mgrid[:size, :size] - size / 2
    return (40 + 200 * np.exp(-(x**2 + y**2) / 72)).astype(np.uint8)


def shades_not_slow_enough(size):
    noise = np.random.default_rng(3).normal(size=(size, size))
    shades = cv2.GaussianBlur(noise, (0, 0), 10)
    return cv2.normalize(shades, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


# Written down before the checks: what students would answer, and how its hint begins (None: no
# hint is asked for).
WRONG = {
    "normal_flow": [
        (lambda x, y, t: (t * x / (x**2 + y**2), t * y / (x**2 + y**2)), "the sign"),
        (lambda x, y, t: (-t * x / np.hypot(x, y), -t * y / np.hypot(x, y)), "you divided by"),
        (lambda x, y, t: (-t / x if x else 0, -t / y if y else 0), "each of the two numbers"),
        (lambda x, y, t: (0, -t / y) if y else (-t / x, 0), "it fits, but"),
        (lambda x, y, t: (-t * y / (x**2 + y**2), t * x / (x**2 + y**2)), None),
        (lambda x, y, t: -t / np.hypot(x, y), None),
        (lambda x, y, t: (abs(t) * x / (x**2 + y**2), abs(t) * y / (x**2 + y**2)), None),
    ],
    "solve_with_light": [
        (lambda x, y, t: np.linalg.lstsq(np.stack([x, y, x * 0 + 1], 1), -t)[0], "the sign of b"),
        (
            lambda x, y, t: [*np.linalg.lstsq(np.stack([x, y], 1), -t)[0], t.mean()],
            "dx and dy have explained",
        ),
        (
            lambda x, y, t: [*np.linalg.lstsq(np.stack([x, y], 1), t.mean() - t)[0], t.mean()],
            "the mean change is not all",
        ),
        (lambda x, y, t: np.linalg.lstsq(np.stack([x, y, x * 0 - 1], 1), t)[0], "all signs"),
        (
            lambda x, y, t: np.linalg.lstsq(np.stack([y, x, x * 0 - 1], 1), -t)[0],
            "that is (dy, dx, b)",
        ),
        (lambda x, y, t: np.linalg.lstsq(np.stack([x, y], 1), -t)[0], "dx and dy have explained"),
    ],
    "quadratic_shift": [
        (
            lambda p, q: np.linalg.solve([[p[3], p[5]], [p[5], p[4]]], (p - q)[1:3] / 2),
            "xᵀAx holds",
        ),
        (
            lambda p, q: np.linalg.solve([[2 * p[3], p[5]], [p[5], 2 * p[4]]], (q - p)[1:3]),
            "the sign",
        ),
        (
            lambda p, q: np.linalg.solve([[p[3], p[5] / 2], [p[5] / 2, p[4]]], (p - q)[1:3]),
            "the square of",
        ),
        (lambda p, q: (p - q)[1:3] / (2 * p[3:5]), "each axis alone"),
        (lambda p, q: (p - q)[1:3] / 2, None),
        (
            lambda p, q: np.linalg.solve([[2 * p[3], p[5]], [p[5], 2 * p[4]]], (p - q)[1:3])[::-1],
            "that is (dy, dx)",
        ),
    ],
    "turned_flow": [
        (lambda f: np.rot90(f, -1), "the field is turned, the vectors"),
        (lambda f: np.rot90(f, -1)[..., ::-1] * [1, -1], "the field is turned clockwise"),
        (lambda f: np.rot90(f)[..., ::-1] * [1, -1], "that is a quarter turn the other way"),
        (lambda f: f.transpose(1, 0, 2)[..., ::-1], "to swap the axes"),
        (lambda f: np.rot90(f, -1)[..., ::-1], "the numbers change places"),
        (lambda f: f[..., ::-1] * [-1, 1], None),
        (lambda f: np.rot90(f)[..., ::-1] * [-1, 1], None),
    ],
    "smaller_flow": [
        (lambda f, n: smaller_by_loops(f, n) * n, "resized like a picture"),
        (lambda f, n: smaller_by_loops(f, n) * n**2, "too large by factor²"),  # summed, then / n
        (lambda f, n: smaller_by_loops(f, n) * n**3, "the sum of a block"),
        (lambda f, n: smaller_by_loops(f, n) / n, "an area shrinks"),
        (lambda f, n: f[::n, ::n] / n, "one pixel of each block"),
        (lambda f, n: f[::n, ::n], None),
    ],
    "follow": [
        (broken_follow, "two mistakes"),
        (follow_from_the_start, "the indices are right now"),
        (follow_swapped, "the leaf moves now"),
        (follow_yx, None),
        (lambda fields, x, y: (x + fields.sum(0)[round(y), round(x)][0], y), None),
    ],
    "doubtful": [
        (lambda a, b: small_slope(a) < np.quantile(small_slope(a), 0.25), "that finds the flat"),
        (lambda a, b: round_trip(a, b) > np.quantile(round_trip(a, b), 0.75), "where both flows"),
        (lambda a, b: small_slope(a) > np.quantile(small_slope(a), 0.75), "those are corners"),
        (lambda a, b: small_slope(a) < 25, None),
        (lambda a, b: longest(flow.farneback(a, b)), "a long vector need not"),
        (lambda a, b: small_slope(a) < np.quantile(small_slope(a), 0.5), "too much of it"),
        (lambda a, b: np.ones(a.shape[:2], bool), "too much of it"),
        (lambda a, b: np.random.default_rng(0).random(a.shape[:2]) < 0.25, None),
        (lambda a, b: np.zeros(a.shape[:2], bool), None),
        (lambda a, b: a.mean(-1) > np.quantile(a.mean(-1), 0.76), None),
    ],
    "hard_picture": [
        (lambda size: np.zeros((size, size), np.uint8), "both fail: on flat ground"),
        (an_edge, "both fail: all slopes lie in one"),
        (
            lambda size: (127 + 120 * np.sin(np.mgrid[:size, :size][0] / 4)).astype(np.uint8),
            "both fail: all",
        ),
        (checkerboard, "both are right"),
        (
            lambda size: np.random.default_rng(7).integers(0, 256, (size, size), np.uint8),
            "both are right",
        ),
        (shades_not_slow_enough, "nearly"),
        (a_lone_blob, "both fail on most of the picture"),
        (a_faint_cone, "the right shape, but too faint"),
        (a_faint_bowl, "the right shape, but too faint"),
        (a_faint_saddle, "the right shape, but too faint"),
        (lambda size: cone(size) / 255, "the shape is right, the kind of number"),
        (lambda size: cone(size).astype(int), "the shape is right, the kind of number"),
        (lambda size: np.repeat(cone(size)[..., None], 3, 2), "a grey picture has one number"),
        (lambda size: cone(2 * size), None),
    ],
}


@pytest.mark.parametrize(
    ("name", "answer", "hint"), [(n, a, h) for n, pairs in WRONG.items() for a, h in pairs]
)
def test_a_wrong_answer_is_named(name, answer, hint):
    told = judge(getattr(ch05, name.upper()), answer)
    assert told.startswith("✗")
    if hint:
        assert f"\n  Hint: {hint}" in told, told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((0.7, -0.6, 2.5, 1.25), "✓"),
        ([7 / 10, -3 / 5, 10 / 4, 5 / 4], "✓"),
        (np.array([0.7, -0.6, 2.5, 1.25], np.float32), "✓"),
        (torch.tensor([0.7, -0.6, 2.5, 1.25]), "✓"),
        ((-0.7, 0.6, 2.5, 1.25), "Hint: the sign"),
        ((5 / 6, -0.75, 2.5, 1.25), "Hint: you averaged"),
        ((0.7, -0.6, 10, 5), "Hint: those are the eigenvalues of the sum"),
        ((0.7, -0.6, 1.25, 2.5), "Hint: the larger one first"),
        ((0.7, -0.6, 5, 2.5), "Hint: the mean is over all four"),
        ((0.7, -0.6), "Expected: 4 numbers"),
        ((0.7, 0.6, 2.5, 1.25), "is not right"),
    ],
)
def test_the_window_by_hand(answer, told):
    assert told in judge(ch05.HAND_WINDOW, answer)


def test_the_hand_window_is_what_numpy_says():
    slopes = np.array([[1, 0], [3, 0], [0, 2], [0, 1]])
    shift = np.linalg.lstsq(slopes, [1, 2, -1, -1])[0]
    large, small = np.linalg.eigvalsh(slopes.T @ slopes / 4)[::-1]
    assert np.allclose(ch05.HAND_WINDOW.answer, (*shift, large, small))


def test_the_light_alone_answers_to_an_even_change():
    # The test that the statement tells the reader to make.
    x, y, t = ch05.SOLVE_WITH_LIGHT.drawn[0]
    moved = light_by_normal_equations(x, y, t + 5) - light_by_normal_equations(x, y, t)
    assert np.allclose(moved, (0, 0, 5))


def test_claims_are_judged_one_by_one():
    right = ch05.FLOW_CLAIMS.right
    assert judge(ch05.FLOW_CLAIMS, right).startswith("✓")
    for letter in right:
        told = judge(ch05.FLOW_CLAIMS, {**right, letter: not right[letter]})
        assert told.startswith("✗ flow_claims: 5 of 6")
        assert f"Hint, {letter}:" in told
    assert 2 <= sum(right.values()) <= 4
