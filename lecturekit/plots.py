"""Figures of the book: each function takes axes, draws one thing, and returns the axes."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#1f2328"
# Okabe and Ito's colours, told apart by colour-blind readers; darkened where thin lines on paper
# need it.
BLUE, ORANGE, GREEN, PINK = "#0b62c4", "#b04a08", "#147a4b", "#a8437f"
PAPER = "#fbfaf7"


def use_house_style() -> None:
    """Set matplotlib to the book's look: dark ink on paper, which the site dims at night."""
    plt.rcParams.update(
        {
            "figure.dpi": 110,
            "figure.facecolor": PAPER,
            "savefig.facecolor": PAPER,
            "axes.facecolor": PAPER,
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.labelsize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PINK]),
            "image.interpolation": "nearest",
            "legend.frameon": False,
        }
    )


def show_image(ax: Axes, image: np.ndarray, title: str = "") -> Axes:
    """Draw an RGB image ``(H, W, 3)`` (uint8, or float in 0…1) without axes."""
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected shape (H, W, 3), got {image.shape}")
    ax.imshow(image)
    ax.set_title(title)
    ax.set_axis_off()
    return ax


def filmstrip(
    frames: np.ndarray, titles: Sequence[str], *, columns: int | None = None, width_in: float = 8.0
) -> Figure:
    """Draw frames ``(T, H, W, 3)`` side by side, each under its title.

    Args:
        frames: uint8 RGB.
        titles: one per frame.
        columns: frames per row; all in one row unless told.
        width_in: of the figure, in inches.
    """
    if len(frames) != len(titles) or len(frames) == 0:
        raise ValueError(f"titles: expected one per frame ({len(frames)}), got {len(titles)}")
    columns = columns or len(frames)
    rows = -(-len(frames) // columns)
    _, height, width, _ = frames.shape
    cell_in = width_in / columns
    fig, axes = plt.subplots(
        rows, columns, figsize=(width_in, rows * (cell_in * height / width + 0.3)), squeeze=False
    )
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, frame, title in zip(axes.flat, frames, titles, strict=False):
        show_image(ax, frame, title)
    return fig


def show_slice(ax: Axes, image: np.ndarray, *, along: str, title: str = "") -> Axes:
    """Draw a slice of the video cube with time running down.

    Args:
        ax: where to draw.
        image: ``(T, X, 3)``: an x–t slice (one row of every frame) or a y–t slice (one column).
        along: what runs across: "x" or "y".
        title: says what is seen.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image: expected shape (T, {along.upper()}, 3), got {image.shape}")
    ax.imshow(image, aspect="auto")
    ax.set_xlabel(f"{along} (px)")
    ax.set_ylabel("t (frames)")
    ax.set_title(title)
    return ax
