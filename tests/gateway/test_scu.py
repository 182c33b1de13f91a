"""Sending and echoing over real associations, with `Archive` or a made-up peer at the other end.

Covered: bytes that arrive as they left, each instance's own status, refused contexts, peers that
are away, frozen, or turn us away. Not covered: real PACS (tests/integration).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import pytest
from pydicom import dcmread
from pydicom.uid import JPEG2000, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, build_context, evt

from core.errors import PeerUnavailableError, RefusedByPeerError, UnreadableObjectError
from gateway.archive import Archive
from gateway.association import open_association, store_file
from gateway.contexts import VERIFICATION
from gateway.scu import echo, send_files
from gateway.serving import TidyServer
from tests.gateway.objects import CR, DX, film, film_file, save


class _Titles(TypedDict):
    called_ae: str
    calling_ae: str


TITLES = _Titles(called_ae="ARCHIVE", calling_ae="FIRSTREAD")


@contextmanager
def peer(
    answer: Callable[[evt.Event], int],
    *,
    classes: tuple[str, ...] = (CR,),
    syntaxes: tuple[str, ...] = (ExplicitVRLittleEndian,),
    known: tuple[str, ...] = (),
) -> Iterator[int]:
    """Run a Storage SCP, and give its port."""
    entity = AE("ARCHIVE")
    entity.require_calling_aet = list(known)
    with TidyServer(
        entity,
        ("127.0.0.1", 0),
        contexts=[build_context(uid, list(syntaxes)) for uid in classes],
        handlers=[(evt.EVT_C_STORE, answer)],
    ) as server:
        yield server.port


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Give the port of a peer that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_files_arrive_as_the_bytes_they_are(archive: Archive, tmp_path: Path) -> None:
    paths = [film_file(tmp_path, seed=seed) for seed in range(3)]
    results = send_files(paths, "127.0.0.1", archive.port, **TITLES)
    assert [(result.path, result.status, result.stored) for result in results] == [
        (path, 0, True) for path in paths
    ]
    assert archive.wait_for(3, 5.0)
    arrived = {path.stem: dcmread(path) for path in archive.objects()}
    for path, result in zip(paths, results, strict=True):
        assert arrived[result.sop_instance_uid] == dcmread(path)


def test_a_broken_data_set_is_sent_as_it_is(archive: Archive, tmp_path: Path) -> None:
    path = film_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-1001])
    (result,) = send_files([path], "127.0.0.1", archive.port, **TITLES)
    assert result.stored
    (arrived,) = archive.objects()
    assert arrived.read_bytes()[-200:] == path.read_bytes()[-200:]


def test_each_instance_has_its_own_status(tmp_path: Path) -> None:
    statuses = iter([0x0000, 0xA700, 0xC000, 0xB000])
    paths = [film_file(tmp_path, seed=seed) for seed in range(4)]
    with peer(lambda _event: next(statuses)) as port:
        results = send_files(paths, "127.0.0.1", port, **TITLES)
    assert [(result.status, result.stored) for result in results] == [
        (0x0000, True),
        (0xA700, False),
        (0xC000, False),
        (0xB000, True),
    ]
    assert results[1].words == "0xA700 Refused: out of resources"


def test_a_class_that_the_peer_does_not_take_fails_alone(tmp_path: Path) -> None:
    paths = [film_file(tmp_path, SOPClassUID=DX), film_file(tmp_path, seed=1)]
    with peer(lambda _event: 0) as port:
        refused, stored = send_files(paths, "127.0.0.1", port, **TITLES)
    assert refused.status is None
    assert "no presentation context" in refused.words
    assert stored.stored


def test_a_peer_of_implicit_vr_only_gets_it_converted(tmp_path: Path) -> None:
    path = film_file(tmp_path)
    got: list[tuple[str, bytes]] = []

    def keep(event: evt.Event) -> int:
        got.append((event.context.transfer_syntax, event.dataset.PixelData))
        return 0

    contexts = [build_context(CR, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])]
    with (
        peer(keep, syntaxes=(ImplicitVRLittleEndian,)) as port,
        open_association("127.0.0.1", port, **TITLES, contexts=contexts, timeout=5) as association,
    ):
        assert store_file(association, path) == (0, "")
    assert got == [(ImplicitVRLittleEndian, dcmread(path).PixelData)]


def test_a_compressed_object_is_never_sent_in_another_syntax(tmp_path: Path) -> None:
    dataset = film()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = save(dataset, tmp_path)
    path.write_bytes(
        path.read_bytes().replace(b"1.2.840.10008.1.2.1\x00", JPEG2000[:19].encode() + b"\x00", 1)
    )
    contexts = [build_context(CR, ImplicitVRLittleEndian)]
    with (
        peer(lambda _event: 0, syntaxes=(ImplicitVRLittleEndian,)) as port,
        open_association("127.0.0.1", port, **TITLES, contexts=contexts, timeout=5) as association,
        pytest.raises(RefusedByPeerError, match="no presentation context"),
    ):
        store_file(association, path)


def test_no_meta_information_sends_nothing(archive: Archive, tmp_path: Path) -> None:
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(b"no DICOM")
    with pytest.raises(UnreadableObjectError, match=r"bad\.dcm"):
        send_files([film_file(tmp_path), bad], "127.0.0.1", archive.port, **TITLES)
    assert archive.objects() == []


def test_nothing_to_send_calls_nobody(closed_port: int) -> None:
    assert send_files([], "127.0.0.1", closed_port, **TITLES) == []


def test_more_kinds_than_contexts_are_refused(tmp_path: Path) -> None:
    paths = [film_file(tmp_path, SOPClassUID=f"1.2.3.{number}") for number in range(128)]
    with pytest.raises(ValueError, match="128 kinds"):
        send_files(paths, "127.0.0.1", 1, **TITLES)


def test_a_peer_that_is_away_is_unavailable(closed_port: int, tmp_path: Path) -> None:
    with pytest.raises(PeerUnavailableError, match="no connection to"):
        send_files([film_file(tmp_path)], "127.0.0.1", closed_port, **TITLES)


def test_a_name_that_nobody_knows_is_unavailable() -> None:
    with pytest.raises(PeerUnavailableError):
        echo("host.invalid", 104, **TITLES, timeout=2)


def test_a_frozen_peer_holds_nobody_up(silent_port: int) -> None:
    with pytest.raises(PeerUnavailableError, match="did not answer"):
        echo("127.0.0.1", silent_port, **TITLES, timeout=0.5)


def test_being_unknown_to_a_peer_may_be_put_right(tmp_path: Path) -> None:
    with (
        peer(lambda _event: 0, known=("SOMEBODY",)) as port,
        pytest.raises(PeerUnavailableError, match="rejected the association"),
    ):
        send_files([film_file(tmp_path)], "127.0.0.1", port, **TITLES)


def test_an_echo_is_answered(archive: Archive) -> None:
    echo("127.0.0.1", archive.port, **TITLES)


def test_no_verification_is_a_refusal() -> None:
    with peer(lambda _event: 0) as port, pytest.raises(RefusedByPeerError, match="none of the"):
        echo("127.0.0.1", port, **TITLES)


def test_an_association_lost_in_between_is_not_a_refusal(tmp_path: Path) -> None:
    path = film_file(tmp_path)

    def hang_up(event: evt.Event) -> int:
        event.assoc.abort()
        return 0

    contexts = [build_context(CR, ExplicitVRLittleEndian), build_context(VERIFICATION)]
    with (
        peer(hang_up) as port,
        open_association("127.0.0.1", port, **TITLES, contexts=contexts, timeout=1) as association,
    ):
        for _attempt in range(2):
            with pytest.raises(PeerUnavailableError):
                store_file(association, path)
