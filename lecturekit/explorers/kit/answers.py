"""What networks answered on one test, as several explorers take it."""

from collections.abc import Mapping

import numpy as np

from lecturekit import checks
from lecturekit.evaluation import Evaluation


def on_one_test(evaluations: Mapping[str, Evaluation]) -> Evaluation:
    """The first of them, if each is whole and all are of the same clips.

    Args:
        evaluations: by the name that an error gives them.

    Raises:
        TypeError, ValueError: one of them is not, or is of other clips than the first.
    """
    for name, one in evaluations.items():
        _check_whole(name, one)
    (first_name, first), *others = evaluations.items()
    for name, one in others:
        if difference := _difference(one, first):
            raise ValueError(
                f"{name}: expected the same clips as in {first_name}, got {difference}"
            )
    return first


def _check_whole(name: str, one: Evaluation) -> None:
    if not isinstance(one, Evaluation):
        expected = "an evaluation.Evaluation, as evaluation.evaluate gives it"
        raise TypeError(f"{name}: expected {expected}, got {type(one).__name__}")
    clips, classes = len(one.labels), len(one.classes)
    if clips < 1 or classes < 2:
        expected = "1 clip and 2 classes or more"
        raise ValueError(f"{name}: expected {expected}, got {clips} and {classes}")
    checks.shape(f"{name}.scores", one.scores, f"{clips} {classes}")
    broken = ~np.isfinite(one.scores).all(1)
    if broken.any():
        clip = int(broken.argmax())
        raise ValueError(f"{name}.scores: expected finite ones, got {one.scores[clip]} at {clip}")
    least, most = one.labels.min(), one.labels.max()
    if least < 0 or most >= classes:
        raise ValueError(f"{name}.labels: expected 0 to {classes - 1}, got {least} to {most}")


def _difference(one: Evaluation, first: Evaluation) -> str:
    """How two evaluations differ that are of the same clips, or nothing."""
    if one.classes != first.classes:
        return f"classes {one.classes} against {first.classes}"
    if len(one.labels) != len(first.labels):
        return f"{len(one.labels)} of them against {len(first.labels)}"
    apart = np.flatnonzero(one.labels != first.labels)
    if apart.size:
        ours, theirs = (each.classes[each.labels[apart[0]]] for each in (one, first))
        many = f"{apart.size} of {len(one.labels)} labels"
        return f"{many} that differ, at clip {apart[0]} {ours!r} against {theirs!r}"
    for name in first.classes:
        ours, theirs = (each.groups.get(name, "") for each in (one, first))
        if ours != theirs:
            return f"{ours!r} against {theirs!r} as the group of {name!r}"
    return ""
