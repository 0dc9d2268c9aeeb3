"""The shared checks: what they let pass, and that the message names argument, wish and value."""

import re

import numpy as np
import pytest
import torch

from lecturekit import checks


@pytest.mark.parametrize("value", [1, 7, np.int64(7), np.uint8(7)])
def test_an_integer_comes_back_as_pythons_own(value):
    assert type(checks.integer("k", value, 1, 7)) is int


@pytest.mark.parametrize("value", [True, np.True_, 7.0, "7", None, np.array([7, 7])])
def test_what_is_no_integer_is_refused_as_a_type(value):
    with pytest.raises(TypeError, match=r"^k: expected a whole number, got "):
        checks.integer("k", value, 1)


def test_an_integer_out_of_range_says_the_range():
    with pytest.raises(ValueError, match=r"^k: expected 1 to 7, got 8$"):
        checks.integer("k", 8, 1, 7)
    with pytest.raises(ValueError, match=r"^k: expected at least 1, got 0$"):
        checks.integer("k", 0, 1)


def test_integers_are_checked_each():
    assert checks.integers("shape", np.array([2, 3]), 1) == (2, 3)
    with pytest.raises(ValueError, match=r"^shape: expected at least 1, got 0$"):
        checks.integers("shape", [2, 0], 1)
    for values in (5, "56", None):
        with pytest.raises(TypeError, match=r"^shape: expected "):
            checks.integers("shape", values, 1)


@pytest.mark.parametrize("value", [0.5, 25, np.float32(25), np.int64(3)])
def test_a_number_passes(value):
    assert checks.number("fps", value, 0, 1000) == value


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 1000.5])
def test_a_number_out_of_range_or_not_finite_is_refused(value):
    with pytest.raises(
        ValueError, match=r"^fps: expected a finite number above 0 and at most 1000,"
    ):
        checks.number("fps", value, 0, 1000)


@pytest.mark.parametrize("value", [True, "25", None, 1j])
def test_what_is_no_number_is_refused_as_a_type(value):
    with pytest.raises(TypeError, match=r"^fps: expected a number, got "):
        checks.number("fps", value, 0)


def test_one_of_lists_the_choices():
    assert checks.one_of("policy", "loop", ("loop", "clamp")) == "loop"
    with pytest.raises(ValueError, match=r"^policy: expected one of 'loop', 'clamp', got 'stop'$"):
        checks.one_of("policy", "stop", ("loop", "clamp"))


def test_frames_say_their_axes():
    film = np.zeros((2, 4, 5, 3), np.uint8)
    assert checks.frames("frames", film) is film
    assert checks.frames("frame", film[0], "H W 3").shape == (4, 5, 3)
    expected = r"^frames: expected uint8 RGB of shape \(T, H, W, 3\), no axis empty, got "
    for wrong in (film[0], film[:0], film[..., :1]):
        with pytest.raises(ValueError, match=expected):
            checks.frames("frames", wrong)
    for wrong in (film / 255, film.tolist(), None):
        with pytest.raises(TypeError, match=expected):
            checks.frames("frames", wrong)


def test_a_generator_is_numpys():
    source = np.random.default_rng(0)
    assert checks.generator("generator", source) is source
    with pytest.raises(TypeError, match=r"^generator: expected numpy.random.default_rng\(seed\)"):
        checks.generator("generator", 0)


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_shape(make):
    checks.shape("clips", make((2, 3, 8)), "B 3 T")
    checks.shape("labels", make((8,)), "8")
    checks.shape("mask", make(()), "")
    for got in ((2, 3), (2, 3, 8, 9), (2, 4, 8), (0, 3, 8)):
        with pytest.raises(
            ValueError, match=re.escape(f"clips: expected shape (B, 3, T), got {got}")
        ):
            checks.shape("clips", make(got), "B 3 T")
    with pytest.raises(ValueError, match=r"labels: expected shape \(8,\), got \(\)"):
        checks.shape("labels", make(()), "8")
