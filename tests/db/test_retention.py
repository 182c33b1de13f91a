"""What retention removes and what it leaves, and what becomes of a film that comes again.

Which files may go is in test_retention_rule; here it is a study whose work is done. Pixels are
stood for by bytes, and the last look by a function; the real one is in tests/gateway.
"""

import hashlib
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.errors import FileRemovedError, UnreadableObjectError
from core.report import ReportKind
from core.settings import RetentionSettings
from core.states import DeliveryState, FilmState, JobKind, Purpose
from db.engine import Database
from db.intake import IntakeKind, set_aside, take_in
from db.jobs import add_job
from db.known_files import film_file, result_files
from db.models import (
    AuditAction,
    AuditEvent,
    Base,
    Delivery,
    Instance,
    Quarantine,
    ReadingRow,
    ReportVersionRow,
    ResultObject,
    ReviewRow,
    SignedReport,
    Study,
)
from db.orphans import remove_orphans
from db.publishable import unpublished
from db.readings import film_for
from db.retention import (
    Removed,
    remove_of_study,
    remove_quarantined,
    studies_with_removable,
    would_remove,
    would_remove_quarantined,
)
from db.retention_rule import Cutoffs
from db.spool import BUCKETS, Spool
from tests.db.builders import (
    KEPT,
    TO_READ,
    built,
    claim_draft,
    files,
    film,
    never_same,
    peer,
    publish,
    read_next,
    reading,
    received,
    reject,
    sign,
)

LATER = datetime(2035, 1, 1, tzinfo=UTC)
RULE = RetentionSettings(enabled=True, quarantine_days=10)
CUTOFFS = Cutoffs.at(LATER, RULE)


def last_look(path: Path) -> tuple[bytes, str]:
    """Stand for the look at real pixels."""
    return b"header of it", hashlib.sha256(path.read_bytes()).hexdigest()


def has_content(path: Path, digest: str) -> bool:
    return hashlib.sha256(path.read_bytes()).hexdigest() == digest


@pytest.fixture
def done(db: Database, spool: Spool) -> int:
    """A film of a study whose results were delivered and that a person reported on."""
    number = film(db, spool, uid="1.2.9")
    said = reading()
    version = read_next(db, said)
    publish(db, built(spool, said, version, peer(db)))
    report = sign(db, spool)
    with db.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT))
        session.get_one(Instance, report).sop_class_uid = "1.2.840.10008.5.1.4.1.1.88.33"
    return number


def row(db: Database, number: int) -> Instance:
    with db.read() as session:
        return session.get_one(Instance, number)


def remove(db: Database, spool: Spool, cutoffs: Cutoffs = CUTOFFS) -> Removed:
    total = Removed()
    with db.read() as session:
        studies = studies_with_removable(session, cutoffs)
    for study_id in studies:
        total.add(remove_of_study(db, spool, study_id, cutoffs, last_look))
    return total


def test_film_and_result_go_and_everything_else_stays(
    db: Database, spool: Spool, done: int
) -> None:
    before = row(db, done)
    with db.read() as session:
        expected = would_remove(session, before.study_id, CUTOFFS)
        report = session.scalars(select(Instance).where(Instance.id != done)).one()
    removed = remove(db, spool)
    assert (removed.studies, removed.films, removed.results) == (1, 1, 1)
    assert (expected.films, expected.results) == (1, 1)
    assert expected.size >= removed.size
    after = row(db, done)
    assert not Path(before.path).exists()
    assert Path(after.path).read_bytes() == b"header of it"
    assert (after.state, after.uid) == (FilmState.READ, before.uid)
    assert after.removed_at is not None
    with db.read() as session:
        (result,) = session.scalars(select(ResultObject))
        (event,) = session.scalars(
            select(AuditEvent).where(AuditEvent.action == AuditAction.FILES_REMOVED)
        )
        assert session.scalars(select(ReadingRow.document)).one() is not None
    assert result.removed_at is not None
    # The signed report is a document, which is small and is read beside later films.
    assert files(spool) == {Path(after.path), Path(report.path)}
    assert event.study_id == before.study_id
    assert event.details == {"films": ["1.2.9"], "results": [result.uid]}
    assert remove(db, spool) == Removed()


