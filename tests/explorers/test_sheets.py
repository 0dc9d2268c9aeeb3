"""Sheets of pictures: what is put in comes out, at its place, and what is too large is refused."""

import io

import numpy as np
import pytest
from PIL import Image

from lecturekit.explorers.kit import sheets


def flat(count, height, width):
    """Pictures of one grey each, all different."""
    levels = np.linspace(20, 230, count).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, height, width, 3))


@pytest.mark.parametrize("full_colour", [False, True])
@pytest.mark.parametrize("columns", [None, 2, 8])
def test_every_picture_is_cut_out_again(columns, full_colour):
    frames = flat(7, 18, 35)
    sheet = sheets.jpeg_sheet(
        "frames", frames, max_bytes=50_000, columns=columns, full_colour=full_colour
    )
    assert sheet.columns == (columns or 2)
    assert np.abs(sheets.cut(sheet, 7, 18, 35).astype(int) - frames).max() <= 2
    size = Image.open(io.BytesIO(sheet.jpeg)).size
    rows = -(-7 // sheet.columns)
    assert size == (sheet.columns * 48, rows * 32), "each picture starts on a block of 16 px"


def test_quality_gives_way_to_weight():
    noise = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), np.uint8)
    heavy = sheets.jpeg_sheet("frames", noise, max_bytes=1_000_000, best=90)
    light = sheets.jpeg_sheet("frames", noise, max_bytes=len(heavy.jpeg) // 2, best=90)
    assert len(light.jpeg) <= len(heavy.jpeg) // 2
    with pytest.raises(ValueError, match=r"clip: expected frames that fit in 900 bytes.* 4 of 64"):
        sheets.jpeg_sheet("clip", noise, max_bytes=900)


def test_a_side_that_jpeg_does_not_know_is_refused():
    with pytest.raises(ValueError, match=r"no side above 65,535 px, got 5 of 16 × 16384 px"):
        sheets.jpeg_sheet("clip", flat(5, 16, 16384), max_bytes=10**9, columns=5)
