"""Priors: earlier frontals and signed reports of the very same patient, and when they are sought.

Covered on both databases, long lists on SQLite alone. Not covered: how they are fetched
(tests/gateway, tests/integration).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.states import FilmState, JobKind, Purpose
from db.engine import Database
from db.intake import take_in
from db.models import Job, Peer, Study
from db.priors import Here, Prior, here, priors_of
from db.received import PatientFacts, ReadDecision, SignedFacts
from db.spool import Spool
from tests.db.builders import (
    KEPT,
    PATIENT,
    TO_READ,
    film,
    never_same,
    peer,
    received,
    reject,
    sign,
)

TODAY = datetime(2026, 3, 1, 10, tzinfo=UTC)
LAST_YEAR = TODAY - timedelta(days=365)


def today(db: Database, spool: Spool, **more: Any) -> int:
    """Let a film of today come in and give its study's number."""
    film(db, spool, study="1.2.9", acquired_at=TODAY, **more)
    with db.read() as session:
        return session.scalars(select(Study.id).where(Study.uid == "1.2.9")).one()


def found(db: Database, study_id: int) -> list[Prior]:
    with db.read() as session:
        return priors_of(session, study_id)


def searches(db: Database) -> int:
    with db.read() as session:
        return len(session.scalars(select(Job.id).where(Job.kind == JobKind.RETRIEVE)).all())


def test_earlier_frontals_and_reports_newest_first(db: Database, spool: Spool) -> None:
    older = LAST_YEAR - timedelta(days=30)
    film(db, spool, uid="1.1.1", study="1.1", view="AP", acquired_at=older)
    film(db, spool, uid="1.1.2", study="1.1", view="PA", acquired_at=older + timedelta(hours=1))
    film(db, spool, uid="1.2.1", study="1.2", view="frontal", acquired_at=LAST_YEAR)
    sign(db, spool, study="1.2")
    newest, oldest = found(db, today(db, spool))
    assert (newest.study_uid, newest.taken_at) == ("1.2", LAST_YEAR)
    assert [(one.uid, one.view, one.source) for one in newest.films] == [
        ("1.2.1", "frontal", "own")
    ]
    assert [(one.title, one.verified_at) for one in newest.reports] == [
        ("Chest X-ray", datetime(2026, 3, 1, tzinfo=UTC))
    ]
    assert newest.reports[0].path.read_bytes() == b"pixels"
    assert [one.uid for one in oldest.films] == ["1.1.2", "1.1.1"]
    assert oldest.reports == ()


OTHERS = {
    "another id": PatientFacts("P2", "HOSPITAL", PATIENT.name, PATIENT.birth_date, PATIENT.sex),
    "another issuer": PatientFacts("P1", "CLINIC", PATIENT.name),
    "no issuer": PatientFacts("P1", "", PATIENT.name),
    "an id that begins alike": PatientFacts("P10", "HOSPITAL", PATIENT.name),
    "another case": PatientFacts("p1", "HOSPITAL", PATIENT.name),
}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("patient", OTHERS.values(), ids=OTHERS)
def test_another_patient_has_no_priors_here_whatever_the_name(
    db: Database, spool: Spool, patient: PatientFacts
) -> None:
    film(db, spool, study="1.1", patient=patient, acquired_at=LAST_YEAR)
    assert found(db, today(db, spool)) == []


def test_a_patient_without_issuer_has_those_without_one(db: Database, spool: Spool) -> None:
    nobody = PatientFacts("P1", "", "OTHER^NAME")
    film(db, spool, study="1.1", patient=nobody, acquired_at=LAST_YEAR)
    (prior,) = found(db, today(db, spool, patient=PatientFacts("P1", "", "DOE^JANE")))
    assert prior.study_uid == "1.1"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("view", "decision", "listed"),
    [
        ("PA", TO_READ, True),
        ("PA", ReadDecision(FilmState.NOT_READ, "older than 48 hours", "max_study_age"), True),
        ("PA", ReadDecision(FilmState.NOT_READ, "not a chest film", "body_part"), False),
        ("lateral", ReadDecision(FilmState.NOT_READ, "not frontal", "view"), False),
        ("", KEPT, False),
    ],
)
def test_only_frontal_chest_films_are_priors(
    db: Database, spool: Spool, view: str, decision: ReadDecision, *, listed: bool
) -> None:
    film(db, spool, study="1.1", view=view, decision=decision, acquired_at=LAST_YEAR)
    assert bool(found(db, today(db, spool))) is listed


def test_later_and_rejected_films_are_none(db: Database, spool: Spool) -> None:
    film(db, spool, study="1.1", acquired_at=TODAY + timedelta(hours=1))
    wrong = film(db, spool, study="1.2", acquired_at=LAST_YEAR)
    reject(db, spool, wrong, study="1.2")
    assert found(db, today(db, spool)) == []


def test_an_unsigned_report_is_none(db: Database, spool: Spool) -> None:
    draft = received(spool, study="1.1", view="", acquired_at=LAST_YEAR)
    take_in(db, spool, draft, KEPT, never_same)
    assert found(db, today(db, spool)) == []


def test_there_are_only_so_many(db: Database, spool: Spool) -> None:
    for number in range(4):
        at = LAST_YEAR + timedelta(days=number)
        film(db, spool, study=f"1.{number}", acquired_at=at)
    study_id = today(db, spool)
    with db.read() as session:
        newest = priors_of(session, study_id, most=2)
    assert [prior.study_uid for prior in newest] == ["1.3", "1.2"]


def test_a_fetched_one_is_told_from_our_own(db: Database, spool: Spool) -> None:
    film(db, spool, study="1.1", purpose=Purpose.PRIOR, acquired_at=LAST_YEAR)
    (prior,) = found(db, today(db, spool))
    assert prior.films[0].source == "fetched"


def gives(db: Database, **values: object) -> None:
    number = peer(db)
    with db.write() as session:
        row = session.get_one(Peer, number)
        for column, value in ({"gives_priors": True} | values).items():
            setattr(row, column, value)


def test_a_search_is_queued_once_for_a_study(db: Database, spool: Spool) -> None:
    gives(db)
    film(db, spool)
    film(db, spool)
    assert searches(db) == 1
    film(db, spool, study="1.2.4")
    assert searches(db) == 2


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("values", "facts"),
    [
        ({"gives_priors": False}, {}),
        ({"enabled": False}, {}),
        ({}, {"purpose": Purpose.AUDIT}),
        ({}, {"purpose": Purpose.PRIOR}),
        ({}, {"decision": KEPT}),
    ],
)
def test_nothing_is_sought_where_nobody_gives_or_nothing_is_read(
    db: Database, spool: Spool, values: dict[str, Any], facts: dict[str, Any]
) -> None:
    gives(db, **values)
    film(db, spool, **facts)
    assert searches(db) == 0


def test_what_is_here_need_not_be_fetched(db: Database, spool: Spool) -> None:
    film(db, spool, study="1.1")
    take_in(
        db,
        spool,
        received(spool, study="1.2", view="", signed=SignedFacts("Report", None)),
        KEPT,
        never_same,
    )
    with db.read() as session:
        assert here(session, "1.1") == Here(films=True, report=False)
        assert here(session, "1.2") == Here(films=False, report=True)
        assert here(session, "1.3") == Here(films=False, report=False)
