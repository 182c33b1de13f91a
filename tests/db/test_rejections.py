"""Rejected films: not read, not shown, not sent, and taken back where they had been sent.

Covered on both databases: notes before and after their film, at every stage of the film's way, and
workers and couriers that were under way. Not covered: what a note looks like (tests/gateway).
"""

from threading import Thread

import pytest
from sqlalchemy import select, text

from core.errors import LostLeaseError
from core.labels import Label
from core.states import FilmState, JobState, StudyState
from core.triage import Tier
from db.engine import Database
from db.films import lock_study, set_film_state
from db.intake import IntakeKind, take_in
from db.jobs import Claim, heartbeat, holds
from db.leases import release_lost
from db.models import (
    AuditAction,
    AuditEvent,
    Instance,
    ReadingRow,
    Rejection,
    SignedReport,
    Study,
)
from db.publishable import unpublished
from db.quarantine import waiting_notes
from db.readings import film_failed, film_for, store_flags, store_reading
from db.received import PatientFacts, RejectedInstance, SignedFacts
from db.rejections import REASONS
from db.spool import Spool
from db.worklist import worklist
from tests.db.builders import (
    KEPT,
    claim_draft,
    count,
    film,
    flags,
    lease_ended,
    model,
    never_same,
    read_next,
    reading,
    received,
    reject,
    sign,
)
from tests.db.rejected_films import drafts, row
from tests.waiting import wait_until


@pytest.mark.parametrize(("code", "reason"), REASONS.items())
def test_a_film_that_waits_is_not_read(db: Database, spool: Spool, code: str, reason: str) -> None:
    wrong, other = film(db, spool), film(db, spool)
    assert reject(db, spool, wrong, code=code).kind is IntakeKind.NEW
    assert (row(db, wrong).state, row(db, wrong).reason) == (FilmState.NOT_READ, reason)
    assert row(db, wrong).rejection_code == code
    assert drafts(db) == [(JobState.DONE, reason), (JobState.WAITING, None)]
    assert claim_draft(db).instance_id == other
    with db.read() as session:
        (event,) = session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.FILM_REJECTED)
        )
        assert (event.actor, event.instance_id, event.details["code"]) == ("MODALITY", wrong, code)


def test_a_note_before_its_film(db: Database, spool: Spool) -> None:
    note = received(spool, view="", rejects=(RejectedInstance("1.2.3.77", "113001"),))
    take_in(db, spool, note, KEPT, never_same)
    outcome = take_in(
        db,
        spool,
        received(spool, "1.2.3.77"),
        KEPT.__class__(FilmState.QUEUED, None, "t"),
        never_same,
    )
    assert outcome.instance_id is not None
    assert not outcome.queued
    assert row(db, outcome.instance_id).state is FilmState.NOT_READ
    assert drafts(db) == []


