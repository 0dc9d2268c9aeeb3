"""Fuse the streams: one weight between two networks, and the clips that it sends from side to side.

The reader slides the weight of the temporal stream and sees accuracy move, overall and by cue,
and single clips turn right or wrong; of one clip both streams' answers are shown, and the weights
at which the fused answer becomes another. The front end repeats the fusion so that it also works
with no kernel; ``tests/site/explorers/test_fuse_streams.py`` holds the two equal.

Fusion by averaging the streams' softmax scores: Simonyan and Zisserman 2014, Sec. 2 and Table 4.
"""

from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lecturekit import checks
from lecturekit.evaluation import Evaluation
from lecturekit.explorers import Explorer, setting
from lecturekit.explorers.kit import answers, sheets

AVERAGES = ("probabilities", "scores")
STEPS = 20
"""The slider goes from 0 to 1 in this many steps."""

MAX_CLIPS_SHOWN, MAX_CLIP_FRAMES = 24, 32
MAX_FILM_BYTES = MAX_SCORE_BYTES = 120_000


class FuseStreams(Explorer):
    """Two evaluations of the same clips, and a slider between them.

    Args:
        spatial: the answers of the stream that sees appearance, on M clips of K classes.
        temporal: those of the stream that sees motion, on the same clips in the same order.
            The scores of both together take at most 120,000 bytes: 1,250 clips of 12 classes.
        frames: uint8 RGB (N, T, H, W, 3): the first N of these clips, 24 at most, to be looked
            at one by one; about 48 px high is enough.
        label: accessible name.
        credit: the line to print under the clips.
        description: text equivalent; by default one is written from the numbers.
        weight: of the temporal stream at first: 0, 0.05, … 1.
        average: what is averaged at first, one of ``AVERAGES``.
        clip: the clip that is looked at first; by default the first on which one stream is right
            and the other is not.

    Raises:
        TypeError: spatial or temporal is no ``Evaluation``.
        ValueError: the two are not of the same clips, or something does not fit in the page.
        traitlets.TraitError: a setting is out of range.
    """

    name: ClassVar[str] = "fuse_streams"

    spatial = traitlets.Bytes(help="Scores (M, K), float32, little-endian.").tag(sync=True)
    temporal = traitlets.Bytes(help="Scores (M, K), float32, little-endian.").tag(sync=True)
    labels = traitlets.List(traitlets.Int(), help="Of each of the M clips its class.").tag(
        sync=True
    )
    classes = traitlets.List(traitlets.Unicode(), help="K names.").tag(sync=True)
    cues = traitlets.List(traitlets.Unicode(), help="Of each class its cue, or nothing.").tag(
        sync=True
    )
    film = traitlets.Bytes(help="A JPEG: a row for each clip, a column for each frame.").tag(
        sync=True
    )
    clips_shown = traitlets.Int(help="N, the clips in the JPEG.").tag(sync=True)
    clip_frames = traitlets.Int(help="T, the frames of each.").tag(sync=True)
    height_px = traitlets.Int().tag(sync=True)
    width_px = traitlets.Int().tag(sync=True)
    credit = traitlets.Unicode(help="Printed under the clips.").tag(sync=True)

    weight = traitlets.Float(0.5, help="w, of the temporal stream: 0, 0.05, … 1.").tag(sync=True)
    average = traitlets.Enum(AVERAGES, "probabilities", help="What is averaged.").tag(sync=True)
    clip = traitlets.Int(0, min=0, help="The clip that is looked at.").tag(sync=True)

    def __init__(
        self,
        spatial: Evaluation,
        temporal: Evaluation,
        frames: NDArray[np.uint8],
        *,
        label: str,
        credit: str = "",
        description: str | None = None,
        weight: float = 0.5,
        average: str = "probabilities",
        clip: int | None = None,
    ) -> None:
        answers.on_one_test({"spatial": spatial, "temporal": temporal})
        _check_size(spatial)
        _check_frames(frames, len(spatial.labels))
        shown, clip_frames, height_px, width_px, _ = frames.shape
        sheet = sheets.jpeg_sheet(
            "frames",
            frames.reshape(-1, height_px, width_px, 3),
            columns=clip_frames,
            max_bytes=MAX_FILM_BYTES,
        )
        super().__init__(
            spatial=spatial.scores.astype("<f4").tobytes(),
            temporal=temporal.scores.astype("<f4").tobytes(),
            labels=spatial.labels.tolist(),
            classes=list(spatial.classes),
            cues=[spatial.groups.get(name, "") for name in spatial.classes],
            film=sheet.jpeg,
            clips_shown=shown,
            clip_frames=clip_frames,
            height_px=height_px,
            width_px=width_px,
            label=label,
            credit=credit,
            description=description or _describe(spatial, temporal, shown),
            weight=weight,
            average=average,
            clip=_first_dispute(spatial, temporal, shown) if clip is None else clip,
        )

    def fused(self) -> NDArray[np.float64]:
        """The weighted mean (M, K) for the present weight: of probabilities, or of raw scores."""
        shape = (len(self.labels), len(self.classes))
        streams = [
            np.frombuffer(scores, "<f4").reshape(shape).astype(np.float64)
            for scores in (self.spatial, self.temporal)
        ]
        if self.average == "probabilities":
            streams = [_softmax(scores) for scores in streams]
        return (1 - self.weight) * streams[0] + self.weight * streams[1]

    @traitlets.validate("weight")
    def _validate_weight(self, proposal: dict[str, Any]) -> float:
        weight = proposal["value"]
        step = round(weight * STEPS) if np.isfinite(weight) else -1
        if not 0 <= step <= STEPS or abs(step / STEPS - weight) > 1e-9:
            raise traitlets.TraitError(
                f"weight: expected 0 to 1 in steps of {1 / STEPS}, got {weight}"
            )
        return step / STEPS

    @traitlets.validate("clip")
    def _validate_clip(self, proposal: dict[str, Any]) -> int:
        return setting("clip", proposal["value"], 0, self.clips_shown - 1)


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    exponentials = np.exp(scores - scores.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def _check_size(stream: Evaluation) -> None:
    clips, classes = stream.scores.shape
    if (size := 2 * 4 * clips * classes) > MAX_SCORE_BYTES:
        raise ValueError(
            f"spatial: expected scores that fit, with the other stream's, in {MAX_SCORE_BYTES:,} "
            f"bytes, got {clips} clips of {classes} classes that take {size:,}. Give the first "
            f"{MAX_SCORE_BYTES // (8 * classes)} clips"
        )


def _check_frames(frames: NDArray[np.uint8], clips: int) -> None:
    shown, count, *_ = checks.frames("frames", frames, "N T H W 3").shape
    checks.integer("clips in frames", shown, 1, min(MAX_CLIPS_SHOWN, clips))
    checks.integer("frames of each clip", count, 1, MAX_CLIP_FRAMES)


def _first_dispute(spatial: Evaluation, temporal: Evaluation, shown: int) -> int:
    """The first clip shown on which exactly one stream is right; 0 if there is none."""
    right = [(s.scores.argmax(1) == s.labels)[:shown] for s in (spatial, temporal)]
    return int((right[0] != right[1]).argmax())


def _describe(spatial: Evaluation, temporal: Evaluation, shown: int) -> str:
    return (
        f"Two networks have classified the same {len(spatial.labels)} clips: a spatial stream, "
        f"right on {100 * spatial.accuracy:.1f} %, and a temporal stream, right on "
        f"{100 * temporal.accuracy:.1f} %. A slider sets the weight w of the temporal stream; "
        "the spatial stream has the rest, 1 − w. Bars show how many clips the weighted mean gets "
        "right, overall and by cue, with a mark for each stream alone, and curves show the same "
        f"for every weight. Below, {shown} single clips are right (solid border, tick) or wrong "
        "(dashed border, cross); a thin bar in each shows for which weights it is right, and the "
        "word “changed” marks those that the last move sent to the other side. Of the chosen clip "
        "a table shows what each stream and their mean give to the classes, and a bar shows at "
        "which weights the answer becomes another."
    )
