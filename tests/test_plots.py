"""Figures: what is drawn, and what is refused."""

import matplotlib
import numpy as np
import pytest

from lecturekit import plots

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


def test_ink_and_lines_are_readable_on_paper():
    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    # WCAG 2.2, 1.4.3 and 1.4.11: 4.5 to 1 for text, 3 to 1 for lines.
    paper = luminance(plots.PAPER) + 0.05
    assert paper / (luminance(plots.INK) + 0.05) > 7
    for line in (plots.BLUE, plots.ORANGE, plots.GREEN, plots.PINK):
        assert paper / (luminance(line) + 0.05) > 4.5, line
