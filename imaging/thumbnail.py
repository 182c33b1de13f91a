"""A film in few grey pixels, for a first look or to tell it from others; not for diagnosis."""

import io

import numpy as np
from PIL import Image

from imaging.display import DisplayFilm, Pixels
from imaging.presets import shares_of


def thumbnail(film: DisplayFilm, pixels: Pixels, *, longest: int) -> bytes:
    """Draw a film small, through its first window.

    Parameters
    ----------
    film
        What is told of it.
    pixels
        Its pixels, or means of blocks of them.
    longest
        Pixels of the longer side.

    Returns
    -------
    bytes
        A grey PNG picture with square pixels, in the stored orientation.
    """
    values = film.slope * pixels.astype(np.float64) + film.intercept
    shares = shares_of(film.presets[0].voi, values)
    levels = np.rint((1.0 - shares if film.inverted else shares) * 255.0).astype(np.uint8)
    if film.padding is not None:
        levels[(pixels >= film.padding.first) & (pixels <= film.padding.last)] = 0
    height, width = pixels.shape[0] * film.aspect, float(pixels.shape[1])
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.fromarray(levels).resize(size, Image.Resampling.BOX)
    written = io.BytesIO()
    # It is waited for: a third more bytes cost less than compressing them well.
    picture.save(written, "PNG", compress_level=1)
    return written.getvalue()
