"""The sweeper: leases, lost rings, orphans; never a file that a row speaks of.

Also workers' signs of life. How often it sweeps is not covered.
"""

import os
import threading
from pathlib import Path

from sqlalchemy import select, update

from core.states import FilmState
from db.engine import Database
from db.intake import set_aside
from db.models import Instance, WorkerRow
from db.orphans import remove_orphans
from db.spool import BUCKETS, Spool
from db.sweeper import Sweeper
from db.workers import SignOfLife, forget_silent, sign_of_life, workers
from tests.db.builders import (
    LONG_AGO,
    built,
    claim_draft,
    files,
    film,
    lease_ended,
    model,
    publish,
    read_next,
    reading,
)
from tests.peers.postgres import PostgresServer
from tests.waiting import wait_until


def silent() -> None:
    """Stand for a doorbell that nobody watches."""


def test_lost_leases_and_rings_are_made_up_for(db: Database, spool: Spool) -> None:
    instance_id = film(db, spool)
    lease_ended(db, claim_draft(db))
    with db.write() as session:
        session.get_one(Instance, instance_id).state = FilmState.READING
    rung = threading.Event()
    with Sweeper(db, spool, rung.set, 60):
        assert rung.wait(20)
    with db.read() as session:
        assert session.scalars(select(Instance.state)).one() is FilmState.QUEUED


def test_nothing_rings_where_nothing_waits(db: Database, spool: Spool) -> None:
    film(db, spool)
    claim_draft(db)
    rings: list[None] = []
    Sweeper(db, spool, lambda: rings.append(None), 60).sweep()
    assert rings == []


def test_only_files_without_a_row_are_orphans(db: Database, spool: Spool) -> None:
    film(db, spool)
    said = reading()
    publish(db, built(spool, said, read_next(db, said)))
    temporary = spool.temporary()
    temporary.write_bytes(b"torn")
    set_aside(db, spool, temporary, reason="torn")
    spoken_of = files(spool)
    assert len(spoken_of) == 3
    orphans = {spool.keep_bytes(b"orphan", "received.dcm") for _ in range(5)}
    young = spool.keep_bytes(b"on its way", "received.dcm")
    for path in spoken_of | orphans:
        os.utime(path, (1, 1))
    removed = sum(remove_orphans(db, spool, bucket, 60) for bucket in range(BUCKETS))
    assert removed == len(orphans)
    assert files(spool) == spoken_of | {young}


def test_each_sweep_looks_into_the_next_folder(db: Database, spool: Spool) -> None:
    torn = spool.folder / "incoming" / "of-an-unknown-process"
    first, second = (spool.folder / "kept" / bucket / "x.dcm" for bucket in ("00", "01"))
    for path in (torn, first, second):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (1, 1))
    sweeper = Sweeper(db, spool, silent, 60)
    sweeper.sweep()
    assert files(spool) == {second}
    sweeper.sweep()
    assert files(spool) == set()


def test_the_sweeper_outlives_a_database_that_is_away(
    migrated_postgres: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    db = Database(migrated_postgres)
    spool = Spool(tmp_path / "spool", 0)
    rung = threading.Event()
    postgres_server.stop()
    try:
        with Sweeper(db, spool, rung.set, 0.05):
            postgres_server.start()
            film(db, spool, study="8.8")
            assert rung.wait(20)
    finally:
        postgres_server.start()
    db.close()


def test_a_worker_is_seen_and_its_progress_timed(db: Database) -> None:
    sign = SignOfLife.of("gpu-host", model())
    assert sign.name.startswith(f"gpu-host:{os.getpid()}-")

    def row() -> WorkerRow:
        with db.read() as session:
            (found,) = workers(session)
        return found

    sign_of_life(db, sign, job_id=7, progress="flags")
    first = row()
    assert (first.pid, first.device, first.model_uid) == (os.getpid(), "cpu", model().uid)
    assert (first.job_id, first.progress) == (7, "flags")
    sign_of_life(db, sign, job_id=7, progress="flags")
    second = row()
    # Seen, but no further: this is what a hanging worker looks like.
    assert second.seen_at > first.seen_at
    assert (second.progress_at, second.started_at) == (first.progress_at, first.started_at)
    sign_of_life(db, sign, progress="idle")
    third = row()
    assert third.progress_at > second.progress_at
    assert third.job_id is None


def test_workers_that_ended_are_forgotten(db: Database) -> None:
    for host in ("alive", "gone"):
        sign_of_life(db, SignOfLife.of(host, model()))
    with db.write() as session:
        session.execute(
            update(WorkerRow).where(WorkerRow.name.startswith("gone")).values(seen_at=LONG_AGO)
        )
    assert forget_silent(db, 60) == 1
    with db.read() as session:
        assert [row.name.split(":")[0] for row in workers(session)] == ["alive"]


def test_a_sweep_begins_at_once_and_ends_when_told(db: Database, spool: Spool) -> None:
    swept = threading.Event()

    class Watched(Sweeper):
        """Tells when it swept."""

        def sweep(self) -> None:
            super().sweep()
            swept.set()

    with Watched(db, spool, silent, 3600) as sweeper:
        wait_until(swept.is_set, what="the first sweep")
    assert not sweeper._thread.is_alive()
