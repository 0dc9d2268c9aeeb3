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


class Pipe:
    """What av.open writes to as to a pipe: there is no going back."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb")  # noqa: SIM115
        self.write, self.close = self._file.write, self._file.close


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
    pipe: str | None = None,
    title: str = "",
) -> Path:
    """A film of frames; with ``pipe``, a container's name, as one who cannot go back writes it."""
    file = Pipe(path) if pipe else str(path)
    with av.open(file, "w", format=pipe, options=container_options or {}) as container:
        container.metadata["title"] = title
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


ONE = 1 << 16  # 1 in a display matrix


def with_display_matrix(source: Path, path: Path, a: int, b: int, c: int, d: int) -> Path:
    """A copy of an MP4 whose track header (version 0) turns the picture; in units of 1 / ONE."""
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
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


def with_all_packets_marked_as_keyframes(source: Path, path: Path) -> Path:
    """A copy of a film whose container calls each picture a keyframe."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.size:
                packet.is_keyframe, packet.stream = True, stream
                new.mux(packet)
    return path


def with_changed_parameters(folder: Path, path: Path, frames: np.ndarray) -> Path:
    """An H.264 film whose second half is coded by other parameters, said once, where it begins.

    x264 repeats them with each keyframe; all repeats but the one at the change are taken out.
    """
    groups = "keyint=6:min-keyint=6:scenecut=0:bframes=0:chroma-qp-offset="
    halves = [
        encode(folder / f"half{k}.ts", half, options={"x264-params": f"{groups}{9 * k}"})
        for k, half in enumerate(np.array_split(frames, 2))
    ]
    packets: list[tuple[bytes, bool]] = []
    for half in halves:
        with av.open(str(half)) as old:
            packets += [(bytes(p), p.is_keyframe) for p in old.demux(video=0) if p.size]
    parameters = {7: b"", 8: b""}
    with av.open(str(halves[0])) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for k, (data, is_keyframe) in enumerate(packets):
            kept = []
            for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]:
                if parameters.get(unit[0] & 31) != unit:
                    kept.append(b"\0\0\0\1" + unit)
                if unit[0] & 31 in parameters:
                    parameters[unit[0] & 31] = unit
            packet = av.Packet(b"".join(kept))
            packet.pts = packet.dts = k
            packet.time_base, packet.stream = Fraction(1, FPS), stream
            packet.is_keyframe = is_keyframe
            new.mux(packet)
    for half in halves:
        half.unlink()
    return path


def refreshed_test_pattern(path: Path) -> Path:
    """FFmpeg's test pattern, 8 s, in H.264 that is refreshed column by column, every 10 frames."""
    graph = av.filter.Graph()
    source = graph.add("testsrc2", "s=320x240:r=25:d=8")
    sink = graph.add("buffersink")
    source.link_to(sink)
    graph.configure()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 240, 320, "yuv420p"
        stream.options = {"x264-params": "intra-refresh=1:keyint=10:bframes=0:scenecut=0"}
        for k in range(200):
            frame = sink.pull()
            frame.pts, frame.time_base = k, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
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

    refresh_hevc = {"x265-params": "keyint=10:intra-refresh=1:bframes=0:log-level=none"}
    mpeg2 = {"g": "9", "bf": "2"}

    plain = add("b_frames.mp4", encode, frames)
    add("b_frames.mkv", encode, frames)
    add("fragmented.mp4", encode, frames, container_options={"movflags": "+frag_keyframe"})
    add("open_gop.mp4", encode, frames, options=open_gop)
    open_mkv = add("open_gop.mkv", encode, frames, options=open_gop)
    add("intra_refresh.mp4", encode, frames, options=refresh)
    add("hevc_open_gop.mp4", encode, frames, codec="libx265", options=x265)
    add("hevc_intra_refresh.mkv", encode, frames, codec="libx265", options=refresh_hevc)
    add("all_marked_as_keyframes.mp4", with_all_packets_marked_as_keyframes, plain)
    add("parameters_change.mp4", lambda _, path: with_changed_parameters(folder, path, frames), 0)
    add("mpeg2_open_gop.mkv", encode, frames, codec="mpeg2video", options=mpeg2)
    add("mpeg2_open_gop.mpg", encode, frames, codec="mpeg2video", options=mpeg2)
    add("av1.mp4", encode, frames, codec="libsvtav1", options={"preset": "12", "g": "12"})
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
    add("to_a_pipe.avi", encode, frames, codec="mpeg4", options={"g": "6"}, pipe="avi")
    add("vp8.ogv", encode, frames, codec="libvpx", options=vpx)
    add("sorenson.flv", encode, frames, codec="flv", options={"g": "6"})
    add("to_a_pipe.flv", encode, frames, codec="flv", options={"g": "6"}, pipe="flv")
    add("wmv2.wmv", encode, frames, codec="wmv2", options={"g": "6"})
    add("palette.gif", encode, frames, codec="gif", pix_fmt="rgb8", options={"g": "6"})
    add("phone.3gp", encode, frames, codec="mpeg4", options={"g": "6"})
    add("stream.ts", encode, frames)
    add("camera.m2ts", encode, frames, container_options={"mpegts_m2ts_mode": "1"})
    add("bt709.mp4", encode, frames, colorspace=1)
    add("turned_90.mp4", with_display_matrix, plain, 0, ONE, -ONE, 0)
    add("turned_180.mp4", with_display_matrix, plain, -ONE, 0, 0, -ONE)
    add("turned_270.mp4", with_display_matrix, plain, 0, -ONE, ONE, 0)
    add("mirrored.mp4", with_display_matrix, plain, -ONE, 0, 0, ONE)
    add("transposed.mp4", with_display_matrix, plain, 0, ONE, ONE, 0)
    # 512 ticks a frame; 5 frames in stays within the first group of 12.
    add("edit_list.mp4", with_edit_list, plain, 5 * 512)
    add("header_claims_90.avi", with_avi_frame_count, films["odd_sides.avi"], 90)
    add("begins_inside_a_group.mkv", without_first_packets, open_mkv, 5)
    return films
