"""The listener with dcmtk as client, real films, a real PostgreSQL and a real Redis.

Covered: every transfer syntax, each real film's first state, a database that goes away, a broker
that freezes, and kill -9 in mid-association. Not covered: what the reader makes of the films.
"""

import csv
import signal
import statistics
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
import redis
from pydicom import dcmread
from sqlalchemy import select

from core.broker import QUEUE, celery_app
from core.errors import UnreadableObjectError
from core.ringer import Ringer
from core.settings import BrokerSettings
from core.states import FilmState
from db.engine import Database
from db.models import Instance
from gateway.scu import send_files
from gateway.statuses import StoreStatus
from tests.gateway.client import association, store
from tests.gateway.edge import make_settings, open_edge
from tests.gateway.objects import film
from tests.integration.services import Service
from tests.peers.dcmtk import echoscu, storescu
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.waiting import wait_until

SAME_FILM = {
    "explicit_le": "-xe",
    "explicit_be": "-xb",
    "implicit_le": "-xi",
    "deflated": "-xd",
    "jpegls": "-xt",
    "jpegll": "-xs",
}
"""One picture in many transfer syntaxes, under one SOP Instance UID, and dcmtk's options."""
SYNTAXES = {
    **{f"derived/cr_pa_mono1_15bit_{name}.dcm": option for name, option in SAME_FILM.items()},
    "derived/cr_pa_mono2_12bit_rle.dcm": "-xr",
    "dicom/RG1_J2KI.dcm": "-xw",
}
FIRST_STATES = {
    "frontal_cxr": {FilmState.QUEUED, FilmState.NOT_READ},
    "review": {FilmState.QUEUED, FilmState.NOT_READ},
    "not_chest": {FilmState.NOT_READ},
    "not_frontal_human": {FilmState.NOT_READ},
    "skip_or_review": {FilmState.NOT_READ},
    "not_radiograph": {FilmState.RECEIVED, FilmState.NOT_READ},
    "not_image_to_read": {FilmState.RECEIVED},
    "no_pixel_data": {FilmState.QUEUED, FilmState.NOT_READ},
}
"""What the listener may make of a film whose manifest says so; pixels are looked at later."""


def test_dcmtk_is_answered(tmp_path: Path) -> None:
    with open_edge(tmp_path) as edge:
        assert echoscu(edge.port).code == 0
        assert echoscu(edge.port, calling="STRANGER").code != 0
        assert echoscu(edge.port, called="SOMEBODY").code != 0


@pytest.mark.parametrize("name", SYNTAXES)
def test_a_film_in_each_transfer_syntax(real_data: Path, tmp_path: Path, name: str) -> None:
    source = real_data / name
    with open_edge(tmp_path) as edge:
        outcome = storescu([source], edge.port, options=[SYNTAXES[name]])
        assert outcome.statuses == [StoreStatus.SUCCESS], outcome.output[-2000:]
        (instance,) = edge.instances()
    sent = dcmread(source)
    assert instance.state is FilmState.QUEUED
    assert instance.transfer_syntax_uid == sent.file_meta.TransferSyntaxUID
    assert instance.uid == sent.SOPInstanceUID
    assert dcmread(instance.path).PixelData.rstrip(b"\0") == sent.PixelData.rstrip(b"\0")


def test_one_film_in_many_transfer_syntaxes_is_one_film(real_data: Path, tmp_path: Path) -> None:
    with open_edge(tmp_path) as edge:
        for name, option in SAME_FILM.items():
            source = real_data / f"derived/cr_pa_mono1_15bit_{name}.dcm"
            outcome = storescu([source], edge.port, options=[option])
            assert outcome.statuses == [StoreStatus.SUCCESS], outcome.output[-2000:]
        assert len(edge.instances()) == len(edge.jobs()) == 1
        assert edge.quarantine() == []
        assert edge.leftovers() == []


def test_every_real_object_ends_where_it_should(real_data: Path, tmp_path: Path) -> None:
    with (real_data / "MANIFEST.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].endswith(".dcm")]
    classes = tuple(sorted({row["sop_class"] for row in rows if row["sop_class"]}))
    wrong = []
    for number, row in enumerate(rows):
        with open_edge(tmp_path / str(number), extra_sop_classes=classes) as edge:
            try:
                (result,) = send_files(
                    [real_data / row["file"]],
                    "127.0.0.1",
                    edge.port,
                    called_ae="FIRSTREAD",
                    calling_ae="DCMTK",
                )
            except UnreadableObjectError:
                assert row["expected"] == "broken"
                continue
            states = {instance.state for instance in edge.instances()}
            aside = edge.quarantine()
            # An object that was acknowledged has a row, and a failure leaves no film.
            assert result.stored == bool(states or (aside and result.status == 0)), row["file"]
            assert len(states) + len(aside) <= 1
            if row["expected"] != "broken" and not states <= FIRST_STATES[row["expected"]]:
                wrong.append((row["file"], states))
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("derived/dx_dims_bomb_65535.dcm", "4294836225 pixels"),
        ("derived/dx_empty_studyuid_patientid.dcm", "StudyInstanceUID is empty"),
        ("dicom/rtplan_truncated.dcm", "not a readable DICOM file"),
    ],
)
def test_a_broken_real_object_is_kept_aside_with_its_reason(
    real_data: Path, tmp_path: Path, name: str, reason: str
) -> None:
    with open_edge(tmp_path, extra_sop_classes=("1.2.840.10008.5.1.4.1.1.481.5",)) as edge:
        send_files(
            [real_data / name], "127.0.0.1", edge.port, called_ae="FIRSTREAD", calling_ae="DCMTK"
        )
        (row,) = edge.quarantine()
        assert reason in row.reason
        assert Path(row.path).is_file()
        assert edge.instances() == []


