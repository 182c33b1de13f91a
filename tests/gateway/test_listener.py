"""The listener's answers over real associations, on SQLite.

Covered: who is let in, every status, what is kept aside, our own results and a clean end. Not
covered: clients that abort, stall or send nonsense (test_bad_clients), dcmtk, real films,
PostgreSQL, Redis and kill -9 (tests/integration).
"""

import logging
import socket
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydicom import dcmread
from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    CTImageStorage,
    EnhancedSRStorage,
    KeyObjectSelectionDocumentStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)
from pynetdicom.presentation import PresentationContext
from sqlalchemy import select

import gateway.store
from core.states import FilmState, JobKind, JobState
from core.uids import derived_uid
from db.models import SignedReport
from gateway.contexts import RESULT_CLASSES
from gateway.scu import echo
from gateway.statuses import StoreStatus
from tests.gateway.client import association, store
from tests.gateway.documents import signed_report
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import CR, DX, film, film_file
from tests.waiting import wait_until


def test_a_film_is_durable_queued_and_rung_for(edge: Edge, tmp_path: Path) -> None:
    path = film_file(tmp_path)
    assert store(edge.port, path) == (StoreStatus.SUCCESS, "")
    (instance,) = edge.instances()
    assert instance.uid == path.stem
    assert instance.state is FilmState.QUEUED
    assert (instance.calling_ae, instance.called_ae) == ("DCMTK", "FIRSTREAD")
    kept = Path(instance.path)
    assert kept.is_relative_to(edge.spool.folder)
    assert dcmread(kept) == dcmread(path)
    (job,) = edge.jobs()
    assert (job.kind, job.state, job.instance_id) == (
        JobKind.DRAFT,
        JobState.WAITING,
        instance.id,
    )
    assert edge.rung.is_set()
    assert edge.leftovers() == []


def test_the_file_name_has_nothing_of_the_header(edge: Edge) -> None:
    dataset = film()
    store(edge.port, dataset)
    (instance,) = edge.instances()
    assert dataset.SOPInstanceUID not in instance.path


def test_many_films_over_one_association(edge: Edge) -> None:
    with association(edge.port) as opened:
        statuses = [opened.send_c_store(film(seed=seed)).Status for seed in range(10)]
    assert statuses == [0] * 10
    assert len(edge.instances()) == 10


@pytest.mark.parametrize(
    ("calling", "called"),
    [("STRANGER", "FIRSTREAD"), ("DCMTK", "SOMEBODY"), ("dcmtk", "FIRSTREAD")],
)
def test_wrong_titles_are_turned_away(edge: Edge, calling: str, called: str) -> None:
    with association(edge.port, calling=calling, called=called) as opened:
        assert opened.is_rejected


def test_everybody_is_let_in_only_where_the_site_says_so(tmp_path: Path) -> None:
    with open_edge(tmp_path, allowed_ae_titles=(), allow_unknown_peers=True) as edge:
        assert store(edge.port, film(), calling="STRANGER")[0] == StoreStatus.SUCCESS


def test_an_enabled_peer_may_send(edge: Edge) -> None:
    add_peer(edge.db, "room1", sends_films=True)
    assert store(edge.port, film(), calling="ROOM1")[0] == StoreStatus.SUCCESS


def test_a_disabled_peer_is_turned_away(edge: Edge) -> None:
    add_peer(edge.db, "room1", sends_films=True, enabled=False)
    with association(edge.port, calling="ROOM1") as opened:
        assert opened.is_rejected


def test_a_peer_that_sends_no_films_may_echo_and_is_refused(edge: Edge) -> None:
    add_peer(edge.db, "pacs", takes_results=True)
    echo("127.0.0.1", edge.port, called_ae="FIRSTREAD", calling_ae="PACS")
    status, comment = store(edge.port, film(), calling="PACS")
    assert status == StoreStatus.NOT_AUTHORISED
    assert comment == "this AE title is not set to send films"
    assert edge.empty


def test_a_peer_that_is_added_while_it_runs_is_let_in(edge: Edge) -> None:
    with association(edge.port, calling="ROOM1") as opened:
        assert opened.is_rejected
    add_peer(edge.db, "room1", sends_films=True)

    def let_in() -> bool:
        with association(edge.port, calling="ROOM1") as opened:
            return opened.is_established

    wait_until(let_in, 10.0, "the new peer to be let in")


def test_a_class_that_nobody_named_is_not_negotiated(edge: Edge) -> None:
    with association(edge.port, classes=(CR, CTImageStorage)) as opened:
        assert [str(context.abstract_syntax) for context in opened.accepted_contexts] == [CR]


