"""Farnebäck's flow: OpenCV's behind checks, and the one from scratch against it."""

import time

import cv2
import numpy as np
import pytest

from lecturekit import assets, video
from lecturekit.flow import (
    displacement_equations,
    endpoint_error,
    farneback,
    farneback_from_scratch,
    moving_layer,
    polynomial_expansion,
    rotation,
    shear,
    solve_over_window,
    translation,
    zoom,
)

METHODS = [farneback, farneback_from_scratch]
KINDS = {
    "translation": lambda frame: translation(frame, 2.3, -1.6),
    "far": lambda frame: translation(frame, 11.5, 6.2),
    "rotation": lambda frame: rotation(frame, 2),
    "zoom": lambda frame: zoom(frame, 1.03),
    "shear": lambda frame: shear(frame, 0.03),
    "moving layer": lambda frame: moving_layer(frame, 4.5, 1.5),
}
PARAMETERS = [
    {},
    {"winsize": 9, "levels": 1, "iterations": 2},
    {"poly_n": 7, "poly_sigma": 1.5, "winsize": 30},
    {"pyr_scale": 0.7, "levels": 5, "iterations": 1, "winsize": 21},
    {"levels": 0, "poly_n": 3, "poly_sigma": 0.8},
]


@pytest.fixture(scope="module")
def frames():
    return video.read_frames(assets.path("bikes"), [60, 165, 166])


def opencv(prev, next, winsize=15, levels=3, iterations=3):
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (prev, next)]
    return cv2.calcOpticalFlowFarneback(*grey, None, 0.5, levels, winsize, iterations, 5, 1.1, 0)


# OpenCV's.


def test_it_is_opencvs_flow(frames):
    for options in ({}, {"winsize": 8, "levels": 0, "iterations": 1}):
        found = farneback(frames[1], frames[2], **options)
        assert (found.dtype, found.shape) == (np.float32, (272, 640, 2))
        assert np.array_equal(found, opencv(frames[1], frames[2], **options))


def test_the_sign_and_the_order_of_the_flow(frames):
    for method in METHODS:
        found = method(frames[1][40:-40, 40:200], frames[1][40:-40, 37:197])
        assert np.median(found[..., 0]) == pytest.approx(3, abs=0.1)
        assert np.median(found[..., 1]) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_any_kind_of_image_gives_the_same_flow(frames, method):
    prev, next = frames[1:, 60:160, 100:280]
    expected = method(prev, next)
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (prev, next)]
    assert np.array_equal(method(*grey), expected)
    # A mixed pair, doubles, and views that are not contiguous.
    assert endpoint_error(method(prev, grey[1]), expected) == 0
    assert endpoint_error(method(*(image / 255 for image in grey)), expected) < 1e-5
    assert (
        endpoint_error(
            method(*((image / 255).astype(np.float32) for image in (prev, next))), expected
        )
        < 0.05
    )
    strided = [np.repeat(image, 2, axis=1)[:, ::2] for image in grey]
    assert np.array_equal(method(*strided), expected)
    transposed = method(*(image.T for image in grey))
    assert endpoint_error(transposed[..., ::-1].swapaxes(0, 1), expected) < 1e-3
    flipped = [image[:, ::-1] for image in (prev, next)]
    assert np.array_equal(method(*flipped), method(*(image.copy() for image in flipped)))


def small(*size):
    return np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)


@pytest.mark.parametrize("size", [(10, 10), (10, 41), (41, 11), (31, 40)])
def test_opencvs_takes_an_image_smaller_than_its_window(size):
    image = small(*size)
    for options in ({}, {"winsize": 101, "poly_n": 20, "poly_sigma": 6}):
        found = farneback(image, image, **options)
        assert np.abs(found).max() < 0.3
        assert np.abs(found - farneback_from_scratch(image, image, **options)).max() < 1e-4


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (9, 50), (50, 9)])
def test_opencvs_takes_none_that_it_gets_wrong(size):
    with pytest.raises(ValueError, match=rf"prev: .*at least 10, got \({size[0]}, {size[1]}\)"):
        farneback(small(*size), small(*size))


def test_opencv_still_gets_them_wrong(frames):
    image = frames[1, 100:107, 120:127]
    assert np.abs(opencv(image, image)).max() > 1, "the least size of farneback can go"


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 3), (7, 7), (31, 40)])
def test_from_scratch_takes_an_image_of_any_size(size):
    image = small(*size)
    for options in ({}, {"winsize": 101, "poly_n": 20, "poly_sigma": 6}):
        found = farneback_from_scratch(image, image, **options)
        assert found.shape == (*size, 2)
        assert np.abs(found).max() < 0.2
    assert np.abs(farneback_from_scratch(image * 0, image * 0 + 9)).max() < 1e-3


