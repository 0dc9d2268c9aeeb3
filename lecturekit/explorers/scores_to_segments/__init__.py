"""From scores to segments: sliding windows over a film, their scores in time, and what is found.

The reader sets window, stride, threshold and NMS, and when a window's scores are said to hold: at
its start, its centre or its end. Truth and found segments stand below the film, each of these by
the kind of its error; mean average precision over all films follows at three overlaps. The front
end repeats the arithmetic of :mod:`lecturekit.localization` and :mod:`lecturekit.metrics`;
``tests/site/explorers/test_scores_to_segments.py`` holds the two equal.

Kinds of errors: after Alwassel et al. 2018, "Diagnosing Error in Temporal Action Detectors".
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from lecturekit import checks, localization, metrics
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.kit.sheets import Sheet, jpeg_sheet
from lecturekit.puppets import PuppetVideo

MAX_FILMS, MAX_SHOWN, MAX_CLASSES, MAX_WINDOWS = 40, 3, 8, 5
MAX_STRIDE = 16
JOINS = ("joined", "single")
TIOUS = (0.3, 0.5, 0.7)
BEST = "best"
GUESSES = ("none", "0.3", "0.5", "0.7")

LEVELS = 255
"""A score is kept as a whole number of so many parts: a byte."""

_SETTINGS = {
    "film", "curve", "window", "stride", "stamp", "join", "threshold", "nms", "tiou", "at",
    "guess", "revealed",
}  # fmt: skip
_MAX_PICTURES = 32  # of one film: the strip has room for no more
# With base64's third on top, the page carries at most 270 kB for one explorer.
_MAX_SHEET_BYTES, _MAX_SCORE_BYTES = 100_000, 100_000


class ScoresToSegments(Explorer):
    """Sliding windows, when their scores hold, and the segments that follow.

    Args:
        films: 1 to 40, of one frame rate and picture size. All count for the precision.
        scores: by window length in frames, 1 to 5 of them: for each film an array
            ``(T - window + 1, K)`` of numbers from 0 to 1. Row k is of the window whose first frame
            is k. They are kept to 1/255.
        classes: the K actions that the scores are of, no column for "nothing".
        shown: how many films can be looked at, the first ones; at most 3.
        label: accessible name.
        credit: the line to print under the film.
        settings: first values of ``film``, ``curve``, ``window``, ``stride``, ``stamp``, ``join``,
            ``threshold``, ``nms``, ``tiou``, ``at``, ``guess``, ``revealed``.

    Raises:
        TypeError, ValueError: films or scores are none of that kind, or a setting is unknown.
        traitlets.TraitError: a setting is out of range.
    """

    name: ClassVar[str] = "scores_to_segments"

    pictures = traitlets.Bytes(help="Of the films that are shown, one JPEG.").tag(sync=True)
    columns = traitlets.Int(help="Pictures in a row of it.").tag(sync=True)
    picture_frames = traitlets.List(help="Of each film shown, which frames are in it.").tag(
        sync=True
    )
    height_px = traitlets.Int().tag(sync=True)
    width_px = traitlets.Int().tag(sync=True)
    fps = traitlets.Float().tag(sync=True)
    lengths = traitlets.List(help="Frames of each film.").tag(sync=True)
    truths = traitlets.List(help="Of each film [class, first frame, end frame].").tag(sync=True)
    classes = traitlets.List(help="Names.").tag(sync=True)
    windows = traitlets.List(help="Lengths in frames.").tag(sync=True)
    scores = traitlets.Bytes(help="By window, film, window's start and class.").tag(sync=True)
    credit = traitlets.Unicode().tag(sync=True)

    film = traitlets.Int(0, help="Which one is looked at.").tag(sync=True)
    curve = traitlets.Unicode(BEST, help="The class whose scores are drawn, or the best.").tag(
        sync=True
    )
    window = traitlets.Int(help="Frames.").tag(sync=True)
    stride = traitlets.Int(2, help="Frames from window to window.").tag(sync=True)
    stamp = traitlets.Enum(localization.STAMPS, "centre", help="When scores hold.").tag(sync=True)
    join = traitlets.Enum(JOINS, "joined", help="What makes one segment.").tag(sync=True)
    threshold = traitlets.Float(0.5, min=0.0, max=1.0).tag(sync=True)
    nms = traitlets.Float(0.3, min=0.0, max=1.0, help="tIoU; 1 drops nothing.").tag(sync=True)
    tiou = traitlets.Enum(TIOUS, 0.5, help="What a true segment overlaps its truth by.").tag(
        sync=True
    )
    at = traitlets.Int(0, help="First frame of the window that is shown.").tag(sync=True)
    guess = traitlets.Enum(GUESSES, "none", help="Which mAP a wrong stamp hurts most.").tag(
        sync=True
    )
    revealed = traitlets.Bool(False, help="Whether the guess is judged.").tag(sync=True)

    def __init__(
        self,
        films: Sequence[PuppetVideo],
        scores: Mapping[int, Sequence[ArrayLike]],
        classes: Sequence[str],
        *,
        shown: int = MAX_SHOWN,
        label: str = "From scores to segments: windows over a film, and what is found",
        credit: str = "",
        **settings: Any,
    ) -> None:
        if unknown := set(settings) - _SETTINGS:
            raise TypeError(f"ScoresToSegments has no argument {', '.join(sorted(unknown))}")
        checks.integer("number of classes", len(classes), 1, MAX_CLASSES)
        checks.integer("shown", shown, 1, MAX_SHOWN)
        _check_films(films)
        self._tables = _checked_scores(films, scores, len(classes))
        truths = [_truths(n, film, classes) for n, film in enumerate(films)]
        if not any(truths):
            raise ValueError("films: expected a segment in one of them, got none")
        sheet, frames = _sheet(films[:shown])
        height_px, width_px = films[0].frames.shape[1:3]
        super().__init__(
            pictures=sheet.jpeg,
            columns=sheet.columns,
            picture_frames=frames,
            height_px=height_px,
            width_px=width_px,
            fps=float(films[0].fps),
            lengths=[len(film.frames) for film in films],
            truths=truths,
            classes=list(classes),
            windows=list(self._tables),
            scores=b"".join(
                table.tobytes() for tables in self._tables.values() for table in tables
            ),
            label=label,
            credit=credit,
            description=_describe(list(classes), len(films)),
            **{"window": next(iter(self._tables)), **settings},
        )

    def predictions(self) -> list[tuple[int, int, float, float, float]]:
        """What the present settings find in all films: (film, class, start, stop, score).

        Film by film, the best first; times in seconds.
        """
        found = []
        for film, frames in enumerate(self.lengths):
            table = self._tables[self.window][film][:: self.stride] / LEVELS
            times = localization.stamp_times(
                len(table), self.window, self.stride, self.fps, self.stamp
            )
            detections = localization.segments_from_scores(
                table,
                times,
                self.threshold,
                step_sec=self.stride / self.fps,
                duration_sec=frames / self.fps,
                width_sec=None if self.join == "joined" else self.window / self.fps,
            )
            found += [(film, *one) for one in localization.suppress(detections, self.nms)]
        return found

    def truth(self) -> list[tuple[int, int, float, float]]:
        """What happens in all films: (film, class, start, stop), times in seconds."""
        return [
            (film, label, start / self.fps, stop / self.fps)
            for film, of_film in enumerate(self.truths)
            for label, start, stop in of_film
        ]

    def kinds(self) -> list[str]:
        """The kind of error of each of :meth:`predictions` at the present ``tiou``."""
        return metrics.sort_errors(self.predictions(), self.truth(), self.tiou)

    def mean_average_precision(self) -> dict[float, float]:
        """By tIoU, over all films."""
        return metrics.temporal_map(self.predictions(), self.truth(), TIOUS)

    def offset_sec(self) -> float | None:
        """How far found segments lie after their truths: the median over the truths that have one.

        A truth's own is what overlaps it most of its class. None where no truth has one.
        """
        predictions, offsets = self.predictions(), []
        for film, label, start, stop in self.truth():
            own = np.array([one[2:4] for one in predictions if one[:2] == (film, label)])
            overlaps = metrics.temporal_iou((start, stop), own) if len(own) else np.zeros(1)
            if overlaps.max() > 0:
                offsets.append(own[overlaps.argmax()].sum() / 2 - (start + stop) / 2)
        return float(np.median(offsets)) if offsets else None

    @traitlets.validate("film")
    def _validate_film(self, proposal: dict[str, Any]) -> int:
        return setting("film", proposal["value"], 0, len(self.picture_frames) - 1)

    @traitlets.validate("curve")
    def _validate_curve(self, proposal: dict[str, Any]) -> str:
        with trait_errors():
            return checks.one_of("curve", proposal["value"], (BEST, *self.classes))

    @traitlets.validate("window")
    def _validate_window(self, proposal: dict[str, Any]) -> int:
        with trait_errors():
            return checks.one_of("window", proposal["value"], tuple(self._tables))

    @traitlets.validate("stride")
    def _validate_stride(self, proposal: dict[str, Any]) -> int:
        return setting("stride", proposal["value"], 1, MAX_STRIDE)

    @traitlets.validate("at")
    def _validate_at(self, proposal: dict[str, Any]) -> int:
        return setting("at", proposal["value"], 0, max(self.lengths) - 1)


def _check_films(films: Sequence[PuppetVideo]) -> None:
    """That they can share one sheet of pictures and one scale of time."""
    checks.integer("number of films", len(films), 1, MAX_FILMS)
    for n, film in enumerate(films):
        checks.frames(f"films[{n}].frames", film.frames)
        height, width = films[0].frames.shape[1:3]
        checks.shape(f"films[{n}].frames", film.frames, f"T {height} {width} 3")
        if film.fps != films[0].fps:
            expected = f"{films[0].fps:g} frames per second, as films[0] has"
            raise ValueError(f"films[{n}]: expected {expected}, got {film.fps:g}")


def _checked_scores(
    films: Sequence[PuppetVideo], scores: Mapping[int, Sequence[ArrayLike]], num_classes: int
) -> dict[int, list[NDArray[np.uint8]]]:
    """By window length, in rising order, the films' tables as whole numbers of ``LEVELS``."""
    if not isinstance(scores, Mapping):
        expected = "arrays of scores by window length"
        raise TypeError(f"scores: expected {expected}, got {type(scores).__name__}")
    checks.integer("number of window lengths", len(scores), 1, MAX_WINDOWS)
    shortest = min(len(film.frames) for film in films)
    tables: dict[int, list[NDArray[np.uint8]]] = {}
    for window in sorted(scores):
        checks.integer("window length", window, 1, shortest)
        if len(scores[window]) != len(films):
            raise ValueError(
                f"scores[{window}]: expected one array for each of {len(films)} films, got "
                f"{len(scores[window])}"
            )
        tables[window] = []
        for n, (film, of_film) in enumerate(zip(films, scores[window], strict=True)):
            where, table = f"scores[{window}][{n}]", np.asarray(of_film, np.float64)
            checks.shape(where, table, f"{len(film.frames) - window + 1} {num_classes}")
            if not ((table >= 0) & (table <= 1)).all():
                got = f"{np.nanmin(table):g} to {np.nanmax(table):g}"
                raise ValueError(f"{where}: expected numbers from 0 to 1, got {got}")
            tables[window].append(np.round(table * LEVELS).astype(np.uint8))
    size = sum(table.size for of_window in tables.values() for table in of_window)
    if size > _MAX_SCORE_BYTES:
        raise ValueError(f"scores: expected {_MAX_SCORE_BYTES:,} numbers at most, got {size:,}")
    return tables