def test_a_class_that_a_peers_list_names_is_kept_and_not_read(edge: Edge) -> None:
    add_peer(
        edge.db,
        "room1",
        sends_films=True,
        accepted_sop_classes=[KeyObjectSelectionDocumentStorage, "1.2.826.0.1.3680043.99.1"],
    )
    for number, uid in enumerate(
        (KeyObjectSelectionDocumentStorage, "1.2.826.0.1.3680043.99.1"), start=1
    ):
        item = film(SOPClassUID=uid, Modality="KO", PixelData=None, Rows=None, Columns=None)
        assert store(edge.port, item, calling="ROOM1")[0] == StoreStatus.SUCCESS
        assert len(edge.instances()) == number
    assert {instance.state for instance in edge.instances()} <= {
        FilmState.RECEIVED,
        FilmState.NOT_READ,
    }
    assert edge.jobs() == []
    assert not edge.rung.is_set()
    with association(edge.port, classes=("1.2.826.0.1.3680043.99.1",)) as opened:
        assert not opened.is_established


def test_a_setting_may_name_classes_for_all(tmp_path: Path) -> None:
    with open_edge(tmp_path, extra_sop_classes=(CTImageStorage,)) as edge:
        item = film(SOPClassUID=CTImageStorage, Modality="CT")
        assert store(edge.port, item)[0] == StoreStatus.SUCCESS


def test_another_class_in_the_data_set_is_refused(edge: Edge, tmp_path: Path) -> None:
    dataset = film(SOPClassUID=DX)
    dataset.file_meta.MediaStorageSOPClassUID = UID(CR)
    status, comment = store(edge.port, _saved_as_is(dataset, tmp_path))
    assert status == StoreStatus.CLASS_MISMATCH
    assert comment == "SOP class of data set and command differ"
    assert edge.empty


def test_another_instance_in_the_data_set_is_refused(edge: Edge, tmp_path: Path) -> None:
    dataset = film()
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    status, _comment = store(edge.port, _saved_as_is(dataset, tmp_path))
    assert status == StoreStatus.INSTANCE_MISMATCH
    assert edge.empty


def test_another_class_than_was_negotiated_is_refused(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    with association(edge.port, classes=(CR,)) as opened:
        (context,) = opened.accepted_contexts

        def any_context(*_arguments: Any, **_keywords: Any) -> PresentationContext:
            return context

        monkeypatch.setattr(opened, "_get_valid_context", any_context)
        answer = opened.send_c_store(film(SOPClassUID=DX))
    assert answer.Status == StoreStatus.CLASS_NOT_SUPPORTED
    assert edge.empty


def test_a_data_set_that_is_cut_short_is_kept_aside_and_refused(edge: Edge, tmp_path: Path) -> None:
    path = film_file(tmp_path)
    # Within the last element before the pixels.
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\xe0\x7f\x10\x00") - 1])
    for _time in range(2):
        status, comment = store(edge.port, path)
        assert status == StoreStatus.NOT_UNDERSTOOD
        assert comment
    (row,) = edge.quarantine()
    assert (row.sop_instance_uid, row.calling_ae, row.times) == (path.stem, "DCMTK", 2)
    assert Path(row.path).is_file()
    assert edge.empty


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"StudyInstanceUID": ""}, "StudyInstanceUID is empty"),
        ({"StudyInstanceUID": "1.2.x"}, "StudyInstanceUID is malformed"),
        ({"PatientID": ""}, "PatientID is empty"),
        ({"SeriesInstanceUID": None}, "SeriesInstanceUID is empty"),
    ],
)
def test_an_object_that_belongs_to_nobody_is_kept_aside_and_refused(
    edge: Edge, values: dict[str, Any], reason: str
) -> None:
    assert store(edge.port, film(**values)) == (StoreStatus.BAD_IDENTIFIER, reason)
    (row,) = edge.quarantine()
    assert row.reason == reason
    assert edge.instances() == []


def test_the_same_again_is_a_success_and_nothing_new(edge: Edge) -> None:
    dataset = film()
    assert store(edge.port, dataset)[0] == StoreStatus.SUCCESS
    edge.rung.clear()
    dataset.PatientName = "Married^Erika"
    assert store(edge.port, dataset)[0] == StoreStatus.SUCCESS
    assert len(edge.instances()) == len(edge.jobs()) == 1
    assert not edge.rung.is_set()
    assert edge.leftovers() == []


def test_other_content_under_the_same_uid_is_kept_aside(edge: Edge) -> None:
    first = film(seed=1)
    store(edge.port, first)
    (instance,) = edge.instances()
    other = film(seed=2)
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        other[keyword] = first[keyword]
    assert store(edge.port, other)[0] == StoreStatus.SUCCESS
    assert dcmread(instance.path).PixelData == first.PixelData
    (row,) = edge.quarantine()
    assert dcmread(row.path).PixelData == other.PixelData
    assert len(edge.jobs()) == 1


