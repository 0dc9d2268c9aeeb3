"""Published weights into our networks: all of them or none, and no code of a file's is run.

A format says where in a file the weights stand, and what the file calls each of our keys (the
names in ``state_dict()``). torchvision's and piergiaj's files of convolutional networks call them
as we do: our modules have their names. pytorchvideo numbers all blocks of a network in one list,
and a chapter would have to say ``blocks[0].multipathway_blocks[1]`` for the fast pathway's stem:
there, and in transformers' files, we have names of our own, and tables
(:mod:`lecturekit.checkpoints.names`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecturekit import checks
from lecturekit.checkpoints.names import (
    Naming,
    as_we_do,
    pytorchvideo,
    torchvision,
    transformers,
    transformers_5,
)
from lecturekit.files import PathLike


class CheckpointError(ValueError):
    """A file or a state dict that does not hold the weights of this network."""


@dataclass(frozen=True)
class Format:
    """How a family of files is laid out.

    Attributes:
        names: what a file calls one of a network's keys; several where files differ, of which the
            one counts that a file has most of.
        inside: the entry at the top level that holds the weights, where the file has it. What else
            lies beside it (an optimizer, an epoch) is left alone.
    """

    names: tuple[Naming, ...]
    inside: str | None = None


FORMATS = {
    "pytorchvideo": Format((pytorchvideo,), inside="model_state"),
    "torchvision": Format((torchvision,)),
    "transformers": Format((transformers, transformers_5)),
    "piergiaj": Format((as_we_do,)),
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
    result depends on them). Axes of one number may be more or fewer in a file: they move nothing.

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
    own = max(
        (_own(model, name) for name in layout.names), key=lambda own: len(own.keys() & found.keys())
    )
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
    ready = [(mine, found[key].detach().to(mine).reshape(mine.shape)) for key, mine in own.items()]
    with torch.no_grad():
        for mine, theirs in ready:
            mine.copy_(theirs)


def _own(model: nn.Module, name: Naming) -> dict[str, torch.Tensor]:
    """A network's tensors by a file's names; one that has several, in as many parts."""
    own = {}
    for key, tensor in model.state_dict().items():
        theirs = name(model, key)
        if isinstance(theirs, str):
            own[theirs] = tensor
        else:
            own.update(zip(theirs, tensor.chunk(len(theirs)), strict=True))
    return own


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
        and _same_numbers(theirs.shape, mine.shape)
        and theirs.is_floating_point() == mine.is_floating_point()
        and not theirs.is_complex()
        and theirs.layout == torch.strided
        and (mine.is_meta or not theirs.is_meta)
    )


def _same_numbers(theirs: torch.Size, mine: torch.Size) -> bool:
    """The same axes, or more or fewer of one number: those that moved would be another layout."""
    more = len(theirs) != len(mine) and [n for n in theirs if n > 1] == [n for n in mine if n > 1]
    return theirs == mine or more


def _kind(value: Any) -> str:
    if not isinstance(value, torch.Tensor):
        return type(value).__name__
    layout = "" if value.layout == torch.strided else f"{value.layout} "
    device = "without numbers (on meta) " if value.is_meta else ""
    return f"{layout}{device}{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
