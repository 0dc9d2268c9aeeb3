"""One switch for the device; seeds repeat."""

import random

import numpy as np
import pytest
import torch

from lecturekit import runtime


@pytest.mark.parametrize(
    ("has_gpu", "device", "budget"), [(True, "cuda", "gpu"), (False, "cpu", "cpu")]
)
def test_device_and_budget_follow_the_gpu(monkeypatch, has_gpu, device, budget):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    assert runtime.device().type == device
    assert runtime.budget() == budget


def test_the_same_seed_gives_the_same_numbers():
    def draw(seed):
        runtime.seed_everything(seed)
        return random.random(), np.random.rand(), torch.rand(1).item()

    assert draw(3) == draw(3)
    assert all(a != b for a, b in zip(draw(3), draw(4), strict=True))


@pytest.mark.parametrize(("variable", "hidden"), [("1", True), ("", False)])
def test_a_progress_bar_can_be_switched_off(monkeypatch, variable, hidden):
    monkeypatch.setenv("TQDM_DISABLE", variable)
    bar = runtime.progress(range(3), leave=False)
    assert bar.disable is hidden
    assert list(bar) == [0, 1, 2]
