"""Pictures for people: a film with its boxes, for previews and documents."""

from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from core.reading import Box
from imaging.film import Film

LONGEST_SIDE: Final = 1024
_COLOUR: Final = (255, 200, 0)
_TEXT_SHARE: Final = 48
"""The picture's longest side over the height of its letters."""


def draw_boxes(
    film: Film, boxes: Iterable[tuple[Box, str]] = (), *, longest_side: int = LONGEST_SIDE
) -> Image.Image:
    """Draw a film and the places on it.

    Parameters
    ----------
    film
        The film.
    boxes
        Places and their captions.
    longest_side
        Pixels of the picture's longer side; a smaller film is not enlarged.

    Returns
    -------
    PIL.Image.Image
        RGB, in the film's stored orientation. For the eye only: it is reduced to 8 bits and to
        the given size.
    """
    picture = Image.fromarray(film.pixels)
    picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    drawn = picture.convert("RGB")
    pen = ImageDraw.Draw(drawn)
    height = max(10, max(drawn.size) // _TEXT_SHARE)
    font = ImageFont.load_default(size=height)
    for box, caption in boxes:
        left, right = box.x1 * drawn.width, box.x2 * drawn.width
        top, bottom = box.y1 * drawn.height, box.y2 * drawn.height
        pen.rectangle((left, top, right, bottom), outline=_COLOUR, width=max(1, height // 8))
        above = top - 1.25 * height
        pen.text((left, above if above >= 0 else bottom), caption, fill=_COLOUR, font=font)
    return drawn
