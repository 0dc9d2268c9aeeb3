"""Reading by seeking: where decoding may start, how much is decoded, and what is kept."""

import multiprocessing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import video_samples as samples
from video_films import EXPECTED, count_decodes, error_text, md5_of_frames, plain_decoding

from lecturekit import assets, video
from lecturekit.video import index, stream
from lecturekit.video.formats import rules_of


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
    assert rules_of(codec, header).is_entry(memoryview(packet)) is expected


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
    assert text == "size: expected at least 1, got 0"


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
