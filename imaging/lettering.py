"""Letters on pictures: the fonts of the page, so that picture and page write the same words.

The built-in font is Bitstream Vera, which has the letters of western Europe and comes with
reportlab; the site's is asked for what that one lacks, see `core.lettering`.
"""

import math
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase.ttfonts import TTFontFile

from core.lettering import written

_TRIED: Final = 64
"""Letters of a site's font that are drawn to try it out."""


class Lettering:
    """Fonts in one size; `lettering_of` makes them.

    Parameters
    ----------
    path
        The site's TrueType file; None has the built-in font alone.
    size
        Of the letters, in pixels.

    Raises
    ------
    OSError
        If the file cannot be read or is no TrueType font.
    """

    def __init__(self, path: Path | None, size: int) -> None:
        self.size = size
        paths = [None] if path is None else [None, path]
        self._known = [_letters(one) for one in paths]
        self._fonts = [
            ImageFont.truetype(BytesIO(_content(one)), size, layout_engine=ImageFont.Layout.BASIC)
            for one in paths
        ]

    def width(self, words: str) -> int:
        """Give the width of a line in pixels."""
        return math.ceil(sum(self._fonts[font].getlength(run) for font, run in self._runs(words)))

    def write(
        self,
        image: Image.Image,
        at: tuple[float, float],
        words: str,
        colour: tuple[int, int, int],
    ) -> None:
        """Write a line onto a picture.

        Parameters
        ----------
        image
            RGB; changed in place.
        at
            Where the line begins, and the row of its middle.
        words
            What cannot be written is shown as missing.
        colour
            Of the letters.
        """
        pen = ImageDraw.Draw(image)
        above, below = self._fonts[0].getmetrics()
        left, base = at[0], at[1] + (above - below) / 2
        for font, run in self._runs(words):
            pen.text((left, base), run, fill=colour, font=self._fonts[font], anchor="ls")
            left += self._fonts[font].getlength(run)

    def _runs(self, words: str) -> tuple[tuple[int, str], ...]:
        return written(words, self._known).runs


@lru_cache(maxsize=256)
def lettering_of(path: Path | None, size: int) -> Lettering:
    """Give the fonts of a size, see `Lettering`."""
    return Lettering(path, size)


def check_font(path: Path) -> None:
    """Refuse a font with which pictures cannot be written.

    Raises
    ------
    OSError
        If it cannot be read, or is no TrueType font whose letters can be drawn.
    """
    codes = sorted(_letters(path))[:_TRIED]
    font = ImageFont.truetype(BytesIO(_content(path)), 20, layout_engine=ImageFont.Layout.BASIC)
    for code in codes:
        font.getmask(chr(code))


@lru_cache(maxsize=4)
def _content(path: Path | None) -> bytes:
    if path is not None:
        return path.read_bytes()
    return files("reportlab").joinpath("fonts/Vera.ttf").read_bytes()


@lru_cache(maxsize=4)
def _letters(path: Path | None) -> frozenset[int]:
    """Give the code points for which a font has a letter."""
    try:
        font = TTFontFile(BytesIO(_content(path)))
    except Exception as error:  # reportlab's reader raises of every kind on what is no font
        message = f"no TrueType font: {path}: {error}"
        raise OSError(message) from error
    return frozenset(code for code, glyph in font.charToGlyph.items() if glyph)
