"""Text in a place of a page: smaller where it is long, and cut where that is too little.

What is cut is said in the last line, never passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from dicom_sr.page_font import PageFont

_SIZES: Final = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
"""Points; smaller ones are not read from paper."""
LEADING: Final = 1.25
_MOST: Final = 12_000
"""Characters of one block that are laid out; a page holds fewer, so that the rest is cut."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph.

    Parameters
    ----------
    text
        Plain words; nothing in them is markup.
    bold
        Whether its letters are.
    heading
        Whether it is bold and stands over others: never the last line of a text that is cut.
    """

    text: str
    bold: bool = False
    heading: bool = False

    @property
    def strong(self) -> bool:
        """Whether its letters are bold."""
        return self.bold or self.heading


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of a page in points, from the top-left corner down.

    Parameters
    ----------
    left, top
        Its corner, `top` counted from the foot of the page.
    width, height
        Its size.
    """

    left: float
    top: float
    width: float
    height: float


def write(
    canvas: Canvas, font: PageFont, blocks: Sequence[Block], place: Place, goes_on: str
) -> float:
    """Write blocks into a place, one below the other.

    Parameters
    ----------
    canvas
        The page.
    font
        Its letters.
    blocks
        What is written.
    place
        Where.
    goes_on
        The last line where not everything fits.

    Returns
    -------
    float
        The base line below what was written, counted from the foot of the page.
    """
    lines: list[Block] = []
    size = _SIZES[-1]
    for size in _SIZES:
        lines = _lines(font, blocks, place.width, size)
        if len(lines) * size * LEADING <= place.height:
            break
    else:
        fitting = max(int(place.height / (size * LEADING)) - 1, 0)
        lines = lines[:fitting]
        while lines and (lines[-1].heading or not lines[-1].text):
            lines.pop()
        lines.append(Block(goes_on, bold=True))
    base = place.top
    for line in lines:
        base -= size * LEADING
        if line.text:
            at = place.left, base + size * (LEADING - 1)
            font.draw(canvas, at, line.text, size, bold=line.strong)
    return base


def _lines(font: PageFont, blocks: Sequence[Block], width: float, size: float) -> list[Block]:
    return [
        Block(line, block.bold, block.heading)
        for block in blocks
        for line in font.wrap(block.text[:_MOST], width, size, bold=block.strong)
    ]
