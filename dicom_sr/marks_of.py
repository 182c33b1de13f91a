"""Which marks a reading has on its film: a closed outline and a label for each box.

What has no place is named in lines below the banner, so that a viewer who sees the film alone is
not led to think that nothing else was found. Absent findings are not drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.marks import Layer, Marks, Outline, TextMark
from core.reading import Box, Presence, Reading, ReportSentence
from dicom_sr.graphics import Rectangle, closed_polyline, pixel_rectangle
from dicom_sr.label_places import anchor_of, place_label, top_lines
from dicom_sr.linkage import TrackedFinding, tracked
from dicom_sr.sheet import Sheet
from dicom_sr.source import Film
from dicom_sr.text import SHORT_TEXT, cut, one_line
from dicom_sr.wording_table import Word, Wording, built_in_wording

_DRAWN = ((Presence.PRESENT, Layer.FINDINGS), (Presence.UNCERTAIN, Layer.UNCERTAIN))
_MOST_LINES = 8
"""Lines below the banner; what is beyond is counted in the last one."""
_SENTENCE = 48
"""Bytes of a sentence that are written beside its place; the report has it whole."""


@dataclass(slots=True)
class _Drawing:
    """A film on which things are placed one after the other."""

    sheet: Sheet
    boxes: Sequence[Rectangle]
    taken: list[Rectangle] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)
    texts: list[TextMark] = field(default_factory=list)

    def line(self, words: str, place: Rectangle, uid: str | None) -> None:
        self.taken.append(place)
        self._write(words, place, Layer.NOTICE, uid)

    def box(self, box: Box, words: str, layer: Layer, uid: str | None = None) -> None:
        pixels = pixel_rectangle(box, self.sheet.rows, self.sheet.columns)
        dashed = layer is Layer.UNCERTAIN
        self.outlines.append(Outline(closed_polyline(pixels), layer, dashed, uid))
        seen = self.sheet.seen(pixels)
        place = place_label(words, seen, texts=self.taken, boxes=self.boxes, sheet=self.sheet)
        self.taken.append(place)
        anchor = anchor_of(place, seen, self.sheet)
        self._write(words, place, layer, uid, anchor)

    def _write(
        self,
        words: str,
        place: Rectangle,
        layer: Layer,
        uid: str | None,
        anchor: tuple[float, float] | None = None,
    ) -> None:
        room = self.sheet.stored(place)
        self.texts.append(
            TextMark(
                cut(one_line(words), SHORT_TEXT),
                room.left,
                room.top,
                room.right,
                room.bottom,
                layer,
                self.sheet.stored_point(*anchor) if anchor else None,
                uid,
            )
        )


def marks_of(reading: Reading, notice: str, film: Film, wording: Wording | None = None) -> Marks:
    """Lay out the marks of a film.

    Parameters
    ----------
    reading
        The findings, and the draft's sentences: one that was placed is drawn where none of the
        findings that it is about has a box of its own.
    notice
        The banner.
    film
        The film below them.
    wording
        What FirstRead says itself; None is English.

    Returns
    -------
    Marks
        Layer by layer: the banner and the lines, what is present, what is uncertain, each in the
        reading's order, then the sentences. No text leaves the film, and none covers a box or
        another text where the film has room.
    """
    wording = wording or built_in_wording()
    sheet = Sheet.of(film)
    shown = [item for item in tracked(reading) if item.finding.presence is not Presence.ABSENT]
    placed = [item for item in shown if item.finding.boxes]
    sentences = _placed_sentences(reading, {item.finding.id for item in placed})
    boxes = [
        sheet.seen(pixel_rectangle(box, film.rows, film.columns))
        for places in (*(item.finding.boxes for item in placed), *(one.boxes for one in sentences))
        for box in places
    ]
    drawing = _Drawing(sheet, boxes)
    lines = _lines(notice, shown, wording, nothing=not (shown or sentences))
    rooms = top_lines([words for words, _ in lines], boxes=boxes, sheet=sheet)
    for (words, uid), place in zip(lines, rooms, strict=True):
        drawing.line(words, place, uid)
    for presence, layer in _DRAWN:
        for item in placed:
            if item.finding.presence is presence:
                for box in item.finding.boxes:
                    drawing.box(box, item.caption(wording), layer, item.finding.id)
    for sentence in sentences:
        words = cut(one_line(sentence.text), _SENTENCE)
        for box in sentence.boxes:
            drawing.box(box, words, Layer.SENTENCES)
    return Marks(film.rows, film.columns, tuple(drawing.outlines), tuple(drawing.texts))


def _placed_sentences(reading: Reading, placed: set[str]) -> list[ReportSentence]:
    return [
        sentence
        for sentence in reading.sentences
        if sentence.boxes
        and one_line(sentence.text)
        and not placed.intersection(sentence.finding_ids)
    ]


def _lines(
    notice: str, shown: Sequence[TrackedFinding], wording: Wording, *, nothing: bool
) -> list[tuple[str, str | None]]:
    """Give the lines of the notice's layer, each with the finding that it names."""
    lines: list[tuple[str, str | None]] = [(notice, None)]
    if nothing:
        return [*lines, (wording.word(Word.NOTHING_MARKED), None)]
    placeless = [item for item in shown if not item.finding.boxes]
    fitting = placeless if len(placeless) <= _MOST_LINES else placeless[: _MOST_LINES - 1]
    placeless_words = wording.word(Word.PLACELESS)
    lines += [(f"{placeless_words}: {item.caption(wording)}", item.finding.id) for item in fitting]
    if len(fitting) < len(placeless):
        more = str(len(placeless) - len(fitting))
        lines.append((wording.word(Word.MORE, count=more), None))
    return lines
