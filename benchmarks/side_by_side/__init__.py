"""Two networks of the same weights in one process: time of a step, bytes kept for going back."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn


def step(model: nn.Module, *inputs: torch.Tensor) -> torch.Tensor:
    """Forward and backward; gives the scores."""
    model.zero_grad()
    scores = model(*inputs)
    scores.square().mean().backward()
    return scores


def medians(steps: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Seconds of each step: in turn, the first one last every other time."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(repeats):
        for name in sorted(steps, reverse=bool(repeat % 2)):
            start = time.perf_counter()
            steps[name]()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def kept_bytes(
    forward: Callable[[], torch.Tensor], model: nn.Module, inputs: Sequence[torch.Tensor] = ()
) -> int:
    """What a forward pass keeps for the backward pass, each storage once.

    Args:
        forward: gives the scores.
        model: its weights and buffers are not counted.
        inputs: not counted either: the caller holds them whatever the network does.
    """
    held: dict[int, int] = {}

    def keep(x: torch.Tensor) -> torch.Tensor:
        storage = x.untyped_storage()
        held[storage.data_ptr()] = storage.nbytes()
        return x

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        scores = forward()
    # The scores hold the graph, and the graph the storages: no address was given twice so far.
    aside = {
        x.untyped_storage().data_ptr() for x in (*model.parameters(), *model.buffers(), *inputs)
    }
    del scores
    return sum(size for address, size in held.items() if address not in aside)
