"""Fields, ground truth, Lucas–Kanade, colours and stacks."""

import sys

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from lecturekit import assets, flow, video
from lecturekit.puppets import puppet_video

KINDS = {
    "translation": lambda frame: flow.translation(frame, 2.3, -1.6),
    "whole pixels": lambda frame: flow.translation(frame, 3, -2),
    "far": lambda frame: flow.translation(frame, 11.5, 6.2),
    "rotation": lambda frame: flow.rotation(frame, 2),
    "zoom": lambda frame: flow.zoom(frame, 1.03),
    "shear": lambda frame: flow.shear(frame, 0.03),
    "moving layer": lambda frame: flow.moving_layer(frame, 4.5, 1.5),
}
INVERSES = {
    "translation": lambda frame: flow.translation(frame, -2.3, 1.6),
    "whole pixels": lambda frame: flow.translation(frame, -3, 2),
    "far": lambda frame: flow.translation(frame, -11.5, -6.2),
    "rotation": lambda frame: flow.rotation(frame, -2),
    "zoom": lambda frame: flow.zoom(frame, 1 / 1.03),
    "shear": lambda frame: flow.shear(frame, -0.03),
    "moving layer": lambda frame: flow.moving_layer(frame, -4.5, -1.5),
}
finite = {"allow_nan": False, "allow_infinity": False}


@pytest.fixture(scope="module")
def frame():
    return video.read_frames(assets.path("bikes"), [165])[0]


def random_flow(*shape, scale=3.0, seed=0):
    return np.random.default_rng(seed).normal(0, scale, (*shape, 2)).astype(np.float32)


def difference(a, b):
    return np.abs(a.astype(float) - b.astype(float))


# Warping.


def grid_sample(image, field):
    """Torch's bilinear samples at (x + dx, y + dy); NaN where that lies outside."""
    height, width = field.shape[:2]
    y, x = np.mgrid[:height, :width] + np.moveaxis(field[..., ::-1].astype(float), -1, 0)
    grid = np.stack([2 * x / (width - 1) - 1, 2 * y / (height - 1) - 1], -1)
    sampled = functional.grid_sample(
        torch.tensor(np.moveaxis(image, -1, 0)[None]).double(),
        torch.tensor(grid[None]),
        align_corners=True,
    )[0]
    sampled = np.moveaxis(sampled.numpy(), 0, -1)
    sampled[(np.abs(grid) > 1).any(-1)] = np.nan
    return sampled


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_warp_samples_as_torch_does(channels):
    image = np.random.default_rng(1).random((23, 37, channels))
    field = random_flow(23, 37)
    expected = grid_sample(image, field)
    assert np.allclose(flow.warp(image, field), expected, rtol=0, atol=1e-5, equal_nan=True)
    assert 0.05 < np.isnan(expected).mean() < 0.5
    single = flow.warp(image[..., 0].astype(np.float32), field)
    assert single.dtype == np.float32
    assert np.allclose(single, expected[..., 0], rtol=0, atol=1e-5, equal_nan=True)


def test_warp_of_uint8_is_rounded_and_black_outside(frame):
    field = random_flow(*frame.shape[:2])
    expected = grid_sample(frame, field)
    warped = flow.warp(frame, field)
    outside = np.isnan(expected)
    assert warped.dtype == np.uint8
    assert np.array_equal(warped[outside], np.zeros(outside.sum()))
    assert np.abs(warped[~outside] - expected[~outside]).max() < 0.5 + 1e-3


def test_warp_by_whole_pixels_is_a_shift_and_the_border_belongs_to_the_image():
    image = np.arange(20.0).reshape(4, 5)
    warped = flow.warp(image, np.full((4, 5, 2), [2.0, 1.0]))
    assert np.array_equal(warped[:3, :3], image[1:, 2:])
    assert np.isnan(warped[3]).all()
    assert np.isnan(warped[:, 3:]).all()
    assert np.array_equal(flow.warp(image, np.zeros((4, 5, 2))), image)
    assert flow.warp(np.ones((1, 1)), np.zeros((1, 1, 2))) == 1


