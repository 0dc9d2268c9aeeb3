"""Where puppets act: real backgrounds, a hand-held camera, distractors; and the drawing itself.

Colours, positions and background are drawn independently of the action, and what moves here moves
alike forwards and backwards in time: nothing on the stage knows the class.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np
from einops import rearrange

from lecturekit import assets, video

from .figure import Parts, outlines
from .kinematics import times

Split = Literal["train", "test"]

# (film, frame, columns from, to, in shares of the width): whole shots belong to one split.
_BACKGROUNDS = {
    "train": (
        ("bikes", 10, 0, 1),
        ("bikes", 60, 0, 1),
        ("bikes", 160, 0, 1),
        ("bigbuckbunny", 30, 0.4, 1),
    ),
    "test": (("bikes", 100, 0, 1), ("bikes", 215, 0, 1), ("bikes", 245, 0, 1)),
}
_FINE = 4
"""Backgrounds are kept this many times finer than frames: the camera moves by quarter pixels."""
_REACH = 0.0125
"""How far, in frame widths, the camera strays to each side."""
_BITS = 4
"""OpenCV draws at corners given in sixteenths of a pixel."""


@dataclass(frozen=True)
class Stage:
    """All of a clip but the figure.

    Attributes:
        background: uint8 RGB ``(4, 4, rows, columns, 3)``: the same view shifted by quarters of a
            pixel, first downwards, then to the right; a margin on all sides.
        camera: ``(T, 2)`` int: where the camera looks, (x, y) in quarter pixels from the middle.
        balls: complex ``(T, N)``: centres of the distractors, x + iy in frame widths.
        ball_radii: ``(N,)``, in frame widths.
        ball_colours: N RGB triples.
        ground: y of the floor, in frame widths.
    """

    background: np.ndarray
    camera: np.ndarray
    balls: np.ndarray
    ball_radii: np.ndarray
    ball_colours: list[list[int]]
    ground: float


def draw_stage(
    rng: np.random.Generator, split: Split, num_frames: int, size: int, length: float = 1.0
) -> Stage:
    """Draw a stage at random: background, light, camera, distractors.

    Args:
        rng: where chance comes from.
        split: whose backgrounds to use.
        num_frames: T.
        size: of a frame, in pixels.
        length: of the film in lengths of a clip, which sets the distractors' pace.
    """
    wide = backgrounds(split, size)[rng.integers(2 * len(_BACKGROUNDS[split]))]
    side = size + 2 * _margin(size)
    left = rng.integers(wide.shape[3] - side + 1)
    background = wide[:, :, :, left : left + side]
    # A new draw for each frame: a camera that drifted would show which frames are neighbours.
    reach = int(_REACH * size * _FINE)
    camera = rng.integers(-reach, reach + 1, (num_frames, 2)) * (rng.uniform() < 0.7)
    number = rng.integers(3)
    turns = rng.uniform(0.25, 0.8, (2, number)) * length
    phases, middles = rng.uniform(0, 1, (2, number)), rng.uniform(0.1, 0.9, (2, number))
    u = times(num_frames)[:, None, None]
    # A sine of random phase: the same sight forwards and backwards.
    balls = middles + 0.2 * np.sin(2 * np.pi * (phases + turns * u))
    colours = rng.integers(40, 240, (number, 3)).tolist()
    radii = rng.uniform(0.03, 0.05, number)
    return Stage(
        background, camera, balls[:, 0] + 1j * balls[:, 1], radii, colours, rng.uniform(0.86, 0.92)
    )


def credits(split: Split) -> tuple[str, ...]:
    """The attribution lines of the films that the backgrounds of a split are cut from."""
    return tuple(dict.fromkeys(assets.credit(film) for film, *_ in _BACKGROUNDS[split]))


@cache
def backgrounds(split: Split, size: int) -> tuple[np.ndarray, ...]:
    """The backgrounds of a split and their mirror images, for frames of ``size`` pixels.

    They are a little out of focus and pale, so that the puppets stand out. Each is as in
    :class:`Stage`, but wider.
    """
    side = _FINE * (size + 2 * _margin(size))
    ready = []
    for film, frame, start, stop in _BACKGROUNDS[split]:
        image = video.read_frames(assets.path(film), [frame])[0]
        width = image.shape[1]
        image = image[:, int(start * width) : int(stop * width)]
        columns = image.shape[1] * side // image.shape[0] // _FINE * _FINE
        # Exact resizing and a blur that OpenCV computes in integers: the same on every machine.
        if image.shape[0] > 2 * side:
            image = cv2.GaussianBlur(image, (0, 0), 0.4 * image.shape[0] / side)
        image = cv2.resize(image, (columns, side), interpolation=cv2.INTER_LINEAR_EXACT)
        image = cv2.GaussianBlur(image, (0, 0), 0.6 * _FINE)
        image = ((image.astype(np.uint16) * 3 + 5 * 184) >> 3).astype(np.uint8)
        for view in (image, image[:, ::-1]):
            shifted = np.ascontiguousarray(
                rearrange(view, "(y dy) (x dx) c -> dy dx y x c", dy=_FINE, dx=_FINE)
            )
            shifted.flags.writeable = False
            ready.append(shifted)
    return tuple(ready)


def render(stage: Stage, parts: Parts, size: int) -> np.ndarray:
    """Draw the clip: uint8 RGB ``(T, size, size, 3)``, edges antialiased."""
    corners, balls, ball_radii = _placed(stage, parts, size)
    num_frames, num_parts = parts.seen.shape
    frames = np.empty((num_frames, size, size, 3), np.uint8)
    quarters, pixels = (
        a.tolist() for a in np.divmod(stage.camera + _FINE * _margin(size), _FINE)[::-1]
    )
    shapes = iter(corners.reshape(num_frames * num_parts, -1, 2))
    for t, frame in enumerate(frames):
        (dx, dy), (x, y) = quarters[t], pixels[t]
        frame[:] = stage.background[dy, dx, y : y + size, x : x + size]
        for centre, radius, colour in zip(balls[t], ball_radii, stage.ball_colours, strict=True):
            cv2.circle(frame, centre, radius, colour, cv2.FILLED, cv2.LINE_AA, _BITS)
        for colour, seen, shape in zip(parts.colours, parts.seen[t].tolist(), shapes):  # noqa: B905
            if seen:
                cv2.fillConvexPoly(frame, shape, colour, cv2.LINE_AA, _BITS)
    return frames


def true_flow(stage: Stage, parts: Parts, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel goes, exactly.

    Returns:
        flow: float32 ``(T − 1, size, size, 2)``, (dx, dy) in pixels to the next frame: of the
            body part, furniture or ball that covers the pixel, else of the background; NaN where
            that part is not there in the next frame.
        figure: bool ``(T, size, size)``: pixels of the person and what it holds.
    """
    owner = _owners(stage, parts, size)
    num_frames = len(owner)
    # A part turns, moves and keeps its size: z → a z + b in the complex plane.
    camera = _camera(stage)
    ends = parts.ends * size - camera[:, None, None]
    turn = (ends[1:, :, 1] - ends[1:, :, 0]) / (ends[:-1, :, 1] - ends[:-1, :, 0])
    shift = ends[1:, :, 0] - turn * ends[:-1, :, 0]
    shift[~parts.seen[1:]] = np.nan
    moved = np.diff(stage.balls * size - camera[:, None], axis=0)
    still = -np.diff(camera)[:, None]
    # The last entry is the background: owner −1 picks it.
    turn = np.concatenate([np.ones_like(moved), turn, np.ones_like(still)], 1)
    shift = np.concatenate([moved, shift, still], 1)
    here = np.arange(size) + 1j * np.arange(size)[:, None]
    flow = np.empty((num_frames - 1, size, size, 2), np.float32)
    for t in range(num_frames - 1):
        step = turn[t][owner[t]] * here + shift[t][owner[t]] - here
        flow[t, ..., 0], flow[t, ..., 1] = step.real, step.imag
    return flow, _figures(owner, stage, parts).any(1)


