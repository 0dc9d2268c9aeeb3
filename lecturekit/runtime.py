"""Where the code runs: the device, how much work it may take on, seeding, and progress."""

import os
from collections.abc import Iterable
from typing import Any, Literal

import torch
from tqdm.auto import tqdm


def device() -> torch.device:
    """The device to compute on: CUDA where there is a GPU, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def budget() -> Literal["cpu", "gpu"]:
    """How large an experiment may be: "cpu" means seconds on two cores, "gpu" means minutes."""
    return "gpu" if device().type == "cuda" else "cpu"


def progress(iterable: Iterable | None = None, **options: Any) -> tqdm:
    """A progress bar of tqdm's; none where the environment variable TQDM_DISABLE is set.

    In a notebook tqdm does not read that variable itself, and a bar that shows up only on a slow
    machine would change outputs that are compared.
    """
    return tqdm(iterable, disable=bool(os.environ.get("TQDM_DISABLE")), **options)
