"""What a header says of a patient against what is known: same, changed, or another one."""

from sqlalchemy.orm import Session

from db.audit import record
from db.models import AuditAction, Study
from db.models.types import clean_text
from db.received import PatientFacts, ReceivedObject
from db.study_search import note_search_words


def same_identity(study: Study, patient: PatientFacts) -> bool:
    """Tell whether a header speaks of the study's patient.

    Patient ID and issuer count, each exactly save for padding (PS3.5 section 6.2, VR LO: leading
    and trailing spaces are not significant); a missing issuer is not the same as a named one.
    """
    return (study.patient_id, study.issuer) == (_plain(patient.id), _plain(patient.issuer))


def identity_columns(patient: PatientFacts) -> dict[str, str]:
    """Give the columns of a new study that hold its patient's identity."""
    return {"patient_id": _plain(patient.id), "issuer": _plain(patient.issuer)}


def patient_of(study: Study) -> PatientFacts:
    """Give a study's patient as last told."""
    return PatientFacts(
        id=study.patient_id,
        issuer=study.issuer,
        name=study.patient_name,
        birth_date=study.birth_date,
        sex=study.sex,
    )


def update_study(session: Session, study: Study, received: ReceivedObject) -> None:
    """Bring a locked study's patient and order up to date from another of its objects.

    A changed name, sex or birth date is taken over and noted in the audit, old and new. An empty
    value says nothing: what is known stays. Accession, description and time are filled in once.
    """
    patient = received.patient
    told = {
        "patient_name": _person(patient.name),
        "birth_date": _plain(patient.birth_date),
        "sex": _plain(patient.sex),
    }
    changes = {
        column: [getattr(study, column), value]
        for column, value in told.items()
        if value and value != getattr(study, column)
    }
    for column, (_, value) in changes.items():
        setattr(study, column, value)
    # A first value for what was unknown is no change.
    corrections = {column: pair for column, pair in changes.items() if pair[0]}
    if corrections:
        record(
            session,
            AuditAction.DEMOGRAPHICS_CHANGED,
            actor=received.calling_ae,
            study_id=study.id,
            changes=corrections,
        )
    study.accession = study.accession or _plain(received.accession)
    study.description = study.description or _plain(received.study_description)
    study.acquired_at = study.acquired_at or received.acquired_at
    note_search_words(study)


def _plain(text: str) -> str:
    return clean_text(text).strip(" ")


def _person(name: str) -> str:
    # PS3.5 section 6.2.1: trailing empty components may be left out or written.
    return "=".join(group.rstrip("^ ") for group in _plain(name).split("=")).rstrip("=")
