"""A film with its marks drawn on it, for the eye: previews, secondary captures, pages.

The banner and the other lines of the notice's layer stand in a strip above the film and the
legend in one below it, so that neither hides a part of the film.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from core.marks import Layer, Marks, Point
from imaging.film import Film
from imaging.grey import Grey
from imaging.pen import Colour, draw_label, draw_line, label_in
from imaging.strips import Sample, legend_strip, notice_strip

LONGEST_SIDE: Final = 1536
_SHORTEST_LONG_SIDE: Final = 768
"""A film that is smaller than this is enlarged to it, so that words fit beside its boxes."""
_NARROWEST: Final = 640
"""Pixels; a narrower film stands on black, so that banner and legend can be read."""
_LINE_SHARE: Final = 300
"""The film's longer side over the width of a line."""
_OTHER: Final = (255, 255, 255)
_COLOURS: Final[Mapping[str, Colour]] = {
    Layer.FINDINGS: (255, 200, 0),
    Layer.UNCERTAIN: (90, 200, 250),
    Layer.SENTENCES: (230, 190, 240),
}
"""Those of the presentation state's layers."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What the lines on a film mean, in the words of the site.

    Parameters
    ----------
    present, uncertain, sentence
        Of the lines of each layer.
    scores
        What percentages and sides are.
    """

    present: str = "stated as present"
    uncertain: str = "uncertain"
    sentence: str = "place of a sentence of the draft"
    scores: str = "Percentages are the model's probabilities. Sides are the patient's."


ENGLISH: Final = Legend()


@dataclass(frozen=True, slots=True)
class MarkedPicture:
    """A film with its marks.

    Parameters
    ----------
    image
        RGB, in the film's stored orientation.
    film_left, film_top, film_width, film_height
        Where on the image the whole matrix of the film lies, in pixels of the image.
    """

    image: Image.Image
    film_left: int
    film_top: int
    film_width: int
    film_height: int

    @property
    def pixels(self) -> Grey:
        """The image as an array, [height, width, 3]."""
        return np.asarray(self.image)


def draw_marks(
    film: Film,
    marks: Marks,
    *,
    remarks: Sequence[str] = (),
    legend: Legend = ENGLISH,
    longest_side: int = LONGEST_SIDE,
    font: Path | None = None,
) -> MarkedPicture:
    """Draw marks onto a film.

    Parameters
    ----------
    film
        The film; bone is white on the picture, whatever its polarity.
    marks
        In pixels of its stored matrix.
    remarks
        Lines below the legend, such as which model spoke.
    legend
        Words below the film where lines are drawn on it.
    longest_side
        Pixels of the film's longer side on the picture. A film of fewer is not enlarged, unless
        it has fewer than 768.
    font
        A TrueType file for letters that the built-in font lacks, which has those of western
        Europe; a letter that neither has is shown as [?].

    Returns
    -------
    MarkedPicture
        With square pixels. It is reduced to 8 bits and to the given size: not for diagnosis.

    Raises
    ------
    ValueError
        If the marks are of a matrix of another size.
    OSError
        If the font cannot be read.
    """
    if (marks.rows, marks.columns) != (film.rows, film.columns):
        message = (
            f"marks of {marks.rows} x {marks.columns} pixels do not lie on a film of "
            f"{film.rows} x {film.columns}"
        )
        raise ValueError(message)
    picture = _resized(film.pixels, longest_side)
    width, height = picture.size
    notices = [text.words for text in marks.texts if text.layer == Layer.NOTICE]
    meanings = {
        Layer.FINDINGS: legend.present,
        Layer.UNCERTAIN: legend.uncertain,
        Layer.SENTENCES: legend.sentence,
    }
    samples = [
        Sample(words, _COLOURS[layer], dashed=layer is Layer.UNCERTAIN)
        for layer, words in meanings.items()
        if any(one.layer == layer for one in marks.outlines)
    ]
    whole = max(width, _NARROWEST)
    above = notice_strip(notices, whole, font)
    below = legend_strip(samples, [*([legend.scores] if samples else []), *remarks], whole, font)
    image = Image.new("RGB", (whole, above.height + height + below.height))
    left = (whole - width) // 2
    image.paste(above, (0, 0))
    image.paste(picture, (left, above.height))
    _draw(image, marks, (left, above.height, width, height), font)
    image.paste(below, (0, above.height + height))
    return MarkedPicture(image, left, above.height, width, height)


def _resized(pixels: Grey, longest_side: int) -> Image.Image:
    picture = Image.fromarray(pixels)
    longest = max(picture.size)
    wanted = min(longest_side, max(longest, _SHORTEST_LONG_SIDE))
    size = tuple(max(round(side * wanted / longest), 1) for side in picture.size)
    if size != picture.size:
        picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    return picture.convert("RGB")


def _draw(
    image: Image.Image, marks: Marks, place: tuple[int, int, int, int], font: Path | None
) -> None:
    """Draw outlines, then lines from labels to their boxes, then the labels over both."""
    left, top, width, height = place
    across, down = width / marks.columns, height / marks.rows
    line = 2 * (max(width, height) // _LINE_SHARE // 2) + 1

    def on_image(point: Point) -> Point:
        return left + _held(point[0] * across, width), top + _held(point[1] * down, height)

    for outline in marks.outlines:
        points = [on_image(point) for point in outline.points]
        colour = _COLOURS.get(outline.layer, _OTHER)
        draw_line(image, points, colour, line, dashed=outline.dashed)
    labels = []
    for text in marks.texts:
        if text.layer == Layer.NOTICE:
            continue
        room = (*on_image((text.left, text.top)), *on_image((text.right, text.bottom)))
        right = marks.beside_left(text)
        label = label_in(room, text.words, image.size, font, flush_right=right)
        colour = _COLOURS.get(text.layer, _OTHER)
        labels.append((label, colour))
        if text.anchor is not None:
            anchor = on_image(text.anchor)
            draw_line(image, [label.nearest(anchor), anchor], colour, line, dashed=False)
    for label, colour in labels:
        draw_label(image, label, colour)


def _held(place: float, side: int) -> float:
    """Hold a coordinate near the film, however far off another program's marks lie.

    The far edge of the last pixel is drawn on that pixel, or it would lie outside.
    """
    if side - 1 < place <= side:
        return side - 1.0
    return min(max(place, -float(side)), 2.0 * side)
