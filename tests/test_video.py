"""lecturekit.video against FFmpeg's own plain decoding, OpenCV and Pillow, on nasty films."""

import hashlib
import inspect
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import video_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lecturekit import assets, video
from lecturekit.video import codecs, index, reading, stream, writing

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


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return samples.make_films(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="session")
def whole(films: dict[str, Path]) -> dict[str, np.ndarray]:
    return {name: video.read_frames(path) for name, path in films.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which a failed write may leave nothing."""
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


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


# --- what is read -------------------------------------------------------------------------------


def test_every_film_has_an_expectation(films):
    assert set(films) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_probe(films, name):
    num_frames, fps, height, width = EXPECTED[name]
    assert video.probe(films[name]) == video.VideoInfo(
        num_frames, fps, height, width, pytest.approx(num_frames / fps)
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_all_frames_are_those_of_plain_decoding(films, whole, name):
    expected = TURNS.get(name, lambda frames: frames)(plain_decoding(films[name]))
    assert whole[name].dtype == np.uint8
    assert md5_of_frames(whole[name]) == md5_of_frames(expected)


# OpenCV applies quarter turns by itself, and ignores mirrors; its FFmpeg has no decoder for AV1.
OPENCV_CANNOT = {"mirrored.mp4", "transposed.mp4", "av1.mp4"}


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - OPENCV_CANNOT))
def test_opencv_sees_the_same_pictures(films, whole, name):
    # Its FFmpeg, of another version, may round the conversion to RGB differently.
    assert largest_difference(whole[name], opencv_decoding(films[name])) <= 3


@pytest.mark.parametrize("name", EXPECTED)
def test_each_frame_alone_is_the_frame_in_the_whole(films, whole, name):
    wrong = [
        k
        for k in range(len(whole[name]))
        if not np.array_equal(video.read_frames(films[name], [k])[0], whole[name][k])
    ]
    assert wrong == []


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_indices_in_any_order_with_repeats(films, whole, data):
    name = data.draw(st.sampled_from(sorted(EXPECTED)))
    indices = data.draw(st.lists(st.integers(0, EXPECTED[name][0] - 1), max_size=9))
    frames = video.read_frames(films[name], indices)
    assert np.array_equal(frames, whole[name][np.array(indices, int)])


@pytest.mark.parametrize("name", ["bikes", "carphone"])
def test_real_films(name):
    path = assets.path(name)
    plain = plain_decoding(path)
    assert video.probe(path).num_frames == len(plain)
    random = np.random.default_rng(0)
    for start in random.integers(0, len(plain) - 29, 4):
        clip = np.arange(start, start + 29, 4)
        assert np.array_equal(video.read_frames(path, clip), plain[clip])
    scattered = random.integers(0, len(plain), 12)
    assert np.array_equal(video.read_frames(path, scattered), plain[scattered])


# What reading by seeking rests on: from an entry on, all frames come out, and right.
@pytest.mark.parametrize("name", ["b_frames.mp4", "hevc_open_gop.mp4", "edit_list.mp4"])
def test_ffmpeg_started_at_an_entry_gives_the_right_frames(films, whole, name):
    found = index.index_of(films[name])
    assert len(found.entries) >= 4
    for entry in found.entries:
        with av.open(str(films[name])) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
            start = next(k for k, packet in enumerate(packets) if packet.pts == entry.pts)
            decoded = {}
            for packet in packets[start:]:
                for frame in packet.decode():
                    decoded[frame.pts] = frame.to_ndarray(format="rgb24", interpolation="BICUBIC")
            for frame in container.streams.video[0].decode(None):
                decoded[frame.pts] = frame.to_ndarray(format="rgb24", interpolation="BICUBIC")
        for k in range(entry.frame, len(found.times)):
            assert np.array_equal(decoded[found.times[k]], whole[name][k])


def test_a_recovery_point_is_no_entry(tmp_path):
    """Started at one, FFmpeg gives frames 89 and 169 that are off by up to 255 levels."""
    path = samples.refreshed_test_pattern(tmp_path / "refreshed.mp4")
    with av.open(str(path)) as container:
        marked = [p.is_keyframe for p in container.demux(video=0) if p.size]
    assert sum(marked) > 10
    frames = video.read_frames(path)
    assert md5_of_frames(frames) == md5_of_frames(plain_decoding(path))
    for k in (89, 169, 90, 199, 10):
        assert np.array_equal(video.read_frames(path, [k])[0], frames[k])
    assert np.array_equal(video.read_frames(path, [169, 89]), frames[[169, 89]])


@pytest.mark.parametrize(
    ("codec", "units", "expected"),
    [
        ("h264", [0x67, 0x68, 0x65], True),  # SPS, PPS, IDR
        ("h264", [0x06, 0x41], False),  # SEI (perhaps a recovery point), a slice of another picture
        ("h264", [0x09, 0x65, 0x65], True),
        ("h264", [0x67, 0x6F, 0x65], None),  # a parameter set that the header does not hold
        ("hevc", [0x46, 0x2A], True),  # access unit, CRA
        ("hevc", [0x4E, 0x26], True),  # SEI, IDR
        ("hevc", [0x4E, 0x02], False),  # SEI, trailing picture
        ("hevc", [0x20], None),  # broken link: what is shown before it is left out
        ("hevc", [0x02, 0x48], None),  # the end of a sequence: so it is for the next CRA
    ],
)
def test_where_decoding_may_start(codec, units, expected):
    """By the first byte of each NAL unit: ISO 14496-10, table 7-1; ISO 23008-2, table 7-1."""
    header = {"h264": b"\1abc\xff" + b"\x67xx\x68xx", "hevc": b"\1" + bytes(20) + b"\xff"}[codec]
    packet = b"".join((3).to_bytes(4) + bytes([unit]) + b"xx" for unit in units)
    assert codecs.rules_of(codec, header).is_entry(memoryview(packet)) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("b_frames.mp4", [0, 12, 24, 36]),
        ("all_marked_as_keyframes.mp4", [0, 12, 24, 36]),
        ("hevc_open_gop.mp4", None),
        ("open_gop.mp4", [0]),
        ("intra_refresh.mp4", [0]),
        ("parameters_change.mp4", []),
        ("begins_inside_a_group.mkv", []),
        ("vp8.webm", []),
    ],
)
def test_entries(films, name, expected):
    entries = [entry.frame for entry in index.index_of(films[name]).entries]
    assert entries == expected if expected is not None else len(entries) >= 4


def test_far_frames_are_reached_by_seeking(monkeypatch):
    path = assets.path("bikes")
    decoded = count_decodes(monkeypatch)
    # Keyframes at 0, 30, 76, 137, 187, 242: one restart, few frames decoded.
    video.read_frames(path, [245, 81])
    assert len(decoded) <= 6 + 4
    # No picture refers to about half of the rest, which need not be decoded.
    decoded.clear()
    video.read_frames(path, range(80, 109, 4))
    assert len(decoded) < 0.8 * (109 - 76)


def test_films_are_nasty_as_named(films):
    """The samples hold what their names say; OpenCV's count shows that headers lie."""
    claimed = {
        name: cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT)
        for name, path in films.items()
    }
    assert claimed["header_claims_90.avi"] == 90
    assert claimed["variable_rate.mkv"] == 94
    with av.open(str(films["b_frames.mp4"])) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        assert [p.pts for p in packets] != sorted(p.pts for p in packets)
    with av.open(str(films["open_gop.mp4"])) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        key = next(k for k, p in enumerate(packets) if k and p.is_keyframe)
        assert packets[key + 1].pts < packets[key].pts
    with av.open(str(films["edit_list.mp4"])) as container:
        assert sum(p.is_discard for p in container.demux(video=0)) == 5


