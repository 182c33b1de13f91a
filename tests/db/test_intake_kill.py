"""kill -9 during intake: no acknowledged film is lost, no row is without its file.

Killed at random moments, and at each step between file and commit. A power failure, which also
takes what the kernel had not written, is not covered.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from core.states import FilmState
from db.engine import Database
from db.intake import take_in
from db.models import Instance, Job
from db.orphans import remove_orphans
from db.spool import BUCKETS, Spool
from tests.db.builders import TO_READ, never_same, received
from tests.db.intake_loop import POINTS

_ROOT = Path(__file__).parents[2]


def start(database_url: str, spool: Spool, prefix: str, *point: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.db.intake_loop", database_url, spool.folder, prefix, *point],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )


def check(db: Database, acknowledged: set[str]) -> int:
    """Check the promises, and give the number of films that were entered."""
    with db.read() as session:
        films = {film.uid: film for film in session.scalars(select(Instance))}
        drafts = set(session.scalars(select(Job.instance_id)))
    assert acknowledged <= films.keys()
    assert all(Path(film.path).read_bytes() == b"pixels" for film in films.values())
    assert {film.state for film in films.values()} <= {FilmState.QUEUED}
    assert drafts == {film.id for film in films.values()}
    return len(films)


def test_killed_at_any_moment(db: Database, database_url: str, spool: Spool) -> None:
    acknowledged: set[str] = set()
    for round_ in range(3):
        with start(database_url, spool, f"1.2.{round_}") as process:
            assert process.stdout is not None
            for _ in range(5 + 7 * round_):
                acknowledged.add(process.stdout.readline().strip())
            process.kill()
            acknowledged.update(line.strip() for line in process.stdout if line.endswith("\n"))
    assert len(acknowledged) >= 5 + 12 + 19
    check(db, acknowledged)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_each_step(db: Database, database_url: str, spool: Spool, point: str) -> None:
    with start(database_url, spool, "1.2.9", point) as process:
        assert process.stdout is not None
        acknowledged = {line.strip() for line in process.stdout}
    assert process.returncode == -9
    assert acknowledged == {"1.2.9.1", "1.2.9.2"}
    entered = check(db, acknowledged)
    assert entered == (3 if point == "after_commit" else 2)
    # The sender, who got no answer, sends again.
    take_in(db, spool, received(spool, "1.2.9.3", study="1.2.9"), TO_READ, never_same)
    assert check(db, acknowledged | {"1.2.9.3"}) == 3
    # Nothing but the three films is left once the orphans are swept.
    spool.sweep(-1)
    for bucket in range(BUCKETS):
        remove_orphans(db, spool, bucket, -1)
    assert check(db, acknowledged) == 3
    assert len([path for path in spool.folder.rglob("*") if path.is_file()]) == 3
