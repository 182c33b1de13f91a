"""Whether a film was ever compressed with loss: what is made of it then was, too."""

from collections.abc import Mapping
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from dicom_sr import values
from dicom_sr.elements import put

_LOSSY_METHODS: Final[Mapping[str, str]] = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
    JPEG2000: "ISO_15444_1",
    HTJ2K: "ISO_15444_15",
}
"""Transfer syntaxes that may lose something, and their methods (PS3.3 C.7.6.1.1.5.1)."""


def add_lossy(dataset: Dataset, source: Dataset) -> None:
    """Say whether the picture's source was compressed with loss (PS3.3 C.7.6.1.1.5).

    Ratio and method are those of the header; where it states no loss and the transfer syntax
    allows it, the loss is stated and its ratio is not known.

    Parameters
    ----------
    dataset
        The picture's; changed in place.
    source
        The film's header, with its file meta information where it has it.
    """
    meta = getattr(source, "file_meta", None) or Dataset()
    syntax = values.text(meta, "TransferSyntaxUID")
    stated = values.first_text(source, "LossyImageCompression") == "01"
    if not stated and syntax not in _LOSSY_METHODS:
        put(dataset, "LossyImageCompression", "00")
        return
    put(dataset, "LossyImageCompression", "01")
    ratios = values.numbers(source, "LossyImageCompressionRatio")
    methods = [
        method.strip().upper()
        for method in values.text(source, "LossyImageCompressionMethod").split("\\")
        if method.strip().startswith("ISO_")
    ]
    if ratios and min(ratios) >= 1.0 and len(ratios) == len(methods):
        put(dataset, "LossyImageCompressionRatio", list(ratios))
        put(dataset, "LossyImageCompressionMethod", methods)
    elif syntax in _LOSSY_METHODS:
        put(dataset, "LossyImageCompressionMethod", _LOSSY_METHODS[syntax])
