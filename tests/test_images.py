"""Images between and around their pixels, against OpenCV and torch."""

import cv2
import numpy as np
import torch
from torch.nn.functional import grid_sample

from lecturekit import assets, video
from lecturekit.images import bilinear, blur, box_sum, pyramid, pyramid_scales, shrink


def test_the_window_is_opencvs_box():
    values = np.random.default_rng(0).normal(size=(20, 30, 2)).astype(np.float32)
    expected = cv2.blur(values, (7, 7), borderType=cv2.BORDER_REPLICATE) * 49
    assert np.allclose(box_sum(values, 3), expected, atol=1e-4)
    assert box_sum(values, 40).shape == values.shape


def test_the_pyramid_is_opencvs():
    frame = video.read_frames(assets.path("bikes"), [60])[0]
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    expected = cv2.GaussianBlur(grey, (3, 3), 0)
    assert np.allclose(blur(grey, 0), expected, atol=1e-3)
    expected = cv2.resize(cv2.GaussianBlur(grey, (9, 9), 1.5), (160, 68))
    assert np.allclose(shrink(grey, 0.25), expected, atol=1e-3)
    assert pyramid_scales(272, 640, 9, 0.5) == [0.125, 0.25, 0.5, 1]
    assert pyramid_scales(272, 640, 1, 0.5) == [0.5, 1]
    assert pyramid_scales(63, 640, 3, 0.5) == [1]
    assert pyramid_scales(64, 640, 3, 0.5) == [0.5, 1]


def test_a_pyramid_ends_with_the_image_itself():
    image = np.random.default_rng(0).uniform(0, 255, (70, 130)).astype(np.float32)
    sizes = [level.shape for level in pyramid(image, 9)]
    assert sizes == [(35, 65), (70, 130)]
    *_, last = pyramid(image, 3)
    np.testing.assert_array_equal(last, blur(image, 0))


def test_samples_between_pixels_are_those_of_torch():
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 255, (5, 8, 2))
    x, y = rng.uniform(0, 7, 40), rng.uniform(0, 4, 40)
    grid = torch.from_numpy(np.stack([x / 7, y / 4], -1) * 2 - 1)[None, None]
    expected = grid_sample(torch.from_numpy(image).permute(2, 0, 1)[None], grid, align_corners=True)
    np.testing.assert_allclose(bilinear(image, x, y), expected[0, :, 0].T)
    np.testing.assert_array_equal(bilinear(image, np.array([7.0]), np.array([4.0])), image[4:, 7])
