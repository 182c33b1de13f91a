"""Objects that were fetched, and now come in to be read: the decision applies; never the reverse.

Covered on both databases, at each state that a fetched film may be in.
"""

import pytest
from sqlalchemy import select

from core.labels import Label
from core.states import FilmState, JobKind, JobState, Purpose, Standing
from core.triage import Tier
from db.engine import Database
from db.film_review import NoDraft, film_review
from db.intake import IntakeKind, IntakeOutcome, take_in
from db.jobs import give_back
from db.models import AuditAction, AuditEvent, Instance, Job, Study
from db.publishable import unpublished
from db.readings import film_failed, film_for, store_flags
from db.received import ReadDecision
from db.spool import Spool
from db.standings import IN_SHADOW, set_standing
from db.worklist import worklist
from tests.db.builders import (
    KEPT,
    TO_READ,
    claim_draft,
    film,
    flags,
    model,
    never_same,
    read_next,
    reading,
    received,
    reject,
)

UID = "1.2.3.9"
TOO_OLD = ReadDecision(FilmState.NOT_READ, "older than 48 hours", "max_study_age")


def comes(
    db: Database, spool: Spool, purpose: Purpose, decision: ReadDecision = TO_READ
) -> IntakeOutcome:
    """Let the same film come in once more."""
    return take_in(db, spool, received(spool, UID, purpose=purpose), decision, never_same)


def row(db: Database) -> Instance:
    with db.read() as session:
        return session.scalars(select(Instance).where(Instance.uid == UID)).one()


def drafts(db: Database) -> list[JobState]:
    with db.read() as session:
        jobs = select(Job.state).where(Job.kind == JobKind.DRAFT).order_by(Job.id)
        return list(session.scalars(jobs))


def urgencies(db: Database) -> list[int]:
    with db.read() as session:
        jobs = select(Job.urgency).where(Job.kind == JobKind.DRAFT).order_by(Job.id)
        return list(session.scalars(jobs))


def study_of(db: Database) -> Study:
    with db.read() as session:
        return session.scalars(select(Study)).one()


def put_into_shadow(db: Database) -> None:
    with db.write() as session:
        set_standing(session, model().uid, Standing.SHADOW, basis="test", actor="anna")


def raised(db: Database) -> list[dict[str, object]]:
    with db.read() as session:
        events = select(AuditEvent).where(AuditEvent.action == AuditAction.PURPOSE_RAISED)
        return [event.details for event in session.scalars(events)]


def test_a_prior_that_comes_in_to_be_read_is_read(db: Database, spool: Spool) -> None:
    comes(db, spool, Purpose.PRIOR)
    assert (row(db).state, drafts(db)) == (FilmState.RECEIVED, [])
    outcome = comes(db, spool, Purpose.READ)
    assert (outcome.kind, outcome.queued) == (IntakeKind.SAME, True)
    assert (row(db).purpose, row(db).state, row(db).reason) == (
        Purpose.READ,
        FilmState.QUEUED,
        None,
    )
    assert drafts(db) == [JobState.WAITING]
    assert raised(db) == [{"before": "prior"}]
    # And only once.
    assert not comes(db, spool, Purpose.READ).queued
    assert drafts(db) == [JobState.WAITING]


def test_a_prior_that_is_not_to_be_read_is_listed_with_the_reason(
    db: Database, spool: Spool
) -> None:
    comes(db, spool, Purpose.PRIOR, KEPT)
    assert not comes(db, spool, Purpose.READ, TOO_OLD).queued
    assert (row(db).state, row(db).reason) == (FilmState.NOT_READ, "older than 48 hours")
    assert row(db).rule == "max_study_age"
    with db.read() as session:
        assert worklist(session)[0].reasons == ("older than 48 hours",)


def test_what_was_read_in_shadow_is_published_and_flagged_without_another_pass(
    db: Database, spool: Spool
) -> None:
    comes(db, spool, Purpose.AUDIT)
    said = reading(Label.PNEUMOTHORAX)
    read_next(db, said)
    with db.read() as session:
        assert (unpublished(session, 1), worklist(session)) == ([], [])
    assert not comes(db, spool, Purpose.READ).queued
    assert drafts(db) == [JobState.DONE]
    with db.read() as session:
        assert [item.reading.id for item in unpublished(session, 1)] == [said.id]
        assert session.scalars(select(Study.tier)).one() is Tier.URGENT
        publish = session.scalars(select(Job).where(Job.kind == JobKind.PUBLISH)).one()
        assert publish.state is JobState.WAITING
        assert worklist(session)[0].flagged == (Label.PNEUMOTHORAX,)


