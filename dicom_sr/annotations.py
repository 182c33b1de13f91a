"""The marks of a presentation state: a closed outline and a label for each box.

What has no place is named in lines below the banner, so that a viewer who sees the film alone is
not led to think that nothing else was found. Absent findings are not drawn.
"""

from collections.abc import Sequence

import numpy as np
from highdicom.pr import GraphicObject, TextObject
from pydicom.dataset import Dataset

from core.reading import Presence, Reading
from dicom_sr.elements import put, reference
from dicom_sr.graphics import (
    Rectangle,
    anchor_of,
    closed_polyline,
    line_height,
    pixel_rectangle,
    place_label,
    top_lines,
)
from dicom_sr.linkage import TrackedFinding, tracked
from dicom_sr.source import Film
from dicom_sr.text import SHORT_TEXT, cut, one_line

FINDINGS_LAYER = "AI FINDINGS"
NOTICE_LAYER = "AI NOTICE"
NOTHING_MARKED = "AI: no finding marked"
NO_PLACE = "AI, place not given: "
_MOST_LINES = 8
"""Lines below the banner; what is beyond is counted in the last one."""


def annotations(reading: Reading, notice: str, film: Film) -> list[Dataset]:
    """Give the items of the Graphic Annotation Sequence (PS3.3 C.10.5).

    The first one holds banner and lines, then one for each finding with boxes.

    Parameters
    ----------
    reading
        The findings.
    notice
        The banner.
    film
        The film below them.
    """
    shown = [item for item in tracked(reading) if item.finding.presence is not Presence.ABSENT]
    placed = [item for item in shown if item.finding.boxes]
    lines = _lines(notice, shown)
    places = top_lines([words for words, _ in lines], rows=film.rows, columns=film.columns)
    header = [
        _text(words, place, finding) for (words, finding), place in zip(lines, places, strict=True)
    ]
    texts = list(places)
    boxes = [
        pixel_rectangle(box, film.rows, film.columns)
        for item in placed
        for box in item.finding.boxes
    ]
    return [
        _annotation(film, NOTICE_LAYER, [], header),
        *(_finding_annotation(item, texts, boxes, film) for item in placed),
    ]


def _lines(notice: str, shown: Sequence[TrackedFinding]) -> list[tuple[str, TrackedFinding | None]]:
    placeless = [item for item in shown if not item.finding.boxes]
    lines: list[tuple[str, TrackedFinding | None]] = [(notice, None)]
    if not shown:
        return [*lines, (NOTHING_MARKED, None)]
    fitting = placeless if len(placeless) <= _MOST_LINES else placeless[: _MOST_LINES - 1]
    lines += [(NO_PLACE + item.caption, item) for item in fitting]
    if len(fitting) < len(placeless):
        lines.append((f"AI: {len(placeless) - len(fitting)} more in the report", None))
    return lines


def _finding_annotation(
    tracked_finding: TrackedFinding,
    texts: list[Rectangle],
    boxes: Sequence[Rectangle],
    film: Film,
) -> Dataset:
    """Make one finding's item; the places of its labels are added to `texts`."""
    graphics, labels = [], []
    for box in tracked_finding.finding.boxes:
        rectangle = pixel_rectangle(box, film.rows, film.columns)
        words = tracked_finding.caption
        place = place_label(
            words, rectangle, texts=texts, boxes=boxes, rows=film.rows, columns=film.columns
        )
        texts.append(place)
        graphics.append(
            GraphicObject(
                "POLYLINE",
                np.array(closed_polyline(rectangle)),
                "PIXEL",
                tracking_id=tracked_finding.identifier,
                tracking_uid=tracked_finding.finding.id,
            )
        )
        anchor = anchor_of(place, rectangle, line_height(film.rows, film.columns))
        labels.append(_text(words, place, tracked_finding, anchor))
    return _annotation(film, FINDINGS_LAYER, graphics, labels)


def _text(
    words: str,
    place: Rectangle,
    tracked_finding: TrackedFinding | None,
    anchor: tuple[float, float] | None = None,
) -> TextObject:
    return TextObject(
        cut(one_line(words), SHORT_TEXT),
        "PIXEL",
        bounding_box=(place.left, place.top, place.right, place.bottom),
        anchor_point=anchor,
        text_justification="LEFT",
        tracking_id=tracked_finding.identifier if tracked_finding else None,
        tracking_uid=tracked_finding.finding.id if tracked_finding else None,
    )


def _annotation(
    film: Film, layer: str, graphics: list[GraphicObject], texts: list[TextObject]
) -> Dataset:
    item = Dataset()
    put(item, "ReferencedImageSequence", [reference(film.sop_class_uid, film.sop_instance_uid)])
    put(item, "GraphicLayer", layer)
    if texts:
        put(item, "TextObjectSequence", texts)
    if graphics:
        put(item, "GraphicObjectSequence", graphics)
    return item
