"""What a document says of other objects: which films it rejects, and whether a person signed it.

A rejection note is a Key Object Selection whose title is one of four (IHE RAD TF-2, Imaging Object
Change Management; PS3.16 CID 7010). A signed report is a structured report that is complete,
verified by a named person and not preliminary, and that no device wrote by itself: the output of
other programs, of dose reports and of ours is none, verified or not.

Every value is untrusted: each sequence is followed to its known depth only, and only its first
items count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import KeyObjectSelectionDocumentStorage

from core.uids import is_uid
from db.quarantine import A_NOTE
from db.received import ReceivedObject, RejectedInstance, SignedFacts
from gateway.contexts import DOCUMENT_CLASSES
from gateway.headers import text
from imaging.values import value_of

_REPORT_CLASSES: Final = DOCUMENT_CLASSES - {KeyObjectSelectionDocumentStorage}
REJECTIONS: Final = frozenset({"113001", "113037", "113038", "113039"})
"""Titles of rejection notes: quality, patient safety, worklist entry, retention expired (DCM)."""
_EVIDENCE: Final = "CurrentRequestedProcedureEvidenceSequence"
_REPLACED: Final = "121360"
"""Purpose of reference (CID 7009, DCM)."""
_MACHINES: Final = frozenset(
    {
        "111036",
        "112000",
        "112220",
        "113500",
        "113701",
        "126000",
        "126001",
        "126002",
        "126003",
        "128401",
    }
)
"""Titles of what programs write: CAD, radiation dose and measurement reports (DCM)."""
_OBSERVER_TYPE, _PERSON, _DEVICE = "121005", "121006", "121007"
_MOST_REJECTED: Final = 2_000
_MOST_ITEMS: Final = 256
_MOST_BYTES: Final = 1 << 18
"""Of a sequence: room for as many references, in one series each."""
_LONGEST_TITLE: Final = 64
_MOMENT: Final = re.compile(r"(\d{14})(?:\.\d{1,6})?(?:([+-])(\d{2})(\d{2}))?")
"""DT (PS3.5 section 6.2), to the second at least."""


@dataclass(frozen=True, slots=True)
class IdleNote:
    """A rejection note that can reject nothing.

    Parameters
    ----------
    reason
        Why, in words.
    study_uid
        The study that it names, else its own.
    """

    reason: str
    study_uid: str


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What an object says of others.

    Parameters
    ----------
    rejects
        The instances of its own study that it rejects.
    signed
        Facts of the report, where it is one that a person signed.
    corrects_uid
        SOP Instance UID of the one object that it says it replaces.
    derived_from_uid
        SOP Instance UID of the one image that it says it was made from.
    idle
        What it is if it is a rejection note that names nothing of its own study: somebody meant to
        withdraw a film, so that a person must see it.
    """

    rejects: tuple[RejectedInstance, ...] = ()
    signed: SignedFacts | None = None
    corrects_uid: str | None = None
    derived_from_uid: str | None = None
    idle: IdleNote | None = None

    @property
    def matters(self) -> bool:
        """Whether it changes what becomes of a film: then no list of classes keeps it out."""
        return bool(self.rejects) or self.signed is not None or self.idle is not None


def document_facts(header: Dataset, zone: tzinfo) -> DocumentFacts:
    """Gather what an object says of others; never raises.

    Parameters
    ----------
    header
        Its header, up to its pixels.
    zone
        The zone of its times where they name none.
    """
    sop_class = text(header, "SOPClassUID")
    is_note = sop_class == KeyObjectSelectionDocumentStorage and _title(header) in REJECTIONS
    rejects = tuple(_rejects(header)) if is_note else ()
    return DocumentFacts(
        rejects=rejects,
        idle=_idle(header) if is_note and not rejects else None,
        signed=_signed(header, zone) if sop_class in _REPORT_CLASSES else None,
        corrects_uid=_corrects(header),
        derived_from_uid=_derived_from(header),
    )


def told(received: ReceivedObject, facts: DocumentFacts) -> ReceivedObject:
    """Give a received object with what it says of others."""
    return replace(
        received,
        rejects=facts.rejects,
        signed=facts.signed,
        corrects_uid=facts.corrects_uid,
        derived_from_uid=facts.derived_from_uid,
    )


