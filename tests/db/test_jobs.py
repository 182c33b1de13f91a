"""Claims: each job once, the urgent ones first, and nothing written under an old token.

Leases end here by writing their end into the row; no test waits for one.
"""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import exc, select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import LostLeaseError
from core.states import FilmState, JobKind, JobState, StudyState
from db.engine import Database
from db.jobs import (
    Claim,
    add_job,
    claim,
    fail,
    finish,
    give_back,
    heartbeat,
    holds,
    push_back_publish,
    retry,
    waiting,
)
from db.leases import Attempts, release_lost
from db.models import AuditAction, AuditEvent, Instance, Job, Study
from db.spool import Spool
from tests.db.builders import claim_draft, film, lease_ended

DRAFT = [JobKind.DRAFT]


def job(db: Database, held: Claim) -> Job:
    with db.read() as session:
        return session.get_one(Job, held.job_id)


def queue(db: Database, number: int) -> list[int]:
    """Queue that many jobs and give their numbers."""
    with db.write() as session:
        return [add_job(session, JobKind.ECHO).id for _ in range(number)]


def test_of_several_processes_each_film_goes_to_one(
    db: Database, database_url: str, spool: Spool
) -> None:
    films = {film(db, spool) for _ in range(16)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.db.claim_loop", database_url, f"worker-{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for number in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    answers = [process.communicate("go\n", timeout=60)[0] for process in processes]
    claimed = [int(line) for answer in answers for line in answer.split()]
    assert sorted(claimed) == sorted(films)
    with db.read() as session:
        assert set(session.scalars(select(Job.token))) == {1}


def test_of_several_threads_each_job_goes_to_one(db: Database) -> None:
    jobs = queue(db, 40)
    claimed: list[int] = []

    def take() -> None:
        while held := claim(db, [JobKind.ECHO], worker="w", lease_seconds=60):
            claimed.append(held.job_id)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(claimed) == Counter(jobs)


def test_urgent_ones_first_then_older_ones(db: Database) -> None:
    with db.write() as session:
        numbers = [add_job(session, JobKind.ECHO, urgency=urgency).id for urgency in (0, 2, 1, 2)]
    claimed = []
    while held := claim(db, [JobKind.ECHO], worker="w", lease_seconds=60):
        claimed.append(numbers.index(held.job_id))
    assert claimed == [1, 3, 2, 0]


def test_only_what_is_due_and_of_a_wanted_kind_is_claimed(db: Database) -> None:
    with db.write() as session:
        add_job(session, JobKind.ECHO, at=now() + timedelta(hours=1))
        add_job(session, JobKind.RETRIEVE)
    assert claim(db, [JobKind.ECHO], worker="w", lease_seconds=60) is None
    assert waiting(db, [JobKind.ECHO]) == 0
    assert waiting(db, [JobKind.ECHO, JobKind.RETRIEVE]) == 1


def test_a_claim_says_what_it_is_of(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    held = claim_draft(db, "gpu-3")
    row = job(db, held)
    assert (held.kind, held.instance_id, held.attempts) == (JobKind.DRAFT, instance_id, 1)
    assert (row.state, row.worker, row.token) == (JobState.CLAIMED, "gpu-3", held.token)
    assert row.study_id == held.study_id is not None
    assert row.lease_until is not None
    assert row.lease_until > now() + timedelta(seconds=50)


def test_a_heartbeat_lengthens_the_lease_and_tells_progress(db: Database, spool: Spool) -> None:
    film(db, spool)
    held = claim_draft(db, lease_seconds=1)
    heartbeat(db, held, "token 17", 1000)
    row = job(db, held)
    assert row.progress == "token 17"
    assert row.lease_until is not None
    assert row.lease_until > now() + timedelta(seconds=900)
    assert release_lost(db) == 0


WRITES: dict[str, Callable[[Database, Session, Claim], object]] = {
    "holds": lambda _db, session, held: holds(session, held),
    "finish": lambda _db, session, held: finish(session, held),
    "fail": lambda _db, session, held: fail(session, held, "x"),
    "give_back": lambda _db, session, held: give_back(session, held),
    "retry": lambda _db, session, held: retry(
        session, held, "x", maximum_attempts=3, pause_seconds=0
    ),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("taken_again", [True, False])
def test_an_old_token_is_refused(
    db: Database, spool: Spool, write: str, *, taken_again: bool
) -> None:
    film(db, spool)
    old = claim_draft(db, "slow")
    lease_ended(db, old)
    assert release_lost(db) == 1
    if taken_again:
        new = claim_draft(db, "fast")
        assert (new.job_id, new.token) == (old.job_id, old.token + 1)
    before = job(db, old)
    with pytest.raises(LostLeaseError, match="no longer held"), db.write() as session:
        WRITES[write](db, session, old)
    with pytest.raises(LostLeaseError):
        heartbeat(db, old, "still here", 60)
    after = job(db, old)
    assert (after.state, after.worker, after.lease_until) == (
        before.state,
        before.worker,
        before.lease_until,
    )


def test_a_finished_job_cannot_be_ended_again(db: Database) -> None:
    queue(db, 1)
    held = claim(db, [JobKind.ECHO], worker="w", lease_seconds=60)
    assert held is not None
    with db.write() as session:
        finish(session, held)
    with pytest.raises(LostLeaseError), db.write() as session:
        fail(session, held, "too late")
    row = job(db, held)
    assert (row.state, row.error) == (JobState.DONE, None)
    assert row.finished_at is not None


def test_an_ended_lease_puts_the_film_back_until_no_attempt_is_left(
    db: Database, spool: Spool
) -> None:
    instance_id = film(db, spool)
    for attempt in (1, 2):
        held = claim_draft(db)
        assert held.attempts == attempt
        heartbeat(db, held, "stage report", 60)
        lease_ended(db, held)
        assert release_lost(db, Attempts(films=2)) == 1
        if attempt == 1:
            assert job(db, held).state is JobState.WAITING
    row = job(db, held)
    assert row.state is JobState.FAILED
    with db.read() as session:
        instance = session.get_one(Instance, instance_id)
        study = session.scalars(select(Study)).one()
        audit = session.scalars(select(AuditEvent)).one()
    assert instance.state is FilmState.FAILED
    assert instance.reason == row.error
    assert row.error == "worker-1 stopped answering at: stage report (attempt 2, the last one)"
    assert study.state is StudyState.FAILED
    assert (audit.action, audit.actor) == (AuditAction.FILM_FAILED, "worker-1")
    assert claim(db, DRAFT, worker="w", lease_seconds=60) is None


def test_other_work_that_kills_whoever_takes_it_up_comes_to_its_end(db: Database) -> None:
    with db.write() as session:
        study = Study(uid="1")
        session.add(study)
        session.flush()
        add_job(session, JobKind.PUBLISH, study_id=study.id)
    attempts = Attempts(films=1, others=3)
    for number in (1, 2, 3):
        held = claim(db, [JobKind.PUBLISH], worker="w", lease_seconds=60)
        assert held is not None
        assert held.attempts == number
        lease_ended(db, held)
        assert release_lost(db, attempts, [JobKind.DRAFT]) == 0
        assert release_lost(db, attempts) == 1
    assert held is not None
    row = job(db, held)
    assert row.state is JobState.FAILED
    assert row.error == "w stopped answering at: claimed (attempt 3, the last one)"
    assert claim(db, [JobKind.PUBLISH], worker="w", lease_seconds=60) is None


def test_a_retry_waits_and_the_last_one_fails_the_film(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    held = claim_draft(db)
    with db.write() as session:
        state = retry(session, held, "out of memory", maximum_attempts=2, pause_seconds=600)
    row = job(db, held)
    assert state is row.state is JobState.WAITING
    assert (row.error, row.worker) == ("out of memory", None)
    assert row.due_at > now() + timedelta(seconds=500)
    assert claim(db, DRAFT, worker="w", lease_seconds=60) is None
    with db.write() as session:
        session.get_one(Job, held.job_id).due_at = now()
    held = claim_draft(db)
    with db.write() as session:
        state = retry(session, held, "out of memory", maximum_attempts=2, pause_seconds=600)
    assert state is JobState.FAILED
    with db.read() as session:
        instance = session.get_one(Instance, instance_id)
    assert (instance.state, instance.reason) == (FilmState.FAILED, "out of memory")


def test_a_job_that_is_given_back_counts_no_attempt(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    held = claim_draft(db)
    with db.write() as session:
        give_back(session, held)
    again = claim_draft(db)
    assert (again.attempts, again.token) == (1, 2)
    with db.read() as session:
        assert session.get_one(Instance, instance_id).state is FilmState.QUEUED


def test_a_job_that_is_given_back_for_a_while_tells_why(db: Database, spool: Spool) -> None:
    film(db, spool)
    held = claim_draft(db)
    with db.write() as session:
        give_back(session, held, "the model is away", pause_seconds=60)
    row = job(db, held)
    assert (row.attempts, row.error) == (0, "the model is away")
    assert timedelta(seconds=50) < row.due_at - now() < timedelta(seconds=61)


def test_an_instance_has_one_open_draft_job(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)

    def add() -> None:
        with db.write() as session:
            add_job(session, JobKind.DRAFT, instance_id=instance_id)

    with pytest.raises(exc.IntegrityError):
        add()
    held = claim_draft(db)
    with pytest.raises(exc.IntegrityError):
        add()
    with db.write() as session:
        finish(session, held)
    add()


def test_a_publish_job_is_pushed_back_and_never_doubled(db: Database) -> None:
    with db.write() as session:
        study = Study(uid="1")
        session.add(study)
        session.flush()
        push_back_publish(session, study.id, now())
        push_back_publish(session, study.id, now() + timedelta(hours=1))
    assert waiting(db, [JobKind.PUBLISH]) == 0
    with db.write() as session:
        session.scalars(select(Job)).one().due_at = now()
    held = claim(db, [JobKind.PUBLISH], worker="w", lease_seconds=60)
    assert held is not None
    # A film is read while the study is being published: another job waits for its turn.
    with db.write() as session:
        push_back_publish(session, study.id, now())
    assert waiting(db, [JobKind.PUBLISH]) == 1
    # The one in hand fails and gives way to the one that waits.
    with db.write() as session:
        state = retry(session, held, "full", maximum_attempts=9, pause_seconds=0)
    assert state is JobState.DONE
    assert waiting(db, [JobKind.PUBLISH]) == 1
