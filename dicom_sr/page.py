"""The page: who it is of, the film with its marks, what was found, the text; one sheet of A4.

Every word is drawn as it is: nothing in it is markup. The same content gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from dicom_sr.page_font import PageFont
from dicom_sr.page_text import Block, Place, write
from dicom_sr.picture import Picture

_WIDTH, _HEIGHT = float(A4[0]), float(A4[1])
_MARGIN: Final = 34.0
_INNER: Final = _WIDTH - 2 * _MARGIN
_GAP: Final = 10.0
_BANNER: Final = (0.43, 0.0, 0.0)
_FACTS: Final = 70.0
"""Points for the identification."""
_PICTURE: Final = (300.0, 345.0)
_FOOT: Final = 62.0
_LONGEST_SIDE: Final = 1200
"""Pixels of the picture; nearly 300 to the inch where it fills its place."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, in plain words.

    Parameters
    ----------
    title
        Of the document, for the properties of the file.
    banner
        Lines of the banner; the first is the largest.
    patient, study
        The two columns below it.
    identity_goes_on
        The last line there, where not all of it fits.
    missing_letters
        What is said where a letter is shown as missing.
    caption
        What stands below the picture.
    statements
        What was coded, beside the picture.
    statements_go_on
        The last line there, where not all of it fits.
    report
        The text below.
    report_goes_on
        The last line there, where not all of it fits.
    foot
        Model, program and times.
    """

    title: str
    banner: Sequence[str]
    patient: Sequence[Block]
    study: Sequence[Block]
    identity_goes_on: str
    missing_letters: str
    caption: str
    statements: Sequence[Block]
    statements_go_on: str
    report: Sequence[Block]
    report_goes_on: str
    foot: Sequence[str]


def page_bytes(page: Page, picture: Picture, font: bytes | None = None) -> bytes:
    """Draw a page.

    Parameters
    ----------
    page
        Its words.
    picture
        The film with its marks.
    font
        See `PageFont`.

    Returns
    -------
    bytes
        A PDF file of one page, its fonts embedded, without scripts, links or attachments.

    Raises
    ------
    ValueError
        If the font cannot be embedded.
    """
    letters = PageFont(font)
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(page.title)
    canvas.setAuthor("")
    canvas.setCreator("FirstRead")
    top = _banner(canvas, letters, page.banner)
    half = (_INNER - _GAP) / 2
    for number, blocks in enumerate((page.patient, page.study)):
        left = _MARGIN + number * (half + _GAP)
        place = Place(left, top, half, _FACTS)
        write(canvas, letters, blocks, place, page.identity_goes_on)
    top -= _FACTS + _GAP
    wide, high = _picture(canvas, picture, top)
    caption = Place(_MARGIN, top - high, wide, 14.0)
    write(canvas, letters, [Block(page.caption, bold=True)], caption, "...")
    beside = _MARGIN + wide + _GAP
    place = Place(beside, top + 2.0, _MARGIN + _INNER - beside, high)
    write(canvas, letters, page.statements, place, page.statements_go_on)
    top -= high + 14.0 + _GAP / 2
    place = Place(_MARGIN, top, _INNER, top - _MARGIN - _FOOT)
    write(canvas, letters, page.report, place, page.report_goes_on)
    _foot(canvas, letters, page.foot, page.missing_letters)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _banner(canvas: Canvas, font: PageFont, lines: Sequence[str]) -> float:
    """Draw the banner and give where it ends."""
    head, *rest = lines
    size = 13.0
    while size > 8.0 and font.width(head, size, bold=True) > _INNER - 12.0:  # noqa: PLR2004 - points
        size -= 0.5
    below = [part for line in rest for part in font.wrap(line, _INNER - 12.0, 8.5)]
    height = size * 1.25 + len(below) * 8.5 * 1.25 + 8.0
    top = _HEIGHT - _MARGIN
    canvas.setFillColorRGB(*_BANNER)
    canvas.rect(_MARGIN, top - height, _INNER, height, stroke=0, fill=1)
    canvas.setFillColorRGB(1.0, 1.0, 1.0)
    base = top - 4.0 - size
    font.draw(canvas, (_MARGIN + 6.0, base), head, size, bold=True)
    for line in below:
        base -= 8.5 * 1.25
        font.draw(canvas, (_MARGIN + 6.0, base), line, 8.5, bold=False)
    canvas.setFillColorRGB(0.0, 0.0, 0.0)
    return top - height - 2.0


def _picture(canvas: Canvas, picture: Picture, top: float) -> tuple[float, float]:
    """Draw the picture below a line of the page and give its size in points."""
    image = Image.fromarray(picture.pixels)
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    scale = min(_PICTURE[0] / image.width, _PICTURE[1] / image.height)
    wide, high = image.width * scale, image.height * scale
    canvas.drawImage(ImageReader(image), _MARGIN, top - high, wide, high)
    return wide, high


def _foot(canvas: Canvas, font: PageFont, lines: Sequence[str], note: str) -> None:
    """Draw the foot, with the note on missing letters where one is missing on the page."""
    for line in lines:
        font.runs(line)
    noted = [*([Block(note, bold=True)] if font.missing else []), *(Block(one) for one in lines)]
    canvas.setStrokeColorRGB(0.6, 0.6, 0.6)
    canvas.line(_MARGIN, _MARGIN + _FOOT - 2.0, _MARGIN + _INNER, _MARGIN + _FOOT - 2.0)
    write(canvas, font, noted, Place(_MARGIN, _MARGIN + _FOOT - 4.0, _INNER, _FOOT - 4.0), "...")