@pytest.mark.parametrize("method", METHODS)
def test_the_arguments_are_left_as_they_were(frames, method):
    prev, next = frames[1:, :64, :64].astype(np.float32) / 255
    copies = prev.copy(), next.copy()
    method(prev, next)
    assert np.array_equal(prev, copies[0])
    assert np.array_equal(next, copies[1])


GOOD = np.zeros((40, 50), np.uint8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("prev", "next", "options", "error", "message"),
    [
        (GOOD, GOOD[:-1], {}, ValueError, r"next: .*prev \(40, 50\), got \(39, 50\)"),
        (GOOD[None], GOOD, {}, ValueError, r"prev: expected .*got \(1, 40, 50\)"),
        (GOOD, np.zeros((40, 50, 4), np.uint8), {}, ValueError, r"next: .*\(40, 50, 4\)"),
        (GOOD, GOOD[:0], {}, ValueError, r"next: .*no axis empty, got \(0, 50\)"),
        (GOOD.astype(int), GOOD, {}, TypeError, "prev: expected uint8, or float in 0…1, got int64"),
        (GOOD > 0, GOOD, {}, TypeError, "prev: .*got bool"),
        (GOOD, GOOD + 200.0, {}, ValueError, "next: expected floats from 0 to 1, got 200.0"),
        (GOOD - 0.5, GOOD, {}, ValueError, "prev: expected floats from 0 to 1, got -0.5"),
        (GOOD, GOOD * np.nan, {}, ValueError, "next: expected floats from 0 to 1, got nan"),
        (GOOD, GOOD, {"winsize": 2}, ValueError, "winsize: expected 3 to 999, got 2"),
        (GOOD, GOOD, {"winsize": 1000}, ValueError, "winsize: expected 3 to 999, got 1000"),
        (GOOD, GOOD, {"winsize": 15.0}, TypeError, "winsize: expected a whole number, got 15.0"),
        (GOOD, GOOD, {"levels": -1}, ValueError, "levels: .*got -1"),
        (GOOD, GOOD, {"iterations": 0}, ValueError, "iterations: .*got 0"),
        (GOOD, GOOD, {"poly_n": 0}, ValueError, "poly_n: .*got 0"),
        (GOOD, GOOD, {"poly_sigma": 0.0}, ValueError, "poly_sigma: expected .* above 0.3, got 0.0"),
        (GOOD, GOOD, {"poly_sigma": np.nan}, ValueError, "poly_sigma: .*nan"),
        (GOOD, GOOD, {"pyr_scale": 1}, ValueError, "pyr_scale: expected a number below 1, got 1"),
        (GOOD, GOOD, {"pyr_scale": "1"}, TypeError, "pyr_scale: expected a number, got '1'"),
    ],
)
def test_what_is_refused(method, prev, next, options, error, message):
    with pytest.raises(error, match=message):
        method(prev, next, **options)


# From scratch.


