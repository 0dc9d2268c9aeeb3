"""When: a dense temporal head, which says at each moment what is going on and since when.

Without anchors, after Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV
2019, Sec. 3.1, in time instead of space as Zhang, Wu and Li have it, "ActionFormer: Localizing
Moments of Actions with Transformers", ECCV 2022, Sec. 3.2 and 3.3. Each moment gives a score for
each class and, in seconds, the distances to the start and the end of the action around it. So one
moment is one proposal. There is one level here, not a pyramid: the puppets' actions differ in
length by less than a factor of four or so.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from lecturekit import checks
from lecturekit.localization import Detection
from lecturekit.models.heads import check_features


class Moments(NamedTuple):
    """What the head says of a batch of films.

    Attributes:
        scores: logits ``(B, K, T')``, for each class by itself.
        distances: ``(B, 2, T')``, in seconds, at least 0: back to the start, on to the end.
    """

    scores: torch.Tensor
    distances: torch.Tensor


class Targets(NamedTuple):
    """What the head should have said of a film; a batch of them has one axis more.

    Attributes:
        classes: float32 ``(K, T')``: 1 where a moment is in an action of the class.
        distances: float32 ``(2, T')``, in seconds; 0 where no action is.
        inside: bool ``(T',)``: the moments that lie in an action.
    """

    classes: torch.Tensor
    distances: torch.Tensor
    inside: torch.Tensor


class MomentHead(nn.Module):
    """Convolutions over time, each wider than the last, then one for scores and one for distances.

    Args:
        channels: C of the features.
        num_classes: K. There is no class for "nothing": all scores are low then.
        hidden: numbers for each moment between the layers.
        dilations: moments between the three that a layer reads. Who stands in the middle of an
            action must see both of its ends: with 1, 2 and 4, and a last layer of 3, a moment sees
            8 others to either side.
    """

    def __init__(
        self,
        channels: int,
        num_classes: int,
        hidden: int = 48,
        dilations: tuple[int, ...] = (1, 2, 4),
    ) -> None:
        super().__init__()
        self.channels, self.body, before = channels, nn.Sequential(), channels
        for dilation in dilations:
            conv = nn.Conv1d(before, hidden, 3, padding=dilation, dilation=dilation, bias=False)
            self.body.extend([conv, nn.BatchNorm1d(hidden), nn.ReLU()])
            before = hidden
        self.scores = nn.Conv1d(hidden, num_classes, 3, padding=1)
        self.distances = nn.Conv1d(hidden, 2, 3, padding=1)
        # Most moments are in no action of a given class. Scores that say so from the start, 12 %,
        # keep them from drowning the others (Lin et al., "Focal Loss for Dense Object Detection",
        # ICCV 2017, Sec. 3.3).
        nn.init.constant_(self.scores.bias, -2)

    def forward(self, features: torch.Tensor) -> Moments:
        """Scores and distances of features ``(B, C, T', H', W')``, averaged over places."""
        check_features(features, self.channels)
        moments = self.body(features.mean((3, 4)))
        # Softplus: never below 0, and unlike a ReLU it can always come back from there.
        return Moments(self.scores(moments), functional.softplus(self.distances(moments)))


def moment_targets(
    moments_sec: torch.Tensor, segments: Sequence[tuple[int, float, float]], num_classes: int
) -> Targets:
    """What a dense head should say of a film.

    Where several segments are at one moment, the shortest has it, as in FCOS.

    Args:
        moments_sec: ``(T',)``: when the features stand, as of `Trunk.moments_sec`.
        segments: (label, start_sec, stop_sec), half open; none: a film in which nothing happens.
        num_classes: K.

    Raises:
        ValueError: a label that is none of K, or a segment that ends before it has begun.
    """
    checks.shape("moments_sec", moments_sec, "T'")
    moments_sec = moments_sec.float()
    classes = moments_sec.new_zeros(num_classes, len(moments_sec))
    distances = moments_sec.new_zeros(2, len(moments_sec))
    inside = torch.zeros_like(moments_sec, dtype=torch.bool)
    # The longest first: what comes later overwrites it.
    for label, start, stop in sorted(segments, key=lambda segment: segment[1] - segment[2]):
        checks.integer("segments: label", label, 0, num_classes - 1)
        if not start < stop:
            raise ValueError(f"segments: expected start < stop, got {start} and {stop}")
        here = (start <= moments_sec) & (moments_sec < stop)
        classes[:, here] = 0
        classes[label, here] = 1
        distances[:, here] = torch.stack([moments_sec - start, stop - moments_sec])[:, here]
        inside |= here
    return Targets(classes, distances, inside)


def moment_loss(moments: Moments, targets: Targets) -> torch.Tensor:
    """Binary cross entropy of all scores, and 1 − IoU of the segments that moments inside give.

    Both are sums, divided by the number of moments in an action (by 1 if there is none). FCOS and
    ActionFormer take the focal loss for the scores, against many thousand easy moments in which
    nothing happens; in films that are half action it is not needed.

    Args:
        moments: of a batch of films.
        targets: of the same, as a DataLoader stacks them.
    """
    expected = (moments.scores.shape, moments.distances.shape)
    if expected != (targets.classes.shape, targets.distances.shape):
        got = tuple(targets.classes.shape), tuple(targets.distances.shape)
        raise ValueError(f"targets: expected shapes {[tuple(e) for e in expected]}, got {got}")
    # Two segments around the same moment: what they share, and what they span.
    found, true = moments.distances.float(), targets.distances
    shared, spanned = torch.minimum(found, true).sum(1), torch.maximum(found, true).sum(1)
    misses = (1 - shared / spanned.clamp(min=1e-6))[targets.inside].sum()
    wrong = functional.binary_cross_entropy_with_logits(
        moments.scores, targets.classes, reduction="sum"
    )
    return (wrong + misses) / targets.inside.sum().clamp(min=1)


def decode(
    scores: torch.Tensor,
    distances: torch.Tensor,
    moments_sec: torch.Tensor,
    *,
    threshold: float = 0.05,
    length_sec: float = math.inf,
) -> list[Detection]:
    """All that the head found in one film, best first: many times each, before any suppression.

    Args:
        scores: logits ``(K, T')``.
        distances: ``(2, T')``, in seconds.
        moments_sec: ``(T',)``.
        threshold: the least probability of what is listed.
        length_sec: of the film: nothing ends after it. Nothing starts before 0.

    Raises:
        ValueError: shapes that do not fit.
    """
    checks.shape("scores", scores, "K T'")
    num_moments = scores.shape[1]
    checks.shape("distances", distances, f"2 {num_moments}")
    checks.shape("moments_sec", moments_sec, f"{num_moments}")
    moments_sec = moments_sec.to(scores.device)
    starts = (moments_sec - distances[0]).clamp(min=0, max=length_sec)
    stops = (moments_sec + distances[1]).clamp(max=length_sec)
    probabilities = scores.sigmoid()
    found = [
        Detection(label, starts[t].item(), stops[t].item(), probabilities[label, t].item())
        for label, t in (probabilities >= threshold).nonzero().tolist()
    ]
    return sorted(found, key=lambda detection: -detection.score)
