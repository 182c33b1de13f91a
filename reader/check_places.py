"""Checks of boxes: against the report's sides, against each other, against anatomy.

A frontal film shows the patient's left on the viewer's right. Films that are stored mirrored
exist, and turned ones, so each remark is a question to the reader and never a correction.

Only what needs no segmentation is checked of anatomy: that a box of the heart or the mediastinum
reaches into the middle of the film, and that no box covers all of it. Whether a pneumothorax lies
within the lungs cannot be told from boxes alone.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from core.labels import Label, Side
from core.reading import Box, Finding, Presence, Remark, ReportSentence
from reader.answers import BoxesAnswer, DetectionAnswer
from reader.check_codes import Code, remark
from reader.sentence_findings import statements

_MIDLINE: Final = 0.5
_MIDDLE: Final = (0.25, 0.75)
"""The middle half of the film, from left to right."""
_MIDDLE_LABELS: Final = frozenset({Label.CARDIOMEGALY, Label.ENLARGED_CARDIOMEDIASTINUM})
_WHOLE: Final = 0.95
"""A box of this share of the film's area places nothing."""
_SHOWN: Final = 80


def places_of(
    findings: Sequence[Finding],
    sentences: Sequence[ReportSentence],
    located: Mapping[Label, BoxesAnswer],
) -> list[Remark]:
    """Remark on the places of findings and sentences; see the functions below.

    Parameters
    ----------
    findings, sentences
        The reading's.
    located
        The answers to the grounding questions.
    """
    remarks: list[Remark] = []
    for label, place in located.items():
        if place.dropped:
            remarks.append(boxes_dropped(label, place.dropped))
        if not place.boxes:
            remarks.append(not_located(label))
        remarks += unusual_place(label, place.boxes)
    for finding in findings:
        remarks += side_against_boxes(finding)
    for sentence in sentences:
        remarks += sentence_side_against_boxes(sentence)
    return remarks


def boxes_dropped(label: Label, pieces: Sequence[str]) -> Remark:
    """Remark that what was written for a box is none."""
    return remark(
        Code.BOXES_DROPPED,
        f"{len(pieces)} of the boxes for {label.value} could not be used and are not shown.",
    )


def not_located(label: Label) -> Remark:
    """Remark that a finding has no place."""
    return remark(Code.NOT_LOCATED, f"The model gave no place for {label.value}.")


def unusual_place(label: Label, boxes: Sequence[Box]) -> list[Remark]:
    """Remark on a box where the label can hardly lie."""
    remarks = []
    if any((box.x2 - box.x1) * (box.y2 - box.y1) >= _WHOLE for box in boxes):
        text = f"A box for {label.value} covers nearly the whole film and places nothing."
        remarks.append(remark(Code.BOX_COVERS_FILM, text))
    low, high = _MIDDLE
    if label in _MIDDLE_LABELS and any(box.x2 <= low or box.x1 >= high for box in boxes):
        text = f"A box for {label.value} lies wholly beside the middle of the film."
        remarks.append(remark(Code.PLACE_UNUSUAL, text))
    return remarks


def side_against_boxes(finding: Finding) -> list[Remark]:
    """Remark where any box of a finding lies wholly on the other half than its side."""
    astray = _astray(finding.side, finding.boxes)
    if finding.side is None or not astray:
        return []
    text = f"The report puts {finding.label.value} on the {finding.side.value}, but {astray}."
    return [remark(Code.SIDE_DIFFERS_FROM_BOXES, text)]


def sentence_side_against_boxes(sentence: ReportSentence) -> list[Remark]:
    """Remark where a sentence names one side and any box of it lies wholly on the other half.

    A sentence that names both sides, or none, fits any box.
    """
    if not sentence.boxes:
        return []
    said = [item for item in statements(sentence.text) if item.presence is not Presence.ABSENT]
    sides = {item.side for item in said}
    side = next(iter(sides)) if len(sides) == 1 else None
    astray = _astray(side, sentence.boxes)
    if side is None or not astray:
        return []
    text = f"The sentence {sentence.text[:_SHOWN]!r} says {side.value}, but {astray}."
    return [remark(Code.SENTENCE_SIDE_DIFFERS_FROM_BOXES, text)]


def detection_against_places(
    detection: DetectionAnswer, located: Mapping[Label, BoxesAnswer]
) -> list[Remark]:
    """Remark on labels that two questions placed where no box of one meets one of the other."""
    return [
        remark(
            Code.DETECTION_PLACES_DIFFER,
            f"Asked twice, the model gave {label.value} two places that do not meet.",
        )
        for label, place in located.items()
        if label in detection.places
        and place.boxes
        and detection.places[label].boxes
        and not any(
            _meet(one, other) for one in place.boxes for other in detection.places[label].boxes
        )
    ]


def _astray(side: Side | None, boxes: Sequence[Box]) -> str:
    """Say how many boxes lie wholly on the other half; empty where none does."""
    if side is Side.LEFT:
        count = sum(box.x2 <= _MIDLINE for box in boxes)
    elif side is Side.RIGHT:
        count = sum(box.x1 >= _MIDLINE for box in boxes)
    else:
        return ""
    if not count:
        return ""
    verb = "lies" if count == 1 else "lie"
    which = "its box" if len(boxes) == 1 else f"{count} of its {len(boxes)} boxes"
    return f"{which} {verb} wholly on the other half of the film"


def _meet(one: Box, other: Box) -> bool:
    return one.x1 < other.x2 and other.x1 < one.x2 and one.y1 < other.y2 and other.y1 < one.y2
