"""What administrators do with jobs: list, try anew, call off; and what the film and study say.

The commands themselves are in tests/commands/test_jobs.py.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import select, text

from core.errors import LostLeaseError, WrongArgumentError
from core.labels import Label
from core.states import FilmState, JobKind, JobState, StudyState
from core.triage import Tier
from db.engine import Database
from db.films import lock_study
from db.job_orders import (
    CALLED_OFF,
    JobFilter,
    cancel_job,
    count_jobs,
    failed_jobs,
    list_jobs,
    retry_job,
)
from db.jobs import Claim, add_job, claim, fail, finish, holds
from db.models import AuditAction, AuditEvent, Instance, Job, Study
from db.readings import film_failed, film_for
from db.reviews import accept, latest_draft
from db.spool import Spool
from db.tiers import raise_tier
from tests.db.builders import KEPT, claim_draft, film, read_next, reading, reject
from tests.waiting import wait_until

_TWO_WRITERS = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
"""SQLite lets one writer in at a time."""


def row(db: Database, job_id: int) -> Job:
    with db.read() as session:
        return session.get_one(Job, job_id)


def film_state(db: Database, number: int) -> tuple[FilmState, str | None, StudyState]:
    with db.read() as session:
        found = session.get_one(Instance, number)
        return found.state, found.reason, session.get_one(Study, found.study_id).state


def retry(db: Database, job_id: int) -> None:
    with db.write() as session:
        retry_job(session, job_id)


def cancel(db: Database, job_id: int) -> None:
    with db.write() as session:
        cancel_job(session, job_id)


def failed_draft(db: Database, spool: Spool) -> tuple[int, int]:
    """Give the numbers of a failed draft job and of its film."""
    number = film(db, spool)
    held = claim_draft(db)
    film_failed(db, held, "out of memory")
    return held.job_id, number


def claim_publish(db: Database) -> Claim:
    held = claim(db, [JobKind.PUBLISH], worker="deliver-1", lease_seconds=60)
    assert held is not None
    return held


def waits_for_a_lock(db: Database, number: int = 1) -> None:
    """Wait until so many transactions wait for others."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")

    def are_there() -> bool:
        with db.read() as session:
            return bool(session.execute(waiting).scalar_one() >= number)

    wait_until(are_there, what="a lock to be waited for")


def events(db: Database, action: AuditAction) -> list[AuditEvent]:
    with db.read() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def test_a_failed_film_gets_all_its_attempts_anew(db: Database, spool: Spool) -> None:
    job_id, number = failed_draft(db, spool)
    assert film_state(db, number) == (FilmState.FAILED, "out of memory", StudyState.FAILED)
    retry(db, job_id)
    assert film_state(db, number) == (FilmState.QUEUED, None, StudyState.WAITING)
    held = claim_draft(db)
    assert (held.job_id, held.attempts) == (job_id, 1)
    (event,) = events(db, AuditAction.JOB_RETRIED)
    assert (event.instance_id, event.details["error"]) == (number, "out of memory")


def test_a_failed_film_that_is_tried_anew_is_as_urgent_as_its_study(
    db: Database, spool: Spool
) -> None:
    job_id, _ = failed_draft(db, spool)
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    retry(db, job_id)
    assert row(db, job_id).urgency == Tier.URGENT


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.CLAIMED, JobState.DONE])
def test_only_what_ended_badly_is_tried_anew(db: Database, spool: Spool, state: JobState) -> None:
    film(db, spool)
    held = claim_draft(db)
    with db.write() as session:
        session.get_one(Job, held.job_id).state = state
    with pytest.raises(WrongArgumentError, match=f"job {held.job_id} is {state.value}"):
        retry(db, held.job_id)


def test_a_film_that_was_rejected_or_read_since_is_not_read_again(
    db: Database, spool: Spool
) -> None:
    first, number = failed_draft(db, spool)
    reject(db, spool, number)
    with pytest.raises(WrongArgumentError, match="its film was rejected"):
        retry(db, first)
    second, other = failed_draft(db, spool)
    with db.write() as session:
        found = session.get_one(Instance, other)
        add_job(session, JobKind.DRAFT, instance_id=other, study_id=found.study_id)
    with pytest.raises(WrongArgumentError, match="another job of its film is on its way"):
        retry(db, second)
    read_next(db, reading())
    with pytest.raises(WrongArgumentError, match="its film is read"):
        retry(db, second)
    assert row(db, second).state is JobState.FAILED


def test_an_unknown_job_is_told(db: Database) -> None:
    for order in (retry, cancel):
        with pytest.raises(WrongArgumentError, match="there is no job 77"):
            order(db, 77)


