"""What a killed process held goes back at once, what a frozen one holds does not; both databases.

The processes, their ends and the databases are real, the leases last for hours. What ends a lease
in time is in test_jobs; a whole worker that is killed is in tests/worker.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import LostLeaseError
from core.process_mark import is_gone
from core.states import FilmState, JobKind, JobState, Purpose
from db import retrievals
from db.engine import Database
from db.jobs import Claim, add_job, holds
from db.leases import Attempts, gone_holders, release_lost
from db.models import Instance, Job, Peer, Retrieval
from db.retrievals import Wish
from db.spool import Spool
from tests.db.builders import claim_draft, film, peer
from tests.waiting import wait_until


@pytest.fixture
def holder(db: Database, spool: Spool, database_url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a draft, a publish job, a fetch and a peer."""
    number, peer_id = film(db, spool), peer(db)
    with db.write() as session:
        add_job(session, JobKind.PUBLISH, study_id=session.get_one(Instance, number).study_id)
        wish = Wish(peer_id, "1.2.77", Purpose.AUDIT, "campaign")
        retrievals.ask(session, wish, actor="test")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.db.hold_things", database_url, str(peer_id)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def kill(db: Database, process: subprocess.Popen[str]) -> None:
    """Kill it, and wait until its end can be seen; it stays a zombie until the test is over."""
    os.kill(process.pid, signal.SIGKILL)
    with db.read() as session:
        name = session.scalars(select(Job.worker).where(Job.worker.is_not(None)).limit(1)).one()
    wait_until(lambda: is_gone(name or ""), what="the end to be seen")


def jobs(db: Database) -> list[Job]:
    with db.read() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def test_everything_that_a_killed_process_held_is_free_at_once(
    db: Database, holder: subprocess.Popen[str]
) -> None:
    kill(db, holder)
    assert release_lost(db) == 2
    assert retrievals.release_lost(db) == 1
    assert [one.state for one in jobs(db)] == [JobState.WAITING] * 2
    # The attempt counts, whoever died of it.
    assert [one.attempts for one in jobs(db)] == [1, 1]
    with db.read() as session:
        assert session.scalars(select(Peer.busy_worker)).one() is None
        assert session.scalars(select(Retrieval.state)).one() is JobState.WAITING
        assert session.scalars(select(Instance.state)).one() is FilmState.QUEUED
        assert gone_holders(session) == []
    assert release_lost(db) == 0


def test_what_a_frozen_process_holds_stays_its_own(
    db: Database, holder: subprocess.Popen[str]
) -> None:
    os.kill(holder.pid, signal.SIGSTOP)
    assert release_lost(db) == 0
    assert retrievals.release_lost(db) == 0
    assert [one.state for one in jobs(db)] == [JobState.CLAIMED] * 2
    with db.read() as session:
        assert session.scalars(select(Peer.busy_worker)).one() is not None


def test_a_film_that_kills_its_last_reader_fails_at_once(
    db: Database, holder: subprocess.Popen[str]
) -> None:
    kill(db, holder)
    assert release_lost(db, Attempts(films=1), [JobKind.DRAFT]) == 1
    draft, publish = jobs(db)
    assert (draft.state, publish.state) == (JobState.FAILED, JobState.CLAIMED)
    with db.read() as session:
        found = session.scalars(select(Instance)).one()
    assert found.state is FilmState.FAILED
    assert "stopped answering" in (found.reason or "")


def test_of_a_worker_of_another_machine_nothing_is_known(db: Database, spool: Spool) -> None:
    film(db, spool)
    held = claim_draft(db, "gpu-7:4194304-00000000-1f")
    assert release_lost(db) == 0
    with db.write() as session:
        assert holds(session, held).state is JobState.CLAIMED


def test_the_dead_ones_claim_is_fenced_off(db: Database, holder: subprocess.Popen[str]) -> None:
    old = jobs(db)[0]
    kill(db, holder)
    release_lost(db)
    stale = Claim(old.id, old.kind, old.instance_id, old.study_id, old.token, 1, old.worker or "")
    again = claim_draft(db)
    assert again.job_id == old.id
    with pytest.raises(LostLeaseError), db.write() as session:
        holds(session, stale)


@pytest.mark.parametrize(("films", "others"), [(0, 1), (1, 0)])
def test_no_attempt_at_all_is_no_number(films: int, others: int) -> None:
    with pytest.raises(ValueError, match=f"at least one: {films}, {others}"):
        Attempts(films, others)
