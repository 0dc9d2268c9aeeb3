"""How good a prediction is. Numbers in, numbers out: numpy only.

ranking    is the right class on top, are the right clips: top-k, average precision, many views
curves     precision and recall down a list, and the three rules for the area under them
temporal   segments in time: overlap, suppression, mean average precision as ActivityNet has it
boxes      boxes in frames: the same, as torchvision and AVA have it
captions   sentences: BLEU, CIDEr
flow       motion: endpoint and angular error
intervals  how far a number would move: bootstrap, paired differences

Each is equal to an implementation that the field uses, named in its docstring, and to its
conventions: they are part of the number.
"""

from .boxes import box_iou, frame_map, nms_2d
from .captions import bleu, cider
from .curves import eleven_point_area, interpolated_area, precision_recall, step_area
from .flow import angular_error, endpoint_error
from .intervals import Interval, PairedDifference, bootstrap_interval, paired_difference
from .ranking import average_precision, mean_average_precision, multi_view, topk_accuracy
from .temporal import ERRORS, nms_1d, sort_errors, temporal_iou, temporal_map

__all__ = [
    "ERRORS",
    "Interval",
    "PairedDifference",
    "angular_error",
    "average_precision",
    "bleu",
    "bootstrap_interval",
    "box_iou",
    "cider",
    "eleven_point_area",
    "endpoint_error",
    "frame_map",
    "interpolated_area",
    "mean_average_precision",
    "multi_view",
    "nms_1d",
    "nms_2d",
    "paired_difference",
    "precision_recall",
    "sort_errors",
    "step_area",
    "temporal_iou",
    "temporal_map",
    "topk_accuracy",
]
