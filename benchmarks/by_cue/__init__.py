"""Tables of results over seeds, differences taken seed by seed, and the command that shows them."""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lecturekit.evaluation import Evaluation
from lecturekit.metrics import paired_difference
from lecturekit.puppets import ACTIONS, CUES


class Table:
    """Numbers by name, one row a seed; shown as mean (lowest…highest).

    Args:
        title: what the numbers are.
        columns: their names.
        digits: behind the point.
    """

    def __init__(self, title: str, columns: Sequence[str], digits: int = 2) -> None:
        self.title, self.columns, self.digits = title, columns, digits
        self.rows: dict[str, list[Sequence[float]]] = {}

    def add(self, name: str, *numbers: float) -> None:
        self.rows.setdefault(name, []).append(numbers)

    def show(self) -> None:
        print()
        self._line(self.title, self.columns)
        for name, runs in self.rows.items():
            cells = [
                (np.mean(numbers), min(numbers), max(numbers))
                for numbers in zip(*runs, strict=True)
            ]
            self._line(name, [self._cell(*three) for three in cells])

    def difference(self, name: str, other: str) -> None:
        columns = zip(np.transpose(self.rows[name]), np.transpose(self.rows[other]), strict=True)
        gaps = [paired_difference(mine, theirs) for mine, theirs in columns]
        print(f"{name} − {other}")
        self._line("", [self._cell(gap.mean, gap.least, gap.most, sign="+") for gap in gaps])

    def _cell(self, *three: float, sign: str = "") -> str:
        mean, least, most = (f"{number:{sign}.{self.digits}f}" for number in three)
        return f"{mean} ({least}…{most})"

    def _line(self, name: str, cells: Sequence[str]) -> None:
        width = max(21, 14 + 3 * self.digits)  # room for percents, with their signs
        print(f"{name:36s}" + "".join(f"{cell:>{width}s}" for cell in cells), flush=True)


class ByCue:
    """What came out of many trainings: accuracies of all clips and of each cue's, and in pairs.

    Args:
        classes: names by label, the two of a pair side by side.
        digits: behind the point.

    Attributes:
        accuracies: of all clips, then by cue.
        pairs: the share of answers inside the true pair; of those inside each, the share that is
            right.
    """

    def __init__(self, classes: Sequence[str], digits: int = 2) -> None:
        asked = {ACTIONS[name][0] for name in classes}
        cues = [cue for cue in CUES if cue in asked]
        self.accuracies = Table("accuracy", ("all", *cues), digits)
        pairs = [f"/ {name}" for name in classes[1::2]]
        self.pairs = Table("share right of answers in the pair", ("pair found", *pairs), digits)

    def keep(self, name: str, result: Evaluation) -> Evaluation:
        """Note a result under a name; it is given back."""
        self.accuracies.add(name, result.accuracy, *result.per_group.values())
        self.pairs.add(name, *found_and_right(result))
        return result


def found_and_right(result: Evaluation) -> list[float]:
    """The share of answers inside the true pair; of those inside each pair, the share right."""
    confusion = result.confusion
    inside = [confusion[k : k + 2, k : k + 2] for k in range(0, len(result.classes), 2)]
    found = sum(block.sum() for block in inside) / confusion.sum()
    return [float(found), *(float(block.trace() / max(block.sum(), 1)) for block in inside)]


def run_parts(description: str, parts: Mapping[str, Callable[[int], None]]) -> None:
    """Read the command line, then show one part or all, each over so many seeds."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=tuple(parts), help="one part; all unless told")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    for name in [given.part] if given.part else parts:
        start = time.perf_counter()
        print(f"\n{name}", flush=True)
        parts[name](given.seeds)
        print(f"\n{name}: {time.perf_counter() - start:.0f} s")