def test_what_is_young_stays(db: Database, spool: Spool, done: int) -> None:
    assert remove(db, spool, Cutoffs.at(now() + timedelta(days=29), RULE)) == Removed()
    assert row(db, done).removed_at is None
    assert remove(db, spool, Cutoffs.at(now() + timedelta(days=31), RULE)).films == 1


def test_a_file_that_is_asked_for_says_when_it_was_removed(
    db: Database, spool: Spool, done: int
) -> None:
    remove(db, spool)
    with db.read() as session:
        with pytest.raises(FileRemovedError, match=r"the picture of 1\.2\.9 was removed by reten"):
            film_file(session, "1.2.9")
        with pytest.raises(FileRemovedError, match=r"that was made of 1\.2\.9 was removed by ret"):
            result_files(session, "1.2.9")
        assert film_file(session, "1.2.10") is None
    with db.write() as session:
        found = session.get_one(Instance, done)
        add_job(session, JobKind.DRAFT, instance_id=done, study_id=found.study_id)
    held = claim_draft(db)
    with pytest.raises(FileRemovedError, match="its picture was removed by retention on 2"):
        film_for(db, held)


def test_a_later_report_is_still_built_from_the_header(
    db: Database, spool: Spool, done: int
) -> None:
    remove(db, spool)
    with db.write() as session:
        # What persons write after a signed report is only built where it is final.
        final = {"kind": ReportKind.EDITED, "author": "Ray^Ann", "final": True}
        session.execute(update(ReportVersionRow).values(published_at=None, **final))
    with db.read() as session:
        (item,) = unpublished(session, row(db, done).study_id)
    assert item.source_path.read_bytes() == b"header of it"
    assert item.pixels_removed_at == row(db, done).removed_at


def test_what_changed_between_the_look_and_the_lock_stays(
    db: Database, spool: Spool, done: int
) -> None:
    before = row(db, done)

    def look_while_it_is_sent_again(path: Path) -> tuple[bytes, str]:
        with db.write() as session:
            session.execute(update(Delivery).values(state=DeliveryState.WAITING))
        return last_look(path)

    removed = remove_of_study(db, spool, before.study_id, CUTOFFS, look_while_it_is_sent_again)
    assert removed == Removed()
    assert row(db, done).path == before.path
    assert len(files(spool)) == 3


def test_a_film_that_cannot_be_looked_at_stays(db: Database, spool: Spool, done: int) -> None:
    def blind(_path: Path) -> tuple[bytes, str]:
        message = "no DICOM"
        raise UnreadableObjectError(message)

    removed = remove_of_study(db, spool, row(db, done).study_id, CUTOFFS, blind)
    assert (removed.films, removed.results) == (0, 1)
    assert Path(row(db, done).path).is_file()


def test_the_same_film_again_is_the_same_and_is_not_kept_anew(
    db: Database, spool: Spool, done: int
) -> None:
    remove(db, spool)
    kept = files(spool)
    again = received(spool, "1.2.9")
    outcome = take_in(db, spool, again, TO_READ, never_same, has_content=has_content)
    assert (outcome.kind, outcome.instance_id, outcome.queued) == (IntakeKind.SAME, done, False)
    assert files(spool) == kept


@pytest.mark.usefixtures("done")
def test_another_picture_under_its_uid_is_set_aside(db: Database, spool: Spool) -> None:
    remove(db, spool)
    other = received(spool, "1.2.9", content=b"another picture")
    outcome = take_in(db, spool, other, TO_READ, never_same, has_content=has_content)
    assert outcome.kind is IntakeKind.QUARANTINED
    # So is any where nobody can compare.
    same = received(spool, "1.2.9")
    assert take_in(db, spool, same, TO_READ, never_same).kind is IntakeKind.QUARANTINED


