"""Archives take every kind of object of every case, and hold what was sent.

Covers: Orthanc and dcmtk's storescp, over associations of our own client; what they hold is read
back from them, by UID and by content. Not covered: delivery itself (tests/integration).
"""

from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from evaluation.servers.storescp import storescp
from gateway.scu import SendResult, send_files
from tests.conformance.cases import cases
from tests.conformance.objects import objects_of
from tests.peers.orthanc import Orthanc

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every object of every case by its SOP Instance UID."""
    folder = tmp_path_factory.mktemp("objects")
    found = {}
    for number, case in enumerate(cases()):
        own = folder / str(number)
        own.mkdir()
        for path in objects_of(case, own).values():
            found[str(dcmread(path, stop_before_pixels=True).SOPInstanceUID)] = path
    return found


def _sent(objects: dict[str, Path], port: int, ae_title: str) -> list[SendResult]:
    paths = list(objects.values())
    return send_files(paths, "127.0.0.1", port, called_ae=ae_title, calling_ae="FIRSTREAD")


def _same(sent: Path, held: Dataset) -> bool:
    return dcmread(sent) == held


def test_storescp_stores_each_object_as_it_was_sent(
    objects: dict[str, Path], tmp_path: Path
) -> None:
    with storescp(tmp_path) as peer:
        sent = send_files(
            objects.values(),
            "127.0.0.1",
            peer.port,
            called_ae=peer.ae_title,
            calling_ae="FIRSTREAD",
        )
        assert [one.words for one in sent if not one.stored] == []
        held = {str(one.SOPInstanceUID): one for one in map(dcmread, peer.folder.iterdir())}
    assert set(held) == set(objects)
    assert [uid for uid, path in objects.items() if not _same(path, held[uid])] == []


def test_orthanc_stores_each_object_as_it_was_sent(
    objects: dict[str, Path], orthanc: Orthanc, tmp_path: Path
) -> None:
    sent = _sent(objects, orthanc.dicom_port, orthanc.ae_title)
    assert [one.words for one in sent if not one.stored] == []
    held = {uid: dcmread(orthanc.download(uid, tmp_path)) for uid in objects}
    assert [uid for uid, path in objects.items() if not _same(path, held[uid])] == []
