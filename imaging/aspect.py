"""Whether pixels are square, and what to do where they are not (PS3.3 section C.7.6.3.1.7)."""

from typing import Final

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.pixel_aspect import KEYWORDS, stated_aspect
from core.reading import Remark
from imaging.grey import Grey
from imaging.values import value_of

_STRETCHED: Final = Remark(
    "pixels_not_square",
    "The film's pixels are not square; it was stretched to its true proportions to be read.",
)
_IGNORED: Final = Remark(
    "aspect_ignored",
    "What the film says of its pixels' proportions cannot be used; they were taken for square.",
)


def pixel_aspect(header: Dataset) -> tuple[float, tuple[Remark, ...]]:
    """Give the height of a pixel over its width.

    Parameters
    ----------
    header
        The film's header.

    Returns
    -------
    tuple
        1.0 where pixels are square, or nothing usable is said; and a remark where they are not,
        or what is said is no proportion that a film can have.
    """
    ratio = stated_aspect(value_of(header, keyword) for keyword in KEYWORDS)
    if ratio is None:
        return 1.0, (_IGNORED,)
    return ratio, (() if ratio == 1.0 else (_STRETCHED,))


def squared(pixels: Grey, aspect: float, *, maximum_pixels: int) -> Grey:
    """Stretch a picture along one axis until its pixels are square; nothing is left out.

    Parameters
    ----------
    pixels
        Grey levels `[rows, columns]`.
    aspect
        Height of a pixel over its width.
    maximum_pixels
        Most pixels that the result may have.

    Returns
    -------
    numpy.ndarray
        Grey levels; the array itself where pixels are square. A fraction of its height or width
        is the same fraction of the stored matrix.

    Raises
    ------
    UnreadableObjectError
        If it would have too many pixels.
    """
    if aspect == 1.0:
        return pixels
    rows, columns = pixels.shape
    height = round(rows * max(aspect, 1.0))
    width = round(columns / min(aspect, 1.0))
    if height * width > maximum_pixels:
        message = f"too large: {height} x {width} square pixels, at most {maximum_pixels} are read"
        raise UnreadableObjectError(message)
    stretched = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(stretched)
