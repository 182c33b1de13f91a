"""What of a reading comes back from its result objects, exactly: the one list of what does not.

- Timings are nowhere written.
- A probability is written in percent, as a double: `100 * p / 100` comes back, which may differ
  from p in the last of its 53 bits.
- An edge of a box is written in pixels in single precision (PS3.5 table 6.2-1, VR FL). A box that
  becomes a line thereby is as thick as the least step of that precision, beyond the line or, at
  the film's far edge, before it.
- Words lose what is no word: control and format characters, lone surrogates, private code points,
  blanks at the ends and doubled ones, more than one blank line in a row (`dicom_sr.text`). Line
  ends are line feeds. Words of which nothing is left are none: a sentence or a remark is left out,
  an optional text is None.

Everything else comes back equal. Nothing here uses a builder or a reader: the two are tested
against it.
"""

import struct
from dataclasses import replace

from core.reading import Box, DraftReport, Finding, Flag, ModelIdentity, Reading, Remark
from core.reading import ReportSentence as Sentence
from dicom_sr.text import one_line, paragraphs


def as_written(reading: Reading, *, rows: int, columns: int) -> Reading:
    """Give a reading as it comes back.

    Parameters
    ----------
    reading
        As it was written.
    rows, columns
        Size of the film's stored matrix.

    Raises
    ------
    ValueError
        If nothing is left of the findings' text: such a reading has no report to write.
    """
    return Reading(
        id=_words(reading.id),
        model=_model(reading.model),
        flags=tuple(_flag(flag) for flag in reading.flags),
        findings=tuple(_finding(finding, rows, columns) for finding in reading.findings),
        report=DraftReport(_words(reading.report.findings), _words(reading.report.impression)),
        quality=_remarks(reading.quality),
        checks=_remarks(reading.checks),
        indication=_words(reading.indication) or None,
        technique=_words(reading.technique) or None,
        comparison=_words(reading.comparison) or None,
        sentences=tuple(
            Sentence(_words(one.text), one.finding_ids, _boxes(one.boxes, rows, columns))
            for one in reading.sentences
            if _words(one.text)
        ),
    )


def _words(text: str | None) -> str:
    return paragraphs(text or "").replace("\r\n", "\n")


def _remarks(remarks: tuple[Remark, ...]) -> tuple[Remark, ...]:
    return tuple(
        Remark(one_line(one.code), _words(one.text)) for one in remarks if _words(one.text)
    )


def _model(model: ModelIdentity) -> ModelIdentity:
    return replace(
        model,
        family=_words(model.family),
        name=_words(model.name),
        version=_words(model.version),
        weights_sha256=_words(model.weights_sha256),
        dtype=_words(model.dtype),
        device=_words(model.device),
        prompt_version=_words(model.prompt_version),
        licence=_words(model.licence),
        intended_use=_words(model.intended_use),
        calibration=_words(model.calibration),
    )


def _flag(flag: Flag) -> Flag:
    return replace(flag, score=_score(flag.score), own_score=_score(flag.own_score))


def _finding(finding: Finding, rows: int, columns: int) -> Finding:
    return replace(
        finding,
        score=_score(finding.score),
        boxes=_boxes(finding.boxes, rows, columns),
        sentence=_words(finding.sentence) or None,
    )


def _score(score: float | None) -> float | None:
    return None if score is None else 100.0 * score / 100.0


def _boxes(boxes: tuple[Box, ...], rows: int, columns: int) -> tuple[Box, ...]:
    return tuple(_box(box, rows, columns) for box in boxes)


def _box(box: Box, rows: int, columns: int) -> Box:
    left, right = _apart(_single(box.x1 * columns), _single(box.x2 * columns), columns)
    top, bottom = _apart(_single(box.y1 * rows), _single(box.y2 * rows), rows)
    return Box(left / columns, top / rows, right / columns, bottom / rows)


def _apart(low: float, high: float, limit: int) -> tuple[float, float]:
    if low < high:
        return low, high
    return (low, _step(high, 1)) if high < limit else (_step(low, -1), high)


def _single(value: float) -> float:
    (rounded,) = struct.unpack("<f", struct.pack("<f", value))
    return float(rounded)


def _step(value: float, steps: int) -> float:
    """Give the next single-precision number of one that is not negative."""
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    (moved,) = struct.unpack("<f", struct.pack("<i", bits + steps))
    return float(moved)
