"""Figures that others measured, each with its source.

``figures.csv`` has a line for each figure: what was measured, on which data, under which protocol,
and where it is printed (a key of ``book/references.bib`` and a table or section there). Prose takes
a figure by the role ``{fact}``, code by ``value``; nobody types one.

An id reads *data set, model, source, quantity*: ``k400-r3d-18-16f-vmz-top1`` is the top-1 accuracy
on Kinetics-400 of R3D-18 with 16 frames, as the code release VMZ prints it.

``comparisons.csv`` takes the protocols apart, so that code can ask which accuracies may stand side
by side: ``comparisons`` reads it, ``differences`` says in words what stands between two lines.
"""

from .figures import Fact, UnknownFactError, difference, get, table, text, value
from .protocols import (
    ASPECTS,
    FAMILIES,
    PRETRAINING,
    PROTOCOL,
    Comparison,
    Differences,
    comparisons,
    differences,
    same_protocol,
    twins,
)

__all__ = [
    "ASPECTS",
    "FAMILIES",
    "PRETRAINING",
    "PROTOCOL",
    "Comparison",
    "Differences",
    "Fact",
    "UnknownFactError",
    "comparisons",
    "difference",
    "differences",
    "get",
    "same_protocol",
    "table",
    "text",
    "twins",
    "value",
]