def test_where_the_flow_is_not_known_nothing_is_fetched():
    field = np.zeros((4, 5, 2), np.float32)
    field[1, 2, 0] = np.nan
    assert np.isnan(flow.warp(np.ones((4, 5)), field)).sum() == 1
    assert (flow.warp(np.ones((4, 5), np.uint8), field) == 0).sum() == 1


@pytest.mark.parametrize(
    ("image", "field", "error", "message"),
    [
        (np.ones((4, 5)), np.zeros((5, 4, 2)), ValueError, r"image: expected shape \(5, 4\)"),
        (np.ones((4, 5)), np.zeros((2, 4, 5)), ValueError, r"flow: .*\(H, W, 2\).*\(2, 4, 5\)"),
        (np.ones((4, 5)), np.zeros((4, 5, 2), int), TypeError, "flow: expected floats.*int64"),
        (np.ones((4, 5), int), np.zeros((4, 5, 2)), TypeError, "image: expected uint8 or float"),
        (np.ones((0, 5)), np.zeros((0, 5, 2)), ValueError, "flow: .*no axis empty"),
        (np.ones((1, 4, 5, 3)), np.zeros((4, 5, 2)), ValueError, r"image: .*\(1, 4, 5, 3\)"),
    ],
)
def test_what_warp_refuses(image, field, error, message):
    with pytest.raises(error, match=message):
        flow.warp(image, field)


# Resizing and mirroring, and what it costs to forget the values.


@pytest.mark.parametrize(("height", "width"), [(136, 320), (68, 200), (300, 1000), (1, 1)])
def test_resize_is_opencvs_with_vectors_scaled(frame, height, width):
    field = flow.rotation(frame, 5).flow
    scale = [width / 640, height / 272]
    expected = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR) * scale
    assert np.allclose(flow.resize_flow(field, height, width), expected, rtol=0, atol=1e-3)


def test_resized_flow_holds_for_resized_frames_and_forgetting_the_scale_costs(frame):
    truth = flow.translation(frame, 4, -2)
    small_prev, small_next = (
        cv2.resize(image, (320, 136), interpolation=cv2.INTER_AREA)
        for image in (truth.prev, truth.next)
    )
    right = flow.resize_flow(truth.flow, 136, 320)
    forgot = cv2.resize(truth.flow, (320, 136))
    assert np.array_equal(right[50, 50], [2, -1])
    inner = np.s_[10:-10, 10:-10]
    cost = [difference(flow.warp(small_next, f), small_prev)[inner].mean() for f in (right, forgot)]
    assert cost[0] < 0.1
    assert cost[1] > 5
    assert flow.endpoint_error(forgot, right) == pytest.approx(np.hypot(2, 1))


def test_mirrored_flow_holds_for_mirrored_frames_and_forgetting_the_sign_costs(frame):
    truth = flow.translation(frame, 4, -2)
    prev, next = truth.prev[:, ::-1], truth.next[:, ::-1]
    right, forgot = flow.flip_flow(truth.flow), truth.flow[:, ::-1]
    assert np.array_equal(right[50, 50], [-4, -2])
    inner = np.s_[10:-10, 10:-10]
    assert difference(flow.warp(next, right), prev)[inner].max() == 0
    assert difference(flow.warp(next, forgot), prev)[inner].mean() > 5
    assert flow.endpoint_error(forgot, right) == pytest.approx(8)


def test_mirroring_twice_gives_the_flow_back():
    films = random_flow(3, 5, 7)
    assert np.array_equal(flow.flip_flow(flow.flip_flow(films)), films)
    assert np.array_equal(flow.flip_flow(films)[1], flow.flip_flow(films[1]))


@pytest.mark.parametrize(
    ("height", "width", "error", "message"),
    [(0, 5, ValueError, "height: expected at least 1, got 0"), (5, 2.5, TypeError, "width: exp")],
)
def test_what_resize_refuses(height, width, error, message):
    with pytest.raises(error, match=message):
        flow.resize_flow(random_flow(4, 5), height, width)


# Colours.

