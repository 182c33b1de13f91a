"""What a compressed frame says of its own size, before a decoder believes it.

Decoders allocate what the compressed stream asks for, whatever the header says, so a stream of
a few bytes could ask for gigabytes; and most of them fill up a stream that ends early.
"""

from dataclasses import dataclass
from typing import Final

from core.errors import UnreadableObjectError

_SOI: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
"""EOI of JPEG (ISO/IEC 10918-1) and JPEG-LS (14495-1), EOC of JPEG 2000 (15444-1)."""
_J2K_START: Final = b"\xff\x4f\xff\x51"
_FRAME_HEADERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 without DHT, JPG and DAC; SOF55 of JPEG-LS."""
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length: TEM and RST0 to RST7."""
_SCAN: Final = 0xDA
_PREFIX: Final = 0xFF
_SOF_BYTES: Final = 6
_LENGTH_BYTES: Final = 2
_SIZ_BYTES: Final = 39


@dataclass(frozen=True, slots=True)
class Codestream:
    """Size of a compressed frame by its own words.

    Parameters
    ----------
    rows, columns, components
        Size of the picture.
    precision
        Bits of a sample.
    """

    rows: int
    columns: int
    components: int
    precision: int


def read_codestream(frame: bytes) -> Codestream:
    """Read the size of one compressed frame: JPEG, JPEG-LS or JPEG 2000.

    Raises
    ------
    UnreadableObjectError
        If it is none of them, its headers make no sense, or it has no end marker.
    """
    # The standard pads to an even length with 00; FF is met in real films.
    if not frame.rstrip(b"\x00\xff").endswith(_END):
        message = "compressed picture has no end: it is cut off"
        raise UnreadableObjectError(message)
    found = _jpeg(frame) if frame.startswith(_SOI) else _jpeg_2000(frame)
    if found is None:
        message = "compressed picture has no usable header"
        raise UnreadableObjectError(message)
    return found


def _jpeg(frame: bytes) -> Codestream | None:
    position = 2
    while position + 4 <= len(frame):
        if frame[position] != _PREFIX:
            return None
        marker = frame[position + 1]
        if marker == _PREFIX or marker in _ALONE:
            position += 1 if marker == _PREFIX else 2
            continue
        if marker in _FRAME_HEADERS:
            part = frame[position + 4 :][:_SOF_BYTES]
            if len(part) < _SOF_BYTES:
                return None
            return Codestream(
                rows=int.from_bytes(part[1:3]),
                columns=int.from_bytes(part[3:5]),
                components=part[5],
                precision=part[0],
            )
        length = int.from_bytes(frame[position + 2 : position + 4])
        if marker == _SCAN or length < _LENGTH_BYTES:
            return None
        position += 2 + length
    return None


def _jpeg_2000(frame: bytes) -> Codestream | None:
    start = frame.find(_J2K_START)
    part = frame[start + 4 :][:_SIZ_BYTES]
    if start < 0 or len(part) < _SIZ_BYTES:
        return None
    right, lower, left, upper = (int.from_bytes(part[at : at + 4]) for at in (4, 8, 12, 16))
    return Codestream(
        rows=lower - upper,
        columns=right - left,
        components=int.from_bytes(part[36:38]),
        precision=(part[38] & 0x7F) + 1,
    )
