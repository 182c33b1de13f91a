"""Letters of a page: which font has them, and what is shown for those that none has.

The built-in font is Bitstream Vera, embedded, Latin of western Europe; `core.lettering` has the
rule, which is that of pictures, too.
"""

import hashlib
from functools import lru_cache
from io import BytesIO
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.lettering import written

_REGULAR: Final = ("FirstReadVera", "Vera.ttf")
_BOLD: Final = ("FirstReadVeraBold", "VeraBd.ttf")
_TRIED: Final = 64
"""Letters of a site's font that are embedded to try it out."""
Run = tuple[str, str]


class PageFont:
    """The fonts of one page.

    Parameters
    ----------
    font
        A TrueType file's bytes for letters that the built-in font lacks; None is no other.

    Raises
    ------
    ValueError
        If the bytes are no TrueType font that can be embedded.
    """

    def __init__(self, font: bytes | None = None) -> None:
        self._regular = [_built_in(*_REGULAR)]
        self._bold = [_built_in(*_BOLD)]
        if font is not None:
            other = _of_site(font)
            self._regular.append(other)
            self._bold.append(other)
        self._widths: dict[tuple[str, bool], float] = {}
        self.missing = False
        """Whether a letter was asked for that is shown as missing."""

    def runs(self, text: str, *, bold: bool = False) -> list[Run]:
        """Divide a text into runs of one font: its name and the letters."""
        fonts = self._bold if bold else self._regular
        found = written(text, [_letters(font) for font in fonts])
        self.missing = self.missing or found.missing
        return [(fonts[number].fontName, run) for number, run in found.runs]

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Give the width of a line in points."""
        known = self._widths.get((text, bold))
        if known is None:
            runs = self.runs(text, bold=bold)
            known = float(sum(pdfmetrics.stringWidth(run, name, 1.0) for name, run in runs))
            self._widths[text, bold] = known
        return known * size

    def draw(
        self, canvas: Canvas, place: tuple[float, float], text: str, size: float, *, bold: bool
    ) -> None:
        """Write a line from a point on its base line to the right."""
        line = canvas.beginText(*place)
        for name, run in self.runs(text, bold=bold):
            line.setFont(name, size)
            line.textOut(run)
        canvas.drawText(line)

    def wrap(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """Divide a text into lines of a width: at its own ends of lines, at spaces, inside words.

        Nothing of it is lost but the spaces at which it is divided.
        """
        lines = []
        for paragraph in text.splitlines() or [""]:
            line, used = "", 0.0
            space = self.width(" ", size, bold=bold)
            for word in paragraph.split():
                needed = self.width(word, size, bold=bold)
                if line and used + space + needed <= width:
                    line, used = f"{line} {word}", used + space + needed
                    continue
                if line:
                    lines.append(line)
                *whole, line = self._pieces(word, width, size, bold=bold)
                lines += whole
                used = self.width(line, size, bold=bold)
            lines.append(line)
        return lines

    def _pieces(self, word: str, width: float, size: float, *, bold: bool) -> list[str]:
        """Divide a word that is longer than a line; scripts without spaces are such words."""
        pieces, piece, used = [], "", 0.0
        for letter in word:
            needed = self.width(letter, size, bold=bold)
            if piece and used + needed > width:
                pieces.append(piece)
                piece, used = "", 0.0
            piece, used = piece + letter, used + needed
        return [*pieces, piece]


def check_font(content: bytes) -> None:
    """Refuse a font of which pages cannot be made.

    Raises
    ------
    ValueError
        If it is no TrueType font that can be embedded.
    """
    letters = PageFont(content)
    canvas = Canvas(BytesIO(), invariant=1)
    known = _of_site(content).face.charToGlyph
    for code in [code for code in known if code > ord(" ")][:_TRIED]:
        letters.draw(canvas, (0.0, 0.0), chr(code), 9.0, bold=False)
    try:
        canvas.save()
    except Exception as error:
        message = f"no TrueType font that can be embedded: {error}"
        raise ValueError(message) from error


@lru_cache(maxsize=4)
def _built_in(name: str, file: str) -> TTFont:
    font = TTFont(name, file)
    pdfmetrics.registerFont(font)
    return font


@lru_cache(maxsize=4)
def _of_site(content: bytes) -> TTFont:
    name = f"FirstReadSite{hashlib.sha256(content).hexdigest()[:16]}"
    try:
        font = TTFont(name, BytesIO(content), shapable=False)
    except Exception as error:  # reportlab's reader raises of every kind on what is no font
        message = f"no TrueType font that can be embedded: {error}"
        raise ValueError(message) from error
    pdfmetrics.registerFont(font)
    return font


@lru_cache(maxsize=8)
def _letters(font: TTFont) -> frozenset[int]:
    """Give the code points for which a font has a letter."""
    return frozenset(code for code, glyph in font.face.charToGlyph.items() if glyph)
