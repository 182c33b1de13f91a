"""Where a square that a model saw lies on its film, and back again for its boxes."""

from PIL import Image

Edges = tuple[float, float, float, float]
"""x1, y1, x2, y2 as fractions of a picture's width and height."""


def centre_crop_to_film(box: Edges, width: int, height: int) -> Edges:
    """Turn a box of the film's largest centred square into one of the film.

    Parameters
    ----------
    box
        In fractions of the square.
    width, height
        The film's, in pixels.
    """
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    x1, y1, x2, y2 = box
    return (
        (left + x1 * side) / width,
        (top + y1 * side) / height,
        (left + x2 * side) / width,
        (top + y2 * side) / height,
    )


def padded_to_square(picture: Image.Image) -> Image.Image:
    """Put a picture in the middle of the smallest black square that holds it.

    Where the rim cannot be halved, the odd row or column is at the bottom or the right.
    """
    side = max(picture.size)
    square = Image.new(picture.mode, (side, side))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def padded_square_to_film(box: Edges, width: int, height: int) -> Edges:
    """Turn a box of the padded square into one of the film.

    What reaches over the film's edge lies on the black rim, where there is nothing to point at:
    the part on the film is given. A box on the rim alone comes out empty.

    Parameters
    ----------
    box
        In fractions of the square.
    width, height
        The film's, in pixels.
    """
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    x1, y1, x2, y2 = box
    return (
        _within((x1 * side - left) / width),
        _within((y1 * side - top) / height),
        _within((x2 * side - left) / width),
        _within((y2 * side - top) / height),
    )


def _within(edge: float) -> float:
    return min(1.0, max(0.0, edge))
