"""Draws the cover's picture: a film as a block of frames, cut so that time shows on two sides.

``python tools/hero.py`` writes ``book/_static/cube.webp`` (the cover) and ``share.jpg`` (shown
where the book is linked). Front: one frame. Top: one row of pixels over time. Right: one column.
Footage: Big Buck Bunny, © 2008 Blender Foundation, CC BY 3.0.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from lecturekit import assets, palette

STATIC = Path(__file__).resolve().parents[1] / "book" / "_static"
SCALE = 2  # drawn at twice the size, then reduced: smooth edges
FRONT_PX = (720, 405)
DEPTH_PX = (330, 190)  # how far the last frame lies to the right of the first, and above it
FIRST, LAST = 4, 124


def read_film() -> np.ndarray:
    """The frames FIRST to LAST, uint8 RGB (T, H, W, 3)."""
    capture = cv2.VideoCapture(str(assets.path("bigbuckbunny")))
    frames = []
    while (read := capture.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    return np.stack(frames[FIRST:LAST])


def place(canvas: np.ndarray, face: np.ndarray, corners: list[tuple[float, float]]) -> None:
    """Draw a face (H, W, 3) onto an RGBA canvas; corners: top left, top right, bottom left."""
    height, width = face.shape[:2]
    source = np.float32([(0, 0), (width, 0), (0, height)])
    warp = cv2.getAffineTransform(source, np.float32(corners) * SCALE)
    rgba = np.dstack([face, np.full(face.shape[:2], 255, np.uint8)])
    drawn = cv2.warpAffine(rgba, warp, canvas.shape[1::-1], flags=cv2.INTER_AREA)
    inside = drawn[..., 3:] > 127
    np.copyto(canvas, drawn, where=inside)


def shade(face: np.ndarray, light: float) -> np.ndarray:
    return np.clip(face * light, 0, 255).astype(np.uint8)


def draw(frames: np.ndarray) -> Image.Image:
    """The block, RGBA on nothing."""
    width, height = FRONT_PX
    dx, dy = DEPTH_PX
    canvas = np.zeros(((height + dy) * SCALE, (width + dx) * SCALE, 4), np.uint8)
    # The cut goes through the rabbit: its shape over time is drawn on the top and on the side.
    row, column = int(frames.shape[1] * 0.42), int(frames.shape[2] * 0.31)
    cut_top = int(dy + height * 0.0)
    top = frames[::-1, row, :, :]
    side = frames[:, :, column, :].transpose(1, 0, 2)
    place(canvas, shade(top, 1.04), [(dx, 0), (dx + width, 0), (0, cut_top)])
    place(canvas, shade(side, 0.82), [(width, dy), (width + dx, 0), (width, dy + height)])
    place(canvas, frames[60], [(0, dy), (width, dy), (0, dy + height)])
    edges = [
        ((0, dy), (width, dy)),
        ((width, dy), (width, dy + height)),
        ((width, dy), (width + dx, 0)),
    ]
    for start, end in edges:
        scaled = [tuple(SCALE * value for value in point) for point in (start, end)]
        cv2.line(canvas, *scaled, (255, 255, 255, 255), 3, cv2.LINE_AA)
    return Image.fromarray(canvas).resize((width + dx, height + dy), Image.Resampling.LANCZOS)


def main() -> None:
    block = draw(read_film())
    block.save(STATIC / "cube.webp", quality=80, method=6)
    share = Image.new("RGB", (1200, 630), palette.DARK["paper"])
    share.paste(block, ((1200 - block.width) // 2, (630 - block.height) // 2), block)
    share.save(STATIC / "share.jpg", quality=82, optimize=True)


if __name__ == "__main__":
    main()
