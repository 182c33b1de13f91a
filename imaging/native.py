"""Uncompressed pixels, read from the file straight into the array that they end in.

pydicom would hold them once as bytes and once as an array; most films are uncompressed, and ten
megabytes and more.
"""

from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from imaging.bits import Cells, stored_values
from imaging.compressed import run_decoder
from imaging.header import Located, cut_off, read_whole
from imaging.layout import Layout
from imaging.spare_bits import check_spare_bits

_STRAIGHT: Final = frozenset({uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian})
"""Those that put every sample as this machine would, or turned round as a whole."""
_LONG: Final = frozenset({b"OB", b"OW", b"UN"})
"""Value representations with a length of four bytes after two unused (PS3.5 section 7.1.2)."""
_LITTLE: Final[dict[int, Any]] = {8: np.dtype("u1"), 16: np.dtype("<u2")}
_UNDEFINED: Final = 0xFFFFFFFF
"""Length of an element that ends with a delimiter: no uncompressed pixels."""
_RAW: Final[dict[str, Any]] = {"correct_unused_bits": False}
"""pydicom would drop unused bits, and assume that they lie on top."""


def decode_native(path: Path, located: Located, layout: Layout) -> Cells:
    """Read the pixels of a file in an uncompressed transfer syntax.

    Parameters
    ----------
    path
        A DICOM file.
    located
        Its header, and where its pixels are.
    layout
        How they are stored.

    Returns
    -------
    numpy.ndarray
        Stored values as `imaging.decode.Decoded` has them.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, too few, or they have other bits than the header says.
    MemoryError
        If there is no memory for them.
    OSError
        If the file cannot be read.
    """
    cells = None
    if located.pixels_at is not None and located.header.file_meta.TransferSyntaxUID in _STRAIGHT:
        with path.open("rb") as file:
            file.seek(located.pixels_at)
            cells = _straight(file, located.header, layout)
    if cells is None:
        cells = _by_pydicom(path, layout)
    bits, shift = layout.bits_stored, layout.high_bit + 1 - layout.bits_stored
    check_spare_bits(cells, bits_stored=bits, shift=shift, signed=layout.signed)
    return stored_values(cells, bits_stored=bits, shift=shift, signed=layout.signed)


def _straight(file: BinaryIO, header: Dataset, layout: Layout) -> Cells | None:
    """Read the element on which the file stands; None where it is an odd one."""
    start = file.read(8)
    if header.file_meta.TransferSyntaxUID == uid.ExplicitVRLittleEndian:
        if start[4:6] not in _LONG:
            return None
        length = int.from_bytes(file.read(4), "little")
    else:
        length = int.from_bytes(start[4:8], "little")
    if start[:4] != b"\xe0\x7f\x10\x00" or layout.samples != 1 or length == _UNDEFINED:
        return None
    _check_length(length, layout)
    kind = _LITTLE[layout.bits_allocated]
    cells = np.fromfile(file, dtype=kind, count=layout.size // kind.itemsize)
    if cells.nbytes < layout.size:  # it was whole when it was located
        raise cut_off()
    native: Cells = cells.reshape(layout.shape).astype(kind.newbyteorder("="), copy=False)
    return native


def _by_pydicom(path: Path, layout: Layout) -> Cells:
    dataset = read_whole(path)
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        message = "pixels are floating-point numbers: no radiograph"
        raise UnreadableObjectError(message)
    data = dataset.get("PixelData")
    if not isinstance(data, bytes) or not data:
        message = "there are no pixels"
        raise UnreadableObjectError(message)
    _check_length(len(data), layout)
    return run_decoder(dataset, layout, _RAW)


def _check_length(length: int, layout: Layout) -> None:
    if not length:
        message = "there are no pixels"
        raise UnreadableObjectError(message)
    if length < layout.size:
        message = f"too few pixels: {length} bytes where {layout.size} are announced"
        raise UnreadableObjectError(message)
