"""How a dataset says its pixels are stored, checked before a byte of them is touched."""

from dataclasses import dataclass
from typing import Final, Self

from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from imaging.numbers import whole_number, word

_MAXIMUM_SIDE = 65535
"""Rows and Columns are of VR US."""
MOST_FRAMES: Final = 10_000
"""More than any series has. Each is an object of its own in memory, however few its pixels."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The Image Pixel module (PS3.3 section C.7.6.3) of a dataset.

    Parameters
    ----------
    rows, columns
        Size of the stored matrix in pixels.
    frames, samples
        Number of frames, and of samples per pixel.
    bits_allocated, bits_stored, high_bit
        Bits of a sample: its cell, those in use, and the highest of them.
    signed
        Whether samples are two's complement.
    photometric
        Photometric Interpretation, empty where missing.
    """

    rows: int
    columns: int
    frames: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str

    def __post_init__(self) -> None:
        sides = (self.rows, self.columns)
        if not all(1 <= side <= _MAXIMUM_SIDE for side in sides):
            message = f"bad dimensions: Rows {self.rows}, Columns {self.columns}"
            raise UnreadableObjectError(message)
        if self.frames < 1 or self.samples not in {1, 3}:
            message = f"bad dimensions: {self.frames} frames, {self.samples} samples per pixel"
            raise UnreadableObjectError(message)
        if self.bits_allocated not in {8, 16} or not 1 <= self.bits_stored <= self.bits_allocated:
            message = f"bad bits: {self.bits_stored} stored in {self.bits_allocated} allocated"
            raise UnreadableObjectError(message)
        if not self.bits_stored - 1 <= self.high_bit < self.bits_allocated:
            message = f"bad bits: {self.bits_stored} stored under high bit {self.high_bit}"
            raise UnreadableObjectError(message)

    @classmethod
    def of(cls, header: Dataset) -> Self:
        """Read the layout from a header.

        Raises
        ------
        UnreadableObjectError
            If a value is missing, no number, or fits no picture.
        """
        bits_stored = _number(header, "BitsStored")
        return cls(
            rows=_number(header, "Rows"),
            columns=_number(header, "Columns"),
            frames=_number(header, "NumberOfFrames", 1),
            samples=_number(header, "SamplesPerPixel", 1),
            bits_allocated=_number(header, "BitsAllocated"),
            bits_stored=bits_stored,
            high_bit=_number(header, "HighBit", bits_stored - 1),
            signed=_number(header, "PixelRepresentation", 0) == 1,
            photometric=word(header, "PhotometricInterpretation"),
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the decoded values: `[rows, columns]`, frames before and samples behind."""
        before = (self.frames,) if self.frames > 1 else ()
        behind = (self.samples,) if self.samples > 1 else ()
        return (*before, self.rows, self.columns, *behind)

    @property
    def pixels(self) -> int:
        """Number of pixels in all frames."""
        return self.rows * self.columns * self.frames

    @property
    def size(self) -> int:
        """Number of bytes of all frames, uncompressed."""
        return self.pixels * self.samples * (self.bits_allocated // 8)

    def check_limit(self, maximum_pixels: int) -> None:
        """Refuse more pixels than allowed, or more frames than `MOST_FRAMES`.

        Raises
        ------
        UnreadableObjectError
            If there are too many frames, or they have together more than `maximum_pixels` pixels.
        """
        if self.frames > MOST_FRAMES:
            message = f"too many frames: {self.frames}, at most {MOST_FRAMES} are decoded"
            raise UnreadableObjectError(message)
        if self.pixels > maximum_pixels:
            message = (
                f"too large: {self.frames} x {self.rows} x {self.columns} pixels, "
                f"at most {maximum_pixels} are decoded"
            )
            raise UnreadableObjectError(message)


def _number(header: Dataset, keyword: str, missing: int | None = None) -> int:
    number = whole_number(header, keyword)
    if number is None:
        number = missing
    if number is None:
        message = f"not a usable picture: {keyword} is missing or no whole number"
        raise UnreadableObjectError(message)
    return number
