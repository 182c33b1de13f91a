"""The film as a picture with its marks burned in, which the edge draws and the builders write."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A film with its marks burned in.

    Parameters
    ----------
    pixels
        uint8, [height, width] in grey or [height, width, 3] in red, green and blue; row 0 and
        column 0 are those of the stored matrix.

    Raises
    ------
    ValueError
        If the pixels are of another type or shape.
    """

    pixels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        colours = 3
        if self.pixels.dtype != np.uint8 or not (
            len(shape) == 2 or (len(shape) == colours and shape[2] == colours)  # noqa: PLR2004
        ):
            message = f"no picture of grey or RGB bytes: {self.pixels.dtype} {shape}"
            raise ValueError(message)
