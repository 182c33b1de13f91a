"""The words of a draft: sentences for findings, and reports made of them.

The sentences name their label outright, each in one sentence of its own with side and site, so
that a reader of the text can tie it to the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from core.labels import Label
from core.reading import Box, DraftReport
from training.records import FilmRecord, LabelledFinding, Piece

_ORDER: Final = (
    Label.CARDIOMEGALY,
    Label.ENLARGED_CARDIOMEDIASTINUM,
    Label.EDEMA,
    Label.CONSOLIDATION,
    Label.PNEUMONIA,
    Label.LUNG_OPACITY,
    Label.ATELECTASIS,
    Label.LUNG_LESION,
    Label.PLEURAL_EFFUSION,
    Label.PNEUMOTHORAX,
    Label.PLEURAL_OTHER,
    Label.FRACTURE,
    Label.SUPPORT_DEVICES,
)
# What a report says even where it is not there.
_NEGATIVES: Final = (
    Label.CARDIOMEGALY,
    Label.EDEMA,
    Label.CONSOLIDATION,
    Label.PLEURAL_EFFUSION,
    Label.PNEUMOTHORAX,
    Label.FRACTURE,
)
# A heart is enlarged to a degree; it is not a small or large disease.
_HEART_DEGREES: Final = {"small": "mild", "large": "marked"}
NORMAL_IMPRESSION: Final = "No acute cardiopulmonary abnormality."


def listing(words: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does: ``a, b and c``."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def article(noun: str) -> str:
    """Put ``a`` or ``an`` before a noun; plurals and masses get none."""
    if noun in {"edema", "atelectasis", "support devices", "pneumonia", "cardiomegaly"}:
        return noun
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def box_text(box: Box) -> str:
    """Write a box as RadVLM does: two decimals, trailing zeros dropped, in square brackets."""
    edges = (box.x1, box.y1, box.x2, box.y2)
    return f"[{', '.join(str(round(float(edge), 2)) for edge in edges)}]"


def boxes_text(boxes: Sequence[Box]) -> str:
    """Write several boxes, joined with ``and``."""
    return " and ".join(box_text(box) for box in boxes)


def _place(piece: Piece) -> str:
    return " ".join(word for word in (piece.side, piece.site) if word)


def _sided(finding: LabelledFinding, noun: str) -> str:
    """Word a finding that has a side and a degree, e.g. ``a small left pleural effusion``."""
    words = " ".join(word for word in (degree_of(finding), finding.side, noun) if word)
    if finding.side == "bilateral":
        return f"are {words}s"
    return f"is {article(words)}"


def sentence(finding: LabelledFinding) -> str:
    """Word one finding that is present.

    Parameters
    ----------
    finding
        What is there; unknown side, site, kind or degree are left out.
    """
    return f"{_WORDINGS.get(finding.label, _plain)(finding)}."


def _plain(finding: LabelledFinding) -> str:
    return f"There is {article(finding.label.value)}{_where(finding, ' in ')}"


def _where(finding: LabelledFinding, joint: str) -> str:
    places = listing([f"the {_place(piece)}" for piece in finding.pieces if _place(piece)])
    return f"{joint}{places}" if places else ""


def degree_of(finding: LabelledFinding) -> str:
    """Give the one degree of a finding, as a report words it; empty where there is none."""
    degrees = {piece.degree for piece in finding.pieces}
    degree = degrees.pop() if len(degrees) == 1 else ""
    return _HEART_DEGREES.get(degree, degree) if finding.label is Label.CARDIOMEGALY else degree


def _heart(finding: LabelledFinding) -> str:
    degree = degree_of(finding)
    return f"There is {degree + ' ' if degree else ''}cardiomegaly"


def _mediastinum(finding: LabelledFinding) -> str:
    return f"There is {article(finding.label.value)}"


def _pleura(finding: LabelledFinding) -> str:
    return f"There {_sided(finding, finding.label.value)}"


def _edema(finding: LabelledFinding) -> str:
    words = (finding.pieces[0].degree, finding.side, "pulmonary edema")
    return f"There is {' '.join(word for word in words if word)}"


def _fracture(finding: LabelledFinding) -> str:
    return f"There is a fracture{_where(finding, ' of ')}"


def _devices(finding: LabelledFinding) -> str:
    kinds = listing([article(piece.kind) for piece in finding.pieces if piece.kind])
    return f"Support devices are present{': ' + kinds if kinds else ''}"


def _lesion(finding: LabelledFinding) -> str:
    many = len(finding.pieces) > 1
    return f"There {'are lung lesions' if many else 'is a lung lesion'}{_where(finding, ' in ')}"


_WORDINGS: Final[dict[Label, Callable[[LabelledFinding], str]]] = {
    Label.CARDIOMEGALY: _heart,
    Label.ENLARGED_CARDIOMEDIASTINUM: _mediastinum,
    Label.PLEURAL_EFFUSION: _pleura,
    Label.PNEUMOTHORAX: _pleura,
    Label.EDEMA: _edema,
    Label.FRACTURE: _fracture,
    Label.SUPPORT_DEVICES: _devices,
    Label.LUNG_LESION: _lesion,
}


def denial(labels: Sequence[Label]) -> str:
    """Word that findings are absent."""
    return f"There is no {listing([label.value for label in labels], 'or')}."


def short(finding: LabelledFinding) -> str:
    """Word a finding for the impression, e.g. ``Left pleural effusion.``."""
    words = " ".join(word for word in (finding.side, finding.label.value) if word)
    return f"{words[0].upper()}{words[1:]}."


def draft(record: FilmRecord) -> DraftReport:
    """Give the film's own report, or word one from its findings.

    The denials follow the findings, in one sentence; the impression lists what is there.
    """
    if record.report is not None:
        return record.report
    found = sorted(record.findings, key=lambda finding: _ORDER.index(finding.label))
    absent = [label for label in _NEGATIVES if record.finding(label) is None]
    sentences = [sentence(finding) for finding in found]
    if absent:
        sentences.append(denial(absent))
    if not found:
        sentences.insert(0, "The lungs are clear.")
    return DraftReport(
        findings=" ".join(sentences),
        impression=" ".join(short(finding) for finding in found) or NORMAL_IMPRESSION,
    )


def report_text(report: DraftReport) -> str:
    """Write a report as one answer, its two sections named."""
    text = f"Findings: {report.findings}"
    return f"{text} Impression: {report.impression}" if report.impression else text