def test_names_that_are_markup_stay_words(real_data: Path, tmp_path: Path) -> None:
    with open_edge(tmp_path) as edge:
        outcome = storescu([real_data / "derived/dx_ap_injection_names.dcm"], edge.port)
        assert outcome.statuses == [StoreStatus.SUCCESS]
        (instance,) = edge.instances()
        assert Path(instance.path).is_relative_to(edge.spool.folder)


def test_on_postgresql_a_database_that_goes_away_comes_back_without_a_restart(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with open_edge(tmp_path, url=postgres_server.new_database()) as edge:
        assert store(edge.port, film())[0] == StoreStatus.SUCCESS
        postgres_server.stop()
        for _time in range(2):
            assert store(edge.port, film()) == (
                StoreStatus.OUT_OF_RESOURCES,
                "the database is away",
            )
        assert edge.leftovers() == []
        postgres_server.start()
        assert store(edge.port, film())[0] == StoreStatus.SUCCESS
        assert len(edge.instances()) == len(edge.jobs()) == 2


def test_a_frozen_redis_slows_no_store(redis_server: RedisServer, tmp_path: Path) -> None:
    settings = make_settings(tmp_path).model_copy(
        update={"broker": BrokerSettings(url=redis_server.url)}
    )
    with (
        Ringer(celery_app(settings)) as ringer,
        open_edge(tmp_path, ring=ringer.ring) as edge,
        redis.Redis(port=redis_server.port) as client,
    ):
        usual = _seconds_for_each(edge.port)
        wait_until(lambda: client.llen(QUEUE), 10.0, "the ring")
        redis_server.pause()
        frozen = _seconds_for_each(edge.port)
        # A ring inside the store would take its time-out of two seconds each time.
        assert statistics.median(frozen) < max(0.5, 3 * statistics.median(usual))
        assert max(frozen) < 2.0
        redis_server.resume()
        client.flushall()
        store(edge.port, film())
        wait_until(lambda: client.llen(QUEUE), 20.0, "a ring after the thaw")
        assert len(edge.instances()) == 2 * 8 + 1


def test_no_acknowledged_film_is_lost_to_kill_9(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    acknowledged: list[str] = []
    with Service("gateway", settings) as gateway:
        for round_number in range(3):
            port = gateway.port
            target = len(acknowledged) + 2 + round_number
            enough = partial(_has, acknowledged, target)
            sender = Thread(target=_send_until_broken, args=(port, acknowledged))
            sender.start()
            wait_until(enough, 60.0, "acknowledgements")
            gateway.end(signal.SIGKILL)
            sender.join()
            gateway.start()
        _assert_kept(settings.database_url, acknowledged)
        assert store(gateway.port, film())[0] == StoreStatus.SUCCESS
        assert gateway.end(signal.SIGTERM) == 0
    assert "Testfrau" not in gateway.log


def _seconds_for_each(port: int) -> Sequence[float]:
    taken = []
    with association(port) as opened:
        for seed in range(8):
            item = film(seed=seed)
            began = time.monotonic()
            assert opened.send_c_store(item).Status == StoreStatus.SUCCESS
            taken.append(time.monotonic() - began)
    return taken


def _has(acknowledged: Sequence[str], least: int) -> bool:
    return len(acknowledged) >= least


def _send_until_broken(port: int, acknowledged: list[str]) -> None:
    pixels = bytes(1 << 21)
    with association(port) as opened:
        while opened.is_established:
            item = film(Rows=1024, Columns=1024, PixelData=pixels)
            try:
                answer = opened.send_c_store(item)
            except (RuntimeError, ValueError):
                return
            if answer.get("Status") != StoreStatus.SUCCESS:
                return
            acknowledged.append(item.SOPInstanceUID)


def _assert_kept(url: str, acknowledged: Sequence[str]) -> None:
    db = Database(url)
    with db.read() as session:
        kept = {row.uid: row for row in session.scalars(select(Instance))}
    db.close()
    assert set(acknowledged) <= kept.keys()
    for uid, row in kept.items():
        assert dcmread(row.path).SOPInstanceUID == uid
        assert len(dcmread(row.path).PixelData) == 1 << 21
