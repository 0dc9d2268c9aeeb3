"""``comparisons.csv``: published accuracies with their protocols taken apart, and what differs.

The file has a line for each network, data set and protocol. It types no figure: accuracy, cost and
parameters are ids of ``figures.csv``, and name, data set and split are read there. What it types
is the protocol, field by field, as that figure's own text says it (or the text of its cost, which
stands in the same table). A field is empty where neither says it: not said is not the same.

| column | what |
|---|---|
| `top1`, `cost`, `parameters` | ids; no cost where the printed one is of another input |
| `family` | of the lecture's lines, or one of the few that the lecture has no line for |
| `paper`, `year` | which describes the network, and when; a code release trains it again later |
| `frames`, `stride` | of one view; of the Slow pathway for SlowFast |
| `clips`, `crops`, `views` | along time, of each clip, and their product where only that is said |
| `size_px` | height and width of what the network sees in the test |
| `inputs` | RGB, flow, or both |
| `pretraining` | class of what the weights had seen before the data set: `PRETRAINING` |
"""

import csv
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from .figures import Fact, get, text, value

FAMILIES = {
    "2D CNN per frame": "2D CNN per frame",
    "early fusion": "",
    "late fusion": "Late Fusion",
    "CNN + LSTM": "",
    "temporal shift": "",
    "3D CNN": "3D CNN (C3D)",
    "two-stream": "Two-Stream",
    "I3D": "I3D",
    "SlowFast": "SlowFast",
    "video transformer": "Video Transformers (MViT, VideoMAE)",
}
"""Each family and the lecture's line for it; the empty ones have none."""

PRETRAINING = {
    "none": "weights start at random",
    "ImageNet": "images of 1,000 classes with labels; so read where a source says ImageNet alone",
    "ImageNet-21K": "images of about 21,000 classes with labels, by some called ImageNet-22K",
    "larger labelled": "another set with labels: Sports-1M, IG-65M, JFT, another Kinetics",
    "without labels": "films whose labels the pretraining did not use",
}
"""The classes of pretraining, in words."""

# Sources whose printed "GFLOPs" of a network of this book equal the book's count of multiply–adds.
_COUNT_MULTIPLY_ADDS = frozenset(
    {
        *("torchvision", "vmz", "mmaction2", "pytorchvideo", "pyslowfast"),
        *("feichtenhofer2019", "fan2021", "arnab2021", "bertasius2021", "tong2022"),
    }
)
# What was left of the validation list of Kinetics-400, for sources that say it.
_COPIES = {
    "mmaction2": "k400-copy-val-mmaction2",
    "nonlocalcode": "k400-copy-val-nonlocal",
    "scenic": "k400-copy-val-scenic",
}
_NUMBERS = ("year", "frames", "stride", "clips", "crops", "views", "size_px")
_GIGA = {"GFLOPs": 1, "TFLOPs": 1000}


class Comparison(NamedTuple):
    """One line: a network, a data set, a protocol. None or "" where no source says it."""

    top1: str
    cost: str
    parameters: str
    family: str
    paper: str
    year: int | None
    frames: int | None
    stride: int | None
    clips: int | None
    crops: int | None
    views: int | None  # clips × crops
    size_px: int | None
    inputs: str
    pretraining: str

    @property
    def fact(self) -> Fact:
        """The line of ``figures.csv`` with the accuracy."""
        return get(self.top1)

    @property
    def name(self) -> str:
        """The network, as the source calls it."""
        return self.fact.name

    @property
    def dataset(self) -> str:
        """On which it was tested, and trained last."""
        return self.fact.dataset

    @property
    def split(self) -> str:
        """Which part of the data set: "val" or "test"."""
        return self.fact.split

    @property
    def source(self) -> str:
        """Key in ``book/references.bib`` of whoever prints the accuracy."""
        return self.fact.key

    @property
    def accuracy(self) -> float:
        """Top-1, in per cent."""
        return value(self.top1)

    @property
    def million_parameters(self) -> float | None:
        """Parameters, in millions."""
        if not self.parameters:
            return None
        return value(self.parameters) / (1 if get(self.parameters).unit == "M" else 1e6)

    @property
    def view_gflops(self) -> float | None:
        """Cost of one view in what the source calls GFLOPs; `counts` says what those are."""
        if not self.cost:
            return None
        cost = value(self.cost) * _GIGA[get(self.cost).unit]
        if get(self.cost).quantity != "cost of all views":
            return cost
        return cost / self.views if self.views else None

    @property
    def total_gflops(self) -> float | None:
        """Cost of all views that the accuracy took."""
        if self.view_gflops is None or self.views is None:
            return None
        return self.view_gflops * self.views

    @property
    def counts(self) -> str:
        """What the source counts as a FLOP: "multiply–adds", or "" where nothing shows it."""
        counted = self.cost and get(self.cost).key in _COUNT_MULTIPLY_ADDS
        return "multiply–adds" if counted else ""

    @property
    def copy(self) -> str:
        """Id of how many videos of the split the source still had, "" where it does not say."""
        return _COPIES.get(self.source, "") if self.dataset == "Kinetics-400" else ""


