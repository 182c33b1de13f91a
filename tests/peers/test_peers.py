"""Each outside program starts, does its part, and comes back after it was ended or frozen.

What is covered is the tests' own equipment; nothing of FirstRead is.
"""

import contextlib
from pathlib import Path

import psycopg
import pytest
import redis
from pydicom import Dataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from evaluation.servers.process import free_port
from tests.peers.dcmtk import dcmpschk, dsrdump, echoscu, findscu, storescu
from tests.peers.dicom3tools import dciodvfy
from tests.peers.orthanc import Orthanc
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A small CR without pixels: enough for an archive, an error for a validator."""
    dataset = Dataset()
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = generate_uid()
    dataset.PatientID = "PEERS"
    dataset.Modality = "CR"
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = tmp_path / "film.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_free_ports_differ() -> None:
    assert len({free_port() for _ in range(20)}) == 20


@pytest.mark.slow
def test_redis_is_ended_frozen_and_emptied(redis_server: RedisServer) -> None:
    with contextlib.closing(
        redis.Redis("127.0.0.1", redis_server.port, socket_timeout=0.5)
    ) as client:
        client.set("key", "value")
        redis_server.pause()
        with pytest.raises(redis.TimeoutError):
            client.get("key")
        redis_server.resume()
        assert redis_server.answers()
        redis_server.flush()
        assert client.get("key") is None
    redis_server.stop()
    assert not redis_server.answers()
    redis_server.start()
    assert redis_server.answers()


@pytest.mark.parametrize("left", ["stopped", "paused", "filled"])
def test_a_test_may_leave_redis_in_any_state(redis_server: RedisServer, left: str) -> None:
    """Each of the three begins with a server that answers and is empty, in whatever order."""
    with contextlib.closing(
        redis.Redis("127.0.0.1", redis_server.port, socket_timeout=5)
    ) as client:
        assert client.dbsize() == 0
        client.set("key", left)
    if left == "stopped":
        redis_server.stop()
    if left == "paused":
        redis_server.pause()


def test_postgres_keeps_its_databases_over_a_restart(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database().replace("+psycopg", "")
    assert url != postgres_server.new_database().replace("+psycopg", "")
    with contextlib.closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("CREATE TABLE kept (value integer)")
        postgres_server.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    postgres_server.start()
    with contextlib.closing(psycopg.connect(url)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_orthanc_is_sent_to_asked_and_emptied(orthanc: Orthanc, film: Path, tmp_path: Path) -> None:
    echo = echoscu(orthanc.dicom_port, called=orthanc.ae_title)
    assert echo.code == 0, echo.output
    sent = storescu([film], orthanc.dicom_port, called=orthanc.ae_title)
    assert (sent.code, sent.statuses) == (0, [0x0000]), sent.output
    (found,) = findscu(
        orthanc.dicom_port, QueryRetrieveLevel="STUDY", PatientID="PEERS", StudyInstanceUID=""
    )
    (instance,) = orthanc.find("Instance", StudyInstanceUID=found.StudyInstanceUID)
    uid = instance["MainDicomTags"]["SOPInstanceUID"]
    assert b"PEERS" in orthanc.download(uid, tmp_path).read_bytes()
    orthanc.stop()
    assert echoscu(orthanc.dicom_port, called=orthanc.ae_title).code != 0
    orthanc.start()
    assert orthanc.find("Instance", SOPInstanceUID=uid)
    orthanc.clear()
    assert not orthanc.find("Instance", SOPInstanceUID=uid)
    with pytest.raises(LookupError, match="Not Found"):
        orthanc.get("/instances/none")


def test_the_judges_find_fault(film: Path) -> None:
    assert any("PhotometricInterpretation" in error for error in dciodvfy(film))
    assert dsrdump(film).code != 0
    assert dsrdump(film).complaints
    assert dcmpschk(film)
