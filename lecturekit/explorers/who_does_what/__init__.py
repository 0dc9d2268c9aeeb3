"""Who does what: a box on a film of two puppets, and what a network says of the box.

The reader drags and resizes the box. RoIAlign's bins and points are drawn over the features, and
the scores of the box follow at once; beside them stand those of the whole film, which have no box
to follow. The two puppets can swap what they do. The front end repeats the arithmetic of
:class:`lecturekit.models.roi.RoIHead`; ``tests/site/explorers/test_who_does_what.py`` holds the two
equal.
"""

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
import traitlets
from numpy.typing import NDArray
from torch import nn

from lecturekit import checks, evaluation
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.kit.sheets import Sheet, jpeg_sheet
from lecturekit.models import heads, roi
from lecturekit.puppets import PuppetVideo, clip_tensor

MAX_FILMS, MAX_CLASSES, MAX_FRAMES, MAX_SIDE_PX = 3, 12, 32, 96
OVERLAYS = ("none", "strength", "channels")
STEP_PX = 0.25
"""A box keeps to quarters of a pixel: Python and the page then cut it into the same points."""

_SETTINGS = {"film", "swapped", "box", "overlay"}
_MAX_SHEET_BYTES = 100_000
_MAX_NUMBERS = 20_000  # of all feature maps: four bytes each, and base64's third on top