def true_masks(stage: Stage, parts: Parts, size: int) -> np.ndarray:
    """The pixels of each figure and what it holds: bool ``(T, F, size, size)``."""
    return _figures(_owners(stage, parts, size), stage, parts)


def _owners(stage: Stage, parts: Parts, size: int) -> np.ndarray:
    """What covers each pixel, int16 ``(T, size, size)``: balls, then parts; −1: the background."""
    corners, balls, ball_radii = _placed(stage, parts, size)
    number = len(ball_radii)
    owner = np.full((len(corners), size, size), -1, np.int16)
    for t, image in enumerate(owner):
        for n, radius in enumerate(ball_radii):
            cv2.circle(image, balls[t][n], radius, n, cv2.FILLED, cv2.LINE_8, _BITS)
        for k in np.flatnonzero(parts.seen[t]).tolist():
            cv2.fillConvexPoly(image, corners[t, k], number + k, cv2.LINE_8, _BITS)
    return owner


def _figures(owner: np.ndarray, stage: Stage, parts: Parts) -> np.ndarray:
    # The last entry is the background: owner −1 picks it.
    body = np.where(parts.body, parts.whose, -1)
    figure_of = np.concatenate([np.full(len(stage.ball_radii), -1), body, [-1]])
    return figure_of[owner][:, None] == np.arange(parts.num_figures)[:, None, None]


def _placed(stage: Stage, parts: Parts, size: int) -> tuple[np.ndarray, list, list[int]]:
    """Corners of parts ``(T, K, corners, 2)``, centres and radii of balls, as OpenCV takes them."""
    camera = _camera(stage)
    corners = _fixed(outlines(parts, _corners(size)) * size - camera[:, None, None])
    balls = _fixed(stage.balls * size - camera[:, None])
    radii = np.rint(stage.ball_radii * size * (1 << _BITS)).astype(int)
    return corners, balls.tolist(), radii.tolist()


def _camera(stage: Stage) -> np.ndarray:
    """Where the camera looks, complex ``(T,)`` in pixels."""
    return stage.camera @ [1, 1j] / _FINE


def _fixed(points: np.ndarray) -> np.ndarray:
    """Complex pixels as fixed-point (x, y), int32 ``(..., 2)``."""
    pairs = np.ascontiguousarray(points).view(np.float64).reshape(*points.shape, 2)
    return np.rint(pairs * (1 << _BITS)).astype(np.int32)


def _corners(size: int) -> int:
    return 10 if size <= 64 else 24


def _margin(size: int) -> int:
    return int(np.ceil(_REACH * size))
