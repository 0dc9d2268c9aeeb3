"""``python -m lecturekit.extraction flow``: real footage, bad films, and runs that are killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import video_samples as samples

from lecturekit import assets, video
from lecturekit.extraction import Settings, extract_film, read_extracted, read_record
from lecturekit.extraction import flow as module
from lecturekit.extraction.films import find_films
from lecturekit.flow import dequantise, quantise
from lecturekit.video import stream

COMMAND = [sys.executable, "-m", "lecturekit.extraction", "flow"]
FAST = ["--height", "48"]
SLOW = ["--height", "160"]  # about half a second for each film of a street


def cut(asset: str, path: Path, start: int, num_frames: int) -> Path:
    """A short film of real footage."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = video.read_frames(assets.path(asset), range(start, start + num_frames))
    video.write_video(path, frames, 25)
    return path


def environment() -> dict[str, str]:
    """This process's, with progress bars: the tools that other tests import switch them off."""
    return {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment(),
    )


def start(*arguments: object) -> subprocess.Popen[str]:
    """A run of its own process group, to be killed."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Where the tests run in the background, a shell has told them to ignore Control-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        env=environment(),
    )


def wait_until(condition: Callable[[], object]) -> None:
    until_sec = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until_sec, "waited in vain"
        time.sleep(0.005)


def outputs(folder: Path) -> dict[str, bytes]:
    """Every file below a folder that a reader would take for flow."""
    files = [path for path in folder.rglob("*.npz") if not path.name.startswith(".")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def partials(folder: Path) -> list[Path]:
    return list(folder.rglob(".partial-*"))


def by_opencv(path: Path, size: tuple[int, int]) -> np.ndarray:
    """What OpenCV itself says of a film's frames at a size (height, width)."""
    frames = video.read_frames(path, size=size)
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    pairs = pairwise(greys)
    return np.stack(
        [cv2.calcOpticalFlowFarneback(a, b, None, 0.5, 3, 15, 3, 5, 1.1, 0) for a, b in pairs]
    )


