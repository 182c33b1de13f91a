"""Marks over a film: outlines and labels as plain geometry, in pixels of the stored matrix.

What a presentation state holds and what a picture shows, so that both are the same marks.
"""

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]
"""Column and row; 0, 0 is the top-left corner of the top-left pixel (PS3.3 C.10.5.1.2)."""


class Layer(StrEnum):
    """Our layers, one for each kind of mark; at most 16 characters (VR CS)."""

    NOTICE = "AI NOTICE"
    """The banner, and what has no place on the film."""
    FINDINGS = "AI FINDINGS"
    """What is stated as present."""
    UNCERTAIN = "AI UNCERTAIN"
    """What is neither stated nor denied."""
    SENTENCES = "AI SENTENCES"
    """Where the draft's sentences were placed, beside the places of their findings."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A line over the film.

    Parameters
    ----------
    points
        In their order; a closed outline ends where it begins.
    layer
        Name of its layer: one of `Layer`, or another program's.
    dashed
        Whether the line is broken: an uncertain finding's.
    tracking_uid
        The finding that it belongs to, None where to none.
    """

    points: tuple[Point, ...]
    layer: str
    dashed: bool = False
    tracking_uid: str | None = None


@dataclass(frozen=True, slots=True)
class TextMark:
    """Words over the film.

    Parameters
    ----------
    words
        One line.
    left, top, right, bottom
        The room that they have.
    layer
        Name of its layer.
    anchor
        Where a line from the words leads to; None where there is none.
    tracking_uid
        The finding that they belong to, None where to none.
    """

    words: str
    left: float
    top: float
    right: float
    bottom: float
    layer: str
    anchor: Point | None = None
    tracking_uid: str | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of one film.

    Parameters
    ----------
    rows, columns
        Size of the film's stored matrix.
    outlines, texts
        The marks, in the order in which they are drawn.
    """

    rows: int
    columns: int
    outlines: tuple[Outline, ...] = ()
    texts: tuple[TextMark, ...] = ()

    def beside_left(self, text: TextMark) -> bool:
        """Tell whether words stand left of the outline that they belong to.

        Such words are set flush right, so that they end at the outline.
        """
        return any(
            text.right <= min(column for column, _ in outline.points)
            and text.top <= max(row for _, row in outline.points)
            and text.bottom >= min(row for _, row in outline.points)
            for outline in self.outlines
            if (outline.layer, outline.tracking_uid) == (text.layer, text.tracking_uid)
        )
