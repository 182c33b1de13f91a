"""Lookup tables of the Modality LUT and VOI LUT modules (PS3.3 sections C.11.1 and C.11.2)."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from core.grey_scale import LookupTable as PlainTable
from imaging.values import value_of

Values = NDArray[np.float64]
_FULL: Final = 65536
_DEPTHS: Final = range(1, 17)
_MOST_BYTES: Final = 1 << 20
"""Of a sequence of tables; the longest table has an eighth of it."""


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A table from whole input values to output values.

    Parameters
    ----------
    first
        Input value of the first entry; lower inputs take the first entry, inputs past the last
        entry take the last.
    entries
        Output values, at least one.
    depth
        Bits of an output value: they range from 0 to 2 ** depth - 1.

    Raises
    ------
    ValueError
        If there is no entry, or the depth is not 1 to 16.
    """

    first: int
    entries: Values
    depth: int

    def __post_init__(self) -> None:
        if not self.entries.size or self.depth not in _DEPTHS:
            message = f"no usable table: {self.entries.size} entries of {self.depth} bits"
            raise ValueError(message)

    @property
    def maximum(self) -> int:
        """Highest output value that the depth allows."""
        return (1 << self.depth) - 1

    def __call__(self, values: Values) -> Values:
        """Look up every value; the shape stays."""
        places = np.clip(np.rint(values) - self.first, 0, self.entries.size - 1)
        found: Values = self.entries[places.astype(np.int64)]
        return found

    @property
    def plain(self) -> PlainTable:
        """The same as a plain value."""
        entries = self.entries.astype(np.int64).tolist()
        return PlainTable(self.first, self.depth, tuple(entries))


def first_table(header: Dataset, keyword: str, *, signed: bool) -> LookupTable | None:
    """Read the first table of a LUT sequence.

    Parameters
    ----------
    header
        The dataset that may hold the sequence.
    keyword
        `ModalityLUTSequence` or `VOILUTSequence`.
    signed
        Whether inputs can be negative: the first input value then is signed, though files also
        write it as an unsigned number.

    Returns
    -------
    LookupTable or None
        The table; None where there is no sequence, or an empty one. An announced depth whose
        upper half no entry uses is taken for a mistake and cut down to what the entries use:
        12-bit tables that announce 16 bits are common, and would show a black picture.

    Raises
    ------
    ValueError
        If there is a table that cannot be used.
    """
    items = value_of(header, keyword, most_bytes=_MOST_BYTES)
    if not isinstance(items, Sequence) or not len(items):
        return None
    item = items[0]
    try:
        count, first, depth = (int(value) for value in value_of(item, "LUTDescriptor"))
        little_endian = getattr(item, "original_encoding", (None, True))[1] is not False
        entries = _entries(
            value_of(item, "LUTData", most_bytes=_MOST_BYTES),
            count or _FULL,
            little_endian=little_endian,
        )
    except (TypeError, ArithmeticError) as error:
        message = f"no usable table in {keyword}"
        raise ValueError(message) from error
    if signed and first >= _FULL // 2:
        first -= _FULL
    used = int(entries.max(initial=0)).bit_length()
    return LookupTable(first, entries.astype(np.float64), min(depth, max(used, 1)))


def _entries(data: Any, count: int, *, little_endian: bool) -> NDArray[np.uint16]:
    """Give a table's entries: US as numbers, OW as bytes of 16 or 8 bits an entry."""
    if not isinstance(data, bytes):
        numbers = np.atleast_1d(np.asarray(data, dtype=np.int64))
        if numbers.size != count:
            message = f"no usable table: {numbers.size} entries instead of {count}"
            raise ValueError(message)
        return (numbers & (_FULL - 1)).astype(np.uint16)
    if len(data) in {count, count + count % 2} and len(data) < 2 * count:
        return np.frombuffer(data, dtype=np.uint8, count=count).astype(np.uint16)
    if len(data) < 2 * count:
        message = f"no usable table: {len(data)} bytes for {count} entries"
        raise ValueError(message)
    order = "<u2" if little_endian else ">u2"
    return np.frombuffer(data, dtype=order, count=count).astype(np.uint16)
