"""Checks the lengths in an RLE stream, which its decoder does not (PS3.5 annex G).

Every segment is one byte of every pixel, packed into runs. A damaged length moves all that comes
after it, which decodes to a film that is sheared or torn; but the segment then rarely ends where
the picture does. A damaged value within a run moves nothing, and is one wrong spot.
"""

import struct
from typing import Final

from core.errors import UnreadableObjectError

_HEADER: Final = 64
_PADDING: Final = 2
"""Bytes that may follow a segment's pixels: a run that some writers add; zeros do not count."""
_NOTHING: Final = 128
_TAKES: Final = tuple(
    code + 2 if code < _NOTHING else 2 - (code == _NOTHING) for code in range(256)
)
"""Bytes of a run with this first byte, itself included."""
_GIVES: Final = tuple(
    code + 1 if code < _NOTHING else (257 - code) * (code != _NOTHING) for code in range(256)
)
"""Bytes that it stands for."""


def check_runs(frame: bytes, pixels: int) -> None:
    """Refuse a frame with a segment that has more or fewer bytes than the frame has pixels.

    Parameters
    ----------
    frame
        The RLE stream of one frame.
    pixels
        Number of its pixels.

    Raises
    ------
    UnreadableObjectError
        If a segment ends early or late, or the frame has none.
    """
    if len(frame) < _HEADER:
        message = "compressed pixels are damaged (no RLE header)"
        raise UnreadableObjectError(message)
    count, *offsets = struct.unpack_from("<16L", frame)
    starts = offsets[:count]
    for start, end in zip(starts, [*starts[1:], len(frame)], strict=True):
        if not (_HEADER <= start <= end <= len(frame) and _is_whole(frame[start:end], pixels)):
            message = "compressed pixels are damaged (an RLE segment of another length)"
            raise UnreadableObjectError(message)


def _is_whole(segment: bytes, pixels: int) -> bool:
    at = given = 0
    length = len(segment)
    while given < pixels and at < length:
        code = segment[at]
        at += _TAKES[code]
        given += _GIVES[code]
    return given == pixels and at <= length and len(segment[at:].rstrip(b"\0")) <= _PADDING
