"""What the field's own implementations make of a case: one function for each metric, as lists.

None of them is a requirement of lecturekit. scikit-learn, torchvision, sacrebleu, pycocoevalcap and
scipy are imported inside the functions; ActivityNet's and AVA's evaluations are read from a clone
of github.com/activitynet/ActivityNet, whose folder ``Evaluation`` the environment variable
ACTIVITYNET_EVALUATION names. They were written for Python 2 and an old numpy, so this is changed
as they are read:

- of ``eval_detection.py`` and ``utils.py`` only the functions that compute are taken (the rest
  prints as Python 2 does, and asks a server for films that are no longer there);
- ``np.float``, ``np.bool``, ``np.NAN``, ``logging.warn`` became ``float``, ``bool``, ``np.nan``,
  ``logging.warning``.

Both sort scores with an algorithm that leaves the order of equal ones open. Here a prediction's
score is replaced by its rank, the one listed first above its equals.
"""

import functools
import os
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

EVALUATION = "ACTIVITYNET_EVALUATION"
RENAMED = {
    r"\bnp\.float\b": "float",
    r"\bnp\.bool\b": "bool",
    r"\bnp\.NAN\b": "np.nan",
    r"\blogging\.warn\(": "logging.warning(",
}


def average_precision(scores, labels):
    from sklearn.metrics import average_precision_score

    return [average_precision_score(labels, scores)]


def mean_average_precision(scores, labels):
    classes = zip(np.transpose(scores), np.transpose(labels), strict=True)
    return [np.mean([average_precision(s, y)[0] for s, y in classes if y.any()])]


def temporal_iou(a, b):
    """Two empty segments are 0 / 0 there, and here 0."""
    overlap = _activitynet()["segment_iou"]
    with np.errstate(invalid="ignore"):
        rows = [overlap(np.array(segment), np.array(b)) for segment in a]
    return np.nan_to_num(rows).tolist()


def box_iou(a, b):
    import torch
    from torchvision import ops

    a, b = (torch.tensor(boxes, dtype=torch.float64).reshape(-1, 4) for boxes in (a, b))
    return ops.box_iou(a, b).tolist()


def nms_1d(segments, scores, threshold):
    """A segment is a box of height 1."""
    return nms_2d([(start, 0.0, stop, 1.0) for start, stop in segments], scores, threshold)


def nms_2d(boxes, scores, threshold):
    import torch
    from torchvision import ops

    boxes = torch.tensor(boxes, dtype=torch.float64).reshape(-1, 4)
    return ops.nms(boxes, torch.tensor(scores, dtype=torch.float64), threshold).tolist()


def temporal_map(predictions, truths, tious):
    import pandas as pd

    columns = ["video-id", "label", "t-start", "t-end"]
    ranked = pd.DataFrame(_with_ranks(predictions), columns=[*columns, "score"])
    there = pd.DataFrame(truths, columns=columns)
    evaluate = _activitynet()["compute_average_precision_detection"]
    classes = [
        evaluate(
            there[there["label"] == label].reset_index(drop=True),
            ranked[ranked["label"] == label].reset_index(drop=True),
            np.array(tious),
        )
        for label in there["label"].unique()
    ]
    return np.mean(classes, axis=0).tolist()


