"""Cases for the metrics, and what implementations that nobody here wrote make of them.

A case is drawn with Python's own ``random.random()``, whose stream is promised to stay as it is.
Half of the cases lie on coarse grids: scores tie, extents repeat, overlaps equal the threshold.
`metric_oracles` computes each case's numbers; ``tests/metric_values.json`` keeps those of the first
cases, and this file writes it anew where all oracles are installed:

    ACTIVITYNET_EVALUATION=…/ActivityNet/Evaluation PYTHONPATH=. python tests/metric_cases.py
"""

import json
import random
from pathlib import Path

import metric_oracles

VALUES = Path(__file__).with_name("metric_values.json")
NUM_STORED = 40
WORDS = ["The", "the", "one", "in", "red", "blue", "waves", "waves.", "Waves", "jumps", "and"]


class Draw(random.Random):
    """Draws of a case, all from ``random()``."""

    def __init__(self, seed):
        super().__init__(seed)
        self.coarse = seed % 2 == 1

    def whole(self, least, most):
        return least + int(self.random() * (most - least + 1))

    def one(self, choices):
        return choices[self.whole(0, len(choices) - 1)]

    def score(self):
        return self.whole(0, 4) / 4 if self.coarse else self.random()

    def extent(self, dims, empty=True):
        """Starts, then stops; on the grid perhaps without size."""
        ends = []
        for _ in range(dims):
            if self.coarse:
                start = self.whole(0, 5)
                ends.append((start, start + self.whole(0 if empty else 1, 4)))
            else:
                ends.append(sorted((10 * self.random(), 10 * self.random())))
        return [float(end[side]) for side in (0, 1) for end in ends]

    def sentence(self, most=9):
        return " ".join(self.one(WORDS) for _ in range(self.whole(0, most)))


def average_precision(draw):
    number = draw.whole(1, 30)
    labels = [draw.whole(0, 1) for _ in range(number)]
    labels[draw.whole(0, number - 1)] = 1
    return {"scores": [draw.score() for _ in labels], "labels": labels}


def mean_average_precision(draw):
    number, classes = draw.whole(1, 12), draw.whole(1, 6)
    labels = [[int(draw.random() < 0.3) for _ in range(classes)] for _ in range(number)]
    labels[draw.whole(0, number - 1)][draw.whole(0, classes - 1)] = 1
    return {"scores": [[draw.score() for _ in row] for row in labels], "labels": labels}


def temporal_iou(draw):
    return {name: [draw.extent(1) for _ in range(draw.whole(1, 5))] for name in "ab"}


def box_iou(draw):
    return {name: [draw.extent(2, empty=False) for _ in range(draw.whole(0, 5))] for name in "ab"}


def nms_1d(draw):
    return _to_suppress(draw, "segments", 1)


def nms_2d(draw):
    return _to_suppress(draw, "boxes", 2)


def temporal_map(draw):
    tious = [draw.one([0.0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 0.95, 1.0]) for _ in range(3)]
    return {**_detections(draw, 1), "tious": sorted(set(tious))}


def frame_map(draw):
    return {**_detections(draw, 2), "iou": draw.one([0.25, 0.5, 0.5, 0.75])}


def bleu(draw):
    references = [
        [draw.sentence() for _ in range(draw.whole(1, 4))] for _ in range(draw.whole(1, 6))
    ]
    # Some say what a reference says, or what one of another film does.
    candidates = [
        draw.one([*draw.one([those, those, references[0]]), draw.sentence()])
        for those in references
    ]
    return {"candidates": candidates, "references": references}


def cider(draw):
    """pycocoevalcap asks for a word somewhere in the references."""
    case = bleu(draw)
    case["references"][0][0] += " waves"
    return case


def bootstrap_interval(draw):
    values = [draw.score() for _ in range(draw.whole(2, 30))]
    return {"values": values, "seed": draw.whole(0, 99), "level": draw.one([0.5, 0.9, 0.95])}


def _to_suppress(draw, name, dims):
    extents = _some(draw, lambda: draw.extent(dims, empty=dims == 1), 0, 12)
    threshold = draw.one([0.0, 0.25, 1 / 3, 0.5, 0.7, 1.0])
    return {name: extents, "scores": [draw.score() for _ in extents], "threshold": threshold}


def _detections(draw, dims):
    """Some places without truths, some classes without truths or predictions, some repeated."""
    places, labels = [f"film {i}" for i in range(draw.whole(1, 4))], ["a", "b", "c"]

    def truth():
        # Two empty segments are 0 / 0 in ActivityNet's evaluation; AVA's leaves empty boxes out.
        extent = draw.extent(dims, empty=dims == 2 and draw.random() < 0.2)
        return [draw.one(places), draw.one(labels[:2]), *extent]

    def prediction():
        extent = draw.extent(dims, empty=draw.random() < 0.2)
        return [draw.one(places), draw.one(labels), *extent, draw.score()]

    truths = _some(draw, truth, 1, 12)
    predictions = _some(draw, prediction, 0, 24)
    # Continuous extents rarely overlap enough: some predictions are truths, moved.
    for row in truths:
        if draw.random() < 0.6:
            moved = [end + 0.4 * (draw.random() - 0.5) * (not draw.coarse) for end in row[2:]]
            predictions.insert(draw.whole(0, len(predictions)), [*row[:2], *moved, draw.score()])
    return {
        "predictions": [tuple(row) for row in predictions if _is_forward(row[2 : 2 + 2 * dims])],
        "truths": [tuple(row) for row in truths],
    }


def _is_forward(extent):
    half = len(extent) // 2
    return all(extent[i] <= extent[i + half] for i in range(half))


def _some(draw, make, least, most):
    """From ``least`` to ``most`` things, one in four a repetition of one before it."""
    found = []
    for _ in range(draw.whole(least, most)):
        found.append(list(draw.one(found)) if found and draw.random() < 0.25 else make())
    return found


CASES = {
    case.__name__: case
    for case in (
        average_precision,
        mean_average_precision,
        temporal_iou,
        nms_1d,
        temporal_map,
        box_iou,
        nms_2d,
        frame_map,
        bleu,
        cider,
        bootstrap_interval,
    )
}


def write():
    values = {
        name: [metric_oracles.ORACLES[name](**case(Draw(seed))) for seed in range(NUM_STORED)]
        for name, case in CASES.items()
    }
    lines = [f"{json.dumps(name)}: {json.dumps(numbers)}" for name, numbers in values.items()]
    VALUES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