def test_results_that_were_not_built_are_built_anew(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    held = claim_publish(db)
    with db.write() as session:
        fail(session, held, "no memory")
    with db.read() as session:
        assert failed_jobs(session) == [held.job_id]
    retry(db, held.job_id)
    again = claim_publish(db)
    assert (again.job_id, again.attempts) == (held.job_id, 1)


def test_a_study_of_which_nothing_is_left_to_be_built_keeps_its_failure(
    db: Database, spool: Spool
) -> None:
    number = film(db, spool)
    with db.write() as session:
        study_id = session.get_one(Instance, number).study_id
        job_id = add_job(session, JobKind.PUBLISH, study_id=study_id).id
    held = claim_publish(db)
    with db.write() as session:
        fail(session, held, "no picture")
    with pytest.raises(WrongArgumentError, match="nothing of its study is left to be built"):
        retry(db, job_id)
    assert (row(db, job_id).state, row(db, job_id).error) == (JobState.FAILED, "no picture")


def test_two_publish_jobs_of_a_study_never_both_wait(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    read_next(db, reading())
    held = claim_publish(db)
    with db.write() as session:
        fail(session, held, "no memory")
    with db.write() as session:
        add_job(session, JobKind.PUBLISH, study_id=session.get_one(Instance, number).study_id)
    with pytest.raises(WrongArgumentError, match="another publish job of its study waits"):
        retry(db, held.job_id)


def test_a_film_whose_reading_is_called_off_was_not_read(db: Database, spool: Spool) -> None:
    number = film(db, spool)
    held = claim_draft(db)
    cancel(db, held.job_id)
    assert film_state(db, number) == (FilmState.NOT_READ, CALLED_OFF, StudyState.NOT_READ)
    with pytest.raises(LostLeaseError), db.write() as session:
        finish(session, held)
    assert row(db, held.job_id).state is JobState.CANCELLED
    (event,) = events(db, AuditAction.JOB_CANCELLED)
    assert event.details["kind"] == "draft"
    with pytest.raises(WrongArgumentError, match="is cancelled already"):
        cancel(db, held.job_id)
    retry(db, held.job_id)
    assert film_state(db, number)[0] is FilmState.QUEUED
    with db.read() as session, pytest.raises(LostLeaseError):
        holds(session, held)


def test_a_film_that_failed_stays_failed_when_its_job_is_called_off(
    db: Database, spool: Spool
) -> None:
    job_id, number = failed_draft(db, spool)
    cancel(db, job_id)
    assert film_state(db, number) == (FilmState.FAILED, "out of memory", StudyState.FAILED)
    assert row(db, job_id).error == f"{CALLED_OFF}: out of memory"


def test_a_study_that_was_reviewed_stays_so_when_an_old_failure_is_cleared(
    db: Database, spool: Spool
) -> None:
    job_id, _ = failed_draft(db, spool)
    film(db, spool)
    read_next(db, reading())
    with db.write() as session:
        accept(session, latest_draft(session, "1.2.3"), author="Roe^R", final=False)
    ended = row(db, job_id).finished_at
    cancel(db, job_id)
    assert row(db, job_id).finished_at == ended
    # Anything else that comes in looks at the study anew.
    film(db, spool, decision=KEPT)
    with db.read() as session:
        assert session.scalars(select(Study.state)).one() is StudyState.ACCEPTED


@_TWO_WRITERS
def test_an_order_and_a_study_that_rises_never_wait_for_each_other(
    db: Database, spool: Spool
) -> None:
    number = film(db, spool)
    with db.read() as session:
        job_id = session.scalars(select(Job.id)).one()
    with ThreadPoolExecutor(1) as pool:
        with db.write() as session:
            study = lock_study(session, session.get_one(Instance, number).study_id)
            called_off = pool.submit(cancel, db, job_id)
            waits_for_a_lock(db)
            raise_tier(session, study, Tier.URGENT, actor="test")
        called_off.result()
    assert row(db, job_id).state is JobState.CANCELLED
    assert film_state(db, number)[0] is FilmState.NOT_READ


@_TWO_WRITERS
def test_a_job_that_is_taken_up_while_it_is_called_off_makes_nobody_wait_for_ever(
    db: Database, spool: Spool
) -> None:
    number = film(db, spool)
    with ThreadPoolExecutor(2) as pool:
        with db.write() as session:
            lock_study(session, session.get_one(Instance, number).study_id)
            called_off = pool.submit(cancel, db, 1)
            waits_for_a_lock(db)
            held = claim_draft(db)
            begun = pool.submit(film_for, db, held)
            waits_for_a_lock(db, 2)
        called_off.result()
        # Who came first is open; either is told the truth.
        with suppress(LostLeaseError):
            begun.result()
    assert row(db, held.job_id).state is JobState.CANCELLED
    with pytest.raises(LostLeaseError):
        film_for(db, held)


def test_failed_jobs_are_listed_first_and_all_are_counted(db: Database, spool: Spool) -> None:
    film(db, spool)
    waiting = claim_draft(db)
    failed, _ = failed_draft(db, spool)
    with db.read() as session:
        assert [one.job_id for one in list_jobs(session)] == [failed, waiting.job_id]
        assert [one.job_id for one in list_jobs(session, limit=1)] == [failed]
        assert count_jobs(session) == {
            JobState.WAITING: 0,
            JobState.CLAIMED: 1,
            JobState.FAILED: 1,
            JobState.CANCELLED: 0,
        }
        assert count_jobs(session, [JobState.DONE]) == {JobState.DONE: 0}


def test_what_is_done_is_not_listed_unless_asked_for(db: Database, spool: Spool) -> None:
    number = film(db, spool, study="1.9")
    read_next(db, reading(), idle_seconds=600)
    with db.read() as session:
        (publish,) = list_jobs(session)
        (done,) = list_jobs(session, JobFilter([JobState.DONE]))
        uid = session.get_one(Instance, number).uid
    assert (publish.kind, publish.state, publish.study_uid) == (
        JobKind.PUBLISH,
        JobState.WAITING,
        "1.9",
    )
    assert (done.kind, done.film_uid, done.attempts) == (JobKind.DRAFT, uid, 1)
