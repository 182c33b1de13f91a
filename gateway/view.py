"""From which side a film was taken, as far as its header says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydicom.dataset import Dataset

from gateway import vocabulary
from gateway.header_words import FILM_TEXTS, STUDY_TEXTS, first_item, words, words_of
from gateway.headers import text


class View(StrEnum):
    """A projection; the first three are frontal."""

    PA = "PA"
    AP = "AP"
    FRONTAL = "frontal"
    """Frontal, and not said from which side."""
    LATERAL = "lateral"
    OBLIQUE = "oblique"
    DECUBITUS = "decubitus"
    """Lying on one side."""
    LORDOTIC = "lordotic"
    OTHER = "other"
    """A view that has a code which is none of these."""

    @property
    def is_frontal(self) -> bool:
        """Whether it is a view that is read."""
        return self in {View.PA, View.AP, View.FRONTAL}


@dataclass(frozen=True, slots=True)
class ViewEvidence:
    """What a header says of the view.

    Parameters
    ----------
    view
        The verdict; None where it is silent.
    rule
        Which attribute gave it.
    contradicted_by
        The attribute that says otherwise of frontal or not; empty where none does.
    """

    view: View | None
    rule: str
    contradicted_by: str = ""


_CODES: Final = {
    "272479007": View.PA,
    "R-10214": View.PA,
    "R-40888": View.PA,
    "399348003": View.AP,
    "R-10206": View.AP,
    "399033003": View.FRONTAL,
    "R-10202": View.FRONTAL,
}
"""The frontal views of CID 4010: SNOMED CT, and the retired SRT codes."""
_POSITIONS: Final = {
    "LL": View.LATERAL,
    "RL": View.LATERAL,
    "LLD": View.DECUBITUS,
    "RLD": View.DECUBITUS,
    **dict.fromkeys(("LLO", "RLO", "LAO", "RAO", "LPO", "RPO"), View.OBLIQUE),
}
"""Defined terms of View Position (PS3.3 sections C.8.1.1 and C.8.11.5) that are no plain words."""
_WORDS: Final = {
    View.DECUBITUS: vocabulary.DECUBITUS,
    View.LORDOTIC: vocabulary.LORDOTIC,
    View.OBLIQUE: vocabulary.OBLIQUE,
    View.LATERAL: vocabulary.LATERAL,
    View.PA: vocabulary.PA,
    View.AP: vocabulary.AP,
    View.FRONTAL: vocabulary.FRONTAL,
}
"""What tells most comes first: a lateral decubitus is a decubitus."""


def view_of(header: Dataset) -> ViewEvidence:
    r"""Judge the view: View Code, View Position, texts on the film, then Patient Orientation.

    Returns
    -------
    ViewEvidence
        The first attribute that names a view gives it; any other one may contradict it. A
        Patient Orientation of L\F is often a fixed setting of the modality and stands on
        laterals, too: it speaks only where no attribute names a view and no text any other, and
        contradicts nothing. One in the sagittal plane does. Texts on the examination, which may
        hold several views, come last.
    """
    plane = _orientation(text(header, "PatientOrientation"))
    named = [
        (rule, view)
        for rule, view in (
            ("ViewCodeSequence", _coded(header)),
            ("ViewPosition", _position(text(header, "ViewPosition"))),
            ("film texts", _worded(words_of(header, FILM_TEXTS))),
        )
        if view is not None
    ]
    if not named:
        return _unnamed(header, plane)
    rule, view = named[0]
    against = [other for other, said in named if said.is_frontal is not view.is_frontal]
    if view.is_frontal and plane is View.LATERAL:
        against.append("PatientOrientation")
    return ViewEvidence(view, rule, against[0] if against else "")


def _unnamed(header: Dataset, plane: View | None) -> ViewEvidence:
    """Judge by the plane, else by the texts on the examination."""
    if plane is None:
        return ViewEvidence(_worded(words_of(header, STUDY_TEXTS)), "study texts")
    mentioned = words_of(header, (*FILM_TEXTS, *STUDY_TEXTS))
    doubted = plane is View.FRONTAL and any(
        mentioned & listed for view, listed in _WORDS.items() if not view.is_frontal
    )
    return ViewEvidence(plane, "PatientOrientation", "texts" if doubted else "")


def _coded(header: Dataset) -> View | None:
    item = first_item(header, "ViewCodeSequence")
    if item is None:
        return None
    value = text(item, "CodeValue")
    meaning = text(item, "CodeMeaning")
    if not value and not meaning:
        return None
    return _CODES.get(value) or _worded(words(meaning)) or View.OTHER


def _position(value: str) -> View | None:
    return _POSITIONS.get(value.upper()) or _worded(words(value))


def _orientation(value: str) -> View | None:
    """Give the plane of Patient Orientation (PS3.3 section C.7.6.1.1.1)."""
    axes = set(value.upper().split("\\"))
    if axes & {"A", "P"}:
        return View.LATERAL
    return View.FRONTAL if axes & {"L", "R"} and axes & {"H", "F"} else None


def _worded(found: frozenset[str]) -> View | None:
    """Give the one view that words name; None where they name none, or frontal and another."""
    views = [view for view, listed in _WORDS.items() if found & listed]
    frontal = [view for view in views if view.is_frontal]
    if not views or 0 < len(frontal) < len(views):
        return None
    named = [view for view in views if view is not View.FRONTAL]
    if len(frontal) > 1 and len(named) > 1:
        return View.FRONTAL
    return named[0] if named else View.FRONTAL
