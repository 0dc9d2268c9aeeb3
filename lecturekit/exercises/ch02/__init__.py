"""Checks of chapter 2, clip sampling."""

import numpy as np

from lecturekit.exercises import Claim, Derivation, Exercise, Judgement, Misconception, Property
from lecturekit.exercises.ch02.crops import CROP_ONCE
from lecturekit.exercises.ch02.places import FAIR_STARTS, MIDDLE_CLIPS, is_whole


def _on_screen(got: np.ndarray, indices: np.ndarray, source_fps: int, target_fps: int) -> bool:
    # Frame g is on screen from g / target_fps up to (g + 1) / target_fps; the moments are
    # indices / source_fps. Multiplied out: whole numbers, no rounding.
    got, moments = np.asarray(got) * source_fps, np.asarray(indices) * target_fps
    return bool(np.all((got <= moments) & (moments < got + source_fps)))


SAME_MOMENTS = Exercise(
    name="same_moments",
    # Long runs of frames: through seconds a floating point number falls short of a whole one
    # here and there, at 30 → 25 first in frame 138, and so does i · (25 / 29).
    cases=[
        (8 * np.arange(8), 30, 25),
        (8 * np.arange(8), 25, 60),
        (3 + 4 * np.arange(5), 60, 24),
        (np.arange(7), 30, 30),
        (np.arange(2000), 30, 25),
        (np.arange(2000), 25, 29),
        (np.arange(2000), 50, 24),
    ],
    properties=[
        Property("as many frames as before", lambda got, i, *_: np.shape(got) == np.shape(i)),
        Property("whole numbers", lambda got, *_: is_whole(got)),
        Property("each frame is on screen at the old frame's moment", _on_screen),
    ],
    misconceptions=[
        Misconception(
            lambda indices, source_fps, target_fps: indices,
            "the same numbers are other moments: frame 30 is second 1.0 at 30 fps and second 1.2 "
            "at 25 fps.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: indices * source_fps // target_fps,
            "the ratio is upside down. Frames to seconds: divide by source_fps. Seconds to "
            "frames: multiply by target_fps.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: np.rint(indices * target_fps / source_fps),
            "rounded to the nearest frame: half of these have not been shown yet. A frame stays "
            "on screen until the next one, so round down.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: indices * target_fps / source_fps,
            "the place is right, but a frame index is a whole number. Round down.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: (indices / source_fps * target_fps).astype(int),
            "nearly: now and then one frame early. 138 / 30 × 25 is 115, but in floating point "
            "114.99999999999999, and cut off 114. Stay with whole numbers: multiply before you "
            "divide.",
        ),
        Misconception(
            lambda indices, source_fps, target_fps: indices * (target_fps // source_fps),
            "the ratio of the rates is cut to a whole number before it is used: 25 // 30 is 0.",
        ),
    ],
)

DRUM = Derivation(
    name="drum",
    answer=(4, 10, -1 / 3),
    tolerance=0.0102,  # −0.33 is a third to two digits
    statement="30 / 4 shows up to 3.75 hits per second, 30 / 10 is the rate itself, 3 − 30 / 9",
    slips=[
        (
            (5, 10, -1 / 3),
            "at stride 5 the limit is exactly 3 per second: forwards and backwards look the same.",
        ),
        (
            (9, 10, -1 / 3),
            "at stride 9 the clip still has more pictures than hits, but fewer than two for each: "
            "the motion runs backwards already.",
        ),
        (
            (4, 10, 1 / 3),
            "the size is right. The rate is 3 − 30 / 9, and 30 / 9 is more than 3.",
        ),
        (
            (4, 5, -1 / 3),
            "at stride 5 every second picture is alike, not every one: up, down, up, down.",
        ),
        ((4, 10, 3), "that is the true rate: at stride 9 the clip shows another one."),
        (
            (4, 10, 30 / 9),
            "that is how many pictures per second the clip has. The apparent rate is the true one "
            "less that.",
        ),
    ],
)


def _fold(turns_per_sec: float, repeat: float) -> float:
    """Into [-repeat / 2, repeat / 2)."""
    return (turns_per_sec + repeat / 2) % repeat - repeat / 2


def _fold_once(turns_per_sec: float, repeat: float) -> float:
    if turns_per_sec > repeat / 2:
        return turns_per_sec - repeat
    return turns_per_sec + repeat if turns_per_sec < -repeat / 2 else turns_per_sec


def _repeat(spokes: int, fps: float, stride: int) -> float:
    return fps / stride / spokes


def _near_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-4


APPARENT_TURNS = Exercise(
    name="apparent_turns",
    cases=[
        (1.0, 5, 25, 1),
        (4.5, 5, 25, 1),
        (1.0, 5, 25, 4),
        (0.25, 3, 30, 8),
        (2.0, 4, 24, 2),
        (-1.5, 4, 24, 2),
        (6.0, 5, 25, 1),
        (-4.5, 5, 25, 1),
        (100.5, 3, 30, 2),
    ],
    properties=[
        Property("a number", lambda got, *_: np.ndim(got) == 0 and np.isfinite(got)),
        Property(
            "at most half a spoke gap from one frame of the clip to the next",
            lambda got, f, n, fps, tau: abs(got) <= _repeat(n, fps, tau) / 2 + 1e-4,
        ),
        Property(
            "a whole number of spoke gaps per frame of the clip away from the true speed",
            lambda got, f, n, fps, tau: _near_whole((f - got) / _repeat(n, fps, tau)),
        ),
    ],
    misconceptions=[
        Misconception(
            lambda f, spokes, fps, stride: _fold(f, fps / spokes),
            "the clip does not show every frame: it shows fps / stride of them in a second.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: _fold(f, fps / stride),
            "you waited for a full turn. The wheel looks the same after 1 / spokes of a turn.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: f % _repeat(spokes, fps, stride),
            "never negative, so never backwards. Fold into −half … +half, not 0 … whole.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: abs(_fold(f, _repeat(spokes, fps, stride))),
            "the speed is right, the direction is lost: keep the sign.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: _fold_once(f, _repeat(spokes, fps, stride)),
            "one repeat is taken off, once. A fast wheel passes several spoke gaps between two "
            "frames of the clip, and a wheel may turn backwards too.",
        ),
        Misconception(
            lambda f, spokes, fps, stride: f,
            "that is the true speed. Between two frames of the clip you see the smallest turn "
            "that fits the pictures.",
        ),
    ],
)

_UNSEEN = 1 - 1 / 32

SHARE_SEEN = Derivation(
    name="share_seen",
    answer=(1 - _UNSEEN**30, 95),
    statement="1 − (31/32)^30 = 0.614; (31/32)^94 is above 0.05, (31/32)^95 below",
    slips=[
        (
            (30 / 32, 31),
            "both count a frame anew each time it is drawn anew: 30 draws of 32 frames do not show "
            "30 of them.",
        ),
        ((30 / 32, 95), "30 × 1/32 counts a frame again each time it is drawn again."),
        ((_UNSEEN**30, 95), "that share is still unseen."),
        ((1 - _UNSEEN**30, 94), "after 94 epochs 94.9 % are expected: not yet 95 %. Round up."),
        (
            (1 - (1 - 1 / 256) ** 30, 766),
            "one frame of each segment is drawn, so a frame's chance is one in the segment's "
            "length, not one in the film's.",
        ),
        ((1 - _UNSEEN**30, 31), "30.4 epochs would do if no frame came twice."),
    ],
)

CLIP_CLAIMS = Judgement(
    name="clip_claims",
    claims={
        "a": Claim(
            True,
            "the column “all” falls by far more than its spread over five seeds.",
            "compare the rows of stride 4 and stride 1, column “all”.",
        ),
        "b": Claim(
            False,
            "a balloon and an umbrella are told apart as before: the pictures are no harder.",
            "which cue needs only a picture? Look at its column.",
        ),
        "c": Claim(
            False,
            "ten views read ten clips and stay far behind: each view still sees a quarter of the "
            "action, and an average has no order.",
            "compare ten views at stride 1 with the row of stride 4 in the table above it.",
        ),
        "d": Claim(
            False,
            "these actions were made to fill their films. Where an action is short, a small stride "
            "may be the better one; one world of puppets cannot tell.",
            "what was built into these films, and would be otherwise in yours?",
        ),
        "e": Claim(
            True,
            "four models, and each gains, between 0.4 and 1.1 points, for three times the views.",
            "go through the rows of the X3D models one by one.",
        ),
    },
)

EXERCISES = [
    DRUM,
    SAME_MOMENTS,
    MIDDLE_CLIPS,
    APPARENT_TURNS,
    SHARE_SEEN,
    CROP_ONCE,
    FAIR_STARTS,
    CLIP_CLAIMS,
]