@pytest.fixture(scope="session")
def carphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut("carphone", tmp_path_factory.mktemp("carphone") / "carphone.mp4", 20, 13)


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six films in two folders."""
    folder = tmp_path_factory.mktemp("street")
    for k in range(6):
        cut("bikes", folder / f"part{k % 2}" / f"street{k}.mp4", 30 * k, 24)
    return folder


@pytest.fixture(scope="session")
def street_flow(street: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The outputs of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("street_flow")
    done = run(street, folder, *SLOW, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert "6 films extracted, 0 kept from before, 0 not done" in done.stdout
    assert "6/6" in done.stderr
    files = outputs(folder)
    assert len(files) == 6
    return files


# One film.


def test_what_is_read_back_is_opencvs_flow_in_eight_bits(carphone, tmp_path):
    target = tmp_path / "carphone.npz"
    record = extract_film(carphone, target, Settings(bound_px=0.5, height_px=90))
    flow = by_opencv(carphone, (90, 110))
    read = read_extracted(target)
    assert read.shape == (12, 90, 110, 2)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, dequantise(quantise(flow, 0.5), 0.5))
    inside = (np.abs(flow) <= 0.5).all(-1)
    assert 0.01 < (~inside).mean() < 0.5
    assert record.clipped_share == pytest.approx((~inside).mean())
    assert np.abs(read - flow)[inside].max() <= 0.5 / 255 + 1e-5
    assert (record.num_fields, record.height_px, record.width_px, record.fps) == (12, 90, 110, 25)
    assert record == read_record(target)


def test_a_known_motion_is_found_in_its_direction_and_unit(tmp_path):
    picture = video.read_frames(assets.path("bikes"), [60])[0]
    frames = np.stack(
        [picture[50 + 2 * k : 210 + 2 * k, 300 - 3 * k : 540 - 3 * k] for k in range(5)]
    )
    video.write_video(tmp_path / "moved.mp4", frames, 25)
    extract_film(tmp_path / "moved.mp4", tmp_path / "moved.npz")
    middle = read_extracted(tmp_path / "moved.npz")[:, 20:-20, 20:-20]
    assert np.median(middle, axis=(0, 1, 2)) == pytest.approx([3, -2], abs=0.6)
    extract_film(tmp_path / "moved.mp4", tmp_path / "half.npz", Settings(height_px=80))
    middle = read_extracted(tmp_path / "half.npz")[:, 10:-10, 10:-10]
    assert np.median(middle, axis=(0, 1, 2)) == pytest.approx([1.5, -1], abs=0.3)


def test_numpy_alone_reads_the_levels_and_the_scale(carphone, tmp_path):
    extract_film(carphone, tmp_path / "carphone.npz", Settings(bound_px=7))
    with np.load(tmp_path / "carphone.npz") as archive:
        levels = np.stack([archive[f"{k:06d}"] for k in range(12)])
        bound = json.loads(archive["record.json"])["parameters"]["bound_px"]
    assert levels.shape == (12, 2, 144, 176)
    assert levels.dtype == np.uint8
    flow = read_extracted(tmp_path / "carphone.npz")
    expected = (np.moveaxis(levels, 1, 3) / 127.5 - 1) * bound
    np.testing.assert_allclose(flow, expected, atol=1e-5)


def test_chosen_fields_are_read_in_the_order_asked(carphone, tmp_path):
    extract_film(carphone, tmp_path / "f.npz", Settings(height_px=48))
    every = read_extracted(tmp_path / "f.npz")
    np.testing.assert_array_equal(read_extracted(tmp_path / "f.npz", [7, 2, 7]), every[[7, 2, 7]])
    assert read_extracted(tmp_path / "f.npz", []).shape == (0, 48, 59, 2)
    with pytest.raises(IndexError, match="expected indices from 0 to 11, got 12"):
        read_extracted(tmp_path / "f.npz", [0, 12])
    with pytest.raises(IndexError, match="got -1"):
        read_extracted(tmp_path / "f.npz", [-1])


@pytest.mark.parametrize(
    ("height_px", "expected"), [(100, (125, 100)), (144, (180, 144)), (500, (180, 144))]
)
def test_the_shorter_side_is_made_smaller_never_larger(tmp_path, height_px, expected):
    frames = video.read_frames(assets.path("bikes"), range(3), size=(180, 400))[:, :, 100:244]
    video.write_video(tmp_path / "upright.mp4", frames, 25)
    record = extract_film(tmp_path / "upright.mp4", tmp_path / "f.npz", Settings(20, height_px))
    assert (record.height_px, record.width_px) == expected


@pytest.mark.parametrize("num_frames", [60, 180])
def test_work_grows_with_the_length_of_a_film_and_no_film_is_held_whole(
    tmp_path, monkeypatch, num_frames
):
    """A WebM is decoded from its start at each read: once to be counted, once for its flow."""
    frames = samples.moving_blocks(num_frames, 24, 32)
    options = {"g": "12", "deadline": "realtime"}
    path = samples.encode(tmp_path / "long.webm", frames, codec="libvpx", options=options)
    decoded, decode = [], stream.decode
    held, read_frames = [], video.read_frames
    monkeypatch.setattr(
        stream, "decode", lambda *args: (decoded.append(1) or frame for frame in decode(*args))
    )
    monkeypatch.setattr(
        video, "read_frames", lambda *args, **size: held.append(1) or read_frames(*args, **size)
    )
    assert extract_film(path, tmp_path / "f.npz").num_fields == num_frames - 1
    assert len(decoded) <= 2 * num_frames + 2  # and two for the size of its frames
    assert held == []


@pytest.mark.parametrize(
    "name", ["turned_90.mp4", "variable_rate.mkv", "odd_sides.avi", "vp8.webm", "palette.gif"]
)
def test_films_as_real_folders_hold_them(tmp_path, name):
    films = samples.make_films(tmp_path)
    record = extract_film(films[name], tmp_path / "f.npz")
    info = video.probe(films[name])
    assert (record.num_fields, record.height_px, record.width_px, record.fps) == (
        (info.num_frames - 1, info.height, info.width, info.fps)
    )
    flow = by_opencv(films[name], (info.height, info.width))
    np.testing.assert_array_equal(
        read_extracted(tmp_path / "f.npz"), dequantise(quantise(flow, 20), 20)
    )


def test_one_frame_has_no_flow_and_ten_pixels_are_enough(carphone, tmp_path):
    frames = video.read_frames(carphone, range(3))
    video.write_video(tmp_path / "one.mp4", frames[:1], 25)
    record = extract_film(tmp_path / "one.mp4", tmp_path / "one.npz")
    assert (record.num_fields, record.clipped_share) == (0, 0)
    assert read_extracted(tmp_path / "one.npz").shape == (0, 144, 176, 2)
    extract_film(carphone, tmp_path / "small.npz", Settings(height_px=10))
    assert read_extracted(tmp_path / "small.npz").shape == (12, 10, 12, 2)


def test_a_current_file_is_kept_another_is_replaced(carphone, tmp_path):
    film, target = shutil.copy(carphone, tmp_path / "film.mp4"), tmp_path / "f.npz"

    def made_anew(settings: Settings) -> bool:
        before = target.stat()
        extract_film(film, target, settings)
        assert read_record(target).parameters == settings.parameters
        return target.stat().st_ino != before.st_ino

    extract_film(film, target, Settings(height_px=48))
    assert not made_anew(Settings(height_px=48))
    assert made_anew(Settings(height_px=47))
    assert made_anew(Settings(height_px=47, bound_px=19))
    target.write_bytes(target.read_bytes()[:-1])
    assert made_anew_from_damage(film, target)
    os.utime(film, ns=(0, 12345))
    assert made_anew(Settings(height_px=47, bound_px=19))


def made_anew_from_damage(film: Path, target: Path) -> bool:
    with pytest.raises(ValueError, match="expected a file of extracted flow"):
        read_record(target)
    extract_film(film, target, Settings(height_px=47, bound_px=19))
    return read_extracted(target).shape[0] == 12


def test_other_parameters_of_farneback_make_other_flow(carphone, tmp_path, monkeypatch):
    extract_film(carphone, tmp_path / "f.npz", Settings(height_px=48))
    before = read_extracted(tmp_path / "f.npz")
    monkeypatch.setitem(module._FARNEBACK, "winsize", 9)
    extract_film(carphone, tmp_path / "f.npz", Settings(height_px=48))
    assert (read_extracted(tmp_path / "f.npz") != before).any()


def test_a_film_that_changes_while_it_is_read_gives_nothing(carphone, tmp_path):
    film = Path(shutil.copy(carphone, tmp_path / "film.mp4"))
    with pytest.raises(RuntimeError, match="changed while it was read"):
        extract_film(film, tmp_path / "f.npz", on_field=lambda: os.utime(film))
    assert os.listdir(tmp_path) == ["film.mp4"]


def test_a_disk_that_is_full_leaves_nothing(carphone, tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        extract_film(carphone, tmp_path / "f.npz")
    assert os.listdir(tmp_path) == []


def test_a_damaged_field_is_not_read(carphone, tmp_path):
    extract_film(carphone, tmp_path / "f.npz")
    data = bytearray((tmp_path / "f.npz").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "f.npz").write_bytes(data)
    with pytest.raises(ValueError, match=r"f\.npz: expected a file of extracted flow"):
        read_extracted(tmp_path / "f.npz")


def test_other_files_are_no_extracted_flow(tmp_path):
    np.savez(tmp_path / "other.npz", flow=np.zeros((3, 2)))
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("other.npz", "text.npz"):
        with pytest.raises(ValueError, match=f"{name}: expected a file of extracted flow"):
            read_extracted(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        read_extracted(tmp_path / "nothing.npz")


@pytest.mark.parametrize("bound_px", [0, -1, float("nan"), float("inf")])
def test_settings_refuse_a_bound_that_bounds_nothing(bound_px):
    with pytest.raises(ValueError, match="bound_px: expected"):
        Settings(bound_px=bound_px)
    with pytest.raises(ValueError, match="height_px: expected"):
        Settings(height_px=9)


# A folder of films.


def test_films_are_found_in_all_folders_hidden_ones_and_loops_apart(tmp_path):
    names = ["b.mp4", "a/b.mp4", "a/b.avi", "a/c/LOUD.MKV", "ä.webm", "folder.mp4/in.mov"]
    passed_over = [".b.mp4", ".git/b.mp4", "a/b.txt", "mp4", "a/b.mp4.npz", ".partial-0.npz"]
    for name in names + passed_over:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "d.mp4").touch()
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "a" / "loop").symlink_to(tmp_path / "in")
    found = find_films(tmp_path / "in", tmp_path / "out")
    assert [film.name for film in found.films] == sorted([*names, "linked/d.mp4", "again/d.mp4"])
    assert len({film.target for film in found.films}) == len(found.films)
    assert found.unlisted == {}
    assert found.left_out == {
        ".b.mp4": "hidden",
        ".git": "hidden",
        "a/b.mp4.npz": "no moving pictures in it",
        "a/b.txt": "no moving pictures in it",
        "a/loop": "leads back to a folder above it",
        "mp4": "no moving pictures in it",
    }
    # Into the same folder: outputs of its films are not worth a word.
    assert "a/b.mp4.npz" not in find_films(tmp_path / "in", tmp_path / "in").left_out


def test_a_film_is_what_holds_moving_pictures(carphone, tmp_path):
    """By its content, not its name; what is left out is named, and is no failure."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    films, made = samples.make_films(tmp_path), set()
    for name in ("phone.3gp", "camera.m2ts", "vp8.ogv", "palette.gif", "stream.ts", "wmv2.wmv"):
        shutil.copy(films[name], folder)
        made.add(f"{name}.npz")
    for source, name in {"camera.m2ts": "tape.MTS", "b_frames.mp4": "no_suffix"}.items():
        shutil.copy(films[source], folder / name)
        made.add(f"{name}.npz")
    (folder / "app.ts").write_text("export const frames: number[] = [];\n" * 50)
    (folder / "notes.txt").write_text("The free encyclopaedia")
    samples.sound_only(folder / "song.m4a")
    cv2.imwrite(str(folder / "photo.jpg"), np.zeros((8, 8, 3), np.uint8))
    os.mkfifo(folder / "pipe")
    (folder / "gone").symlink_to(tmp_path / "nothing")
    done = run(folder, out, *FAST, "--workers", 1)
    assert done.returncode == 0, done.stdout
    assert set(outputs(out)) == made
    assert [line for line in done.stdout.splitlines() if line.startswith("left out")] == [
        "left out: app.ts: no moving pictures in it",
        "left out: gone: No such file or directory",
        "left out: notes.txt: no moving pictures in it",
        "left out: photo.jpg: no moving pictures in it",
        "left out: pipe: no regular file",
        "left out: song.m4a: no moving pictures in it",
    ]


