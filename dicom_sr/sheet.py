"""The film as a sheet with square units, on which words are laid out as they will be seen."""

from dataclasses import dataclass

from core.marks import Point
from core.pixel_aspect import MOST_LONGER
from dicom_sr.graphics import Rectangle, single
from dicom_sr.source import Film

_LINE = 0.025
"""Height of a line of text, as a part of the shorter side."""
_CHARACTER = 0.5
"""Width of a character, as a part of a line's height; letters fill about 0.8 of the line."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A film with its pixels' shape taken into account.

    Parameters
    ----------
    rows, columns
        Size of the stored matrix.
    across, down
        Width and height of a pixel, the shorter of the two 1.
    """

    rows: int
    columns: int
    across: float = 1.0
    down: float = 1.0

    @classmethod
    def of(cls, film: Film) -> "Sheet":
        """Make the sheet of a film."""
        vertical, horizontal = film.aspect_ratio
        shorter, longer = sorted((vertical, horizontal))
        if longer > MOST_LONGER * shorter:
            return cls(film.rows, film.columns)
        return cls(film.rows, film.columns, horizontal / shorter, vertical / shorter)

    @property
    def width(self) -> float:
        """In units of the sheet."""
        return self.columns * self.across

    @property
    def height(self) -> float:
        """In units of the sheet."""
        return self.rows * self.down

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return min(self.width, self.height) * _LINE

    def length(self, words: str) -> float:
        """Give the room that a line of words needs, at most the sheet's width."""
        return min(self.line * _CHARACTER * len(words), self.width)

    def seen(self, pixels: Rectangle) -> Rectangle:
        """Give a rectangle of pixels in units of the sheet."""
        return Rectangle(
            pixels.left * self.across,
            pixels.top * self.down,
            pixels.right * self.across,
            pixels.bottom * self.down,
        )

    def stored(self, seen: Rectangle) -> Rectangle:
        """Give a rectangle of the sheet in pixels, inside the film."""
        left, top = self._point(seen.left, seen.top)
        right, bottom = self._point(seen.right, seen.bottom)
        return Rectangle(left, top, right, bottom)

    def stored_point(self, column: float, row: float) -> Point:
        """Give a point of the sheet in pixels."""
        return self._point(column, row)

    def _point(self, column: float, row: float) -> Point:
        return single(column / self.across, self.columns), single(row / self.down, self.rows)
