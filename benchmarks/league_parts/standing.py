"""What came out of the league: accuracy by cue, who is ahead of whom, and what is stored of it."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from by_cue import Table

from league_parts import (
    BATCH,
    FACTOR,
    FLOW_SHARE,
    HELD,
    PICTURES_SHARE,
    RATES,
    SWEEP_SEC,
    SWEEP_SEED,
    TEST,
    TRAIN,
    clips,
    costs,
    plan,
    write,
)
from league_parts.runs import league_run, packed, sweep
from lecturekit.metrics import paired_difference
from lecturekit.models import TINY, tiny
from lecturekit.ops import count_macs, count_parameters
from lecturekit.puppets import CUES

RESAMPLES = 2000


class Standing:
    """All runs of one budget.

    Args:
        seconds: of the budget.
        seeds: whose runs are read.
        folder: where they are.

    Attributes:
        hits: by family bool ``(seeds, N)``.
        ranked: the families, best first, by the mean over seeds and clips.
        cues: of each clip.
    """

    def __init__(self, seconds: float, seeds: int, folder: Path) -> None:
        self.seconds, self.seeds, self.folder = seconds, seeds, folder
        self.runs = {
            name: [league_run(name, seconds, seed, folder) for seed in range(seeds)]
            for name in TINY
        }
        self.hits = {
            name: np.stack([run.made(folder) for run in runs]) for name, runs in self.runs.items()
        }
        self.ranked = sorted(TINY, key=lambda name: -self.hits[name].mean())
        test = clips("test")
        self.cues = np.array([test.groups[test.classes[label]] for label in test.labels])

    @cached_property
    def drawn(self) -> dict[str, np.ndarray]:
        """By family the mean accuracies, as both seeds and clips are drawn anew: ``(RESAMPLES,)``.

        Each draw is the same for all families. With five seeds this says how sure the table is of
        its own clips and seeds, and little of a sixth seed.
        """
        rng = np.random.default_rng(0)
        means = {name: np.empty(RESAMPLES) for name in TINY}
        for k in range(RESAMPLES):
            seeds = rng.integers(self.seeds, size=self.seeds)
            clips = rng.integers(len(self.cues), size=len(self.cues))
            for name, hits in self.hits.items():
                means[name][k] = hits[seeds].mean(0)[clips].mean()
        return means

    def pair(self, first: str, second: str) -> dict:
        """What the first has more than the second, over seeds and over clips."""
        ahead, behind = self.hits[first].astype(float), self.hits[second].astype(float)
        seeds = paired_difference(ahead.mean(1), behind.mean(1))
        clips = paired_difference(ahead.mean(0), behind.mean(0))
        both = np.quantile(self.drawn[first] - self.drawn[second], [0.025, 0.975])
        return {
            "first": first,
            "second": second,
            "mean": round(seeds.mean, 4),
            "seeds": [round(seeds.least, 4), round(seeds.most, 4)],
            "clips": [round(clips.low, 4), round(clips.high, 4)],
            "both": [round(float(end), 4) for end in both],
            # All seeds agree, and no interval holds zero.
            "survives": bool(seeds.least > 0 and clips.low > 0 and both[0] > 0),
        }

    def ranks(self) -> dict[str, list[int]]:
        """Of each family the middle 95 % of its ranks in the draws."""
        means = np.stack([self.drawn[name] for name in TINY])
        ranks = 1 + (means[None] > means[:, None]).sum(1)
        ends = np.quantile(ranks, [0.025, 0.975], axis=1, method="nearest").astype(int).T
        return {name: row.tolist() for name, row in zip(TINY, ends, strict=True)}

    def show(self) -> None:
        """Tables: by cue, differences of neighbours, ranks."""
        cost = costs(self.folder)
        cues = [cue for cue in CUES if cue in self.cues]
        table = Table(f"{self.seconds:g} s: accuracy", ("all", *cues), digits=3)
        for name in self.ranked:
            for row in self.hits[name]:
                by_cue = [row[self.cues == cue].mean() for cue in cues]
                table.add(TINY[name].title, row.mean(), *by_cue)
        table.show()
        print(f"\n{'':28s}{'ahead of the next by':>28s}{'clips drawn anew':>22s}"
              f"{'seeds and clips':>22s}{'survives':>10s}{'ranks':>8s}")  # fmt: skip
        ranks = self.ranks()
        for first, second in zip(self.ranked, (*self.ranked[1:], None), strict=True):
            place = "{}–{}".format(*ranks[first])
            if second is None:
                print(f"{TINY[first].title:28s}{'':82s}{place:>8s}")
                continue
            gap = self.pair(first, second)
            spans = "".join("{:+14.3f}…{:+.3f} ".format(*gap[key]) for key in ("clips", "both"))
            over = "{:+.3f} ({:+.3f}…{:+.3f})".format(gap["mean"], *gap["seeds"])
            says = "yes" if gap["survives"] else "no"
            print(f"{TINY[first].title:28s}{over:>28s}{spans}{says:>10s}{place:>8s}")
        print(f"\n{'':28s}{'ms a step':>10s}{'steps':>8s}{'passes':>8s}{'spent, s':>10s}"
              f"{'rate':>9s}")  # fmt: skip
        for name in self.ranked:
            todo, spent = plan(name, self.seconds, cost), self.spent(name)
            print(f"{TINY[name].title:28s}{1000 * cost.steps[name]:10.1f}{todo.steps:8d}"
                  f"{todo.steps * BATCH / (todo.flow_clips or TRAIN):8.1f}{np.mean(spent):10.1f}"
                  f"{self.runs[name][0].max_lr:9.4f}")  # fmt: skip
        clips_of = ", ".join(f"{cue} {(self.cues == cue).sum()}" for cue in cues)
        print(f"(test clips: {clips_of})")

    def spent(self, name: str) -> list[float]:
        """Processor seconds that its trainings took in the end."""
        return [run.about(self.folder)["spent_sec"] for run in self.runs[name]]

    def stored(self) -> dict:
        """What the page reads of this budget."""
        cost = costs(self.folder)
        return {
            "seconds": self.seconds,
            "ranked": self.ranked,
            "ranks": self.ranks(),
            "pairs": [self.pair(*two) for two in zip(self.ranked, self.ranked[1:], strict=False)],
            "families": {name: self._family(name, plan(name, self.seconds, cost)) for name in TINY},
        }

    def _family(self, name: str, todo: tuple) -> dict:
        hits = self.hits[name]
        return {
            **todo._asdict(),
            "max_lr": self.runs[name][0].max_lr,
            "spent_sec": round(float(np.mean(self.spent(name))), 1),
            "hits": {cue: hits[:, self.cues == cue].sum(1).tolist() for cue in CUES},
            "right": [packed(row) for row in hits],
        }


def sizes() -> dict[str, tuple[int, int]]:
    """By family parameters, and multiply–adds of one clip; those of flow are not counted."""
    classes = len(clips("train").classes)
    clip = torch.zeros(1, 3, tiny.FRAMES, tiny.SIZE, tiny.SIZE)
    found = {}
    for name, one in TINY.items():
        model = one.make(classes).eval()
        found[name] = count_parameters(model), count_macs(model, clip)
    return found


def show_sizes(standings: Sequence[Standing]) -> None:
    """The order by multiply–adds beside the order by seconds."""
    found, taken = sizes(), costs(standings[0].folder).steps
    by_macs = sorted(TINY, key=lambda name: found[name][1])
    by_seconds = sorted(TINY, key=taken.get)
    print(f"\n{'':28s}{'parameters':>12s}{'multiply–adds':>15s}{'rank':>6s}{'ms a step':>11s}"
          f"{'rank':>6s}{'ns a multiply–add':>19s}")  # fmt: skip
    for name in by_macs:
        parameters, macs = found[name]
        print(f"{TINY[name].title:28s}{parameters:12,}{macs:15,}{1 + by_macs.index(name):6d}"
              f"{1000 * taken[name]:11.1f}{1 + by_seconds.index(name):6d}"
              f"{1e9 * taken[name] / BATCH / macs:19.2f}")  # fmt: skip


def show_sweep(folder: Path) -> None:
    """Accuracies on held-out clips by rate."""
    found = sweep(folder)
    rates = sorted({rate for of_family in found.values() for rate in of_family})
    heads = "".join(f"{rate:10g}" for rate in rates)
    print(f"\n{f'held-out clips, {SWEEP_SEC} s, one seed':36s}{heads}")
    for name, right in found.items():
        cells = [f"{right[rate]:10.3f}" if rate in right else " " * 10 for rate in rates]
        print(f"{TINY[name].title:36s}" + "".join(cells))


def store(standings: Sequence[Standing], file: Path) -> None:
    """Write what the page "mix a benchmark" and chapter 12 read; the first budget is its league."""
    main, found, test = standings[0], sizes(), clips("test")
    cost = costs(main.folder)
    write(
        file,
        {
            "script": "benchmarks/league.py",
            "date": date.today().isoformat(),
            "seconds": main.seconds,
            "seeds": main.seeds,
            "cues": {cue: int((main.cues == cue).sum()) for cue in CUES},
            "classes": list(test.classes),
            "class_of_clip": f"clip i shows class i % {len(test.classes)}",
            "notes": notes(main.seeds),
            "families": [
                {
                    "name": name,
                    "title": TINY[name].title,
                    "chapter": TINY[name].chapter,
                    "parameters": found[name][0],
                    "macs": found[name][1],
                    "ms_a_step": round(1000 * cost.steps[name], 2),
                    "hits": main.stored()["families"][name]["hits"],
                }
                for name in TINY
            ],
            "budgets": [standing.stored() for standing in standings],
        },
    )


def notes(seeds: int) -> list[str]:
    """What has to be known to read the table."""
    kind = "seconds of one processor thread, batch-making included, drawing the puppets not"
    return [
        f"Equal seconds: {kind}. A step is timed beforehand, all families in turn; a family trains "
        "for as many whole steps as fit.",
        f"{TRAIN} training clips of 16 frames of 32 × 32 px, batches of {BATCH}, AdamW, one cycle; "
        f"{TEST} test clips of other people, other backgrounds and a seed no chapter uses; "
        f"{seeds} {'seed' if seeds == 1 else 'seeds'} of first weights and order.",
        f"The peak of the learning rate is the best of {', '.join(map(str, RATES))} on {HELD} "
        f"other clips, after {SWEEP_SEC} s, with one seed ({SWEEP_SEED}); where an end of these "
        f"was best, {FACTOR} times as far was tried too, and so on.",
        f"Two streams: {FLOW_SHARE:.0%} of the seconds compute flow, of as many clips as that "
        f"allows. Inflated: {PICTURES_SHARE:.0%} of the seconds train its 2D network on single "
        "frames of the same clips.",
        "What tells the classes apart was built into the puppets: an order of these families on "
        "these clips is no order on films of people.",
    ]
