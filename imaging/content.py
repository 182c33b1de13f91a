"""Whether two files hold the same picture.

Archives send an object again in another transfer syntax and with other names, so neither bytes
nor headers tell.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.decode import DEFAULT_MAXIMUM_PIXELS, Decoded, decode
from imaging.header import read_whole
from imaging.numbers import word
from imaging.syntaxes import is_lossy

_CELLS: Final = 32
_LEAST_CORRELATION: Final = 0.98
"""Of one picture in two lossy versions; they reach 0.999, and two different chests
hardly ever 0.8."""


def same_content(first: Path, second: Path) -> bool:
    """Compare the decoded pixels of two objects that have the same SOP Instance UID.

    Parameters
    ----------
    first, second
        Two DICOM files.

    Returns
    -------
    bool
        Whether size, polarity and every stored value agree. Where one of the two is lossy or in
        colour, values differ by right: then the size must agree, and the pictures must look
        alike when reduced to 32 x 32 cells, so that another film of the same size is not taken
        for the same one. Objects without pixels are the same where their SOP classes are.

    Raises
    ------
    UnreadableObjectError
        If a file cannot be read, or its pixels cannot be decoded.
    """
    datasets = (read_whole(first), read_whole(second))
    pixels = [dataset.get("PixelData") for dataset in datasets]
    if not all(pixels):
        return not any(pixels) and _agree(datasets, "SOPClassUID")
    if not _agree(datasets, "Rows", "Columns"):
        return False
    if pixels[0] == pixels[1] and _stored_alike(datasets):
        return True
    return _same_pixels(
        decode(first, maximum_pixels=DEFAULT_MAXIMUM_PIXELS),
        decode(second, maximum_pixels=DEFAULT_MAXIMUM_PIXELS),
    )


def _agree(datasets: tuple[Dataset, Dataset], *keywords: str) -> bool:
    return all(word(datasets[0], keyword) == word(datasets[1], keyword) for keyword in keywords)


def _stored_alike(datasets: tuple[Dataset, Dataset]) -> bool:
    return (
        datasets[0].file_meta.TransferSyntaxUID == datasets[1].file_meta.TransferSyntaxUID
        and _agree(datasets, "PhotometricInterpretation", "PixelRepresentation")
        and _agree(datasets, "BitsAllocated", "BitsStored", "HighBit", "NumberOfFrames")
    )


def _same_pixels(first: Decoded, second: Decoded) -> bool:
    if first.values.shape != second.values.shape:
        return False
    loose = first.layout.samples > 1 or any(
        is_lossy(decoded.header.file_meta.TransferSyntaxUID) for decoded in (first, second)
    )
    if loose:
        return _look_alike(_gist(first), _gist(second))
    return first.layout.photometric == second.layout.photometric and np.array_equal(
        first.values, second.values
    )


def _gist(decoded: Decoded) -> NDArray[np.float64]:
    """Average the first sample of the first frame over at most 32 x 32 cells."""
    picture = decoded.values
    if decoded.layout.frames > 1:
        picture = picture[0]
    if decoded.layout.samples > 1:
        picture = picture[..., 0]
    rows, columns = picture.shape
    row_starts = np.unique(np.linspace(0, rows, _CELLS, endpoint=False).astype(np.int64))
    column_starts = np.unique(np.linspace(0, columns, _CELLS, endpoint=False).astype(np.int64))
    sums = np.add.reduceat(
        np.add.reduceat(picture.astype(np.float64), row_starts, axis=0), column_starts, axis=1
    )
    sizes = np.outer(np.diff(row_starts, append=rows), np.diff(column_starts, append=columns))
    gist: NDArray[np.float64] = sums / sizes
    return -gist if decoded.layout.photometric == "MONOCHROME1" else gist


def _look_alike(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Compare two gists by their correlation, which no change of scale or of bits moves."""
    one, other = first - first.mean(), second - second.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    if size == 0.0:
        return bool((one == other).all())
    return float((one * other).sum()) / size >= _LEAST_CORRELATION