def test_a_folder_without_films_names_what_it_holds(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "app.ts").write_text("let a = 1;\n")
    done = run(tmp_path / "in", tmp_path / "out")
    assert done.returncode == 2
    assert "left out: app.ts: no moving pictures in it" in done.stderr
    assert "expected films" in done.stderr


def test_bad_films_are_named_and_passed_over(carphone, tmp_path):
    """The output folder lies inside the input folder; two films share a stem, two a name."""
    folder, out = tmp_path / "films", tmp_path / "films" / "flow"
    for good in ("good.mp4", "a/good.mp4", "a/odd näme.mp4"):
        (folder / good).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(carphone, folder / good)
    samples.encode(folder / "good.avi", video.read_frames(carphone, range(3)), codec="mpeg4")
    video.write_video(folder / "one.mp4", video.read_frames(carphone, [0]), 25)
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("no film")
    (folder / "cut.mp4").write_bytes(carphone.read_bytes()[:-4000])
    (folder / "gone.mp4").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe.mp4")
    samples.sound_only(folder / "sound.mp4")
    good = {"good.mp4.npz", "good.avi.npz", "a/good.mp4.npz", "a/odd näme.mp4.npz", "one.mp4.npz"}
    bad = {
        "cut.mp4": "truncated",
        "empty.mp4": "empty file",
        "gone.mp4": "No such file",
        "pipe.mp4": "expected a file",
        "sound.mp4": "sound only",
        "text.mp4": "expected a video that decodes",
    }
    for attempt in ("5 films extracted, 0 kept", "0 films extracted, 5 kept"):
        done = run(folder, out, *FAST, "--workers", 2)
        assert done.returncode == 1
        assert set(outputs(out)) == good
        assert f"{attempt} from before, 6 not done" in done.stdout
        assert "no flow: one.mp4: one frame" in done.stdout
        failed = [line for line in done.stdout.splitlines() if line.startswith("failed")]
        assert len(failed) == len(bad)
        for line, (name, reason) in zip(failed, bad.items(), strict=True):
            assert line.startswith(f"failed: {name}: ")
            assert reason in line
        assert "Traceback" not in done.stderr
    assert len({read_extracted(out / name).shape for name in good - {"good.avi.npz"}}) == 2


