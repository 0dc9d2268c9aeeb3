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

from dataclasses import dataclass

# Kinds of NAL units.
_IDR, _H264_PICTURES, _H264_PARAMETERS = 5, range(1, 6), {7, 8, 13, 15}
_HEVC_ENTRIES, _HEVC_BROKEN_LINKS = range(19, 22), range(16, 19)
_HEVC_PICTURES, _HEVC_PARAMETERS, _HEVC_SEQUENCE_END = range(32), range(32, 35), 36


@dataclass(frozen=True)
class Rules:
    """How the packets of one film are to be read; made by `rules_of`."""

    codec: str
    header: bytes  # the decoder configuration: parameter sets that hold for the whole film
    length_bytes: int  # before each unit

    def is_entry(self, packet: memoryview) -> bool | None:
        """Whether decoding may start at a packet; ``None``: nowhere in this film but at its start.

        That is so where parameter sets change on the way, and where pictures are left out by plain
        decoding itself (HEVC: after a broken link, or after the end of a sequence).
        """
        at, first = 0, None
        while at + self.length_bytes < len(packet):
            size = int.from_bytes(packet[at : at + self.length_bytes])
            at += self.length_bytes
            kind = packet[at] & 31 if self.codec == "h264" else packet[at] >> 1 & 63
            if self.codec == "h264":
                if kind in _H264_PARAMETERS and bytes(packet[at : at + size]) not in self.header:
                    return None
                is_picture = kind in _H264_PICTURES
            else:
                if kind in _HEVC_PARAMETERS and bytes(packet[at : at + size]) not in self.header:
                    return None
                if kind in _HEVC_BROKEN_LINKS or kind == _HEVC_SEQUENCE_END:
                    return None
                is_picture = kind in _HEVC_PICTURES
            if is_picture and first is None:
                first = kind
            at += size
        return first == _IDR if self.codec == "h264" else first in _HEVC_ENTRIES


def rules_of(codec: str, header: bytes | None) -> Rules | None:
    """The rules for H.264 and HEVC as MP4 and Matroska keep them; ``None`` for all else."""
    # avcC (ISO 14496-15, 5.3.3.1) and hvcC (8.3.3.1) begin with their version, 1.
    at = {"h264": 4, "hevc": 21}.get(codec)
    if at is None or header is None or len(header) <= at or header[0] != 1:
        return None
    return Rules(codec, header, (header[at] & 3) + 1)