def test_a_worker_that_reads_it_is_refused_at_every_step(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    held = claim_draft(db)
    film_for(db, held)
    reject(db, spool, wrong)
    said = reading(Label.PNEUMOTHORAX)
    with pytest.raises(LostLeaseError):
        heartbeat(db, held, "report", 60.0)
    with pytest.raises(LostLeaseError):
        store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    with pytest.raises(LostLeaseError):
        store_reading(db, held, said, idle_seconds=0)
    with pytest.raises(LostLeaseError):
        film_failed(db, held, "died")
    assert row(db, wrong).state is FilmState.NOT_READ
    assert count(db, ReadingRow) == 0
    with db.read() as session:
        assert session.scalars(select(Study.tier)).one() is Tier.ROUTINE


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_worker_in_mid_transaction_is_not_waited_for(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    held = claim_draft(db)
    film_for(db, held)
    with db.write() as session:
        holds(session, held)
        # SQLite has one writer at a time; here the two would wait for each other for ever.
        note = Thread(target=reject, args=(db, spool, wrong))
        note.start()
        note.join(30.0)
        assert not note.is_alive()
        set_film_state(session, wrong, FilmState.READ, None, actor="worker")
    assert row(db, wrong).state is FilmState.NOT_READ
    # Its job was passed over, and its claim stands: what it writes is refused all the same.
    said = reading(Label.PNEUMOTHORAX)
    with pytest.raises(LostLeaseError, match="rejected"):
        store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    with pytest.raises(LostLeaseError, match="rejected"):
        store_reading(db, held, said, idle_seconds=0)
    assert count(db, ReadingRow) == 0
    _ends_when_it_is_claimed_again(db, held)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_worker_that_waits_for_the_study_sees_what_became_of_it(
    db: Database, spool: Spool
) -> None:
    wrong = film(db, spool)
    held = claim_draft(db)
    film_for(db, held)
    refused: list[str] = []

    def write() -> None:
        try:
            store_reading(db, held, reading(Label.PNEUMOTHORAX), idle_seconds=0)
        except LostLeaseError as error:
            refused.append(str(error))

    worker = Thread(target=write)
    with db.write() as session:
        lock_study(session, 1)
        worker.start()
        wait_until(lambda: _somebody_waits(db), 20.0, "the worker to wait for the study")
        session.get_one(Instance, wrong).rejection_code = "113001"
    worker.join(30.0)
    assert len(refused) == 1
    assert count(db, ReadingRow) == 0


def _somebody_waits(db: Database) -> bool:
    with db.read() as session:
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(session.scalar(waiting))


def _ends_when_it_is_claimed_again(db: Database, held: Claim) -> None:
    lease_ended(db, held)
    assert release_lost(db) == 1
    with pytest.raises(LostLeaseError, match="rejected"):
        film_for(db, claim_draft(db))
    assert [state for state, _ in drafts(db)] == [JobState.DONE]


def test_a_read_film_is_no_answer_any_more(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    with db.read() as session:
        assert len(unpublished(session, 1)) == 1
    reject(db, spool, wrong)
    with db.read() as session:
        assert unpublished(session, 1) == []
        (shown,) = worklist(session)
        assert session.scalars(select(ReadingRow.current)).all() == [False]
    assert (shown.state, shown.answered) == (StudyState.NOT_READ, False)
    assert (shown.flagged, shown.preferred_reading_id) == ((), None)
    assert shown.reasons == ("rejected for quality reasons",)
    # What it earned stays: a tier never falls.
    assert shown.tier is Tier.URGENT


def test_the_other_films_of_the_study_stay(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    film(db, spool)
    said = reading(Label.EDEMA)
    read_next(db, said)
    reject(db, spool, wrong)
    with db.read() as session:
        (shown,) = worklist(session)
        assert [item.reading.id for item in unpublished(session, 1)] == [said.id]
    assert (shown.state, shown.flagged) == (StudyState.DRAFT_READY, (Label.EDEMA,))
    assert shown.preferred_reading_id == said.id


def test_a_note_counts_in_its_own_study_only(db: Database, spool: Spool) -> None:
    other = film(db, spool, study="1.2.4")
    film(db, spool, study="1.2.3")
    reject(db, spool, other, study="1.2.3")
    assert row(db, other).state is FilmState.QUEUED


def test_a_note_before_a_film_of_another_study_counts_for_nothing(
    db: Database, spool: Spool
) -> None:
    note = received(spool, view="", rejects=(RejectedInstance("1.2.3.77", "113001"),))
    take_in(db, spool, note, KEPT, never_same)
    right = film(db, spool, uid="1.2.3.77", study="1.2.4")
    assert row(db, right).state is FilmState.QUEUED


def test_a_note_of_another_patient_is_kept_aside_and_rejects_nothing(
    db: Database, spool: Spool
) -> None:
    right = film(db, spool)
    note = received(
        spool,
        view="",
        patient=PatientFacts("P2", "HOSPITAL"),
        rejects=(RejectedInstance(row(db, right).uid, "113001"),),
    )
    assert take_in(db, spool, note, KEPT, never_same).kind is IntakeKind.QUARANTINED
    assert row(db, right).state is FilmState.QUEUED
    assert count(db, Rejection) == 0
    with db.read() as session:
        assert waiting_notes(session, "1.2.3") == ("patient ID or issuer differs from the study's",)
        assert waiting_notes(session, "1.2.4") == ()


def test_a_film_that_is_kept_aside_is_no_note(db: Database, spool: Spool) -> None:
    film(db, spool)
    other = received(spool, patient=PatientFacts("P2", "HOSPITAL"))
    assert take_in(db, spool, other, KEPT, never_same).kind is IntakeKind.QUARANTINED
    with db.read() as session:
        assert waiting_notes(session, "1.2.3") == ()


def test_a_second_note_changes_nothing(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    reject(db, spool, wrong)
    reject(db, spool, wrong, code="113039")
    assert row(db, wrong).rejection_code == "113001"
    assert count(db, Rejection) == 2
    with db.read() as session:
        rejected = select(AuditEvent).where(AuditEvent.action == AuditAction.FILM_REJECTED)
        assert len(session.scalars(rejected).all()) == 1


def test_flags_alone_of_a_rejected_film_are_not_shown(db: Database, spool: Spool) -> None:
    wrong = film(db, spool)
    store_flags(db, claim_draft(db), "r1", model(), flags(Label.EDEMA), idle_seconds=0)
    reject(db, spool, wrong)
    with db.read() as session:
        assert worklist(session)[0].flagged == ()


def test_a_rejected_report_does_not_count_as_signed(db: Database, spool: Spool) -> None:
    film(db, spool)
    report = sign(db, spool)
    reject(db, spool, report)
    assert count(db, SignedReport) == 0


def test_a_report_that_was_rejected_before_it_came_does_not_count(
    db: Database, spool: Spool
) -> None:
    note = received(spool, view="", rejects=(RejectedInstance("1.2.3.77", "113001"),))
    take_in(db, spool, note, KEPT, never_same)
    report = received(spool, "1.2.3.77", view="", signed=SignedFacts("Report", None))
    take_in(db, spool, report, KEPT, never_same)
    assert count(db, SignedReport) == 0
