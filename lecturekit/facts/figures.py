"""``figures.csv``: one line for each figure that others measured, and how it is read."""

import csv
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class UnknownFactError(KeyError):
    """No figure has this id."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError shows its message in quotation marks


class Fact(NamedTuple):
    """One line of ``figures.csv``; an empty field says that the source or our notes do not."""

    id: str
    name: str  # of the model or the data set
    quantity: str
    value: str  # the digits of the source: "85.0", not 85
    unit: str
    dataset: str
    split: str
    protocol: str  # pretraining, frames × stride, views, resolution
    key: str  # in references.bib
    locator: str  # table, section or file
    verified: str  # "yes": seen at that place; "no": from memory, or worked out


@cache
def table() -> dict[str, Fact]:
    """All figures by id, in the order of the file."""
    with files(__package__).joinpath("figures.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: Fact(**row) for row in csv.DictReader(file)}


def get(id: str) -> Fact:
    """The figure with this id.

    Raises:
        UnknownFactError: there is none; the message lists the ids that are nearest.
    """
    facts = table()
    if id not in facts:
        nearest = get_close_matches(id, facts, n=3)
        hint = f"the nearest are {', '.join(nearest)}" if nearest else "figures.csv lists all"
        raise UnknownFactError(f"no figure has the id {id!r}; {hint}")
    return facts[id]


def value(id: str) -> float:
    """The figure as a number, in the unit of its line."""
    return float(Fraction(get(id).value))


def text(id: str) -> str:
    """The figure as the book prints it: the source's decimals, thousands with commas."""
    printed = get(id).value
    whole, point, decimals = printed.partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole.isdecimal() else printed


def difference(first: str, second: str) -> str:
    """First figure minus second as the book prints it, with the decimals of the more exact one.

    Raises:
        ValueError: the two have different units.
    """
    units = get(first).unit, get(second).unit
    if units[0] != units[1]:
        raise ValueError(f"{first} is in {units[0]!r}, {second} in {units[1]!r}: no difference")
    decimals = max(len(get(id).value.partition(".")[2]) for id in (first, second))
    return f"{value(first) - value(second):,.{decimals}f}"