def test_another_patient_in_a_known_study_is_kept_aside(edge: Edge) -> None:
    first = film()
    store(edge.port, first)
    other = film(StudyInstanceUID=first.StudyInstanceUID, PatientID="P-2")
    assert store(edge.port, other)[0] == StoreStatus.SUCCESS
    assert [row.sop_instance_uid for row in edge.quarantine()] == [other.SOPInstanceUID]
    assert len(edge.instances()) == 1


@pytest.mark.parametrize("sop_class", sorted(RESULT_CLASSES))
def test_our_own_results_come_back_and_are_dropped(edge: Edge, sop_class: str) -> None:
    item = film(
        SOPClassUID=sop_class,
        SOPInstanceUID=derived_uid("some", "result"),
        Manufacturer="FirstRead",
        ManufacturerModelName="FirstRead",
        Modality="OT",
    )
    with structlog.testing.capture_logs() as logs:
        for _time in range(2):
            assert store(edge.port, item)[0] == StoreStatus.SUCCESS
    assert edge.empty
    assert edge.quarantine() == []
    dropped = [entry["count"] for entry in logs if entry["event"] == "own_result_dropped"]
    assert dropped == [1, 2]


def test_a_phantom_film_is_no_result_of_ours(edge: Edge) -> None:
    item = film(
        SOPClassUID=SecondaryCaptureImageStorage,
        Manufacturer="FirstRead",
        ManufacturerModelName="Synthetic phantom",
    )
    assert store(edge.port, item)[0] == StoreStatus.SUCCESS
    assert len(edge.instances()) == 1


def test_a_final_report_of_ours_that_comes_back_stops_no_draft(edge: Edge) -> None:
    of = film()
    assert store(edge.port, of)[0] == StoreStatus.SUCCESS
    report = signed_report(of, PreliminaryFlag="FINAL", Manufacturer="FirstRead")
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = EnhancedSRStorage
    assert store(edge.port, report)[0] == StoreStatus.SUCCESS
    assert len(edge.instances()) == 1
    with edge.db.read() as session:
        assert session.scalars(select(SignedReport)).all() == []


def test_a_foreign_report_is_refused_where_no_list_names_its_class(edge: Edge) -> None:
    item = film(SOPClassUID=Comprehensive3DSRStorage, Manufacturer="Somebody", Modality="SR")
    assert store(edge.port, item)[0] == StoreStatus.CLASS_NOT_SUPPORTED
    assert edge.instances() == []


def test_a_picture_too_large_to_decode_is_kept_aside(edge: Edge) -> None:
    item = film(Rows=65535, Columns=65535)
    assert store(edge.port, item)[0] == StoreStatus.SUCCESS
    (row,) = edge.quarantine()
    assert "4294836225 pixels" in row.reason
    assert edge.instances() == []


def test_below_the_disks_mark_nothing_is_taken(tmp_path: Path) -> None:
    with open_edge(tmp_path, reserve_bytes=1 << 62) as edge:
        with association(edge.port) as opened:
            for _time in range(2):
                answer = opened.send_c_store(film())
                assert answer.Status == StoreStatus.OUT_OF_RESOURCES
                assert answer.ErrorComment == "the disk passed its mark"
        assert edge.empty


def test_a_fault_of_our_own_is_answered_and_survived(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        message = "Testfrau"
        raise LookupError(message)

    with monkeypatch.context() as patch, structlog.testing.capture_logs() as logs:
        patch.setattr(gateway.store, "decide", broken)
        assert store(edge.port, film()) == (StoreStatus.PROCESSING_FAILURE, "internal error")
    assert "Testfrau" not in repr(logs)
    assert store(edge.port, film())[0] == StoreStatus.SUCCESS
    assert len(edge.instances()) == 1
    assert edge.leftovers() == []


def test_no_patient_data_in_any_log(
    edge: Edge, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = film_file(tmp_path)
    broken.write_bytes(broken.read_bytes()[:700])
    with structlog.testing.capture_logs() as logs:
        for item in (film(), film(StudyInstanceUID=""), film(Rows=65535, Columns=65535), broken):
            store(edge.port, item)
    everything = repr(logs) + caplog.text
    assert "object_stored" in everything
    for secret in ("Testfrau", "19500101", "P-1"):
        assert secret not in everything


def test_a_closed_listener_takes_no_more(tmp_path: Path) -> None:
    with open_edge(tmp_path) as edge:
        port = edge.port
        opened = association(port)
        standing = opened.__enter__()
        assert standing.is_established
    wait_until(lambda: not standing.is_established, 10.0, "the association to be ended")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    opened.__exit__(None, None, None)


def _saved_as_is(dataset: Any, folder: Path) -> Path:
    """Write a file whose meta information contradicts its data set."""
    folder.mkdir(exist_ok=True)
    path = folder / "contradiction.dcm"
    dataset.preamble = b"\x00" * 128
    dataset.save_as(path, enforce_file_format=False)
    return path
