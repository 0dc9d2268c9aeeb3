"""The clip sampler: which frames of a real film a model is given, and for how many seconds.

The student moves T, the stride, the start, the way of choosing and the frame rate; the chosen
frames rise out of the filmstrip, with span and coverage bracketed, and play beside the film.
The front end repeats the arithmetic of :mod:`lecturekit.sampling` so that it also works with no
kernel; ``tests/site/explorers/test_clip_sampler.py`` holds the two equal.
"""

from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lecturekit import checks, sampling
from lecturekit.explorers import Explorer, setting, trait_errors
from lecturekit.explorers.kit import sheets

MODES = ("strided", "center", "segments", "multi_view")
POLICIES = ("loop", "clamp", "error")

MAX_NUM_FRAMES, MAX_STRIDE, MAX_CLIPS = 32, 16, 10
MAX_FILM_FRAMES = 256
# With base64's third on top, the page carries at most a third of a megabyte.
MAX_FILM_BYTES = 250_000
MAX_FPS = 1000


class ClipSampler(Explorer):
    """A filmstrip on which T, stride, start and frame rate choose a clip.

    Args:
        frames: uint8 RGB (T, H, W, 3), one shot of consecutive frames, at most 256; about
            90 px high is enough.
        fps: the film's own frame rate; the student may then ask "if it had been shot at …".
        label: accessible name.
        credit: the line to print under the film.
        description: text equivalent; by default one is written from the film's numbers.
        settings: first values of the traits below.
    """

    name: ClassVar[str] = "clip_sampler"

    film = traitlets.Bytes(help="All frames in one JPEG, each from a multiple of 16 px.").tag(
        sync=True
    )
    columns = traitlets.Int(help="Frames in one row of the JPEG.").tag(sync=True)
    video_frames = traitlets.Int(help="How many frames the film has.").tag(sync=True)
    height_px = traitlets.Int().tag(sync=True)
    width_px = traitlets.Int().tag(sync=True)
    focus_px = traitlets.Int(help="The column that a narrow slice of a frame shows.").tag(sync=True)
    film_fps = traitlets.Float(help="The film's own frame rate.").tag(sync=True)
    credit = traitlets.Unicode(help="Printed under the film.").tag(sync=True)

    num_frames = traitlets.Int(8, min=1, max=MAX_NUM_FRAMES, help="T").tag(sync=True)
    stride = traitlets.Int(4, min=1, max=MAX_STRIDE, help="tau").tag(sync=True)
    start = traitlets.Int(0, min=0, help="First frame, in mode 'strided'.").tag(sync=True)
    fps = traitlets.Float(25.0, help="The frame rate to suppose.").tag(sync=True)
    mode = traitlets.Enum(MODES, "strided").tag(sync=True)
    policy = traitlets.Enum(POLICIES, "loop", help="If the clip outruns the film.").tag(sync=True)
    clips = traitlets.Int(MAX_CLIPS, min=1, max=MAX_CLIPS, help="In mode 'multi_view'.").tag(
        sync=True
    )

    def __init__(
        self,
        frames: NDArray[np.uint8],
        *,
        fps: float,
        label: str,
        credit: str = "",
        description: str | None = None,
        **settings: Any,
    ) -> None:
        checks.frames("frames", frames)
        checks.integer("len(frames)", len(frames), 1, MAX_FILM_FRAMES)
        video_frames, height_px, width_px, _ = frames.shape
        film_fps = checks.number("fps", fps, 0, MAX_FPS)
        unknown = set(settings) - {"num_frames", "stride", "start", "mode", "policy", "clips"}
        if unknown:
            raise TypeError(f"ClipSampler has no argument {', '.join(sorted(unknown))}")
        film = sheets.jpeg_sheet("frames", frames, max_bytes=MAX_FILM_BYTES)
        super().__init__(
            film=film.jpeg,
            columns=film.columns,
            video_frames=video_frames,
            height_px=height_px,
            width_px=width_px,
            focus_px=_busiest_column(frames),
            film_fps=film_fps,
            fps=film_fps,
            label=label,
            credit=credit,
            description=description or _describe(video_frames, film_fps),
            **settings,
        )

    def indices(self) -> sampling.Indices:
        """Frame indices for the present settings: (T,), or (clips, T) in mode 'multi_view'.

        Raises:
            ValueError: policy is "error" and the clip outruns the film.
        """
        if self.mode == "segments":
            return sampling.uniform_segments(self.video_frames, self.num_frames)
        if self.mode == "multi_view":
            views = sampling.multi_view(
                self.video_frames,
                self.num_frames,
                self.stride,
                height=self.height_px,
                width=self.width_px,
                crop_size=min(self.height_px, self.width_px),
                clips=self.clips,
                crops=1,
                policy=self.policy,
            )
            return np.stack([view.indices for view in views])
        start = self.start
        if self.mode == "center":
            start = sampling.center_start(self.video_frames, self.num_frames, self.stride)
        wanted = sampling.strided_indices(self.num_frames, self.stride, start)
        return sampling.fit(wanted, self.video_frames, self.policy)

    @traitlets.validate("start")
    def _in_the_film(self, proposal: dict[str, Any]) -> int:
        return setting("start", proposal["value"], 0, self.video_frames - 1)

    @traitlets.validate("fps")
    def _a_rate(self, proposal: dict[str, Any]) -> float:
        with trait_errors():
            return checks.number("fps", proposal["value"], 0, MAX_FPS)


def _busiest_column(frames: NDArray[np.uint8]) -> int:
    """The column whose neighbourhood changes most over time: the one worth seeing in a slice."""
    change = frames.mean(axis=3).var(axis=0).mean(axis=0)
    width_px = len(change)
    window = min(max(width_px // 16, 1), width_px)
    return int(np.convolve(change, np.ones(window), mode="same").argmax())


def _describe(video_frames: int, fps: float) -> str:
    return (
        f"A filmstrip of {video_frames} consecutive frames, {video_frames / fps:.2f} seconds at "
        f"{fps:g} frames per second. The frames that the clip takes are outlined in the strip and "
        "raised above it, each drawn as wide as the stretch of film it stands for. One bracket "
        "marks the span, (T − 1) × τ + 1 frames from the first chosen frame to the last; another "
        "marks the coverage, T × τ frames, which is τ − 1 frames longer. Below, the film and the "
        "clip play at the same pace: the film changes picture at every frame, the clip at every "
        "τ-th. The readings under the controls say the same in numbers."
    )
