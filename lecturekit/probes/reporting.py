"""What a network answered to clips and to their changed versions, as a table and as bars."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from lecturekit import checks, plots

AS_THEY_ARE = "as they are"
"""The clips before any intervention, beside the interventions' names."""


@dataclass(frozen=True)
class Report:
    """A network's answers to the clips as they are, and to each changed version.

    Attributes:
        scores: "as they are" or an intervention → float32 ``(B, K)``.
        labels: int64 ``(B,)``, or None.
        labels_after: intervention → int64 ``(B,)``, −1 where no class is right any more.
        groups: of each clip the name of its group, or None.
        cannot_see: interventions that leave every score as it was, but for rounding; none if the
            scores are not steady.
        steady: whether the network gives a clip the same scores again, in other batches too.
        left_out: intervention → why it was not tried.
        notes: what a reader of these numbers should know about the network.
        rounding: how far apart rounding alone can put two scores of one clip, as measured.
    """

    scores: Mapping[str, np.ndarray]
    labels: np.ndarray | None
    labels_after: Mapping[str, np.ndarray]
    groups: np.ndarray | None
    cannot_see: tuple[str, ...]
    steady: bool
    left_out: Mapping[str, str]
    notes: tuple[str, ...]
    rounding: float

    def changed(self, name: str, group: str | None = None) -> float:
        """Share of clips whose answer, the class of the highest score, is another than before."""
        return float((self._answers(name) != self._answers(AS_THEY_ARE))[self._in(group)].mean())

    def largest(self, name: str) -> float:
        """The largest change of any score of any clip, in the scores' own unit."""
        return float(np.abs(self.scores[name] - self.scores[AS_THEY_ARE]).max())

    def accuracy(self, name: str, group: str | None = None) -> float | None:
        """Share of answers that are the clips' own labels; None without labels."""
        if self.labels is None:
            return None
        return float((self._answers(name) == self.labels)[self._in(group)].mean())

    def accuracy_after(self, name: str, group: str | None = None) -> float | None:
        """Share of answers that are as they should be now, of the clips that still have a class.

        None where no clip has one, or nobody said which.
        """
        if name not in self.labels_after:
            return None
        labels = self.labels_after[name]
        which = self._in(group) & (labels >= 0)
        return float((self._answers(name) == labels)[which].mean()) if which.any() else None

    def _answers(self, name: str) -> np.ndarray:
        return self.scores[name].argmax(1)

    def _in(self, group: str | None) -> np.ndarray:
        """Which clips are meant: bool ``(B,)``."""
        if group is None:
            return np.ones(len(self.scores[AS_THEY_ARE]), bool)
        checks.one_of("group", group, [] if self.groups is None else self.groups.tolist())
        return self.groups == group

    @property
    def _tried(self) -> list[str]:
        return [name for name in self.scores if name != AS_THEY_ARE]

    def __str__(self) -> str:
        clips, classes = self.scores[AS_THEY_ARE].shape
        lines = [
            f"{clips} clip{'s' * (clips > 1)}, {classes} classes",
            "",
            *_aligned(self._table()),
        ]
        if self.groups is not None:
            lines += ["", self._heading(), *_aligned(self._group_table())]
        lines += ["", *(f"{name}: left out, {why}" for name, why in self.left_out.items())]
        prose = [*(f"note: {note}" for note in self.notes), self._verdict()]
        return "\n".join([*lines, *(textwrap.fill(text, 90) for text in prose)])

    def _table(self) -> Iterator[list[str]]:
        heads = ["clips", "answers changed", "largest change"]
        heads += ["right, own label"] * (self.labels is not None)
        yield heads + ["right, label after", "of"] * bool(self.labels_after)
        for name in self.scores:
            same = name in self.cannot_see
            change = "rounding" if same else f"{self.largest(name):.2g}"
            row = [name, f"{self.changed(name):.2f}", change]
            row = [name, "", ""] if name == AS_THEY_ARE else row
            row += [_share(self.accuracy(name))] * (self.labels is not None)
            if self.labels_after:
                has_class = self.labels_after.get(name, np.empty(0)) >= 0
                row += [_share(self.accuracy_after(name)), str(has_class.sum() or "")]
            yield row

    def _heading(self) -> str:
        if self.labels is None:
            return "answers changed, by group"
        after = " (label after where one is given)" if self.labels_after else ""
        return f"right answers, by group{after}"

    def _group_table(self) -> Iterator[list[str]]:
        groups = list(dict.fromkeys(self.groups.tolist()))
        yield ["clips", *groups]
        for name in self.scores if self.labels is not None else self._tried:
            share = self.accuracy_after if name in self.labels_after else self.accuracy
            share = self.changed if self.labels is None else share
            yield [name, *(_share(share(name, group)) for group in groups)]

    def _verdict(self) -> str:
        if not self._tried:
            return "No intervention applies to these clips."
        if not self.steady:
            return "What it cannot see is not known: its scores are not steady."
        if not self.cannot_see:
            return "Each intervention tried changes some score by more than rounding."
        return (
            f"Cannot see, as far as these clips tell: {', '.join(self.cannot_see)}. The scores "
            "stay the same but for rounding, which is evidence and no proof."
        )

    def plot(self, ax: Axes) -> Axes:
        """Draw the share of answers that each intervention changes, as bars."""
        shares = {name: self.changed(name) for name in self._tried}
        remarks = dict.fromkeys(self.cannot_see, "same scores")
        few = f"{len(self.cannot_see)} of {len(shares)} interventions leave the scores as they are"
        return plots.share_bars(ax, shares, remarks, label="answers changed", title=few)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _aligned(rows: Iterator[list[str]]) -> list[str]:
    """Lines of a table: the first column to the left, the others to the right."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[0] *= -1  # to the left
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(text: str, width: int) -> str:
    return text.ljust(-width) if width < 0 else text.rjust(width)