@pytest.mark.parametrize("options", PARAMETERS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_its_error_is_opencvs_and_so_is_its_field(frames, kind, options):
    for frame in frames[:2, 20:-3, 50:451]:
        truth = KINDS[kind](frame)
        theirs = farneback(truth.prev, truth.next, **options)
        ours = farneback_from_scratch(truth.prev, truth.next, **options)
        errors = [endpoint_error(f, truth.flow, truth.valid) for f in (theirs, ours)]
        assert errors[1] == pytest.approx(errors[0], rel=0.1)
        assert endpoint_error(ours, theirs) < 0.01 + 0.01 * errors[0]


def test_its_field_is_opencvs_on_real_motion(frames):
    distance = np.hypot(
        *(farneback_from_scratch(*frames[1:]) - farneback(*frames[1:])).reshape(-1, 2).T
    )
    assert distance.mean() < 1e-4
    assert distance.max() < 0.02


def test_its_time_is_within_30_times_opencvs(frames):
    def seconds(method):
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            method(*frames[1:])
            runs.append(time.perf_counter() - start)
        return min(runs)

    assert seconds(farneback_from_scratch) < 30 * seconds(farneback)


def quadratic(A, b, c, shift, height=30, width=40):
    """The picture xᵀ A x + bᵀ x + c about the image's centre, moved by a shift."""
    y, x = np.mgrid[:height, :width].astype(float)
    x, y = x - width // 2 - shift[0], y - height // 2 - shift[1]
    return A[0][0] * x**2 + 2 * A[0][1] * x * y + A[1][1] * y**2 + b[0] * x + b[1] * y + c


A, B, C = np.array([[0.2, 0.07], [0.07, -0.1]]), np.array([1.5, -2.0]), 90.0


def test_the_expansion_of_a_quadratic_is_that_quadratic():
    expansion = polynomial_expansion(quadratic(A, B, C, (0, 0)), 4, 1.2)
    assert np.allclose(expansion.A[15, 20], A, atol=1e-4)
    assert np.allclose(expansion.b[15, 20], B, atol=1e-4)
    assert expansion.c[15, 20] == pytest.approx(C, abs=1e-3)
    # Seen from (3, −2) off the centre the same quadratic has another slope and level.
    offset = np.array([3, -2])
    assert np.allclose(expansion.b[13, 23], B + 2 * A @ offset, atol=1e-3)
    assert expansion.c[13, 23] == pytest.approx(offset @ A @ offset + B @ offset + C, abs=1e-3)


@pytest.mark.parametrize(("poly_n", "sigma"), [(5, 1.1), (2, 0.8), (1, 0.5)])
@pytest.mark.parametrize(("row", "column"), [(12, 9), (0, 0), (19, 24)])
def test_the_expansion_is_a_weighted_least_squares_fit(poly_n, sigma, row, column):
    image = np.random.default_rng(3).uniform(0, 255, (20, 25))
    padded = np.pad(image, poly_n, mode="edge")
    patch = padded[row : row + 2 * poly_n + 1, column : column + 2 * poly_n + 1].ravel()
    y, x = (axis.ravel() for axis in np.mgrid[-poly_n : poly_n + 1, -poly_n : poly_n + 1])
    root = np.exp(-(x**2 + y**2) / (4 * sigma**2))
    basis = np.stack([np.ones_like(x), x, y, x**2, y**2, x * y], 1)
    c, bx, by, xx, yy, xy = np.linalg.lstsq(basis * root[:, None], patch * root)[0]
    expansion = polynomial_expansion(image, poly_n, sigma)
    assert np.allclose(expansion.A[row, column], [[xx, xy / 2], [xy / 2, yy]], atol=0.01)
    assert np.allclose(expansion.b[row, column], [bx, by], atol=0.01)
    assert expansion.c[row, column] == pytest.approx(c, abs=0.01)


@pytest.mark.parametrize("prior", [(0, 0), (2, -1), (1.5, 0.25)])
def test_a_quadratic_that_moved_gives_its_shift_exactly_whatever_is_known_before(prior):
    shift = np.array([1.7, -0.6])
    first, second = (polynomial_expansion(quadratic(A, B, C, s), 4, 1.2) for s in ((0, 0), shift))
    before = np.full((30, 40, 2), prior, np.float32)
    matrix, vector = displacement_equations(first, second, before)
    assert np.allclose(matrix[15, 20], A @ A, atol=1e-5)
    assert np.allclose(np.linalg.solve(matrix[15, 20], vector[15, 20]), shift, atol=0.02)
    found = solve_over_window(matrix * 100, vector * 100, 5)[15, 20]
    assert np.allclose(found, shift, atol=0.02)


def test_pixels_near_the_border_weigh_less_and_outside_there_is_no_second_slope():
    image = np.random.default_rng(3).uniform(0, 255, (30, 40))
    expansion = polynomial_expansion(image)
    still = np.zeros((30, 40, 2), np.float32)
    matrix, vector = displacement_equations(expansion, expansion, still)
    weight = np.array([0.14, 0.14, 0.4472, 0.4472, 0.4472, 1])
    for k in range(6):
        A = expansion.A[15, k] * weight[k]
        assert np.allclose(matrix[15, k], A @ A, rtol=1e-4)
        assert np.allclose(
            matrix[k, 15],
            (expansion.A[k, 15] * weight[k]) @ (expansion.A[k, 15] * weight[k]),
            rtol=1e-4,
        )
    assert np.allclose(vector[:29, :39], 0)
    away = np.full((30, 40, 2), [100, 0], np.float32)
    matrix, vector = displacement_equations(expansion, expansion, away)
    expected = expansion.A[15, 20] @ (expansion.b[15, 20] / 2 + expansion.A[15, 20] @ [100, 0])
    assert np.allclose(vector[15, 20], expected, rtol=1e-4)
