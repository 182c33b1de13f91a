"""A stored object in Explicit VR Little Endian, for clients that take nothing else."""

from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from core.errors import UnreadableObjectError
from imaging.header import read_whole
from imaging.syntaxes import NATIVE, is_lossy
from web.dicomweb.pixel_bytes import native_data, plain_pixels

_WORDS: Final = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
"""Bytes of a word of the binary values that have a byte order (PS3.5 section 7.3)."""
_LONGEST_SHORT: Final = 0xFFFE
"""Bytes of a value whose length has 16 bits."""
_TABLES: Final = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


def explicit_bytes(path: Path) -> bytes:
    """Give a stored object as a file (PS3.10) in Explicit VR Little Endian.

    Parameters
    ----------
    path
        A file in any transfer syntax that is decoded here.

    Raises
    ------
    UnreadableObjectError
        If its pixels cannot be decoded, or a value cannot be written again.
    OutOfMemoryError
        If the host has no memory for it.
    OSError
        If the file cannot be read.
    """
    dataset = read_whole(path)
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax not in NATIVE:
        _decompress(dataset, path)
    try:
        if syntax == ExplicitVRBigEndian:
            _turn_round(dataset)
        _give_up_long_texts(dataset)
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        written = BytesIO()
        plain = Dataset(dataset)
        plain.file_meta = dataset.file_meta
        plain.preamble = bytes(128)
        plain.save_as(written, implicit_vr=False, little_endian=True, enforce_file_format=True)
    except MemoryError:
        raise
    except Exception as error:
        message = f"the object cannot be written anew ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    return written.getvalue()


def _decompress(dataset: Dataset, path: Path) -> None:
    pixels = plain_pixels(path)
    data = b"".join(pixels.frames)
    for keyword in _TABLES:
        if keyword in dataset:
            del dataset[keyword]
    dataset.add_new(0x7FE00010, "OW", data + b"\0" * (len(data) % 2))
    dataset.PhotometricInterpretation = pixels.photometric
    if is_lossy(dataset.file_meta.TransferSyntaxUID):
        dataset.LossyImageCompression = "01"


def _give_up_long_texts(dataset: Dataset) -> None:
    """Make bytes of what is too long for its own VR's length field (PS3.5 section 6.2.2, note)."""
    for tag in list(dataset.keys()):
        raw: Any = dataset.get_item(tag)
        if not isinstance(raw, RawDataElement) or len(raw.value or b"") <= _LONGEST_SHORT:
            continue
        if (raw.VR or dictionary_VR(tag)) not in EXPLICIT_VR_LENGTH_32:
            dataset[tag] = DataElement(tag, "UN", raw.value)


def _turn_round(dataset: Dataset) -> None:
    """Turn the words of binary values round, which pydicom leaves as they were read."""
    if "PixelData" in dataset:
        dataset["PixelData"].value = native_data(dataset)
    for element in dataset.iterall():
        size = _WORDS.get(element.VR)
        if size is not None and element.value and element.tag != 0x7FE00010:  # noqa: PLR2004
            words = np.frombuffer(element.value, dtype=f"u{size}")
            element.value = words.byteswap().tobytes()
