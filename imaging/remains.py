"""What stays of a film whose pixels are removed: its header, and a digest of its content.

The digest takes the place of the picture where the same object comes in again, in whatever
transfer syntax and with whatever names (compare `imaging.content`).
"""

import hashlib
import io
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import UnreadableObjectError
from imaging.decode import DEFAULT_MAXIMUM_PIXELS, decode
from imaging.header import locate_pixels

_ROWS: Final = 256
"""Rows that are hashed at once, so that no second copy of a whole film is made."""
_AS_IT_IS: Final = "file:"
"""How a digest begins that is of the file's bytes, since its pixels cannot be decoded."""


class Remains(NamedTuple):
    """What stays of a film.

    Parameters
    ----------
    header
        A DICOM file of all that precedes the pixels.
    content_sha256
        As `content_digest` gives it.
    """

    header: bytes
    content_sha256: str


def remains_of(path: Path) -> Remains | None:
    """Give what stays of a film's file; None where it has no pixels.

    Raises
    ------
    UnreadableObjectError
        If its header cannot be read, or not be written again.
    OSError
        If the disk cannot give it.
    """
    located = locate_pixels(path)
    if located.pixels_at is not None:
        with path.open("rb") as file:
            return Remains(file.read(located.pixels_at), content_digest(path))
    if "Rows" not in located.header:
        return None
    # A deflated data set has no place at which it could be cut.
    written = io.BytesIO()
    try:
        located.header.save_as(written, enforce_file_format=True)
    except Exception as error:
        message = f"its header cannot be written again ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    return Remains(written.getvalue(), content_digest(path))


def content_digest(path: Path) -> str:
    """Give the SHA-256 of a film's decoded pixels, with their size and polarity.

    Where they cannot be decoded it is that of the file's bytes, and says so.

    Raises
    ------
    OSError
        If the disk cannot give the file.
    """
    try:
        decoded = decode(path, maximum_pixels=DEFAULT_MAXIMUM_PIXELS)
    except UnreadableObjectError:
        return f"{_AS_IT_IS}{_of_file(path)}"
    values = decoded.values
    digest = hashlib.sha256(f"{decoded.layout.photometric} {values.shape}".encode())
    rows = values.reshape(-1, values.shape[-1])
    for start in range(0, len(rows), _ROWS):
        # One width for all: another transfer syntax may come with another type.
        digest.update(rows[start : start + _ROWS].astype("<i4").tobytes())
    return digest.hexdigest()


def has_content(path: Path, content_sha256: str) -> bool:
    """Tell whether a file holds the picture of which a digest was kept.

    A copy that was compressed with loss since does not: nobody can compare it any more.
    """
    if content_sha256.startswith(_AS_IT_IS):
        return content_sha256 == f"{_AS_IT_IS}{_of_file(path)}"
    return content_sha256 == content_digest(path)


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
