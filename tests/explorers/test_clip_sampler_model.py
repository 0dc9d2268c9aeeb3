"""The clip sampler without a browser: what it refuses, and what it computes."""

import numpy as np
import pytest
import traitlets

from lecturekit.explorers.clip_sampler import ClipSampler


def sampler(video_frames=61, fps=25, **settings):
    frames = np.zeros((video_frames, 20, 30, 3), np.uint8)
    return ClipSampler(frames, fps=fps, label="a black film", **settings)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (np.zeros((20, 30, 3), np.uint8), r"\(T, H, W, 3\).*got \(20, 30, 3\)"),
        (np.zeros((4, 20, 30, 3)), "got float64"),
        (np.zeros((0, 20, 30, 3), np.uint8), "no axis empty"),
        ([[1]], "got list"),
        (np.zeros((257, 2, 2, 3), np.uint8), "expected 1 to 256, got 257"),
    ],
)
def test_frames_are_checked(frames, words):
    with pytest.raises((TypeError, ValueError), match=words):
        ClipSampler(frames, fps=25, label="")


def test_a_film_too_heavy_for_a_page_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (60, 160, 240, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match="250,000 bytes of JPEG, got 60 of 160 × 240 px"):
        ClipSampler(noise, fps=25, label="")


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("num_frames", 0, "num_frames"),
        ("stride", 17, "stride"),
        ("stride", 2.5, "stride.*int"),
        ("start", 61, "start: expected 0 to 60, got 61"),
        ("start", -1, "start"),
        ("fps", 0.0, "fps: expected a finite number above 0 and at most 1000, got 0.0"),
        ("fps", float("nan"), "got nan"),
        ("mode", "random", "'multi_view'"),
        ("policy", "pad", "'clamp'"),
        ("clips", 11, "clips"),
    ],
)
def test_settings_are_checked(trait, value, words):
    explorer = sampler()
    before = getattr(explorer, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(explorer, trait, value)
    assert getattr(explorer, trait) == before


def test_constructor_arguments_are_checked():
    with pytest.raises(ValueError, match=r"^fps: expected.*got -5"):
        sampler(fps=-5)
    with pytest.raises(TypeError, match="no argument tau"):
        sampler(tau=4)
    with pytest.raises(traitlets.TraitError, match="0 to 9"):
        sampler(10, start=10)


def test_python_s_indices_follow_the_policy():
    explorer = sampler(20, policy="error")
    with pytest.raises(ValueError, match="needs 29 frames"):
        explorer.indices()
    explorer.policy = "clamp"
    assert explorer.indices().tolist() == [0, 4, 8, 12, 16, 19, 19, 19]
    explorer.mode, explorer.clips = "multi_view", 3
    assert explorer.indices().shape == (3, 8)


def test_the_page_stays_light():
    noise = np.random.default_rng(0).integers(0, 256, (24, 48, 64, 3), dtype=np.uint8)
    explorer = ClipSampler(noise, fps=25, label="noise")
    assert len(explorer.film) <= 250_000
