"""Reading films: against FFmpeg's own plain decoding, OpenCV and Pillow, on nasty films."""

import inspect
import re

import av
import cv2
import numpy as np
import pytest
import video_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from video_films import (
    EXPECTED,
    TURNS,
    error_text,
    largest_difference,
    md5_of_frames,
    opencv_decoding,
    plain_decoding,
)

from lecturekit import assets, video


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


@settings(max_examples=150)
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


@pytest.mark.parametrize(("index", "got"), [(-1, "-1"), (37, "37"), (10**30, str(10**30))])
def test_indices_outside(films, index, got):
    text = error_text(IndexError, video.read_frames, films["b_frames.mp4"], [3, index])
    assert text == f"{films['b_frames.mp4']}: expected indices from 0 to 36, got {got}"


@pytest.mark.parametrize("indices", [[1.0], ["1"], [None], [True, False], 3, np.array([0.5])])
def test_indices_that_are_no_integers(films, indices):
    text = error_text(TypeError, video.read_frames, films["b_frames.mp4"], indices)
    assert re.match("indices: expected (a whole number|whole numbers), got ", text)


def test_wrong_sizes(films):
    path = films["b_frames.mp4"]
    for size in [(5,), (5, 5, 3)]:
        text = error_text(ValueError, video.read_frames, path, size=size)
        assert text == f"size: expected (height, width) in pixels, got {size}"
    for size in [(0, 5), (5, -1)]:
        text = error_text(ValueError, video.read_frames, path, size=size)
        assert text == f"size: expected at least 1, got {min(size)}"
    for size in [(1.5, 2), "ab", 7]:
        text = error_text(TypeError, video.read_frames, path, size=size)
        assert re.match("size: expected (a whole number|whole numbers), got ", text)


def test_signatures_are_the_contract():
    assert str(inspect.signature(video.read_frames)).startswith("(path: str | os.PathLike[str]")
    assert list(inspect.signature(video.read_frames).parameters) == ["path", "indices", "size"]
    assert list(inspect.signature(video.each_frame).parameters) == ["path", "size"]
    assert list(inspect.signature(video.write_video).parameters) == ["path", "frames", "fps"]
    assert video.VideoInfo.__match_args__ == (
        "num_frames", "fps", "height", "width", "duration_sec"
    )  # fmt: skip


def test_timing_is_what_probe_says(films):
    for path in films.values():
        info = video.probe(path)
        assert video.timing(path) == (info.num_frames, info.fps)
