"""Frames written as films."""

import os
import subprocess
import sys
import time

import av
import numpy as np
import pytest
import video_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st
from video_films import error_text, largest_difference, opencv_decoding

from lecturekit import assets, video


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
        (TypeError, FRAMES.tolist(), "list"),
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

    monkeypatch.setattr(os, "replace", refuse)
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
