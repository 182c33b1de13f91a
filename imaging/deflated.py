"""Inflates a deflated dataset, up to a limit."""

import zlib
from io import BytesIO
from typing import BinaryIO, Final

from core.errors import UnreadableObjectError

_STEP: Final = 1 << 20


def inflate(file: BinaryIO, offset: int, maximum: int) -> BytesIO:
    """Inflate a deflated stream (PS3.5 section A.5) that may have no end or grow without measure.

    Parameters
    ----------
    file
        The file; left at an unspecified position.
    offset
        Where the stream begins.
    maximum
        Most bytes that it may inflate to.

    Returns
    -------
    io.BytesIO
        The data set, at its beginning.

    Raises
    ------
    UnreadableObjectError
        If it is damaged, cut off or too large.
    """
    file.seek(offset)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = BytesIO()
    while not inflater.eof:
        pending = inflater.unconsumed_tail or file.read(_STEP)
        try:
            inflated.write(inflater.decompress(pending, _STEP))
        except zlib.error as error:
            message = "deflated data are damaged"
            raise UnreadableObjectError(message) from error
        if not pending and not inflater.eof:
            message = "deflated data are cut off"
            raise UnreadableObjectError(message)
        if inflated.tell() > maximum:
            message = f"deflated data of more than {maximum} bytes"
            raise UnreadableObjectError(message)
    inflated.seek(0)
    return inflated