def frame_map(predictions, truths, iou):
    fields, detection = _ava()
    labels = sorted({row[1] for row in (*predictions, *truths)})
    evaluator = detection.PascalDetectionEvaluator(
        [{"id": i, "name": label} for i, label in enumerate(labels, 1)], iou
    )

    def of_frame(rows, frame):
        chosen = [row for row in rows if row[0] == frame]
        boxes = np.array([(y0, x0, y1, x1) for _, _, x0, y0, x1, y1, *_ in chosen], float)
        return chosen, boxes, np.array([labels.index(row[1]) + 1 for row in chosen])

    for frame in {row[0] for row in truths}:
        chosen, boxes, classes = of_frame(truths, frame)
        names = fields.InputDataFields
        evaluator.add_single_ground_truth_image_info(
            frame,
            {
                names.groundtruth_boxes: boxes,
                names.groundtruth_classes: classes,
                names.groundtruth_difficult: np.zeros(len(chosen), bool),
            },
        )
    # Its script hands over a frame's predictions by falling score.
    by_rank = sorted(_with_ranks(predictions), key=lambda row: -row[-1])
    for frame in {row[0] for row in predictions}:
        chosen, boxes, classes = of_frame(by_rank, frame)
        names = fields.DetectionResultFields
        evaluator.add_single_detected_image_info(
            frame,
            {
                names.detection_boxes: boxes,
                names.detection_classes: classes,
                names.detection_scores: np.array([row[-1] for row in chosen], float),
            },
        )
    return [float(evaluator.evaluate()[f"PascalBoxes_Precision/mAP@{iou}IOU"])]


def bleu(candidates, references):
    from sacrebleu import corpus_bleu

    most = max(map(len, references))
    # One list for each place in the films' lists of references, None where a film has no more.
    columns = [[those[i] if i < len(those) else None for those in references] for i in range(most)]
    score = corpus_bleu(
        candidates, columns, tokenize="none", smooth_method="exp", lowercase=True, force=True
    )
    return [score.score / 100]


def cider(candidates, references):
    from pycocoevalcap.cider.cider import Cider

    said = {film: [candidate] for film, candidate in enumerate(candidates)}
    return [float(Cider().compute_score(dict(enumerate(references)), said)[0])]


def bootstrap_interval(values, seed, level):
    from scipy.stats import bootstrap

    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=1000,
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return [float(np.mean(values)), float(found.low), float(found.high)]


ORACLES = {
    oracle.__name__: oracle
    for oracle in (
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
NEEDS = {
    "average_precision": ["sklearn"],
    "mean_average_precision": ["sklearn"],
    "temporal_iou": ["pandas", EVALUATION],
    "nms_1d": ["torchvision"],
    "temporal_map": ["pandas", EVALUATION],
    "box_iou": ["torchvision"],
    "nms_2d": ["torchvision"],
    "frame_map": [EVALUATION],
    "bleu": ["sacrebleu"],
    "cider": ["pycocoevalcap"],
    "bootstrap_interval": ["scipy.stats"],
}


def _with_ranks(predictions):
    """Scores that do not tie, in the same order; of equal ones the first listed is above."""
    order = sorted(range(len(predictions)), key=lambda i: -predictions[i][-1])
    ranks = {row: float(len(order) - rank) for rank, row in enumerate(order)}
    return [(*row[:-1], ranks[i]) for i, row in enumerate(predictions)]


def _source(name):
    text = (Path(os.environ[EVALUATION]) / name).read_text(encoding="utf-8")
    for old, new in RENAMED.items():
        text = re.sub(old, new, text)
    return text


@functools.cache
def _activitynet():
    """The functions that compute, by name."""
    import pandas as pd

    utils, detection = _source("utils.py"), _source("eval_detection.py")
    names = {"np": np, "pd": pd}
    start, stop = (
        utils.index(f"def {name}(") for name in ("interpolated_prec_rec", "wrapper_segment_iou")
    )
    exec(utils[start:stop], names)
    exec(detection[detection.index("def compute_average_precision_detection(") :], names)
    return names


@functools.cache
def _ava():
    """Its modules of field names and of the evaluation; they import each other by bare names."""
    folder = Path(tempfile.mkdtemp())
    for file in (Path(os.environ[EVALUATION]) / "ava").glob("*.py"):
        (folder / file.name).write_text(_source(f"ava/{file.name}"), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        import object_detection_evaluation
        import standard_fields
    finally:
        sys.path.remove(str(folder))
    return standard_fields, object_detection_evaluation
