"""Strips of words above and below a film."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from PIL import Image

from imaging.lettering import Lettering, lettering_of
from imaging.pen import Colour, draw_line

_WHITE: Final = (255, 255, 255)
_GREY: Final = (190, 190, 190)
_WARNING: Final = (110, 0, 0)
_PLAIN: Final = (24, 24, 24)
_SMALLEST: Final = 14
_SHARE: Final = 56
"""A strip's width over the height of its letters."""
_LONGEST: Final = 160
"""Characters of a remark; a model's own words may be of any length."""
_MOST_LETTERS: Final = 256
"""More than a row of a strip can hold; so many of a word of any length are measured at once."""
_MOST_ROWS: Final = 64
"""Rows of a strip; another program's notices may be of any length and number."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A line of the legend: what a line of this look means."""

    words: str
    colour: Colour
    dashed: bool


def notice_strip(lines: Sequence[str], width: int, font: Path | None) -> Image.Image:
    """Give the strip with the banner and what has no place; of height 0 where nothing is said."""
    return _strip([(line, _WHITE) for line in lines], width, font, _WARNING)


def legend_strip(
    samples: Sequence[Sample], lines: Sequence[str], width: int, font: Path | None
) -> Image.Image:
    """Give the strip that explains the lines on the film, with words below it.

    Parameters
    ----------
    samples
        One for each look of a line.
    lines
        Of words.
    width
        Of the strip in pixels.
    font
        See `imaging.lettering`.
    """
    text = _strip([(_brief(line), _GREY) for line in lines], width, font, _PLAIN)
    size = _size(width)
    row = round(size * 1.5)
    places = _rows(samples, width, size, font)
    high = row * (1 + max((number for number, _ in places), default=-1))
    image = Image.new("RGB", (width, high + text.height), _PLAIN)
    for sample, (number, left) in zip(samples, places, strict=True):
        middle = number * row + row / 2
        ends = [(left, middle), (left + 2.5 * size, middle)]
        draw_line(image, ends, sample.colour, 3, dashed=sample.dashed)
        at = left + 3 * size, middle
        lettering_of(font, size).write(image, at, sample.words, sample.colour)
    image.paste(text, (0, high))
    return image


def _brief(remark: str) -> str:
    return remark if len(remark) <= _LONGEST else f"{remark[:_LONGEST]}..."


def _size(width: int) -> int:
    return max(width // _SHARE, _SMALLEST)


def _rows(
    samples: Sequence[Sample], width: int, size: int, font: Path | None
) -> list[tuple[int, float]]:
    """Give row and left edge of each sample; as many in a row as it holds."""
    number, left = 0, size * 0.5
    places: list[tuple[int, float]] = []
    for sample in samples:
        needed = 4.5 * size + lettering_of(font, size).width(sample.words)
        if places and left + needed > width:
            number, left = number + 1, size * 0.5
        places.append((number, left))
        left += needed
    return places


def _strip(
    lines: Sequence[tuple[str, Colour]], width: int, font: Path | None, ground: Colour
) -> Image.Image:
    size = _size(width)
    chosen = lettering_of(font, size)
    margin, row = size * 0.5, round(size * 1.35)
    parts = (
        (part, colour)
        for line, colour in lines
        for part in _wrapped(line, chosen, width - 2 * margin)
    )
    written = list(islice(parts, _MOST_ROWS + 1))
    written[_MOST_ROWS:] = [("...", colour) for _, colour in written[_MOST_ROWS:]]
    height = round(row * len(written) + size * 0.4) if written else 0
    image = Image.new("RGB", (width, height), ground)
    for number, (part, colour) in enumerate(written):
        at = margin, size * 0.2 + row * (number + 0.5)
        chosen.write(image, at, part, colour)
    return image


def _wrapped(words: str, font: Lettering, width: float) -> Iterator[str]:
    """Divide a line at its spaces, and inside a word that is longer than the strip."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if font.width(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while len(line) > 1 and font.width(line) > width:
            whole = line[:_MOST_LETTERS]
            fitting = bisect_right(
                range(2, len(whole)), width, key=lambda size: font.width(whole[:size])
            )
            yield whole[: fitting + 1]
            line = line[fitting + 1 :]
    if line:
        yield line
