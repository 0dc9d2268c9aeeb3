"""Every family of the book at equal seconds, on one test set, by cue.

A family trains for as many steps as fit a budget of processor seconds of one thread, with the rate
that was best on held-out clips. Printed: accuracy by cue, mean (lowest…highest) over seeds; what
each is ahead of the next in rank by, seed by seed and with the clips drawn anew (a paired
bootstrap); and multiply–adds beside seconds. "survives": all seeds agree and no interval holds 0.

What is done is kept in a folder and not done again: a league that was stopped goes on. Five seeds
of two budgets are 140 trainings; with the sweep they take half an hour of one core.

    python benchmarks/league.py              # train what is missing, then show
    python benchmarks/league.py --store      # and write what chapter 12 and its explorer read
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import torch
from league_parts import BUDGETS_SEC, standing
from league_parts.runs import league_run, sweep

from lecturekit import explorers
from lecturekit.models import TINY

STORED = Path(explorers.__file__).parent / "mix_a_benchmark" / "league.json"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budgets", type=float, nargs="+", default=BUDGETS_SEC, metavar="SECONDS")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "lecturekit-league",
        help="where trainings are kept; %(default)s",
    )
    parser.add_argument("--store", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    sweep(asked.folder)
    for seed in range(asked.seeds):
        for seconds in asked.budgets:
            for name in TINY:
                league_run(name, seconds, seed, asked.folder).made(asked.folder)
    standing.show_sweep(asked.folder)
    standings = [standing.Standing(s, asked.seeds, asked.folder) for s in asked.budgets]
    for one in standings:
        one.show()
    standing.show_sizes(standings)
    if asked.store:
        standing.store(standings, STORED)
        print(f"\nwritten: {STORED.name}, {STORED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
