"""Who and where: what a network says of the part of a picture that lies in a box.

RoIAlign after He et al., "Mask R-CNN", ICCV 2017, Sec. 3, with the half pixel that its first
implementations left out (``aligned=True``). The head after Feichtenhofer et al., "SlowFast Networks
for Video Recognition", ICCV 2019, Sec. 4 and 5: the boxes of one frame are laid on all frames, and
people may do several things at once.
"""

from collections.abc import Sequence

import torch
from torch import nn

from lecturekit import checks
from lecturekit.models.heads import check_features

Boxes = Sequence[torch.Tensor] | torch.Tensor
"""x0, y0, x1, y1: for each picture a tensor ``(n, 4)``; or in one tensor ``(n, 5)``, the number of
the picture in front."""


def roi_align(
    features: torch.Tensor,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = True,
) -> torch.Tensor:
    """Of each box a grid of features of one size, whatever the size of the box.

    The box is cut into ``output_size`` bins; in each bin stand a few points in a regular grid; the
    features are interpolated at the points and averaged. A box that is no box (x1 ≤ x0) gives
    finite numbers: zeros where ``sampling_ratio`` is -1 and it is aligned. Gradients flow to the
    features, not to the boxes.

    Args:
        features: ``(N, C, H, W)``.
        boxes: in pixels of the picture.
        output_size: rows and columns of bins; one number for both.
        spatial_scale: features per pixel: 1/8 where the network halved the picture three times.
        sampling_ratio: points along each side of a bin; -1: as many as it takes for two points to
            be at most one feature apart.
        aligned: feature i stands at i + ½, in the middle of its cell, as pixels do; else at i, and
            no box is narrower than one feature.

    Returns:
        ``(number of boxes, C, *output_size)``.

    Raises:
        ValueError, TypeError: a shape or number that does not fit.
    """
    checks.shape("features", features, "N C H W")
    rows, columns = output_size if isinstance(output_size, tuple) else (output_size,) * 2
    checks.integer("output_size", rows, 1)
    checks.integer("output_size", columns, 1)
    checks.number("spatial_scale", spatial_scale, above=0)
    if checks.integer("sampling_ratio", sampling_ratio, -1) == 0:
        raise ValueError("sampling_ratio: expected a positive number of points, or -1, got 0")
    pictures, boxes = _in_one(features, boxes)
    if not pictures:
        return features.new_zeros(0, features.shape[1], rows, columns)
    with torch.no_grad():
        x0, y0, x1, y1 = (boxes * spatial_scale - (0.5 if aligned else 0.0)).unbind(1)
        height, width = features.shape[2:]
        down = _weights(y0, y1, rows, height, sampling_ratio, aligned)
        across = _weights(x0, x1, columns, width, sampling_ratio, aligned)
    # Interpolation and mean treat rows and columns alike and apart: a matrix on either side.
    of_box = features[torch.tensor(pictures).to(features.device)]
    return down[:, None] @ of_box @ across[:, None].transpose(2, 3)


def _weights(
    first: torch.Tensor,
    last: torch.Tensor,
    bins: int,
    size: int,
    sampling_ratio: int,
    aligned: bool,
) -> torch.Tensor:
    """How much each feature along an axis counts in each bin of each box: ``(n, bins, size)``.

    Args:
        first: where the boxes begin, in features, ``(n,)``.
        last: where they end.
        bins: along a box.
        size: how many features there are.
        sampling_ratio: as in `roi_align`.
        aligned: as in `roi_align`.
    """
    length = last - first if aligned else (last - first).clamp(min=1)
    bin_length = length[:, None] / bins
    points = torch.full_like(bin_length, sampling_ratio)
    if sampling_ratio < 0:
        points = bin_length.ceil().clamp(min=0)
    some = points.clamp(min=1)
    number = torch.arange(bins, device=first.device, dtype=first.dtype)
    starts = first[:, None] + number * bin_length
    total = first.new_zeros(len(first), bins, size)
    for point in range(int(points.max().item())):
        at = starts + (point + 0.5) * bin_length / some
        total += _interpolation(at, size) * (point < points)[..., None]
    return total / some[..., None]


