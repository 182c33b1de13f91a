"""Intake: what becomes of each object that comes in.

Races and failures are in `test_intake_failures`, ends by kill -9 in `test_intake_kill`; the
comparison of pixels is imaging's, and stands in here as a function.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import UnreadableObjectError
from core.reading import Given
from core.states import FilmState, JobKind, JobState, Purpose, StudyState
from db.engine import Database
from db.intake import (
    OTHER_CONTENT,
    OTHER_PATIENT,
    OTHER_STUDY,
    IntakeKind,
    IntakeOutcome,
    set_aside,
    take_in,
)
from db.models import AuditAction, AuditEvent, Instance, Job, Quarantine, Study
from db.received import PatientFacts, ReadDecision
from db.spool import Spool
from tests.db.builders import PATIENT, TO_READ, count, files, film, never_same, received

UID = "1.2.3.4.5"


def test_a_new_film_is_stored_entered_and_queued(db: Database, spool: Spool) -> None:
    item = replace(
        received(spool, UID), given=Given("cough", "PA chest radiograph"), accession="A1"
    )
    outcome = take_in(db, spool, item, TO_READ, never_same)
    with db.read() as session:
        instance = session.scalars(select(Instance)).one()
        study = instance.study
        job = session.scalars(select(Job)).one()
    assert outcome == IntakeOutcome(IntakeKind.NEW, instance.id, queued=True)
    assert (instance.uid, instance.state, instance.rule) == (UID, FilmState.QUEUED, "test")
    assert (instance.calling_ae, instance.indication) == ("MODALITY", "cough")
    assert (instance.technique, instance.comparison) == ("PA chest radiograph", None)
    assert (study.uid, study.patient_id, study.issuer) == ("1.2.3", "P1", "HOSPITAL")
    assert (study.patient_name, study.birth_date, study.sex) == ("DOE^JANE", "19700101", "F")
    assert (study.state, study.accession) == (StudyState.WAITING, "A1")
    assert (job.kind, job.state, job.instance_id) == (JobKind.DRAFT, JobState.WAITING, instance.id)
    assert files(spool) == {Path(instance.path)}
    assert Path(instance.path).read_bytes() == b"pixels"


@pytest.mark.parametrize(
    ("decision", "purpose", "expected"),
    [
        (ReadDecision(FilmState.RECEIVED, None, "lateral"), Purpose.READ, ("received", None)),
        (ReadDecision(FilmState.NOT_READ, "a leg", "part"), Purpose.READ, ("not_read", "a leg")),
        (TO_READ, Purpose.PRIOR, ("received", "a prior is never read")),
    ],
)
def test_what_is_not_to_be_read_gets_no_job(
    db: Database,
    spool: Spool,
    decision: ReadDecision,
    purpose: Purpose,
    expected: tuple[str, str | None],
) -> None:
    film(db, spool, decision=decision, purpose=purpose)
    with db.read() as session:
        instance = session.scalars(select(Instance)).one()
        assert (instance.state, instance.reason) == expected
        assert instance.study.state is StudyState.NOT_READ
    assert count(db, Job) == 0


def test_an_audit_film_is_queued(db: Database, spool: Spool) -> None:
    film(db, spool, purpose=Purpose.AUDIT)
    assert count(db, Job) == 1


RULES: dict[str, tuple[dict[str, Any], bool, IntakeKind, str | None]] = {
    "the same bytes": ({}, False, IntakeKind.SAME, None),
    "the same picture in other bytes": ({"content": b"jpeg"}, True, IntakeKind.SAME, None),
    "another picture": ({"content": b"other"}, False, IntakeKind.QUARANTINED, OTHER_CONTENT),
    "another study": ({"study": "9.9"}, True, IntakeKind.QUARANTINED, OTHER_STUDY),
    "another patient ID": (
        {"patient": replace(PATIENT, id="P2")},
        True,
        IntakeKind.QUARANTINED,
        OTHER_PATIENT,
    ),
    "another issuer": (
        {"patient": replace(PATIENT, issuer="ELSEWHERE")},
        True,
        IntakeKind.QUARANTINED,
        OTHER_PATIENT,
    ),
    "no issuer": (
        {"patient": replace(PATIENT, issuer="")},
        True,
        IntakeKind.QUARANTINED,
        OTHER_PATIENT,
    ),
    "a padded patient ID": ({"patient": replace(PATIENT, id=" P1 ")}, True, IntakeKind.SAME, None),
    "a coerced name": (
        {"patient": replace(PATIENT, name="DOE^JANE^A"), "content": b"jpeg"},
        True,
        IntakeKind.SAME,
        None,
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_same_uid_again(db: Database, spool: Spool, rule: str) -> None:
    changes, same, kind, reason = RULES[rule]
    first = film(db, spool, uid=UID)
    before = files(spool)
    item = received(spool, UID, **changes)
    outcome = take_in(db, spool, item, TO_READ, lambda _a, _b: same)
    assert outcome.kind is kind
    assert outcome.reason == reason
    assert (outcome.instance_id == first) == (kind is IntakeKind.SAME)
    assert count(db, Instance) == count(db, Job) == count(db, Study) == 1
    with db.read() as session:
        aside = session.scalars(select(Quarantine)).all()
    assert len(aside) == (kind is IntakeKind.QUARANTINED)
    assert files(spool) == before | {Path(row.path) for row in aside}
    for row in aside:
        assert (row.sop_instance_uid, row.reason, row.calling_ae) == (UID, reason, "MODALITY")
        assert Path(row.path).read_bytes() == changes.get("content", b"pixels")


def test_equal_bytes_are_not_decoded(db: Database, spool: Spool) -> None:
    film(db, spool, uid=UID)

    def decode(_first: Path, _second: Path) -> bool:
        pytest.fail("decoded for nothing")

    assert take_in(db, spool, received(spool, UID), TO_READ, decode).kind is IntakeKind.SAME


def test_content_that_cannot_be_compared_counts_as_other(db: Database, spool: Spool) -> None:
    film(db, spool, uid=UID)

    def decode(_first: Path, _second: Path) -> bool:
        message = "no pixels"
        raise UnreadableObjectError(message)

    outcome = take_in(db, spool, received(spool, UID, content=b"x"), TO_READ, decode)
    assert outcome.reason == OTHER_CONTENT


@pytest.mark.parametrize(
    "patient", [replace(PATIENT, id="P2"), replace(PATIENT, issuer="B"), PatientFacts()]
)
def test_another_patient_inside_a_study_is_kept_aside(
    db: Database, spool: Spool, patient: PatientFacts
) -> None:
    film(db, spool)
    outcome = take_in(db, spool, received(spool, patient=patient), TO_READ, never_same)
    assert (outcome.kind, outcome.reason) == (IntakeKind.QUARANTINED, OTHER_PATIENT)
    assert count(db, Instance) == 1
    with db.read() as session:
        assert session.scalars(select(Study.patient_id)).one() == "P1"
        assert session.scalars(select(AuditEvent.action)).one() is AuditAction.OBJECT_QUARANTINED


def test_changed_demographics_are_taken_over_and_logged(db: Database, spool: Spool) -> None:
    film(db, spool)
    changed = replace(PATIENT, name="ROE^JANE", birth_date="19710101", sex="M")
    film(db, spool, patient=changed)
    with db.read() as session:
        study = session.scalars(select(Study)).one()
        audit = session.scalars(select(AuditEvent)).one()
    assert (study.patient_name, study.birth_date, study.sex) == ("ROE^JANE", "19710101", "M")
    assert (audit.action, audit.actor) == (AuditAction.DEMOGRAPHICS_CHANGED, "MODALITY")
    assert audit.details == {
        "changes": {
            "patient_name": ["DOE^JANE", "ROE^JANE"],
            "birth_date": ["19700101", "19710101"],
            "sex": ["F", "M"],
        }
    }


@pytest.mark.parametrize(
    "patient",
    [
        replace(PATIENT, name="", birth_date="", sex=""),
        replace(PATIENT, name="DOE^JANE^^^"),
        replace(PATIENT, name="DOE^JANE ", sex="F "),
    ],
)
def test_empty_and_padded_values_change_nothing(
    db: Database, spool: Spool, patient: PatientFacts
) -> None:
    film(db, spool)
    film(db, spool, patient=patient)
    with db.read() as session:
        study = session.scalars(select(Study)).one()
    assert (study.patient_name, study.birth_date, study.sex) == ("DOE^JANE", "19700101", "F")
    assert count(db, AuditEvent) == 0


def test_what_was_unknown_is_filled_in_without_a_word(db: Database, spool: Spool) -> None:
    film(db, spool, patient=PatientFacts("P1", "HOSPITAL"))
    film(db, spool)
    with db.read() as session:
        assert session.scalars(select(Study.patient_name)).one() == "DOE^JANE"
    assert count(db, AuditEvent) == 0


def test_quarantine_counts_the_same_bytes(db: Database, spool: Spool) -> None:
    for content in (b"bad", b"bad", b"worse"):
        temporary = spool.temporary()
        temporary.write_bytes(content)
        outcome = set_aside(db, spool, temporary, reason="torn", sop_instance_uid="9" * 100)
        assert outcome == IntakeOutcome(IntakeKind.QUARANTINED, reason="torn")
    with db.read() as session:
        rows = session.scalars(select(Quarantine).order_by(Quarantine.id)).all()
    assert [row.times for row in rows] == [2, 1]
    assert {len(row.sop_instance_uid) for row in rows} == {64}
    assert files(spool) == {Path(row.path) for row in rows}
    assert count(db, AuditEvent) == 2


@pytest.mark.parametrize("uid", ["", "1.2.x", "../../etc/passwd", "1" * 65])
def test_an_object_without_a_proper_uid_is_no_received_object(spool: Spool, uid: str) -> None:
    with pytest.raises(ValueError, match="sop_instance_uid is no UID"):
        replace(received(spool), sop_instance_uid=uid)


def test_a_decision_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        ReadDecision(FilmState.NOT_READ, None, "rule")
    with pytest.raises(ValueError, match="cannot begin as read"):
        ReadDecision(FilmState.READ, None, "rule")


def test_hostile_text_is_stored_harmlessly(db: Database, spool: Spool) -> None:
    patient = PatientFacts("P\x001", "", "\ud800'; DROP TABLE study; --", "not a date", "?")
    first = received(spool, patient=patient)
    assert take_in(db, spool, first, TO_READ, never_same).kind is IntakeKind.NEW
    second = received(spool, patient=patient)
    assert take_in(db, spool, second, TO_READ, never_same).kind is IntakeKind.NEW
    assert count(db, AuditEvent) == 0
