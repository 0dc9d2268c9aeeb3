"""Films that are cut off or damaged, and files that are none."""

import os
from contextlib import suppress

import av
import numpy as np
import pytest
import video_samples as samples
from PIL import Image
from video_films import EXPECTED, MARK_THEIR_END, TRUNCATABLE, error_text, plain_decoding

from lecturekit import video
from lecturekit.video import reading, stream


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
