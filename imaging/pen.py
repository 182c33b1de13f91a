"""Drawing over a film so that it can be read on black background and on white lung alike."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from core.marks import Point
from imaging.lettering import Lettering, lettering_of

Colour = tuple[int, int, int]
_DARK: Final = (0, 0, 0)
_BACKING: Final = 190
"""Of 255: how much of the film a label's backing hides."""
_DASH: Final = 5
_SPACE: Final = 4
"""Lengths of a dash and of the space after it, in widths of the line."""
_SMALLEST_LETTERS: Final = 11
"""Pixels; smaller ones cannot be read."""
_LETTERS: Final = 0.8
"""Size of letters over the height of their line."""
_MARGIN: Final = 0.2
"""Backing before and behind the words, in sizes of a letter."""


def draw_line(
    image: Image.Image, points: Sequence[Point], colour: Colour, width: int, *, dashed: bool
) -> None:
    """Draw a line with a dark rim.

    Parameters
    ----------
    image
        RGB; changed in place.
    points
        Column and row of each.
    colour, width
        The line's, of an odd width, so that it lies on its points; the rim is a pixel wider on
        either side.
    dashed
        Whether it is broken.
    """
    pen = ImageDraw.Draw(image)
    strokes = [
        stroke
        for start, end in pairwise(points)
        for stroke in (_dashes(start, end, width) if dashed else [(start, end)])
    ]
    for inner, ink in ((width + 2, _DARK), (width, colour)):
        for start, end in strokes:
            pen.line((*start, *end), fill=ink, width=inner)
        if not dashed:
            for point in points:
                _square(pen, point, inner, ink)


def _dashes(start: Point, end: Point, width: int) -> list[tuple[Point, Point]]:
    """Divide a straight line into dashes; it begins and ends with half a dash."""
    length = math.dist(start, end)
    count = max(round(length / (width * (_DASH + _SPACE))), 1)
    period = length / count
    dash = period * _DASH / (_DASH + _SPACE)
    ends = [(0.0, dash / 2)]
    ends += ((number * period - dash / 2, number * period + dash / 2) for number in range(1, count))
    ends.append((length - dash / 2, length))
    return [
        (_between(start, end, one / length), _between(start, end, other / length))
        for one, other in ends
        if length > 0.0
    ]


def _between(start: Point, end: Point, share: float) -> Point:
    return (
        start[0] + (end[0] - start[0]) * share,
        start[1] + (end[1] - start[1]) * share,
    )


def _square(pen: ImageDraw.ImageDraw, point: Point, side: int, ink: Colour) -> None:
    """Fill a corner, which two strokes of a thick line leave open."""
    left, top = point[0] - (side - 1) / 2, point[1] - (side - 1) / 2
    pen.rectangle((left, top, left + side - 1, top + side - 1), fill=ink)


@dataclass(frozen=True, slots=True)
class Label:
    """Words that are laid out on a picture.

    Parameters
    ----------
    words
        One line.
    left, top, right, bottom
        Their dark backing, in whole pixels.
    font
        In the size that was chosen.
    """

    words: str
    left: int
    top: int
    right: int
    bottom: int
    font: Lettering

    def nearest(self, point: Point) -> Point:
        """Give the point of the backing that is nearest to another one."""
        column, row = point
        return (
            min(max(column, float(self.left)), float(self.right)),
            min(max(row, float(self.top)), float(self.bottom)),
        )


def label_in(
    room: tuple[float, float, float, float],
    words: str,
    size: tuple[int, int],
    font: Path | None,
    *,
    flush_right: bool = False,
) -> Label:
    """Lay words out in a room.

    They fit into it where letters of a size that can be read do; else they leave it, yet never
    the picture where that is wide enough.

    Parameters
    ----------
    room
        Left, top, right and bottom.
    words
        Written on one line.
    size
        Width and height of the picture.
    font
        See `imaging.lettering`.
    flush_right
        Whether the words end at the room's right instead of beginning at its left.
    """
    left, top, right, bottom = room
    words = " ".join(words.split())
    letters = max(round((bottom - top) * _LETTERS), _SMALLEST_LETTERS)
    chosen = lettering_of(font, letters)
    needed = chosen.width(words) + 2 * _MARGIN * letters
    if needed > right - left:
        letters = max(math.floor(letters * (right - left) / needed), _SMALLEST_LETTERS)
        chosen = lettering_of(font, letters)
        needed = chosen.width(words) + 2 * _MARGIN * letters
    height = max(bottom - top, letters / _LETTERS)
    begin = right - needed if flush_right else left
    begin = max(min(begin, size[0] - needed), 0.0)
    above = max(min(top, size[1] - height), 0.0)
    return Label(
        words,
        round(begin),
        round(above),
        round(begin + needed),
        round(above + height),
        chosen,
    )


def draw_label(image: Image.Image, label: Label, colour: Colour) -> None:
    """Write a label, its backing first, so that it can be read on every film."""
    box = label.left, label.top, label.right, label.bottom
    covered = image.crop(box)
    image.paste(Image.blend(covered, Image.new("RGB", covered.size, _DARK), _BACKING / 255), box)
    begin = (label.left + label.right - label.font.width(label.words)) / 2
    label.font.write(image, (begin, (label.top + label.bottom) / 2), label.words, colour)
