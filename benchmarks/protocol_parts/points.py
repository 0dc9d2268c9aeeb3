"""One network's answers, counted in many ways: points that move while no answer changes."""

from collections.abc import Callable

import numpy as np
from by_cue import Table

from lecturekit import metrics

from . import (
    CLASSES,
    EPOCHS,
    FIRSTS,
    MIDDLE,
    SHORT,
    TEST,
    VIEWS,
    answers,
    of_one_network,
    of_views,
    settings,
    spread,
    tested,
    top_1,
)

Rule = Callable[[np.ndarray, np.ndarray], float]
"""From precisions and recalls down a list to an area."""

LOST, DRAWS = 60, 200


def mean_ap(scores: np.ndarray, labels: np.ndarray, rule: Rule = metrics.step_area) -> float:
    """In percent, over the classes that the films have."""
    there = np.unique(labels)
    return 100 * float(np.mean([area(scores[:, k], labels == k, rule) for k in there]))


def area(scores: np.ndarray, positive: np.ndarray, rule: Rule) -> float:
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    precision, recall = metrics.precision_recall(positive[order], int(positive.sum()))
    return rule(precision[last], recall[last])


def in_one_list(scores: np.ndarray, labels: np.ndarray) -> float:
    """AP of all classes' answers ranked together (micro average)."""
    positive = np.arange(CLASSES) == labels[:, None]
    return 100 * area(scores.ravel(), positive.ravel(), metrics.step_area)


def show(seeds: int) -> None:
    settings(EPOCHS, of_one_network())
    labels = tested().labels
    results = Table("%", ("top-1", "mAP"), digits=1)
    places = Table("one view, of the frames", ("top-1",), digits=1)
    lost = Table(f"points from all {TEST} films", ("least", "most", "deviation"), digits=1)
    for seed in range(seeds):
        views = answers(seed)
        count_differently(views, labels, results)
        for first, view in zip(FIRSTS, views.swapaxes(0, 1), strict=True):
            places.add(f"{first} to {first + SHORT - 1}", top_1(view, labels))
        lose_films(seed, of_views(views), labels, lost)
    for table in (results, places, lost):
        table.show()
    tops = [top for top, _ in results.rows["10 views"]]
    print(
        "deviation of top-1, lost at random, by formula:", *(f"{by_formula(t):.2f}" for t in tops)
    )
    print("\npaired differences, points: top-1, mAP")
    for name in results.rows:
        if name != "10 views":
            results.difference(name, "10 views")
    for name, other in (
        ("one view, logits", "one view, the middle"),
        ("2 views, the ends", "one view, the middle"),
        ("2 views, at thirds", "2 views, the ends"),
        ("one view, the middle", "each view by itself"),
    ):
        results.difference(name, other)


def count_differently(views: np.ndarray, labels: np.ndarray, results: Table) -> None:
    ten, middle = of_views(views), views[:, MIDDLE]
    ways = {
        "one view, logits": middle,
        "one view, the middle": of_views(views, MIDDLE),
        "2 views, the ends": of_views(views, *spread(2)),
        "2 views, at thirds": of_views(views, 3, 6),
        "5 views": of_views(views, *spread(5)),
        "10 views": ten,
        "10, logits averaged": metrics.multi_view(views, "scores"),
    }
    alone = [of_views(views, v) for v in range(VIEWS)]
    results.add(
        "each view by itself",
        float(np.mean([top_1(scores, labels) for scores in alone])),
        float(np.mean([mean_ap(scores, labels) for scores in alone])),
    )
    for name, scores in ways.items():
        results.add(name, top_1(scores, labels), mean_ap(scores, labels))
    right = top_1(ten, labels)
    results.add("10, AP interpolated", right, mean_ap(ten, labels, metrics.interpolated_area))
    results.add("10, AP at eleven points", right, mean_ap(ten, labels, metrics.eleven_point_area))
    results.add("10, one list for all classes", right, in_one_list(ten, labels))


def lose_films(seed: int, scores: np.ndarray, labels: np.ndarray, lost: Table) -> None:
    lots = np.random.default_rng(seed)
    ways = {
        f"{LOST} at random": [np.sort(lots.permutation(TEST)[LOST:]) for _ in range(DRAWS)],
        "one class": [np.flatnonzero(labels != k) for k in range(CLASSES)],
    }
    for name, number in (("top-1", top_1), ("mAP", mean_ap)):
        whole = number(scores, labels)
        for way, draws in ways.items():
            away = [number(scores[kept], labels[kept]) - whole for kept in draws]
            lost.add(f"{name}, {way}", min(away), max(away), float(np.std(away)))


def by_formula(percent: float) -> float:
    """The deviation in points if chance alone took the lost films away (chapter 11)."""
    return float(np.sqrt(percent * (100 - percent) * (1 / (TEST - LOST) - 1 / TEST)))