def _interpolation(at: torch.Tensor, size: int) -> torch.Tensor:
    """Weights of features 0 … size − 1 for the value between them, ``(*at.shape, size)``.

    A point up to one feature beyond the first or last has the value of that one; farther out it
    is 0.
    """
    known = (at >= -1) & (at <= size)
    at = at.clamp(0, size - 1)
    distance = (at[..., None] - torch.arange(size, device=at.device, dtype=at.dtype)).abs()
    # The two neighbours share the weight, the nearer one has more; all others are 1 or more away.
    return (1 - distance).clamp(min=0) * known[..., None]


def _in_one(features: torch.Tensor, boxes: Boxes) -> tuple[list[int], torch.Tensor]:
    """The picture of each box, and all boxes ``(n, 4)`` with the features' type and device."""
    if isinstance(boxes, torch.Tensor):
        if boxes.ndim != 2 or boxes.shape[1] != 5:
            raise ValueError(
                "boxes: expected a list of (n, 4), or one tensor (n, 5) with the picture's number "
                f"in front, got {tuple(boxes.shape)}"
            )
        pictures = [int(picture) for picture in boxes[:, 0].tolist()]
        boxes = boxes[:, 1:]
    else:
        if len(boxes) != len(features):
            raise ValueError(
                f"boxes: expected a tensor for each of {len(features)} pictures, got {len(boxes)}"
            )
        for of_one in boxes:
            if of_one.ndim != 2 or of_one.shape[1] != 4:
                raise ValueError(f"boxes: expected (n, 4) of each picture, got {of_one.shape}")
        pictures = [picture for picture, of_one in enumerate(boxes) for _ in of_one]
        boxes = torch.cat(tuple(boxes))
    strangers = [picture for picture in pictures if not 0 <= picture < len(features)]
    if strangers:
        raise ValueError(
            f"boxes: expected pictures from 0 to {len(features) - 1}, got {strangers[0]}"
        )
    boxes = boxes.to(features)
    if not torch.isfinite(boxes).all():
        raise ValueError("boxes: expected finite numbers, got NaN or infinity")
    return pictures, boxes


class RoIHead(nn.Module):
    """What each boxed person does, several things at once if need be.

    The features' mean over time, the boxes' share of it (`roi_align`), the largest value of each
    channel in a box, and a linear layer. A mean over time and then boxes is the same as the boxes
    laid on every frame and then a mean: both are sums.

    Args:
        channels: C of the features.
        num_classes: K.
        start_px: where the first feature has its centre, in pixels; pixel 0 has it at 0. Rows and
            columns alike.
        jump_px: from one feature to the next.
        size: rows and columns of bins. People are taller than wide.
    """

    def __init__(
        self,
        channels: int,
        num_classes: int,
        start_px: float = 0.0,
        jump_px: float = 8.0,
        size: tuple[int, int] = (4, 2),
    ) -> None:
        super().__init__()
        self.size, self.jump_px = size, jump_px
        # A box in pixels has 0 at the left edge of pixel 0, so feature i stands at
        # start + jump · i + ½. Aligned RoIAlign takes it to be at jump · (i + ½).
        self.shift_px = jump_px / 2 - 0.5 - start_px
        self.linear = nn.Linear(channels, num_classes)

    def forward(self, features: torch.Tensor, boxes: Boxes) -> torch.Tensor:
        """Scores of all boxes, logits ``(n, K)``, those of the first clip first.

        Args:
            features: ``(B, C, T', H', W')``.
            boxes: in pixels of the clips: for each clip ``(n, 4)``, or all in one ``(B, n, 4)``.
        """
        check_features(features, self.linear.in_features)
        shifted = [of_one + self.shift_px for of_one in boxes]
        regions = roi_align(features.mean(2), shifted, self.size, 1 / self.jump_px)
        return self.linear(regions.amax((2, 3)))
