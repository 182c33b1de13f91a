"""Looks through a deflated dataset before pydicom inflates it into memory."""

import zlib
from typing import BinaryIO, Final

from core.errors import UnreadableObjectError

_STEP: Final = 1 << 20


def check_deflated(file: BinaryIO, offset: int, maximum: int) -> None:
    """Refuse a deflated stream (PS3.5 section A.5) that has no end or grows without measure.

    Parameters
    ----------
    file
        The file; left at an unspecified position.
    offset
        Where the stream begins.
    maximum
        Most bytes that it may inflate to.

    Raises
    ------
    UnreadableObjectError
        If it is damaged, cut off or too large.
    """
    file.seek(offset)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    while not inflater.eof:
        pending = inflater.unconsumed_tail or file.read(_STEP)
        try:
            total += len(inflater.decompress(pending, _STEP))
        except zlib.error as error:
            message = "deflated data are damaged"
            raise UnreadableObjectError(message) from error
        if not pending and not inflater.eof:
            message = "deflated data are cut off"
            raise UnreadableObjectError(message)
        if total > maximum:
            message = f"deflated data of more than {maximum} bytes"
            raise UnreadableObjectError(message)