def test_colour_tags_are_followed(films, whole, tmp_path):
    assert largest_difference(whole["bt709.mp4"], whole["b_frames.mp4"]) > 10
    flat = np.full((1, 32, 48, 3), (200, 60, 90), np.uint8)
    path = samples.encode(tmp_path / "flat.mp4", flat, colorspace=1)
    with av.open(str(path)) as container:
        planes = next(container.decode(video=0)).to_ndarray(channel_last=True)
        y, u, v = (float(planes.reshape(-1)[at]) for at in (0, 32 * 48, 32 * 48 * 5 // 4))
    # ITU-R BT.709, narrow range, by hand.
    luma = (y - 16) / 219
    red = luma + 1.5748 * (v - 128) / 224
    blue = luma + 1.8556 * (u - 128) / 224
    green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152
    expected = np.array([red, green, blue]) * 255
    assert np.abs(video.read_frames(path) - expected).max() < 3


# --- how it is asked for ------------------------------------------------------------------------


def test_indices_of_any_kind_of_integers(films, whole):
    path, frames = films["b_frames.mp4"], whole["b_frames.mp4"]
    for indices in (np.array([7, 3], np.uint8), (7, 3), range(7, 2, -4), iter([7, 3])):
        assert np.array_equal(video.read_frames(path, indices), frames[[7, 3]])
    assert np.array_equal(video.read_frames(str(path), [7]), frames[[7]])


def test_no_indices_give_no_frames(films):
    assert video.read_frames(films["odd_sides.mp4"], []).shape == (0, 45, 79, 3)
    assert video.read_frames(films["turned_90.mp4"], [], size=(20, 10)).shape == (0, 20, 10, 3)


# Pillow filters RGB, swscale the film's YUV, which often has half the colour resolution.
@pytest.mark.parametrize(("name", "tolerance"), [("odd_sides.mp4", 1), ("turned_90.mp4", 6)])
@pytest.mark.parametrize("size", [(17, 30), (31, 16), (96, 200)])
def test_size_is_antialiased_bicubic(films, whole, name, tolerance, size):
    frames = video.read_frames(films[name], [5, 2], size=size)
    assert frames.shape == (2, *size, 3)
    for frame, original in zip(frames, whole[name][[5, 2]], strict=True):
        expected = Image.fromarray(original).resize(size[::-1], Image.Resampling.BICUBIC)
        assert np.abs(frame.astype(int) - np.asarray(expected, int)).mean() < tolerance


def test_size_keeps_the_resolution_of_colours(films, whole):
    frame = video.read_frames(films["odd_sides.avi"], [5], size=(31, 16))[0]
    expected = Image.fromarray(whole["odd_sides.avi"][5]).resize((16, 31), Image.Resampling.BICUBIC)
    assert np.abs(frame.astype(int) - np.asarray(expected, int)).mean() < 3


def test_a_fine_pattern_shrinks_to_its_mean(tmp_path):
    checkers = (np.indices((64, 96)).sum(axis=0) % 2 * 255).astype(np.uint8)
    video.write_video(tmp_path / "checkers.mp4", np.stack([checkers] * 3, axis=2)[None], 5)
    small = video.read_frames(tmp_path / "checkers.mp4", size=(16, 24))
    assert np.abs(small[:, 2:-2, 2:-2].astype(int) - 127).max() < 12


def test_a_film_that_changes_is_scanned_again(films, tmp_path):
    path = tmp_path / "film.mp4"
    assert films["edit_list.mp4"].stat().st_size == films["b_frames.mp4"].stat().st_size
    for name in ("b_frames.mp4", "edit_list.mp4"):
        path.write_bytes(films[name].read_bytes())
        assert video.probe(path).num_frames == EXPECTED[name][0]


def _read_and_count_threads(path: str) -> tuple[bytes, int]:
    with stream.opened(Path(path)) as (_, opened):
        return video.read_frames(path, [9, 4]).tobytes(), opened.thread_count


def test_worker_processes_read_the_same_with_one_thread(films, whole):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        frames, threads = pool.apply(_read_and_count_threads, (str(films["b_frames.mp4"]),))
    assert frames == whole["b_frames.mp4"][[9, 4]].tobytes()
    assert threads == 1


@pytest.mark.parametrize("name", ["b_frames.mp4", "open_gop.mp4", "vp8.webm", "turned_90.mp4"])
def test_each_frame_is_the_whole_film_decoded_once(films, whole, monkeypatch, name):
    found = index.index_of(films[name])
    decoded = count_decodes(monkeypatch)
    frames = list(video.each_frame(films[name]))
    assert np.array_equal(np.stack(frames), whole[name])
    assert all(frame.flags.c_contiguous for frame in frames)
    assert len(decoded) == len(found.times)
    assert next(video.each_frame(films[name], size=(10, 16))).shape == (10, 16, 3)


def test_each_frame_refuses_what_read_frames_refuses(films, tmp_path):
    assert "nothing there" in error_text(FileNotFoundError, list, video.each_frame(tmp_path / "no"))
    text = error_text(ValueError, list, video.each_frame(films["b_frames.mp4"], size=(0, 5)))
    assert text == "size: expected (height, width) in pixels, 1 or more, got (0, 5)"


def test_recordings_joined_end_to_end(tmp_path):
    """Their time stamps start again: neither a longer nor a faster film."""
    parts = [
        samples.encode(tmp_path / f"{k}.ts", samples.moving_blocks(50, 48, 80, k)) for k in range(2)
    ]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert video.probe(joined) == video.VideoInfo(100, 25.0, 48, 80, 4.0)
    expected = np.concatenate([video.read_frames(part) for part in parts])
    assert np.array_equal(video.read_frames(joined), expected)
    assert np.array_equal(video.read_frames(joined, [70, 20]), expected[[70, 20]])


@pytest.mark.parametrize("start_sec", [0, 1, 3600])
def test_the_rate_passes_over_the_step_to_the_next_recording(start_sec):
    """As where the second begins an hour later; a variable rate stays a mean."""
    second = [start_sec * 1000 + 20 * k for k in range(50)]
    times = [20 * k for k in range(50)] + second
    fps = index._rate(times, Fraction(30), Fraction(1, 1000), may_restart=True)
    assert fps == {0: 50, 1: 50, 3600: 50}[start_sec]
    assert index._rate([0, 20, 100], Fraction(30), Fraction(1, 1000), may_restart=True) == 20


def test_words_in_a_film_may_be_in_any_encoding(tmp_path):
    frames = samples.moving_blocks(5, 48, 80)
    for suffix in (".mp4", ".mkv", ".avi", ".flv"):
        path = samples.encode(tmp_path / f"film{suffix}", frames, title="A cafe in summer")
        expected = video.read_frames(path)
        data = path.read_bytes()
        assert b"A cafe" in data
        path.write_bytes(data.replace(b"A cafe", b"A caf\xe9"))
        assert np.array_equal(video.read_frames(path), expected)


ONE = samples.ONE


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((0, 0, 0, 0), lambda x: x),
        ((ONE, 0, 0, 0), lambda x: x),
        ((2 * ONE, 0, 0, 2 * ONE), lambda x: x),
        ((ONE // 2, 0, 0, ONE), lambda x: x),
        ((0, 2 * ONE, -ONE, 0), lambda x: np.rot90(x, -1, axes=(1, 2))),
        ((ONE + 1, 0, 0, ONE - 1), lambda x: x),
        ((1, ONE, -ONE, 1), lambda x: np.rot90(x, -1, axes=(1, 2))),
        ((-ONE, 1, -1, -ONE), lambda x: np.rot90(x, 2, axes=(1, 2))),
        ((-1, -ONE, ONE, -1), lambda x: np.rot90(x, 1, axes=(1, 2))),
        ((-3 * ONE, 5, 7, 2 * ONE), lambda x: x[:, :, ::-1]),
        ((ONE, 0, 0, -ONE), lambda x: x[:, ::-1]),
        ((0, -ONE, -ONE, 0), lambda x: x[:, ::-1, ::-1].swapaxes(1, 2)),
        ((65526, 1132, -1132, 65526), lambda x: x),  # by 0.99 degrees
        ((-(2**31), 0, 0, -(2**31)), lambda x: np.rot90(x, 2, axes=(1, 2))),
    ],
)
def test_display_matrices_as_ffmpeg_shows_them(films, whole, tmp_path, matrix, shown):
    """What the ffmpeg program, version 5.1, makes of each: its frames were compared once."""
    path = samples.with_display_matrix(films["b_frames.mp4"], tmp_path / "turned.mp4", *matrix)
    expected = shown(whole["b_frames.mp4"])
    assert np.array_equal(video.read_frames(path), expected)
    info = video.probe(path)
    assert (info.height, info.width) == expected.shape[1:3]


# --- what cannot be read ------------------------------------------------------------------------


@pytest.mark.parametrize("read", [video.probe, video.read_frames])
def test_unreadable_paths(tmp_path, read):
    text = error_text(FileNotFoundError, read, tmp_path / "none.mp4")
    assert "none.mp4: expected a video file, got nothing there" in text
    text = error_text(IsADirectoryError, read, tmp_path)
    assert f"{tmp_path}: expected a video file, got a folder" in text
    (tmp_path / "empty.mp4").touch()
    text = error_text(video.VideoError, read, tmp_path / "empty.mp4")
    assert "empty.mp4: expected a video, got an empty file" in text


@pytest.mark.parametrize("read", [video.probe, video.read_frames])
def test_files_that_are_no_video(tmp_path, read):
    Image.new("RGB", (8, 6)).save(tmp_path / "picture.png")
    # FFmpeg by itself shows text files as films, and follows playlists to other files.
    (tmp_path / "notes.txt").write_text("not a film\n" * 99)
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nb.ts\n#EXT-X-ENDLIST\n")
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    for path in sorted(tmp_path.iterdir()):
        text = error_text(video.VideoError, read, path)
        assert f"{path}: expected a video that decodes, got: " in text
    text = error_text(video.VideoError, read, samples.sound_only(tmp_path / "sound.m4a"))
    assert "sound.m4a: expected a video stream, got sound only" in text


@pytest.mark.parametrize("name", TRUNCATABLE)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.97])
def test_truncated_films_are_refused(films, tmp_path, name, part):
    data = films[name].read_bytes()
    path = tmp_path / f"cut_{name}"
    path.write_bytes(data[: int(part * len(data))])
    for read in (video.probe, video.read_frames, lambda path: video.read_frames(path, [0])):
        text = error_text(video.VideoError, read, path)
        assert f"{path}: truncated: expected " in text
        if name in MARK_THEIR_END:
            assert f"the mark of its end, got {int(part * len(data))} bytes without it" in text
        else:
            assert f" bytes or more, got {int(part * len(data))}" in text


