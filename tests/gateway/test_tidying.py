"""Retention with real films: pixels go, and a report that a person writes later still leaves.

Also the thread beside the delivery, and `firstread retention`. Which files go is in
tests/db/test_retention_rule.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydicom import dcmread
from sqlalchemy import select, update

from core.clock import now
from core.settings import RetentionSettings
from core.states import DeliveryState, JobState, ResultKind
from db.intake import IntakeKind
from db.models import (
    Delivery,
    Instance,
    ReadingRow,
    ReportVersionRow,
    ResultObject,
    ReviewRow,
    Study,
)
from db.reviews import accept, latest_draft
from gateway.listener import Listener
from gateway.tidying import Tidier, removals, to_remove
from imaging.header import read_header
from tests.commands.shell import firstread
from tests.gateway.client import store
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import ResultPeer, read_film, running
from tests.integration.reviewed_hospital import picture
from tests.waiting import wait_until

_RULE = RetentionSettings(
    enabled=True, films_days=30, unreviewed_films_days=60, results_days=30, quarantine_days=30
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with delivering_house(tmp_path / "house", retention=_RULE) as opened:
        yield opened


def only_film(house: House) -> Instance:
    with house.db.read() as session:
        return session.scalars(select(Instance)).one()


def long_ago(house: House) -> None:
    """Let everything that happened have happened a hundred days ago."""
    at = now() - timedelta(days=100)
    with house.db.write() as session:
        session.execute(update(Study).values(received_at=at))
        session.execute(update(Instance).values(received_at=at))
        session.execute(update(ReadingRow).values(flagged_at=at, completed_at=at))
        session.execute(update(ReportVersionRow).values(created_at=at))
        session.execute(update(ReviewRow).values(at=at))
        session.execute(update(ResultObject).values(created_at=at))
        session.execute(update(Delivery).values(changed_at=at))


def test_a_report_that_a_person_accepts_later_is_built_from_the_header(
    house: House, pacs: ResultPeer
) -> None:
    house.peer("pacs", pacs.port, result_kinds=["report_sr", "pdf"])
    sent, _ = read_film(house.db, house.spool, **picture(3))
    with running(house.settings, house.db, house.spool):
        house.wait_for(2, DeliveryState.SENT)
        long_ago(house)
        whole = Path(only_film(house).path)
        assert to_remove(house.settings, house.db).films == 1
        with Tidier(house.settings, house.db, house.spool):
            wait_until(lambda: only_film(house).removed_at is not None, what="the pass")
        header = Path(only_film(house).path)
        wait_until(lambda: not whole.exists(), what="the file to go")
        assert read_header(header).PatientName == sent.PatientName
        assert header.stat().st_size < 4096
        with house.db.write() as session:
            draft = latest_draft(session, sent.StudyInstanceUID)
            accept(session, draft, author="Ray^Ann", final=False)
        house.wait_for(3, DeliveryState.SENT)
        wait_until(
            lambda: house.publish_jobs()[-1].state is not JobState.CLAIMED, what="the job's end"
        )
    assert pacs.stored[-1].CompletionFlag == "COMPLETE"
    job = house.publish_jobs()[-1]
    # The page with the picture cannot be made any more, and that is told.
    assert job.state is JobState.FAILED
    assert "no pdf: the film's picture was removed by retention on 20" in (job.error or "")


def test_a_film_that_comes_again_after_its_pixels_went_is_the_same(house: House) -> None:
    sent, _ = read_film(house.db, house.spool)
    with house.db.write() as session:
        session.execute(update(Study).values(review="accepted"))
    _done_with_publishing(house)
    long_ago(house)
    assert sum(one.films for one in removals(house.settings, house.db, house.spool)) == 1
    with Listener(house.settings, house.db, house.spool, lambda: None, patience=1.0) as listener:
        assert store(listener.port, sent) == (0, "")
        renamed = dcmread(only_film(house).path)
        assert "PixelData" not in renamed
        sent.PixelData = bytes(reversed(sent.PixelData))
        assert store(listener.port, sent) == (0, "")
    with house.db.read() as session:
        assert session.scalars(select(Instance.id)).all() == [1]
    kept = sorted(path.name.partition("-")[0] for path in (house.spool.folder).rglob("*.dcm"))
    assert kept == ["header", IntakeKind.QUARANTINED.value]


def _done_with_publishing(house: House) -> None:
    """Build what waits, for nobody."""
    with running(house.settings, house.db, house.spool):
        wait_until(
            lambda: all(job.state is JobState.DONE for job in house.publish_jobs()),
            what="what is built for nobody",
        )
    with house.db.write() as session:
        for result in session.scalars(select(ResultObject)):
            assert result.kind in ResultKind
            Path(result.path).unlink()


def test_nothing_goes_where_retention_is_off(house: House) -> None:
    read_film(house.db, house.spool)
    with house.db.write() as session:
        session.execute(update(Study).values(review="accepted"))
    _done_with_publishing(house)
    long_ago(house)
    off = house.settings.model_copy(update={"retention": RetentionSettings()})
    assert not Tidier(off, house.db, house.spool).step()
    assert only_film(house).removed_at is None
    assert not Tidier(house.settings, house.db, house.spool).step()
    assert only_film(house).removed_at is not None


def test_the_command_counts_and_removes(house: House) -> None:
    read_film(house.db, house.spool)
    with house.db.write() as session:
        session.execute(update(Study).values(review="accepted"))
    _done_with_publishing(house)
    long_ago(house)
    file = house.settings.data / "firstread.toml"
    file.write_text(f'data = "{house.settings.data}"\n')
    command = ("--settings", str(file), "retention")
    refused = firstread(*command)
    assert refused.returncode == 3
    assert "retention.enabled is false" in refused.stderr
    counted = firstread(*command, "--dry-run", "--json")
    said = json.loads(counted.stdout)
    assert (said["dry_run"], said["films"], said["studies"]) == (True, 1, 1)
    assert said["size"] > 6000
    file.write_text(f'data = "{house.settings.data}"\n[retention]\nenabled = true\n')
    removed = json.loads(firstread(*command, "--json").stdout)
    assert (removed["dry_run"], removed["films"]) == (False, 1)
    assert json.loads(firstread(*command, "--json").stdout)["films"] == 0
    assert only_film(house).removed_at is not None
