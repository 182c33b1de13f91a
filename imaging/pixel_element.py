"""Whether the element of the pixels is whole: a transfer that broke off is seen before it is kept.

Only lengths are followed, from one fragment to the next; no pixel is looked at.
"""

from typing import BinaryIO, Final

_UNDEFINED: Final = 0xFFFFFFFF
"""Length of an element that ends with a delimiter (PS3.5 section 7.1.1)."""
_ITEM: Final = b"\xfe\xff\x00\xe0"
_END: Final = b"\xfe\xff\xdd\xe0"
"""Tags (FFFE,E000) and (FFFE,E0DD) of fragments and of their end (PS3.5 section A.4)."""
_LONG: Final = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN"})
"""Value representations with a length of four bytes after two unused (PS3.5 section 7.1.2)."""
_MOST_FRAGMENTS: Final = 1_000_000


def is_whole(file: BinaryIO, start: int, *, implicit: bool, little_endian: bool) -> bool:
    """Tell whether a file holds all of its pixels' element.

    Parameters
    ----------
    file
        The file; left at an unspecified position.
    start
        Where the element begins.
    implicit, little_endian
        How the data set is encoded, whatever its transfer syntax says.

    Returns
    -------
    bool
        False where the element, or one of its fragments, ends after the file does, or where the
        fragments have no end.
    """
    size = file.seek(0, 2)
    file.seek(start)
    head = file.read(12)
    if implicit:
        body, part = start + 8, head[4:8]
    elif head[4:6] in _LONG:
        body, part = start + 12, head[8:12]
    else:
        body, part = start + 8, head[6:8]
    length = int.from_bytes(part, "little" if little_endian else "big")
    return _ends(file, body, size) if length == _UNDEFINED else body + length <= size


def _ends(file: BinaryIO, position: int, size: int) -> bool:
    for _ in range(_MOST_FRAGMENTS):
        file.seek(position)
        head = file.read(8)
        if head[:4] == _END:
            return True
        position += 8 + int.from_bytes(head[4:8], "little")
        if head[:4] != _ITEM or position > size:
            return False
    return False
