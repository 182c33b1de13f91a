"""The marks of a report's findings: each region as a line, with a label beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.marks import Layer, Marks, Outline, Point, TextMark
from core.reading import Presence
from dicom_sr.curves import polyline_of
from dicom_sr.foreign_finding import ForeignFinding, ForeignFindings, Region, counted
from dicom_sr.graphics import Rectangle
from dicom_sr.label_places import anchor_of, place_label, top_lines
from dicom_sr.presentation_marks import MOST_MARKS, ReadMarks
from dicom_sr.sheet import Sheet
from dicom_sr.source import Film

_FAR = 8.0
"""Widths or heights of the film by which a region may lie outside it."""
_LONGEST_CAPTION = 64
_MOST_LINES = 10
NO_PLACE = "place not given: "
UNSTATED_LAYER = "NOT STATED"
"""Of places of which the document does not say whether anything is there."""
_LAYERS: Mapping[Presence | None, str] = {
    Presence.PRESENT: Layer.FINDINGS,
    Presence.UNCERTAIN: Layer.UNCERTAIN,
}


def marks_of_findings(
    findings: ForeignFindings, film: Film, notices: Sequence[str] = ()
) -> ReadMarks:
    """Lay out a report's findings over one of its films.

    Parameters
    ----------
    findings
        What the report says.
    film
        The film; regions on other images are left out without a word, they are not of this film.
    notices
        Lines above the film; findings without a place are named below them.

    Returns
    -------
    ReadMarks
        A finding that is stated as absent is left out and counted, wherever it has a region.
    """
    sheet = Sheet.of(film)
    left_out: list[str] = []
    placed = list(_placed(findings, film, sheet, left_out))
    placed, beyond = placed[:MOST_MARKS], placed[MOST_MARKS:]
    left_out += ["a region beyond those that are drawn"] * len(beyond)
    boxes = [sheet.seen(_bounds(line)) for line, _ in placed]
    lines = _notice_lines(findings, notices)
    taken = list(top_lines(lines, boxes=boxes, sheet=sheet))
    texts = [
        _text(words, room, sheet, Layer.NOTICE) for words, room in zip(lines, taken, strict=True)
    ]
    outlines = []
    for (line, finding), box in zip(placed, boxes, strict=True):
        words = _caption(finding)
        layer = _LAYERS.get(finding.presence, UNSTATED_LAYER)
        dashed = finding.presence is Presence.UNCERTAIN
        outlines.append(Outline(line, layer, dashed, finding.tracking_uid))
        if not words:
            continue
        room = place_label(words, box, texts=taken, boxes=boxes, sheet=sheet)
        taken.append(room)
        anchor = anchor_of(room, box, sheet)
        mark = _text(words, room, sheet, layer)
        point = sheet.stored_point(*anchor) if anchor else None
        texts.append(replace(mark, anchor=point, tracking_uid=finding.tracking_uid))
    marks = Marks(film.rows, film.columns, tuple(outlines), tuple(texts))
    return ReadMarks(marks, counted(left_out))


def _placed(
    findings: ForeignFindings, film: Film, sheet: Sheet, left_out: list[str]
) -> Iterator[tuple[tuple[Point, ...], ForeignFinding]]:
    """Give each line over the film and the finding that it is of."""
    for finding in findings.findings:
        for region in finding.regions:
            if region.image is None:
                left_out.append("a region of which no image is told")
            elif region.image.sop_instance_uid != film.sop_instance_uid:
                continue
            elif finding.presence is Presence.ABSENT:
                left_out.append("the place of a finding that is stated as absent")
            else:
                lines = _lines(region, sheet)
                left_out += [] if lines else ["a region that is not understood"]
                yield from ((line, finding) for line in lines)


def _notice_lines(findings: ForeignFindings, notices: Sequence[str]) -> list[str]:
    """Give the notices, and what is not said to be absent and has no place."""
    lines = [
        *notices,
        *(
            NO_PLACE + _caption(finding)
            for finding in findings.findings
            if not finding.regions and finding.presence is not Presence.ABSENT
        ),
    ]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES - 1 :] = [f"{len(lines) - _MOST_LINES + 1} more in the report"]
    return lines


def _text(words: str, room: Rectangle, sheet: Sheet, layer: str) -> TextMark:
    pixels = sheet.stored(room)
    return TextMark(words, pixels.left, pixels.top, pixels.right, pixels.bottom, layer)


def _lines(region: Region, sheet: Sheet) -> list[tuple[Point, ...]]:
    across, down = _FAR * sheet.columns, _FAR * sheet.rows
    if not all(
        -across <= column <= sheet.columns + across and -down <= row <= sheet.rows + down
        for column, row in region.points
    ):
        return []
    if region.sort == "MULTIPOINT":
        crosses = (polyline_of("POINT", (point,), size=sheet.line) for point in region.points)
        return list(crosses)
    line = polyline_of(region.sort, region.points, size=sheet.line)
    return [line] if line else []


def _bounds(line: tuple[Point, ...]) -> Rectangle:
    columns, rows = [point[0] for point in line], [point[1] for point in line]
    return Rectangle(min(columns), min(rows), max(columns), max(rows))


def _caption(finding: ForeignFinding) -> str:
    """Give what is written beside a finding: its name, side and percent."""
    words = "" if finding.finding is None else finding.finding.meaning or finding.finding.value
    if not words:
        words = finding.words.split("\r\n", maxsplit=1)[0] or finding.tracking_identifier
    if finding.laterality is not None:
        words += f", {finding.laterality.meaning.lower()}"
    if finding.certainty is not None:
        words += f" {100.0 * finding.certainty:.0f} %"
    if finding.presence is Presence.UNCERTAIN:
        words = f"uncertain: {words}"
    return words[:_LONGEST_CAPTION]
