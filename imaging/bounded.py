"""A file that is read only so many times: what a parser may do with a header, made finite.

A data set of a few megabytes can hold a million empty items, each of which costs pydicom an object
and tens of microseconds; a deflated one of a few kilobytes as well. Headers of films have some
hundred elements, and the largest reports some ten thousand items.
"""

from typing import BinaryIO, Final

from core.errors import UnreadableObjectError

MOST_ITEMS: Final = 100_000
"""Sights of an item's beginning; the parser looks twice at most of them."""
MOST_READS: Final = 500_000
_ITEM_TAGS: Final = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
"""Of (FFFE,E000), little and big endian (PS3.5 section 7.5)."""


class BoundedFile:
    """The part of a binary file that pydicom's parser uses.

    Parameters
    ----------
    file
        The file; its position is shared.
    most_items, most_reads
        Items of sequences, and reads altogether, after which every read fails.
    """

    def __init__(
        self, file: BinaryIO, *, most_items: int = MOST_ITEMS, most_reads: int = MOST_READS
    ) -> None:
        self._file = file
        self._items = most_items
        self._reads = most_reads
        self.name = getattr(file, "name", None)
        self.tell = file.tell
        self.seek = file.seek

    def read(self, size: int = -1) -> bytes:
        """Read as a file does.

        Raises
        ------
        UnreadableObjectError
            If it was read too often, or holds too many items.
        """
        self.check()
        data = self._file.read(size)
        self._reads -= 1
        if data[:4] in _ITEM_TAGS:
            self._items -= 1
        return data

    def check(self) -> None:
        """Say whether a limit was passed: pydicom catches some of the errors of a read.

        Raises
        ------
        UnreadableObjectError
            If it was.
        """
        if self._reads < 0 or self._items < 0:
            message = "not a readable DICOM file: its header has elements without measure"
            raise UnreadableObjectError(message)
