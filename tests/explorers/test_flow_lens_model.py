"""The flow lens without a browser: what it refuses, what it carries, and how exactly."""

import itertools

import cv2
import numpy as np
import pytest
import traitlets

from lecturekit import assets, video
from lecturekit.explorers import flow_lens
from lecturekit.explorers.flow_lens import POLY_SIGMA, FlowLens

GRID = {"winsize": (5, 15), "levels": (0, 1), "poly_n": (5, 7)}
PARAMETERS = list(itertools.product(*GRID.values()))


def frames(height_px=68, width_px=160):
    return video.read_frames(assets.path("bikes"), [160, 161], size=(height_px, width_px))


@pytest.fixture(scope="module")
def lens():
    return FlowLens(*frames(), label="a street", **GRID)


def opencv(prev, next, winsize, levels, poly_n):
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (prev, next)]
    sigma = {5: 1.1, 7: 1.5}[poly_n]
    return cv2.calcOpticalFlowFarneback(*grey, None, 0.5, levels, winsize, 3, poly_n, sigma, 0)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_the_page_s_field_is_opencv_s_rounded_to_its_step(lens, parameters):
    computed = opencv(*frames(), *parameters)
    step = lens.steps_px[PARAMETERS.index(parameters)]
    error = np.abs(lens.field(*parameters) - computed).max()
    assert step / 4 < error <= step / 2 + 1e-4
    assert lens.rounding_px(*parameters) == pytest.approx(error, abs=1e-3)


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_the_warp_error_is_opencv_s(lens, parameters):
    prev, next = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames())
    flow = lens.field(*parameters)
    y, x = np.mgrid[:68, :160].astype(np.float32)
    x, y = x + flow[..., 0], y + flow[..., 1]
    fetched = cv2.remap(next.astype(np.float32), x, y, cv2.INTER_LINEAR)
    inside = (x >= 0) & (x <= 159) & (y >= 0) & (y <= 67)
    expected = np.abs(fetched - prev)[inside].mean()
    # OpenCV rounds positions to 1/32 px.
    assert lens.warp_error(*parameters) == pytest.approx(expected, abs=0.05)
    assert lens.warp_error(*parameters) < np.abs(next.astype(float) - prev).mean()


def test_a_page_of_real_frames_stays_light():
    lens = FlowLens(*frames(136, 320), label="a street")
    assert len(lens.fields) + len(lens.greys) + len(lens.pictures) < 350_000
    grid = itertools.product(lens.winsizes, lens.levels, lens.poly_ns)
    assert max(itertools.starmap(lens.rounding_px, grid)) < 0.15


def test_it_begins_where_something_moves(lens):
    length = np.linalg.norm(lens.field(15, 1, 5), axis=2)
    assert length[lens.y, lens.x] > np.percentile(length, 90)
    assert 20 <= lens.x < 140
    assert 20 <= lens.y < 48


def noise(height_px, width_px):
    shape = (2, height_px, width_px, 3)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((300, 400), r"prev, next: .*fit in 40,000 bytes of JPEG, got 2 of 300 × 400 px that take"),
        ((136, 320), r"prev, next: .*75,000 bytes of grey PNG, got 2 of 136 × 320 px that take"),
    ],
)
def test_pictures_too_heavy_for_a_page_are_refused(shape, words):
    with pytest.raises(ValueError, match=words):
        FlowLens(*noise(*shape), label="noise")


def test_fields_too_heavy_for_a_page_are_refused(monkeypatch):
    monkeypatch.setattr(flow_lens, "MAX_FLOW_BYTES", 1_000)
    with pytest.raises(
        ValueError, match=r"fit in 1,000 bytes, also in .* 0.5 px, got 8 of 40 × 60"
    ):
        FlowLens(*noise(40, 60), label="noise", **GRID)


BLACK = np.zeros((20, 30, 3), np.uint8)


@pytest.mark.parametrize(
    ("prev", "next", "error", "words"),
    [
        (BLACK[..., 0], BLACK, ValueError, r"prev: expected uint8 RGB .*got \(20, 30\)"),
        (BLACK, BLACK / 1, TypeError, "next: expected uint8 RGB .*got float64"),
        ([[1]], BLACK, TypeError, "prev: .*got list"),
        (BLACK, BLACK[:, 1:], ValueError, r"next: expected shape \(20, 30, 3\), got \(20, 29, 3"),
        (*[np.zeros((20, 500, 3), np.uint8)] * 2, ValueError, r"16 to 480 px, got \(20, 500"),
        (BLACK[:15], BLACK[:15], ValueError, r"prev: expected sides of 16 .*got \(15, 30"),
    ],
)
def test_frames_are_checked(prev, next, error, words):
    with pytest.raises(error, match=words):
        FlowLens(prev, next, label="")


@pytest.mark.parametrize(
    ("grid", "error", "words"),
    [
        ({"winsize": ()}, ValueError, r"winsize: expected rising values, at least one, got \(\)"),
        ({"winsize": (9, 5)}, ValueError, "winsize: expected rising"),
        ({"winsize": (5, 5)}, ValueError, "winsize: expected rising"),
        ({"winsize": (5.5,)}, TypeError, "winsize: expected a whole number, got 5.5"),
        ({"levels": (-1,)}, ValueError, "levels"),
        ({"poly_n": (6,)}, ValueError, "poly_n: expected one of 5, 7, got 6"),
        ({"winsize": range(3, 15)}, ValueError, "poly_n: expected 1 to 32, got 72"),
    ],
)
def test_the_grid_is_checked(grid, error, words):
    with pytest.raises(error, match=words):
        FlowLens(*frames(20, 30), label="", **grid)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("x", 160, "x: expected 0 to 159, got 160"),
        ("y", 68, "y: expected 0 to 67, got 68"),
        ("y", -1, "y"),
        ("view", "hsv", "'arrows'"),
        ("at_winsize", 9, "at_winsize: expected one of 5, 15, got 9"),
        ("at_levels", 2, "at_levels"),
        ("at_poly_n", 6, "at_poly_n"),
    ],
)
def test_settings_are_checked(lens, trait, value, words):
    before = getattr(lens, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(lens, trait, value)
    assert getattr(lens, trait) == before


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ((9, 0, 5), "winsize: expected one of 5, 15, got 9"),
        ((5, 2, 5), "levels: expected one of 0, 1, got 2"),
        ((5, 0, 6), "poly_n: expected one of 5, 7, got 6"),
    ],
)
def test_a_field_that_is_not_there_is_named(lens, parameters, words):
    with pytest.raises(ValueError, match=words):
        lens.field(*parameters)
    assert set(POLY_SIGMA) == {5, 7}