def _truths(number: int, film: PuppetVideo, classes: Sequence[str]) -> list[list[int]]:
    """Of each segment the class's number, the first frame and the end."""
    for segment in film.segments:
        checks.one_of(f"films[{number}]: action", segment.action, tuple(classes))
    return [
        [list(classes).index(segment.action), segment.start_frames, segment.stop_frames]
        for segment in film.segments
    ]


def _sheet(films: Sequence[PuppetVideo]) -> tuple[Sheet, list[list[int]]]:
    """Pictures of the films, evenly in time, and the numbers of their frames."""
    numbers = [
        list(range(0, len(film.frames), -(-len(film.frames) // _MAX_PICTURES))) for film in films
    ]
    frames = [film.frames[of_film] for film, of_film in zip(films, numbers, strict=True)]
    return jpeg_sheet("films", np.concatenate(frames), max_bytes=_MAX_SHEET_BYTES), numbers


def _describe(classes: list[str], num_films: int) -> str:
    return (
        "A strip of pictures shows a film in time. A window of some frames slides over it; a "
        f"network gave each window a score for each of these actions: {', '.join(classes)}. A "
        "curve below the strip shows the scores of one action, or the highest of all, at the "
        "moments where they are said to hold: at the window’s start, its centre or its end. "
        "What is at or above the threshold becomes segments, either neighbours joined or each "
        "window by itself; NMS drops what overlaps a better one of its class too much. Below the "
        "curve each action has a lane with its true segments above and the found ones under them. "
        "A found segment carries a letter and a pattern for its kind: T true, W wrong class, "
        "B bad boundary, D double, N background: it overlaps no truth by a tenth. A table lists "
        f"the found segments of the film in words. Mean average precision over {num_films} films "
        "is given at three overlaps. First you are asked which of the three loses most when scores "
        "are written at the start of their windows. With the stamp at the start found segments lie "
        "half a window early, with the stamp at the end half a window late."
    )
