"""Catches garbage that a decoder returned without an error.

A damaged compressed stream often decodes to noise or streaks from the damaged byte on. An X-ray
film is smooth: whatever its noise and its edges, the means of neighbouring blocks of 4 x 4 pixels
(of fewer where the picture is small) resemble each other. The measure is von Neumann's ratio, the
mean squared difference of neighbours over the variance (Annals of Mathematical Statistics 12,
1941): 2 where neighbours have nothing in common, near 0 in a smooth picture. It is taken along
rows in each of eight bands of rows and along columns in each of eight bands of columns, so that a
damaged end counts, and so that a collimator's edge, which crosses a band once, does not.

Intact radiographs of five sources reach at most 0.3, also with strong edge enhancement; a film
under noise of twice its own contrast reaches 0.6, since averaging takes three quarters of the
noise; streams with flipped bytes lie above 1.5 in the bands that are damaged.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableObjectError
from imaging.bits import Cells

LIMIT: Final = 1.0
"""Half way between a picture and chance."""
_LARGEST_BLOCK: Final = 4
_BLOCKS: Final = 64
"""Blocks that a side is divided into at least, where it has the pixels."""
_BANDS: Final = 8


def check_plausible(stored: Cells) -> None:
    """Refuse stored values that no X-ray makes.

    Parameters
    ----------
    stored
        Stored values `[rows, columns]`, at least 8 x 8.

    Raises
    ------
    UnreadableObjectError
        If neighbouring blocks have next to nothing in common in some part of the picture.
    """
    ratio = roughness(stored)
    if ratio > LIMIT:
        message = f"pixels decode to noise (roughness {ratio:.2f}, a film has less than {LIMIT})"
        raise UnreadableObjectError(message)


def roughness(stored: Cells) -> float:
    """Give the greatest of the von Neumann ratios of a picture's bands; 0 where it is constant."""
    blocks = _block_sums(stored)
    variance = float(blocks.var())
    if variance == 0.0:
        return 0.0
    steps = [(np.diff(each, axis=1) ** 2).mean(axis=1) for each in (blocks, blocks.T)]
    bands = [band.mean() for step in steps for band in np.array_split(step, _BANDS) if band.size]
    return float(max(bands)) / variance


def _block_sums(stored: Cells) -> NDArray[np.float32]:
    size = min(_LARGEST_BLOCK, max(1, min(stored.shape) // _BLOCKS))
    rows, columns = (side // size for side in stored.shape)
    cut = stored[: rows * size, : columns * size]
    # Whole rows first: three times as fast as a mean over both axes of every block.
    tall = sum((cut[at::size] for at in range(size)), np.zeros((1, 1), dtype=np.int32))
    sums = sum((tall[:, at::size] for at in range(size)), np.zeros((1, 1), dtype=np.int32))
    return np.asarray(sums, dtype=np.float32)
