"""One switch for the device."""

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


@pytest.mark.parametrize(("variable", "hidden"), [("1", True), ("", False)])
def test_a_progress_bar_can_be_switched_off(monkeypatch, variable, hidden):
    monkeypatch.setenv("TQDM_DISABLE", variable)
    bar = runtime.progress(range(3), leave=False)
    assert bar.disable is hidden
    assert list(bar) == [0, 1, 2]
