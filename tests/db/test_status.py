"""What the status page counts of results that are not yet on their way, on both databases.

Not covered: the page's words (tests/commands) and what is counted of films and workers.
"""

from datetime import timedelta

import pytest

from core.clock import now
from core.states import JobKind
from db.engine import Database
from db.jobs import claim, retry
from db.models import Job
from db.spool import Spool
from db.status import status_counts
from tests.db.builders import film, read_next, reading


@pytest.mark.parametrize(("minutes", "told"), [(0, []), (3, ["no room"])])
def test_results_that_are_put_off_for_minutes_are_told(
    db: Database, spool: Spool, minutes: int, told: list[str]
) -> None:
    film(db, spool)
    read_next(db, reading())
    held = claim(db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    with db.write() as session:
        retry(session, held, "no room", maximum_attempts=9, pause_seconds=60.0)
        session.get_one(Job, held.job_id).created_at = now() - timedelta(minutes=minutes)
    with db.read() as session:
        assert status_counts(session)["put_off"] == told
