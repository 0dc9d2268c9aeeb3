"""Fuse the streams without a browser: what it refuses, and what it computes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import traitlets

from lecturekit.evaluation import Evaluation
from lecturekit.explorers.fuse_streams import FuseStreams
from lecturekit.metrics import topk_accuracy

CLASSES = ("sit", "stand", "walk", "run", "wave")
CUE_OF = {"sit": "direction", "stand": "direction", "walk": "speed", "run": "speed"}


def evaluation(seed, clips=37):
    scores = np.random.default_rng(seed).normal(0, 2, (clips, 5)).astype(np.float32)
    return Evaluation(scores, np.arange(clips) % 5, CLASSES, CUE_OF)


def frames(clips=7, count=4, height=20, width=30):
    return np.zeros((clips, count, height, width, 3), np.uint8)


def explorer(spatial=None, temporal=None, film=None, **settings):
    spatial = evaluation(1) if spatial is None else spatial
    temporal = evaluation(2) if temporal is None else temporal
    film = frames() if film is None else film
    return FuseStreams(spatial, temporal, film, label="two streams", **settings)


@pytest.mark.parametrize(
    ("film", "words"),
    [
        (np.zeros((4, 20, 30, 3), np.uint8), r"frames: .*\(N, T, H, W, 3\).*got \(4, 20, 30, 3"),
        (frames(25), "clips in frames: expected 1 to 24, got 25"),
        (frames(count=33), "frames of each clip: expected 1 to 32, got 33"),
    ],
)
def test_frames_are_checked(film, words):
    with pytest.raises(ValueError, match=words):
        explorer(film=film)


def test_no_more_clips_are_shown_than_were_evaluated():
    with pytest.raises(ValueError, match="clips in frames: expected 1 to 6, got 7"):
        explorer(evaluation(1, 6), evaluation(2, 6))


def test_the_streams_are_of_the_same_clips_and_fit_in_a_page():
    with pytest.raises(ValueError, match="temporal: expected the same clips as in spatial, got 36"):
        explorer(temporal=evaluation(2, 36))
    words = (
        "120,000 bytes, got 3001 clips of 5 classes that take 120,040. Give the first 3000 clips"
    )
    with pytest.raises(ValueError, match=words):
        explorer(evaluation(1, 3001), evaluation(2, 3001))
    assert len(explorer(evaluation(1, 3000), evaluation(2, 3000)).labels) == 3000


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("weight", 1.05, "weight: expected 0 to 1 in steps of 0.05, got 1.05"),
        ("weight", 0.33, "got 0.33"),
        ("weight", float("nan"), "got nan"),
        ("average", "logits", "'probabilities'"),
        ("clip", 7, "clip: expected 0 to 6, got 7"),
        ("clip", -1, "clip"),
    ],
)
def test_settings_are_checked(trait, value, words):
    made = explorer()
    before = getattr(made, trait)
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(made, trait, value)
    assert getattr(made, trait) == before


@pytest.mark.parametrize("weight", [0.0, 0.35, 1.0])
def test_the_mean_is_of_probabilities_or_of_scores(weight):
    spatial, temporal = evaluation(1), evaluation(2)
    made = explorer(spatial, temporal, weight=weight)
    expected = (1 - weight) * torch.from_numpy(spatial.scores).double().softmax(1).numpy()
    expected += weight * torch.from_numpy(temporal.scores).double().softmax(1).numpy()
    np.testing.assert_allclose(made.fused(), expected, rtol=1e-12)
    np.testing.assert_allclose(made.fused().sum(1), 1)
    made.average = "scores"
    expected = np.average([spatial.scores, temporal.scores], 0, [1 - weight, weight])
    np.testing.assert_allclose(made.fused(), expected, rtol=1e-5, atol=1e-6)


def test_one_stream_alone_is_at_each_end():
    spatial, temporal = evaluation(1), evaluation(2)
    made = explorer(spatial, temporal, weight=0)
    assert topk_accuracy(made.fused(), made.labels) == spatial.accuracy
    made.weight = 1
    assert topk_accuracy(made.fused(), made.labels) == temporal.accuracy


def test_it_opens_on_a_clip_that_one_stream_gets_right():
    labels = np.arange(37) % 5
    sure = np.eye(5, dtype=np.float32)[labels]
    unsure = sure.copy()
    unsure[3] = np.roll(unsure[3], 1)
    made = explorer(replace(evaluation(1), scores=sure), replace(evaluation(1), scores=unsure))
    assert made.clip == 3
    assert (
        explorer(replace(evaluation(1), scores=sure), replace(evaluation(1), scores=sure)).clip == 0
    )


def test_the_page_stays_light():
    noise = np.random.default_rng(0).integers(0, 256, (24, 16, 48, 48, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match="120,000 bytes of JPEG, got 384 of 48 × 48 px"):
        explorer(film=noise)
    smooth = np.repeat(np.repeat(noise[:, :, ::8, ::8], 8, 2), 8, 3)
    assert 50_000 < len(explorer(film=smooth).film) <= 120_000
