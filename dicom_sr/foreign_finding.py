"""What another vendor's report says of one finding, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.marks import Point
from core.reading import Presence
from dicom_sr.content_tree import Coded
from dicom_sr.content_values import Instance, Number


@dataclass(frozen=True, slots=True)
class Region:
    """A place on an image (PS3.3 C.18.6).

    Parameters
    ----------
    sort
        POINT, MULTIPOINT, POLYLINE, CIRCLE or ELLIPSE.
    points
        As written: column and row, 0, 0 the top-left corner of the top-left pixel.
    image
        The image that it lies on; None where the document does not tell.
    """

    sort: str
    points: tuple[Point, ...]
    image: Instance | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured value under its name."""

    name: Coded
    number: Number


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A coded statement under its name, such as "Calcification: Absent"."""

    name: Coded
    value: Coded


@dataclass(frozen=True, slots=True)
class Algorithm:
    """Who found it (TID 4019); a part that nobody stated is empty."""

    name: str = ""
    version: str = ""
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignFinding:
    """One finding of a document.

    Parameters
    ----------
    finding
        What it is; None where the document names none by a code.
    words
        What it is, or what is said of it, in words; empty where nothing is.
    site, laterality
        Where, and on which side.
    presence
        Whether it is there; None where the document does not tell. A region alone is no such
        statement: some vendors mark what they rule out.
    certainty
        In [0, 1]; None where none is stated.
    tracking_identifier, tracking_uid
        How it is recognised; empty and None where it is not.
    evaluations, measurements
        What else is stated, in the document's order.
    regions, images
        Where it lies, and what it refers to as a whole.
    algorithm
        Who found it.
    """

    finding: Coded | None
    words: str = ""
    site: Coded | None = None
    laterality: Coded | None = None
    presence: Presence | None = None
    certainty: float | None = None
    tracking_identifier: str = ""
    tracking_uid: str | None = None
    evaluations: tuple[Evaluation, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    regions: tuple[Region, ...] = ()
    images: tuple[Instance, ...] = ()
    algorithm: Algorithm = Algorithm()


@dataclass(frozen=True, slots=True)
class ForeignFindings:
    """What a document says.

    Parameters
    ----------
    title
        Of the document; None where it has none.
    findings
        In the document's order.
    evaluations
        Statements on the whole of what was looked at.
    images
        What the document refers to, each once.
    comments
        What is said of the whole document, such as a banner.
    left_out
        What was not understood, in words, each with how often.
    """

    title: Coded | None
    findings: tuple[ForeignFinding, ...]
    evaluations: tuple[Evaluation, ...] = ()
    images: tuple[Instance, ...] = ()
    comments: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def counted(words: Iterable[str]) -> tuple[str, ...]:
    """Give each of some words once, with how often they were said."""
    tally: dict[str, int] = {}
    for one in words:
        tally[one] = tally.get(one, 0) + 1
    return tuple(f"{one} ({count} x)" if count > 1 else one for one, count in tally.items())
