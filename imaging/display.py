"""A film for a screen that windows it itself: every stored value, and how to look at it.

The picture that a model reads is one look at a film; a person looks at it again and again. So the
values leave whole, as unsigned 16 bits, with what turns them into the modality's values, the
windows to begin with, polarity, padding and proportions, all told apart.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.reading import Remark
from imaging.aspect import pixel_aspect
from imaging.bits import Cells
from imaging.decode import DEFAULT_MAXIMUM_PIXELS
from imaging.layout import Layout
from imaging.lut import LookupTable, Values
from imaging.modality import Rescale, modality_transform
from imaging.padding import padding_values
from imaging.patient_directions import Directions, patient_directions
from imaging.places import count_places, places_of
from imaging.plain_film import decode_plain_film
from imaging.polarity import polarity_remarks
from imaging.presets import Preset, presets_of
from imaging.spacing import Spacing, pixel_spacing

_VALUES: Final = 1 << 16
Pixels = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Padding:
    """Pixel values that are no picture, the first and the last of them."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class DisplayFilm:
    """A film, and how to look at it.

    Parameters
    ----------
    pixels
        `[rows, columns]` of the stored matrix, in the stored orientation, nothing windowed,
        inverted, stretched or drawn.
    slope, intercept
        The modality's value of a pixel is `slope * pixel + intercept`.
    lowest, highest
        Of the pixels that are a picture.
    padding
        Pixels to be shown black; None where there are none.
    inverted
        Whether the lowest of the modality's values is the brightest.
    presets
        Windows of the modality's values, the one to begin with first.
    aspect
        Height of a pixel over its width.
    spacing
        Size of a pixel; None where the header does not say.
    directions
        Where the patient's sides are; None where the header does not say.
    remarks
        What one should know of how it is shown.
    """

    pixels: Pixels
    slope: float
    intercept: float
    lowest: int
    highest: int
    padding: Padding | None
    inverted: bool
    presets: tuple[Preset, ...]
    aspect: float
    spacing: Spacing | None
    directions: Directions | None
    remarks: tuple[Remark, ...]


def load_display(path: Path, *, maximum_pixels: int = DEFAULT_MAXIMUM_PIXELS) -> DisplayFilm:
    """Load a radiograph for a screen.

    Unlike `imaging.film.load_film` it judges no picture: what a person opens is shown as it is,
    though rows are missing or a model would not read it.

    Parameters
    ----------
    path
        A DICOM file.
    maximum_pixels
        Most pixels that are decoded; more are refused before any memory is taken.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, they cannot be decoded, or are all the same.
    NotReadError
        If the picture is in colour, of several frames, or of an unknown polarity.
    OutOfMemoryError
        If the host has no memory for the picture.
    OSError
        If the file cannot be opened or read, or no process can be started to decode it.
    """
    plain = decode_plain_film(path, maximum_pixels=maximum_pixels)
    return _display(plain.header, plain.layout, plain.values, inverted=plain.inverted)


def _display(header: Dataset, layout: Layout, stored: Cells, *, inverted: bool) -> DisplayFilm:
    low = -(1 << (layout.bits_stored - 1)) if layout.signed else 0
    high = low + (1 << layout.bits_stored) - 1
    padded = padding_values(header, low, high)
    places = places_of(stored, low)
    counts = count_places(places, padded)
    if np.count_nonzero(counts) <= 1:
        message = "the picture is constant: every pixel has the same value"
        raise UnreadableObjectError(message)
    modality, remarks = modality_transform(header, signed=layout.signed)
    values = modality(np.arange(low, high + 1, dtype=np.float64))
    shown = _Shown.of(modality, values, low, padded, counts)
    aspect, more = pixel_aspect(header)
    return DisplayFilm(
        pixels=shown.pixels(places),
        slope=shown.slope,
        intercept=shown.intercept,
        lowest=shown.lowest,
        highest=shown.highest,
        padding=shown.padding,
        inverted=inverted,
        presets=presets_of(header, values, counts, inverted=inverted),
        aspect=aspect,
        spacing=pixel_spacing(header),
        directions=patient_directions(header),
        remarks=(*remarks, *more, *polarity_remarks(header, inverted=inverted)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """How stored values become pixels of 16 bits without loss.

    Parameters
    ----------
    table
        The pixel of each place; None where it is the place itself.
    """

    table: Pixels | None
    slope: float
    intercept: float
    lowest: int
    highest: int
    padding: Padding | None

    @classmethod
    def of(
        cls,
        modality: Rescale | LookupTable,
        values: Values,
        low: int,
        padded: NDArray[np.bool_],
        counts: NDArray[np.int64],
    ) -> "_Shown":
        there = np.flatnonzero(counts)
        if isinstance(modality, Rescale):
            slope, intercept = modality.slope, modality.intercept + modality.slope * low
            ends = np.flatnonzero(padded)
            padding = Padding(int(ends[0]), int(ends[-1])) if ends.size else None
            return cls(None, slope, intercept, int(there[0]), int(there[-1]), padding)
        table = values.astype(np.uint16)
        padding = None
        if padded.any():
            # Of a value that no pixel of the picture has: one is free, since padding took a place.
            used = np.zeros(_VALUES, dtype=np.bool_)
            used[table[~padded]] = True
            free = int(np.flatnonzero(~used)[0])
            table[padded] = free
            padding = Padding(free, free)
        found = table[there]
        return cls(table, 1.0, 0.0, int(found.min()), int(found.max()), padding)

    def pixels(self, places: Cells) -> Pixels:
        if self.table is None:
            return np.ascontiguousarray(places, dtype=np.uint16)
        return np.take(self.table, places, mode="clip")