def test_what_a_model_that_is_on_trial_by_now_said_for_an_audit_stays_in_shadow(
    db: Database, spool: Spool
) -> None:
    comes(db, spool, Purpose.AUDIT)
    read_next(db, reading(Label.PNEUMOTHORAX))
    put_into_shadow(db)
    assert comes(db, spool, Purpose.READ).queued
    assert drafts(db) == [JobState.DONE, JobState.WAITING]
    for no_draft in (NoDraft.WAITING, NoDraft.NOT_READ):
        with db.read() as session:
            assert unpublished(session, 1) == []
            (study,) = worklist(session)
            assert (study.flagged, study.tier) == ((), Tier.ROUTINE)
            review = film_review(session, 1, UID)
            assert review is not None
            assert (review.no_draft, review.reading) == (no_draft, None)
        if no_draft is NoDraft.WAITING:
            read_next(db, reading())
    assert (row(db).state, row(db).reason) == (FilmState.NOT_READ, IN_SHADOW)


def test_flags_of_an_audit_count_from_when_the_film_is_to_be_read(
    db: Database, spool: Spool
) -> None:
    comes(db, spool, Purpose.AUDIT)
    held = claim_draft(db)
    store_flags(db, held, "r1", model(), flags(Label.PNEUMOTHORAX), idle_seconds=0)
    assert study_of(db).unseen_since is None
    comes(db, spool, Purpose.READ)
    film_failed(db, held, "no sense")
    with db.read() as session:
        assert worklist(session)[0].flagged == (Label.PNEUMOTHORAX,)
    assert study_of(db).tier is Tier.URGENT
    assert study_of(db).unseen_since is not None


def test_what_an_audit_still_waits_for_waits_as_urgently_as_its_study(
    db: Database, spool: Spool
) -> None:
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    comes(db, spool, Purpose.AUDIT)
    assert urgencies(db) == [0, -1]
    comes(db, spool, Purpose.READ)
    assert urgencies(db) == [0, int(Tier.URGENT)]


def test_what_an_audit_was_reading_waits_among_todays_where_it_is_put_back(
    db: Database, spool: Spool
) -> None:
    comes(db, spool, Purpose.AUDIT)
    held = claim_draft(db)
    comes(db, spool, Purpose.READ)
    with db.write() as session:
        give_back(session, held)
    assert urgencies(db) == [0]


@pytest.mark.parametrize("claimed", [False, True])
def test_what_an_audit_still_waits_for_is_read_for_real(
    db: Database, spool: Spool, *, claimed: bool
) -> None:
    comes(db, spool, Purpose.AUDIT)
    if claimed:
        film_for(db, claim_draft(db))
    assert comes(db, spool, Purpose.READ).queued
    assert len(drafts(db)) == 1
    assert row(db).state is (FilmState.READING if claimed else FilmState.QUEUED)


def test_what_failed_for_an_audit_is_tried_again(db: Database, spool: Spool) -> None:
    comes(db, spool, Purpose.AUDIT)
    film_failed(db, claim_draft(db), "no sense")
    assert comes(db, spool, Purpose.READ).queued
    assert drafts(db) == [JobState.FAILED, JobState.WAITING]
    assert (row(db).state, row(db).reason) == (FilmState.QUEUED, None)


def test_an_audits_film_that_is_too_old_for_today_stays_in_shadow(
    db: Database, spool: Spool
) -> None:
    comes(db, spool, Purpose.AUDIT)
    read_next(db, reading(Label.PNEUMOTHORAX))
    assert not comes(db, spool, Purpose.READ, TOO_OLD).queued
    assert (row(db).purpose, row(db).state) == (Purpose.AUDIT, FilmState.READ)
    with db.read() as session:
        assert (unpublished(session, 1), worklist(session)) == ([], [])
    assert raised(db) == []


@pytest.mark.parametrize("purpose", [Purpose.PRIOR, Purpose.AUDIT])
def test_a_purpose_is_never_lowered(db: Database, spool: Spool, purpose: Purpose) -> None:
    comes(db, spool, Purpose.READ)
    assert comes(db, spool, purpose).kind is IntakeKind.SAME
    assert (row(db).purpose, row(db).state) == (Purpose.READ, FilmState.QUEUED)
    assert raised(db) == []


def test_a_rejected_prior_stays_rejected(db: Database, spool: Spool) -> None:
    film(db, spool, uid=UID, purpose=Purpose.PRIOR)
    reject(db, spool, row(db).id)
    assert not comes(db, spool, Purpose.READ).queued
    assert row(db).state is FilmState.NOT_READ
    assert drafts(db) == []