def test_the_share_of_vectors_cut_off_is_told(carphone, tmp_path):
    shutil.copy(carphone, tmp_path / "fast.mp4")
    frames = np.repeat(video.read_frames(carphone, [0]), 5, axis=0)
    video.write_video(tmp_path / "still.mp4", frames, 25)
    done = run(tmp_path, tmp_path, "--bound", 1, "--height", 90)
    flow = by_opencv(carphone, (90, 110))
    share = (np.abs(flow) > 1).any(-1).mean()
    assert done.returncode == 0, done.stderr
    assert "16 fields; " in done.stdout
    assert f"{share * 12 / 16:.2%} of vectors cut off at 1 px" in done.stdout
    assert f"most in fast.mp4: {share:.2%}" in done.stdout
    assert set(outputs(tmp_path)) == {"fast.mp4.npz", "still.mp4.npz"}


def test_old_flow_is_never_mixed_with_new(carphone, tmp_path):
    folder, out = tmp_path / "films", tmp_path / "flow"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        shutil.copy(carphone, folder / name)
    assert run(folder, out, *FAST).returncode == 0
    (folder / "b.mp4").write_bytes(b"no film any more")
    (out / ".partial-0123456789abcdef.npz").write_bytes(b"of a killed run")
    done = run(folder, out, *FAST)
    assert done.returncode == 1
    assert "1 outputs of other parameters or of changed films removed" in done.stdout
    assert "0 films extracted, 2 kept from before, 1 not done" in done.stdout
    assert sorted(os.listdir(out)) == ["a.mp4.npz", "c.mp4.npz"]
    done = run(folder, out, *FAST, "--bound", 5)
    assert "2 films extracted, 0 kept from before, 1 not done" in done.stdout
    assert {read_record(path).parameters["bound_px"] for path in out.glob("*.npz")} == {5}


