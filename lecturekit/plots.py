"""Figures of the book: each function takes axes, draws one thing, and returns the axes."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lecturekit import checks, palette
from lecturekit.flow import flow_to_rgb

INK, PAPER = palette.LIGHT["ink"], palette.LIGHT["figure"]
BLUE, ORANGE, GREEN, PINK, VIOLET = (
    palette.LIGHT[name] for name in ("blue", "orange", "green", "pink", "violet")
)


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


def flow_arrows(
    ax: Axes, flow: np.ndarray, *, every_px: int = 16, times: float = 1.0, colour: str = ORANGE
) -> Axes:
    """Draw a flow field as arrows, over the image that the axes show if there is one.

    Args:
        ax: where to draw.
        flow: ``(H, W, 2)``, (dx, dy) in px. An arrow starts at its pixel; NaN gives none.
        every_px: distance between arrows, in px, along both axes.
        times: how many times longer than the motion arrows are drawn; 1 ends where the pixel goes.
        colour: of the arrows.
    """
    if flow.ndim != 3 or flow.shape[2] != 2:
        raise ValueError(f"flow: expected shape (H, W, 2), got {flow.shape}")
    checks.integer("every_px", every_px, 1)
    height, width, _ = flow.shape
    y, x = np.mgrid[every_px // 2 : height : every_px, every_px // 2 : width : every_px]
    dx, dy = np.moveaxis(flow[y, x], -1, 0)
    known = np.isfinite(dx) & np.isfinite(dy)
    ax.quiver(
        *(values[known] for values in (x, y, dx, dy)),
        angles="xy",
        scale_units="xy",
        scale=1 / times,
        color=colour,
        width=0.003,
    )
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(height - 0.5, -0.5)
    ax.set_aspect("equal")
    return ax


def flow_wheel(ax: Axes, max_px: float | None = None) -> Axes:
    """Draw the legend of `lecturekit.flow.flow_to_rgb`: each motion's colour, around no motion.

    Args:
        ax: where to draw; best a square.
        max_px: the motion at the rim, named below the wheel if given.
    """
    y, x = np.mgrid[-1:1:301j, -1:1:301j]
    picture = flow_to_rgb(np.stack([x, y], -1), max_px=1)
    outside = np.hypot(x, y) > 1
    alpha = np.where(outside, 0, 255)[..., None].astype(np.uint8)
    ax.imshow(np.concatenate([picture, alpha], -1), extent=(-1, 1, 1, -1))
    for label, where, across, up in (
        ("right", (1.06, 0), "left", "center"),
        ("down", (0, 1.06), "center", "top"),
        ("left", (-1.06, 0), "right", "center"),
        ("up", (0, -1.06), "center", "bottom"),
    ):
        ax.text(*where, label, ha=across, va=up)
    if max_px is not None:
        ax.text(0, 1.45, f"rim: {max_px:g} px per frame", ha="center", va="top")
    ax.set_axis_off()
    return ax


def share_bars(
    ax: Axes,
    shares: Mapping[str, float],
    remarks: Mapping[str, str] | None = None,
    *,
    label: str,
    title: str = "",
) -> Axes:
    """Draw shares as bars, the first on top, each with its number.

    Args:
        ax: where to draw.
        shares: what → its share, 0 to 1.
        remarks: what → words that stand after its number.
        label: of the axis: what is shared out.
        title: says what is seen.
    """
    if not shares:
        raise ValueError("shares: expected at least one, got none")
    words = {name: f", {remark}" for name, remark in (remarks or {}).items()}
    bars = ax.barh(list(shares), list(shares.values()), color=BLUE)
    texts = [f"{value:.0%}{words.get(name, '')}" for name, value in shares.items()]
    ax.bar_label(bars, texts, padding=4)
    ax.invert_yaxis()
    # Room for what stands after the longest bar; no tick promises more than all.
    ax.set_xlim(0, 1.35 if remarks else 1.15)
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(label)
    ax.set_title(title)
    return ax
