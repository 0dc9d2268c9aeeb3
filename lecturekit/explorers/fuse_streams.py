"""Fuse the streams: one weight between two networks, and the clips that it sends from side to side.

The reader slides the weight of the temporal stream and sees accuracy move, overall and by cue,
and single clips turn right or wrong; of one clip both streams' answers are shown, and the weights
at which the fused answer becomes another. The front end repeats the fusion so that it also works
with no kernel; ``tests/site/test_fuse_streams.py`` holds the two equal.

Fusion by averaging the streams' softmax scores: Simonyan and Zisserman 2014, Sec. 2 and Table 4.
"""

from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lecturekit.evaluation import Evaluation
from lecturekit.explorers import Explorer
from lecturekit.explorers.pictures import jpeg_sheet

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
        settings: first values of ``weight``, ``average`` and ``clip``. By default the clip is the
            first on which one stream is right and the other is not.

    Raises:
        TypeError: spatial or temporal is no ``Evaluation``, or a setting is unknown.
        ValueError: the two are not of the same clips, or something does not fit in the page.
        traitlets.TraitError: a setting is out of range.
    """

    name: ClassVar[str] = "fuse_streams"
    parts: ClassVar[tuple[str, ...]] = (
        "fuse_streams_sums.js",
        "fuse_streams_bars.js",
        "fuse_streams_wall.js",
    )

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
        **settings: Any,
    ) -> None:
        unknown = set(settings) - {"weight", "average", "clip"}
        if unknown:
            raise TypeError(f"FuseStreams has no argument {', '.join(sorted(unknown))}")
        for name, stream in (("spatial", spatial), ("temporal", temporal)):
            _check_stream(name, stream)
        _check_same_clips(spatial, temporal)
        frames = _checked_frames(frames, len(spatial.labels))
        shown, clip_frames, height_px, width_px, _ = frames.shape
        settings.setdefault("clip", _first_dispute(spatial, temporal, shown))
        super().__init__(
            spatial=spatial.scores.astype("<f4").tobytes(),
            temporal=temporal.scores.astype("<f4").tobytes(),
            labels=spatial.labels.tolist(),
            classes=list(spatial.classes),
            cues=[spatial.groups.get(name, "") for name in spatial.classes],
            film=jpeg_sheet(
                "frames",
                frames.reshape(-1, *frames.shape[2:]),
                columns=frames.shape[1],
                max_bytes=MAX_FILM_BYTES,
            ),
            clips_shown=shown,
            clip_frames=clip_frames,
            height_px=height_px,
            width_px=width_px,
            label=label,
            credit=credit,
            description=description or _describe(spatial, temporal, shown),
            **settings,
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
                f"weight must be from 0 to 1 in steps of {1 / STEPS}; got {weight}"
            )
        return step / STEPS

    @traitlets.validate("clip")
    def _validate_clip(self, proposal: dict[str, Any]) -> int:
        if proposal["value"] >= self.clips_shown:
            raise traitlets.TraitError(
                f"clip must be one of those shown, 0 to {self.clips_shown - 1}; "
                f"got {proposal['value']}"
            )
        return proposal["value"]


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    exponentials = np.exp(scores - scores.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def _check_stream(name: str, stream: Evaluation) -> None:
    if not isinstance(stream, Evaluation):
        raise TypeError(
            f"{name} must be an evaluation.Evaluation, as evaluation.evaluate gives it; "
            f"got {type(stream).__name__}"
        )
    clips, classes = len(stream.labels), len(stream.classes)
    if stream.scores.shape != (clips, classes) or clips < 1 or classes < 2:
        raise ValueError(
            f"{name}: scores must be (clips, classes), at least 1 clip and 2 classes; got "
            f"{stream.scores.shape} with {clips} labels and {classes} classes"
        )
    broken = ~np.isfinite(stream.scores).all(1)
    if broken.any():
        raise ValueError(f"{name}: scores must be finite; those of clip {broken.argmax()} are not")
    if stream.labels.min() < 0 or stream.labels.max() >= classes:
        raise ValueError(
            f"{name}: labels must be from 0 to {classes - 1}; "
            f"got {stream.labels.min()} to {stream.labels.max()}"
        )
    if 2 * 4 * stream.scores.size > MAX_SCORE_BYTES:
        raise ValueError(
            f"{name}: the scores of both streams must fit in {MAX_SCORE_BYTES:,} bytes; {clips} "
            f"clips of {classes} classes take {2 * 4 * stream.scores.size:,}. Give the first "
            f"{MAX_SCORE_BYTES // (8 * classes)} clips"
        )


def _check_same_clips(spatial: Evaluation, temporal: Evaluation) -> None:
    """Raise ValueError that says what differs, unless the two can be of the same clips."""
    must = "spatial and temporal must be evaluations of the same clips"
    if spatial.classes != temporal.classes:
        raise ValueError(f"{must}: their classes are {spatial.classes} against {temporal.classes}")
    if len(spatial.labels) != len(temporal.labels):
        raise ValueError(
            f"{must}: they have {len(spatial.labels)} clips against {len(temporal.labels)}"
        )
    differ = spatial.labels != temporal.labels
    if differ.any():
        first = int(differ.argmax())
        raise ValueError(
            f"{must}: {differ.sum()} of {len(differ)} labels differ, the first at clip {first}: "
            f"{spatial.classes[spatial.labels[first]]!r} against "
            f"{spatial.classes[temporal.labels[first]]!r}"
        )
    for name in spatial.classes:
        cues = spatial.groups.get(name, ""), temporal.groups.get(name, "")
        if cues[0] != cues[1]:
            raise ValueError(
                f"{must}: the cue of {name!r} is {cues[0]!r} against {cues[1]!r} in groups"
            )


def _checked_frames(frames: NDArray[np.uint8], clips: int) -> NDArray[np.uint8]:
    """The frames, if they are clips to show."""
    shape = getattr(frames, "shape", None)
    dtype = getattr(frames, "dtype", None)
    if dtype != np.uint8 or len(shape) != 5 or shape[4] != 3 or min(shape) < 1:
        got = f"{dtype} {shape}" if shape is not None else type(frames).__name__
        raise ValueError(f"frames must be uint8 (N, T, H, W, 3) RGB, none of them 0; got {got}")
    if shape[0] > min(MAX_CLIPS_SHOWN, clips):
        raise ValueError(
            f"frames must be the first clips of the {clips} evaluated, at most "
            f"{MAX_CLIPS_SHOWN}; got {shape[0]}"
        )
    if shape[1] > MAX_CLIP_FRAMES:
        raise ValueError(
            f"frames must have at most {MAX_CLIP_FRAMES} frames of each clip; got {shape[1]}"
        )
    return np.asarray(frames)


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