# torchvision 0.29.1 with torch 2.14.1: torchvision.utils.flow_to_image(f), where f is the float
# tensor (2, 1, 17) of these vectors, in this order.
COLOURS = [
    ((0, 0), (255, 255, 255)),
    ((4, 0), (255, 0, 0)),
    ((3.464, 2), (255, 76, 0)),
    ((2, 3.464), (255, 153, 0)),
    ((0, 4), (255, 229, 0)),
    ((-2, 3.464), (127, 255, 0)),
    ((-3.464, 2), (0, 255, 94)),
    ((-4, 0), (0, 209, 255)),
    ((-3.464, -2), (0, 104, 255)),
    ((-2, -3.464), (0, 0, 255)),
    ((-0.0, -4), (87, 0, 255)),
    ((2, -3.464), (176, 0, 255)),
    ((3.464, -2), (255, 0, 234)),
    ((1.5, 0), (255, 159, 159)),
    ((0, -1.5), (192, 159, 255)),
    ((-2, 1), (112, 255, 183)),
    ((1, 2), (255, 202, 112)),
]


def test_colours_are_torchvisions_within_one_level():
    vectors, expected = (np.array(column) for column in zip(*COLOURS, strict=True))
    field = vectors[None].astype(np.float32)
    longest = np.hypot(*field.T).max()
    for max_px in (None, longest, float(longest)):
        assert difference(flow.flow_to_rgb(field, max_px)[0], expected).max() <= 1


@pytest.mark.parametrize("seed", range(5))
def test_colours_against_torchvision_where_it_is_installed(seed):
    utils = pytest.importorskip("torchvision.utils")
    field = random_flow(41, 67, scale=10.0**seed / 100, seed=seed)
    expected = utils.flow_to_image(torch.from_numpy(field).permute(2, 0, 1)).permute(1, 2, 0)
    for max_px in (None, np.hypot(field[..., 0], field[..., 1]).max()):
        assert difference(flow.flow_to_rgb(field, max_px), expected.numpy()).max() <= 1


def test_one_scale_for_a_film_or_a_scale_you_give():
    films = random_flow(3, 5, 7)
    films[2] *= 10
    film = flow.flow_to_rgb(films)
    longest = np.hypot(films[..., 0], films[..., 1]).max()
    assert film.shape == (3, 5, 7, 3)
    assert np.array_equal(film[0], flow.flow_to_rgb(films[0], longest))
    assert film[0].mean() > flow.flow_to_rgb(films[0]).mean() + 20


def test_beyond_the_scale_colours_darken_and_unknown_is_black():
    field = np.array([[[2.0, 0], [2.2, 0], [np.nan, 0], [0, np.inf], [0, 0]]], np.float32)
    colours = flow.flow_to_rgb(field, 2)[0].tolist()
    assert colours == [[255, 0, 0], [191, 0, 0], [0, 0, 0], [0, 0, 0], [255, 255, 255]]
    assert flow.flow_to_rgb(np.zeros((2, 3, 2))).min() == 255


@pytest.mark.parametrize(
    ("max_px", "error"), [(0, ValueError), (np.nan, ValueError), ("1", TypeError)]
)
def test_a_scale_that_is_none_is_refused(max_px, error):
    with pytest.raises(error, match="max_px: expected"):
        flow.flow_to_rgb(random_flow(2, 3), max_px)


# Ground truth.


