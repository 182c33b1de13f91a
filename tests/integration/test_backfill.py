"""`firstread backfill` against a real Orthanc, with a real gateway process in between.

Covered: past studies come in for an audit, once each, through a kill -9 of the command and of the
gateway; once they are read, nothing is flagged, delivered or shown in the worklist. Not covered:
the model (a reading is made up), and every answer that an archive may give (tests/gateway).
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from sqlalchemy import func, select

from core.clock import now
from core.labels import Label
from core.settings import Settings
from core.states import FilmState, JobKind, JobState, Purpose
from core.triage import Tier
from db.due import due_peers, publish_waits
from db.engine import Database
from db.fetched import retrieval_counts
from db.models import Instance, Job, ReadingRow, ResultObject, Retrieval, Study
from db.orphans import remove_orphans
from db.spool import BUCKETS, Spool
from db.worklist import worklist
from evaluation.servers.process import free_port
from tests.commands.shell import firstread
from tests.db.builders import count, read_next, reading
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.objects import film_file
from tests.integration.services import Service
from tests.peers.dcmtk import storescu
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until

SETTINGS = """\
data = "{data}"
[gateway]
host = "127.0.0.1"
port = {port}
[delivery]
first_retry_seconds = 0.2
network_timeout = 5.0
"""


class House:
    """An installation that an Orthanc knows, and the Orthanc with its past studies."""

    def __init__(self, folder: Path, orthanc: Orthanc) -> None:
        self.settings: Settings = make_settings(folder, port=free_port())
        prepare_database(self.settings)
        self.db = Database(self.settings.database_url)
        self.spool = Spool(self.settings.spool_folder, 0)
        self.orthanc = orthanc
        self.file = folder / "firstread.toml"
        self.file.write_text(SETTINGS.format(data=folder, port=self.settings.gateway.port))
        add_peer(
            self.db,
            "archive",
            ae_title=orthanc.ae_title,
            port=orthanc.dicom_port,
            takes_results=True,
            accepts_demo=True,
        )
        title = self.settings.gateway.retrieval_ae_title
        orthanc.add_modality("second", title, self.settings.gateway.port)

    def fill(self, folder: Path, number: int) -> None:
        """Put so many studies of five days into the Orthanc, and CTs of the same days."""
        files = [
            film_file(
                folder,
                seed=seed,
                PatientID=f"P-{seed}",
                StudyDate=f"1999030{seed % 5 + 1}",
                StudyTime="101500",
            )
            for seed in range(number)
        ]
        ct = film_file(folder, Modality="CT", StudyDate="19990301", PatientID="P-CT")
        # A series of the first study that nobody wants; the film is fetched without it.
        first = dcmread(files[0], stop_before_pixels=True)
        beside = film_file(
            folder,
            Modality="CT",
            StudyDate=first.StudyDate,
            PatientID=first.PatientID,
            StudyInstanceUID=first.StudyInstanceUID,
        )
        other_day = film_file(folder, StudyDate="19990306", PatientID="P-6")
        sent = storescu([*files, beside, ct, other_day], self.orthanc.dicom_port, called="ORTHANC")
        assert sent.statuses == [0] * (number + 3), sent.output[-2000:]

    def command(self, *more: str) -> tuple[str, ...]:
        """Give the arguments of the backfill."""
        dates = ("--from", "1999-03-01", "--to", "1999-03-05")
        return ("--settings", str(self.file), "backfill", "--peer", "archive", *dates, *more)

    def backfill(self, *more: str) -> tuple[int, dict[str, Any]]:
        """Run the backfill to its end; give its exit code and what it says."""
        run = firstread(*self.command("--json", "--per-minute", "6000", *more))
        assert run.stdout, run.stderr
        answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
        return run.returncode, answer

    def fetched(self) -> int:
        """Count the studies that were fetched so far."""
        with self.db.read() as session:
            return retrieval_counts(session).done

    def in_orthanc(self) -> int:
        """Count what the Orthanc holds."""
        number: int = self.orthanc.get("/statistics")["CountInstances"]
        return number

    def assert_once_each(self, number: int) -> None:
        """Make sure that there is one instance, one file and one job of each study."""
        with self.db.read() as session:
            rows = session.scalars(select(Instance)).all()
            retrievals = session.scalars(select(Retrieval)).all()
            per_study = session.scalars(
                select(func.count()).select_from(Instance).group_by(Instance.study_id)
            ).all()
        assert [(row.purpose, row.state) for row in rows] == [
            (Purpose.AUDIT, FilmState.QUEUED)
        ] * number
        assert set(per_study) == {1}
        assert [row.state for row in retrievals] == [JobState.DONE] * number
        assert count(self.db, Job) == number
        # A kill may leave a file of which no row speaks; the sweeper takes those, later.
        for bucket in range(BUCKETS):
            remove_orphans(self.db, self.spool, bucket, 0.0)
        kept = {path for path in (self.spool.folder / "kept").rglob("*") if path.is_file()}
        assert kept == {Path(row.path) for row in rows}
        assert len(kept) == number

    def assert_shadow_only(self, number: int) -> None:
        """Read each of them with an urgent finding, and see that nobody hears of it."""
        before = self.in_orthanc()
        for _ in range(number):
            read_next(self.db, reading(Label.PNEUMOTHORAX))
        # What a deliverer looks for: studies to publish, and peers for whom something waits.
        assert not publish_waits(self.db)
        with self.db.read() as session:
            assert due_peers(session, now()) == []
        with self.db.read() as session:
            kinds = set(session.scalars(select(Job.kind)))
            tiers = set(session.scalars(select(Study.tier)))
            readings = session.scalars(select(ReadingRow)).all()
            assert worklist(session) == []
        assert kinds == {JobKind.DRAFT}
        assert tiers == {Tier.ROUTINE}
        assert len([row for row in readings if row.completed_at is not None]) == number
        assert count(self.db, ResultObject) == 0
        assert self.in_orthanc() == before


@pytest.fixture
def house(orthanc: Orthanc, tmp_path: Path) -> Iterator[House]:
    orthanc.clear()
    made = House(tmp_path / "house", orthanc)
    yield made
    made.db.close()
    orthanc.clear()


@pytest.mark.slow
def test_past_studies_come_in_for_an_audit_and_nobody_hears_of_them(
    house: House, tmp_path: Path
) -> None:
    house.fill(tmp_path / "films", 5)
    with Service("gateway", house.settings) as gateway:
        assert gateway.port
        code, answer = house.backfill()
        assert code == 0
        expected = {"studies": 5, "fetched": 5, "failed": 0, "objects": 5, "films": {"queued": 5}}
        assert {key: answer[key] for key in expected} == expected
        # Again: nothing is done twice.
        assert house.backfill() == (code, answer)
    house.assert_once_each(5)
    house.assert_shadow_only(5)


@pytest.mark.slow
def test_a_study_that_cannot_be_sent_is_told_by_the_exit_code(house: House, tmp_path: Path) -> None:
    house.fill(tmp_path / "films", 1)
    # The archive believes that we live elsewhere.
    house.orthanc.add_modality("second", "FIRSTREAD_RTRV", free_port())
    with Service("gateway", house.settings) as gateway:
        assert gateway.port
        code, answer = house.backfill()
    assert code == 1
    assert (answer["fetched"], answer["failed"], answer["films"]) == (0, 1, {})
    assert "does it know FIRSTREAD_RTRV at this address?" in answer["last_error"]


@pytest.mark.slow
def test_fifty_studies_through_a_kill_of_the_command(house: House, tmp_path: Path) -> None:
    house.fill(tmp_path / "films", 50)
    with Service("gateway", house.settings) as gateway:
        assert gateway.port
        running = _begin(house)
        wait_until(lambda: house.fetched() >= 20, 120.0, "some studies to be fetched")
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert house.fetched() < 50
        code, answer = house.backfill()
    assert (code, answer["fetched"], answer["films"]) == (0, 50, {"queued": 50})
    house.assert_once_each(50)
    house.assert_shadow_only(50)


@pytest.mark.slow
def test_fifty_studies_through_a_kill_of_the_gateway(house: House, tmp_path: Path) -> None:
    house.fill(tmp_path / "films", 50)
    with Service("gateway", house.settings) as gateway:
        assert gateway.port
        running = _begin(house)
        wait_until(lambda: house.fetched() >= 20, 120.0, "some studies to be fetched")
        gateway.end(signal.SIGKILL)
        assert house.fetched() < 50
        gateway.start()
        assert gateway.port
        assert running.wait(120.0) == 0
    house.assert_once_each(50)
    house.assert_shadow_only(50)


def _begin(house: House) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "firstread", *house.command("--per-minute", "600")],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
