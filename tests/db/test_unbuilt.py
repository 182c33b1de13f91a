"""A study whose results were not built says so in the worklist, in its facts and in the status."""

import pytest
from sqlalchemy import select

from commands.status import _troubles
from core.states import JobKind, JobState
from db.engine import Database
from db.job_orders import cancel_job, retry_job
from db.jobs import add_job, claim, fail
from db.models import Job, Study
from db.spool import Spool
from db.status import status_counts
from db.study_facts import study_facts
from db.unbuilt import unbuilt
from db.worklist import worklist
from tests.db.builders import film, read_next, reading


@pytest.fixture
def failed(db: Database, spool: Spool) -> int:
    """Number of a failed publish job."""
    film(db, spool)
    read_next(db, reading())
    held = claim(db, [JobKind.PUBLISH], worker="deliver-1", lease_seconds=60)
    assert held is not None
    with db.write() as session:
        fail(session, held, "no memory")
    return held.job_id


def told(db: Database) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    with db.read() as session:
        (row,) = worklist(session)
        facts = study_facts(session, row.study_uid)
        assert facts is not None
        assert row.deliveries == {}
        return row.not_built, facts.failures, status_counts(session)["not_built"]


def test_a_study_without_its_results_is_no_study_with_nothing_to_deliver(
    db: Database, failed: int
) -> None:
    assert told(db) == (("no memory",), ("no memory",), ["no memory"])
    with db.read() as session:
        troubles = list(_troubles(status_counts(session)))
    assert "results of 1 studies were not built: no memory" in troubles
    with db.write() as session:
        retry_job(session, failed)
    assert told(db) == ((), (), [])


def test_results_that_were_called_off_are_told_too(db: Database, failed: int) -> None:
    with db.write() as session:
        cancel_job(session, failed)
    reason = "called off by an administrator: no memory"
    assert told(db) == ((reason,), (reason,), [reason])


def test_other_jobs_and_other_studies_say_nothing(db: Database, failed: int) -> None:
    with db.write() as session:
        other = Study(uid="9")
        session.add(other)
        session.flush()
        for state in JobState:
            add_job(session, JobKind.RETRIEVE, study_id=other.id).state = state
        number = other.id
    with db.read() as session:
        of = session.scalars(select(Job.study_id).where(Job.id == failed)).one()
        assert unbuilt(session, [number]) == {}
        assert set(unbuilt(session)) == {of}
