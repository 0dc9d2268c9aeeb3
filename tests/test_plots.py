"""Figures: what is drawn, and what is refused."""

import matplotlib
import numpy as np
import pytest

from lecturekit import plots
from lecturekit.flow import flow_to_rgb

matplotlib.use("agg")
import matplotlib.pyplot as plt

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 8, 12, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_filmstrip_shows_each_frame_under_its_title():
    fig = plots.filmstrip(FRAMES, ["a", "b", "c", "d", "e"], columns=2)
    drawn = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title() or ax.get_title("left") for ax in drawn] == ["a", "b", "c", "d", "e"]
    for ax, frame in zip(drawn, FRAMES, strict=True):
        assert np.array_equal(ax.images[0].get_array(), frame)


@pytest.mark.parametrize("titles", [["a"], []])
def test_a_filmstrip_needs_a_title_for_each_frame(titles):
    with pytest.raises(
        ValueError, match=rf"titles: expected one per frame \(5\), got {len(titles)}"
    ):
        plots.filmstrip(FRAMES, titles)


@pytest.mark.parametrize(
    "draw", [plots.show_image, lambda ax, im: plots.show_slice(ax, im, along="x")]
)
def test_a_grey_image_is_refused(draw):
    with pytest.raises(ValueError, match=r"image: expected shape \(.*3\), got \(8, 12\)"):
        draw(plt.figure().add_subplot(), FRAMES[0, ..., 0])


def test_a_slice_has_time_running_down():
    ax = plots.show_slice(plt.figure().add_subplot(), FRAMES[:, 3], along="x", title="t")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x (px)", "t (frames)")
    assert ax.yaxis_inverted()


def test_arrows_start_at_their_pixels_and_end_where_those_go():
    flow = np.zeros((40, 60, 2), np.float32)
    flow[..., 0] = np.arange(60)
    flow[12, 20] = [np.nan, 1]
    ax = plt.figure().add_subplot()
    ax.imshow(np.zeros((40, 60, 3)))
    assert plots.flow_arrows(ax, flow, every_px=8, times=2) is ax
    (arrows,) = [c for c in ax.collections if hasattr(c, "U")]
    starts = {(x, y) for x in range(4, 60, 8) for y in range(4, 40, 8)} - {(20, 12)}
    assert {tuple(at) for at in np.int64(arrows.get_offsets()).tolist()} == starts
    assert np.array_equal(arrows.U, arrows.X)
    assert not np.any(arrows.V)
    assert (arrows.angles, arrows.scale_units, arrows.scale) == ("xy", "xy", 0.5)
    assert ax.yaxis_inverted()
    assert ax.get_xlim() == (-0.5, 59.5)


def test_arrows_need_a_flow_and_a_distance():
    ax = plt.figure().add_subplot()
    with pytest.raises(ValueError, match=r"flow: expected shape \(H, W, 2\), got \(2, 4, 5\)"):
        plots.flow_arrows(ax, np.zeros((2, 4, 5)))
    with pytest.raises(ValueError, match="every_px: expected at least 1, got 0"):
        plots.flow_arrows(ax, np.zeros((4, 5, 2)), every_px=0)


def test_the_wheel_shows_each_motions_colour_where_the_motion_points():
    ax = plots.flow_wheel(plt.figure().add_subplot(), max_px=4)
    image = ax.images[0]
    picture, (left, right, bottom, top) = image.get_array(), image.get_extent()
    assert (left, right, bottom, top) == (-1, 1, 1, -1)
    for dx, dy in ((0.9, 0), (0, 0.9), (-0.5, 0.1), (0.3, -0.6)):
        row, column = (round((v + 1) / 2 * 300) for v in (dy, dx))
        expected = flow_to_rgb(np.array([[[dx, dy]]]), 1)[0, 0].astype(int)
        assert np.abs(picture[row, column, :3] - expected).max() <= 3
        assert picture[row, column, 3] == 255
    assert picture[0, 0, 3] == 0
    texts = {text.get_text(): text.get_position() for text in ax.texts}
    assert texts["down"][1] > 1 > -1 > texts["up"][1]
    assert texts["right"][0] > 1 > -1 > texts["left"][0]
    assert "rim: 4 px per frame" in texts


def test_shares_are_bars_from_the_top_each_with_its_number():
    ax = plt.figure().add_subplot()
    shares = {"a": 0.5, "b": 1.0, "c": 0.0}
    assert plots.share_bars(ax, shares, {"c": "none"}, label="share", title="t") is ax
    assert [bar.get_width() for bar in ax.patches] == [0.5, 1, 0]
    assert ax.yaxis_inverted()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in ax.texts] == ["50%", "100%", "0%, none"]
    assert ax.get_xlabel() == "share"
    with pytest.raises(ValueError, match="shares: expected at least one, got none"):
        plots.share_bars(ax, {}, label="share")
