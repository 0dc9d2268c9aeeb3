"""Flow files: written and read as others do, and refused when damaged."""

import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lecturekit.flow import read_flo, read_kitti, write_flo, write_kitti

FORMATS = [(write_flo, read_flo, "a.flo"), (write_kitti, read_kitti, "a.png")]
shapes = st.tuples(st.integers(1, 5), st.integers(1, 7), st.just(2))


def example(height=5, width=7):
    """Multiples of 1/64 px, which both formats keep, and a pixel that is not known."""
    rng = np.random.default_rng(0)
    flow = (rng.integers(-32768, 32768, (height, width, 2)) / 64).astype(np.float32)
    flow[1, 2] = np.nan
    return flow


def same(a, b):
    return a.dtype == b.dtype == np.float32 and np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
def test_what_is_written_is_read_again(tmp_path, write, read, name):
    flow = example()
    write(tmp_path / name, flow)
    assert same(read(tmp_path / name), flow)
    write(str(tmp_path / name), flow[::-1, ::-1].astype(np.float64))
    assert same(read(str(tmp_path / name)), flow[::-1, ::-1])
    assert os.listdir(tmp_path) == [name]


@given(flow=arrays.arrays(np.float32, shapes, elements=st.floats(-1e9, 1e9, width=32)))
def test_flo_loses_no_bit(tmp_path_factory, flow):
    path = tmp_path_factory.mktemp("flo") / "a.flo"
    write_flo(path, flow)
    assert read_flo(path).tobytes() == flow.tobytes()


@given(levels=arrays.arrays(np.uint16, shapes))
def test_kitti_keeps_every_level(tmp_path_factory, levels):
    path = tmp_path_factory.mktemp("kitti") / "a.png"
    flow = (levels.astype(np.float32) - 32768) / 64
    write_kitti(path, flow)
    assert same(read_kitti(path), flow)


def test_kitti_loses_at_most_half_of_a_64th(tmp_path):
    flow = np.random.default_rng(1).uniform(-500, 500, (9, 11, 2)).astype(np.float32)
    write_kitti(tmp_path / "a.png", flow)
    error = np.abs(read_kitti(tmp_path / "a.png").astype(np.float64) - flow)
    assert 0.9 / 128 < error.max() <= 1 / 128


def test_flo_is_opencvs(tmp_path):
    flow = example()
    flow[1, 2] = 0
    write_flo(tmp_path / "ours.flo", flow)
    assert same(cv2.readOpticalFlow(str(tmp_path / "ours.flo")), flow)
    cv2.writeOpticalFlow(str(tmp_path / "theirs.flo"), flow)
    assert same(read_flo(tmp_path / "theirs.flo"), flow)
    assert (tmp_path / "ours.flo").read_bytes() == (tmp_path / "theirs.flo").read_bytes()


def test_flo_byte_by_byte(tmp_path):
    flow = np.array([[[1.5, -2.0], [np.nan, 0.0], [0.25, 8.0]]], np.float32)
    write_flo(tmp_path / "a.flo", flow)
    expected = b"PIEH" + struct.pack("<2i6f", 3, 1, 1.5, -2, 1e10, 1e10, 0.25, 8)
    assert (tmp_path / "a.flo").read_bytes() == expected
    # Middlebury's own files have 1666666752 where nothing is known.
    (tmp_path / "b.flo").write_bytes(b"PIEH" + struct.pack("<2i4f", 2, 1, 1666666752, 3, 1, 2))
    assert same(read_flo(tmp_path / "b.flo"), np.array([[[np.nan] * 2, [1, 2]]], np.float32))


def png_by_hand(pixels, *, bits=16):
    """A png of 16- or 8-bit RGB rows, without OpenCV."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(f">u{bits // 8}").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_kitti_has_dx_in_red_dy_in_green_and_valid_in_blue(tmp_path):
    pixels = np.array([[[32768 + 96, 32768 - 64, 1], [0, 0, 0], [0, 65535, 1]]])
    flow = np.array([[[1.5, -1], [np.nan, np.nan], [-512, 511.984375]]], np.float32)
    (tmp_path / "theirs.png").write_bytes(png_by_hand(pixels))
    assert same(read_kitti(tmp_path / "theirs.png"), flow)
    write_kitti(tmp_path / "ours.png", flow)
    written = cv2.imread(str(tmp_path / "ours.png"), cv2.IMREAD_UNCHANGED)
    assert written.dtype == np.uint16
    assert np.array_equal(written[..., ::-1], pixels)


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
def test_no_cut_file_is_ever_read(tmp_path, write, read, name):
    write(tmp_path / name, example())
    data = (tmp_path / name).read_bytes()
    for size in range(len(data)):
        (tmp_path / name).write_bytes(data[:size])
        with pytest.raises(ValueError, match=name):
            read(tmp_path / name)


def test_a_damaged_png_is_refused(tmp_path):
    write_kitti(tmp_path / "a.png", example())
    data = bytearray((tmp_path / "a.png").read_bytes())
    for position in range(len(data)):
        damaged = data.copy()
        damaged[position] ^= 4
        (tmp_path / "a.png").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"a\.png: expected"):
            read_kitti(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (read_flo, b"", "expected a .flo file"),
        (read_flo, struct.pack(">fii", 202021.25, 1, 1) + bytes(8), "starts with b'HEIP'"),
        (read_flo, b"PIEH" + struct.pack("<ii", 0, 3), "width and height above 0, got 0 × 3"),
        (read_flo, b"PIEH" + struct.pack("<ii", -1, -1) + bytes(8), "got -1 × -1"),
        (read_flo, b"PIEH" + struct.pack("<ii", 2, 1) + bytes(17), "expected 28 bytes .*got 29"),
        (read_kitti, b"PIEH" + bytes(99), "expected a png file, got one that starts with b'PIEH"),
        (read_kitti, png_by_hand(np.ones((2, 3, 3)), bits=8), "16-bit .*got uint8"),
        (
            read_kitti,
            cv2.imencode(".png", np.ones((2, 3), np.uint16))[1].tobytes(),
            "three channels",
        ),
        (read_kitti, cv2.imencode(".png", np.ones((2, 3, 4), np.uint16))[1].tobytes(), "three ch"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path, read, data, message):
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(ValueError, match=message):
        read(tmp_path / "a")


@pytest.mark.parametrize(
    ("write", "flow", "error", "message"),
    [
        (write_flo, np.zeros((2, 4, 5)), ValueError, r"flow: .*\(2, 4, 5\)"),
        (write_flo, np.zeros((4, 5, 2), int), TypeError, "flow: expected floats"),
        (write_flo, np.full((4, 5, 2), np.inf), ValueError, "flow: .*1e9"),
        (write_flo, np.full((4, 5, 2), -2e9), ValueError, "flow: .*1e9"),
        (write_kitti, np.full((4, 5, 2), 512.0), ValueError, "flow: .*511.984 px, got 512 to 512"),
        (write_kitti, np.full((4, 5, 2), -512.1), ValueError, "flow: .*-512.1"),
        (write_kitti, np.full((4, 5, 2), -np.inf), ValueError, "flow: .*-inf"),
    ],
)
def test_what_no_file_can_hold_is_refused_and_nothing_is_written(
    tmp_path, write, flow, error, message
):
    with pytest.raises(error, match=message):
        write(tmp_path / "a", flow)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch, write, read, name
):
    write(tmp_path / name, example())

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        write(tmp_path / name, example() / 2)
    assert os.listdir(tmp_path) == [name]
    assert same(read(tmp_path / name), example())


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
def test_a_missing_file_or_folder(tmp_path, write, read, name):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "none" / name, example())
