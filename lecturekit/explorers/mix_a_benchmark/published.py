"""The published accuracies as the page takes them, and which of them a protocol leaves.

The protocol is held by some aspects of ``facts.ASPECTS``. A line is comparable if it says of each
what is held; else it has a reason for each that it does not: what it says instead, or that it says
nothing.
"""

from collections.abc import Mapping
from typing import Any

from lecturekit import facts

HELD = ("split", "pretraining", "views", "size", "counting")
"""Aspects that a reader may hold."""

ANY = "any"

ACROSS = {
    "view": "cost of one view, GFLOPs as the source counts",
    "total": "cost of all views, GFLOPs as the source counts",
    "parameters": "parameters, millions",
    "year": "year of the paper that describes the network",
}
"""What accuracy may be drawn over."""

DATASETS = ("Kinetics-400", "Something-Something V2")


def lines() -> list[dict[str, Any]]:
    """All lines of ``facts.comparisons``, each as the page draws and names it."""
    return [_line(one) for one in facts.comparisons()]


def _line(one: facts.Comparison) -> dict[str, Any]:
    return {
        "id": one.top1,
        "name": one.name,
        "family": list(facts.FAMILIES).index(one.family),
        "dataset": DATASETS.index(one.dataset),
        "top1": one.accuracy,
        "printed": facts.text(one.top1),
        "view": one.view_gflops,
        "total": one.total_gflops,
        "parameters": one.million_parameters,
        "year": one.year,
        "says": [facts.ASPECTS[aspect](one) for aspect in HELD],
        "protocol": one.fact.protocol,
        "source": f"{one.source}, {one.fact.locator}",
    }


def choices() -> list[list[str]]:
    """For each aspect, what lines say of it, the most frequent first."""
    found = []
    for aspect in HELD:
        said = [facts.ASPECTS[aspect](one) for one in facts.comparisons()]
        counts = {words: said.count(words) for words in dict.fromkeys(said) if words}
        found.append(sorted(counts, key=counts.get, reverse=True))
    return found


def reasons(one: facts.Comparison, held: Mapping[str, str]) -> list[str]:
    """Why a line does not belong to a protocol, in the order of ``HELD``; none if it does.

    Args:
        one: the line.
        held: by aspect what must be said of it; ``ANY`` holds nothing.
    """
    found = []
    for aspect in HELD:
        said = facts.ASPECTS[aspect](one)
        if held[aspect] not in (ANY, said):
            found.append(f"{said} against {held[aspect]}" if said else f"{aspect} not said")
    return found