@cache
def comparisons() -> tuple[Comparison, ...]:
    """All lines of ``comparisons.csv``, in its order."""
    with files(__package__).joinpath("comparisons.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_read(row) for row in csv.DictReader(file))


def _read(row: dict[str, str]) -> Comparison:
    numbers = {name: int(row[name]) if row[name] else None for name in _NUMBERS}
    if numbers["clips"] and numbers["crops"]:
        numbers["views"] = numbers["clips"] * numbers["crops"]
    return Comparison(**(row | numbers))


def _number(field: str, words: str) -> Callable[[Comparison], str]:
    def said(line: Comparison) -> str:
        number = getattr(line, field)
        return "" if number is None else words.format(number)

    return said


ASPECTS: dict[str, Callable[[Comparison], str]] = {
    "data set": lambda line: line.dataset,
    "split": lambda line: line.split,
    "pretraining": lambda line: line.pretraining.replace("none", "no pretraining"),
    "inputs": lambda line: line.inputs,
    "views": _number("views", "views: {}"),
    "size": _number("size_px", "{} px"),
    "frames": _number("frames", "frames: {}"),
    "stride": _number("stride", "stride: {}"),
    "counting": lambda line: line.counts,
    "videos left": lambda line: f"{text(line.copy)} videos" if line.copy else "",
}
"""What a protocol settles, and what a line says of it: "" where it says nothing."""

PROTOCOL = ("data set", "split", "pretraining", "views", "size")
"""The aspects that no network brings along: who tests it chooses them."""

# One source counts in one way and has one copy of the data, said or not.
_OF_THE_SOURCE = {"counting", "videos left"}


class Differences(NamedTuple):
    """What stands between two accuracies."""

    known: tuple[str, ...]  # "test against val", in the words of the two lines
    unsaid: tuple[str, ...]  # aspects of which one line or both say nothing


def differences(
    first: Comparison, second: Comparison, aspects: Sequence[str] = tuple(ASPECTS)
) -> Differences:
    """Why the accuracies of two lines may not be compared.

    Args:
        first: a line of `comparisons`.
        second: another.
        aspects: names in `ASPECTS` to look at.

    Returns:
        What is known to differ ("views: 30 against views: 1"), and what is not known to agree.
    """
    known, unsaid = [], []
    for aspect in aspects:
        one, other = ASPECTS[aspect](first), ASPECTS[aspect](second)
        if aspect in _OF_THE_SOURCE and first.source == second.source:
            continue
        if not one or not other:
            unsaid.append(aspect)
        elif one != other:
            known.append(f"{one} against {other}")
    return Differences(tuple(known), tuple(unsaid))


def same_protocol(first: Comparison, second: Comparison, aspects: Sequence[str] = PROTOCOL) -> bool:
    """Whether both lines say the same of every aspect."""
    return differences(first, second, aspects) == Differences((), ())


def twins() -> tuple[tuple[Comparison, Comparison], ...]:
    """Pairs of one network of one source: on Kinetics-400, and on Something-Something V2."""
    by_network = {(line.name, line.source, line.dataset): line for line in comparisons()}
    return tuple(
        (line, by_network[line.name, line.source, "Something-Something V2"])
        for line in comparisons()
        if line.dataset == "Kinetics-400"
        and (line.name, line.source, "Something-Something V2") in by_network
    )