def test_a_film_truncated_between_two_frames_is_refused(films, tmp_path):
    """Plain decoding ends early and quietly there: nothing in the packets says it."""
    path = tmp_path / "cut.mp4"
    samples.encode(
        path,
        samples.moving_blocks(37, 48, 80),
        container_options={"movflags": "+faststart"},
    )
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        end = packets[20].pos + packets[20].size
    path.write_bytes(path.read_bytes()[:end])
    assert len(plain_decoding(path)) < 37
    assert "truncated" in error_text(video.VideoError, video.read_frames, path)


def test_a_box_without_a_size_hides_no_truncation(tmp_path):
    """A size of 0 means: to the end of the file. MP4's index still tells where pictures lie."""
    path = tmp_path / "film.mp4"
    fast = {"movflags": "+faststart"}
    samples.encode(path, samples.moving_blocks(37, 48, 80), container_options=fast)
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat")
    data[at - 4 : at] = bytes(4)
    path.write_bytes(data)
    assert video.probe(path).num_frames == 37
    path.write_bytes(data[: len(data) * 3 // 4])
    assert "truncated: expected" in error_text(video.VideoError, video.read_frames, path)


def test_a_long_avi_is_several_parts(films, tmp_path):
    """OpenDML: after the first gigabyte another RIFF begins; a part may lack its last bytes."""
    path, data = tmp_path / "long.avi", films["odd_sides.avi"].read_bytes()
    part = b"RIFF" + (4096).to_bytes(4, "little") + b"AVIX" + bytes(4092)
    path.write_bytes(data + part)
    assert video.probe(path).num_frames == 19
    path.write_bytes(data + part[:-1])
    assert "truncated: expected" in error_text(video.VideoError, video.probe, path)


@pytest.mark.parametrize("size_bytes", [4, 5, 8])
def test_matroska_writes_sizes_of_any_length(films, tmp_path, size_bytes):
    data = films["b_frames.mkv"].read_bytes()
    at = data.index(b"\x18\x53\x80\x67") + 4
    body = data[at + 8 :]
    field = (len(body) | 1 << 7 * size_bytes).to_bytes(size_bytes)
    path = tmp_path / "film.mkv"
    path.write_bytes(data[:at] + field + body)
    assert video.probe(path).num_frames == 37
    path.write_bytes((data[:at] + field + body)[:-9])
    assert "truncated: expected" in error_text(video.VideoError, video.probe, path)


SEEDS = range(60)


def damaged(data: bytes, random: np.random.Generator) -> bytes:
    """A film with bytes changed, taken out, doubled or cut off."""
    data, at = bytearray(data), int(random.integers(len(data)))
    length = int(random.choice([1, 8, 188, 1000]))
    match random.integers(5):
        case 0:
            for place in random.integers(len(data), size=length % 50 + 1):
                data[place] = random.integers(256)
        case 1:
            data[at : at + length] = random.bytes(length)
        case 2:
            del data[at : at + length]
        case 3:
            data[at:at] = data[at : at + length]
        case 4:
            for place in random.integers(min(len(data), 900), size=3):
                data[place] = random.integers(256)
    return bytes(data)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_film_gives_a_video_error_or_its_frames(films, tmp_path, seed):
    """Frames read alone are those of the whole read; errors are of one kind and name the film."""
    random = np.random.default_rng(seed)
    name = random.choice(sorted(films))
    path = tmp_path / f"damaged_{name}"
    path.write_bytes(damaged(films[name].read_bytes(), random))
    try:
        frames = video.read_frames(path)
    except video.VideoError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert refused.startswith(f"{path}: ")
        return
    assert video.probe(path).num_frames == len(frames)
    for k in random.integers(len(frames), size=3):
        assert np.array_equal(video.read_frames(path, [k])[0], frames[k])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(5, "Input/output error"), "Input/output error"),
        (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "no"), "'utf-8' codec can't decode"),
        (MemoryError(), "MemoryError"),
        (ZeroDivisionError("no rate"), "no rate"),
    ],
)
def test_every_failure_names_the_film(films, tmp_path, monkeypatch, error, reason):
    path = tmp_path / "film.mp4"
    path.write_bytes(films["b_frames.mp4"].read_bytes())

    def fail(*_: object, **__: object) -> None:
        raise error

    def fails() -> bool:
        text = error_text(video.VideoError, video.read_frames, path)
        return text.startswith(f"{path}: expected ") and reason in text

    with monkeypatch.context() as patch:
        patch.setattr(stream.av, "open", fail)
        assert fails()
    video.probe(path)
    monkeypatch.setattr(reading, "to_rgb", fail)
    assert fails()


