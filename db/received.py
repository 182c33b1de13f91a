"""The values that intake is given: what came in, and what is to become of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.reading import NOTHING_GIVEN, Given
from core.states import FilmState, Purpose
from core.uids import is_uid

_DECIDED = frozenset({FilmState.QUEUED, FilmState.RECEIVED, FilmState.NOT_READ})


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """Who a header says the patient is; every value as sent, "" where there is none.

    Parameters
    ----------
    id, issuer
        Patient ID and Issuer of Patient ID: together the identity.
    name, birth_date, sex
        What may change without another identity.
    """

    id: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class RejectedInstance:
    """One instance that a rejection note names.

    Parameters
    ----------
    instance_uid
        Its SOP Instance UID.
    code
        Why: a code of CID 7010 (PS3.16), such as 113001 for quality.
    """

    instance_uid: str
    code: str


@dataclass(frozen=True, slots=True)
class SignedFacts:
    """A report that a person verified in another system.

    Parameters
    ----------
    title
        Its concept name's meaning; untrusted.
    verified_at
        When, aware; None where unknown.
    """

    title: str
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceivedObject:
    """One object that came in whole.

    Parameters
    ----------
    temporary
        Its file, at a path of `Spool.temporary`; `take_in` moves or removes it.
    sop_instance_uid, sop_class_uid, study_uid, series_uid, transfer_syntax_uid
        Its UIDs.
    modality, view
        As the header says; `view` in the words of eligibility (PA, AP, ...), "" where unknown.
    patient
        Whose it is.
    accession, study_description
        Of its study, "" where unknown.
    acquired_at
        When it was taken, aware; None where unknown.
    calling_ae, called_ae
        Who sent it, and to which of our titles.
    purpose
        What for.
    given
        What the header says that a model may be told.
    retrieval_id
        The fetch that it came in through; None where it was sent by itself.
    corrects_uid
        SOP Instance UID of the object that it says it replaces.
    derived_from_uid
        SOP Instance UID of the one image that it says it was made from.
    rejects
        The instances that it rejects, where it is a rejection note.
    signed
        Facts of the report, where it is one that a person verified.
    released
        Whether it lay in quarantine, and an administrator wants it taken in.

    Raises
    ------
    ValueError
        If one of the UIDs is none, or the time has no zone.
    """

    temporary: Path
    sop_instance_uid: str
    sop_class_uid: str
    study_uid: str
    series_uid: str
    transfer_syntax_uid: str
    modality: str = ""
    view: str = ""
    patient: PatientFacts = PatientFacts()
    accession: str = ""
    study_description: str = ""
    acquired_at: datetime | None = None
    calling_ae: str = ""
    called_ae: str = ""
    purpose: Purpose = Purpose.READ
    given: Given = NOTHING_GIVEN
    retrieval_id: int | None = None
    corrects_uid: str | None = None
    derived_from_uid: str | None = None
    rejects: tuple[RejectedInstance, ...] = ()
    signed: SignedFacts | None = None
    released: bool = False

    def __post_init__(self) -> None:
        for name in (
            "sop_instance_uid",
            "sop_class_uid",
            "study_uid",
            "series_uid",
            "transfer_syntax_uid",
        ):
            if not is_uid(getattr(self, name)):
                message = f"{name} is no UID: {getattr(self, name)!r}"
                raise ValueError(message)
        if self.acquired_at is not None and self.acquired_at.tzinfo is None:
            message = f"acquired_at needs a zone: {self.acquired_at!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """Whether an object is to be read.

    Parameters
    ----------
    state
        `queued`, `received` (nothing of it is to be read) or `not_read` (with the reason).
    reason
        Why it is not read; None where it is.
    rule
        Name of the rule that decided.
    policy_version
        Version of the policy that it is of.
    asked_of_pixels
        What the header left open, in words, such as "view": a queued film is read only if its
        pixels clearly answer it.

    Raises
    ------
    ValueError
        If the state is another one, or `not_read` has no reason.
    """

    state: FilmState
    reason: str | None
    rule: str
    policy_version: int | None = None
    asked_of_pixels: str = ""

    def __post_init__(self) -> None:
        if self.state not in _DECIDED:
            message = f"an object cannot begin as {self.state.value}"
            raise ValueError(message)
        if self.state is FilmState.NOT_READ and not self.reason:
            message = f"an object that is not read needs a reason (rule {self.rule!r})"
            raise ValueError(message)


class IntakeKind(StrEnum):
    """What intake made of an object."""

    NEW = "new"
    SAME = "same"
    """The same content was there already; nothing new."""
    REPLACED = "replaced"
    """A copy under the same UID whose pixels were unusable was there; this one took its place."""
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class IntakeOutcome:
    """What intake made of an object; it is committed when this is returned.

    Parameters
    ----------
    kind
        What was made of it.
    instance_id
        The instance's row; None where quarantined.
    reason
        Why it was quarantined.
    queued
        Whether it left something to be read: whoever took it in rings.
    """

    kind: IntakeKind
    instance_id: int | None = None
    reason: str | None = None
    queued: bool = False
