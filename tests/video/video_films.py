"""What the tests of `lecturekit.video` share: what each sample film holds, other readers."""

import hashlib
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from lecturekit.video import stream

# Frames and rate by construction; "begins_inside_a_group" is what FFmpeg makes of it.
EXPECTED = {
    "b_frames.mp4": (37, 25.0, 48, 80),
    "b_frames.mkv": (37, 25.0, 48, 80),
    "fragmented.mp4": (37, 25.0, 48, 80),
    "open_gop.mp4": (37, 25.0, 48, 80),
    "open_gop.mkv": (37, 25.0, 48, 80),
    "intra_refresh.mp4": (37, 25.0, 48, 80),
    "hevc_open_gop.mp4": (37, 25.0, 48, 80),
    "hevc_intra_refresh.mkv": (37, 25.0, 48, 80),
    "all_marked_as_keyframes.mp4": (37, 25.0, 48, 80),
    "parameters_change.mp4": (37, 25.0, 48, 80),
    "mpeg2_open_gop.mkv": (37, 25.0, 48, 80),
    "mpeg2_open_gop.mpg": (37, 25.0, 48, 80),
    "av1.mp4": (37, 25.0, 48, 80),
    "variable_rate.mp4": (63, 20.0, 48, 80),
    "variable_rate.mkv": (63, 20.0, 48, 80),
    "same_time_stamps.mkv": (37, 3000.0, 48, 80),
    "odd_sides.mp4": (19, 25.0, 45, 79),
    "odd_sides.avi": (19, 25.0, 45, 79),
    "odd_sides.webm": (19, 25.0, 45, 79),
    "one_frame.mp4": (1, 25.0, 48, 80),
    "one_frame.mkv": (1, 25.0, 48, 80),
    "vp8.webm": (37, 25.0, 48, 80),
    "hidden_frame.webm": (36, 35 / 1.44, 48, 80),
    "no_time_stamps.avi": (37, 25.0, 48, 80),
    "to_a_pipe.avi": (37, 25.0, 48, 80),
    "vp8.ogv": (37, 25.0, 48, 80),
    "sorenson.flv": (37, 25.0, 48, 80),
    "to_a_pipe.flv": (37, 25.0, 48, 80),
    "wmv2.wmv": (37, 25.0, 48, 80),
    "palette.gif": (37, 25.0, 48, 80),
    "phone.3gp": (37, 25.0, 48, 80),
    "stream.ts": (37, 25.0, 48, 80),
    "camera.m2ts": (37, 25.0, 48, 80),
    "bt709.mp4": (37, 25.0, 48, 80),
    "turned_90.mp4": (37, 25.0, 80, 48),
    "turned_180.mp4": (37, 25.0, 48, 80),
    "turned_270.mp4": (37, 25.0, 80, 48),
    "mirrored.mp4": (37, 25.0, 48, 80),
    "transposed.mp4": (37, 25.0, 80, 48),
    "edit_list.mp4": (32, 25.0, 48, 80),
    "header_claims_90.avi": (19, 25.0, 45, 79),
    "begins_inside_a_group.mkv": (29, 25.0, 48, 80),
}


# Turned by us after decoding, so plain decoding gives other frames; what it must be turned by.
TURNS = {
    "turned_90.mp4": lambda frames: np.rot90(frames, -1, axes=(1, 2)),
    "turned_180.mp4": lambda frames: np.rot90(frames, 2, axes=(1, 2)),
    "turned_270.mp4": lambda frames: np.rot90(frames, 1, axes=(1, 2)),
    "mirrored.mp4": lambda frames: frames[:, :, ::-1],
    "transposed.mp4": lambda frames: frames.swapaxes(1, 2),
}


TRUNCATABLE = (
    *("b_frames.mp4", "b_frames.mkv", "odd_sides.avi", "odd_sides.webm", "sorenson.flv"),
    *("wmv2.wmv", "phone.3gp", "vp8.ogv", "palette.gif"),
)


MARK_THEIR_END = ("vp8.ogv", "palette.gif")  # and tell no size


def plain_decoding(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack(
            [
                frame.to_ndarray(format="rgb24", interpolation="BICUBIC")
                for frame in container.decode(video=0)
            ]
        )


def opencv_decoding(path: Path) -> np.ndarray:
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    return np.stack(frames)


def md5_of_frames(frames: np.ndarray) -> list[str]:
    return [hashlib.md5(np.ascontiguousarray(frame)).hexdigest() for frame in frames]


def largest_difference(one: np.ndarray, other: np.ndarray) -> int:
    assert one.shape == other.shape
    return int(cv2.absdiff(one, other).max())


def count_decodes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with each frame that is decoded."""
    decoded, plain_decode = [], stream.decode
    monkeypatch.setattr(
        stream,
        "decode",
        lambda *args: (decoded.append(1) or frame for frame in plain_decode(*args)),
    )
    return decoded


def error_text(error: type[Exception], call, *args, **kwargs) -> str:
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    return str(caught.value)
