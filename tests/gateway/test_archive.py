"""The archive that plays the PACS: what it keeps, and that a name from outside makes no path."""

import socket
from pathlib import Path

from pydicom.uid import ExplicitVRLittleEndian

from gateway.archive import Archive
from gateway.scu import send_files
from gateway.sockets import ClientEntity
from gateway.statuses import StoreStatus
from tests.gateway.objects import CR, film, film_file


def test_it_can_be_waited_for(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive") as archive:
        assert not archive.wait_for(1, 0.01)
        path = film_file(tmp_path)
        send_files([path], "127.0.0.1", archive.port, called_ae="X", calling_ae="Y")
        assert archive.wait_for(1, 5.0)
        assert [kept.name for kept in archive.objects()] == [path.name]


def test_the_same_object_again_is_one_file(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive") as archive:
        path = film_file(tmp_path)
        for _time in range(2):
            send_files([path], "127.0.0.1", archive.port, called_ae="X", calling_ae="Y")
        assert len(archive.objects()) == 1


def test_a_uid_that_is_a_path_is_refused(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive" / "inner") as archive:
        connection = socket.create_connection(("127.0.0.1", archive.port))
        entity = ClientEntity("HOSTILE", connection)
        entity.add_requested_context(CR, ExplicitVRLittleEndian)
        association = entity.associate("127.0.0.1", archive.port)
        answer = association.send_c_store(film(SOPInstanceUID="../../escaped"))
        association.release()
    assert answer.Status == StoreStatus.BAD_IDENTIFIER
    assert list(tmp_path.rglob("*escaped*")) == []
