"""A picture as it is: a secondary capture, in grey or in colour, shown and never read."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.processing import convert_color_space

from core.errors import NotReadError
from imaging.decode import DEFAULT_MAXIMUM_PIXELS, decode_located
from imaging.header import locate_pixels
from imaging.layout import Layout

_COLOURS = 3
_BITS = 8


def is_colour(layout: Layout) -> bool:
    """Tell whether a picture is in colour."""
    return layout.samples == _COLOURS


def load_capture(path: Path, *, maximum_pixels: int = DEFAULT_MAXIMUM_PIXELS) -> NDArray[np.uint8]:
    """Load a picture in colour.

    Parameters
    ----------
    path
        A DICOM file.
    maximum_pixels
        Most pixels that are decoded.

    Returns
    -------
    numpy.ndarray
        uint8, `[rows, columns, 3]` in red, green and blue.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, or they cannot be decoded.
    NotReadError
        If it is no picture of one frame in red, green and blue or YBR_FULL of 8 bits.
    OutOfMemoryError
        If the host has no memory for the picture.
    OSError
        If the file cannot be read.
    """
    located = locate_pixels(path)
    layout = Layout.of(located.header)
    sorts = {"RGB", "YBR_FULL", "YBR_FULL_422"}
    if (layout.frames, layout.samples, layout.bits_stored) != (1, _COLOURS, _BITS) or (
        layout.photometric not in sorts
    ):
        message = (
            f"not shown: {layout.frames} frames of {layout.samples} x {layout.bits_stored} bits, "
            f"{layout.photometric or 'unknown'}"
        )
        raise NotReadError(message)
    decoded = decode_located(path, located, layout, maximum_pixels=maximum_pixels)
    pixels = np.ascontiguousarray(decoded.values.astype(np.uint8, copy=False))
    if layout.photometric == "RGB":
        return pixels
    return np.asarray(convert_color_space(pixels, "YBR_FULL", "RGB"), dtype=np.uint8)
