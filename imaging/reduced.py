"""A film in fewer pixels, by means of square blocks: what is shown until the whole is there."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint16]


def factor_for(shape: tuple[int, ...], longest: int) -> int:
    """Give the side of the blocks by which a film's longer side has at most `longest` pixels."""
    return max(1, -(-max(shape) // longest))


def reduce(pixels: Pixels, factor: int, padding: tuple[int, int] | None = None) -> Pixels:
    """Average blocks of pixels.

    Parameters
    ----------
    pixels
        `[rows, columns]`.
    factor
        Side of a block. Blocks at the right and lower edge are smaller where it does not divide
        the film, so that nothing is left out.
    padding
        The first and the last value that is no picture: it takes no part in a mean, and a block
        of nothing else stays padding.

    Returns
    -------
    numpy.ndarray
        `[ceil(rows / factor), ceil(columns / factor)]`.
    """
    if factor == 1:
        return pixels
    if padding is None:
        rows, columns = (_sizes(side, factor) for side in pixels.shape)
        return _divided(_sums(pixels, factor), np.outer(rows, columns))
    first, last = padding
    picture = (pixels < first) | (pixels > last)
    counts = _sums(picture, factor)
    means = _divided(_sums(pixels * picture, factor), np.maximum(counts, 1))
    means[counts == 0] = first
    return means


def _sizes(side: int, factor: int) -> NDArray[np.uint32]:
    """Give the lengths of the blocks along a side."""
    starts = np.arange(0, side, factor, dtype=np.uint32)
    return np.minimum(starts + factor, side).astype(np.uint32) - starts


def _sums(values: NDArray[np.uint16] | NDArray[np.bool_], factor: int) -> NDArray[np.uint32]:
    """Add up blocks: every so many rows at once, then columns."""
    blocks = [-(-side // factor) for side in values.shape]
    tall = np.zeros((blocks[0], values.shape[1]), dtype=np.uint32)
    whole = np.zeros((blocks[0], blocks[1]), dtype=np.uint32)
    for at in range(factor):
        rows = values[at::factor]
        tall[: len(rows)] += rows
    for at in range(factor):
        columns = tall[:, at::factor]
        whole[:, : columns.shape[1]] += columns
    return whole


def _divided(sums: NDArray[np.uint32], counts: NDArray[np.uint32]) -> Pixels:
    means: Pixels = ((sums + counts // 2) // counts).astype(np.uint16)
    return means
