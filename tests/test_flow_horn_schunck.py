"""Horn and Schunck's flow: against a direct solver, by hand, at its limits, against the truth."""

import cv2
import numpy as np
import pytest

from lecturekit import assets, flow, video
from lecturekit.flow.horn_schunck import mean_of_neighbours

KINDS = {
    "translation": lambda frame: flow.translation(frame, 2.3, -1.6),
    "rotation": lambda frame: flow.rotation(frame, 2),
    "zoom": lambda frame: flow.zoom(frame, 1.03),
    "shear": lambda frame: flow.shear(frame, 0.03),
    "moving layer": lambda frame: flow.moving_layer(frame, 4.5, 1.5),
}


@pytest.fixture(scope="module")
def frame():
    return video.read_frames(assets.path("bikes"), [165])[0]


def random_case(height, width, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 5, (height, width, 2)), rng.normal(0, 3, (height, width))


def energy(field, slope, change, alpha):
    """The sum that the method makes small, term by term."""
    explained = ((slope * field).sum(-1) + change) ** 2
    bends = sum((np.diff(field, axis=axis) ** 2).sum() for axis in (0, 1))
    return explained.sum() + alpha**2 / 4 * bends


def direct_solution(slope, change, alpha):
    """The same minimum from one linear system over all pixels, by numpy's solver."""
    height, width = change.shape
    count = height * width
    neighbours = np.zeros((count, count))
    number = np.arange(count).reshape(height, width)
    for a, b in [(number[:, :-1], number[:, 1:]), (number[:-1], number[1:])]:
        for i, j in zip(a.ravel(), b.ravel(), strict=True):
            neighbours[[i, j], [i, j]] += 1
            neighbours[[i, j], [j, i]] -= 1
    system = np.kron(neighbours, np.eye(2)) * alpha**2 / 4
    for i, gradient in enumerate(slope.reshape(-1, 2)):
        system[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] += np.outer(gradient, gradient)
    right = -(slope * change[..., None]).ravel()
    return np.linalg.solve(system, right).reshape(height, width, 2)


@pytest.mark.parametrize("alpha", [1.0, 10.0])
def test_many_iterations_reach_the_solution_of_the_linear_system(alpha):
    slope, change = random_case(7, 9)
    expected = direct_solution(slope, change, alpha)
    found = flow.smoothest_flow(slope, change, alpha, 5000)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-4)
    # From another start too.
    again = flow.smoothest_flow(slope, change, alpha, 5000, np.full((7, 9, 2), 3.0))
    assert np.allclose(again, expected, atol=1e-4)


def test_no_field_nearby_has_a_smaller_sum():
    slope, change = random_case(6, 8, seed=1)
    found = flow.smoothest_flow(slope, change, 4.0, 5000).astype(float)
    least = energy(found, slope, change, 4.0)
    rng = np.random.default_rng(2)
    for _ in range(20):
        other = found + 0.05 * rng.normal(size=found.shape)
        assert energy(other, slope, change, 4.0) > least


def test_between_two_pixels_that_know_the_flow_runs_in_a_straight_line():
    # By hand: the ends say 1 and 5 px, the three pixels between them nothing.
    slope = np.zeros((1, 5, 2))
    slope[0, [0, 4]] = 1000, 0
    change = np.array([[-1000.0, 0, 0, 0, -5000]])
    found = flow.smoothest_flow(slope, change, 1.0, 500)
    assert np.allclose(found[0, :, 0], [1, 2, 3, 4, 5], atol=1e-3)
    assert np.allclose(found[..., 1], 0)


def test_one_round_by_hand():
    # The mean of the neighbours is 0, so d = −∇I · change / (α² + |∇I|²): −(3, 4) · 10 / 50.
    slope, change = np.full((3, 3, 2), [3.0, 4.0]), np.full((3, 3), 10.0)
    found = flow.smoothest_flow(slope, change, 5.0, 1)
    assert np.allclose(found, [-0.6, -0.8])