class WhoDoesWhat(Explorer):
    """A box that is dragged over two puppets, and what RoIAlign makes of it.

    Args:
        films: 1 to 3 films of two figures, each of whom does one thing; all of one size and length.
        swapped: the same films in which the two have exchanged what they do, in the same order:
            ``puppets.duets(…, swap=True)``.
        trunk: trained.
        roi_head: scores of boxes; trained on the trunk's features.
        pooled_head: scores of the whole film; trained on the same.
        classes: K names of what both heads score: words of actions, or actions.
        label: accessible name.
        credit: the line to print under the film.
        settings: first values of ``film``, ``swapped``, ``box``, ``overlay``.

    Raises:
        TypeError, ValueError: films or heads that do not fit together, or an unknown setting.
        traitlets.TraitError: a setting is out of range.
    """

    name: ClassVar[str] = "who_does_what"

    pictures = traitlets.Bytes(help="All frames in one JPEG: film 0, its swap, film 1, …").tag(
        sync=True
    )
    columns = traitlets.Int(help="Pictures in a row of it.").tag(sync=True)
    frames = traitlets.Int(help="Of each film.").tag(sync=True)
    height_px = traitlets.Int().tag(sync=True)
    width_px = traitlets.Int().tag(sync=True)
    fps = traitlets.Float().tag(sync=True)
    shirts = traitlets.List(help="Of each film the colours of the two.").tag(sync=True)
    figures = traitlets.List(
        help="By film and swap, of each figure its box in the middle frame, its caption and the "
        "numbers of the classes that are true of it."
    ).tag(sync=True)
    features = traitlets.Bytes(
        help="Float32, little-endian: means over time, by film, swap, channel, row, column."
    ).tag(sync=True)
    grid = traitlets.List(help="Channels, rows and columns of them.").tag(sync=True)
    weights = traitlets.Bytes(help="The box head's, float32: K × C, then K biases.").tag(sync=True)
    bins = traitlets.List(help="Rows and columns of bins.").tag(sync=True)
    jump_px = traitlets.Float(help="From feature to feature.").tag(sync=True)
    shift_px = traitlets.Float(help="What is added to a box before it is cut up.").tag(sync=True)
    field_px = traitlets.Int(help="How wide and high a square each feature sees.").tag(sync=True)
    pooled = traitlets.List(help="By film and swap, the whole film's K scores, 0 to 1.").tag(
        sync=True
    )
    classes = traitlets.List(help="Names.").tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)

    film = traitlets.Int(0, help="Which one is shown.").tag(sync=True)
    swapped = traitlets.Bool(False, help="Whether the two have exchanged what they do.").tag(
        sync=True
    )
    box = traitlets.List(traitlets.Float(), help="x0, y0, x1, y1 in pixels, 0 the edge.").tag(
        sync=True
    )
    overlay = traitlets.Enum(OVERLAYS, "none", help="What is drawn over the picture.").tag(
        sync=True
    )

    def __init__(
        self,
        films: Sequence[PuppetVideo],
        swapped: Sequence[PuppetVideo],
        trunk: heads.Trunk,
        roi_head: roi.RoIHead,
        pooled_head: heads.ClassificationHead,
        classes: Sequence[str],
        *,
        label: str = "Who does what: a box on a film of two, and what the network says of it",
        credit: str = "",
        **settings: Any,
    ) -> None:
        if unknown := set(settings) - _SETTINGS:
            raise TypeError(f"WhoDoesWhat has no argument {', '.join(sorted(unknown))}")
        _check_films(films, swapped)
        checks.integer("number of classes", len(classes), 1, MAX_CLASSES)
        _check_kind("trunk", trunk, heads.Trunk)
        _check_head("roi_head", roi_head, roi.RoIHead, trunk.channels, len(classes))
        _check_head(
            "pooled_head", pooled_head, heads.ClassificationHead, trunk.channels, len(classes)
        )
        in_order = [film for pair in zip(films, swapped, strict=True) for film in pair]
        self._maps = _maps(trunk, in_order)
        # In float64 as in the page: the same box has the same number of points.
        self._roi_head = copy.deepcopy(roi_head).cpu().double()
        with torch.no_grad():
            whole = copy.deepcopy(pooled_head).cpu().double()(self._maps).sigmoid()
        sheet = _sheet(in_order)
        figures = [_figures(film, classes) for film in in_order]
        frames, height_px, width_px = films[0].frames.shape[:3]
        super().__init__(
            pictures=sheet.jpeg,
            columns=sheet.columns,
            frames=frames,
            height_px=height_px,
            width_px=width_px,
            fps=float(films[0].fps),
            shirts=[list(film.shirts) for film in films],
            figures=figures,
            features=_float32(self._maps),
            grid=[self._maps.shape[n] for n in (1, 3, 4)],
            weights=b"".join(_float32(p) for p in (roi_head.linear.weight, roi_head.linear.bias)),
            bins=list(roi_head.size),
            jump_px=float(roi_head.jump_px),
            shift_px=float(roi_head.shift_px),
            field_px=max(trunk.receptive_field[1:]),
            pooled=whole.tolist(),
            classes=list(classes),
            label=label,
            credit=credit,
            description=_describe(list(classes)),
            **{"box": figures[0][0]["box"], **settings},
        )

    @torch.no_grad()
    def box_scores(self) -> NDArray[np.float64]:
        """What the network says of the present box: ``(K,)``, from 0 to 1."""
        box = torch.tensor([self.box], dtype=torch.float64)
        return self._roi_head(self._shown()[None], [box])[0].sigmoid().numpy()

    @torch.no_grad()
    def taken(self) -> NDArray[np.int64]:
        """How many channels have their largest value in each bin: ``(rows, columns)``.

        Of equal values the first bin, row by row, has it; a channel of zeros counts nowhere.
        """
        box = torch.tensor([self.box], dtype=torch.float64) + self.shift_px
        regions = roi.roi_align(
            self._shown().mean(1)[None], [box], tuple(self.bins), 1 / self.jump_px
        )
        largest, where = regions[0].flatten(1).max(1)
        counts = np.bincount(where[largest > 0].numpy(), minlength=regions[0, 0].numel())
        return counts.reshape(self.bins)

    def _shown(self) -> torch.Tensor:
        """Features ``(C, 1, H', W')`` of the film that is shown."""
        return self._maps[2 * self.film + self.swapped]

    @traitlets.validate("film")
    def _validate_film(self, proposal: dict[str, Any]) -> int:
        return setting("film", proposal["value"], 0, len(self.shirts) - 1)

    @traitlets.validate("box")
    def _validate_box(self, proposal: dict[str, Any]) -> list[float]:
        with trait_errors():
            return _checked_box(proposal["value"], self.height_px, self.width_px)


def _checked_box(value: Sequence[float], height: int, width: int) -> list[float]:
    """A box in quarters of a pixel that lies at most its picture's size outside it."""
    if len(value) != 4:
        raise ValueError(f"box: expected x0, y0, x1, y1, got {len(value)} numbers")
    for name, edge, size in zip(("x0", "y0", "x1", "y1"), value, 2 * (width, height), strict=True):
        if not -size <= edge <= 2 * size:
            raise ValueError(f"box: expected {name} from {-size} to {2 * size} px, got {edge:g}")
    x0, y0, x1, y1 = box = [round(edge / STEP_PX) * STEP_PX for edge in value]
    if x1 - x0 < 1 or y1 - y0 < 1:
        got = f"{x1 - x0:g} × {y1 - y0:g}"
        raise ValueError(
            f"box: expected at least 1 × 1 px, x0 before x1 and y0 before y1, got {got}"
        )
    return box


