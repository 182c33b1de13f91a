"""The grey-scale pipeline that a header describes, in the one form that all viewers take.

PS3.3 C.11.1 (Modality LUT), C.11.2 (VOI LUT) and C.11.8 (Softcopy VOI LUT): a presentation
state holds one modality transformation and one VOI transformation, where headers may hold
several, both kinds, or impossible ones.
"""

import struct
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from core.grey_scale import LookupTable, Rescale, Window, WindowFunction
from dicom_sr import values
from dicom_sr.text import LONG_STRING, string_value

_ENTRIES = 65536
_LUT_BITS = range(8, 17)
_DESCRIPTOR_VALUES = 3
_FUNCTIONS = frozenset(WindowFunction)

__all__ = ["LookupTable", "Rescale", "Window", "modality_of", "voi_of"]


def modality_of(header: Dataset) -> Rescale | LookupTable | None:
    """Give the modality transformation; the table where there is one, None for identity."""
    table = _table(header, "ModalityLUTSequence", "ModalityLUTType")
    if table is not None:
        return table
    slope = values.numbers(header, "RescaleSlope")
    intercept = values.numbers(header, "RescaleIntercept")
    if len(slope) == 1 and len(intercept) == 1 and slope[0] != 0.0:
        return Rescale(slope[0], intercept[0])
    return None


def voi_of(header: Dataset) -> Window | LookupTable | None:
    """Give the one VOI transformation that is shown first.

    The first sound table, else the first sound window, else a window over the smallest and the
    largest pixel value where the header states them; None where it says nothing, since the
    grey scale of a film cannot be guessed without its pixels.
    """
    table = _table(header, "VOILUTSequence", "LUTExplanation")
    if table is not None:
        return table
    function = values.first_text(header, "VOILUTFunction").upper() or "LINEAR"
    if function not in _FUNCTIONS:
        function = "LINEAR"
    least = 1.0 if function == "LINEAR" else 1e-6
    centers = values.numbers(header, "WindowCenter")
    widths = values.numbers(header, "WindowWidth")
    for center, width in zip(centers, widths, strict=False):
        if width >= least:
            return Window(center, width, function)
    return _stated_range(header)


def _stated_range(header: Dataset) -> Window | None:
    smallest = values.integer(header, "SmallestImagePixelValue")
    largest = values.integer(header, "LargestImagePixelValue")
    modality = modality_of(header)
    if (
        smallest is None
        or largest is None
        or smallest >= largest
        or isinstance(modality, LookupTable)
    ):
        return None
    scale = modality or Rescale(1.0, 0.0)
    ends = (
        scale.slope * smallest + scale.intercept,
        scale.slope * largest + scale.intercept,
    )
    low, high = min(ends), max(ends)
    # C.11.2.1.2.1: LINEAR maps [c - 0.5 - (w-1)/2, c - 0.5 + (w-1)/2] to the whole output.
    return Window((low + high) / 2 + 0.5, high - low + 1.0)


def _table(header: Dataset, keyword: str, explanation: str) -> LookupTable | None:
    sequence = values.raw_value(header, keyword)
    if not isinstance(sequence, Sequence) or not sequence:
        return None
    item = sequence[0]
    descriptor = values.numbers(item, "LUTDescriptor")
    if len(descriptor) != _DESCRIPTOR_VALUES:
        return None
    # A count written as a signed number, and 0 for 65536: C.11.1.1.
    count = int(descriptor[0]) % _ENTRIES or _ENTRIES
    entries = _entries(values.raw_value(item, "LUTData"), count)
    bits = int(descriptor[2])
    if len(entries) != count or bits not in _LUT_BITS:
        return None
    words = string_value(values.first_text(item, explanation), LONG_STRING)
    return LookupTable(int(descriptor[1]), bits, entries, words)


def _entries(data: Any, count: int) -> tuple[int, ...]:
    if isinstance(data, bytes):
        if len(data) in {count, count + count % 2}:
            return tuple(data[:count])
        if len(data) < 2 * count:
            return ()
        return struct.unpack(f"<{count}H", data[: 2 * count])
    if isinstance(data, (MultiValue, list, tuple)):
        return tuple(int(entry) % _ENTRIES for entry in data[:count])
    return ()
