"""Checks compressed frames against the header, before any decoder sees them."""

from typing import Any, Final

from pydicom import uid
from pydicom.encaps import generate_frames

from core.errors import UnreadableObjectError
from imaging.codestream import read_codestream
from imaging.layout import Layout
from imaging.runs import check_runs

_SLACK: Final = 1 << 16
"""Bytes by which a frame of noise may be larger than twice its pixels."""
_MOST_BITS: Final = 16


def check_frames(
    data: bytes, layout: Layout, syntax: str, offsets: tuple[Any, ...] | None = None
) -> int:
    """Check number, size and claims of compressed frames.

    Parameters
    ----------
    data
        The encapsulated pixel data (PS3.5 section A.4).
    layout
        What the header says of them.
    syntax
        Transfer syntax UID.
    offsets
        Extended Offset Table (7FE0,0001) and its Lengths (7FE0,0002), by which the decoder will
        find the frames; None where it will go by the fragments and the basic table alone.

    Returns
    -------
    int
        Bits of a decoded sample: the stream's own, or those allocated where it has no say (RLE).

    Raises
    ------
    UnreadableObjectError
        If frames are missing or damaged, or claim another size than the header.
    """
    frames = _split(data, layout.frames, offsets)
    limit = 2 * layout.size // layout.frames + _SLACK
    if any(len(frame) > limit for frame in frames):
        message = "a compressed frame is larger than its pixels"
        raise UnreadableObjectError(message)
    if syntax == uid.RLELossless:
        for frame in frames:
            check_runs(frame, layout.rows * layout.columns)
        return layout.bits_allocated
    precisions = {_check_claims(frame, layout) for frame in frames}
    if len(precisions) != 1 or not 1 <= max(precisions) <= _MOST_BITS:
        message = f"compressed pixels of {sorted(precisions)} bits are not decoded"
        raise UnreadableObjectError(message)
    return precisions.pop()


def _split(data: bytes, count: int, offsets: tuple[Any, ...] | None) -> list[bytes]:
    try:
        frames = list(generate_frames(data, number_of_frames=count, extended_offsets=offsets))
    except MemoryError:
        raise
    except Exception as error:
        message = f"compressed pixels are damaged ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    if len(frames) < count:
        message = f"compressed pixels hold {len(frames)} of {count} frames"
        raise UnreadableObjectError(message)
    return frames[:count]


def _check_claims(frame: bytes, layout: Layout) -> int:
    found = read_codestream(frame)
    claimed = (found.rows, found.columns, found.components)
    announced = (layout.rows, layout.columns, layout.samples)
    if claimed != announced:
        message = (
            f"compressed picture of {found.rows} x {found.columns} x {found.components} "
            f"where the header says {layout.rows} x {layout.columns} x {layout.samples}"
        )
        raise UnreadableObjectError(message)
    return found.precision
