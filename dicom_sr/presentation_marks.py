"""The marks of a presentation state of any origin, as plain geometry over one film.

PS3.3 C.10.5 (Graphic Annotation) and C.10.7 (Graphic Layer). Curves become polylines; what a plain
mark cannot say (compound graphics, bitmaps, shutters) is left out and counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.marks import Marks, Outline, Point, TextMark
from core.uids import is_uid
from dicom_sr import values
from dicom_sr.content_tree import items_of
from dicom_sr.content_values import pairs
from dicom_sr.curves import polyline_of
from dicom_sr.display_units import DisplayedArea, displayed_area
from dicom_sr.foreign_finding import counted
from dicom_sr.sheet import Sheet
from dicom_sr.text import one_line, paragraphs

MOST_MARKS: Final = 2_000
"""Graphics and texts of one film that are read."""
_FAR: Final = 8.0
"""Widths or heights of the film by which a mark may lie outside it."""
_LEFT_OUT: Final = {
    "CompoundGraphicSequence": "a compound graphic",
    "OverlayData": "an overlay",
    "ShutterShape": "a shutter",
}


@dataclass(frozen=True, slots=True)
class ReadMarks:
    """Marks, and what is not among them.

    Parameters
    ----------
    marks
        Over the film.
    left_out
        What was not understood, in words, each with how often.
    """

    marks: Marks
    left_out: tuple[str, ...] = ()


def films_of(state: Dataset) -> tuple[str, ...]:
    """Give the SOP Instance UIDs of the images that a presentation state is of, each once."""
    return tuple(
        dict.fromkeys(
            uid
            for series in items_of(state, "ReferencedSeriesSequence")
            for image in items_of(series, "ReferencedImageSequence")
            if is_uid(uid := _referenced(image))
        )
    )


def read_marks(state: Dataset, film_uid: str, *, rows: int, columns: int) -> ReadMarks:
    """Read the marks of one film.

    Parameters
    ----------
    state
        A presentation state.
    film_uid
        SOP Instance UID of the film.
    rows, columns
        Size of its stored matrix.

    Raises
    ------
    UnreadableObjectError
        If the state is of other images, or holds more marks than any film.
    """
    if film_uid not in films_of(state):
        message = "the presentation state is not of this film"
        raise UnreadableObjectError(message)
    left_out: list[str] = []
    for keyword, words in _LEFT_OUT.items():
        if values.raw_value(state, keyword):
            left_out.append(words)
    over = _Film(film_uid, rows, columns, displayed_area(state, film_uid, rows, columns))
    outlines: list[Outline] = []
    texts: list[TextMark] = []
    for annotation in _in_layer_order(state):
        if not _is_on(annotation, film_uid):
            continue
        layer = one_line(values.first_text(annotation, "GraphicLayer"))
        if items_of(annotation, "CompoundGraphicSequence"):
            left_out.append(_LEFT_OUT["CompoundGraphicSequence"])
        for graphic in items_of(annotation, "GraphicObjectSequence"):
            outline = _outline(graphic, layer, over, left_out)
            outlines += [] if outline is None else [outline]
        for text in items_of(annotation, "TextObjectSequence"):
            texts += _texts(text, layer, over, left_out)
        if len(outlines) + len(texts) > MOST_MARKS:
            message = f"the presentation state holds more than {MOST_MARKS} marks"
            raise UnreadableObjectError(message)
    return ReadMarks(Marks(rows, columns, tuple(outlines), tuple(texts)), counted(left_out))


@dataclass(frozen=True, slots=True)
class _Film:
    """What units are resolved against."""

    uid: str
    rows: int
    columns: int
    area: DisplayedArea

    @property
    def sheet(self) -> Sheet:
        """Where marks without a size of their own get one."""
        return Sheet(self.rows, self.columns)

    def pixels(self, points: tuple[Point, ...], unit: str) -> tuple[Point, ...]:
        """Give points in pixels; none where the unit is another one, or they lie far off."""
        if unit == "DISPLAY":
            points = tuple(self.area.pixel(point) for point in points)
        elif unit != "PIXEL":
            return ()
        across, down = _FAR * self.columns, _FAR * self.rows
        near = all(
            -across <= column <= self.columns + across and -down <= row <= self.rows + down
            for column, row in points
        )
        return points if near else ()


def _referenced(image: Dataset) -> str:
    return values.text(image, "ReferencedSOPInstanceUID").strip(" \0")


def _in_layer_order(state: Dataset) -> list[Dataset]:
    order = {
        values.first_text(layer, "GraphicLayer"): values.integer(layer, "GraphicLayerOrder") or 0
        for layer in items_of(state, "GraphicLayerSequence")
    }
    annotations = items_of(state, "GraphicAnnotationSequence")
    return sorted(annotations, key=lambda one: order.get(values.first_text(one, "GraphicLayer"), 0))


def _is_on(annotation: Dataset, film_uid: str) -> bool:
    """Tell whether an annotation is on the film: one that names no image is on all of them."""
    images = items_of(annotation, "ReferencedImageSequence")
    return not images or any(
        _referenced(image) == film_uid
        and 1.0 in (values.numbers(image, "ReferencedFrameNumber") or (1.0,))
        for image in images
    )


def _outline(graphic: Dataset, layer: str, film: _Film, left_out: list[str]) -> Outline | None:
    sort = values.first_text(graphic, "GraphicType").upper()
    unit = values.first_text(graphic, "GraphicAnnotationUnits").upper()
    points = film.pixels(pairs(values.raw_value(graphic, "GraphicData")), unit)
    line = polyline_of(sort, points, size=film.sheet.line)
    if not line:
        left_out.append("a graphic that is not understood")
        return None
    styles = items_of(graphic, "LineStyleSequence")
    dashed = any(values.first_text(one, "LineDashingStyle").upper() == "DASHED" for one in styles)
    return Outline(line, layer, dashed, _tracking_uid(graphic))


def _tracking_uid(mark: Dataset) -> str | None:
    uid = values.text(mark, "TrackingUID").strip(" \0")
    return uid if is_uid(uid) else None


def _texts(text: Dataset, layer: str, film: _Film, left_out: list[str]) -> Iterator[TextMark]:
    """Give a text's lines, one below the other in its room."""
    lines = [line for line in paragraphs(_words(text)).split("\r\n") if line]
    if not lines:
        return
    anchor = _point(text, "AnchorPoint", "AnchorPointAnnotationUnits", film)
    corners = [
        _point(text, f"BoundingBox{corner}HandCorner", "BoundingBoxAnnotationUnits", film)
        for corner in ("TopLeft", "BottomRight")
    ]
    room = _room(corners, anchor, lines, film)
    if room is None:
        left_out.append("a text without a place")
        return
    left, top, right, bottom = room
    visible = values.first_text(text, "AnchorPointVisibility").upper() == "Y"
    height = (bottom - top) / len(lines)
    for number, line in enumerate(lines):
        yield TextMark(
            line,
            left,
            top + number * height,
            right,
            top + (number + 1) * height,
            layer,
            anchor if visible and corners[0] is not None and number == 0 else None,
            _tracking_uid(text),
        )


def _words(text: Dataset) -> str:
    return values.text(text, "UnformattedTextValue")


def _point(text: Dataset, keyword: str, units: str, film: _Film) -> Point | None:
    points = film.pixels(
        pairs(values.raw_value(text, keyword)), values.first_text(text, units).upper()
    )
    return points[0] if len(points) == 1 else None


def _room(
    corners: list[Point | None], anchor: Point | None, lines: list[str], film: _Film
) -> tuple[float, float, float, float] | None:
    """Give left, top, right, bottom of a text: its box, else room beginning at its anchor."""
    first, second = corners
    if first is not None and second is not None:
        columns, rows = sorted((first[0], second[0])), sorted((first[1], second[1]))
        return columns[0], rows[0], columns[1], rows[1]
    if anchor is None:
        return None
    height = film.sheet.line
    width = max(film.sheet.length(line) for line in lines)
    return anchor[0], anchor[1], anchor[0] + width, anchor[1] + height * len(lines)