@pytest.mark.parametrize("kind", KINDS)
def test_ground_truth_warps_next_onto_prev(frame, kind):
    truth = KINDS[kind](frame)
    assert truth.prev.shape == truth.next.shape == frame.shape
    assert truth.prev.dtype == truth.next.dtype == np.uint8
    assert truth.flow.dtype == np.float32
    assert truth.valid.mean() > 0.9
    warped = flow.warp(truth.next, truth.flow)
    still = difference(truth.next, truth.prev)[truth.valid].mean()
    moved = difference(warped, truth.prev)[truth.valid].mean()
    assert moved < 1.6
    assert moved < still / 5


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "zoom"])
def test_neither_frame_is_the_sharper_one(frame, kind):
    truth = KINDS[kind](frame)
    inner = np.s_[20:-20, 20:-20]
    edges = [
        np.abs(cv2.Laplacian(np.float32(f), -1))[inner].mean() for f in (truth.prev, truth.next)
    ]
    assert edges[0] == pytest.approx(edges[1], rel=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_the_inverse_motion_swaps_the_frames(frame, kind):
    truth, inverse = KINDS[kind](frame), INVERSES[kind](frame)
    assert difference(inverse.prev, truth.next).max() <= 1
    assert difference(inverse.next, truth.prev).max() <= 1
    # There and back again: x + flow(x) + inverse flow there is x.
    there = flow.warp(inverse.flow, truth.flow)
    seen = truth.valid & np.isfinite(there).all(-1)
    if kind == "moving layer":
        seen &= cv2.erode(np.uint8(truth.flow[..., 0] > 0), np.ones((3, 3))) > 0
    assert np.abs(there + truth.flow)[seen].max() < 1e-3


def test_whole_pixels_move_exactly(frame):
    even = flow.translation(frame, 6, -4)
    assert np.array_equal(even.prev[10:-10, 10:-10], frame[8:-12, 13:-7])
    assert np.array_equal(even.next[10:-10, 10:-10], frame[12:-8, 7:-13])
    odd = flow.translation(frame, 3, -1)
    warped = flow.warp(odd.next, odd.flow)
    assert np.array_equal(warped[odd.valid], odd.prev[odd.valid])
    nothing = flow.rotation(frame, 0)
    assert np.array_equal(nothing.prev, frame)
    assert nothing.valid.all()


@pytest.mark.parametrize(
    ("kind", "matrix"),
    [
        (lambda f: flow.rotation(f, 30), [[np.cos(np.pi / 6), -0.5], [0.5, np.cos(np.pi / 6)]]),
        (lambda f: flow.zoom(f, 1.5), [[1.5, 0], [0, 1.5]]),
        (lambda f: flow.shear(f, 0.4), [[1, 0.4], [0, 1]]),
    ],
)
def test_the_flow_is_the_whole_motion_not_the_half(kind, matrix):
    truth = kind(np.zeros((21, 31, 3), np.uint8))
    for x, y in ((15, 10), (0, 0), (30, 4), (7, 20)):
        offset = np.array([x - 15, y - 10])
        assert np.allclose(truth.flow[y, x], matrix @ offset - offset, rtol=0, atol=1e-5)


def test_a_smooth_picture_moves_as_its_formula_says():
    height, width = 60, 80

    def picture(x, y):
        wave = 128 + 60 * np.sin(x / 7 + 0.3) * np.cos(y / 5) + 40 * np.sin((x + y) / 9)
        return np.stack([wave, 255 - wave, wave / 2], -1)

    y, x = np.mgrid[:height, :width].astype(float)
    frame = np.rint(picture(x, y)).astype(np.uint8)
    truth = flow.rotation(frame, 4)
    here = (x - 39.5) + 1j * (y - 29.5)
    for side, seen in ((1, truth.prev), (-1, truth.next)):
        source = here * np.exp(side * 2j * np.pi / 180)
        expected = picture(source.real + 39.5, source.imag + 29.5)
        assert difference(seen, expected)[4:-4, 4:-4].max() < 1.2
    assert np.allclose(truth.flow @ [1, 1j], here * np.exp(4j * np.pi / 180) - here, atol=1e-5)


def test_pixels_that_leave_the_picture_are_not_valid(frame):
    valid = flow.translation(frame, 10, 0).valid
    assert valid[:, 0:-15].all()
    assert not valid[:, -10:].any()
    assert not flow.zoom(frame, 1.1).valid[0, 0]
    assert flow.zoom(frame, 1.1).valid[136, 320]


def test_what_the_layer_will_hide_is_not_valid(frame):
    truth = flow.moving_layer(frame, 10, 0)
    on_disc = truth.flow[..., 0] == 10
    assert set(np.unique(truth.flow).tolist()) == {0, 10}
    assert on_disc.sum() == pytest.approx(np.pi * 68**2, rel=0.02)
    hidden = ~truth.valid & ~on_disc
    # Half of a rim of 10 px, seen from the side: a diameter times the motion, and the soft edge.
    assert 136 * 10 * 0.95 < hidden.sum() < 136 * 10 + 2 * np.pi * 68
    assert difference(truth.prev[136, 310:320], frame[135, 315:325]).max() == 0
    assert difference(truth.next[120, 310:320], frame[151, 305:315]).max() == 0
    assert hidden[136, 320 + 68] or hidden[136, 320 + 66]
    assert np.array_equal(truth.prev[~on_disc & truth.valid], frame[~on_disc & truth.valid])
    assert np.array_equal(truth.next[~on_disc & truth.valid], frame[~on_disc & truth.valid])
    far = flow.moving_layer(frame, 620, 0)
    leaves = (far.flow[..., 0] == 620) & (np.arange(640) + 620 > 639)
    assert leaves.sum() > 1000
    assert not far.valid[leaves].any()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda f: flow.translation(f[..., 0], 1, 1), ValueError, r"frame: .*\(272, 640\)"),
        (lambda f: flow.rotation(f / 255, 1), TypeError, "frame: expected uint8.*float64"),
        (lambda f: flow.moving_layer(f[:0], 1, 1), ValueError, r"frame: .*\(0, 640, 3\)"),
        (lambda f: flow.translation(f, np.nan, 1), ValueError, "dx: .*nan"),
        (lambda f: flow.translation(f, 1, "2"), TypeError, "dy: expected a number, got '2'"),
        (lambda f: flow.moving_layer(f, 1, np.inf), ValueError, "dy: .*inf"),
        (
            lambda f: flow.zoom(f, 0),
            ValueError,
            "factor: expected a finite number above 0.5 and at most 2, got 0",
        ),
        (lambda f: flow.rotation(f, 200), ValueError, "degrees: .*got 200"),
        (lambda f: flow.shear(f, 3), ValueError, "amount: .*got 3"),
    ],
)
def test_what_ground_truth_refuses(frame, make, error, message):
    with pytest.raises(error, match=message):
        make(frame)