# Bad arguments.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing", "out"], "INPUT_DIR: expected a folder, got nothing"),
        (["film.mp4", "out"], "INPUT_DIR: expected a folder, got film.mp4"),
        (["empty", "out"], "INPUT_DIR: expected films in empty, found none"),
        (["films", "film.mp4"], "OUTPUT_DIR: expected a folder to write to, got film.mp4"),
        (["films"], "required: OUTPUT_DIR"),
        (
            ["films", "out", "--bound", "0"],
            "argument --bound: bound_px: expected a finite number above 0",
        ),
        (["films", "out", "--bound", "nan"], "argument --bound: bound_px: expected a finite"),
        (
            ["films", "out", "--bound", "wide"],
            "argument --bound: could not convert string to float: 'wide'",
        ),
        (
            ["films", "out", "--height", "9"],
            "argument --height: height_px: expected at least 10, got 9",
        ),
        (
            ["films", "out", "--height", "2.5"],
            "argument --height: invalid literal for int() with base 10: '2.5'",
        ),
        (
            ["films", "out", "--workers", "0"],
            "argument --workers: workers: expected at least 1, got 0",
        ),
        (["films", "out", "--workers", "2", "--scheduler", "x"], "not allowed with argument"),
        (["films", "out", "--scheduler", "x"], "--scheduler: no Dask scheduler at x"),
    ],
)
def test_a_bad_argument_is_named_and_nothing_made(
    carphone, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    (tmp_path / "empty").mkdir()
    shutil.copy(carphone, tmp_path / "films" / "film.mp4")
    shutil.copy(carphone, tmp_path / "film.mp4")
    before = sorted(tmp_path.rglob("*"))
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_dask_is_imported_only_when_asked_for_and_its_absence_explained(carphone, tmp_path):
    shutil.copy(carphone, tmp_path / "film.mp4")
    code = (
        "import sys; sys.modules['distributed'] = sys.modules['dask'] = None\n"
        "from lecturekit.extraction.__main__ import main\n"
        "if __name__ == '__main__': sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "flow", tmp_path, tmp_path / "out", *FAST]
    done = subprocess.run(
        [*command, "--scheduler", "tcp://127.0.0.1:8786"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "pip install 'lecturekit[scale]'" in done.stderr
    assert not (tmp_path / "out").exists()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# Runs that are killed.


def midway(folder: Path, num_done: int) -> Callable[[], bool]:
    """Some films are done and another is being written."""
    return lambda: len(outputs(folder)) >= num_done and bool(partials(folder))


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def writing(pid: int) -> str | None:
    """The unfinished file that a process holds open."""
    try:
        held = [os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return None
    return next((path for path in held if "/.partial-" in path), None)


def kill_while_it_writes(pids: Callable[[], list[int]]) -> int:
    """SIGKILL a process that is in the middle of a film; its pid."""
    killed = []

    def caught() -> bool:
        for pid in pids():
            if writing(pid):
                os.kill(pid, signal.SIGSTOP)
                if writing(pid):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                    return True
                os.kill(pid, signal.SIGCONT)
        return False

    wait_until(caught)
    return killed[0]


def test_a_killed_run_continues_to_the_same_bytes(street, street_flow, tmp_path):
    interrupted = start(street, tmp_path, *SLOW, "--workers", 2)
    wait_until(midway(tmp_path, 2))
    workers = children(interrupted.pid)
    interrupted.kill()
    interrupted.communicate()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    left = outputs(tmp_path)
    assert 2 <= len(left) < 6
    assert left.items() <= street_flow.items()
    done = run(street, tmp_path, *SLOW, "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert f"{6 - len(left)} films extracted, {len(left)} kept from before" in done.stdout
    assert outputs(tmp_path) == street_flow
    assert partials(tmp_path) == []


def test_a_whole_process_group_is_killed_and_its_leftovers_removed(street, street_flow, tmp_path):
    interrupted = start(street, tmp_path, *SLOW, "--workers", 2)
    wait_until(midway(tmp_path, 1))
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.communicate()
    assert partials(tmp_path)
    assert outputs(tmp_path).items() <= street_flow.items()
    assert run(street, tmp_path, *SLOW, "--workers", 2).returncode == 0
    assert outputs(tmp_path) == street_flow
    assert partials(tmp_path) == []


def test_a_worker_that_dies_costs_its_film_alone(street, street_flow, tmp_path):
    running = start(street, tmp_path, *SLOW, "--workers", 2)
    kill_while_it_writes(lambda: children(running.pid))
    stdout, stderr = running.communicate()
    assert running.returncode == 1, stderr
    assert "5 films extracted, 0 kept from before, 1 not done" in stdout
    assert stdout.count("its worker process died, exit status -9") == 1
    assert partials(tmp_path) == []
    assert len(outputs(tmp_path)) == 5
    assert run(street, tmp_path, *SLOW).returncode == 0
    assert outputs(tmp_path) == street_flow


@pytest.mark.parametrize("num_done", [0, 1])
def test_control_c_leaves_no_half_file(street, street_flow, tmp_path, num_done):
    running = start(street, tmp_path, *SLOW, "--workers", 2)
    wait_until(midway(tmp_path, num_done))
    os.killpg(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate()
    assert running.returncode == 130
    assert "interrupted; the same command continues" in stdout
    assert "Traceback" not in stderr
    assert partials(tmp_path) == []
    assert outputs(tmp_path).items() <= street_flow.items()


def test_two_runs_do_not_share_an_output_folder(street, tmp_path):
    running = start(street, tmp_path, *SLOW, "--workers", 1)
    wait_until(midway(tmp_path, 0))
    second = run(street, tmp_path, *SLOW)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert second.returncode == 2
    assert f"OUTPUT_DIR: another run writes to {tmp_path}" in second.stderr


# A Dask cluster.

LOG_COMPLETED = """
import os

replace = getattr(os, "unlogged_replace", os.replace)  # Dask runs this more than once
os.unlogged_replace = replace

def logged(source, target):
    replace(source, target)
    if str(target).endswith(".mp4.npz"):
        log = os.open(os.environ["COMPLETED_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(log, f"{os.getpid()} {target}\\n".encode())
        os.close(log)

os.replace = logged
"""


@contextmanager
def two_workers(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """A scheduler, and two worker processes that nothing restarts; they log what they complete."""
    (folder / "log_completed.py").write_text(LOG_COMPLETED)
    dask = [sys.executable, "-m", "dask"]
    environment = os.environ | {"COMPLETED_LOG": str(folder / "completed")}
    address_file = folder / "scheduler.json"
    options = ["--no-dashboard", "--scheduler-file", str(address_file)]
    with open(folder / "cluster.log", "w") as log:

        def begin(*arguments: str) -> subprocess.Popen:
            return subprocess.Popen([*dask, *arguments], env=environment, stdout=log, stderr=log)

        started = [begin("scheduler", "--host", "127.0.0.1", "--port", "0", *options)]
        try:
            wait_until(lambda: address_file.exists() and address_file.read_text().endswith("}"))
            for k in range(2):
                own = ["--no-nanny", "--nthreads", "1", "--local-directory", str(folder / str(k))]
                preload = ["--preload", str(folder / "log_completed.py")]
                started.append(begin("worker", *options, *own, *preload))
            yield json.loads(address_file.read_text())["address"], started[1:]
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


def test_a_killed_dask_worker_loses_nothing_and_nothing_is_done_twice(
    street, street_flow, tmp_path
):
    out, log = tmp_path / "flow", tmp_path / "completed"
    with two_workers(tmp_path) as (address, workers):
        running = start(street, out, *SLOW, "--scheduler", address)
        wait_until(lambda: log.exists() and len(log.read_text().splitlines()) >= 2)
        killed = kill_while_it_writes(lambda: [worker.pid for worker in workers])
        stdout, stderr = running.communicate(timeout=240)
    assert running.returncode == 0, stderr
    assert "6 films extracted, 0 kept from before, 0 not done" in stdout
    completed = [line.split(" ", 1) for line in log.read_text().splitlines()]
    names = sorted(os.path.relpath(target, out) for _, target in completed)
    assert names == sorted(street_flow)
    assert len({pid for pid, _ in completed} | {str(killed)}) == 2
    assert outputs(out) == street_flow
    assert partials(out) == []


def test_a_bad_film_on_a_cluster_is_named_and_the_next_run_keeps_the_rest(carphone, tmp_path):
    folder, out = tmp_path / "films", tmp_path / "flow"
    folder.mkdir()
    shutil.copy(carphone, folder / "good.mp4")
    (folder / "bad.mp4").write_text("no film")
    with two_workers(tmp_path) as (address, _):
        for attempt in ("1 films extracted, 0 kept", "0 films extracted, 1 kept"):
            done = run(folder, out, *FAST, "--scheduler", address)
            assert done.returncode == 1, done.stderr
            assert f"{attempt} from before, 1 not done" in done.stdout
            assert "failed: bad.mp4: expected a video that decodes" in done.stdout
    assert set(outputs(out)) == {"good.mp4.npz"}
    assert len((tmp_path / "completed").read_text().splitlines()) == 1
