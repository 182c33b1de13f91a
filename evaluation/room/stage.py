"""Fills an installation with the cast: films through the real intake, drafts of their truth."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydicom.dataset import FileDataset
from sqlalchemy import select, update

from core.clock import now
from core.policy_toml import built_in
from core.reading import Reading
from core.states import FilmState, JobKind, Purpose
from db.engine import Database
from db.intake import take_in
from db.jobs import Claim, claim
from db.models import Instance, Study
from db.readings import film_failed, film_for, store_flags, store_reading
from db.reviews import accept, edit, latest_draft
from db.spool import Spool
from evaluation.room.cast import CAST, Patient, Stand
from evaluation.room.drafts import MODEL, draft_of
from gateway.eligibility import decide
from gateway.headers import received_object
from training.phantom import Phantom, View, sample
from training.phantom_dicom import FilmForm, film_dataset

_SEED: Final = 70_431
_READER: Final = "Brandt^Helena"
_IDLE_SECONDS: Final = 0.0
_HELD_SECONDS: Final = 86_400.0
"""Nobody takes up again what is shown as being read."""
_AFTER_THE_CAST: Final = 1_000
"""Phantoms' numbers of laterals and of earlier films lie above those of the films."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One study of the cast as it lies in the database.

    Parameters
    ----------
    patient
        Whose.
    study_uid, film_uid
        Its UIDs; the film is the frontal one of today.
    """

    patient: Patient
    study_uid: str
    film_uid: str


def fill(db: Database, spool: Spool, *, longest_side: int | None = None) -> list[Placed]:
    """Let the whole cast come in, each study as far as it is.

    Parameters
    ----------
    db, spool
        An empty installation.
    longest_side
        Pixels of a film's longer side at most; None takes the cast's own. Small films are made
        sooner.
    """
    # What waits would else be claimed in the place of a later one that is to be read.
    order = sorted(CAST, key=lambda patient: patient.stand is Stand.WAITING)
    most = longest_side or max(patient.long_side for patient in CAST)
    return [
        _place(db, spool, replace(patient, long_side=min(patient.long_side, most)), number)
        for number, patient in sorted(enumerate(CAST), key=lambda one: order.index(one[1]))
    ]


def _place(db: Database, spool: Spool, patient: Patient, number: int) -> Placed:
    at = now() - timedelta(minutes=patient.minutes)
    phantom = sample(_SEED, number, findings=patient.findings, view=patient.view)
    film = _film(patient, number, phantom, at)
    placed = Placed(patient, str(film.StudyInstanceUID), str(film.SOPInstanceUID))
    if patient.prior_days:
        earlier = _earlier(patient, number, at)
        _take_in(db, spool, earlier, Purpose.PRIOR)
    _take_in(db, spool, film)
    _bring_to(db, patient, phantom.truth(), placed)
    if patient.lateral:
        side = sample(_SEED, number + _AFTER_THE_CAST, findings=(), view=View.LATERAL)
        lateral = _film(patient, number, side, at)
        lateral.StudyInstanceUID = film.StudyInstanceUID
        _take_in(db, spool, lateral)
    _age(db, placed.study_uid, at)
    return placed


def _film(patient: Patient, number: int, phantom: Phantom, at: datetime) -> FileDataset:
    form = FilmForm("DX", patient.photometric, 12, patient.long_side)
    film = film_dataset(phantom, form, at)
    film.PatientName = patient.name
    film.PatientBirthDate = patient.birth_date
    film.PatientSex = patient.sex
    film.PatientID = f"MU-{number + 1:04d}"
    film.IssuerOfPatientID = "MADE-UP"
    film.AccessionNumber = f"A{number + 1:05d}"
    film.StudyDescription = "Chest X-ray"
    film.ReasonForTheRequestedProcedure = patient.indication
    return film


def _earlier(patient: Patient, number: int, at: datetime) -> FileDataset:
    kept = patient.findings[1:]
    phantom = sample(_SEED, number + 2 * _AFTER_THE_CAST, findings=kept, view=patient.view)
    return _film(patient, number, phantom, at - timedelta(days=patient.prior_days))


def _take_in(
    db: Database, spool: Spool, film: FileDataset, purpose: Purpose = Purpose.READ
) -> None:
    temporary = spool.temporary()
    film.save_as(temporary, enforce_file_format=True)
    received = replace(
        received_object(film, temporary, calling_ae="XRAY_ROOM", called_ae="FIRSTREAD", zone=UTC),
        purpose=purpose,
    )
    today = now() if purpose is Purpose.READ else None
    take_in(db, spool, received, decide(film, built_in(), today), _never_same)


def _never_same(_first: Path, _second: Path) -> bool:
    return False


def _bring_to(db: Database, patient: Patient, truth: dict[str, Any], placed: Placed) -> None:
    if patient.stand in {Stand.WAITING, Stand.NOT_READ}:
        return
    held = claim(db, (JobKind.DRAFT,), worker="room", lease_seconds=_HELD_SECONDS)
    if held is None:
        message = f"the film of {patient.name} is not to be read"
        raise RuntimeError(message)
    film_for(db, held)
    said = draft_of(truth)
    if patient.stand is Stand.FAILED:
        film_failed(db, held, "the model's words make no sense: the answer has no sentence")
    elif patient.stand is Stand.FLAGGED:
        store_flags(db, held, said.id, MODEL, said.flags, idle_seconds=_IDLE_SECONDS)
    elif patient.stand is not Stand.READING:
        _draft(db, held, said, patient, placed)


def _draft(db: Database, held: Claim, said: Reading, patient: Patient, placed: Placed) -> None:
    store_reading(db, held, said, idle_seconds=_IDLE_SECONDS)
    if patient.stand is Stand.DRAFT:
        return
    with db.write() as session:
        seen = latest_draft(session, placed.study_uid)
        if patient.stand is Stand.ACCEPTED:
            accept(session, seen, author=_READER, final=False)
        else:
            words = f"{seen.version.findings} Unchanged since the last film."
            impression = seen.version.impression
            edit(session, seen, findings=words, impression=impression, author=_READER, final=False)


def _age(db: Database, study_uid: str, at: datetime) -> None:
    """Let a study have come in when it is said to have been taken."""
    with db.write() as session:
        study = session.scalars(select(Study).where(Study.uid == study_uid)).one()
        study.received_at = at + timedelta(minutes=1)
        session.execute(
            update(Instance)
            .where(Instance.study_id == study.id, Instance.state != FilmState.RECEIVED)
            .values(received_at=at + timedelta(minutes=1))
        )
