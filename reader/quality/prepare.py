"""From a picture of any size to what the classifier looks at, the same in training and in use.

Grey levels of films differ by maker, window and age; what stays the same is their order. So the
classifier sees ranks (each pixel's place among the grey levels of its picture) and, beside them,
how far a pixel stands out from its surroundings. Neither changes under a rising tone curve, and
both turn over under an inversion.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from reader.picture import Picture

Grey = npt.NDArray[np.uint8]
Array = npt.NDArray[np.floating[Any]]

SIDE: Final = 48
"""Side of the classifier's input in pixels."""

WORKING_SIDE: Final = 192
"""Longer side of the picture that borders and measurements are taken from."""

_LEVELS: Final = 1024
_NEARBY: Final = 6
_EVEN: Final = 10.0
_MOST_BORDER: Final = 0.4


def reduced(picture: Picture) -> npt.NDArray[np.uint8]:
    """Shrink a picture so that its longer side is at most `WORKING_SIDE`.

    Parameters
    ----------
    picture
        PIL in mode L or RGB, or a uint8 array [rows, columns] or [rows, columns, 3].

    Returns
    -------
    ndarray
        uint8 [rows, columns] or, from a picture in colour, [rows, columns, 3].

    Raises
    ------
    ValueError
        If it is of another kind, or has no pixels.
    """
    image = picture if isinstance(picture, Image.Image) else _image(picture)
    if image.mode not in {"L", "RGB"}:
        message = f"a film must be a picture in mode L or RGB, not {image.mode}"
        raise ValueError(message)
    scale = min(1.0, WORKING_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.5))


def _image(picture: npt.NDArray[np.uint8]) -> Image.Image:
    grey = picture.ndim == 2  # noqa: PLR2004 - rows and columns
    colour = picture.ndim == 3 and picture.shape[2] == 3  # noqa: PLR2004
    if picture.dtype != np.uint8 or not (grey or colour) or 0 in picture.shape:
        message = (
            "a film must be a uint8 array [rows, columns] or [rows, columns, 3] with pixels, "
            f"not {picture.dtype} {list(picture.shape)}"
        )
        raise ValueError(message)
    return Image.fromarray(np.ascontiguousarray(picture))


def without_border(grey: Grey) -> Grey:
    """Cut off rows and columns at the edges that are all of one grey: frames and shutters.

    Parameters
    ----------
    grey
        uint8 [rows, columns].

    Returns
    -------
    ndarray
        A view of what is inside; the picture itself where nothing would be left.
    """
    inside = grey
    for _ in range(3):
        rows = _uneven(inside)
        columns = _uneven(inside.T)
        if not rows.any() or not columns.any():
            return grey
        kept = inside[_span(rows), _span(columns)]
        if kept.shape == inside.shape:
            break
        inside = kept
    return inside


def _uneven(lines: Grey) -> npt.NDArray[np.bool_]:
    """Tell which rows are of more than one grey, a few stray pixels left out of account."""
    ordered = np.sort(lines, axis=1)
    few = max(1, lines.shape[1] // 50) - 1
    spread = ordered[:, lines.shape[1] - 1 - few].astype(int) - ordered[:, few]
    return np.asarray(spread > _EVEN)


def _span(kept: npt.NDArray[np.bool_]) -> slice:
    """Give the stretch from the first to the last line kept, at most `_MOST_BORDER` cut a side."""
    most = int(_MOST_BORDER * len(kept))
    first = min(int(np.argmax(kept)), most)
    last = max(len(kept) - int(np.argmax(kept[::-1])), len(kept) - most)
    return slice(first, last)


def small(grey: Grey) -> Array:
    """Squeeze a picture to the classifier's square: float32 [SIDE, SIDE] of grey levels."""
    image = Image.fromarray(np.ascontiguousarray(grey)).convert("F")
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float32)


def channels(pictures: Array) -> Array:
    """Give what the classifier sees of small pictures.

    Parameters
    ----------
    pictures
        float32 [n, SIDE, SIDE], of any scale.

    Returns
    -------
    ndarray
        float32 [n, 2, SIDE, SIDE]: ranks in [-1, 1], and the rank less its surroundings' mean
        over their spread.
    """
    ranks = _ranks(pictures)
    mean = _nearby_mean(ranks)
    spread = np.sqrt(np.maximum(_nearby_mean(ranks * ranks) - mean * mean, 0)) + 0.15
    return np.stack([ranks, (ranks - mean) / spread], axis=1).astype(np.float32)


def _ranks(pictures: Array) -> Array:
    """Give each pixel's place among its picture's grey levels, equal ones sharing the middle."""
    count = len(pictures)
    flat = pictures.reshape(count, -1)
    low, high = flat.min(axis=1, keepdims=True), flat.max(axis=1, keepdims=True)
    bins = ((flat - low) * ((_LEVELS - 1) / np.maximum(high - low, 1e-6))).astype(np.int64)
    bins += np.arange(count)[:, None] * _LEVELS
    found = np.bincount(bins.ravel(), minlength=count * _LEVELS).reshape(count, _LEVELS)
    below = np.cumsum(found, axis=1) - found / 2
    place = (below / flat.shape[1]).ravel()[bins]
    return np.asarray(2 * place - 1, dtype=np.float32).reshape(pictures.shape)


def _nearby_mean(pictures: Array) -> Array:
    """Give the mean over a square of side 2 x _NEARBY + 1 around each pixel."""
    for axis in (1, 2):
        width = [(0, 0)] * pictures.ndim
        width[axis] = (_NEARBY + 1, _NEARBY)
        sums = np.cumsum(np.pad(pictures, width, mode="reflect"), axis=axis, dtype=np.float64)
        wide = 2 * _NEARBY + 1
        moved = np.moveaxis(sums, axis, -1)
        means = (moved[..., wide:] - moved[..., :-wide]) / wide
        pictures = np.moveaxis(means, -1, axis).astype(np.float32)
    return pictures
