"""What a film's container says of itself: which one it is, and whether all of it is there.

A film that was cut off decodes without a word up to the cut. What a container tells about its end:

MP4, MOV, 3GP  each box its size; the index, where every picture lies (index.py looks there)
Matroska, WebM the size of the segment; "not known" where it was streamed
AVI            the size of each RIFF part; "not known" (0xFFFFFFFF or 0) where it went to a pipe
ASF, WMV       the size of the file, unless it says that it is a broadcast
FLV            each tag its size; the whole file's where the writer could go back
Ogg            the last page of each stream is marked
GIF            a last byte after the last block

MPEG-TS and MPEG program streams say nothing of their end.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

HEAD_BYTES = 4096  # enough of a file to tell its container by
_MP4_FIRST = {b"ftyp", b"moov", b"mdat", b"moof", b"styp", b"free", b"skip", b"wide", b"pnot"}
_MP4_BOXES = _MP4_FIRST | {b"uuid", b"sidx", b"ssix", b"emsg", b"prft", b"mfra", b"meta", b"udta"}
_STILL_PICTURES = {b"avif", b"heic", b"heix", b"mif1"}
_ASF_HEADER = bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C")
_ASF_FILE_PROPERTIES = bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")
_EBML, _MATROSKA_SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_OGG_VIDEO = (b"\x80theora", b"OVP80", b"BBCD", b"\x01video")


def container_of(head: bytes) -> str | None:
    """Which container a file is, by its first bytes; ``None``: none that films are read from."""
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    for start, name in {
        _EBML: "matroska",
        b"OggS": "ogg",
        b"FLV\1": "flv",
        _ASF_HEADER: "asf",
        b"GIF87a": "gif",
        b"GIF89a": "gif",
        b"\0\0\1\xba": "mpeg",
    }.items():
        if head.startswith(start):
            return name
    # A first box of 16 MB or more is one of pictures, or it is text ("The free encyclopaedia").
    if head[4:8] in _MP4_FIRST and (head[:1] == b"\0" or head[4:8] == b"mdat"):
        return None if head[4:12] in {b"ftyp" + brand for brand in _STILL_PICTURES} else "mp4"
    return "mpegts" if _is_transport_stream(head) else None


def _is_transport_stream(head: bytes) -> bool:
    """Five packets of 188 bytes in a row; M2TS puts 4 bytes before each, DVB 16 after."""

    def is_packet(at: int) -> bool:  # ISO 13818-1, 2.4.3.2; text has a letter at the fourth byte
        return head[at] == 0x47 and head[at + 3] >> 4 in (1, 2, 3)

    return any(
        all(is_packet(at + k * length) for k in range(5))
        for length in (188, 192, 204)
        for at in range(min(1024, len(head) - 4 * length - 3))
    )


def missing_end(path: Path, size: int) -> str | None:
    """What shows that a film was cut off, in words; ``None`` if nothing does."""
    with path.open("rb") as file:
        container = container_of(file.read(HEAD_BYTES))
        sizes = {
            "avi": _avi_bytes,
            "matroska": _matroska_bytes,
            "asf": _asf_bytes,
            "flv": _flv_bytes,
            "mp4": _mp4_bytes,
        }
        if declared_bytes := sizes.get(container):
            declared = declared_bytes(file, size)
            return None if declared <= size else f"{declared} bytes or more, got {size}"
        ended = {"ogg": _ogg_ends, "gif": _gif_ends}.get(container)
        if ended and not ended(file, size):
            return f"the mark of its end, got {size} bytes without it"
    return None


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _avi_bytes(file: BinaryIO, size: int) -> int:
    at = 0
    while (head := _read(file, at, 8))[:4] == b"RIFF" and len(head) == 8:
        length = int.from_bytes(head[4:], "little")
        if length in (0, 0xFFFFFFFF):
            return 0
        if at + 8 + length > size:
            return at + 8 + length
        at += 8 + length + length % 2
    return 0


def _mp4_bytes(file: BinaryIO, size: int) -> int:
    """ISO 14496-12: boxes of a size (1: in 64 bits, 0: to the end of the file) and a kind."""
    at = 0
    while at < size:
        head = _read(file, at, 16)
        length = int.from_bytes(head[8:] if head[:4] == b"\0\0\0\1" else head[:4])
        if head[4:8] not in _MP4_BOXES or length < 8:
            return 0
        at += length
    return at


def _matroska_bytes(file: BinaryIO, size: int) -> int:
    """RFC 8794: elements of an identity and a size, both of 1 to 8 bytes."""
    at = 0
    while at < min(size, HEAD_BYTES):
        head = _read(file, at, 16)
        id_bytes = 9 - head[0].bit_length()
        field = head[id_bytes:]
        if id_bytes > 4 or not field or not field[0]:
            return 0
        size_bytes = 9 - field[0].bit_length()
        unknown = (1 << 7 * size_bytes) - 1
        length = int.from_bytes(field[:size_bytes]) & unknown
        if length == unknown:
            return 0
        at += id_bytes + size_bytes + length
        if head[:id_bytes] == _MATROSKA_SEGMENT:
            return at
    return 0


def _asf_bytes(file: BinaryIO, size: int) -> int:
    head = _read(file, 0, HEAD_BYTES)
    at = head.find(_ASF_FILE_PROPERTIES)
    if at < 0 or len(head) < at + 92:
        return 0
    (declared,) = struct.unpack_from("<Q", head, at + 40)
    (flags,) = struct.unpack_from("<I", head, at + 88)
    return 0 if flags & 1 else declared


def _flv_bytes(file: BinaryIO, size: int) -> int:
    head = _read(file, 0, HEAD_BYTES)
    declared = 0
    # AMF0: a name, then 0 for a number of 64 bits.
    if (at := head.find(b"\0\x08filesize\0")) >= 0 and len(head) >= at + 19:
        (number,) = struct.unpack_from(">d", head, at + 11)
        declared = int(number) if 0 < number < 2**53 else 0
    at = int.from_bytes(head[5:9]) + 4
    while at < size:
        tag = _read(file, at, 4)
        if tag[0] & 31 not in (8, 9, 18):  # sound, pictures, data
            break
        at += 11 + int.from_bytes(tag[1:]) + 4
    # The size of the last tag, repeated after it, may lack.
    return max(declared, at - 4)


def _ogg_ends(file: BinaryIO, size: int) -> bool:
    """RFC 3533, 6: pages; the first of a stream shows its codec, the last is marked by a 4."""
    ended: dict[bytes, bool] = {}
    for head, segments, at in _ogg_pages(file, size):
        stream, flags = head[14:18], head[5]
        if flags & 2 and _read(file, at, 8).startswith(_OGG_VIDEO):
            ended[stream] = False
        if stream in ended:
            ended[stream] = bool(flags & 4) and at + sum(segments) <= size
    return all(ended.values())


def _ogg_pages(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Each page's header, the lengths of its segments, and where they begin."""
    at = 0
    while at < size:
        head = _read(file, at, 27)
        if len(head) < 27 or head[:4] != b"OggS":
            return
        segments = file.read(head[26])
        at += 27 + head[26]
        yield head, segments, at
        at += sum(segments)


def _gif_ends(file: BinaryIO, size: int) -> bool:
    """GIF89a: blocks of sub-blocks, and 0x3B after the last."""
    file.seek(0)
    screen = file.read(13)
    if len(screen) < 13:
        return False
    file.seek(_colours_bytes(screen[10]), os.SEEK_CUR)
    while (kind := file.read(1)) in (b"\x21", b"\x2c"):
        if kind == b"\x21":
            file.seek(1, os.SEEK_CUR)
        else:
            image = file.read(9)
            if len(image) < 9:
                return False
            file.seek(_colours_bytes(image[8]) + 1, os.SEEK_CUR)
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], os.SEEK_CUR)
    return kind == b"\x3b"


def _colours_bytes(flags: int) -> int:
    """Bytes of a table of colours, where there is one."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 128 else 0
