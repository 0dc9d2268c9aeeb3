"""Where the code runs: the device, how much work it may take on, and seeding."""

import random
from typing import Literal

import numpy as np
import torch


def device() -> torch.device:
    """The device to compute on: CUDA where there is a GPU, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def budget() -> Literal["cpu", "gpu"]:
    """How large an experiment may be: "cpu" means seconds on two cores, "gpu" means minutes."""
    return "gpu" if device().type == "cuda" else "cpu"


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and torch's global generators, for code that cannot be handed one."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
