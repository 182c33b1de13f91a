"""All doors of one gateway process: DICOM, HTTP and the watched folder, through a kill -9.

Covered: a film that came in by each door is one film and one file, what was acknowledged over HTTP
is there after a kill -9 in the middle of others, a kill between commit and move makes no second
copy of a watched file, and Orthanc as a client of the HTTP door. Not covered: each door's answers
(tests/gateway).
"""

import http.client
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from sqlalchemy import select

from core.port_file import read_port
from core.settings import DicomwebSettings, Settings, WatchSettings
from db.engine import Database
from db.models import Instance
from evaluation.servers.process import free_port
from gateway.statuses import StoreStatus
from tests.gateway.client import store
from tests.gateway.edge import make_settings, prepare_database
from tests.gateway.objects import film, film_file, save
from tests.gateway.stow_client import body, post
from tests.integration.services import Service
from tests.peers.dcmtk import storescu
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings(tmp_path / "data")
    watched = tmp_path / "watched"
    watched.mkdir()
    return made.model_copy(
        update={
            "dicomweb": DicomwebSettings(enabled=True, port=free_port()),
            "watch": WatchSettings(folder=watched, poll_seconds=0.1, settle_seconds=0.2),
        }
    )


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    prepare_database(settings)
    opened = Database(settings.database_url)
    yield opened
    opened.close()


@pytest.fixture
def gateway(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("FIRSTREAD_DICOMWEB__ENABLED", "true")
    monkeypatch.setenv("FIRSTREAD_DICOMWEB__PORT", str(settings.dicomweb.port))
    monkeypatch.setenv("FIRSTREAD_WATCH__ENABLED", "true")
    monkeypatch.setenv("FIRSTREAD_WATCH__FOLDER", str(settings.watch.folder))
    monkeypatch.setenv("FIRSTREAD_WATCH__POLL_SECONDS", "0.1")
    monkeypatch.setenv("FIRSTREAD_WATCH__SETTLE_SECONDS", "0.2")
    with Service("gateway", settings) as running:
        wait_until(lambda: read_port(settings.data, "dicomweb"), 60.0, "the HTTP door to open")
        yield running


def rows(db: Database) -> list[Instance]:
    """Give all instances."""
    with db.read() as session:
        return list(session.scalars(select(Instance).order_by(Instance.id)))


def kept(settings: Settings) -> list[Path]:
    """Give the files of the spool."""
    return [path for path in (settings.spool_folder / "kept").rglob("*") if path.is_file()]


def watched(settings: Settings) -> Path:
    """Give the watched folder."""
    assert settings.watch.folder is not None
    return settings.watch.folder


def test_a_film_by_every_door_is_one_film(
    gateway: Service, settings: Settings, db: Database, tmp_path: Path
) -> None:
    item = film()
    path = save(item, tmp_path)
    assert store(gateway.port, path)[0] == StoreStatus.SUCCESS
    assert post(settings.dicomweb.port, body([path.read_bytes()]))[0] == 200
    (watched(settings) / "x.dcm").write_bytes(path.read_bytes())
    done = watched(settings) / "done" / "x.dcm"
    wait_until(done.exists, 20.0, "the watched file to be taken in")
    (row,) = rows(db)
    assert row.uid == item.SOPInstanceUID
    assert kept(settings) == [Path(row.path)]
    assert gateway.end(signal.SIGTERM) == 0
    assert "Testfrau" not in gateway.log


def test_what_was_acknowledged_over_http_outlives_a_kill(
    gateway: Service, settings: Settings, db: Database, tmp_path: Path
) -> None:
    acknowledged: list[str] = []

    def send() -> None:
        for seed in range(10_000):
            item = film(seed=seed)
            content = body([save(item, tmp_path, "sent.dcm").read_bytes()])
            try:
                status = post(settings.dicomweb.port, content)[0]
            except (OSError, http.client.HTTPException):
                return
            assert status == 200
            acknowledged.append(item.SOPInstanceUID)

    thread = threading.Thread(target=send)
    thread.start()
    wait_until(lambda: len(acknowledged) >= 10, 60.0, "some films to be acknowledged")
    gateway.end(signal.SIGKILL)
    thread.join(30.0)
    found = {row.uid: row for row in rows(db)}
    assert set(acknowledged) <= found.keys()
    assert {dcmread(row.path).SOPInstanceUID for row in found.values()} == found.keys()


@pytest.mark.slow
def test_a_kill_leaves_watched_files_for_the_next_gateway(
    gateway: Service, settings: Settings, db: Database, tmp_path: Path
) -> None:
    number = 100
    for seed in range(number):
        film_file(tmp_path / "made", seed=seed)
    for path in (tmp_path / "made").iterdir():
        path.rename(watched(settings) / path.name)
    wait_until(lambda: len(rows(db)) >= 5, 30.0, "some files to be taken in")
    gateway.end(signal.SIGKILL)
    assert len(rows(db)) < number
    gateway.start()
    done = watched(settings) / "done"
    wait_until(lambda: len(list(done.glob("*.dcm"))) == number, 60.0, "all files to be moved")
    assert len(rows(db)) == number
    assert {Path(row.path) for row in rows(db)} <= set(kept(settings))
    assert list(watched(settings).glob("*.dcm")) == []


@pytest.mark.slow
def test_orthanc_as_a_client_of_the_http_door(
    gateway: Service, settings: Settings, db: Database, orthanc: Orthanc, tmp_path: Path
) -> None:
    path = film_file(tmp_path)
    assert storescu([path], orthanc.dicom_port, called=orthanc.ae_title).statuses == [0]
    (instance,) = orthanc.find("Instance", SOPInstanceUID=path.stem)
    url = f"http://127.0.0.1:{settings.dicomweb.port}/dicom-web/"
    orthanc.put("/dicom-web/servers/firstread", {"Url": url})
    answer = orthanc.post("/dicom-web/servers/firstread/stow", {"Resources": [instance["ID"]]})
    (row,) = rows(db)
    assert row.uid == path.stem, answer
    assert gateway.end(signal.SIGTERM) == 0