def test_an_edge_everywhere_gives_the_motion_across_it():
    slope, change = np.full((4, 5, 2), [3.0, 4.0]), np.full((4, 5), 10.0)
    found = flow.smoothest_flow(slope, change, 5.0, 200)
    assert np.allclose(found, [-1.2, -1.6], atol=1e-5)  # its length is |change| / |slope| = 2


def test_the_mean_is_that_of_four_neighbours_and_keeps_the_border():
    field = np.zeros((2, 3, 4))
    field[:, 1, 1] = 4, 8
    mean = mean_of_neighbours(field)
    assert np.array_equal(mean[0], [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0]])
    assert np.array_equal(mean[1], 2 * mean[0])
    assert np.array_equal(mean_of_neighbours(np.ones((2, 2, 2))), np.ones((2, 2, 2)))
    corner = np.zeros((1, 3, 3))
    corner[0, 0, 0] = 1
    assert mean_of_neighbours(corner)[0, 0, 0] == 0.5  # two of its four neighbours are itself


def test_without_texture_nothing_is_known_and_nothing_is_said():
    grey = np.full((20, 30), 90, np.uint8)
    assert np.array_equal(flow.horn_schunck(grey, grey), np.zeros((20, 30, 2)))
    assert np.abs(flow.horn_schunck(grey, grey + 5)).max() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_it_finds_known_motions(frame, kind):
    truth = KINDS[kind](frame[::2, ::2])
    found = flow.horn_schunck(truth.prev, truth.next)
    assert (found.dtype, found.shape) == (np.float32, (136, 320, 2))
    still = flow.endpoint_error(np.zeros_like(truth.flow), truth.flow, truth.valid)
    error = flow.endpoint_error(found, truth.flow, truth.valid)
    assert error < (0.35 if kind == "moving layer" else 0.12) * still


def test_flat_ground_takes_what_its_surroundings_know(frame):
    # A grey disc without any texture in the middle of a picture that moves as one.
    picture = frame[:128, :256].copy()
    cv2.circle(picture, (128, 64), 24, (90, 90, 90), -1)
    truth = flow.translation(picture, 2.0, 1.0)
    found = flow.horn_schunck(truth.prev, truth.next)[56:72, 120:136]
    assert np.abs(found - (2.0, 1.0)).max() < 0.3


@pytest.mark.parametrize("kind", ["translation", "zoom"])
def test_each_warp_helps(frame, kind):
    truth = KINDS[kind](frame[::2, ::2])
    errors = [
        flow.endpoint_error(
            flow.horn_schunck(truth.prev, truth.next, warps=warps), truth.flow, truth.valid
        )
        for warps in (1, 2, 3)
    ]
    assert errors == sorted(errors, reverse=True)


def test_any_kind_of_image_gives_the_same_flow(frame):
    prev, next = flow.translation(frame[60:160, 100:280], 1, 2)[:2]
    expected = flow.horn_schunck(prev, next)
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (prev, next)]
    assert np.array_equal(flow.horn_schunck(*grey), expected)
    assert flow.endpoint_error(flow.horn_schunck(*(g / 255 for g in grey)), expected) < 1e-3
    transposed = flow.horn_schunck(*(image.T for image in grey))
    assert flow.endpoint_error(transposed[..., ::-1].swapaxes(0, 1), expected) < 1e-3


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 3)])
def test_it_takes_an_image_of_any_size(size):
    image = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    assert np.abs(flow.horn_schunck(image, image)).max() < 1e-4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0}, "alpha: expected a finite number above 0, got 0"),
        ({"levels": -1}, "levels: expected 0 to 99, got -1"),
        ({"warps": 0}, "warps: expected 1 to 999, got 0"),
        ({"iterations": 0}, "iterations: expected 1 to 99999, got 0"),
    ],
)
def test_a_parameter_out_of_range_is_named(options, message):
    image = np.zeros((8, 8), np.uint8)
    with pytest.raises(ValueError, match=message):
        flow.horn_schunck(image, image, **options)
    with pytest.raises(ValueError, match="next: expected height and width of prev"):
        flow.horn_schunck(image, np.zeros((8, 9), np.uint8))
