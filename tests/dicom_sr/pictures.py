"""Pictures for the builders that show the film."""

import numpy as np

from dicom_sr.picture import Picture


def picture(height: int = 512, width: int = 440, *, strips: int = 40) -> Picture:
    """Make a picture: a film of a grey slope with a strip above and one below it."""
    film = np.tile(np.linspace(0, 255, width, dtype=np.uint8), (height, 1))
    pixels = np.zeros((height + 2 * strips, width, 3), dtype=np.uint8)
    pixels[strips : strips + height] = film[..., None]
    return Picture(pixels, height, width)