def test_a_prior_that_comes_in_to_be_read_is_kept_anew(db: Database, spool: Spool) -> None:
    number = film(db, spool, decision=KEPT, uid="1.2.9", purpose=Purpose.PRIOR)
    assert remove(db, spool).films == 1
    again = received(spool, "1.2.9")
    outcome = take_in(db, spool, again, TO_READ, never_same, has_content=has_content)
    assert (outcome.kind, outcome.queued) == (IntakeKind.SAME, True)
    found = row(db, number)
    assert (found.removed_at, found.content_sha256) == (None, None)
    assert film_for(db, claim_draft(db)).path.read_bytes() == b"pixels"


@pytest.mark.usefixtures("done")
def test_a_result_that_is_built_anew_has_a_file_again(db: Database, spool: Spool) -> None:
    remove(db, spool)
    with db.write() as session:
        reading_row = session.scalars(select(ReadingRow)).one()
        version = session.scalars(select(ReportVersionRow)).one()
        add_job(session, JobKind.PUBLISH, study_id=reading_row.study_id)
    said = reading(reading_id=reading_row.id)
    again = built(spool, said, version.id, peer(db, "other"))
    publish(db, again)
    with db.read() as session:
        (result,) = session.scalars(select(ResultObject))
    assert (Path(result.path), result.removed_at) == (again.path, None)


def test_quarantined_objects_go_after_their_time_and_come_back_with_their_file(
    db: Database, spool: Spool
) -> None:
    def aside() -> None:
        temporary = spool.temporary()
        temporary.write_bytes(b"torn")
        set_aside(db, spool, temporary, reason="torn", sop_instance_uid="1.2.9")

    def only() -> Quarantine:
        with db.read() as session:
            return session.scalars(select(Quarantine)).one()

    aside()
    keeping = Cutoffs.at(LATER, RetentionSettings(enabled=True))
    assert remove_quarantined(db, keeping) == Removed()
    with db.read() as session:
        assert would_remove_quarantined(session, CUTOFFS) == Removed(quarantined=1, size=4)
    assert remove_quarantined(db, CUTOFFS) == Removed(quarantined=1, size=4)
    assert files(spool) == set()
    assert only().removed_at is not None
    assert remove_quarantined(db, CUTOFFS) == Removed()
    aside()
    assert (only().removed_at, only().times) == (None, 2)
    assert files(spool) == {Path(only().path)}
    aside()
    assert only().times == 3
    assert files(spool) == {Path(only().path)}


_KILLED = """
import sys
from datetime import datetime, UTC
from pathlib import Path
import os, signal
import db.retention
from db.engine import Database
from db.spool import Spool
from tests.db.test_retention import CUTOFFS, last_look

def die(_paths):
    os.kill(os.getpid(), signal.SIGKILL)

db.retention._unlink = die
db.retention.remove_of_study(
    Database(sys.argv[1]), Spool(Path(sys.argv[2]), 0), int(sys.argv[3]), CUTOFFS, last_look
)
"""


def test_a_kill_between_row_and_file_leaves_what_the_sweep_finds(
    db: Database, spool: Spool, done: int, database_url: str
) -> None:
    before = row(db, done)
    arguments = [database_url, str(spool.folder), str(before.study_id)]
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    after = row(db, done)
    assert after.removed_at is not None
    assert Path(before.path).is_file()
    removed = sum(remove_orphans(db, spool, bucket, -60) for bucket in range(BUCKETS))
    assert removed == 2
    with db.read() as session:
        kept = {Path(path) for path in session.scalars(select(Instance.path))}
    assert files(spool) == kept


def test_rows_are_only_changed_and_never_deleted(db: Database, spool: Spool, done: int) -> None:
    tables: list[type[Base]] = [
        Study,
        Instance,
        ReadingRow,
        ReportVersionRow,
        ReviewRow,
        ResultObject,
        Delivery,
        SignedReport,
    ]

    def numbers() -> list[int]:
        with db.read() as session:
            return [len(session.scalars(select(table)).all()) for table in tables]

    reject(db, spool, done)
    before = numbers()
    remove(db, spool)
    assert numbers() == before