def _rejects(header: Dataset) -> Iterator[RejectedInstance]:
    code = _title(header)
    named = dict.fromkeys(_evidence(header, _EVIDENCE))
    for uid in list(named)[:_MOST_REJECTED]:
        yield RejectedInstance(uid, code)


def _idle(header: Dataset) -> IdleNote:
    own = text(header, "StudyInstanceUID")
    named = (text(study, "StudyInstanceUID") for study in _items(header, _EVIDENCE))
    other = next((uid for uid in named if is_uid(uid) and uid != own), None)
    if other is None:
        return IdleNote(f"{A_NOTE}it names no object", own)
    return IdleNote(f"{A_NOTE}it names objects of another study than its own", other)


def _title(header: Dataset) -> str:
    return _code(header, "ConceptNameCodeSequence")


def _evidence(header: Dataset, keyword: str, *, purpose: str | None = None) -> Iterator[str]:
    """Give the instances of the object's own study that a hierarchical reference names."""
    own = text(header, "StudyInstanceUID")
    for study in _items(header, keyword):
        if text(study, "StudyInstanceUID") != own:
            continue
        for series in _items(study, "ReferencedSeriesSequence"):
            yield from _references(series, "ReferencedSOPSequence", purpose=purpose)


def _references(place: Dataset, keyword: str, *, purpose: str | None = None) -> Iterator[str]:
    for item in _items(place, keyword, _MOST_REJECTED):
        uid = text(item, "ReferencedSOPInstanceUID")
        if is_uid(uid) and (
            purpose is None or _code(item, "PurposeOfReferenceCodeSequence") == purpose
        ):
            yield uid


def _corrects(header: Dataset) -> str | None:
    named = {
        *_references(header, "SourceImageSequence", purpose=_REPLACED),
        *_references(header, "ReferencedImageSequence", purpose=_REPLACED),
        *_evidence(header, "PredecessorDocumentsSequence", purpose=_REPLACED),
    }
    return _only(header, named)


def _derived_from(header: Dataset) -> str | None:
    return _only(header, set(_references(header, "SourceImageSequence")))


def _only(header: Dataset, named: set[str]) -> str | None:
    """Give the one object that is named: of several nobody can tell which is meant."""
    if len(named) != 1 or named == {text(header, "SOPInstanceUID")}:
        return None
    return named.pop()


def _signed(header: Dataset, zone: tzinfo) -> SignedFacts | None:
    flags = ("VerificationFlag", "VERIFIED"), ("CompletionFlag", "COMPLETE")
    if any(text(header, keyword).upper() != value for keyword, value in flags):
        return None
    if text(header, "PreliminaryFlag").upper() == "PRELIMINARY":
        return None
    observers = [
        item
        for item in _items(header, "VerifyingObserverSequence")
        if text(item, "VerifyingObserverName").strip("^= ")
    ]
    if not observers or _by_machine(header):
        return None
    title = next(_items(header, "ConceptNameCodeSequence"), Dataset())
    moments = (_moment(text(item, "VerificationDateTime"), zone) for item in observers)
    return SignedFacts(
        title=text(title, "CodeMeaning")[:_LONGEST_TITLE],
        verified_at=max((moment for moment in moments if moment is not None), default=None),
    )


def _by_machine(header: Dataset) -> bool:
    if _code(header, "ConceptNameCodeSequence") in _MACHINES:
        return True
    observers = {
        _code(item, "ConceptCodeSequence")
        for item in _items(header, "ContentSequence")
        if _code(item, "ConceptNameCodeSequence") == _OBSERVER_TYPE
    }
    return _DEVICE in observers and _PERSON not in observers


def _code(place: Dataset, keyword: str) -> str:
    """Give the value of a code of DCM; empty where it is of another scheme, or none."""
    item = next(_items(place, keyword, 1), None)
    if item is None or text(item, "CodingSchemeDesignator") != "DCM":
        return ""
    return text(item, "CodeValue")


def _items(place: Dataset, keyword: str, most: int = _MOST_ITEMS) -> Iterator[Dataset]:
    items = value_of(place, keyword, most_bytes=_MOST_BYTES)
    if isinstance(items, Sequence):
        yield from items[:most]


def _moment(value: str, zone: tzinfo) -> datetime | None:
    match = _MOMENT.fullmatch(value)
    if match is None:
        return None
    digits, sign, hours, minutes = match.groups()
    try:
        if sign is not None:
            span = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-span if sign == "-" else span)
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