def test_the_puppet_worlds_flow_is_what_a_method_finds():
    film = puppet_video([("walk right", 2), ("wave fast", 1)], fps=25, size=128, seed=1)
    found = np.stack(
        [flow.farneback(a, b) for a, b in zip(film.frames[:-1], film.frames[1:], strict=True)]
    )
    figure = film.figure[:-1]
    still = flow.endpoint_error(found * 0, film.flow, figure)
    assert still > 1.5
    assert flow.endpoint_error(found, film.flow, figure) < still / 3
    assert flow.endpoint_error(found[..., ::-1], film.flow, figure) > still


# Lucas and Kanade.


@pytest.mark.parametrize("kind", ["translation", "far", "rotation", "zoom", "shear"])
def test_lucas_kanade_finds_what_opencv_finds_at_textured_points(frame, kind):
    truth = KINDS[kind](frame)
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (truth.prev, truth.next)]
    points = cv2.goodFeaturesToTrack(grey[0], 200, 0.05, 10)
    tracked, status, _ = cv2.calcOpticalFlowPyrLK(*grey, points, None, winSize=(15, 15), maxLevel=3)
    x, y = np.rint(points[:, 0]).astype(int).T
    usable = (status[:, 0] == 1) & truth.valid[y, x]
    usable &= (x > 30) & (x < 610) & (y > 30) & (y < 242)
    theirs = (tracked - points)[usable, 0]
    x, y = x[usable], y[usable]
    ours, exact = flow.lucas_kanade(truth.prev, truth.next)[y, x], truth.flow[y, x]
    assert len(x) > 80
    assert np.median(np.hypot(*(ours - theirs).T)) < 0.03
    assert np.hypot(*(ours - exact).T).mean() < 1.1 * np.hypot(*(theirs - exact).T).mean() + 0.01


def test_lucas_kanade_takes_any_image_and_returns_flow(frame):
    truth = KINDS["translation"](frame)
    pair = [image[:61, :83] for image in (truth.prev, truth.next)]
    found = flow.lucas_kanade(*pair)
    assert (found.dtype, found.shape) == (np.float32, (61, 83, 2))
    as_float = flow.lucas_kanade(*(image.astype(np.float64) / 255 for image in pair))
    assert flow.endpoint_error(found, as_float) < 0.02
    assert np.isfinite(flow.lucas_kanade(frame[:5, :3], frame[1:6, :3])).all()
    assert np.array_equal(flow.lucas_kanade(frame[:1, :1], frame[:1, :1]), np.zeros((1, 1, 2)))


