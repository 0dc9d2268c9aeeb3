"""Published weights into our networks: all of them or none, and no code of a file's is run.

A format says where in a file the weights stand, and what the file calls each of our keys (the
names in ``state_dict()``). torchvision's and piergiaj's files call them as we do: our modules have
their names. pytorchvideo numbers all blocks of a network in one list, and a chapter would have to
say ``blocks[0].multipathway_blocks[1]`` for the fast pathway's stem: there we have names of our
own, and a table.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecturekit import checks
from lecturekit.files import PathLike
from lecturekit.models.resnet50 import VideoResNet50


class CheckpointError(ValueError):
    """A file or a state dict that does not hold the weights of this network."""


@dataclass(frozen=True)
class Format:
    """How a family of files is laid out.

    Attributes:
        name: what the file calls one of a network's keys.
        inside: the entry at the top level that holds the weights, where the file has it. What else
            lies beside it (an optimizer, an epoch) is left alone.
    """

    name: Callable[[nn.Module, str], str]
    inside: str | None = None


def as_we_do(model: nn.Module, key: str) -> str:
    """A file whose names our modules have."""
    return key


def pytorchvideo(model: nn.Module, key: str) -> str:
    """One list of blocks: stem, four stages, a pooling after the first or the last, the head.

    Of SlowFast, a block holds both pathways and the lateral connection behind them.
    """
    alone = isinstance(model, VideoResNet50)
    pooled = alone and isinstance(model.stages[0][-1], nn.MaxPool3d)
    match key.split("."):
        case ["slow" | "fast" as pathway, *parts]:
            inside = f"multipathway_blocks.{['slow', 'fast'].index(pathway)}."
        case ["laterals", number, "conv" | "norm" as layer, last]:
            layer = {"conv": "conv_fast_to_slow", "norm": "norm"}[layer]
            return f"blocks.{number}.multipathway_fusion.{layer}.{last}"
        case parts:
            inside = ""
    match parts:
        case ["stem", *rest]:
            return f"blocks.0.{inside}{'.'.join(rest)}"
        case ["stages", stage, block, "shortcut", layer, last]:
            rest = f"branch1_{layer}.{last}"
        case ["stages", stage, block, layer, last]:
            rest = f"branch2.{layer}.{last}"
        case ["head", "linear", last]:
            return f"blocks.{5 + (pooled or not alone)}.proj.{last}"
        case _:
            return key
    number = int(stage) + 1 + (pooled and stage != "0")
    return f"blocks.{number}.{inside}res_blocks.{block}.{rest}"


FORMATS = {
    "pytorchvideo": Format(pytorchvideo, inside="model_state"),
    "torchvision": Format(as_we_do),
    "piergiaj": Format(as_we_do),
}
"""By name: one table of names for each."""

_COUNTER = "num_batches_tracked"
_LISTED = 3


def load_published(
    model: nn.Module, source: PathLike | Mapping[str, torch.Tensor], format: str
) -> None:
    """Put published weights in place of a network's own.

    Every number of the network comes from the source, but for the batch norms' counters of steps:
    files from before torch counted them have none at all, and the network then keeps its own (no
    result depends on them).

    Args:
        model: built for as many classes as the weights; it may lie on any device.
        source: a file that ``torch.save`` wrote, or what it would hold.
        format: a key of ``FORMATS``.

    Raises:
        CheckpointError: the file cannot be read without running code of its own, or a key is
            missing, one too many, or of the wrong shape or type; it is named as in the file. The
            model is as it was.
        ValueError: no such format.
    """
    layout = FORMATS[checks.one_of("format", format, tuple(FORMATS))]
    if isinstance(source, Mapping):
        where, found = "the state dict", source
    else:
        where, found = str(source), _read(source)
    if layout.inside is not None and isinstance(found, Mapping):
        found = found.get(layout.inside, found)
    if not isinstance(found, Mapping):
        raise CheckpointError(f"{where}: expected weights by name, got {type(found).__name__}")
    own = {layout.name(model, key): tensor for key, tensor in model.state_dict().items()}
    if not any(str(key).endswith(_COUNTER) for key in found):
        own = {key: tensor for key, tensor in own.items() if not key.endswith(_COUNTER)}
    if faults := _faults(own, found):
        more = f"; and {len(faults) - _LISTED} keys more" if len(faults) > _LISTED else ""
        raise CheckpointError(
            f"{where}: expected the weights of {type(model).__name__} as {format} names them; "
            + "; ".join(faults[:_LISTED])
            + more
        )
    # All that can fail is done before the first weight changes.
    ready = [(mine, found[key].detach().to(mine)) for key, mine in own.items()]
    with torch.no_grad():
        for mine, theirs in ready:
            mine.copy_(theirs)


def _read(path: PathLike) -> Any:
    """What a file holds, tensors on the CPU. Nothing in it is run."""
    path = Path(path)
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no such file"
        raise CheckpointError(f"{path}: expected a file of weights, got {kind}")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a broken file makes of the reader
        # The error itself is kept back: it advises to read the file with code and all.
        runs = re.search(r"GLOBAL (\S+)", str(error))
        what = f"one that would run {runs[1]}" if runs else _first_bytes(path)
    raise CheckpointError(f"{path}: expected a whole file of weights alone, got {what}")


def _first_bytes(path: Path) -> str:
    with path.open("rb") as file:
        return f"{path.stat().st_size:,} bytes that begin with {file.read(16)!r}"


def _faults(own: Mapping[str, torch.Tensor], found: Mapping[Any, Any]) -> list[str]:
    """What keeps a source from being this network's, key by key."""
    faults = [
        f"{key}: expected {_kind(own[key])}, got {_kind(found[key]) if key in found else 'no key'}"
        for key in own
        if key not in found or not _fits(own[key], found[key])
    ]
    return faults + [f"{key}: expected no such key" for key in found if key not in own]


def _fits(mine: torch.Tensor, theirs: Any) -> bool:
    return (
        isinstance(theirs, torch.Tensor)
        and theirs.shape == mine.shape
        and theirs.is_floating_point() == mine.is_floating_point()
        and not theirs.is_complex()
        and theirs.layout == torch.strided
        and (mine.is_meta or not theirs.is_meta)
    )


def _kind(value: Any) -> str:
    if not isinstance(value, torch.Tensor):
        return type(value).__name__
    layout = "" if value.layout == torch.strided else f"{value.layout} "
    device = "without numbers (on meta) " if value.is_meta else ""
    return f"{layout}{device}{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