def _check_films(films: Sequence[PuppetVideo], swapped: Sequence[PuppetVideo]) -> None:
    """That they can share one sheet of pictures, and that each has its swap."""
    checks.integer("number of films", len(films), 1, MAX_FILMS)
    if len(swapped) != len(films):
        raise ValueError(f"swapped: expected {len(films)} films, as films has, got {len(swapped)}")
    frames, height, width = films[0].frames.shape[:3]
    checks.integer("films[0]: number of frames", frames, 1, MAX_FRAMES)
    checks.integer("films[0]: longer side in pixels", max(height, width), 1, MAX_SIDE_PX)
    for n, pair in enumerate(zip(films, swapped, strict=True)):
        for argument, film in zip((f"films[{n}]", f"swapped[{n}]"), pair, strict=True):
            checks.shape(f"{argument}.frames", film.frames, f"{frames} {height} {width} 3")
            if [segment.figure for segment in film.segments] != [0, 1]:
                got = [segment.figure for segment in film.segments]
                raise ValueError(
                    f"{argument}: expected two figures, each with one action, got actions of {got}"
                )
        as_filmed, exchanged = ([segment.action for segment in film.segments] for film in pair)
        if exchanged != as_filmed[::-1] or pair[0].shirts != pair[1].shirts:
            raise ValueError(
                f"swapped[{n}]: expected films[{n}] with the actions {as_filmed} exchanged, got "
                f"{exchanged} by {' and '.join(pair[1].shirts)}"
            )


def _check_kind(argument: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{argument}: expected a {kind.__name__}, got {type(value).__name__}")


def _check_head(
    argument: str, head: nn.Module, kind: type, channels: int, num_classes: int
) -> None:
    _check_kind(argument, head, kind)
    got_channels, got_classes = head.linear.in_features, head.linear.out_features
    if (got_channels, got_classes) != (channels, num_classes):
        raise ValueError(
            f"{argument}: expected {channels} channels, as the trunk has, and {num_classes} "
            f"scores, one for each of classes, got {got_channels} and {got_classes}"
        )


def _maps(trunk: heads.Trunk, films: Sequence[PuppetVideo]) -> torch.Tensor:
    """Features, their mean over time, float64 ``(N, C, 1, H', W')``."""
    clips = clip_tensor(np.stack([film.frames for film in films]))
    numbered = [(clip, n) for n, clip in enumerate(clips)]
    [(features, _)] = evaluation.outputs(trunk, numbered, len(films))
    maps = features.mean(2, keepdim=True)
    if maps.numel() > _MAX_NUMBERS:
        raise ValueError(
            f"films: expected {_MAX_NUMBERS:,} numbers in all their features' means at most, got "
            f"{maps.numel():,}. Give smaller or fewer films"
        )
    return maps.double()


def _figures(film: PuppetVideo, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Of both figures what the page says about them."""
    boxes = film.boxes[len(film.boxes) // 2].tolist()
    height, width = film.frames.shape[1:3]
    return [
        {
            "box": _checked_box(box, height, width),
            "caption": caption,
            "classes": _true_of(segment.action, classes),
        }
        for box, caption, segment in zip(boxes, film.captions, film.segments, strict=True)
    ]


def _true_of(action: str, classes: Sequence[str]) -> list[int]:
    """Numbers of the classes that an action is: itself, or its words where it is no class."""
    if action in classes:
        return [list(classes).index(action)]
    return [n for n, name in enumerate(classes) if name in action.split()]


def _sheet(films: Sequence[PuppetVideo]) -> Sheet:
    pictures = np.concatenate([film.frames for film in films])
    return jpeg_sheet("films", pictures, max_bytes=_MAX_SHEET_BYTES, best=90, full_colour=True)


def _float32(values: torch.Tensor) -> bytes:
    return values.detach().cpu().numpy().astype("<f4").tobytes()


def _describe(classes: list[str]) -> str:
    return (
        "A film of two puppets, one in the left half of the picture and one in the right, each "
        "doing one thing. A box lies on it, which you can drag, resize, or put on either of the "
        "two, between them, or on the whole frame. Squares over the film are the cells of its "
        "feature map, the mean over time of what the network made of it. RoIAlign cuts the box "
        "into bins, puts points into each, reads the features there and takes the mean of each "
        "bin. Of each channel the largest bin counts. A linear layer makes a score of that for "
        f"each of these: {', '.join(classes)}. A table says of whom each is true, and lists the "
        "scores of the box beside those of the whole film. The whole film’s come from the "
        "features’ mean over all places, and do not move with the box. The box’s follow it: on "
        "one puppet they are about what that puppet does, and where it holds parts of both they "
        "mix. The two can swap what they do, each staying in their place. Two numbers say how far "
        "the scores of the present box move with that, and how far those of the whole film."
    )