def test_places_that_hold_no_film(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    text = error_text(video.VideoError, video.read_frames, tmp_path / "pipe.mp4")
    assert text == f"{tmp_path / 'pipe.mp4'}: expected a video file, got a pipe or a device"
    text = error_text(video.VideoError, video.read_frames, tmp_path / ("n" * 300))
    assert text.endswith("expected a video file, got: File name too long")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_film_is_told_by_what_is_in_it(films, tmp_path, name):
    path = tmp_path / "without_suffix"
    path.write_bytes(films[name].read_bytes())
    assert video.is_film(path)


def test_what_is_no_film(films, tmp_path):
    Image.new("RGB", (8, 6)).save(tmp_path / "picture.png")
    Image.new("RGB", (8, 6)).save(tmp_path / "picture.avif")
    (tmp_path / "app.ts").write_text("const G: string = 'GGGG';\n" * 200)
    (tmp_path / "genes.fasta").write_text("G" * 9000)
    (tmp_path / "the.txt").write_text("The free encyclopaedia")
    (tmp_path / "noise").write_bytes(np.random.default_rng(0).bytes(9000))
    (tmp_path / "empty").touch()
    (tmp_path / "flow.npz").write_bytes(b"PK\3\4" + bytes(900))
    samples.sound_only(tmp_path / "sound.m4a")
    assert [path.name for path in tmp_path.iterdir() if video.is_film(path)] == []
    (tmp_path / "cut.mp4").write_bytes(films["b_frames.mp4"].read_bytes()[:900])
    assert video.is_film(tmp_path / "cut.mp4")
    with pytest.raises(FileNotFoundError):
        video.is_film(tmp_path / "none")


def test_damage_inside_never_shifts_frames(films, whole, tmp_path):
    path = tmp_path / "damaged.mp4"
    data = bytearray(films["b_frames.mp4"].read_bytes())
    with av.open(str(films["b_frames.mp4"])) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        place = [(p.pos, p.size) for p in packets if p.is_keyframe][1]
    data[place[0] : place[0] + place[1]] = bytes(place[1])
    path.write_bytes(data)
    assert f"{path}: expected" in error_text(video.VideoError, video.read_frames, path)
    healthy = [30, 2, 36]
    assert np.array_equal(video.read_frames(path, healthy), whole["b_frames.mp4"][healthy])


def test_damage_that_ffmpeg_reports_is_not_passed_on(films, tmp_path):
    path = tmp_path / "damaged.mp4"
    healthy = films["b_frames.mp4"].read_bytes()
    with av.open(str(films["b_frames.mp4"])) as container:
        packets = [p for p in container.demux(video=0) if p.size and not p.is_keyframe]
    # What a wrong bit does depends on the encoder: go on to the first damage that is reported.
    for packet in packets:
        place = packet.pos + packet.size * 3 // 10
        data = bytearray(healthy)
        data[place : place + 8] = bytes(byte ^ 0x5A for byte in data[place : place + 8])
        path.write_bytes(data)
        if (corrupt := first_corrupt(path)) is not None:
            break
    text = error_text(video.VideoError, video.read_frames, path)
    assert text == f"{path}: expected frame {corrupt} to decode, got a damaged film"


def first_corrupt(path):
    """Which frame FFmpeg says is damaged; None if it says so of none, or stops before."""
    with av.open(str(path)) as container, suppress(av.error.FFmpegError):
        for k, frame in enumerate(container.decode(video=0)):
            if frame.is_corrupt:
                return k
    return None


def test_a_damaged_picture_never_shows_what_lay_in_memory(tmp_path):
    """Of M-JPEG, FFmpeg marks no frame as damaged, and leaves the rest of it as it found it."""
    path, frames = tmp_path / "film.avi", samples.moving_blocks(6, 48, 80)
    samples.encode(path, frames, codec="mjpeg", pix_fmt="yuvj420p", options={"q": "2"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(video=0) if p.size][3]
        at = packet.pos + packet.size // 2
    data[at : at + 64] = b"\xff\xd9" * 32  # the end of a picture, in its middle
    path.write_bytes(data)
    assert first_corrupt(path) is None
    assert len(plain_decoding(path)) == 6
    assert f"{path}: expected" in error_text(video.VideoError, video.read_frames, path)
    assert f"{path}: expected" in error_text(video.VideoError, video.read_frames, path, [3])


def test_where_damage_was_found_one_thread_decodes(films):
    """What FFmpeg paints over a damaged place else depends on which thread is faster."""
    with stream.opened(films["b_frames.mp4"], lenient=True) as (_, opened):
        assert opened.thread_count == 1
    with stream.opened(films["b_frames.mp4"]) as (_, opened):
        assert opened.thread_count == 0  # as many as there are cores


def test_frames_of_two_sizes(tmp_path):
    small, large = (
        samples.encode(tmp_path / f"{height}.ts", samples.moving_blocks(6, height, 64))
        for height in (32, 48)
    )
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    text = error_text(video.VideoError, video.read_frames, both)
    assert f"{both}: expected all frames (32, 64), got (48, 64); pass size" in text
    assert video.read_frames(both, size=(24, 40)).shape == (12, 24, 40, 3)


def test_a_slanted_picture_is_refused(films, tmp_path):
    path = tmp_path / "slanted.mp4"
    data = bytearray(films["turned_90.mp4"].read_bytes())
    at = data.index(b"tkhd") + 44
    data[at : at + 4] = (40000).to_bytes(4)
    path.write_bytes(data)
    assert "expected quarter turns and mirrors" in error_text(
        video.VideoError, video.read_frames, path
    )


@pytest.mark.parametrize(("index", "got"), [(-1, "-1"), (37, "37"), (10**30, str(10**30))])
def test_indices_outside(films, index, got):
    text = error_text(IndexError, video.read_frames, films["b_frames.mp4"], [3, index])
    assert text == f"{films['b_frames.mp4']}: expected indices from 0 to 36, got {got}"


@pytest.mark.parametrize("indices", [[1.0], ["1"], [None], [True, False], 3, np.array([0.5])])
def test_indices_that_are_no_integers(films, indices):
    text = error_text(TypeError, video.read_frames, films["b_frames.mp4"], indices)
    assert text.startswith("indices: expected a sequence of integers, got ")


def test_wrong_sizes(films):
    path = films["b_frames.mp4"]
    for size in [(0, 5), (5, -1), (5,), (5, 5, 3)]:
        text = error_text(ValueError, video.read_frames, path, size=size)
        assert text == f"size: expected (height, width) in pixels, 1 or more, got {size}"
    for size in [(1.5, 2), "ab", 7]:
        text = error_text(TypeError, video.read_frames, path, size=size)
        assert text.startswith("size: expected a sequence of integers, got ")


# --- what is written ----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".MP4"])
@pytest.mark.parametrize("shape", [(7, 48, 80), (5, 45, 79), (4, 46, 79), (1, 2, 2), (3, 1, 5)])
def test_written_films_come_back(tmp_path, suffix, shape):
    path = tmp_path / f"film{suffix}"
    video.write_video(path, samples.moving_blocks(*shape), 12.5)
    info = video.probe(path)
    assert (info.num_frames, info.height, info.width, info.fps) == (*shape, 12.5)
    assert video.read_frames(path).shape == (*shape, 3)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_written_frames_look_like_the_frames(tmp_path):
    frames = video.read_frames(assets.path("bikes"), range(12))
    video.write_video(tmp_path / "film.mp4", frames, 25)
    error = (video.read_frames(tmp_path / "film.mp4").astype(float) - frames) ** 2
    assert 10 * np.log10(255**2 / error.mean()) > 35  # dB
    # With more threads x264 codes otherwise on another machine; it notes its settings in the film.
    assert b" threads=1 " in (tmp_path / "film.mp4").read_bytes()
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert container.streams.video[0].codec_context.name == "h264"
        frame = next(container.decode(video=0))
        # BT.601 (5 or 6, the same matrix), narrow range: ITU-T H.273, tables 4 and 5.
        assert frame.colorspace in (5, 6)
        assert frame.color_range == 1
    assert (
        largest_difference(
            video.read_frames(tmp_path / "film.mp4"), opencv_decoding(tmp_path / "film.mp4")
        )
        <= 3
    )


@settings(deadline=None, max_examples=25)
@given(
    fps=st.one_of(
        st.sampled_from([24000 / 1001, 30000 / 1001, 60000 / 1001, 23.976, 1 / 3, 0.001, 1000]),
        st.integers(1, 240),
        st.floats(1, 240).map(lambda rate: round(rate, 3)),
    ),
    suffix=st.sampled_from([".mp4", ".mkv"]),
)
def test_rate_comes_back(tmp_path_factory, fps, suffix):
    path = tmp_path_factory.mktemp("rate") / f"film{suffix}"
    video.write_video(path, samples.moving_blocks(3, 16, 24), fps)
    # FFmpeg reads Matroska's rate as a fraction of numbers up to 30,000.
    assert video.probe(path).fps == pytest.approx(fps, rel=1e-4 if suffix == ".mkv" else 1e-12)


def test_writing_is_deterministic_and_takes_views(tmp_path):
    frames = samples.moving_blocks(6, 48, 80)
    flipped = frames[:, :, ::-1]
    for name, array in {"a.mp4": flipped, "b.mp4": np.ascontiguousarray(flipped)}.items():
        video.write_video(tmp_path / name, array, 25)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    for fps in (np.float32(25), np.int64(25)):
        video.write_video(str(tmp_path / "c.mp4"), flipped, fps)
        assert (tmp_path / "c.mp4").read_bytes() == (tmp_path / "a.mp4").read_bytes()


WRITE = """
import sys
import numpy as np
from lecturekit import video
frames = np.load("frames.npy")
for suffix in ("mp4", "mov", "mkv"):
    video.write_video(f"{sys.argv[1]}/film.{suffix}", frames, 25)
"""


def test_the_same_bytes_whenever_and_wherever_written(tmp_path):
    """By another process, in another second, zone and folder, and over other remains in memory."""
    np.save(tmp_path / "frames.npy", samples.moving_blocks(7, 50, 66))
    written = []
    for k, (zone, remains) in enumerate([("UTC", "1"), ("Asia/Tokyo", "85"), ("UTC", "170")]):
        (tmp_path / f"folder{k}").mkdir()
        # glibc fills memory that it gives out and takes back by the bits of MALLOC_PERTURB_.
        environment = os.environ | {"TZ": zone, "MALLOC_PERTURB_": remains}
        command = [sys.executable, "-c", WRITE, f"folder{k}"]
        started_sec = int(time.time())
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)
        while int(time.time()) == started_sec:
            time.sleep(0.05)
        films = sorted((tmp_path / f"folder{k}").iterdir())
        written.append({film.suffix: film.read_bytes() for film in films})
    assert len(written[0]) == 3
    assert written[0] == written[1] == written[2]


def test_a_written_film_stores_no_time_and_no_name(tmp_path):
    for suffix in (".mp4", ".mov", ".mkv"):
        video.write_video(tmp_path / f"holiday{suffix}", FRAMES, 25)
        data = (tmp_path / f"holiday{suffix}").read_bytes()
        assert b"holiday" not in data
        assert b"partial" not in data
        for box, at in {b"mvhd": 8, b"tkhd": 8, b"mdhd": 8}.items():  # two times, since 1904
            if suffix != ".mkv":
                assert data[data.index(box) + at : data.index(box) + at + 8] == bytes(8)
        assert b"\x44\x61\x88" not in data  # Matroska's DateUTC


@pytest.mark.parametrize("length", [240, 255])
def test_a_name_may_be_as_long_as_the_system_allows(tmp_path, length):
    path = tmp_path / ("n" * (length - 4) + ".mp4")
    video.write_video(path, FRAMES, 25)
    assert video.probe(path).num_frames == 2
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_name_that_is_too_long(folder):
    path = folder / ("n" * 252 + ".mp4")
    text = error_text(video.VideoError, video.write_video, path, FRAMES, 25)
    assert text == f"{path}: expected to write a film here, got: File name too long"


FRAMES = samples.moving_blocks(2, 16, 24)


@pytest.mark.parametrize(
    ("error", "frames", "got"),
    [
        (ValueError, FRAMES[:0], "(0, 16, 24, 3)"),
        (ValueError, FRAMES[:, :0], "(2, 0, 24, 3)"),
        (ValueError, FRAMES[0], "(16, 24, 3)"),
        (ValueError, FRAMES[..., 0], "(2, 16, 24)"),
        (ValueError, np.moveaxis(FRAMES, 3, 1), "(2, 3, 16, 24)"),
        (TypeError, FRAMES / 255, "float64"),
        (TypeError, FRAMES.astype(int), "int64"),
        (TypeError, FRAMES.tolist(), "[[[["),
    ],
)
def test_wrong_frames(folder, error, frames, got):
    text = error_text(error, video.write_video, folder / "film.mp4", frames, 25)
    assert text.startswith("frames: expected ")
    assert got in text


@pytest.mark.parametrize(
    ("error", "fps"),
    [
        *((ValueError, fps) for fps in (0, -25, 1001, 1e-4, float("nan"), float("inf"))),
        *((TypeError, fps) for fps in ("25", None, True, 25j)),
    ],
)
def test_wrong_rates(folder, error, fps):
    text = error_text(error, video.write_video, folder / "film.mp4", FRAMES, fps)
    assert text.startswith("fps: expected ")
    assert str(fps) in text


@pytest.mark.parametrize("name", ["film.avi", "film.webm", "film", "film.mp4.txt"])
def test_wrong_names(folder, name):
    text = error_text(ValueError, video.write_video, folder / name, FRAMES, 25)
    assert text == f"{folder / name}: expected a name ending in .mp4, .mov or .mkv"


def test_places_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.mp4").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for path, reason in {
        tmp_path / "none" / "film.mp4": "No such file or directory",
        tmp_path / "file" / "film.mp4": "Not a directory",
        tmp_path / "folder.mp4": "Is a directory",
    }.items():
        text = error_text(video.VideoError, video.write_video, path, FRAMES, 25)
        assert text == f"{path}: expected to write a film here, got: {reason}"
    assert sorted(tmp_path.rglob("*")) == before

    # Tests may run as root, whom no folder refuses.
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(writing.os, "replace", refuse)
    text = error_text(video.VideoError, video.write_video, tmp_path / "a.mp4", FRAMES, 25)
    assert text == f"{tmp_path / 'a.mp4'}: expected to write a film here, got: Permission denied"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_failed_write_leaves_the_old_film(tmp_path):
    path = tmp_path / "film.mp4"
    video.write_video(path, FRAMES, 25)
    before = path.read_bytes()
    wider_than_x264_takes = np.zeros((2, 16, 20000, 3), np.uint8)
    text = error_text(video.VideoError, video.write_video, path, wider_than_x264_takes, 25)
    assert text.startswith(f"{path}: expected to write a film here, got: ")
    assert [file.name for file in tmp_path.iterdir()] == ["film.mp4"]
    assert path.read_bytes() == before


def test_signatures_are_the_contract():
    assert str(inspect.signature(video.read_frames)).startswith("(path: str | os.PathLike[str]")
    assert list(inspect.signature(video.read_frames).parameters) == ["path", "indices", "size"]
    assert list(inspect.signature(video.each_frame).parameters) == ["path", "size"]
    assert list(inspect.signature(video.write_video).parameters) == ["path", "frames", "fps"]
    assert video.VideoInfo.__match_args__ == (
        "num_frames", "fps", "height", "width", "duration_sec"
    )  # fmt: skip
