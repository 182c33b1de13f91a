"""The film as a picture with its marks burned in, which the edge draws and the builders write."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A film with its marks burned in, banner above it and legend below it.

    Parameters
    ----------
    pixels
        uint8, [height, width] in grey or [height, width, 3] in red, green and blue; in the stored
        orientation, and with square pixels.
    film_height, film_width
        Pixels of the picture that the film's whole matrix takes: what sizes are measured by.

    Raises
    ------
    ValueError
        If the pixels are of another type or shape, or too few for the film.
    """

    pixels: NDArray[np.uint8]
    film_height: int
    film_width: int

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        colours = 3
        if self.pixels.dtype != np.uint8 or not (
            len(shape) == 2 or (len(shape) == colours and shape[2] == colours)  # noqa: PLR2004
        ):
            message = f"no picture of grey or RGB bytes: {self.pixels.dtype} {shape}"
            raise ValueError(message)
        if not (1 <= self.film_height <= shape[0] and 1 <= self.film_width <= shape[1]):
            message = f"no film of {self.film_height} x {self.film_width} on a picture of {shape}"
            raise ValueError(message)
