"""Mixed precision: on a GPU most of a network is computed in float16, which is faster there."""

from contextlib import AbstractContextManager
from typing import Any

import torch


class MixedPrecision:
    """Half precision on a GPU; on a CPU, where it would be slower, all is left as it is.

    A gradient below 6e-8 would be zero in float16. So the loss is multiplied by a large number
    before the gradients are computed, and they are divided by it before a step (*loss scaling*;
    Micikevicius et al. 2018). Where one overflows, the step is left out and the number halved.

    Args:
        device: where the network is.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")

    def forward(self) -> AbstractContextManager:
        """Inside it, a network and its loss are computed in mixed precision."""
        return torch.autocast(self._device.type, torch.float16, enabled=self._scaler.is_enabled())

    def backward(self, loss: torch.Tensor) -> None:
        """``loss.backward()``, scaled."""
        self._scaler.scale(loss).backward()

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """``optimizer.step()`` with the true gradients, or none where one overflowed."""
        self._scaler.step(optimizer)
        self._scaler.update()

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return self._scaler.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """What a checkpoint gives back."""
        self._scaler.load_state_dict(state)