def test_without_texture_lucas_kanade_says_zero_and_along_an_edge_only_the_normal():
    x, y = np.meshgrid(np.arange(96.0), np.arange(80.0))
    flat = np.full((80, 96), 0.5)
    assert np.array_equal(flow.lucas_kanade(flat, flat), np.zeros((80, 96, 2)))

    def edge(shift_x, shift_y):  # a soft edge that falls from top right to bottom left
        return 1 / (1 + np.exp(-((x - shift_x - 48) + (y - shift_y - 40)) / 3))

    found = flow.lucas_kanade(edge(0, 0), edge(1, 0))[35:45, 43:53].reshape(-1, 2)
    # Of a motion (1, 0) only the part across the edge, (1, 1) / 2, can be seen.
    assert np.allclose(found, [0.5, 0.5], rtol=0, atol=0.03)


def test_one_step_solves_a_small_motion_of_a_plane_exactly():
    x, y = np.meshgrid(np.arange(40.0), np.arange(30.0))

    def bowl(dx, dy):  # slopes in both directions, everywhere
        return 3 * np.abs(x - dx - 20) + 2 * np.abs(y - dy - 15)

    start = np.zeros((30, 40, 2), np.float32)
    step = flow.lucas_kanade_step(bowl(0, 0), bowl(0.2, -0.3), start, 5)
    # Around a corner of the bowl a window sees both slopes and no kink of its own.
    tensor = flow.structure_tensor(bowl(0, 0) / 255, 5)
    assert np.allclose(tensor[5, 5], [[9, 6], [6, 4]], atol=1e-4)
    assert np.allclose(step[5, 5] @ [3, 2], [0.2 * 3 - 0.3 * 2], atol=1e-4)


def test_a_pixel_that_left_the_image_says_nothing():
    ramp = np.tile(2 * np.arange(40.0), (30, 1))
    start = np.full((30, 40, 2), [3, 0], np.float32)
    step = flow.lucas_kanade_step(ramp, ramp - 2, start, 5)
    # Three columns leave; the window of the first of them still holds two that do not.
    assert np.allclose(step[:, :38], [1, 0], atol=1e-4)


@pytest.mark.parametrize("winsize", [5, 8, 15])
def test_eigenvalues_are_numpys_and_name_flat_edge_and_corner(frame, winsize):
    tensor = flow.structure_tensor(frame, winsize)
    values = flow.structure_tensor_eigenvalues(frame, winsize)
    assert values.shape == (*frame.shape[:2], 2)
    expected = np.linalg.eigvalsh(tensor)[..., ::-1]
    assert np.allclose(values, expected, rtol=1e-6, atol=1e-6 * expected.max())
    square = np.zeros((60, 80))
    square[20:, 30:] = 1
    large, small = np.moveaxis(flow.structure_tensor_eigenvalues(square, winsize), -1, 0)
    assert (large[5, 5], small[5, 5]) == (0, 0)
    assert large[45, 30] > 1000
    assert small[45, 30] < 1e-6
    assert small[20, 30] > 500


def test_the_structure_tensor_is_a_mean_over_the_window(frame):
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float64)
    dy, dx = np.gradient(grey)
    expected = cv2.blur(dx * dy, (9, 9), borderType=cv2.BORDER_REPLICATE)
    tensor = flow.structure_tensor(frame, 9)
    assert np.allclose(tensor[..., 0, 1], expected, rtol=0, atol=1e-3)
    assert np.array_equal(tensor[..., 0, 1], tensor[..., 1, 0])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"winsize": 2}, ValueError, "winsize: expected 3 to 999, got 2"),
        ({"winsize": 15.0}, TypeError, "winsize: expected a whole number, got 15.0"),
        ({"levels": -1}, ValueError, "levels: .*got -1"),
        ({"iterations": 0}, ValueError, "iterations: .*got 0"),
    ],
)
def test_what_lucas_kanade_refuses(frame, options, error, message):
    with pytest.raises(error, match=message):
        flow.lucas_kanade(frame, frame, **options)


