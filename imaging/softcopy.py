"""A film as a presentation state shows it: in the state's own grey scale, not the film's.

PS3.4 annex N.2: where a presentation state is used, its modality and VOI transformations and its
presentation LUT take the place of all that the image says of them, MONOCHROME1 included.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from core.errors import NotReadError, UnreadableObjectError
from imaging.aspect import pixel_aspect, squared
from imaging.decode import DEFAULT_MAXIMUM_PIXELS, decode_located
from imaging.film import Film
from imaging.frame_groups import with_frame_groups
from imaging.header import locate_pixels
from imaging.layout import Layout
from imaging.lut import Values, first_table
from imaging.modality import modality_transform
from imaging.numbers import word
from imaging.padding import padding_values
from imaging.values import value_of
from imaging.voi import named_windows

_GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
_MOST_BYTES = 1 << 22
"""Of the VOI transformations of all films of a state; a table has an eighth of a megabyte."""
_STRIP = 64
"""Rows that are looked up at a time."""


def load_softcopy(
    path: Path, state: Dataset, *, maximum_pixels: int = DEFAULT_MAXIMUM_PIXELS
) -> Film:
    """Load the picture of a radiograph as a presentation state shows it.

    Parameters
    ----------
    path
        A DICOM file, of the film that the state refers to.
    state
        A Grayscale Softcopy Presentation State.
    maximum_pixels
        Most pixels that are decoded.

    Returns
    -------
    Film
        Its pixels over the full stored matrix in the stored orientation, squared as `load_film`
        does; the state's rotation, displayed area and shutters are not applied.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, or they cannot be decoded, or a table of the state is unusable.
    NotReadError
        If the film is in colour or of several frames.
    OutOfMemoryError
        If the host has no memory for the picture.
    OSError
        If the file cannot be read.
    """
    located = locate_pixels(path)
    layout = Layout.of(located.header)
    if layout.frames != 1 or layout.samples != 1 or layout.photometric not in _GREY:
        message = f"no plain grey film: {layout.frames} frames, {layout.photometric or 'unknown'}"
        raise NotReadError(message)
    decoded = decode_located(path, located, layout, maximum_pixels=maximum_pixels)
    header = with_frame_groups(decoded.header)
    low = -(1 << (layout.bits_stored - 1)) if layout.signed else 0
    high = low + (1 << layout.bits_stored) - 1
    try:
        shares = _shares(state, str(header.get("SOPInstanceUID", "")), low, high)
    except ValueError as error:
        message = f"the presentation state's grey scale cannot be used: {error}"
        raise UnreadableObjectError(message) from error
    table = np.rint(np.clip(shares, 0.0, 1.0) * 255.0).astype(np.uint8)
    table[padding_values(header, low, high)] = 0
    levels = np.empty(decoded.values.shape, dtype=np.uint8)
    for start in range(0, layout.rows, _STRIP):
        strip = slice(start, start + _STRIP)
        places = decoded.values[strip].astype(np.int64) - low
        levels[strip] = np.take(table, places, mode="clip")
    aspect, remarks = pixel_aspect(header)
    picture = squared(levels, aspect, maximum_pixels=maximum_pixels)
    return Film(picture, layout.rows, layout.columns, remarks)


def _shares(state: Dataset, film_uid: str, low: int, high: int) -> Values:
    """Give the share of white of each stored value from `low` to `high`."""
    modality, _ = modality_transform(state, signed=low < 0)
    values = modality(np.arange(low, high + 1, dtype=np.float64))
    item = _voi_item(state, film_uid)
    windows = () if item is None else named_windows(item, signed=bool(values.min() < 0))
    shares: NDArray[np.float64]
    if windows:
        shares = windows[0](values)
    else:
        # No VOI transformation: identity, over all values that there can be.
        least, most = float(values.min()), float(values.max())
        shares = (values - least) / max(most - least, 1.0)
    return _presented(state, shares)


def _voi_item(state: Dataset, film_uid: str) -> Dataset | None:
    """Give the item of the Softcopy VOI LUT Sequence that is for the film (C.11.8)."""
    for item in _items(state, "SoftcopyVOILUTSequence", most_bytes=_MOST_BYTES):
        named = [
            str(value_of(image, "ReferencedSOPInstanceUID"))
            for image in _items(item, "ReferencedImageSequence")
        ]
        if not named or film_uid in named:
            return item
    return None


def _presented(state: Dataset, shares: Values) -> Values:
    """Apply the presentation LUT (C.11.4 and C.11.6); without one, shares are the picture."""
    table = first_table(state, "PresentationLUTSequence", signed=False)
    if table is not None:
        places = shares * (table.entries.size - 1) + table.first
        return np.asarray(table(places) / table.maximum, dtype=np.float64)
    return 1.0 - shares if word(state, "PresentationLUTShape") == "INVERSE" else shares


def _items(dataset: Dataset, keyword: str, *, most_bytes: int = 1 << 16) -> tuple[Dataset, ...]:
    found = value_of(dataset, keyword, most_bytes=most_bytes)
    return tuple(found) if isinstance(found, Sequence) else ()
