"""Flow on disk: Middlebury's ``.flo`` and KITTI's 16-bit png; written whole or not at all."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np

from lecturekit.files import PathLike, written_whole

from .field import flow_field

_FLO_MAGIC = 202021.25
# Middlebury: a component above 1e9 means "not known". This is what their program writes.
_FLO_LIMIT, _FLO_UNKNOWN = 1e9, 1e10
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write_flo(path: PathLike, flow: np.ndarray) -> None:
    """Write flow as Middlebury's ``.flo``: float32, nothing lost.

    Args:
        path: replaced if it exists.
        flow: ``(H, W, 2)``, (dx, dy) in px, within ±1e9. NaN is stored as "not known".
    """
    flow = flow_field("flow", flow)
    unknown = np.isnan(flow).any(-1, keepdims=True)
    if (np.abs(flow) > _FLO_LIMIT).any():
        raise ValueError("flow: expected components within ±1e9 px, which .flo keeps for NaN")
    height, width, _ = flow.shape
    body = np.where(unknown, np.float32(_FLO_UNKNOWN), flow).astype("<f4").tobytes()
    with written_whole(path) as partial:
        partial.write_bytes(struct.pack("<fii", _FLO_MAGIC, width, height) + body)


def read_flo(path: PathLike) -> np.ndarray:
    """Read Middlebury's ``.flo``.

    Returns:
        float32 ``(H, W, 2)``, (dx, dy) in px; NaN where the file says "not known".

    Raises:
        ValueError: no ``.flo`` file, or one that is cut off or too long.
    """
    data = Path(path).read_bytes()
    if len(data) < 12 or data[:4] != struct.pack("<f", _FLO_MAGIC):
        raise ValueError(f"{path}: expected a .flo file, got one that starts with {data[:4]!r}")
    width, height = struct.unpack("<ii", data[4:12])
    if width < 1 or height < 1:
        raise ValueError(f"{path}: expected a width and height above 0, got {width} × {height}")
    expected = 12 + 8 * width * height
    if len(data) != expected:
        raise ValueError(
            f"{path}: expected {expected} bytes for {width} × {height} pixels, got {len(data)}"
        )
    flow = np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2).astype(np.float32)
    unknown = ~(np.abs(flow) <= _FLO_LIMIT).all(-1)
    flow[unknown] = np.nan
    return flow


def write_kitti(path: PathLike, flow: np.ndarray) -> None:
    """Write flow as KITTI's 16-bit png: red is dx · 64 + 32768, green dy likewise, blue "valid".

    Each component is rounded to 1/64 px: at most 1/128 px is lost, and nothing if it is a multiple
    of 1/64 px.

    Args:
        path: replaced if it exists.
        flow: ``(H, W, 2)``, (dx, dy) in px, from −512 to 511.984. NaN is stored as not valid.

    Raises:
        ValueError: a component out of that range; KITTI's own program would clip it.
    """
    flow = flow_field("flow", flow).astype(np.float64)
    valid = ~np.isnan(flow).any(-1)
    levels = np.rint(flow * 64 + 32768)
    if ((levels < 0) | (levels > 65535))[valid].any():
        raise ValueError(
            "flow: expected components from -512 to 511.984 px, got "
            f"{np.nanmin(flow):g} to {np.nanmax(flow):g}"
        )
    red, green = np.moveaxis(np.where(valid[..., None], levels, 0), -1, 0)
    written, png = cv2.imencode(".png", np.stack([valid, green, red], -1).astype(np.uint16))
    if not written:
        raise ValueError(f"flow: OpenCV cannot write a png of shape {flow.shape}")
    with written_whole(path) as partial:
        partial.write_bytes(png.tobytes())


def read_kitti(path: PathLike) -> np.ndarray:
    """Read KITTI's 16-bit flow png.

    Returns:
        float32 ``(H, W, 2)``, (dx, dy) in px; NaN where the file says "not valid".

    Raises:
        ValueError: no png, a damaged one, or not of three 16-bit channels.
    """
    data = Path(path).read_bytes()
    _check_png(path, data)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.dtype != np.uint16 or image.ndim != 3 or image.shape[2] != 3:
        got = "none that OpenCV reads" if image is None else f"{image.dtype} {image.shape}"
        raise ValueError(f"{path}: expected a 16-bit png of three channels, got {got}")
    blue, green, red = np.moveaxis(image, -1, 0)
    flow = (np.stack([red, green], -1).astype(np.float32) - 32768) / 64
    flow[blue == 0] = np.nan
    return flow


def _check_png(path: PathLike, data: bytes) -> None:
    """Every chunk whole and its checksum right: OpenCV shows what it can of a damaged file."""
    if not data.startswith(_PNG_SIGNATURE):
        raise ValueError(f"{path}: expected a png file, got one that starts with {data[:8]!r}")
    start = len(_PNG_SIGNATURE)
    while True:
        if start + 12 > len(data):
            raise ValueError(f"{path}: expected a whole png file, got one cut off")
        (size,) = struct.unpack_from(">I", data, start)
        body, end = data[start + 4 : start + 8 + size], start + 12 + size
        if data[end - 4 : end] != struct.pack(">I", zlib.crc32(body)):
            raise ValueError(f"{path}: expected a whole png file, got a damaged one")
        if body[:4] == b"IEND":
            return
        start = end