def test_the_least_eigenvalue_decides_what_is_solved():
    module = sys.modules["lecturekit.flow.lucas_kanade"]
    assert module.LEAST_EIGENVALUE == flow.LEAST_EIGENVALUE
    x = np.arange(90.0)
    slope = np.sqrt(flow.LEAST_EIGENVALUE)
    for factor, expected in ((1.1, 1.0), (0.9, 0.0)):
        ramp = np.tile(factor * slope * x, (40, 1))
        step = flow.lucas_kanade_step(
            ramp, ramp - factor * slope, np.zeros((40, 90, 2), np.float32), 7
        )
        assert np.allclose(step[20, 45], [expected, 0], atol=1e-5)


# Stacks.


def test_a_stack_interleaves_x_and_y_in_time_order():
    flows = random_flow(3, 4, 5)
    stack = flow.stack_flow(flows)
    assert stack.shape == (6, 4, 5)
    for k in range(1, 4):  # the paper's Eq. 1 counts channels from 1
        assert np.array_equal(stack[2 * k - 1 - 1], flows[k - 1, ..., 0])
        assert np.array_equal(stack[2 * k - 1], flows[k - 1, ..., 1])


def test_each_field_loses_its_own_mean():
    flows = random_flow(3, 40, 50, scale=0.1) + np.arange(3, dtype=np.float32)[:, None, None, None]
    centred = flow.subtract_mean(flows)
    assert np.allclose(centred.mean((1, 2)), 0, atol=1e-6)
    assert np.allclose(flows - centred, flows.mean((1, 2), keepdims=True), atol=1e-5)
    assert np.allclose(flow.subtract_mean(flows[1]), centred[1], atol=1e-6)
    flows[0, :, :25] = np.nan
    assert np.isnan(flow.subtract_mean(flows)).mean() == pytest.approx(1 / 6)
    assert np.nanmean(flow.subtract_mean(flows)[0]) == pytest.approx(0, abs=1e-6)
    assert np.isnan(flow.subtract_mean(np.full((2, 3, 2), np.nan))).all()


@settings(deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6, **finite), min_size=1, max_size=20),
    bound=st.floats(1e-3, 1e3, **finite),
)
def test_quantised_flow_is_within_half_a_level_inside_the_bound(values, bound):
    field = np.array(values)
    levels = flow.quantise(field, bound)
    assert levels.dtype == np.uint8
    error = np.abs(flow.dequantise(levels, bound) - field.clip(-bound, bound))
    assert error.max() <= bound / 255 * (1 + 1e-5)


@given(bound=st.floats(1e-3, 1e3, **finite))
def test_no_motion_is_level_128_and_levels_survive(bound):
    assert flow.quantise(np.zeros(3), bound).tolist() == [128] * 3
    ends = np.array([-2, -1, 1, 2]) * bound
    assert flow.quantise(ends, bound).tolist() == [0, 0, 255, 255]
    levels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(flow.quantise(flow.dequantise(levels, bound), bound), levels)


def test_quantising_costs_what_its_step_says(frame):
    found = flow.translation(frame, 3.3, -1.7).flow
    stored = flow.dequantise(flow.quantise(found))
    assert 0 < flow.endpoint_error(stored, found) <= np.hypot(20, 20) / 255


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: flow.stack_flow(random_flow(4, 5)), ValueError, r"flows: .*\(L, H, W, 2\)"),
        (lambda: flow.stack_flow(np.zeros((3, 2, 4, 5))), ValueError, r"flows: .*\(3, 2, 4, 5\)"),
        (lambda: flow.quantise(np.array([np.nan])), ValueError, "flow: expected finite"),
        (lambda: flow.quantise(np.array([1])), TypeError, "flow: expected floats"),
        (
            lambda: flow.quantise(np.zeros(2), 0),
            ValueError,
            "bound_px: expected a finite number above 0",
        ),
        (lambda: flow.dequantise(np.zeros(2)), TypeError, "levels: expected uint8, got float64"),
        (lambda: flow.dequantise(np.zeros(2, np.uint8), -1), ValueError, "bound_px: .*-1"),
        (lambda: flow.subtract_mean(np.zeros((4, 5))), ValueError, r"flow: .*\(4, 5\)"),
    ],
)
def test_what_stacks_refuse(call, error, message):
    with pytest.raises(error, match=message):
        call()
