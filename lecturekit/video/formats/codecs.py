"""The codec rules: where in a film decoding may start, and still give what the whole film gives.

What a container calls a keyframe is no proof. An H.264 film may mark *recovery points*: pictures
after which decoding "recovers", by a refresh that walks over the picture or at an open group of
pictures. Started there, FFmpeg gives pictures that can differ from those of the whole film, and
says nothing. So the coded pictures themselves are looked at:

H.264  (ISO 14496-10, 7.4.1)    only an IDR picture: what follows refers to nothing before it.
HEVC   (ISO 23008-2, 7.4.2.2)   IDR and CRA pictures. Pictures stored after a CRA and shown after
                                it refer to nothing before it; those shown before it (RASL) may,
                                and belong to the entry before.

All other codecs are decoded from the start of the film.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class _Units:
    """The kinds of NAL units of a codec, and where its header says how long their lengths are."""

    shift: int  # of the kind, in a unit's first byte
    mask: int
    pictures: Container[int]
    entries: Container[int]
    parameters: Container[int]
    leave_out: Container[int]  # after these, pictures are left out by plain decoding itself
    length_at: int


_UNITS = {
    "h264": _Units(0, 31, range(1, 6), {5}, {7, 8, 13, 15}, (), length_at=4),
    # Left out: after a broken link (16 to 18), and after the end of a sequence (36).
    "hevc": _Units(1, 63, range(32), range(19, 22), range(32, 35), {16, 17, 18, 36}, length_at=21),
}


@dataclass(frozen=True)
class Rules:
    """How the packets of one film are to be read; made by `rules_of`."""

    units: _Units
    header: bytes  # the decoder configuration: parameter sets that hold for the whole film
    length_bytes: int  # before each unit

    def is_entry(self, packet: memoryview) -> bool | None:
        """Whether decoding may start at a packet; ``None``: nowhere in this film but at its start.

        That is so where parameter sets change on the way, and where pictures are left out by plain
        decoding itself.
        """
        first = None
        for kind, unit in self._units_of(packet):
            changes = kind in self.units.parameters and bytes(unit) not in self.header
            if changes or kind in self.units.leave_out:
                return None
            if first is None and kind in self.units.pictures:
                first = kind
        return first in self.units.entries

    def _units_of(self, packet: memoryview) -> Iterator[tuple[int, memoryview]]:
        at = 0
        while at + self.length_bytes < len(packet):
            size = int.from_bytes(packet[at : at + self.length_bytes])
            at += self.length_bytes
            yield packet[at] >> self.units.shift & self.units.mask, packet[at : at + size]
            at += size


def rules_of(codec: str, header: bytes | None) -> Rules | None:
    """The rules for H.264 and HEVC as MP4 and Matroska keep them; ``None`` for all else."""
    units = _UNITS.get(codec)
    # avcC (ISO 14496-15, 5.3.3.1) and hvcC (8.3.3.1) begin with their version, 1.
    if units is None or header is None or len(header) <= units.length_at or header[0] != 1:
        return None
    return Rules(units, header, (header[units.length_at] & 3) + 1)
