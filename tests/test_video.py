"""lecturekit.video against FFmpeg's own plain decoding, OpenCV and Pillow, on nasty films."""

import hashlib
import inspect
import multiprocessing
from collections.abc import Iterator
from contextlib import suppress
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

# Frames and rate by construction; "begins_inside_a_group" is what FFmpeg makes of it.
EXPECTED = {
    "b_frames.mp4": (37, 25.0, 48, 80),
    "b_frames.mkv": (37, 25.0, 48, 80),
    "fragmented.mp4": (37, 25.0, 48, 80),
    "open_gop.mp4": (37, 25.0, 48, 80),
    "open_gop.mkv": (37, 25.0, 48, 80),
    "intra_refresh.mp4": (37, 25.0, 48, 80),
    "hevc_open_gop.mp4": (37, 25.0, 48, 80),
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
    "stream.ts": (37, 25.0, 48, 80),
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
TRUNCATABLE = ("b_frames.mp4", "b_frames.mkv", "odd_sides.avi", "odd_sides.webm")


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


# OpenCV applies quarter turns by itself, and ignores mirrors.
@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"mirrored.mp4", "transposed.mp4"}))
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


# What reading by seeking rests on, wherever a seek lands.
@pytest.mark.parametrize(
    "name", ["b_frames.mp4", "open_gop.mkv", "hevc_open_gop.mp4", "intra_refresh.mp4"]
)
def test_ffmpeg_started_inside_a_film_gives_the_right_frame_or_none(films, whole, name):
    with av.open(str(films[name])) as container:
        times = sorted(packet.pts for packet in container.demux(video=0) if packet.size)
    seen = 0
    for skipped in range(1, 37, 3):
        with av.open(str(films[name])) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
            for packet in packets[skipped:]:
                for frame in packet.decode():
                    image = frame.to_ndarray(format="rgb24", interpolation="BICUBIC")
                    assert np.array_equal(image, whole[name][times.index(frame.pts)])
                    seen += 1
    assert seen > 100


def test_far_frames_are_reached_by_seeking(monkeypatch):
    path = assets.path("bikes")
    decoded = []
    plain_decode = video._decode
    monkeypatch.setattr(
        video,
        "_decode",
        lambda *args: (decoded.append(1) or frame for frame in plain_decode(*args)),
    )
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
    with video._open(Path(path)) as (_, stream):
        return video.read_frames(path, [9, 4]).tobytes(), stream.thread_count


def test_worker_processes_read_the_same_with_one_thread(films, whole):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        frames, threads = pool.apply(_read_and_count_threads, (str(films["b_frames.mp4"]),))
    assert frames == whole["b_frames.mp4"][[9, 4]].tobytes()
    assert threads == 1


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

    monkeypatch.setattr(video.os, "replace", refuse)
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
    assert list(inspect.signature(video.write_video).parameters) == ["path", "frames", "fps"]
    assert video.VideoInfo.__match_args__ == (
        "num_frames", "fps", "height", "width", "duration_sec"
    )  # fmt: skip
