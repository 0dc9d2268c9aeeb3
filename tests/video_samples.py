"""Nasty films for the tests: what real folders of footage hold, made small and from nothing."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

HEIGHT, WIDTH, NUM_FRAMES, FPS = 48, 80, 37, 25
X264_B_FRAMES = "keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"
# Ticks of 1/30 s at which the 63 frames of a variable-rate film are shown: each third is held.
VARIABLE_TICKS = [k + k // 2 for k in range(61)] + [92, 93]


def moving_blocks(num_frames: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    """Frames uint8 (T, H, W, 3): coloured blocks that move one pixel per frame under noise."""
    random = np.random.default_rng(seed)
    blocks = random.integers(40, 215, (height // 8 + 2, width // 8 + 2, 3))
    wall = np.kron(blocks, np.ones((8, 8, 1), int))
    frames = np.stack([np.roll(wall, k, axis=1)[:height, :width] for k in range(num_frames)])
    return (frames + random.integers(-20, 21, frames.shape)).astype(np.uint8)


def encode(
    path: Path,
    frames: np.ndarray,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    ticks: list[int] | None = None,
    rate: int = FPS,
    container_options: dict[str, str] | None = None,
    colorspace: int | None = None,
) -> Path:
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pix_fmt
        stream.options = options or {"x264-params": X264_B_FRAMES}
        if colorspace is not None:
            stream.codec_context.colorspace = colorspace
        for k, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.pts, frame.time_base = ticks[k] if ticks else k, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def with_display_matrix(source: Path, path: Path, a: int, b: int, c: int, d: int) -> Path:
    """A copy of an MP4 whose track header (version 0) turns the picture."""
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    one = 1 << 16
    data[at : at + 36] = struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


def with_edit_list(source: Path, path: Path, skipped_ticks: int) -> Path:
    """A copy of an MP4 whose edit list begins the film later, inside a group of pictures."""
    data = bytearray(source.read_bytes())
    at = data.index(b"elst") + 4 + 4 + 4 + 4
    (start,) = struct.unpack(">i", data[at : at + 4])
    data[at : at + 4] = struct.pack(">i", start + skipped_ticks)
    path.write_bytes(data)
    return path


def with_avi_frame_count(source: Path, path: Path, count: int) -> Path:
    """A copy of an AVI whose two headers claim another number of frames."""
    data = bytearray(source.read_bytes())
    main, stream = data.index(b"avih") + 8 + 16, data.index(b"strh") + 8 + 32
    for at in (main, stream):
        data[at : at + 4] = struct.pack("<I", count)
    path.write_bytes(data)
    return path


def without_first_packets(source: Path, path: Path, count: int) -> Path:
    """A copy of a film that begins after its first keyframe, as cut recordings do."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        packets = [packet for packet in old.demux(video=0) if packet.size]
        for packet in packets[count:]:
            packet.stream = stream
            new.mux(packet)
    return path


def with_hidden_frame(source: Path, path: Path, hidden: int) -> Path:
    """A copy of a VP8 film in which one frame is decoded but not shown (RFC 6386, 9.1)."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for k, packet in enumerate(packet for packet in old.demux(video=0) if packet.size):
            data = bytearray(bytes(packet))
            data[0] &= 0xFF ^ (0x10 if k == hidden else 0)
            copy = av.Packet(bytes(data))
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.is_keyframe, copy.stream = packet.is_keyframe, stream
            new.mux(copy)
    return path


def sound_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 4096), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate, frame.pts = 44100, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def make_films(folder: Path) -> dict[str, Path]:
    """All films, by file name. Each decodes; what is nasty about it is in its name."""
    frames = moving_blocks(NUM_FRAMES, HEIGHT, WIDTH)
    odd = moving_blocks(19, 45, 79, seed=1)
    variable = moving_blocks(len(VARIABLE_TICKS), HEIGHT, WIDTH, seed=2)
    open_gop = {"x264-params": "keyint=8:min-keyint=8:scenecut=0:bframes=3:b-adapt=0:open-gop=1"}
    refresh = {"x264-params": "keyint=10:intra-refresh=1:bframes=0"}
    x265 = {"x265-params": "keyint=8:min-keyint=8:bframes=3:open-gop=1:log-level=none"}
    vpx = {"g": "12", "lag-in-frames": "16", "auto-alt-ref": "1", "deadline": "realtime"}
    films: dict[str, Path] = {}

    def add(name: str, make: Callable[..., Path], *args: object, **options: object) -> Path:
        first = (folder / name,) if make in (encode,) else (args[0], folder / name)
        films[name] = make(*first, *(args if make is encode else args[1:]), **options)
        return films[name]

    plain = add("b_frames.mp4", encode, frames)
    add("b_frames.mkv", encode, frames)
    add("fragmented.mp4", encode, frames, container_options={"movflags": "+frag_keyframe"})
    add("open_gop.mp4", encode, frames, options=open_gop)
    open_mkv = add("open_gop.mkv", encode, frames, options=open_gop)
    add("intra_refresh.mp4", encode, frames, options=refresh)
    add("hevc_open_gop.mp4", encode, frames, codec="libx265", options=x265)
    add("variable_rate.mp4", encode, variable, ticks=VARIABLE_TICKS, rate=30)
    add("variable_rate.mkv", encode, variable, ticks=VARIABLE_TICKS, rate=30)
    # Matroska keeps milliseconds: three frames share each.
    add("same_time_stamps.mkv", encode, frames, options={"bf": "0", "g": "12"}, rate=3000)
    add("odd_sides.mp4", encode, odd, pix_fmt="yuv444p")
    add("odd_sides.avi", encode, odd, codec="mpeg4", options={"g": "6", "bf": "2"})
    add("odd_sides.webm", encode, odd, codec="libvpx-vp9", options=vpx)
    add("one_frame.mp4", encode, frames[:1])
    add("one_frame.mkv", encode, frames[:1])
    vp8 = add("vp8.webm", encode, frames, codec="libvpx", options=vpx)
    add("hidden_frame.webm", with_hidden_frame, vp8, 20)
    add("no_time_stamps.avi", encode, frames)
    add("stream.ts", encode, frames)
    add("bt709.mp4", encode, frames, colorspace=1)
    add("turned_90.mp4", with_display_matrix, plain, 0, 1, -1, 0)
    add("turned_180.mp4", with_display_matrix, plain, -1, 0, 0, -1)
    add("turned_270.mp4", with_display_matrix, plain, 0, -1, 1, 0)
    add("mirrored.mp4", with_display_matrix, plain, -1, 0, 0, 1)
    add("transposed.mp4", with_display_matrix, plain, 0, 1, 1, 0)
    # 512 ticks a frame; 5 frames in stays within the first group of 12.
    add("edit_list.mp4", with_edit_list, plain, 5 * 512)
    add("header_claims_90.avi", with_avi_frame_count, films["odd_sides.avi"], 90)
    add("begins_inside_a_group.mkv", without_first_packets, open_mkv, 5)
    return films
