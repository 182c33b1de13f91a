"""Whether an object is a film to be read: rules on its header, the first that speaks decides.

What they cannot see stays for a look at the pixels: a header that is wrong as a whole (a leg
whose every tag says chest), a film that is rotated or mirrored against its Patient Orientation,
a chest under another part's name (which is not read), and a film whose header is silent of its
view (which is not read either). The patient's age is no rule: films of children are read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    SecondaryCaptureImageStorage,
)

from core.settings import GatewaySettings
from core.states import FilmState
from db.received import ReadDecision
from gateway.body_part import Part, body_part
from gateway.header_words import FILM_TEXTS, first_item, words, words_of
from gateway.headers import acquired_at, text
from gateway.view import view_of
from gateway.vocabulary import ANIMALS

_MODALITIES: Final = {
    ComputedRadiographyImageStorage: {"CR", "DX", "RG", ""},
    DigitalXRayImageStorageForPresentation: {"CR", "DX", "RG", ""},
    DigitalXRayImageStorageForProcessing: {"CR", "DX", "RG", ""},
    SecondaryCaptureImageStorage: {"CR", "DX", "RG", "OT", "SC", ""},
}
"""Classes that may hold a plain film, each with its modalities: CR objects hold mammograms, too."""
_HUMAN_CODES: Final = frozenset({"337915000", "L-85003", "L-85B00"})
_HUMAN_WORDS: Final = frozenset({"human", "homo"})
_ANIMAL_AXES: Final = frozenset({"LE", "RT", "D", "V", "CR", "CD"})
"""Patient Orientation of quadrupeds (PS3.3 section C.7.6.1.1.1)."""
_HUMAN_AXES: Final = frozenset({"L", "R", "H", "F"})


@dataclass(frozen=True, slots=True)
class _Question:
    header: Dataset
    settings: GatewaySettings
    at: datetime
    zone: tzinfo


def decide(
    header: Dataset, settings: GatewaySettings, at: datetime, *, zone: tzinfo = UTC
) -> ReadDecision:
    """Decide whether an object is to be read.

    Parameters
    ----------
    header
        Its header; every value is untrusted.
    settings
        Which classes are read, and how old a film may be.
    at
        The present time, aware.
    zone
        The zone of the header's times where it names none.

    Returns
    -------
    ReadDecision
        `queued` for a frontal chest film; `received` for what is no radiograph and belongs to
        the study all the same; else `not_read`. The reason names attributes and fixed words,
        never a text of the header.
    """
    question = _Question(header, settings, at, zone)
    for rule in _RULES:
        decision = rule(question)
        if decision is not None:
            return decision
    return ReadDecision(FilmState.QUEUED, None, f"frontal by {view_of(header).rule}")


def _received(reason: str, rule: str) -> ReadDecision:
    return ReadDecision(FilmState.RECEIVED, reason, rule)


def _not_read(reason: str, rule: str) -> ReadDecision:
    return ReadDecision(FilmState.NOT_READ, reason, rule)


def _sop_class(question: _Question) -> ReadDecision | None:
    if text(question.header, "SOPClassUID") not in _MODALITIES:
        return _received("no radiograph by its SOPClassUID", "sop_class")
    return None


def _for_processing(question: _Question) -> ReadDecision | None:
    processing = text(question.header, "SOPClassUID") == DigitalXRayImageStorageForProcessing or (
        text(question.header, "PresentationIntentType").upper() == "FOR PROCESSING"
    )
    if processing and not question.settings.read_for_processing:
        return _not_read("films for processing are not read here", "for_processing")
    return None


def _secondary_capture(question: _Question) -> ReadDecision | None:
    captured = text(question.header, "SOPClassUID") == SecondaryCaptureImageStorage
    if captured and not question.settings.read_secondary_captures:
        return _not_read("secondary captures are not read here", "secondary_capture")
    return None


def _modality(question: _Question) -> ReadDecision | None:
    allowed = _MODALITIES[UID(text(question.header, "SOPClassUID"))]
    if text(question.header, "Modality").upper() in allowed:
        return None
    return _not_read("no plain film by its Modality", "modality")


def _species(question: _Question) -> ReadDecision | None:
    header = question.header
    described = words(text(header, "PatientSpeciesDescription"))
    code = first_item(header, "PatientSpeciesCodeSequence")
    animal = (
        (described and not described & _HUMAN_WORDS)
        or (code is not None and text(code, "CodeValue") not in _HUMAN_CODES)
        or words_of(header, FILM_TEXTS) & ANIMALS
        or _axes(header) & _ANIMAL_AXES
    )
    return _not_read("the patient is an animal", "species") if animal else None


def _part(question: _Question) -> ReadDecision | None:
    found = body_part(question.header)
    if found.contradicted_by:
        reason = f"body part uncertain: {found.rule} and {found.contradicted_by} disagree"
    elif found.part is Part.OTHER:
        reason = f"not a chest film by its {found.rule}"
    elif found.part is Part.UNKNOWN:
        reason = "body part uncertain: the header does not say it"
    else:
        return None
    return _not_read(reason, "body_part")


def _view(question: _Question) -> ReadDecision | None:
    found = view_of(question.header)
    if found.contradicted_by:
        reason = f"view uncertain: {found.rule} and {found.contradicted_by} disagree"
        return _not_read(reason, "view")
    if found.view is None:
        return _not_read("view uncertain: the header does not say it", "view")
    if not found.view.is_frontal:
        return _not_read(f"not frontal: {found.view.value} by its {found.rule}", "view")
    return None


def _upright(question: _Question) -> ReadDecision | None:
    r"""Refuse a film that is stored lying or upside down by its own words.

    `R\F` is let through: it is upright though mirrored, and `imaging` remarks on it.
    """
    axes = text(question.header, "PatientOrientation").upper().split("\\")
    if len(axes) == len("LF") and set(axes) <= _HUMAN_AXES and axes[1] != "F":
        return _not_read("not stored upright by its PatientOrientation", "orientation")
    return None


def _age(question: _Question) -> ReadDecision | None:
    taken = acquired_at(question.header, question.zone)
    if taken is None:
        return None
    if taken.time() == time():
        # A date alone: the film may be as young as that day's end.
        taken += timedelta(days=1)
    hours = question.settings.max_study_age_hours
    if question.at - taken <= timedelta(hours=hours):
        return None
    return _not_read(f"older than {hours:g} hours", "max_study_age")


def _axes(header: Dataset) -> set[str]:
    return set(text(header, "PatientOrientation").upper().split("\\"))


_RULES: Final[tuple[Callable[[_Question], ReadDecision | None], ...]] = (
    _sop_class,
    _for_processing,
    _secondary_capture,
    _modality,
    _species,
    _part,
    _view,
    _upright,
    _age,
)
