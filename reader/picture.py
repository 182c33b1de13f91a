"""From what a caller hands in to the picture that an image processor takes."""

import numpy as np
import numpy.typing as npt
from PIL import Image

Picture = Image.Image | npt.NDArray[np.uint8]


def rgb(picture: Picture) -> Image.Image:
    """Give a picture in RGB, its pixels as they are; otherwise as `as_image`."""
    return as_image(picture).convert("RGB")


def as_image(picture: Picture) -> Image.Image:
    """Give a picture for an image processor, its pixels as they are.

    Parameters
    ----------
    picture
        PIL in mode L or RGB, or a uint8 array of shape [rows, columns] or [rows, columns, 3].

    Returns
    -------
    PIL.Image.Image
        In mode L where it is grey: a film's three channels would be the same three times.

    Raises
    ------
    ValueError
        If it is of another kind: a film of 16 bits would be clipped, not windowed, on the way.
    """
    if isinstance(picture, Image.Image):
        if picture.mode not in {"L", "RGB"}:
            message = f"a film must be a picture in mode L or RGB, not {picture.mode}"
            raise ValueError(message)
        return picture
    grey = picture.ndim == 2  # noqa: PLR2004 - rows and columns
    if picture.dtype != np.uint8 or not (grey or (picture.ndim, picture.shape[-1]) == (3, 3)):
        message = (
            "a film must be a uint8 array [rows, columns] or [rows, columns, 3], "
            f"not {picture.dtype} {list(picture.shape)}"
        )
        raise ValueError(message)
    return Image.fromarray(np.ascontiguousarray(picture))
