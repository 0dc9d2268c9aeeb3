"""How far a test's films move a number, and how far a training's seed does."""

from itertools import combinations

import numpy as np

from lecturekit import metrics

from . import EPOCHS, MIDDLE, TEST, answers, of_one_network, of_views, settings, tested


def hits(seed: int, *views: int) -> np.ndarray:
    """Of each test film 100 if it is right, else 0."""
    labels = tested().labels
    return 100.0 * (of_views(answers(seed), *views).argmax(1) == labels)


def show(seeds: int) -> None:
    settings(EPOCHS, of_one_network())
    print("\n10 views, and 10 − 1, with the interval over films (95 % of draws)")
    widths = []
    for seed in range(seeds):
        ten, one = hits(seed), hits(seed, MIDDLE)
        alone, gap = metrics.bootstrap_interval(ten), metrics.paired_difference(ten, one)
        differ = np.mean(ten != one)
        widths.append((alone.high - alone.low) / 2)
        print(
            f"seed {seed}: {alone.estimate:.1f} ({alone.low:.1f}…{alone.high:.1f})   "
            f"{gap.mean:+.1f} ({gap.low:+.1f}…{gap.high:+.1f}), {differ:.0%} of films differ, "
            f"2 √(d / n) = {200 * np.sqrt(differ / TEST):.1f}"
        )
    means = [np.mean([hits(seed, *v) for seed in range(seeds)], 0) for v in ((), (MIDDLE,))]
    gap = metrics.paired_difference(*means)
    print(f"10 − 1, mean of all seeds: {gap.mean:+.1f} ({gap.low:+.1f}…{gap.high:+.1f})")
    tops = [hits(seed).mean() for seed in range(seeds)]
    print(
        f"over seeds: {min(tops):.1f}…{max(tops):.1f}, deviation {np.std(tops, ddof=1):.1f}; "
        f"over films: ± {np.mean(widths):.1f}, deviation {np.mean(widths) / 1.96:.1f}"
    )
    show_pairs(seeds)


def show_pairs(seeds: int) -> None:
    """Two trainings by one recipe: does the interval over films tell them apart?"""
    print("\nseed − seed, ten views, with the interval over films")
    apart, pairs = 0, list(combinations(range(seeds), 2))
    for one, other in pairs:
        a, b = hits(one), hits(other)
        gap = metrics.paired_difference(a, b)
        apart += gap.low > 0 or gap.high < 0
        shown = f"{gap.mean:+.1f} ({gap.low:+.1f}…{gap.high:+.1f})"
        print(f"{one} − {other}: {shown}, {np.mean(a != b):.0%} of films differ")
    print(f"0 is outside in {apart} of {len(pairs)}")
