"""A film on its way through a real PACS: in from Orthanc, its results back into the same study.

Covered: Orthanc's REST interface and findscu as judges, dciodvfy on what Orthanc holds, and our
own results coming back by a route. The reading itself is made up.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from core.labels import Label
from core.states import DeliveryState
from gateway.scu import echo, send_files
from tests.db.builders import read_next, reading
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film_file
from tests.gateway.outgoing import deliveries, results, running
from tests.peers.dcmtk import findscu, storescu
from tests.peers.dicom3tools import dciodvfy
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until


@pytest.fixture
def edge(orthanc: Orthanc, tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path / "edge") as opened:
        add_peer(
            opened.db,
            "orthanc",
            ae_title=orthanc.ae_title,
            port=orthanc.dicom_port,
            sends_films=True,
            takes_results=True,
        )
        orthanc.add_modality("firstread", "FIRSTREAD", opened.port)
        yield opened


def _through_orthanc(edge: Edge, orthanc: Orthanc, path: Path) -> str:
    """Send a film to Orthanc and from there to the listener; read it, and give its study."""
    outcome = storescu([path], orthanc.dicom_port, called=orthanc.ae_title, options=["-xw"])
    assert outcome.statuses == [0], outcome.output[-2000:]
    dataset = dcmread(path, stop_before_pixels=True)
    (instance,) = orthanc.find("Instance", SOPInstanceUID=dataset.SOPInstanceUID)
    orthanc.post("/modalities/firstread/store", instance["ID"])
    (row,) = edge.instances()
    assert (row.uid, row.calling_ae) == (dataset.SOPInstanceUID, orthanc.ae_title)
    read_next(edge.db, reading(Label.PLEURAL_EFFUSION))
    return str(dataset.StudyInstanceUID)


def _delivered(edge: Edge) -> bool:
    return len(deliveries(edge.db, DeliveryState.SENT)) == 3


def test_a_real_film_goes_through_and_its_results_lie_in_its_study(
    edge: Edge, orthanc: Orthanc, real_data: Path, tmp_path: Path
) -> None:
    study_uid = _through_orthanc(edge, orthanc, real_data / "dicom" / "RG1_J2KI.dcm")
    with running(edge.settings, edge.db, edge.spool):
        wait_until(lambda: _delivered(edge), 60.0, "the results to be sent")
    series = orthanc.find("Series", StudyInstanceUID=study_uid)
    modalities = sorted(one["MainDicomTags"]["Modality"] for one in series)
    assert modalities == ["CR", "PR", "SR", "SR"]
    (study,) = orthanc.find("Study", StudyInstanceUID=study_uid)
    assert len(study["Series"]) == 4
    found = findscu(
        orthanc.dicom_port,
        QueryRetrieveLevel="SERIES",
        StudyInstanceUID=study_uid,
        Modality="",
        SeriesInstanceUID="",
    )
    assert sorted(one.Modality for one in found) == modalities
    for item in results(edge.db):
        held = orthanc.download(item.uid, tmp_path)
        assert dcmread(held) == dcmread(item.path)
        assert dciodvfy(held) == []


def test_our_own_results_come_back_by_a_route_and_are_dropped(
    edge: Edge, orthanc: Orthanc, tmp_path: Path
) -> None:
    study_uid = _through_orthanc(edge, orthanc, film_file(tmp_path))
    with running(edge.settings, edge.db, edge.spool):
        wait_until(lambda: _delivered(edge), 60.0, "the results to be sent")
    (study,) = orthanc.find("Study", StudyInstanceUID=study_uid)
    answer = orthanc.post("/modalities/firstread/store", study["ID"])
    assert (answer["InstancesCount"], answer["FailedInstancesCount"]) == (4, 0)
    assert len(edge.instances()) == 1
    assert edge.quarantine() == []
    assert len(results(edge.db)) == 3


def test_an_orthanc_that_was_down_gets_them_when_it_is_back(
    edge: Edge, orthanc: Orthanc, tmp_path: Path
) -> None:
    study_uid = _through_orthanc(edge, orthanc, film_file(tmp_path))
    orthanc.stop()
    with running(edge.settings, edge.db, edge.spool):
        wait_until(lambda: results(edge.db), 60.0, "the results to be built")
        orthanc.start()
        wait_until(lambda: _delivered(edge), 60.0, "the results to be sent")
    (study,) = orthanc.find("Study", StudyInstanceUID=study_uid)
    assert len(study["Series"]) == 4


def test_a_frozen_orthanc_gets_them_when_it_thaws(
    edge: Edge, orthanc: Orthanc, tmp_path: Path
) -> None:
    _through_orthanc(edge, orthanc, film_file(tmp_path))
    orthanc.pause()
    with running(edge.settings, edge.db, edge.spool):
        wait_until(lambda: results(edge.db), 60.0, "the results to be built")
        began = time.monotonic()
        send_files(
            [film_file(tmp_path, seed=1)],
            "127.0.0.1",
            edge.port,
            called_ae="FIRSTREAD",
            calling_ae="DCMTK",
        )
        assert time.monotonic() - began < edge.settings.delivery.network_timeout
        orthanc.resume()
        wait_until(lambda: _delivered(edge), 60.0, "the results to be sent")
    echo("127.0.0.1", orthanc.dicom_port, called_ae=orthanc.ae_title, calling_ae="FIRSTREAD")
